//! What stands for the value of a Secret where the value itself is not kept.

use plimsoll_document::Node;

use crate::object::Object;

/// How a value that stands for another begins: `(hidden):`, as base64 has it, since `data` holds nothing else. After it
/// comes a digest that equal values of one cluster have in common.
pub const HIDDEN_VALUE: &str = "KGhpZGRlbik6";

/// Whether the values of a Secret are there. Those of a live cluster and of snapshots are not: digests stand for them.
pub(crate) fn has_values(secret: &Object) -> bool {
    !secret
        .root()
        .get_name("data")
        .into_iter()
        .flat_map(Node::children)
        .any(|value| {
            value
                .as_str()
                .is_some_and(|text| text.starts_with(HIDDEN_VALUE))
        })
}
