//! Lists: `List`, and those of one kind, such as `PodList`.

use std::sync::Arc;

use plimsoll_document::{ListPart, Node, NodeId, Parsed, Tree, list_items};

/// The trees of a source and the objects in them, those with kind and version that lack them: the API server leaves both
/// out in the items of a list of one of its own kinds, where they are those of the list.
pub(crate) fn complete(parsed: &Parsed) -> (Arc<Tree>, Vec<ListPart>) {
    let tree = &parsed.tree;
    let roots = parsed.documents.iter().filter_map(|document| document.root);
    let lists: Vec<(Node<'_>, Node<'_>)> = roots
        .map(|root| tree.node(root))
        .filter_map(|root| Some((root, list_items(root)?)))
        .collect();
    let items = lists.iter().flat_map(|(list, items)| {
        let lacking = items.children().filter(|item| lacks_kind(*item));
        lacking.filter_map(|item| Some((item.id(), kind_of_items(*list)?)))
    });
    let completed = with_kinds(tree, items);
    // Parts are those of a source with one document.
    let kind = lists.first().and_then(|(list, _)| kind_of_items(*list));
    let parts = parsed.items.iter().map(|part| ListPart {
        tree: match kind {
            Some(kind) => {
                let lacks_kind = |item: &NodeId| lacks_kind(part.tree.node(*item));
                let items = part.items.iter().copied().filter(lacks_kind);
                with_kinds(&part.tree, items.map(|item| (item, kind)))
            }
            None => Arc::clone(&part.tree),
        },
        items: part.items.clone(),
    });
    (completed, parts.collect())
}

/// `apiVersion` and `kind` of the items of a list of one kind.
fn kind_of_items(list: Node<'_>) -> Option<[(&str, &str); 2]> {
    let text = |key: &str| list.get_name(key).and_then(Node::as_str);
    let kind = text("kind")?.strip_suffix("List")?;
    (!kind.is_empty()).then_some([("apiVersion", text("apiVersion")?), ("kind", kind)])
}

fn lacks_kind(item: Node<'_>) -> bool {
    let states = |key: &str| item.get_name(key).is_some();
    item.is_map() && !states("apiVersion") && !states("kind")
}

fn with_kinds<'t>(
    tree: &Arc<Tree>,
    items: impl Iterator<Item = (NodeId, [(&'t str, &'t str); 2])>,
) -> Arc<Tree> {
    let entries: Vec<_> = items.collect();
    if entries.is_empty() {
        return Arc::clone(tree);
    }
    Arc::new(tree.with_entries(&entries))
}
