//! Objects that other objects made.

use foldhash::HashMap;

use plimsoll_document::Node;

use crate::object::Object;
use crate::pod_template::pod_template_path;

/// By object: whether its controlling owner is in the inventory and carries a pod template itself. Such an object says
/// nothing that its owner does not say.
pub(crate) fn collapse(objects: &[Object]) -> Vec<bool> {
    let mut by_uid: HashMap<&str, usize> = HashMap::default();
    let mut by_name: HashMap<(&str, &str, &str), usize> = HashMap::default();
    for (at, object) in objects.iter().enumerate() {
        if pod_template_path(object.group(), object.kind()).is_none() {
            continue;
        }
        if !object.uid().is_empty() {
            by_uid.insert(object.uid(), at);
        }
        by_name.insert((object.kind(), object.namespace(), object.name()), at);
    }
    let owner_of = |object: &Object| -> Option<usize> {
        let references = object
            .root()
            .get_name("metadata")?
            .get_name("ownerReferences")?;
        let controller = references.children().find(|reference| {
            reference.get_name("controller").and_then(Node::as_bool) == Some(true)
        })?;
        let text = |key: &str| controller.get_name(key).and_then(Node::as_str);
        // A uid that is stated on both sides must be the same; without one the name decides.
        let named = by_name.get(&(text("kind")?, object.namespace(), text("name")?));
        match text("uid") {
            Some(uid) if !uid.is_empty() => by_uid
                .get(uid)
                .or_else(|| named.filter(|owner| objects[**owner].uid().is_empty())),
            _ => named,
        }
        .copied()
    };
    let owners: Vec<Option<usize>> = objects
        .iter()
        .map(|object| {
            pod_template_path(object.group(), object.kind())?;
            owner_of(object)
        })
        .collect();
    (0..objects.len())
        .map(|at| owners[at].is_some() && !is_in_cycle(&owners, at))
        .collect()
}

/// Whether an object owns itself, over some others: then all of them are reported.
fn is_in_cycle(owners: &[Option<usize>], start: usize) -> bool {
    let mut here = start;
    // Chains of owners are short: CronJob, Job, Pod.
    for _ in 0..16 {
        match owners[here] {
            Some(owner) if owner == start => return true,
            Some(owner) => here = owner,
            None => return false,
        }
    }
    true
}
