//! Who may do what (K8s: RBAC authorizer).
//!
//! - `rule` says what one rule of a role allows.
//! - [`Rbac`] knows which rules a subject has, where: roles by namespace, cluster roles put together from others,
//!   bindings, groups that every service account is in.

mod rule;

use foldhash::HashMap;
use std::sync::{Arc, LazyLock};

use plimsoll_document::{Format, Limits, Node, NodeId, Source, Tree, parse};

use crate::index::{Index, namespace_or_default};
use crate::label_selector::{labels, selects};
use crate::object::{Object, ObjectId};

pub use rule::ResourceRequest;
pub(crate) use rule::{allows, allows_path};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A person, by the name that the API server has for them.
    User(String),
    /// A group.
    Group(String),
    /// A service account: namespace and name.
    ServiceAccount(String, String),
}

/// A role that a binding gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grant {
    /// The `RoleBinding` or `ClusterRoleBinding`.
    pub(crate) binding: ObjectId,
    /// Whether it counts in its own namespace only.
    pub(crate) namespaced: bool,
}

/// Who has which role.
#[derive(Debug, Default)]
pub(crate) struct Rbac {
    by_subject: HashMap<Subject, Vec<Grant>>,
    /// By role: the bindings that give it.
    by_role: HashMap<ObjectId, Vec<ObjectId>>,
    /// By cluster role that is put together from others: those.
    parts: HashMap<ObjectId, Vec<ObjectId>>,
    /// By the name of a role of every API server: roles of the inventory that are put into it (K8s: the labels
    /// `rbac.authorization.k8s.io/aggregate-to-view` and the like).
    parts_of_defaults: HashMap<&'static str, Vec<ObjectId>>,
    /// By role and by binding: the number of its rules in `lists`.
    list_of: HashMap<ObjectId, u32>,
    lists: Vec<Vec<RuleAt>>,
}

/// Where a rule stands.
#[derive(Debug, Clone, Copy)]
enum RuleAt {
    /// In the tree of an object.
    Object(ObjectId, NodeId),
    /// In a role that every API server has.
    Default(NodeId),
}

/// Roles that every API server has.
static DEFAULT_ROLES: LazyLock<(Arc<Tree>, HashMap<String, NodeId>)> = LazyLock::new(|| {
    let text = include_str!("default_roles.yaml");
    let source = Arc::new(Source::new("default roles", text));
    let parsed = parse(&source, Format::Yaml, &Limits::default());
    let mut roles = HashMap::default();
    let root = parsed.documents.first().and_then(|document| document.root);
    let items = root.and_then(|root| parsed.tree.node(root).get_name("items"));
    for role in items.into_iter().flat_map(Node::children) {
        let name = role
            .get_name("metadata")
            .and_then(|metadata| metadata.get_name("name"))
            .and_then(Node::as_str);
        if let Some(name) = name {
            roles.insert(name.to_owned(), role.id());
        }
    }
    (Arc::clone(&parsed.tree), roles)
});

impl Rbac {
    pub(crate) fn new(objects: &[Object], index: &Index) -> Rbac {
        let mut rbac = Rbac::default();
        for id in index.all("ClusterRole") {
            rbac.add_parts(*id, objects, index);
            let label = labels(objects[id.0 as usize].root());
            // What is in `view` is in `edit`, and what is in that is in `admin`.
            let mut is_part = false;
            for name in ["view", "edit", "admin"] {
                let key = format!("rbac.authorization.k8s.io/aggregate-to-{name}");
                is_part |= label(&key) == Some("true");
                if is_part {
                    rbac.parts_of_defaults.entry(name).or_default().push(*id);
                }
            }
        }
        for (kind, namespaced) in [("ClusterRoleBinding", false), ("RoleBinding", true)] {
            for id in index.all(kind) {
                let binding = &objects[id.0 as usize];
                if let Some(role) = role_of(binding, objects, index) {
                    rbac.by_role.entry(role).or_default().push(*id);
                }
                let grant = Grant {
                    binding: *id,
                    namespaced,
                };
                for subject in subjects(binding) {
                    rbac.by_subject.entry(subject).or_default().push(grant);
                }
            }
        }
        rbac.add_rules(objects, index);
        rbac
    }

    fn add_parts(&mut self, id: ObjectId, objects: &[Object], index: &Index) {
        let selectors = |id: ObjectId| {
            objects[id.0 as usize]
                .root()
                .get_name("aggregationRule")?
                .get_name("clusterRoleSelectors")
        };
        if selectors(id).is_none() {
            return;
        }
        // Roles that are put together may be parts of others.
        let mut parts = Vec::new();
        let mut open = vec![id];
        let mut seen = vec![id];
        while let Some(here) = open.pop() {
            let Some(selectors) = selectors(here) else {
                parts.push(here);
                continue;
            };
            for candidate in index.all("ClusterRole") {
                let label = labels(objects[candidate.0 as usize].root());
                let is_part = selectors
                    .children()
                    .any(|selector| selects(selector, &label));
                if is_part && !seen.contains(candidate) {
                    seen.push(*candidate);
                    open.push(*candidate);
                }
            }
        }
        parts.sort_unstable();
        // Without any of its parts there, its own rules are what a cluster once made of them.
        if !parts.is_empty() {
            self.parts.insert(id, parts);
        }
    }

    /// The bindings that give a role.
    pub(crate) fn bindings_of(&self, role: ObjectId) -> &[ObjectId] {
        self.by_role.get(&role).map_or(&[], Vec::as_slice)
    }

    /// The rules of a role, or that a binding gives.
    pub(crate) fn rules_of<'o>(
        &'o self,
        id: ObjectId,
        objects: &'o [Object],
    ) -> impl Iterator<Item = Node<'o>> {
        let list = self
            .list_of
            .get(&id)
            .and_then(|list| self.lists.get(*list as usize));
        list.into_iter().flatten().map(|rule| match rule {
            RuleAt::Object(id, node) => objects[id.0 as usize].tree().node(*node),
            RuleAt::Default(node) => DEFAULT_ROLES.0.node(*node),
        })
    }

    /// Writes down the rules of every role, and which of them a binding gives: they are asked for again and again.
    fn add_rules(&mut self, objects: &[Object], index: &Index) {
        for kind in ["ClusterRole", "Role"] {
            for id in index.all(kind) {
                let own = [*id];
                let rules: Vec<RuleAt> = self
                    .parts
                    .get(id)
                    .map_or(&own[..], Vec::as_slice)
                    .iter()
                    .flat_map(|part| rules_at(*part, objects))
                    .collect();
                self.list_of.insert(*id, self.lists.len() as u32);
                self.lists.push(rules);
            }
        }
        let mut defaults: HashMap<&'static str, u32> = HashMap::default();
        for kind in ["ClusterRoleBinding", "RoleBinding"] {
            for id in index.all(kind) {
                let binding = &objects[id.0 as usize];
                let list = match role_of(binding, objects, index) {
                    Some(role) => self.list_of.get(&role).copied(),
                    None => default_role(binding).map(|(name, role)| {
                        *defaults.entry(name).or_insert_with(|| {
                            let own = rules(role).map(|rule| RuleAt::Default(rule.id()));
                            let parts = self.parts_of_defaults.get(name).into_iter().flatten();
                            let parts = parts.flat_map(|part| rules_at(*part, objects));
                            self.lists.push(own.chain(parts).collect());
                            self.lists.len() as u32 - 1
                        })
                    }),
                };
                if let Some(list) = list {
                    self.list_of.insert(*id, list);
                }
            }
        }
    }

    /// Every role that a subject has: its own, those of its groups, and those of the names under which it is known.
    pub(crate) fn grants(&self, subject: &Subject) -> Vec<Grant> {
        let mut known_as = vec![subject.clone()];
        let group = |name: &str| Subject::Group(name.to_owned());
        match subject {
            Subject::ServiceAccount(namespace, name) => {
                known_as.push(Subject::User(format!(
                    "system:serviceaccount:{namespace}:{name}"
                )));
                known_as.push(group("system:serviceaccounts"));
                known_as.push(group(&format!("system:serviceaccounts:{namespace}")));
                known_as.push(group("system:authenticated"));
            }
            Subject::User(name) if name == "system:anonymous" => {
                known_as.push(group("system:unauthenticated"));
            }
            Subject::User(name) => {
                known_as.push(group("system:authenticated"));
                let account = name
                    .strip_prefix("system:serviceaccount:")
                    .and_then(|rest| rest.split_once(':'));
                if let Some((namespace, name)) = account {
                    known_as.push(Subject::ServiceAccount(
                        namespace.to_owned(),
                        name.to_owned(),
                    ));
                    known_as.push(group("system:serviceaccounts"));
                    known_as.push(group(&format!("system:serviceaccounts:{namespace}")));
                }
            }
            Subject::Group(_) => {}
        }
        known_as
            .iter()
            .filter_map(|subject| self.by_subject.get(subject))
            .flatten()
            .copied()
            .collect()
    }
}

/// The role that a binding names, where it is in the inventory. A `ClusterRoleBinding` cannot name a Role.
pub(crate) fn role_of(binding: &Object, objects: &[Object], index: &Index) -> Option<ObjectId> {
    let reference = binding.root().get_name("roleRef")?;
    let name = reference.get_name("name")?.as_str()?;
    match reference.get_name("kind")?.as_str()? {
        "ClusterRole" => index.find("ClusterRole", "", name, objects),
        "Role" if binding.kind() == "RoleBinding" => {
            index.find("Role", binding.namespace(), name, objects)
        }
        _ => None,
    }
}

/// The role of every API server that a binding names.
fn default_role(binding: &Object) -> Option<(&'static str, Node<'static>)> {
    let reference = binding.root().get_name("roleRef")?;
    if reference.get_name("kind")?.as_str()? != "ClusterRole" {
        return None;
    }
    let (tree, roles): &'static (Arc<Tree>, HashMap<String, NodeId>) = &DEFAULT_ROLES;
    let (name, id) = roles.get_key_value(reference.get_name("name")?.as_str()?)?;
    Some((name, tree.node(*id)))
}

fn rules(role: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    role.get_name("rules").into_iter().flat_map(Node::children)
}

fn rules_at(role: ObjectId, objects: &[Object]) -> impl Iterator<Item = RuleAt> {
    rules(objects[role.0 as usize].root()).map(move |rule| RuleAt::Object(role, rule.id()))
}

/// The subjects of a binding.
fn subjects(binding: &Object) -> Vec<Subject> {
    binding
        .root()
        .get_name("subjects")
        .into_iter()
        .flat_map(Node::children)
        .filter_map(|subject| subject_of(subject, binding.namespace()))
        .collect()
}

/// A subject as bindings write it.
pub(crate) fn subject_of(node: Node<'_>, namespace: &str) -> Option<Subject> {
    let text = |key: &str| node.get_name(key).and_then(Node::as_str);
    let name = text("name")?.to_owned();
    Some(match text("kind")? {
        "User" => Subject::User(name),
        "Group" => Subject::Group(name),
        "ServiceAccount" => Subject::ServiceAccount(
            namespace_or_default(text("namespace").unwrap_or(namespace)).to_owned(),
            name,
        ),
        _ => return None,
    })
}
