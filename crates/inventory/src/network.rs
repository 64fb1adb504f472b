//! Who can reach whom under the `NetworkPolicies` of the cluster.

use std::net::IpAddr;

use plimsoll_document::Node;

use crate::index::{Index, namespace_or_default};
use crate::label_selector::{labels, selects};
use crate::object::{Object, ObjectId};
use crate::pod_template::pod_template;
use crate::selection::Selection;

/// The way that traffic goes, as seen from the Pod that a policy selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the Pod.
    Ingress,
    /// From the Pod.
    Egress,
}

/// Whether traffic passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// No policy lets it.
    Denied,
    /// It depends on what is not known: addresses of Pods, labels of a namespace that is not there.
    Unknown,
    /// On some port at least.
    Allowed,
}

/// A policy's word for a direction, in the field `policyTypes`.
fn policy_type(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "Ingress",
        Direction::Egress => "Egress",
    }
}

/// Whether a policy says anything of a direction (K8s API: `NetworkPolicySpec.policyTypes`: by default Ingress, and
/// Egress where the policy has rules for it).
pub(crate) fn covers(policy: &Object, direction: Direction) -> bool {
    let Some(spec) = policy.root().get_name("spec") else {
        return direction == Direction::Ingress;
    };
    match spec
        .get_name("policyTypes")
        .filter(|types| !types.is_empty())
    {
        Some(types) => types
            .children()
            .any(|listed| listed.as_str() == Some(policy_type(direction))),
        None => {
            direction == Direction::Ingress
                || spec
                    .get_name("egress")
                    .is_some_and(|rules| !rules.is_empty())
        }
    }
}

/// The rules of a policy for a direction.
pub(crate) fn rules(policy: &Object, direction: Direction) -> impl Iterator<Item = Node<'_>> {
    let field = match direction {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    };
    policy
        .root()
        .get_name("spec")
        .and_then(|spec| spec.get_name(field))
        .into_iter()
        .flat_map(Node::children)
}

/// Everything that decides about reach.
pub(crate) struct Network<'i> {
    pub(crate) objects: &'i [Object],
    pub(crate) index: &'i Index,
    pub(crate) selection: &'i Selection,
}

impl<'i> Network<'i> {
    fn object(&self, id: ObjectId) -> &'i Object {
        &self.objects[id.0 as usize]
    }

    /// The policies that select a workload's Pods for a direction. A Pod with any is isolated in it.
    pub(crate) fn policies(&self, workload: &Object, direction: Direction) -> Vec<&'i Object> {
        self.selection
            .selecting(self.objects, workload, "NetworkPolicy")
            .into_iter()
            .map(|id| self.object(id))
            .filter(|policy| covers(policy, direction))
            .collect()
    }

    /// Whether Pods of one workload can open a connection to Pods of another, on any port.
    pub(crate) fn reach(&self, from: &Object, to: &Object) -> Reach {
        // Policies do not hold Pods in the network of their node, and see their traffic as the node's.
        if uses_host_network(from) || uses_host_network(to) {
            return Reach::Unknown;
        }
        let side = |selected: &Object, other: &Object, direction| {
            let policies = self.policies(selected, direction);
            if policies.is_empty() {
                return Reach::Allowed;
            }
            policies
                .iter()
                .flat_map(|policy| rules(policy, direction).map(move |rule| (policy, rule)))
                .map(|(policy, rule)| self.rule_admits(policy, rule, direction, other))
                .max()
                .unwrap_or(Reach::Denied)
        };
        side(from, to, Direction::Egress).min(side(to, from, Direction::Ingress))
    }

    fn rule_admits(
        &self,
        policy: &Object,
        rule: Node<'_>,
        direction: Direction,
        other: &Object,
    ) -> Reach {
        let field = match direction {
            Direction::Ingress => "from",
            Direction::Egress => "to",
        };
        let Some(peers) = rule.get_name(field).filter(|peers| !peers.is_empty()) else {
            return Reach::Allowed;
        };
        peers
            .children()
            .map(|peer| self.peer_is(policy, peer, other))
            .max()
            .unwrap_or(Reach::Denied)
    }

    /// Whether a peer of a rule is a workload's Pods.
    fn peer_is(&self, policy: &Object, peer: Node<'_>, other: &Object) -> Reach {
        if let Some(block) = peer.get_name("ipBlock") {
            // The addresses of Pods are the network's to give. Everything includes them.
            let everything = block
                .get_name("cidr")
                .and_then(Node::as_str)
                .is_some_and(is_everything);
            let without = block
                .get_name("except")
                .is_some_and(|except| !except.is_empty());
            return if everything && !without {
                Reach::Allowed
            } else {
                Reach::Unknown
            };
        }
        let namespace = if let Some(selector) = peer.get_name("namespaceSelector") {
            self.namespace_matches(selector, other.namespace())
        } else {
            let same =
                namespace_or_default(policy.namespace()) == namespace_or_default(other.namespace());
            if same { Reach::Allowed } else { Reach::Denied }
        };
        let pods = match (peer.get_name("podSelector"), pod_template(other)) {
            (Some(selector), Some(pod)) => {
                if selects(selector, &labels(pod)) {
                    Reach::Allowed
                } else {
                    Reach::Denied
                }
            }
            // A peer that selects nothing at all is refused by the API server.
            (None, _) if peer.get_name("namespaceSelector").is_none() => Reach::Denied,
            _ => Reach::Allowed,
        };
        namespace.min(pods)
    }

    fn namespace_matches(&self, selector: Node<'_>, namespace: &str) -> Reach {
        let name = namespace_or_default(namespace);
        let found = self.index.find("Namespace", "", name, self.objects);
        let object = found.map(|id| self.object(id));
        // Every namespace has its name as a label (K8s: `kubernetes.io/metadata.name`).
        let label = |key: &str| {
            if key == "kubernetes.io/metadata.name" {
                return Some(name);
            }
            labels(object?.root())(key)
        };
        let asks_for_more = || {
            let keys = selector
                .get_name("matchLabels")
                .into_iter()
                .flat_map(Node::entries)
                .map(|(key, _)| Some(key));
            let expressions = selector
                .get_name("matchExpressions")
                .into_iter()
                .flat_map(Node::children)
                .map(|expression| expression.get_name("key").and_then(Node::as_str));
            keys.chain(expressions)
                .any(|key| key != Some("kubernetes.io/metadata.name"))
        };
        if object.is_none() && asks_for_more() {
            return Reach::Unknown;
        }
        if selects(selector, &label) {
            Reach::Allowed
        } else {
            Reach::Denied
        }
    }

    /// Whether a policy of a namespace selects all its Pods for a direction and lets nothing through.
    pub(crate) fn denies_by_default(&self, namespace: &str, direction: Direction) -> bool {
        self.index
            .in_namespace("NetworkPolicy", namespace)
            .iter()
            .map(|id| self.object(*id))
            .any(|policy| {
                let selects_all = policy
                    .root()
                    .get_name("spec")
                    .and_then(|spec| spec.get_name("podSelector"))
                    .is_none_or(|selector| {
                        selector
                            .entries()
                            .all(|(_, requirement)| requirement.is_empty())
                    });
                selects_all
                    && covers(policy, direction)
                    && rules(policy, direction).next().is_none()
            })
    }
}

fn uses_host_network(workload: &Object) -> bool {
    pod_template(workload)
        .and_then(|pod| pod.get_name("spec")?.get_name("hostNetwork")?.as_bool())
        .unwrap_or(false)
}

/// Whether a block is every address of its family.
fn is_everything(cidr: &str) -> bool {
    cidr.split_once('/')
        .is_some_and(|(address, length)| address.parse::<IpAddr>().is_ok() && length == "0")
}
