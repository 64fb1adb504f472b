//! The value that a finding shows, without secrets.
//!
//! A report goes to logs, tickets and other people. It never holds what is in a Secret, nor what a control for
//! credentials found, nor environments and command lines that stand within a larger value.

use plimsoll_document::{Node, Path, Scalar, Segment};
use serde_json::Value as Json;

/// What stands in the place of a value that is not shown.
const HIDDEN: &str = "(hidden)";

/// How many entries and characters are shown: a finding shows what is wrong and is no copy.
const MOST: usize = 200;

/// The annotation in which a client keeps the whole object as it was applied, values included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Fields whose values may be credentials, where they stand within a value that is shown.
const PRIVATE: [&str; 3] = ["args", "command", LAST_APPLIED];

/// Whether the place of a finding holds what is not to be shown, whatever the control.
pub(crate) fn is_secret(object: Node<'_>, path: &Path) -> bool {
    let keys = || {
        path.segments.iter().map(|segment| match segment {
            Segment::Key(key) => key.name(),
            _ => "",
        })
    };
    let is_data = |key: &str| key == "data" || key == "stringData";
    is_secret_object(object) && keys().next().is_some_and(is_data)
        || keys().any(|key| key == LAST_APPLIED)
}

fn is_secret_object(object: Node<'_>) -> bool {
    let text = |key: &str| object.get_name(key).and_then(Node::as_str);
    text("kind") == Some("Secret") && text("apiVersion") == Some("v1")
}

/// A value as it is shown; `hidden` for one that is a secret.
pub(crate) fn observed(object: Node<'_>, node: Node<'_>, hidden: bool) -> Json {
    let whole_secret = is_secret_object(object) && node.is_same(object);
    show(node, hidden, whole_secret)
}

fn show(node: Node<'_>, hidden: bool, whole_secret: bool) -> Json {
    match node.scalar() {
        Scalar::Null => Json::Null,
        Scalar::List => node
            .children()
            .take(MOST)
            .map(|element| show(element, hidden, false))
            .collect(),
        Scalar::Map => node
            .entries()
            .take(MOST)
            .map(|(key, value)| {
                let is_private = PRIVATE.contains(&key)
                    || whole_secret && (key == "data" || key == "stringData")
                    || key == "value" && node.get_name("name").is_some();
                (key.to_owned(), show(value, hidden || is_private, false))
            })
            .collect(),
        _ if hidden => HIDDEN.into(),
        Scalar::Bool(value) => value.into(),
        Scalar::Int(value) => value.into(),
        Scalar::Uint(value) => value.into(),
        Scalar::Double(value) => value.into(),
        Scalar::String(text) if text.chars().count() > MOST => {
            let cut: String = text.chars().take(MOST).collect();
            format!("{cut}...").into()
        }
        Scalar::String(text) => text.into(),
    }
}
