//! Which rights reading a cluster takes, as roles to be applied: exactly what is asked for, and nothing more.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use plimsoll_inventory::{
    Kinds, group_that_is_shown, is_cluster_scoped, is_named_without_group, resource_of_kind,
};

use crate::options::ClusterOptions;
use crate::wanted::{Reach, Wanted};

/// The name of the roles.
const NAME: &str = "plimsoll-scan";

/// A rule: groups, resources and names are lists of one role's rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Rule {
    group: String,
    verb: &'static str,
    /// Why it is asked for, where that is not plain.
    comment: &'static str,
    names: Vec<String>,
    resources: BTreeSet<String>,
}

/// Rules of the whole cluster, and by namespace.
type Roles = BTreeMap<Option<String>, Vec<Rule>>;

/// The roles, as manifests.
pub fn roles(wanted: &Wanted, options: &ClusterOptions) -> String {
    let mut roles = Roles::new();
    for (group, kind) in wanted.named() {
        // A group of Kubernetes that shows what another one has is not read; the other one is always there.
        let is_only_shown = group_that_is_shown(group, kind).is_some_and(is_named_without_group);
        let is_left_out = options.without_secrets && group.is_empty() && kind == "Secret";
        let Ok(reach) = wanted.reach(group, kind) else {
            continue;
        };
        if is_only_shown || is_left_out || kind.is_empty() {
            continue;
        }
        let resource = resource_of_kind(kind);
        let is_namespace = group.is_empty() && kind == "Namespace";
        if options.namespaces.is_empty() {
            match reach {
                Reach::All => list(&mut roles, None, group, &resource),
                Reach::Namespaces(names) => {
                    for name in names {
                        list(&mut roles, Some(&name), group, &resource);
                    }
                }
            }
            continue;
        }
        for namespace in &options.namespaces {
            if is_namespace {
                let rule = Rule {
                    group: String::new(),
                    verb: "get",
                    comment: "",
                    names: vec![namespace.clone()],
                    resources: BTreeSet::from([resource.clone()]),
                };
                roles.entry(Some(namespace.clone())).or_default().push(rule);
            } else if !is_cluster_scoped(kind)
                && match &reach {
                    Reach::All => true,
                    Reach::Namespaces(names) => names.contains(namespace),
                }
            {
                list(&mut roles, Some(namespace), group, &resource);
            }
        }
    }
    whole_groups(wanted, options, &mut roles);
    node_facts(options, &mut roles);
    written(&roles)
}

/// Groups of which every kind is read.
fn whole_groups(wanted: &Wanted, options: &ClusterOptions, roles: &mut Roles) {
    let asked = wanted.asked.iter().map(|read| &read.kinds);
    let groups: BTreeSet<&str> = wanted
        .judged
        .iter()
        .chain(asked)
        .filter_map(|kinds| match kinds {
            Kinds::One { .. } => None,
            Kinds::Group(group) => Some(group.as_str()),
            Kinds::All => Some("*"),
        })
        .collect();
    for group in groups {
        if options.namespaces.is_empty() {
            list(roles, None, group, "*");
        }
        for namespace in &options.namespaces {
            list(roles, Some(namespace), group, "*");
        }
    }
}

fn node_facts(options: &ClusterOptions, roles: &mut Roles) {
    if let Some(namespace) = &options.node_facts {
        list(roles, Some(namespace), "", "pods");
        roles
            .entry(Some(namespace.clone()))
            .or_default()
            .push(Rule {
                group: String::new(),
                verb: "get",
                comment: "the facts that Pods print of their nodes (--node-facts)",
                names: Vec::new(),
                resources: BTreeSet::from(["pods/log".to_owned()]),
            });
    }
    if options.configz {
        list(roles, None, "", "nodes");
        roles.entry(None).or_default().push(Rule {
            group: String::new(),
            verb: "get",
            comment: "--configz. A powerful right: with it, whatever kubelets answer can be read, logs of all Pods \
                      included,\n    # and on some versions commands can be run in containers. Leave it out where \
                      facts of nodes come another way.",
            names: Vec::new(),
            resources: BTreeSet::from(["nodes/proxy".to_owned()]),
        });
    }
}

/// Adds the right to list a resource.
fn list(roles: &mut Roles, namespace: Option<&str>, group: &str, resource: &str) {
    let there = roles.entry(namespace.map(str::to_owned)).or_default();
    let of_group = there
        .iter_mut()
        .find(|rule| rule.group == group && rule.verb == "list");
    match of_group {
        Some(rule) => {
            rule.resources.insert(resource.to_owned());
        }
        None => there.push(Rule {
            group: group.to_owned(),
            verb: "list",
            comment: "",
            names: Vec::new(),
            resources: BTreeSet::from([resource.to_owned()]),
        }),
    }
}

fn written(roles: &Roles) -> String {
    let mut text = "\
# What a scan reads, and nothing more. Kinds that the cluster does not have do no harm here.
# Beside this it asks for /version, /api and /apis, which every authenticated user may see by the roles
# system:discovery and system:public-info-viewer that each cluster comes with.
"
    .to_owned();
    for (number, (namespace, rules)) in roles.iter().enumerate() {
        if number > 0 {
            text.push_str("---\n");
        }
        let kind = if namespace.is_some() {
            "Role"
        } else {
            "ClusterRole"
        };
        let _ = writeln!(
            text,
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata:\n  name: {NAME}"
        );
        if let Some(namespace) = namespace {
            let _ = writeln!(text, "  namespace: {namespace}");
        }
        text.push_str("rules:\n");
        let mut ordered: Vec<&Rule> = rules.iter().collect();
        ordered.sort();
        for rule in ordered {
            if !rule.comment.is_empty() {
                let _ = writeln!(text, "    # {}", rule.comment);
            }
            let _ = writeln!(text, "  - apiGroups: [{}]", quoted([&rule.group]));
            text.push_str("    resources:\n");
            for resource in &rule.resources {
                let _ = writeln!(text, "      - {}", quoted([resource]));
            }
            if !rule.names.is_empty() {
                let _ = writeln!(text, "    resourceNames: [{}]", quoted(&rule.names));
            }
            let _ = writeln!(text, "    verbs: [{}]", rule.verb);
        }
    }
    text
}

/// Texts as YAML has them, with quotes where it would read something else.
fn quoted<'t>(texts: impl IntoIterator<Item = &'t String>) -> String {
    let quoted: Vec<String> = texts
        .into_iter()
        .map(|text| {
            if text.is_empty() || text.contains('*') {
                format!("\"{text}\"")
            } else {
                text.clone()
            }
        })
        .collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use plimsoll_inventory::{Place, Read};

    use super::*;

    fn wanted() -> Wanted {
        let read = |name: &str, place| Read {
            kinds: Kinds::named(name),
            place,
        };
        Wanted {
            judged: [
                "Secret",
                "Namespace",
                "NetworkPolicy",
                "extensions/Ingress",
                "events.k8s.io/Event",
            ]
            .into_iter()
            .map(Kinds::named)
            .collect(),
            asked: [
                read("Node", Place::Everywhere),
                read("Lease", Place::Namespace("kube-system".to_owned())),
                Read {
                    kinds: Kinds::Group("constraints.gatekeeper.sh".to_owned()),
                    place: Place::Everywhere,
                },
            ]
            .into(),
        }
    }

    fn rules(options: &ClusterOptions) -> Vec<String> {
        roles(&wanted(), options)
            .lines()
            .filter(|line| !line.contains('#') && !line.starts_with("apiVersion"))
            .map(|line| line.trim().to_owned())
            .collect()
    }

    #[test]
    fn the_rights_are_those_that_are_needed() {
        let whole = rules(&ClusterOptions::default()).join("\n");
        assert_eq!(
            whole,
            "kind: ClusterRole\nmetadata:\nname: plimsoll-scan\nrules:\n\
             - apiGroups: [\"\"]\nresources:\n- namespaces\n- nodes\n- secrets\nverbs: [list]\n\
             - apiGroups: [constraints.gatekeeper.sh]\nresources:\n- \"*\"\nverbs: [list]\n\
             - apiGroups: [networking.k8s.io]\nresources:\n- networkpolicies\nverbs: [list]\n\
             ---\nkind: Role\nmetadata:\nname: plimsoll-scan\nnamespace: kube-system\nrules:\n\
             - apiGroups: [coordination.k8s.io]\nresources:\n- leases\nverbs: [list]"
        );
        let narrow = ClusterOptions {
            namespaces: vec!["shop".to_owned()],
            without_secrets: true,
            ..ClusterOptions::default()
        };
        let narrow = rules(&narrow).join("\n");
        assert_eq!(
            narrow,
            "kind: Role\nmetadata:\nname: plimsoll-scan\nnamespace: shop\nrules:\n\
             - apiGroups: [\"\"]\nresources:\n- namespaces\nresourceNames: [shop]\nverbs: [get]\n\
             - apiGroups: [constraints.gatekeeper.sh]\nresources:\n- \"*\"\nverbs: [list]\n\
             - apiGroups: [networking.k8s.io]\nresources:\n- networkpolicies\nverbs: [list]"
        );
    }

    #[test]
    fn a_powerful_right_comes_with_a_warning() {
        let options = ClusterOptions {
            configz: true,
            node_facts: Some("plimsoll".to_owned()),
            ..ClusterOptions::default()
        };
        let text = roles(&wanted(), &options);
        assert!(
            text.contains("powerful") && text.contains("nodes/proxy"),
            "{text}"
        );
        assert!(text.contains("pods/log"), "{text}");
    }
}
