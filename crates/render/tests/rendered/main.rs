//! Real charts and kustomizations, rendered: against what Helm and Kustomize printed elsewhere, and every line that is
//! told against the line that brought it.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stderr,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod charts;
mod kustomizations;
mod lines;

use std::path::{Path, PathBuf};

use plimsoll_render::{ChartOptions, Document};

/// A folder of real charts or kustomizations, if it and the program are there. Where everything must hold, they are.
fn corpus(name: &str, programs: &[&str]) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("PLIMSOLL_SHARED").map_or(beside, PathBuf::from);
    let folder = root.join("corpora").join(name);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has_program = std::env::split_paths(&path).any(|folder| {
        programs
            .iter()
            .any(|program| folder.join(program).is_file())
    });
    let missing = if !folder.is_dir() {
        folder.display().to_string()
    } else if !has_program {
        programs.join(" or ")
    } else {
        return Some(folder);
    };
    assert!(std::env::var_os("CI").is_none(), "{missing} is not here");
    eprintln!("{missing} is not here: nothing is compared");
    None
}

/// How the reference output was made.
fn options(chart: &str) -> ChartOptions {
    let set: &[&str] = match chart {
        "external-dns" => &["policy=sync", "provider.name=aws"],
        _ => &[],
    };
    ChartOptions {
        release: Some("rel".to_owned()),
        namespace: Some("demo".to_owned()),
        kubernetes: "1.34".to_owned(),
        set: set.iter().map(ToString::to_string).collect(),
        tests: true,
        ..ChartOptions::default()
    }
}

/// As Helm prints documents.
fn printed(documents: &[Document]) -> String {
    let mut printed = String::new();
    for document in documents {
        let file = document.file.as_ref().expect("a file");
        printed.push_str(&format!(
            "---\n# Source: {}\n{}",
            file.display(),
            document.text
        ));
    }
    printed
}

/// The folders in a folder, in order.
fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(of).expect("a folder");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}
