//! What cannot be said since facts of nodes are missing: of a component, a file, a whole node, or of all of them.

use plimsoll_catalog::{Control, Each, Start};
use plimsoll_document::{Node, Segment};
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

/// Why a part of node facts is not known that a control judges: its items are in that part, or its expressions read it.
pub(crate) fn unread_part_of_facts(control: &Control, facts: Node<'_>) -> Option<String> {
    let list = facts
        .get_name("spec")
        .and_then(|spec| spec.get_name("unread"));
    unread_parts(list)
        .find(|(part, _)| {
            control.each.iter().any(|each| starts_in(each, part))
                || reads_field(control, &["object.spec", "item.spec"], part)
        })
        .map(|(part, reason)| format!("{part} of the node could not be read: {reason}"))
}

/// Why no component of node facts can be judged: which there are could not be seen.
pub(crate) fn unread_processes(facts: Node<'_>) -> Option<String> {
    let list = facts
        .get_name("spec")
        .and_then(|spec| spec.get_name("unread"));
    unread_parts(list)
        .find(|(part, _)| *part == "processes")
        .map(|(_, reason)| format!("the processes of the node could not be read: {reason}"))
}

/// Why a part of a component is not known that the expressions of a control read.
pub(crate) fn unread_part_of_component(control: &Control, component: Node<'_>) -> Option<String> {
    let name = component.get_name("name").and_then(Node::as_str)?;
    unread_parts(component.get_name("unreadParts"))
        .find(|(part, _)| {
            control.each.iter().any(|each| {
                each.start == Start::Components
                    && matches!(each.path.segments.first(), Some(Segment::Key(key)) if key.name() == *part)
            }) || reads_field(control, &["item", "component"], part)
        })
        .map(|(part, reason)| format!("{part} of {name} could not be read: {reason}"))
}

/// Whether the items of a path are in a part of `spec`.
fn starts_in(each: &Each, part: &str) -> bool {
    matches!(
        (each.start, each.path.segments.as_slice()),
        (Start::Object, [Segment::Key(spec), Segment::Key(field), ..])
            if spec.name() == "spec" && field.name() == part
    )
}

/// Whether an expression that decides reads a field of one of these: `item.auditPolicy`, `item.?auditPolicy`.
fn reads_field(control: &Control, of: &[&str], field: &str) -> bool {
    [
        &control.when_text,
        &control.known_text,
        &control.expect_text,
    ]
    .into_iter()
    .any(|text| of.iter().any(|of| has_field_access(text, of, field)))
}

fn has_field_access(text: &str, of: &str, field: &str) -> bool {
    let is_name =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    text.match_indices(field).any(|(at, _)| {
        let before = text[..at].trim_end_matches('?');
        let Some(before) = before.strip_suffix('.') else {
            return false;
        };
        // `object.?spec.?ssh` reads what `object.spec.ssh` does.
        let plain = before.replace(".?", ".");
        let start = plain.strip_suffix(of);
        start.is_some_and(|start| !is_name(start.as_bytes().last()))
            && !is_name(text.as_bytes().get(at + field.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_are_read_are_found() {
        for (text, of, field, found) in [
            ("has(item.auditPolicy)", "item", "auditPolicy", true),
            ("item.?auditPolicy.rules", "item", "auditPolicy", true),
            ("object.?spec.?ssh.running", "object.spec", "ssh", true),
            ("item.auditPolicyFile == ''", "item", "auditPolicy", false),
            ("myitem.auditPolicy", "item", "auditPolicy", false),
            ("item.spec.auditPolicy", "item", "auditPolicy", false),
            ("'auditPolicy' in flags", "item", "auditPolicy", false),
        ] {
            assert_eq!(has_field_access(text, of, field), found, "{text}");
        }
    }
}
