//! Objects by kind, namespace and name.

use foldhash::HashMap;

use crate::cluster_scope::is_cluster_scoped;
use crate::object::{Object, ObjectId};

/// Where every object is found.
#[derive(Debug, Default)]
pub(crate) struct Index {
    kinds: HashMap<String, KindIndex>,
}

#[derive(Debug, Default)]
struct KindIndex {
    all: Vec<ObjectId>,
    namespaces: HashMap<String, NamespaceIndex>,
}

#[derive(Debug, Default)]
struct NamespaceIndex {
    all: Vec<ObjectId>,
    names: HashMap<String, ObjectId>,
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
        for (at, object) in objects.iter().enumerate() {
            let id = ObjectId(at as u32);
            let (group, kind) = (object.group(), object.kind());
            index.add(&format!("{group}/{kind}"), id, object);
            if is_kubernetes_group(group) {
                index.add(kind, id, object);
            }
        }
        index
    }

    fn add(&mut self, key: &str, id: ObjectId, object: &Object) {
        if !self.kinds.contains_key(key) {
            self.kinds.insert(key.to_owned(), KindIndex::default());
        }
        let Some(kind) = self.kinds.get_mut(key) else {
            return;
        };
        kind.all.push(id);
        // The API server drops the namespace that is stated where there is none.
        let stated = if is_kubernetes_group(object.group()) && is_cluster_scoped(object.kind()) {
            ""
        } else {
            object.namespace()
        };
        let name = namespace_or_default(stated);
        if !kind.namespaces.contains_key(name) {
            kind.namespaces
                .insert(name.to_owned(), NamespaceIndex::default());
        }
        if let Some(namespace) = kind.namespaces.get_mut(name) {
            namespace.all.push(id);
            namespace.names.insert(object.name().to_owned(), id);
        }
    }

    /// All of a kind, which is `Kind` for one of Kubernetes' own and `group/Kind` for any.
    pub(crate) fn all(&self, kind: &str) -> &[ObjectId] {
        self.kinds.get(kind).map_or(&[], |kind| &kind.all)
    }

    pub(crate) fn in_namespace(&self, kind: &str, namespace: &str) -> &[ObjectId] {
        self.kinds
            .get(kind)
            .and_then(|kind| kind.namespaces.get(namespace_or_default(namespace)))
            .map_or(&[], |namespace| &namespace.all)
    }

    /// The last one of this name, as the last one applied is what a cluster has.
    pub(crate) fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<ObjectId> {
        let kind = self.kinds.get(kind)?;
        let namespace = kind.namespaces.get(namespace_or_default(namespace))?;
        namespace.names.get(name).copied()
    }
}
