//! Objects by kind, namespace and name.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use foldhash::HashMap;
use foldhash::fast::RandomState;
use plimsoll_document::Threads;

use crate::cluster_scope::is_cluster_scoped;
use crate::object::{Object, ObjectId, by_object};

/// Where every object is found.
#[derive(Debug, Default)]
pub(crate) struct Index {
    kinds: Vec<KindIndex>,
    /// By what a kind is called: `group/Kind`, and `Kind` for those of Kubernetes' own groups.
    numbers: HashMap<String, usize>,
    /// How names are hashed: so that nobody can foresee which ones have one hash.
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct KindIndex {
    all: Vec<ObjectId>,
    namespaces: HashMap<String, NamespaceIndex>,
}

#[derive(Debug, Default)]
struct NamespaceIndex {
    all: Vec<ObjectId>,
    /// By the hash of its name, the last object with this hash.
    names: HashMap<u64, ObjectId>,
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
    pub(crate) fn new(objects: &[Object], threads: Threads) -> Index {
        let mut index = Index::default();
        let mut numbers: HashMap<(&str, &str), usize> = HashMap::default();
        let places = by_object(threads, objects, |object| Place::of(object, &index.hasher));
        for ((id, object), place) in (0..).map(ObjectId).zip(objects).zip(&places) {
            let number = *numbers
                .entry((object.group(), object.kind()))
                .or_insert_with(|| index.new_kind());
            index.kinds[number].add(id, place);
        }
        let numbers: BTreeMap<(&str, &str), usize> = numbers.into_iter().collect();
        let mut alike: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
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
            let place = Place::of(&objects[id.0 as usize], &self.hasher);
            self.kinds[number].add(id, &place);
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

    /// The last one of this name, as the last one applied is what a cluster has. `objects` are those of the index.
    pub(crate) fn find(
        &self,
        kind: &str,
        namespace: &str,
        name: &str,
        objects: &[Object],
    ) -> Option<ObjectId> {
        let kind = self.kind(kind)?;
        let namespace = kind.namespaces.get(namespace_or_default(namespace))?;
        let hashed = *namespace.names.get(&self.hasher.hash_one(name))?;
        let is_named = |id: &ObjectId| objects[id.0 as usize].name() == name;
        if is_named(&hashed) {
            return Some(hashed);
        }
        // Two names have one hash.
        namespace.all.iter().copied().rev().find(is_named)
    }
}

/// What an object is found by.
struct Place<'o> {
    namespace: &'o str,
    /// The hash of its name.
    name: u64,
}

impl<'o> Place<'o> {
    fn of(object: &'o Object, hasher: &RandomState) -> Place<'o> {
        // The API server drops the namespace that is stated where there is none.
        let is_cluster_scoped =
            is_kubernetes_group(object.group()) && is_cluster_scoped(object.kind());
        let stated = if is_cluster_scoped {
            ""
        } else {
            object.namespace()
        };
        Place {
            namespace: namespace_or_default(stated),
            name: hasher.hash_one(object.name()),
        }
    }
}

impl KindIndex {
    fn add(&mut self, id: ObjectId, place: &Place<'_>) {
        self.all.push(id);
        if !self.namespaces.contains_key(place.namespace) {
            self.namespaces
                .insert(place.namespace.to_owned(), NamespaceIndex::default());
        }
        if let Some(namespace) = self.namespaces.get_mut(place.namespace) {
            namespace.all.push(id);
            namespace.names.insert(place.name, id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_document::{Format, Limits, Source, parse};

    use super::*;
    use crate::inventory::Inventory;

    #[test]
    fn a_name_is_found_even_where_another_has_its_hash() {
        let text = ["one", "two", "one"]
            .map(|name| format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\n"))
            .join("---\n");
        let source = Arc::new(Source::new("x.yaml", text));
        let mut builder = Inventory::builder();
        builder.add(&parse(&source, Format::Yaml, &Limits::default()));
        let inventory = builder.finish();
        let objects = inventory.objects();
        let mut index = Index::new(objects, Threads::ONE);
        let find = |index: &Index, name| index.find("Secret", "default", name, objects);
        assert_eq!(find(&index, "one"), Some(ObjectId(2)));
        assert_eq!(find(&index, "two"), Some(ObjectId(1)));
        assert_eq!(find(&index, "three"), None);
        let hasher = index.hasher.clone();
        for kind in &mut index.kinds {
            let namespace = kind.namespaces.get_mut("default").unwrap();
            namespace.names = ["one", "two", "three"]
                .map(|name| (hasher.hash_one(name), ObjectId(1)))
                .into_iter()
                .collect();
        }
        assert_eq!(find(&index, "one"), Some(ObjectId(2)));
        assert_eq!(find(&index, "two"), Some(ObjectId(1)));
        assert_eq!(find(&index, "three"), None);
    }
}
