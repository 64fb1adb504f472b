//! How the objects of an inventory hang together. Everything is indexed once: no question looks at all objects.

use foldhash::HashMap;

use plimsoll_document::Node;

use crate::exposure::Exposure;
use crate::index::Index;
use crate::inventory::Inventory;
use crate::network::{Direction, Network, Reach};
use crate::object::{Object, ObjectId};
use crate::rbac::{Rbac, ResourceRequest, Subject, allows, allows_path};
use crate::references::References;
use crate::selection::Selection;
use crate::service_account;

/// The indexes.
#[derive(Debug)]
pub(crate) struct Indexes {
    pub(crate) index: Index,
    pub(crate) selection: Selection,
    pub(crate) references: References,
    pub(crate) exposure: Exposure,
    pub(crate) rbac: Rbac,
    /// Objects by the address of the node they stand at.
    by_root: HashMap<usize, ObjectId>,
}

impl Indexes {
    pub(crate) fn new(inventory: &Inventory) -> Indexes {
        let objects = inventory.objects();
        let judged: Vec<ObjectId> = inventory.judged().map(|(id, _)| id).collect();
        let index = Index::new(objects, inventory.threads());
        // What does not build on each other is built at the same time.
        let ((by_root, rbac), (selection, references, exposure)) = inventory.threads().both(
            || {
                let places = objects.iter().zip(0..);
                let by_root = places
                    .map(|(object, at)| (object.root().address(), ObjectId(at)))
                    .collect();
                (by_root, Rbac::new(objects, &index))
            },
            || {
                let selection = Selection::new(objects, &judged, &index);
                let references = References::new(objects, &selection.all_workloads());
                let exposure = Exposure::new(objects, &index);
                (selection, references, exposure)
            },
        );
        Indexes {
            index,
            selection,
            references,
            exposure,
            rbac,
            by_root,
        }
    }
}

/// Questions about objects and those around them.
impl Inventory {
    /// The object that stands at a node.
    pub fn object_at(&self, node: Node<'_>) -> Option<ObjectId> {
        self.indexes().by_root.get(&node.address()).copied()
    }

    /// An object by its number.
    pub fn object(&self, id: ObjectId) -> &Object {
        &self.objects()[id.0 as usize]
    }

    /// All objects of a kind: `Kind` for one of Kubernetes' own, `group/Kind` for any.
    pub fn all(&self, kind: &str) -> &[ObjectId] {
        self.indexes().index.all(kind)
    }

    /// All objects of a kind in a namespace; an object that states none is in `default`.
    pub fn in_namespace(&self, kind: &str, namespace: &str) -> &[ObjectId] {
        self.indexes().index.in_namespace(kind, namespace)
    }

    /// The object of this kind, namespace and name.
    pub fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<ObjectId> {
        let index = &self.indexes().index;
        index.find(kind, namespace, name, self.objects())
    }

    /// Whether this is a whole cluster and not some of its manifests: its nodes are there.
    pub fn is_whole_cluster(&self) -> bool {
        !self.nodes().is_empty()
    }

    /// Every workload that is judged.
    pub fn workloads(&self) -> Vec<ObjectId> {
        self.indexes().selection.all_workloads()
    }

    /// Every workload of a namespace that is judged.
    pub fn workloads_in(&self, namespace: &str) -> &[ObjectId] {
        self.indexes().selection.workloads(namespace)
    }

    /// The workloads that an object is about: those whose Pods it selects, those that use it, those it sends to, those
    /// in it.
    pub fn workloads_of(&self, object: &Object) -> Vec<ObjectId> {
        let indexes = self.indexes();
        match object.kind() {
            "Namespace" => self.workloads_in(object.name()).to_vec(),
            "Secret" | "ConfigMap" | "PersistentVolumeClaim" | "ServiceAccount" => indexes
                .references
                .users(object.kind(), object.namespace(), object.name())
                .to_vec(),
            "Ingress" | "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute" | "UDPRoute" => {
                let mut found: Vec<ObjectId> = crate::exposure::backends(object)
                    .into_iter()
                    .filter_map(|(namespace, name)| self.find("Service", &namespace, name))
                    .flat_map(|service| self.workloads_of(self.object(service)))
                    .collect();
                found.sort_unstable();
                found.dedup();
                found
            }
            "HorizontalPodAutoscaler" => {
                let target = object
                    .root()
                    .get_name("spec")
                    .and_then(|spec| spec.get_name("scaleTargetRef"));
                let text = |key: &str| target?.get_name(key)?.as_str();
                let found = text("kind")
                    .zip(text("name"))
                    .and_then(|(kind, name)| self.find(kind, object.namespace(), name));
                found.into_iter().collect()
            }
            _ => indexes.selection.selected(self.objects(), object),
        }
    }

    /// The objects of a kind that select the Pods of a workload.
    pub fn selecting(&self, workload: &Object, kind: &str) -> Vec<ObjectId> {
        if kind == "HorizontalPodAutoscaler" {
            return self
                .in_namespace(kind, workload.namespace())
                .iter()
                .copied()
                .filter(|id| {
                    let target = self
                        .object(*id)
                        .root()
                        .get_name("spec")
                        .and_then(|spec| spec.get_name("scaleTargetRef"));
                    let text = |key: &str| target?.get_name(key)?.as_str();
                    text("kind") == Some(workload.kind()) && text("name") == Some(workload.name())
                })
                .collect();
        }
        self.indexes()
            .selection
            .selecting(self.objects(), workload, kind)
    }

    /// The service account as which the Pods of a workload run.
    pub fn service_account(&self, workload: &Object) -> Option<ObjectId> {
        service_account::service_account(workload, self.objects(), &self.indexes().index)
    }

    /// Whether Pods of a workload get a token of their service account.
    pub fn mounts_token(&self, workload: &Object) -> bool {
        service_account::mounts_token(workload, self.objects(), &self.indexes().index)
    }

    /// Services, Ingresses and routes that make a Service or workload reachable from outside of the cluster.
    pub fn exposed_by(&self, object: &Object) -> Vec<ObjectId> {
        let indexes = self.indexes();
        match (object.kind(), self.object_at(object.root())) {
            ("Service", Some(id)) => indexes.exposure.of_service(id, self.objects()),
            _ => indexes
                .exposure
                .of_workload(object, self.objects(), &indexes.selection),
        }
    }

    /// Whether a NetworkPolicy selects the Pods of a workload for a direction.
    pub fn is_isolated(&self, workload: &Object, direction: Direction) -> bool {
        !self.network().policies(workload, direction).is_empty()
    }

    /// Whether a policy of a namespace denies what no other one lets through.
    pub fn denies_by_default(&self, namespace: &str, direction: Direction) -> bool {
        self.network().denies_by_default(namespace, direction)
    }

    /// Whether Pods of one workload can open a connection to Pods of another.
    pub fn reach(&self, from: &Object, to: &Object) -> Reach {
        self.network().reach(from, to)
    }

    fn network(&self) -> Network<'_> {
        let indexes = self.indexes();
        Network {
            objects: self.objects(),
            index: &indexes.index,
            selection: &indexes.selection,
        }
    }

    /// The rules of a role, or those that a binding gives: those of the roles it is put together from, and of the
    /// roles of every API server where the inventory lacks them.
    pub fn rules_of(&self, object: &Object) -> impl Iterator<Item = Node<'_>> {
        let id = self.object_at(object.root());
        id.into_iter().flat_map(|id| self.rules_of_id(id))
    }

    /// The rules of a role, or that a binding gives, by its number.
    pub fn rules_of_id(&self, id: ObjectId) -> impl Iterator<Item = Node<'_>> {
        self.indexes().rbac.rules_of(id, self.objects())
    }

    /// The role that a binding gives, where it is in the inventory.
    pub fn role_of(&self, binding: &Object) -> Option<ObjectId> {
        crate::rbac::role_of(binding, self.objects(), &self.indexes().index)
    }

    /// The bindings that give a role.
    pub fn bindings_of(&self, role: ObjectId) -> &[ObjectId] {
        self.indexes().rbac.bindings_of(role)
    }

    /// The rules that a subject has in a namespace, or in the whole cluster where none is given.
    pub fn rules_for(
        &self,
        subject: &Subject,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = Node<'_>> {
        let grants = self.indexes().rbac.grants(subject);
        grants
            .into_iter()
            .filter(move |grant| {
                let of = self.object(grant.binding).namespace();
                !grant.namespaced
                    || namespace.is_some_and(|namespace| {
                        crate::index::namespace_or_default(namespace)
                            == crate::index::namespace_or_default(of)
                    })
            })
            .flat_map(|grant| self.rules_of_id(grant.binding))
    }

    /// Every binding that gives something to a subject, by itself or by a group it is in.
    pub fn bindings_for(&self, subject: &Subject) -> Vec<ObjectId> {
        let mut found: Vec<ObjectId> = self
            .indexes()
            .rbac
            .grants(subject)
            .into_iter()
            .map(|grant| grant.binding)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether a subject may do something in a namespace, or in the whole cluster where none is given.
    pub fn can(
        &self,
        subject: &Subject,
        request: ResourceRequest<'_>,
        namespace: Option<&str>,
    ) -> bool {
        is_master(subject)
            || self
                .rules_for(subject, namespace)
                .any(|rule| allows(rule, request))
    }

    /// Whether a subject may use a verb on a path that is no resource.
    pub fn can_path(&self, subject: &Subject, verb: &str, path: &str) -> bool {
        is_master(subject)
            || self
                .rules_for(subject, None)
                .any(|rule| allows_path(rule, verb, path))
    }
}

/// Whether a subject is beyond all roles (K8s: `system:masters` is authorized before RBAC is asked).
fn is_master(subject: &Subject) -> bool {
    matches!(subject, Subject::Group(name) if name == "system:masters")
}
