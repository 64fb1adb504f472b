//! Objects that other objects made.

use foldhash::HashMap;

use plimsoll_document::{Node, Symbol, Threads};

use crate::object::{Object, by_object};

/// By object: whether its controlling owner is in the inventory and carries a pod template itself. Such an object says
/// nothing that its owner does not say.
pub(crate) fn collapse(objects: &[Object], threads: Threads) -> Vec<bool> {
    // Pods are most of a cluster, and own nothing that carries a template but for who says so.
    let seen = by_object(threads, objects, |object| {
        let kind = controller(object).map(|controller| text_of(controller, "kind"));
        let owner = (object.kind() != "Pod")
            .then(|| Owner::of(object))
            .flatten();
        (kind == Some(Some("Pod")), owner)
    });
    let pods_own = seen.iter().any(|(by_pod, _)| *by_pod);
    let mut owners = Owners::default();
    for (at, (_, owner)) in seen.into_iter().enumerate() {
        let owner = match owner {
            None if pods_own => Owner::of(&objects[at]),
            owner => owner,
        };
        if let Some(owner) = owner {
            owners.add(at, owner);
        }
    }
    let owners = by_object(threads, objects, |object| {
        owners.find(object, controller(object)?, objects)
    });
    (0..objects.len())
        .map(|at| owners[at].is_some() && !is_in_cycle(&owners, at))
        .collect()
}

/// What an object that carries a pod template is known by.
#[derive(Clone, Copy)]
struct Owner<'o> {
    uid: &'o str,
    name: (&'o str, &'o str, &'o str),
}

impl<'o> Owner<'o> {
    fn of(object: &'o Object) -> Option<Owner<'o>> {
        object.pod_template_path()?;
        Some(Owner {
            uid: object.uid(),
            name: (object.kind(), object.namespace(), object.name()),
        })
    }
}

/// Objects that carry a pod template, by their number.
#[derive(Default)]
struct Owners<'o> {
    by_uid: HashMap<&'o str, usize>,
    by_name: HashMap<(&'o str, &'o str, &'o str), usize>,
}

impl<'o> Owners<'o> {
    fn add(&mut self, at: usize, owner: Owner<'o>) {
        if !owner.uid.is_empty() {
            self.by_uid.insert(owner.uid, at);
        }
        self.by_name.insert(owner.name, at);
    }

    /// The owner that an object names as its controller.
    fn find(&self, object: &Object, controller: Node<'_>, objects: &[Object]) -> Option<usize> {
        // A uid that is stated on both sides must be the same; without one the name decides.
        let (kind, name) = (text_of(controller, "kind")?, text_of(controller, "name")?);
        let named = self.by_name.get(&(kind, object.namespace(), name));
        match text_of(controller, "uid") {
            Some(uid) if !uid.is_empty() => self
                .by_uid
                .get(uid)
                .or_else(|| named.filter(|owner| objects[**owner].uid().is_empty())),
            _ => named,
        }
        .copied()
    }
}

fn text_of<'o>(map: Node<'o>, key: &str) -> Option<&'o str> {
    map.get_name(key).and_then(Node::as_str)
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
