//! Edits as replacements of bytes.
//!
//! An edit is one where it sets a scalar that is written beside its key, in a file without anchors. Everything else
//! needs to know how the file is written: that is what `plimsoll fix` is for.

use std::sync::Arc;

use plimsoll_catalog::EditKind;
use plimsoll_document::{Node, Segment, Source};
use serde_json::{Value, json};

use super::{artifact, region};
use crate::reported::Reported;

/// The edits of a finding; `None` where one of them is no replacement, since half a fix is none.
pub(super) fn fix(entry: &Reported<'_>, has_anchors: bool) -> Option<Value> {
    let file = entry.file()?;
    let source = entry.object.tree().source();
    // The text is not that of the file.
    if source.origin().is_some() {
        return None;
    }
    let edits = &entry.finding.edits;
    // What only a person can choose is not chosen here.
    if edits.is_empty() || entry.control.input.is_some() || has_anchors {
        return None;
    }
    let mut replacements = Vec::new();
    for edit in edits {
        let EditKind::Set(value) = &edit.kind else {
            return None;
        };
        let (node, depth) = edit.path.find(entry.object.root());
        let Some(Segment::Key(key)) = edit.path.segments.last() else {
            return None;
        };
        let is_there = depth == edit.path.segments.len();
        if !is_there || value.is_array() || value.is_object() || !is_beside_key(node, key.name()) {
            return None;
        }
        replacements.push(json!({
            "deletedRegion": region(source, node.span()),
            // JSON is YAML, too.
            "insertedContent": {"text": value.to_string()},
        }));
    }
    let mut description = entry.fix();
    if !entry.control.safe {
        description.push_str(" (may change how the workload behaves)");
    }
    Some(json!({
        "description": {"text": description},
        "artifactChanges": [{
            "artifactLocation": artifact(file),
            "replacements": replacements,
        }],
        "properties": {"safe": entry.control.safe},
    }))
}

/// Whether the node is a scalar on one line, with nothing between it and its key but the colon.
fn is_beside_key(node: Node<'_>, key: &str) -> bool {
    let source = node.tree().source();
    let value = source.slice(node.span());
    let between = plimsoll_document::Span {
        start: node.start(),
        end: node.span().start,
    };
    let before = source.slice(between);
    let is_key = [key.to_owned(), format!("\"{key}\""), format!("'{key}'")]
        .iter()
        .any(|written| {
            before
                .strip_prefix(written.as_str())
                .is_some_and(|rest| rest.trim() == ":")
        });
    !node.is_map()
        && !node.is_list()
        && is_key
        && !before.contains(['\n', '\r'])
        && !value.is_empty()
        && !value.contains(['\n', '\r'])
        && !value.starts_with(['|', '>', '!', '&', '*'])
}

/// For each finding whether its source has anchors. Those of a source stand side by side, and it is searched once.
pub(super) fn anchors(entries: &[Reported<'_>]) -> Vec<bool> {
    let mut last: Option<(&Arc<Source>, bool)> = None;
    let mut all = Vec::with_capacity(entries.len());
    for entry in entries {
        let source = entry.object.tree().source();
        let found = match last {
            Some((known, found)) if Arc::ptr_eq(known, source) => found,
            _ => has_anchors(source),
        };
        last = Some((source, found));
        all.push(found);
    }
    all
}

/// Whether something may be written once and stand in several places, where an edit would change more than it says.
fn has_anchors(source: &Source) -> bool {
    let text = source.text();
    text.match_indices(['&', '*']).any(|(at, _)| {
        let after = text[at + 1..].chars().next();
        let before = text[..at].chars().next_back();
        let is_start =
            before.is_none_or(|before| before.is_whitespace() || "[{,:-".contains(before));
        is_start && after.is_some_and(|after| after.is_alphanumeric() || after == '_')
    })
}
