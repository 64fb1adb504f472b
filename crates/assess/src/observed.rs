//! The value that a finding shows, without secrets.

use plimsoll_document::{Node, Path, Scalar, Segment};
use plimsoll_inventory::Object;
use serde_json::Value as Json;

use crate::guard::{Guard, HIDDEN, guard};

/// How many entries and characters are shown: a finding shows what is wrong and is no copy.
const MOST: usize = 200;

/// A value as it is shown. What a control that looks for credentials points at is hidden wherever something may be one.
pub(crate) fn observed(object: &Object, node: Node<'_>, path: &Path, sensitive: bool) -> Json {
    let mut keys = keys_of(path);
    let place = Place {
        object,
        depth: keys.len(),
        sensitive,
    };
    place.show(node, &mut keys)
}

/// Whether the place of a finding holds what is not to be shown, whatever the control.
pub(crate) fn is_secret(object: &Object, node: Node<'_>, path: &Path) -> bool {
    let may_be = match node.scalar() {
        Scalar::Null | Scalar::Bool(_) => false,
        // A key such as `serviceAccountToken` may hold settings.
        Scalar::Map | Scalar::List => object.kind() == "Secret",
        _ => true,
    };
    may_be && guard(object, &keys_of(path)) == Guard::Secret
}

fn keys_of(path: &Path) -> Vec<&str> {
    path.segments
        .iter()
        .map(|segment| match segment {
            Segment::Key(key) => key.name(),
            Segment::Index(_) | Segment::Every => "*",
        })
        .collect()
}

struct Place<'o> {
    object: &'o Object,
    /// How many keys lead to it.
    depth: usize,
    sensitive: bool,
}

impl Place<'_> {
    fn show<'n>(&self, node: Node<'n>, keys: &mut Vec<&'n str>) -> Json {
        match node.scalar() {
            Scalar::Null => Json::Null,
            Scalar::Bool(value) => value.into(),
            Scalar::List => {
                keys.push("*");
                let shown = node.children().take(MOST);
                let shown = shown.map(|element| self.show(element, keys)).collect();
                keys.pop();
                shown
            }
            Scalar::Map => {
                let mut shown = serde_json::Map::new();
                for (key, value) in node.entries().take(MOST) {
                    keys.push(key);
                    shown.insert(key.to_owned(), self.show(value, keys));
                    keys.pop();
                }
                Json::Object(shown)
            }
            _ if self.is_hidden(keys) => HIDDEN.into(),
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

    fn is_hidden(&self, keys: &[&str]) -> bool {
        self.sensitive
            || match guard(self.object, keys) {
                Guard::Secret => true,
                // Shown where a control points at this very place for another reason.
                Guard::Suspect => keys.len() > self.depth,
                Guard::Unlikely | Guard::None => false,
            }
    }
}
