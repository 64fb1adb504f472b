//! What cannot be said since facts of nodes are missing: of a component, a file, a whole node, or of all of them.

use plimsoll_catalog::Control;
use plimsoll_document::Node;
use plimsoll_inventory::{
    Component, Inventory, NODE_FACTS_GROUP, NODE_FACTS_KIND, Object, is_control_plane_node, unread,
    unread_parts,
};

/// What a control says of a Node of which there are no facts.
pub(crate) const NEEDS_FACTS: &str = "needs the facts of this node: plimsoll node";

/// What it says of a cluster of whose control plane there is nothing.
pub(crate) const NEEDS_CONTROL_PLANE: &str =
    "needs the facts of the nodes of the control plane: plimsoll node";

/// Why a control on node facts is not assessed at all: nothing in the scan tells what it judges.
pub(crate) fn reason_without_facts(control: &Control, inventory: &Inventory) -> Option<String> {
    if !control.judges_node_facts() || has_anything_for(control, inventory) {
        return None;
    }
    let of_pods = control
        .components()
        .iter()
        .any(|component| component.is_control_plane() || *component == Component::KubeProxy);
    Some(if of_pods {
        "needs the facts of nodes, or the Pods of kube-system: plimsoll node".to_owned()
    } else {
        "needs the facts of nodes: plimsoll node".to_owned()
    })
}

fn has_anything_for(control: &Control, inventory: &Inventory) -> bool {
    inventory.has_node_facts()
        || control
            .components()
            .iter()
            .any(|component| inventory.runs(*component))
}

/// Whether a control needs the facts of a Node and the scan does not hold them. Where it holds nothing at all that the
/// control judges, that is said of the control and not of every Node.
pub(crate) fn lacks_facts_of(control: &Control, node: &Object, inventory: &Inventory) -> bool {
    if inventory.has_facts_of(node.name()) || !has_anything_for(control, inventory) {
        return false;
    }
    let is_needed = |component: &Component| {
        (!component.is_control_plane() || is_control_plane_node(node))
            && !inventory.has_pod_on(node.name(), *component)
    };
    control.applies_to(NODE_FACTS_GROUP, NODE_FACTS_KIND)
        || control.components().iter().any(is_needed)
}

/// Whether a control judges the control plane, and of that the scan of a cluster holds nothing: neither a node that
/// says it is of the control plane, nor facts, nor a Pod.
pub(crate) fn lacks_control_plane(control: &Control, inventory: &Inventory) -> bool {
    let components = control.components();
    !components.is_empty()
        && components
            .iter()
            .all(|component| component.is_control_plane())
        && has_anything_for(control, inventory)
        && !inventory.has_control_plane_node()
        && !components
            .iter()
            .any(|component| inventory.runs(*component))
}

/// Why an item of node facts, a file or a component, is not known. It is told with its name or path.
pub(crate) fn unread_item(item: Node<'_>) -> Option<String> {
    let reason = unread(item)?;
    let name = ["name", "path", "role"]
        .into_iter()
        .find_map(|key| item.get_name(key)?.as_str());
    Some(match name {
        Some(name) => format!("{name} could not be read: {reason}"),
        None => format!("it could not be read: {reason}"),
    })
}

/// Why a part of node facts is not known that a control reads: it could not be read, or the facts do not tell of it, as
/// those that were asked for through the API server.
pub(crate) fn unknown_part_of_facts(control: &Control, facts: Node<'_>) -> Option<String> {
    let spec = facts.get_name("spec");
    let reads = |part: &str| control.fact_parts().of_node.contains(&part);
    unread_parts(unread_list(facts))
        .find(|(part, _)| reads(part))
        .map(|(part, reason)| format!("{part} of the node could not be read: {reason}"))
        .or_else(|| {
            let is_absent = |part: &&&str| spec.is_none_or(|spec| spec.get_name(part).is_none());
            let part = control.fact_parts().of_node.iter().find(is_absent)?;
            Some(format!("the facts of the node do not tell of {part}"))
        })
}

/// Why no component of node facts can be judged: which there are could not be seen, or is not told.
pub(crate) fn unknown_processes(facts: Node<'_>) -> Option<String> {
    let unread = unread_parts(unread_list(facts)).find(|(part, _)| *part == "processes");
    if let Some((_, reason)) = unread {
        return Some(format!(
            "the processes of the node could not be read: {reason}"
        ));
    }
    let spec = facts.get_name("spec");
    spec.is_none_or(|spec| spec.get_name("components").is_none())
        .then(|| "the facts of the node do not tell of components".to_owned())
}

fn unread_list(facts: Node<'_>) -> Option<Node<'_>> {
    facts.get_name("spec")?.get_name("unread")
}

/// Why a part of a component is not known that a control reads.
pub(crate) fn unread_part_of_component(control: &Control, component: Node<'_>) -> Option<String> {
    let name = component.get_name("name").and_then(Node::as_str)?;
    unread_parts(component.get_name("unreadParts"))
        .find(|(part, _)| control.fact_parts().of_component.contains(part))
        .map(|(part, reason)| format!("{part} of {name} could not be read: {reason}"))
}
