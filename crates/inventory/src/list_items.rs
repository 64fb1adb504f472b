//! Lists: `List`, and those of one kind, such as `PodList`.

use std::sync::Arc;

use plimsoll_document::{Node, NodeId, Parsed, Tree};

/// The items of a `List`, `PodList` or the like.
pub(crate) fn list_items(node: Node<'_>) -> Option<Node<'_>> {
    let kind = node.get_name("kind")?.as_str()?;
    if !kind.ends_with("List") || node.get_name("apiVersion")?.as_str().is_none() {
        return None;
    }
    node.get_name("items").filter(|items| items.is_list())
}

/// The tree of a source, its objects with kind and version. The API server leaves both out in the items of a list of
/// one of its own kinds: they are those of the list.
pub(crate) fn complete(parsed: &Parsed) -> Arc<Tree> {
    let tree = &parsed.tree;
    let mut entries: Vec<(NodeId, [(&str, &str); 2])> = Vec::new();
    let roots = parsed.documents.iter().filter_map(|document| document.root);
    for root in roots.map(|root| tree.node(root)) {
        let Some(items) = list_items(root) else {
            continue;
        };
        let text = |key: &str| root.get_name(key).and_then(Node::as_str);
        let (Some(version), Some(kind)) = (text("apiVersion"), text("kind")) else {
            continue;
        };
        let kind = kind.strip_suffix("List").unwrap_or_default();
        if kind.is_empty() {
            continue;
        }
        for item in items.children() {
            let states = |key: &str| item.get_name(key).is_some();
            if item.is_map() && !states("apiVersion") && !states("kind") {
                entries.push((item.id(), [("apiVersion", version), ("kind", kind)]));
            }
        }
    }
    if entries.is_empty() {
        return Arc::clone(tree);
    }
    Arc::new(tree.with_entries(&entries))
}
