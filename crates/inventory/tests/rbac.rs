//! Who may do what, against a brute-force oracle: random roles and bindings over a small world, in which the oracle
//! plays the aggregation controller until nothing changes and then looks at every binding for every request.

#![allow(
    clippy::allow_attributes,
    clippy::similar_names,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod list;

use plimsoll_inventory::{Inventory, ResourceRequest, Subject};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

const VERBS: &[&str] = &["get", "create", "escalate", "*"];
const GROUPS: &[&str] = &["", "apps", "*"];
const RESOURCES: &[&str] = &[
    "pods",
    "pods/exec",
    "secrets",
    "pods/*",
    "*/exec",
    "*",
    "jobs/exec",
];
const NAMES: &[&str] = &["a", "b"];
const NAMESPACES: &[&str] = &["one", "two"];
const LABELS: &[&str] = &["x", "y"];

#[derive(Debug, Clone)]
struct Rule {
    verbs: Vec<&'static str>,
    groups: Vec<&'static str>,
    resources: Vec<&'static str>,
    names: Vec<&'static str>,
}

#[derive(Debug, Clone)]
struct Role {
    /// `None` for a `ClusterRole`.
    namespace: Option<&'static str>,
    rules: Vec<Rule>,
    labels: Vec<&'static str>,
    /// The labels of the roles it is put together from; such a role has no rules of its own.
    parts: Vec<&'static str>,
}

#[derive(Debug, Clone)]
struct Binding {
    /// `None` for a `ClusterRoleBinding`.
    namespace: Option<&'static str>,
    cluster_role: bool,
    role: usize,
    subjects: Vec<usize>,
}

fn all_subjects() -> Vec<(Subject, Value)> {
    let account = |namespace: &str, name: &str| {
        (
            Subject::ServiceAccount(namespace.to_owned(), name.to_owned()),
            json!({"kind": "ServiceAccount", "namespace": namespace, "name": name}),
        )
    };
    let group = |name: &str| {
        (
            Subject::Group(name.to_owned()),
            json!({"kind": "Group", "name": name}),
        )
    };
    let user = |name: &str| {
        (
            Subject::User(name.to_owned()),
            json!({"kind": "User", "name": name}),
        )
    };
    vec![
        account("one", "robot"),
        account("two", "robot"),
        user("ann"),
        user("system:serviceaccount:one:robot"),
        group("staff"),
        group("system:serviceaccounts"),
        group("system:serviceaccounts:two"),
        group("system:authenticated"),
    ]
}

/// The numbers of the subjects as which a subject is known.
fn known_as(subject: usize) -> &'static [usize] {
    match subject {
        0 | 3 => &[0, 3, 5, 7],
        1 => &[1, 5, 6, 7],
        2 => &[2, 7],
        4 => &[4],
        5 => &[5],
        6 => &[6],
        _ => &[7],
    }
}

fn some(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(of, 0..3.min(of.len() + 1))
}

fn rule() -> impl Strategy<Value = Rule> {
    (some(VERBS), some(GROUPS), some(RESOURCES), some(NAMES)).prop_map(
        |(verbs, groups, resources, names)| Rule {
            verbs,
            groups,
            resources,
            names,
        },
    )
}

fn role() -> impl Strategy<Value = Role> {
    (
        prop::option::of(select(NAMESPACES)),
        prop::collection::vec(rule(), 0..3),
        some(LABELS),
        some(LABELS),
        0..3_u8,
    )
        .prop_map(|(namespace, rules, labels, parts, kind)| {
            let is_aggregated = namespace.is_none() && kind == 0 && !parts.is_empty();
            Role {
                namespace,
                rules: if is_aggregated { Vec::new() } else { rules },
                labels,
                parts: if is_aggregated { parts } else { Vec::new() },
            }
        })
}

fn binding() -> impl Strategy<Value = Binding> {
    (
        prop::option::of(select(NAMESPACES)),
        any::<bool>(),
        0..4_usize,
        subsequence((0..8).collect::<Vec<usize>>(), 0..3),
    )
        .prop_map(|(namespace, cluster_role, role, subjects)| Binding {
            namespace,
            cluster_role,
            role,
            subjects,
        })
}

fn inventory(roles: &[Role], bindings: &[Binding]) -> Inventory {
    let subjects = all_subjects();
    let mut items = Vec::new();
    for (at, role) in roles.iter().enumerate() {
        let labels: serde_json::Map<String, Value> = role
            .labels
            .iter()
            .map(|label| ((*label).to_owned(), json!("true")))
            .collect();
        let rules: Vec<Value> = role
            .rules
            .iter()
            .map(|rule| json!({"verbs": rule.verbs, "apiGroups": rule.groups, "resources": rule.resources, "resourceNames": rule.names}))
            .collect();
        let mut item = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": if role.namespace.is_some() { "Role" } else { "ClusterRole" },
            "metadata": {"name": format!("role-{at}"), "labels": labels},
            "rules": rules,
        });
        if let Some(namespace) = role.namespace {
            item["metadata"]["namespace"] = json!(namespace);
        }
        if !role.parts.is_empty() {
            let selectors: Vec<Value> = role
                .parts
                .iter()
                .map(|label| json!({"matchLabels": {*label: "true"}}))
                .collect();
            item["aggregationRule"] = json!({"clusterRoleSelectors": selectors});
        }
        items.push(item);
    }
    for (at, binding) in bindings.iter().enumerate() {
        let named: Vec<&Value> = binding
            .subjects
            .iter()
            .map(|subject| &subjects[*subject].1)
            .collect();
        let mut item = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": if binding.namespace.is_some() { "RoleBinding" } else { "ClusterRoleBinding" },
            "metadata": {"name": format!("binding-{at}")},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": if binding.cluster_role { "ClusterRole" } else { "Role" },
                "name": format!("role-{}", binding.role),
            },
            "subjects": named,
        });
        if let Some(namespace) = binding.namespace {
            item["metadata"]["namespace"] = json!(namespace);
        }
        items.push(item);
    }
    list::inventory(&items)
}

/// Every role's rules, after the controller has come to rest.
fn settled(roles: &[Role]) -> Vec<Vec<Rule>> {
    let mut rules: Vec<Vec<Rule>> = roles.iter().map(|role| role.rules.clone()).collect();
    for _ in 0..=roles.len() {
        for at in 0..roles.len() {
            if roles[at].parts.is_empty() {
                continue;
            }
            let mut union = Vec::new();
            for (other, role) in roles.iter().enumerate() {
                let is_part = other != at
                    && role.namespace.is_none()
                    && role
                        .labels
                        .iter()
                        .any(|label| roles[at].parts.contains(label));
                if is_part {
                    union.extend(rules[other].clone());
                }
            }
            union.sort_by_key(|rule| format!("{rule:?}"));
            union.dedup_by_key(|rule| format!("{rule:?}"));
            rules[at] = union;
        }
    }
    rules
}

fn oracle(
    roles: &[Role],
    bindings: &[Binding],
    subject: usize,
    request: (&str, &str, &str, &str),
    namespace: Option<&str>,
) -> bool {
    let (verb, group, resource, name) = request;
    let rules = settled(roles);
    bindings.iter().any(|binding| {
        let in_scope = match binding.namespace {
            None => true,
            Some(of) => namespace == Some(of),
        };
        let is_subject = binding
            .subjects
            .iter()
            .any(|named| known_as(subject).contains(named));
        let fits = |role: &Role| {
            if binding.cluster_role {
                role.namespace.is_none()
            } else {
                binding.namespace.is_some() && role.namespace == binding.namespace
            }
        };
        in_scope
            && is_subject
            && roles.get(binding.role).is_some_and(fits)
            && rules[binding.role].iter().any(|rule| {
                rule.verbs.iter().any(|listed| ["*", verb].contains(listed))
                    && rule
                        .groups
                        .iter()
                        .any(|listed| ["*", group].contains(listed))
                    && rule.resources.iter().any(|listed| {
                        ["*", resource].contains(listed)
                            || *listed == "*/exec" && resource.ends_with("/exec")
                    })
                    && (rule.names.is_empty() || rule.names.contains(&name))
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn every_answer_is_that_of_the_oracle(
        roles in prop::collection::vec(role(), 1..5), bindings in prop::collection::vec(binding(), 0..5),
    ) {
        let inventory = inventory(&roles, &bindings);
        for (number, (subject, _)) in all_subjects().iter().enumerate() {
            for verb in ["get", "create", "escalate"] {
                for (group, resource) in [("", "pods"), ("", "pods/exec"), ("", "secrets"), ("apps", "pods")] {
                    for name in ["", "a"] {
                        for namespace in [None, Some("one"), Some("two")] {
                            let request = ResourceRequest { verb, group, resource, name };
                            let wanted = oracle(&roles, &bindings, number, (verb, group, resource, name), namespace);
                            prop_assert_eq!(
                                inventory.can(subject, request, namespace), wanted,
                                "{:?} {:?} in {:?}", subject, request, namespace
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn masters_may_do_everything_and_default_roles_are_known() {
    let items = json!([
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "b"},
         "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}, "subjects": [{"kind": "User", "name": "ann"}]},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
         "metadata": {"name": "queues", "labels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"}},
         "rules": [{"apiGroups": ["queue.example.com"], "resources": ["queues"], "verbs": ["get"]}]},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "b", "namespace": "one"},
         "roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": [{"kind": "User", "name": "bob"}]}]);
    let inventory = list::inventory(items.as_array().expect("a list"));
    let request = |verb, resource| ResourceRequest {
        verb,
        group: "",
        resource,
        name: "",
    };
    let user = |name: &str| Subject::User(name.to_owned());
    let masters = Subject::Group("system:masters".to_owned());
    assert!(inventory.can(&masters, request("escalate", "anything"), None));
    assert!(inventory.can(&user("ann"), request("get", "secrets"), None));
    assert!(inventory.can_path(&user("ann"), "get", "/metrics"));
    assert!(inventory.can(&user("bob"), request("get", "pods"), Some("one")));
    assert!(!inventory.can(&user("bob"), request("get", "pods"), Some("two")));
    assert!(!inventory.can(&user("bob"), request("get", "secrets"), Some("one")));
    let queues = ResourceRequest {
        group: "queue.example.com",
        ..request("get", "queues")
    };
    assert!(inventory.can(&user("bob"), queues, Some("one")));
}
