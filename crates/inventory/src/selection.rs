//! Which workloads an object selects, and which objects select a workload.

use std::hash::BuildHasher;

use foldhash::HashMap;
use foldhash::fast::RandomState;

use plimsoll_document::Node;

use crate::index::{Index, namespace_or_default};
use crate::label_selector::{has_all, labels, selects};
use crate::object::{Object, ObjectId};
use crate::pod_template::pod_template;

/// Kinds that select Pods of their namespace by labels.
const SELECTING: &[&str] = &[
    "Service",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "cilium.io/CiliumNetworkPolicy",
    "security.istio.io/AuthorizationPolicy",
    "security.istio.io/PeerAuthentication",
    "security.istio.io/RequestAuthentication",
];

/// Workloads by the labels of their Pods, and what selects them by the labels it asks for. A label is looked up by the
/// hash of its namespace, key and value; what is found is compared in full.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    /// By namespace, every workload that is judged.
    workloads: HashMap<String, Vec<ObjectId>>,
    by_label: HashMap<u64, Vec<ObjectId>>,
    /// By kind and label: those that ask for this label, each under one of those it asks for.
    selecting: HashMap<(&'static str, u64), Vec<ObjectId>>,
    /// By kind and namespace: those that ask for no certain label.
    selecting_any: HashMap<(&'static str, String), Vec<ObjectId>>,
    /// How labels are hashed: so that nobody can foresee which ones have one hash.
    hasher: RandomState,
}

/// What an object asks for.
enum Wanted<'o> {
    /// Labels, as a Service has them.
    Labels(Node<'o>),
    /// A selector; `None` for one that is missing and then selects everything.
    Selector(Option<Node<'o>>),
    Nothing,
}

impl Selection {
    fn label_hash(&self, namespace: &str, key: &str, value: &str) -> u64 {
        self.hasher
            .hash_one((namespace_or_default(namespace), key, value))
    }

    pub(crate) fn new(objects: &[Object], judged: &[ObjectId], index: &Index) -> Selection {
        let mut selection = Selection::default();
        for id in judged {
            let object = &objects[id.0 as usize];
            if object.pod_template_path().is_none() {
                continue;
            }
            let namespace = namespace_or_default(object.namespace());
            selection
                .workloads
                .entry(namespace.to_owned())
                .or_default()
                .push(*id);
            for (key, value) in label_pairs(pod_template(object)) {
                let hash = selection.label_hash(namespace, key, value);
                selection.by_label.entry(hash).or_default().push(*id);
            }
        }
        for kind in SELECTING {
            for id in index.all(kind) {
                let object = &objects[id.0 as usize];
                let namespace = namespace_or_default(object.namespace());
                let equalities = match wanted(object) {
                    Wanted::Nothing => continue,
                    Wanted::Labels(labels) => Some(labels),
                    Wanted::Selector(selector) => {
                        selector.and_then(|selector| selector.get_name("matchLabels"))
                    }
                };
                let first = equalities.and_then(|labels| {
                    let (key, value) = labels.entries().next()?;
                    Some((key, value.as_str()?))
                });
                match first {
                    Some((key, value)) => {
                        let hash = selection.label_hash(namespace, key, value);
                        selection
                            .selecting
                            .entry((*kind, hash))
                            .or_default()
                            .push(*id);
                    }
                    None => selection
                        .selecting_any
                        .entry((*kind, namespace.to_owned()))
                        .or_default()
                        .push(*id),
                }
            }
        }
        selection
    }

    /// Every workload of a namespace.
    pub(crate) fn workloads(&self, namespace: &str) -> &[ObjectId] {
        self.workloads
            .get(namespace_or_default(namespace))
            .map_or(&[], Vec::as_slice)
    }

    /// Every workload, namespace by namespace in the order of their names.
    pub(crate) fn all_workloads(&self) -> Vec<ObjectId> {
        let mut all: Vec<ObjectId> = self.workloads.values().flatten().copied().collect();
        all.sort_unstable();
        all
    }

    /// The workloads whose Pods an object selects.
    pub(crate) fn selected(&self, objects: &[Object], by: &Object) -> Vec<ObjectId> {
        let wanted = wanted(by);
        let equalities = match &wanted {
            Wanted::Nothing => return Vec::new(),
            Wanted::Labels(labels) => Some(*labels),
            Wanted::Selector(selector) => {
                selector.and_then(|selector| selector.get_name("matchLabels"))
            }
        };
        let rarest = equalities
            .into_iter()
            .flat_map(Node::entries)
            .map(|(key, value)| {
                let hash = self.label_hash(by.namespace(), key, value.as_str().unwrap_or_default());
                self.by_label.get(&hash).map_or(&[][..], Vec::as_slice)
            })
            .min_by_key(|candidates| candidates.len());
        let candidates = rarest.unwrap_or_else(|| self.workloads(by.namespace()));
        candidates
            .iter()
            .copied()
            .filter(|id| wanted.selects(&objects[id.0 as usize]))
            .filter(|id| {
                let workload = &objects[id.0 as usize];
                namespace_or_default(workload.namespace()) == namespace_or_default(by.namespace())
            })
            .collect()
    }

    /// The objects of a kind that select the Pods of a workload.
    pub(crate) fn selecting(
        &self,
        objects: &[Object],
        workload: &Object,
        kind: &str,
    ) -> Vec<ObjectId> {
        let Some(kind) = SELECTING.iter().find(|known| **known == kind) else {
            return Vec::new();
        };
        let namespace = namespace_or_default(workload.namespace());
        let mut found: Vec<ObjectId> = Vec::new();
        for (key, value) in label_pairs(pod_template(workload)) {
            let hash = self.label_hash(namespace, key, value);
            found.extend(self.selecting.get(&(*kind, hash)).into_iter().flatten());
        }
        let any = self.selecting_any.get(&(*kind, namespace.to_owned()));
        found.extend(any.into_iter().flatten());
        found.retain(|id| {
            let object = &objects[id.0 as usize];
            namespace_or_default(object.namespace()) == namespace
                && wanted(object).selects(workload)
        });
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Wanted<'_> {
    fn selects(&self, workload: &Object) -> bool {
        let Some(pod) = pod_template(workload) else {
            return false;
        };
        let label = labels(pod);
        match self {
            Wanted::Labels(wanted) => has_all(*wanted, &label),
            Wanted::Selector(Some(selector)) => selects(*selector, &label),
            Wanted::Selector(None) => true,
            Wanted::Nothing => false,
        }
    }
}

fn label_pairs(pod: Option<Node<'_>>) -> impl Iterator<Item = (&str, &str)> {
    pod.and_then(|pod| pod.get_name("metadata")?.get_name("labels"))
        .into_iter()
        .flat_map(Node::entries)
        .filter_map(|(key, value)| Some((key, value.as_str()?)))
}

fn wanted(object: &Object) -> Wanted<'_> {
    let spec = object.root().get_name("spec");
    let field = |name: &str| spec.and_then(|spec| spec.get_name(name));
    match (object.group(), object.kind()) {
        ("", "Service") => field("selector")
            .filter(|labels| !labels.is_empty())
            .map_or(Wanted::Nothing, Wanted::Labels),
        (_, "NetworkPolicy") => Wanted::Selector(field("podSelector")),
        // Policy v1: an empty selector selects every Pod, a missing one none; v1beta1: an empty one none.
        (_, "PodDisruptionBudget") => match field("selector") {
            Some(selector) if object.api_version() == "policy/v1" || !selector.is_empty() => {
                Wanted::Selector(Some(selector))
            }
            _ => Wanted::Nothing,
        },
        ("cilium.io", _) => match field("endpointSelector") {
            Some(selector) => Wanted::Selector(Some(selector)),
            None => Wanted::Nothing,
        },
        ("security.istio.io", _) => Wanted::Selector(field("selector")),
        _ => Wanted::Nothing,
    }
}
