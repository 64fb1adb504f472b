//! Files of the user's own in YAML: configuration, attestations, exceptions. A mistake in one is an error with its place,
//! and the file is refused as a whole.

use std::path::Path;
use std::sync::Arc;

use plimsoll_document::{Format, Limits, Node, Parsed, Source, parse};

use crate::exit::Failure;

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Parsed, Failure> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => parse_text(&name, text),
        Err(error) => Err(Failure::Unreadable {
            path: name,
            reason: error.to_string(),
        }),
    }
}

/// Parses the text of a file.
pub(crate) fn parse_text(name: &str, text: String) -> Result<Parsed, Failure> {
    let source = Arc::new(Source::new(name, text));
    let parsed = parse(&source, Format::Yaml, &Limits::default());
    match parsed.problems.first() {
        Some(problem) => {
            let text = format!("{name}:{}: {}", problem.position, problem.kind);
            Err(Failure::Usage(text))
        }
        None => Ok(parsed),
    }
}

/// The list under the one key that a file of one map has.
pub(crate) fn only_list<'p>(parsed: &'p Parsed, key: &str) -> Result<Node<'p>, Failure> {
    let expected = || {
        let name = parsed.tree.source().name();
        Failure::Usage(format!("{name}: one map with a list '{key}' is expected"))
    };
    let [document] = &parsed.documents[..] else {
        return Err(expected());
    };
    let root = document.root.map(|root| parsed.tree.node(root));
    let root = root.filter(|root| root.is_map()).ok_or_else(expected)?;
    only_keys(root, &[key])?;
    root.get_name(key)
        .filter(|list| list.is_list())
        .ok_or_else(expected)
}

/// That a map has no other keys than these.
pub(crate) fn only_keys(map: Node<'_>, keys: &[&str]) -> Result<(), Failure> {
    for (key, value) in map.entries() {
        if !keys.contains(&key) {
            let known = keys.join(", ");
            let text = format!("unknown key '{key}'; known are {known}");
            return Err(wrong(value, &text));
        }
    }
    Ok(())
}

/// A text under a key that must say something.
pub(crate) fn required<'n>(map: Node<'n>, key: &str) -> Result<&'n str, Failure> {
    match map.get_name(key).map(|value| (value, value.as_str())) {
        Some((_, Some(text))) if !text.trim().is_empty() => Ok(text),
        Some((value, _)) => Err(wrong(
            value,
            &format!("'{key}' is a text that says something"),
        )),
        None => Err(wrong(map, &format!("'{key}' is missing"))),
    }
}

/// A mistake at a node.
pub(crate) fn wrong(node: Node<'_>, message: &str) -> Failure {
    let source = node.tree().source().name();
    Failure::Usage(format!("{source}:{}: {message}", node.position()))
}
