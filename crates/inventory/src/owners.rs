//! Objects that other objects made.

use foldhash::HashMap;

use plimsoll_document::{Node, Symbol, Threads, in_parts};

use crate::object::Object;

/// By object: whether its controlling owner is in the inventory and carries a pod template itself. Such an object says
/// nothing that its owner does not say.
pub(crate) fn collapse(objects: &[Object], threads: Threads) -> Vec<bool> {
    let controllers = by_object(threads, objects, controller);
    // Pods are most of a cluster, and own nothing that carries a template but for who says so.
    let pods_own = controllers
        .iter()
        .flatten()
        .any(|controller| controller.get_name("kind").and_then(Node::as_str) == Some("Pod"));
    let mut by_uid: HashMap<&str, usize> = HashMap::default();
    let mut by_name: HashMap<(&str, &str, &str), usize> = HashMap::default();
    for (at, object) in objects.iter().enumerate() {
        let kind = object.kind();
        if kind == "Pod" && !pods_own || object.pod_template_path().is_none() {
            continue;
        }
        if !object.uid().is_empty() {
            by_uid.insert(object.uid(), at);
        }
        by_name.insert((kind, object.namespace(), object.name()), at);
    }
    let owner_of = |object: &Object, controller: Node<'_>| -> Option<usize> {
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
        .zip(&controllers)
        .map(|(object, controller)| owner_of(object, (*controller)?))
        .collect();
    (0..objects.len())
        .map(|at| owners[at].is_some() && !is_in_cycle(&owners, at))
        .collect()
}

/// How many objects a thread takes at a time.
const PART: usize = 2_048;

/// What comes of each object, on all threads that may be used.
pub(crate) fn by_object<'o, R: Send>(
    threads: Threads,
    objects: &'o [Object],
    work: impl Fn(&'o Object) -> R + Sync,
) -> Vec<R> {
    let parts: Vec<&'o [Object]> = objects.chunks(PART).collect();
    let parts = in_parts(
        threads,
        &parts,
        1,
        || (),
        |(), parts| -> Vec<R> { parts.iter().copied().flatten().map(&work).collect() },
    );
    parts.into_iter().flatten().collect()
}

/// What controls an object that carries a pod template.
fn controller(object: &Object) -> Option<Node<'_>> {
    object.pod_template_path()?;
    let references = object
        .root()
        .get_symbol(const { Symbol::of("metadata") })?
        .get_symbol(const { Symbol::of("ownerReferences") })?;
    references
        .children()
        .find(|reference| reference.get_name("controller").and_then(Node::as_bool) == Some(true))
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
