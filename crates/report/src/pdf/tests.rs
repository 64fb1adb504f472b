//! The document as a whole. What a reader of PDF makes of it is checked with the binary.

use super::*;
use crate::console::tests::{FILES, Library};

/// The text of a document, as its pages show it.
fn text(document: &[u8]) -> String {
    let mut text = String::new();
    let find = |from: usize, what: &[u8]| {
        document[from..]
            .windows(what.len())
            .position(|window| window == what)
            .map(|at| from + at)
    };
    let mut at = 0;
    while let Some(start) = find(at, b"FlateDecode") {
        let start = find(start, b"stream\n").unwrap() + 7;
        let end = find(start, b"\nendstream").unwrap();
        let content = miniz_oxide::inflate::decompress_to_vec_zlib(&document[start..end]).unwrap();
        for line in String::from_utf8_lossy(&content).lines() {
            if let Some(shown) = line.strip_suffix(" Tj") {
                text.push_str(&shown.replace('\\', "")[1..shown.replace('\\', "").len() - 1]);
                text.push('\n');
            }
        }
        at = end;
    }
    text
}

#[test]
fn totals_are_those_of_the_result_and_pages_have_numbers() {
    let library = Library::new();
    let result = library.scan(&FILES);
    let text = text(&document(&FILES));
    let failed = |severity| result.assessment.failed_findings(severity);
    let findings = format!(
        "{} critical, {} high, {} medium, {} low; {} accepted",
        failed(plimsoll_catalog::Severity::Critical),
        failed(plimsoll_catalog::Severity::High),
        failed(plimsoll_catalog::Severity::Medium),
        failed(plimsoll_catalog::Severity::Low),
        result.assessment.accepted_findings()
    );
    assert!(text.contains(&findings), "{text}");
    assert!(text.contains("Page 1 of "), "{text}");
    // Every finding has its row.
    let rows = text
        .lines()
        .filter(|line| *line == "What was found")
        .count();
    assert!(rows > 0);
    for title in PARTS {
        assert!(text.contains(title), "{title}");
    }
    let place = |title: &str| text.rfind(title).unwrap();
    assert!(place("4 Limits") < place("5 Results"));
}

fn document(files: &[(&str, &str)]) -> Vec<u8> {
    let library = Library::new();
    let mut out = Vec::new();
    write(&library.scan(files), &mut out).unwrap();
    out
}

#[test]
fn the_same_result_gives_the_same_file() {
    let document = document(&FILES);
    assert!(document.starts_with(b"%PDF-1.7"));
    assert_eq!(document, super::tests::document(&FILES));
}

#[test]
fn nothing_scanned_is_a_document_too() {
    assert!(document(&[("values.yaml", "a: 1\n")]).starts_with(b"%PDF-"));
    assert!(document(&[]).starts_with(b"%PDF-"));
}

#[test]
fn parts_are_in_their_order_and_every_one_is_in_the_table_of_contents() {
    let library = Library::new();
    let result = library.scan(&FILES);
    let mut layout = Layout::new();
    layout.contents(&PARTS);
    for title in PARTS {
        layout.heading(1, title);
        details::controls(&result, &mut layout);
    }
    layout.finish("x");
    assert_eq!(
        layout
            .headings
            .iter()
            .filter(|heading| heading.level == 1)
            .count(),
        PARTS.len()
    );
    // Every line of the table of contents was filled in: a title and a number.
    let filled = layout.elements[1..=PARTS.len()]
        .iter()
        .all(|element| element.marks.len() == 2);
    assert!(filled);
}

#[test]
fn a_row_longer_than_a_page_goes_on_and_nothing_leaves_the_page() {
    let mut layout = Layout::new();
    let long = "word ".repeat(8_000);
    layout.table(
        &[("A", 0.5), ("B", 0.5)],
        [vec![layout::Cell::new(&long), layout::Cell::new("short")]],
    );
    layout.paragraph(&long);
    assert!(layout.pages.len() > 10);
    let marks: usize = layout.pages.iter().map(|page| page.marks.len()).sum();
    let drawn: usize = layout
        .elements
        .iter()
        .map(|element| element.marks.len())
        .sum();
    assert_eq!(marks, drawn);
}
