//! Which components the objects of an inventory run, and of which nodes there are facts.
//!
//! Facts of a node are an object of kind `NodeFacts`, which `plimsoll node` makes. What a Pod runs is known by the
//! program of its containers.

use std::collections::{HashMap, HashSet};

use plimsoll_document::{Key, Node};

use crate::command_line::CommandLine;
use crate::component::Component;
use crate::inventory::Inventory;
use crate::object::{Object, ObjectId};
use crate::pod_template::{containers, pod_template};

/// The group of facts of nodes.
pub const NODE_FACTS_GROUP: &str = "node.plimsoll.dev";

/// The kind of facts of nodes.
pub const NODE_FACTS_KIND: &str = "NodeFacts";

/// The namespace in which components run that run in Pods.
const COMPONENT_NAMESPACE: &str = "kube-system";

/// Labels of nodes of the control plane; the second is that of Kubernetes before 1.24.
const CONTROL_PLANE_LABELS: [&str; 2] = [
    "node-role.kubernetes.io/control-plane",
    "node-role.kubernetes.io/master",
];

/// A component that an object runs: an entry of node facts, or a container.
#[derive(Debug, Clone)]
pub struct RunningComponent<'o> {
    /// Which.
    pub component: Component,
    /// The entry, or the container.
    pub node: Node<'o>,
    /// What its command line sets.
    pub command_line: CommandLine<'o>,
}

/// What the objects of an inventory run.
#[derive(Debug, Default)]
pub(crate) struct NodeComponents {
    /// Those that run a component, and all node facts, by number.
    hosts: Vec<ObjectId>,
    /// All that any of them runs.
    running: HashSet<Component>,
    /// By the name of a node of which there are facts: the components that they tell of.
    facts: HashMap<String, HashSet<Component>>,
    /// By component, the nodes on which a Pod is that runs it.
    pods: HashMap<Component, HashSet<String>>,
    /// Components that a DaemonSet brings to nodes.
    daemon_sets: HashSet<Component>,
    control_plane_nodes: usize,
}

impl NodeComponents {
    pub(crate) fn new(inventory: &Inventory) -> NodeComponents {
        let mut all = NodeComponents::default();
        for (at, object) in inventory.objects().iter().enumerate() {
            let id = ObjectId(at as u32);
            match object.kind() {
                kind @ ("Pod" | "DaemonSet") if can_run_components(object.group(), kind) => {
                    all.add_pod(id, object);
                }
                _ if is_node_facts(object) => all.add_facts(id, object),
                _ => {}
            }
        }
        all.control_plane_nodes = inventory
            .nodes()
            .iter()
            .filter(|id| is_control_plane_node(inventory.object(**id)))
            .count();
        all
    }

    /// There are many Pods and few that run a component: most are told by their namespace.
    fn add_pod(&mut self, id: ObjectId, object: &Object) {
        if !matches!(object.namespace(), COMPONENT_NAMESPACE | "") {
            return;
        }
        let Some(pod) = pod_template(object) else {
            return;
        };
        let components: Vec<Component> = containers(pod)
            .filter_map(Component::of_container)
            .collect();
        if components.is_empty() {
            return;
        }
        for component in &components {
            if object.kind() == "DaemonSet" {
                self.daemon_sets.insert(*component);
            }
            let nodes = self.pods.entry(*component).or_default();
            nodes.insert(node_name(object).to_owned());
        }
        self.running.extend(components);
        self.hosts.push(id);
    }

    fn add_facts(&mut self, id: ObjectId, object: &Object) {
        // What could not be read of a component, a Pod may still tell.
        let told = entries(object)
            .filter(|(_, entry)| unread(*entry).is_none())
            .map(|(component, _)| component);
        let of_node = self.facts.entry(object.name().to_owned()).or_default();
        of_node.extend(told);
        self.running
            .extend(entries(object).map(|(component, _)| component));
        self.hosts.push(id);
    }
}

/// Questions about components and the facts of nodes.
impl Inventory {
    /// The components that an object runs: those of node facts, or of a Pod or DaemonSet that runs some, in their
    /// order. None for a component that the facts of the same node tell of: it is the same process.
    pub fn components_of<'o>(
        &'o self,
        id: ObjectId,
        object: &'o Object,
    ) -> Vec<RunningComponent<'o>> {
        let all = self.node_components();
        if all.hosts.binary_search(&id).is_err() {
            return Vec::new();
        }
        let running = |(component, node)| RunningComponent {
            component,
            node,
            command_line: CommandLine::read(component, node),
        };
        if is_node_facts(object) {
            return entries(object).map(running).collect();
        }
        let is_told_by_facts = |component: Component| {
            let has_facts = |name: &str| {
                let facts = all.facts.get(name);
                facts.is_some_and(|told| told.contains(&component))
            };
            if object.kind() != "DaemonSet" {
                return has_facts(node_name(object));
            }
            // Its Pods are on many nodes: the facts of all of them are needed to do without it.
            let mut nodes = self.nodes().iter().map(|id| self.object(*id).name());
            nodes.all(has_facts) && all.facts.values().any(|told| told.contains(&component))
        };
        pod_template(object)
            .into_iter()
            .flat_map(containers)
            .filter_map(|container| Some((Component::of_container(container)?, container)))
            .filter(|(component, _)| !is_told_by_facts(*component))
            .map(running)
            .collect()
    }

    /// Whether there are facts of any node.
    pub fn has_node_facts(&self) -> bool {
        !self.node_components().facts.is_empty()
    }

    /// Whether there are facts of the node of this name.
    pub fn has_facts_of(&self, node: &str) -> bool {
        self.node_components().facts.contains_key(node)
    }

    /// Whether any object runs a component.
    pub fn runs(&self, component: Component) -> bool {
        self.node_components().running.contains(&component)
    }

    /// Whether a Pod that is there runs a component on a node; where a DaemonSet brings it, on any.
    pub fn has_pod_on(&self, node: &str, component: Component) -> bool {
        let all = self.node_components();
        all.daemon_sets.contains(&component)
            || all
                .pods
                .get(&component)
                .is_some_and(|nodes| nodes.contains(node))
    }

    /// Whether a node that is there says that it is of the control plane.
    pub fn has_control_plane_node(&self) -> bool {
        self.node_components().control_plane_nodes > 0
    }
}

/// Whether objects of a kind can run components, or are the facts of a node that does.
pub fn can_run_components(group: &str, kind: &str) -> bool {
    matches!(
        (group, kind),
        ("", "Pod") | ("apps", "DaemonSet") | (NODE_FACTS_GROUP, NODE_FACTS_KIND)
    )
}

/// Whether an object is the facts of a node.
pub fn is_node_facts(object: &Object) -> bool {
    object.kind() == NODE_FACTS_KIND && object.group() == NODE_FACTS_GROUP
}

/// Whether a Node says that it is of the control plane.
pub fn is_control_plane_node(node: &Object) -> bool {
    let labels = node
        .root()
        .get_name("metadata")
        .and_then(|metadata| metadata.get_name("labels"));
    labels.is_some_and(|labels| {
        CONTROL_PLANE_LABELS
            .iter()
            .any(|label| labels.get(&Key::new(label)).is_some())
    })
}

/// Why a part of node facts, a component or a file of them could not be read.
pub fn unread(part: Node<'_>) -> Option<&str> {
    part.get_name("unread")?.as_str()
}

/// The parts of node facts, or of a component of them, that could not be read as a whole: their names, and why.
pub fn unread_parts(list: Option<Node<'_>>) -> impl Iterator<Item = (&str, &str)> {
    list.into_iter()
        .flat_map(Node::children)
        .filter_map(|part| {
            let text = |key: &str| part.get_name(key).and_then(Node::as_str);
            Some((
                text("part")?,
                text("reason").unwrap_or("no reason is given"),
            ))
        })
}

fn entries(facts: &Object) -> impl Iterator<Item = (Component, Node<'_>)> {
    facts
        .root()
        .get_name("spec")
        .and_then(|spec| spec.get_name("components"))
        .into_iter()
        .flat_map(Node::children)
        .filter_map(|entry| {
            let name = entry.get_name("name").and_then(Node::as_str)?;
            Some((Component::parse(name)?, entry))
        })
}

fn node_name(pod: &Object) -> &str {
    pod.root()
        .get_name("spec")
        .and_then(|spec| spec.get_name("nodeName"))
        .and_then(Node::as_str)
        .unwrap_or_default()
}
