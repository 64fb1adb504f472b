//! YAML as `kubectl` reads it: every input of the table gives the JSON that `sigs.k8s.io/yaml` 1.6, the library behind
//! `kubectl`, gives for it, or is refused where that refuses it.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::sync::Arc;

use plimsoll_document::{Format, Limits, Node, Scalar, Severity, Source, parse};
use serde_json::Value;

/// Inputs where we differ on purpose, with the reason.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "a: \"\\ud83d\\ude00\"",
        "a surrogate pair in an escape: refused there, read as the character here, as JSON has it",
    ),
    (
        "a: \u{2028}b",
        "U+2028 ends a line in YAML 1.1; here it is a character, as in YAML 1.2",
    ),
    (
        "a: b\u{85}c",
        "U+0085 ends a line in YAML 1.1; here it is a character, as in YAML 1.2",
    ),
];

#[test]
fn scalars_keys_merges_and_errors_are_those_of_kubectl() {
    let table: Vec<Value> =
        serde_json::from_str(include_str!("data/kubectl_yaml.json")).expect("the table is JSON");
    let mut wrong = Vec::new();
    for case in &table {
        let yaml = case["yaml"].as_str().expect("an input");
        if DIFFERENT.iter().any(|(input, _)| *input == yaml) {
            continue;
        }
        let ours = read(yaml);
        let refused = case["json"].is_null() && !is_null_document(yaml);
        let expected = if refused {
            None
        } else {
            Some(case["json"].clone())
        };
        if ours != expected {
            wrong.push(format!("{yaml:?}: expected {expected:?}, got {ours:?}"));
        }
    }
    assert!(table.len() > 100);
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        table.len(),
        wrong.join("\n")
    );
}

/// The table has null both for what is refused and for documents without content.
fn is_null_document(yaml: &str) -> bool {
    matches!(yaml, "" | "# c" | "---\n...\n")
}

/// The first document as JSON; `None` where it is refused.
fn read(yaml: &str) -> Option<Value> {
    let source = Source::from_bytes("test", yaml.as_bytes().to_vec()).ok()?;
    let parsed = parse(&Arc::new(source), Format::Yaml, &Limits::default());
    if parsed
        .problems
        .iter()
        .any(|problem| problem.severity == Severity::Error)
    {
        return None;
    }
    let root = parsed.documents.first().and_then(|document| document.root);
    Some(root.map_or(Value::Null, |root| to_json(parsed.tree.node(root))))
}

fn to_json(node: Node<'_>) -> Value {
    match node.scalar() {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => value.into(),
        Scalar::Int(value) => value.into(),
        Scalar::Uint(value) => value.into(),
        Scalar::Double(value) if value.fract() == 0.0 && value.abs() < 1e21 => {
            serde_json::from_str(&format!("{value}")).expect("digits are a number")
        }
        Scalar::Double(value) => value.into(),
        Scalar::String(text) => text.into(),
        Scalar::List => node.children().map(to_json).collect(),
        Scalar::Map => node
            .entries()
            .map(|(key, value)| (key.to_owned(), to_json(value)))
            .collect(),
    }
}
