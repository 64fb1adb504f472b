//! What a report never shows: the values of Secrets, and what a manifest holds in places where credentials stand.
//!
//! Names and keys stay: they say where to look. It is decided by the place and not by the value, since no pattern knows
//! every credential.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use plimsoll_assess::Finding;
use plimsoll_catalog::Control;
use plimsoll_document::{Node, Scalar, Segment, Source, Span, Tree};
use plimsoll_inventory::Object;
use serde_json::Value;

use crate::result::ScanResult;

/// What stands for a value that is not shown.
pub const HIDDEN: &str = "(hidden)";

/// Ends of keys whose text is a credential wherever it stands; capitals, dashes and underscores do not count.
const CREDENTIAL_KEYS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "privatekey",
    "secretkey",
    "secretaccesskey",
    "apikey",
    "accesskey",
    "token",
    "credentials",
];

/// The area of the controls that look for credentials.
const LOOKS_FOR_CREDENTIALS: &str = "secrets";

/// How far from a finding its source is looked at, in bytes: more than an excerpt shows.
const NEIGHBOURHOOD: u32 = 4_096;

/// How well a place is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Guard {
    /// Anything may stand there.
    None,
    /// Credentials are seldom found there: hidden only from what a control says that looks for them.
    Unlikely,
    /// Credentials are found there: shown only where a control points at this very place for another reason.
    Suspect,
    /// Never shown.
    Secret,
}

/// The value that a finding observed, without what must not be shown.
pub(crate) fn observed<'f>(
    control: &Control,
    object: &Object,
    finding: &'f Finding,
) -> Cow<'f, Value> {
    let mut keys = segments(&finding.path.segments);
    let depth = keys.len();
    let is_hidden = |keys: &[&str]| match guard(object, keys) {
        Guard::None => false,
        // A control that looks for credentials points at one.
        Guard::Unlikely => control.area == LOOKS_FOR_CREDENTIALS,
        Guard::Suspect => control.area == LOOKS_FOR_CREDENTIALS || keys.len() > depth,
        Guard::Secret => true,
    };
    match without(&finding.observed, &mut keys, &is_hidden) {
        Some(value) => Cow::Owned(value),
        None => Cow::Borrowed(&finding.observed),
    }
}

/// The value with what is hidden replaced; `None` where it stays as it is.
fn without<'v>(
    value: &'v Value,
    keys: &mut Vec<&'v str>,
    is_hidden: &impl Fn(&[&str]) -> bool,
) -> Option<Value> {
    let mut changed = None;
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                keys.push(key);
                if let Some(inner) = without(inner, keys, is_hidden) {
                    let map = changed.get_or_insert_with(|| map.clone());
                    map.insert(key.clone(), inner);
                }
                keys.pop();
            }
            changed.map(Value::Object)
        }
        Value::Array(list) => {
            let mut changed = None;
            for (at, inner) in list.iter().enumerate() {
                keys.push("*");
                if let Some(inner) = without(inner, keys, is_hidden) {
                    changed.get_or_insert_with(|| list.clone())[at] = inner;
                }
                keys.pop();
            }
            changed.map(Value::Array)
        }
        Value::Null | Value::Bool(_) => None,
        Value::Number(_) | Value::String(_) => is_hidden(keys).then(|| HIDDEN.into()),
    }
}

/// How the place of a scalar is guarded; `*` stands for an element of a list.
fn guard(object: &Object, keys: &[&str]) -> Guard {
    let is_core = object.group().is_empty();
    match (object.kind(), keys) {
        ("Secret", ["data" | "stringData", ..]) if is_core => return Guard::Secret,
        ("ConfigMap", ["data" | "binaryData", ..]) if is_core => return Guard::Suspect,
        _ => {}
    }
    match keys {
        [.., "env", "*", "value"] => Guard::Secret,
        // Among them a whole manifest, as `kubectl apply` leaves it, with all that it holds.
        [
            ..,
            "annotations",
            "kubectl.kubernetes.io/last-applied-configuration",
        ] => Guard::Secret,
        [.., "annotations", _] | [.., "command" | "args", "*"] => Guard::Suspect,
        [.., "labels", _] => Guard::Unlikely,
        [.., key] if is_credential(key) => Guard::Secret,
        _ => Guard::None,
    }
}

fn is_credential(key: &str) -> bool {
    CREDENTIAL_KEYS.iter().any(|end| {
        let mut letters = key.bytes().rev().filter(u8::is_ascii_alphanumeric);
        let mut wanted = end.bytes().rev();
        wanted.all(|want| {
            letters
                .next()
                .is_some_and(|has| has.eq_ignore_ascii_case(&want))
        })
    })
}

/// The places of sources that are not shown, found source by source.
#[derive(Debug)]
pub(crate) struct Hidden<'r> {
    objects: &'r [Object],
    tree: Option<&'r Arc<Tree>>,
    spans: Vec<Span>,
}

impl<'r> Hidden<'r> {
    pub(crate) fn new(result: &'r ScanResult<'_>) -> Hidden<'r> {
        Hidden {
            objects: result.inventory.objects(),
            tree: None,
            spans: Vec::new(),
        }
    }

    /// What is not shown around the place of a finding. Several objects may stand in one line, so it is that of all.
    pub(crate) fn spans(&mut self, control: &Control, finding: &Finding) -> Vec<Span> {
        let at = finding.object.0 as usize;
        let object = &self.objects[at];
        if !self
            .tree
            .is_some_and(|tree| Arc::ptr_eq(tree, object.tree()))
        {
            self.tree = Some(object.tree());
            self.spans.clear();
            // The objects of a source stand side by side.
            let is_of_source = |other: &&Object| Arc::ptr_eq(other.tree(), object.tree());
            let before = self.objects[..at].iter().rev().take_while(is_of_source);
            let after = self.objects[at..].iter().take_while(is_of_source);
            for object in before.chain(after) {
                let mut keys = Vec::new();
                let root = object.root();
                gather(object, root, &mut keys, Guard::Suspect, &mut self.spans);
            }
            self.spans.sort_by_key(|span| (span.start, span.end));
            self.spans.dedup();
        }
        let place = finding.span.start;
        let first = self
            .spans
            .partition_point(|span| span.end < place.saturating_sub(NEIGHBOURHOOD));
        let last = place.saturating_add(NEIGHBOURHOOD);
        let mut spans: Vec<Span> = self.spans[first..]
            .iter()
            .take_while(|span| span.start <= last)
            .copied()
            .collect();
        let (node, depth) = finding.path.find(object.root());
        let mut keys = segments(&finding.path.segments[..depth]);
        if control.area == LOOKS_FOR_CREDENTIALS {
            gather(object, node, &mut keys, Guard::Unlikely, &mut spans);
            spans.sort_by_key(|span| span.start);
        } else if guard(object, &keys) == Guard::Suspect {
            // The control points at this very place for another reason.
            spans.retain(|span| *span != node.span());
        }
        spans
    }
}

/// The text between two bytes, without what is hidden.
pub(crate) fn masked<'t>(text: &'t str, range: Range<usize>, hidden: &[Span]) -> Cow<'t, str> {
    let first = hidden.partition_point(|span| span.end as usize <= range.start);
    let mut shown = String::new();
    let mut at = range.start;
    for span in &hidden[first..] {
        let (start, end) = (span.start as usize, span.end as usize);
        if start >= range.end {
            break;
        }
        if end <= at || start == end {
            continue;
        }
        shown.push_str(&text[at..start.max(at)]);
        shown.push_str(HIDDEN);
        at = end.min(range.end);
    }
    if shown.is_empty() {
        return Cow::Borrowed(&text[range]);
    }
    shown.push_str(&text[at..range.end]);
    Cow::Owned(shown)
}

/// Whether a source that could not be read may hold a Secret, so that no line of it is shown.
pub(crate) fn may_hold_secrets(source: &Source) -> bool {
    let written = source.text().match_indices("Secret");
    written.into_iter().any(|(at, _)| {
        let before = source.text()[..at].trim_end_matches(['"', '\'', ' ']);
        let before = before
            .strip_suffix(':')
            .map(|key| key.trim_end_matches(['"', '\'', ' ']));
        before.is_some_and(|before| before.ends_with("kind"))
    })
}

fn segments(path: &[Segment]) -> Vec<&str> {
    path.iter()
        .map(|segment| match segment {
            Segment::Key(key) => key.name(),
            Segment::Index(_) | Segment::Every => "*",
        })
        .collect()
}

/// The scalars at and below a node that are guarded at least so well.
fn gather<'t>(
    object: &Object,
    node: Node<'t>,
    keys: &mut Vec<&'t str>,
    least: Guard,
    spans: &mut Vec<Span>,
) {
    if node.is_map() {
        for (key, child) in node.entries() {
            keys.push(key);
            gather(object, child, keys, least, spans);
            keys.pop();
        }
    } else if node.is_list() {
        keys.push("*");
        for child in node.children() {
            gather(object, child, keys, least, spans);
        }
        keys.pop();
    } else if guard(object, keys) >= least
        && !matches!(node.scalar(), Scalar::Null | Scalar::Bool(_))
    {
        spans.push(node.span());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_known_by_their_keys() {
        for key in [
            "password",
            "dbPassword",
            "DB_PASSWORD",
            "api-key",
            "sasl.token",
        ] {
            assert!(is_credential(key), "{key}");
        }
        for key in [
            "secretName",
            "passwordPolicy",
            "tokenPath",
            "key",
            "",
            "apikeys",
        ] {
            assert!(!is_credential(key), "{key}");
        }
    }

    #[test]
    fn what_is_hidden_is_cut_out() {
        let text = "a: one, b: two";
        let span = |start, end| Span { start, end };
        let hidden = [span(3, 6), span(11, 14)];
        assert_eq!(masked(text, 0..14, &hidden), "a: (hidden), b: (hidden)");
        assert_eq!(masked(text, 0..3, &hidden), "a: ");
        assert_eq!(masked(text, 4..11, &hidden), "(hidden), b: ");
        assert_eq!(masked(text, 6..9, &hidden), ", b");
    }

    #[test]
    fn sources_with_secrets_are_known_without_a_parser() {
        let may = |text: &str| may_hold_secrets(&Source::new("x", text));
        assert!(may("kind: Secret\n  bad") && may("{\"kind\" : \"Secret\", ,}"));
        assert!(!may("kind: SealedThing\nname: Secret") && !may("a: Secret"));
    }
}
