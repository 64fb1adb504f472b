//! Who reaches whom, against a brute-force oracle: random policies over a small world. Where something is not known
//! the oracle tries every world that there could be, and an answer must hold in all of them.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod list;

use plimsoll_inventory::{Inventory, Object, Reach};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

const NAMESPACES: [&str; 3] = ["one", "two", "far"];
const APPS: [&str; 3] = ["web", "db", "job"];

/// What a selector of a test world asks of a label: nothing, one of these values, none of these, presence, absence.
#[derive(Debug, Clone)]
enum Ask {
    Everything,
    Equal(&'static str),
    In(Vec<&'static str>),
    NotIn(Vec<&'static str>),
    Exists,
    DoesNotExist,
}

#[derive(Debug, Clone)]
struct Peer {
    namespaces: Option<Ask>,
    pods: Option<Ask>,
    /// A block of addresses; whether a Pod is in it is not known.
    block: Option<&'static str>,
}

#[derive(Debug, Clone)]
struct Policy {
    namespace: &'static str,
    selects: Ask,
    types: Option<Vec<&'static str>>,
    ingress: Option<Vec<Vec<Peer>>>,
    egress: Option<Vec<Vec<Peer>>>,
}

fn ask(values: &'static [&'static str]) -> impl Strategy<Value = Ask> {
    prop_oneof![
        Just(Ask::Everything),
        select(values).prop_map(Ask::Equal),
        subsequence(values, 0..3).prop_map(Ask::In),
        subsequence(values, 0..3).prop_map(Ask::NotIn),
        Just(Ask::Exists),
        Just(Ask::DoesNotExist),
    ]
}

const TEAMS: &[&str] = &["red", "blue"];

fn peer(blocks: bool) -> impl Strategy<Value = Peer> {
    let block = if blocks { 6 } else { 5 };
    (0..block, ask(TEAMS), ask(&APPS)).prop_map(|(kind, namespaces, pods)| match kind {
        0 | 1 => Peer {
            namespaces: None,
            pods: Some(pods),
            block: None,
        },
        2 | 3 => Peer {
            namespaces: Some(namespaces),
            pods: Some(pods),
            block: None,
        },
        4 => Peer {
            namespaces: Some(namespaces),
            pods: None,
            block: None,
        },
        _ => Peer {
            namespaces: None,
            pods: None,
            block: Some("10.1.0.0/16"),
        },
    })
}

fn rules(blocks: bool) -> impl Strategy<Value = Option<Vec<Vec<Peer>>>> {
    prop::option::of(prop::collection::vec(
        prop::collection::vec(peer(blocks), 0..3),
        0..3,
    ))
}

fn policy(blocks: bool) -> impl Strategy<Value = Policy> {
    (
        select(&NAMESPACES[..]),
        ask(&APPS),
        prop::option::of(subsequence(&["Ingress", "Egress"][..], 0..3)),
        rules(blocks),
        rules(blocks),
    )
        .prop_map(|(namespace, selects, types, ingress, egress)| Policy {
            namespace,
            selects,
            types,
            ingress,
            egress,
        })
}

fn selector(ask: &Ask, key: &str) -> Value {
    let expression = |operator: &str, values: &[&str]| json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]});
    match ask {
        Ask::Everything => json!({}),
        Ask::Equal(value) => json!({"matchLabels": {key: value}}),
        Ask::In(values) => expression("In", values),
        Ask::NotIn(values) => expression("NotIn", values),
        Ask::Exists => expression("Exists", &[]),
        Ask::DoesNotExist => expression("DoesNotExist", &[]),
    }
}

fn asks(ask: &Ask, value: Option<&str>) -> bool {
    match ask {
        Ask::Everything => true,
        Ask::Equal(wanted) => value == Some(wanted),
        Ask::In(values) => value.is_some_and(|value| values.contains(&value)),
        Ask::NotIn(values) => value.is_none_or(|value| !values.contains(&value)),
        Ask::Exists => value.is_some(),
        Ask::DoesNotExist => value.is_none(),
    }
}

fn inventory(policies: &[Policy], with_far: bool) -> Inventory {
    let mut items = Vec::new();
    for namespace in NAMESPACES {
        let mut labels = json!({});
        if let Some(team) = team(namespace, None) {
            labels["team"] = json!(team);
        }
        if namespace != "far" || with_far {
            items.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}}));
        }
        for app in APPS {
            items.push(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": app, "namespace": namespace, "labels": {"app": app}}, "spec": {"containers": []}}));
        }
    }
    for (at, policy) in policies.iter().enumerate() {
        let rules = |rules: &Option<Vec<Vec<Peer>>>, field: &str| {
            rules.as_ref().map(|rules| {
                rules
                    .iter()
                    .map(|peers| {
                        let peers: Vec<Value> = peers
                            .iter()
                            .map(|peer| {
                                let mut value = json!({});
                                if let Some(ask) = &peer.namespaces {
                                    value["namespaceSelector"] = selector(ask, "team");
                                }
                                if let Some(ask) = &peer.pods {
                                    value["podSelector"] = selector(ask, "app");
                                }
                                if let Some(block) = peer.block {
                                    value["ipBlock"] = json!({"cidr": block});
                                }
                                value
                            })
                            .collect();
                        json!({field: peers})
                    })
                    .collect::<Vec<Value>>()
            })
        };
        let mut spec = json!({"podSelector": selector(&policy.selects, "app")});
        if let Some(types) = &policy.types {
            spec["policyTypes"] = json!(types);
        }
        if let Some(ingress) = rules(&policy.ingress, "from") {
            spec["ingress"] = json!(ingress);
        }
        if let Some(egress) = rules(&policy.egress, "to") {
            spec["egress"] = json!(egress);
        }
        items.push(json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": format!("p{at}"), "namespace": policy.namespace}, "spec": spec}));
    }
    list::inventory(&items)
}

/// The team of a namespace. That of `far` is what a world says, where its object is missing.
fn team(namespace: &str, world: Option<Option<&'static str>>) -> Option<&'static str> {
    match (namespace, world) {
        ("far", Some(team)) => team,
        ("one", _) => Some("red"),
        ("two", _) => Some("blue"),
        _ => None,
    }
}

type Pod = (&'static str, &'static str);

fn passes(
    policies: &[Policy],
    selected: Pod,
    other: Pod,
    ingress: bool,
    world: (Option<Option<&'static str>>, bool),
) -> bool {
    let mut isolated = false;
    for policy in policies {
        let rules = if ingress {
            &policy.ingress
        } else {
            &policy.egress
        };
        let covers = match policy.types.as_deref() {
            Some(types) if !types.is_empty() => {
                types.contains(&if ingress { "Ingress" } else { "Egress" })
            }
            _ => {
                ingress
                    || policy
                        .egress
                        .as_ref()
                        .is_some_and(|rules| !rules.is_empty())
            }
        };
        if policy.namespace != selected.0 || !covers || !asks(&policy.selects, Some(selected.1)) {
            continue;
        }
        isolated = true;
        for peers in rules.iter().flatten() {
            let lets = peers.is_empty()
                || peers.iter().any(|peer| {
                    if peer.block.is_some() {
                        return world.1;
                    }
                    let namespace = match &peer.namespaces {
                        Some(ask) => asks(ask, team(other.0, world.0)),
                        None => other.0 == policy.namespace,
                    };
                    namespace
                        && peer
                            .pods
                            .as_ref()
                            .is_none_or(|ask| asks(ask, Some(other.1)))
                });
            if lets {
                return true;
            }
        }
    }
    !isolated
}

fn pod(inventory: &Inventory, at: Pod) -> &Object {
    let id = inventory
        .find("Pod", at.0, at.1)
        .expect("every Pod is there");
    inventory.object(id)
}

fn every_pair() -> impl Iterator<Item = (Pod, Pod)> {
    let pods = NAMESPACES
        .into_iter()
        .flat_map(|namespace| APPS.into_iter().map(move |app| (namespace, app)));
    let pods: Vec<Pod> = pods.collect();
    let others = pods.clone();
    pods.into_iter()
        .flat_map(move |from| others.clone().into_iter().map(move |to| (from, to)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn what_is_known_is_answered_exactly(policies in prop::collection::vec(policy(false), 0..4)) {
        let inventory = inventory(&policies, true);
        for (from, to) in every_pair().step_by(7) {
            let passes = passes(&policies, from, to, false, (None, false)) && passes(&policies, to, from, true, (None, false));
            let wanted = if passes { Reach::Allowed } else { Reach::Denied };
            prop_assert_eq!(inventory.reach(pod(&inventory, from), pod(&inventory, to)), wanted, "{:?} to {:?}", from, to);
        }
    }

    #[test]
    fn an_answer_holds_in_every_world(policies in prop::collection::vec(policy(true), 0..4)) {
        let inventory = inventory(&policies, false);
        for (from, to) in every_pair().step_by(7) {
            let answer = inventory.reach(pod(&inventory, from), pod(&inventory, to));
            let mut outcomes = Vec::new();
            for far in [None, Some("red"), Some("blue"), Some("green")] {
                for (out, into) in [(false, false), (false, true), (true, false), (true, true)] {
                    outcomes.push(
                        passes(&policies, from, to, false, (Some(far), out)) && passes(&policies, to, from, true, (Some(far), into)),
                    );
                }
            }
            match answer {
                Reach::Allowed => prop_assert!(outcomes.iter().all(|passes| *passes), "{:?} to {:?}", from, to),
                Reach::Denied => prop_assert!(outcomes.iter().all(|passes| !*passes), "{:?} to {:?}", from, to),
                Reach::Unknown => {}
            }
        }
    }
}
