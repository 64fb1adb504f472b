//! Objects by kind, namespace and name.

use foldhash::HashMap;

use crate::cluster_scope::is_cluster_scoped;
use crate::object::{Object, ObjectId};

/// Where every object is found.
#[derive(Debug, Default)]
pub(crate) struct Index {
    kinds: Vec<KindIndex>,
    /// By what a kind is called: `group/Kind`, and `Kind` for those of Kubernetes' own groups.
    numbers: HashMap<String, usize>,
}

#[derive(Debug, Default)]
struct KindIndex {
    all: Vec<ObjectId>,
    namespaces: HashMap<String, NamespaceIndex>,
}

#[derive(Debug, Default)]
struct NamespaceIndex {
    all: Vec<ObjectId>,
    names: HashMap<Box<str>, ObjectId>,
}

/// The namespace an object is in where it does not state one: that of a client that was told nothing.
pub(crate) fn namespace_or_default(namespace: &str) -> &str {
    if namespace.is_empty() {
        "default"
    } else {
        namespace
    }
}

/// Whether a group is one of Kubernetes' own, whose kinds can be named without it.
pub(crate) fn is_kubernetes_group(group: &str) -> bool {
    !group.contains('.') || group.ends_with(".k8s.io")
}

impl Index {
    pub(crate) fn new(objects: &[Object]) -> Index {
        let mut index = Index::default();
        let mut numbers: HashMap<(&str, &str), usize> = HashMap::default();
        for (id, object) in (0..).map(ObjectId).zip(objects) {
            let number = *numbers
                .entry((object.group(), object.kind()))
                .or_insert_with(|| index.new_kind());
            index.kinds[number].add(id, object);
        }
        let mut alike: HashMap<&str, Vec<usize>> = HashMap::default();
        for ((group, kind), number) in numbers {
            index.numbers.insert(format!("{group}/{kind}"), number);
            if is_kubernetes_group(group) {
                alike.entry(kind).or_default().push(number);
            }
        }
        for (kind, numbers) in alike {
            let number = match numbers[..] {
                [only] => only,
                _ => index.united(&numbers, objects),
            };
            index.numbers.insert(kind.to_owned(), number);
        }
        index
    }

    fn new_kind(&mut self) -> usize {
        self.kinds.push(KindIndex::default());
        self.kinds.len() - 1
    }

    /// A kind that stands in several groups.
    fn united(&mut self, numbers: &[usize], objects: &[Object]) -> usize {
        let of_group = |number: &usize| self.kinds[*number].all.iter().copied();
        let mut all: Vec<ObjectId> = numbers.iter().flat_map(of_group).collect();
        all.sort_unstable();
        let number = self.new_kind();
        for id in all {
            self.kinds[number].add(id, &objects[id.0 as usize]);
        }
        number
    }

    fn kind(&self, name: &str) -> Option<&KindIndex> {
        Some(&self.kinds[*self.numbers.get(name)?])
    }

    /// All of a kind, which is `Kind` for one of Kubernetes' own and `group/Kind` for any.
    pub(crate) fn all(&self, kind: &str) -> &[ObjectId] {
        self.kind(kind).map_or(&[], |kind| &kind.all)
    }

    pub(crate) fn in_namespace(&self, kind: &str, namespace: &str) -> &[ObjectId] {
        self.kind(kind)
            .and_then(|kind| kind.namespaces.get(namespace_or_default(namespace)))
            .map_or(&[], |namespace| &namespace.all)
    }

    /// The last one of this name, as the last one applied is what a cluster has.
    pub(crate) fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<ObjectId> {
        let kind = self.kind(kind)?;
        let namespace = kind.namespaces.get(namespace_or_default(namespace))?;
        namespace.names.get(name).copied()
    }
}

impl KindIndex {
    fn add(&mut self, id: ObjectId, object: &Object) {
        self.all.push(id);
        // The API server drops the namespace that is stated where there is none.
        let stated = if is_kubernetes_group(object.group()) && is_cluster_scoped(object.kind()) {
            ""
        } else {
            object.namespace()
        };
        let name = namespace_or_default(stated);
        if !self.namespaces.contains_key(name) {
            self.namespaces
                .insert(name.to_owned(), NamespaceIndex::default());
        }
        if let Some(namespace) = self.namespaces.get_mut(name) {
            namespace.all.push(id);
            namespace.names.insert(object.name().into(), id);
        }
    }
}
