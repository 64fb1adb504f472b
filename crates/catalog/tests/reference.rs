//! The reference in the book is what the pages and framework files make of it. `PLIMSOLL_UPDATE=1` writes it anew.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::fs;
use std::path::Path;

use plimsoll_catalog::Catalog;

#[test]
fn the_book_is_up_to_date() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src");
    let catalog = Catalog::built_in().unwrap_or_else(|error| panic!("{error}"));
    let update = std::env::var_os("PLIMSOLL_UPDATE").is_some();
    let summary = fs::read_to_string(book.join("SUMMARY.md")).expect("a summary");
    for (path, text) in catalog.reference() {
        let file = book.join(&path);
        if update {
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(&file, &text).expect("the file can be written");
        }
        let found = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            found == text,
            "{path} is not what the pages say; run this test with PLIMSOLL_UPDATE=1"
        );
        assert!(summary.contains(&path), "{path} is missing in SUMMARY.md");
    }
}
