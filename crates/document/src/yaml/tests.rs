//! Both ways of reading a document give the same tree.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::parse_with;
use crate::parse::{Limits, Parsed};
use crate::source::Source;
use crate::tree::{Node, Scalar};

/// The first difference between what both ways give.
fn difference(name: &str, text: &str) -> Option<String> {
    let source = Arc::new(Source::new(name, text));
    let direct = parse_with(&source, &Limits::default(), true);
    let events = parse_with(&source, &Limits::default(), false);
    if direct.problems != events.problems {
        return Some(format!(
            "problems {:?} and {:?}",
            direct.problems, events.problems
        ));
    }
    if direct.documents.len() != events.documents.len() {
        return Some("count of documents".to_owned());
    }
    for (one, other) in direct.documents.iter().zip(&events.documents) {
        match (one.root, other.root) {
            (Some(one), Some(other)) => {
                let found = differs(direct.tree.node(one), events.tree.node(other));
                if found.is_some() {
                    return found;
                }
            }
            (None, None) => {}
            _ => return Some(format!("root of document {}", one.index)),
        }
    }
    None
}

fn differs(one: Node<'_>, other: Node<'_>) -> Option<String> {
    let place = |node: Node<'_>| (node.key().to_owned(), node.start(), node.span());
    let same_scalar = match (one.scalar(), other.scalar()) {
        (Scalar::Double(one), Scalar::Double(other)) => one.to_bits() == other.to_bits(),
        (Scalar::List, Scalar::List) | (Scalar::Map, Scalar::Map) => true,
        (one, other) => format!("{one:?}") == format!("{other:?}"),
    };
    if !same_scalar || place(one) != place(other) || one.len() != other.len() {
        return Some(format!(
            "line {}: {:?} {:.60?} and {:?} {:.60?}",
            one.position().line,
            place(one),
            one.scalar(),
            place(other),
            other.scalar()
        ));
    }
    one.children()
        .zip(other.children())
        .find_map(|(one, other)| differs(one, other))
}

/// How many nodes were read directly: all or none of a document.
fn is_read_directly(text: &str) -> bool {
    let source = Arc::new(Source::new("x", text));
    let Parsed { documents, .. } = parse_with(&source, &Limits::default(), true);
    documents.iter().all(|document| {
        let mut builder = crate::builder::TreeBuilder::with_places(8);
        super::block::read(
            text,
            document.span,
            &Limits::default(),
            &mut builder,
            &mut Vec::new(),
        )
        .is_some()
    })
}

#[test]
fn what_manifests_are_written_in_is_read_directly() {
    let text = include_str!("../../benches/manifest.yaml");
    assert!(is_read_directly(text));
    assert_eq!(difference("manifest.yaml", text), None);
}

#[test]
fn odd_documents_read_the_same_both_ways() {
    for text in [
        "a:\n- b\n- c: d\n  e: f\n-\n  g: h\n",
        "a: |\n  x\n\n  y\nb: |-\n  z\nc: |+\n  w\n\nd: e\n",
        "a: {b: c, d: [1, 2], e: \"f\"}\ng: []\nh: {}\n",
        "a:\nb:\n  # comment\n  c: d   # more\n\n# end\n",
        "- - a\n  - b\n- c\n",
        "a: b\n c: d\n",
        "a: b\n  c\n",
        "a: 'it''s'\n",
        "a: \"x\\ny\"\n",
        "on: yes\n",
        "a: 0644\nb: 1_000\nc: 12:30\nd: ~\ne: .5\nf: -\n",
        "a: b: c\n",
        "a: [b, c\n]\n",
        "a: &x b\nc: *x\n",
        "a: 1\na: 2\n",
        "a: |\n\n  x\n",
        "a: |\n    x\n  y\n",
        "a: b #c\nd: e#f\n",
        "a: http://x:80/y\nb: -1\nc: - d\n",
        "---\n# c\n---\na: 1\n...\nb: 2\n",
        "a:\r\n  b: c\r\n  d: |\r\n    e\r\n",
        "a: \"b\" c\n",
        "\"a b\": c\n'd': e\n",
        "a: [x y, z]\nb: {c: d e}\n",
        "a: {b: }\n",
        "a: {b}\n",
        "a: [,]\n",
        "a: b\n\tc: d\n",
        "a:\tb\n",
        "a: ü\n",
        "a: !!str 1\n",
        "? a\n: b\n",
        "a: b\n  c\n   d\ne: f\n",
        "a: b  \n\n\n  c # d\ne: f\n",
        "a: b\n  # c\n  d\n",
        "a: b\n  # c\ne: f\n",
        "a: b\n  c: d\n",
        "a: b\n  - c\n",
        "a: 1\n  2\nb: ~\n  ~\n",
        "a: b # c\n  d\n",
        "a: b\r\n  c\r\n\r\n  d\r\ne: f\r\n",
        "- a\n  b\n- c\n",
        "- a\n b\n-  c\n d\n",
        "a:\n  - b\n    c\n  - d\n",
        "a: b\n  c",
        "a: b\n  c\n---\nd: e\n  f\n...\n",
        "a: b\n\tc\n",
        "a: b\n  ü c\n",
        "a: caf\u{e9} \u{2019}x\u{2019}\nb: x\u{2028}y\nc: \u{feff}z\nd: \u{1f6a2}\n",
        "a: 'b\n  c'\nd: e\n",
        "a: 'b  \n\n  c ''d'' '\ne: \" f \\n \n   g\"\n",
        "a: \"b\n c\"\n",
        "a: \"b\nc\"\n",
        "a:\n  b: \"c\n  d\"\n",
        "a: \"b \\\n   c\"\n",
        "a: \"\\u00e9 \\x41 \\U0001f6a2 \\/ \\t\\r\\\\ \\\"\"\n",
        "a: \"\\q\"\n",
        "a: \"\\ud83d\\udea2\"\n",
        "a: \"b\\n  \n  c\\t\t\n  d\"\n",
        "a: \"b\" \n  c\n",
        "a: \"b\n\tc\"\n",
        "a: \"b",
        "a: 'b\n",
        "- 'a\n  b' # c\n- \"d\n  e\" f\n",
        "a: 'b\n  ---\n  c'\nd: \"e\n...\nf\"\n",
        "\"a\n b\": c\n",
        "a: 'üb'\nc: \"ü\\n\"\n",
        "a: @b\n",
        "a: b\n- c\n",
        "- a\nb: c\n",
        "a:\n  - b\n c: d\n",
        "a: |2\n   x\n",
        "a: >\n  x\n  y\n",
        "a: [a, [b, {c: d}], 'e']   # f\n",
        "a: {b: c}d\n",
        "a: \"\"\nb: ''\n",
        "a: null\nb: Null\n",
        "a: x\n\n\nb: y",
        "a: |\n  x",
        "",
        "# only\n",
        "a",
        "- \n- a\n",
        "a: .nan\n",
        "a: %b\nc: d%\n",
        "a: b\n---\nc: d\n--- # e\nf: g\n",
        "a: *\n",
        "a: [*.example.com]\n",
        // Found by fuzzing: a lone carriage return ends a line, and so a document.
        "a\r...\rb\r",
        "x: 1\r~\r...\r",
        "a: ['*.example.com', -x, --y=z]\n",
    ] {
        assert_eq!(difference("odd", text), None, "{text:?}");
    }
}

#[test]
fn published_manifests_read_the_same_both_ways() {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("PLIMSOLL_SHARED")
        .map_or(beside, PathBuf::from)
        .join("corpora");
    if !root.is_dir() {
        assert!(std::env::var_os("CI").is_none(), "the corpora are missing");
        println!("skipped: the corpora are not there");
        return;
    }
    let mut files = Vec::new();
    list(&root, &mut files);
    let (mut count, mut direct, mut wrong) = (0, 0, Vec::new());
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        count += 1;
        direct += usize::from(is_read_directly(&text));
        if let Some(found) = difference("corpus", &text) {
            wrong.push(format!("{}: {found}", file.display()));
        }
    }
    println!("{count} files, {direct} read directly as a whole");
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
    assert!(direct * 2 > count, "{direct} of {count}");
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, files);
        } else if path
            .extension()
            .is_some_and(|ending| ending == "yaml" || ending == "yml")
        {
            files.push(path);
        }
    }
}
