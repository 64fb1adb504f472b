//! A synthetic cluster whose properties were counted when it was made: the scan finds each of them exactly as often.
//!
//! The generator counts from finished objects and knows nothing of Plimsoll. What it counts is compared at four levels:
//! workloads and their containers in the cluster as it is, where Pods are collapsed into the workload that made them;
//! Pods and their containers in the same cluster without those workloads.
//!
//! Where a control means less than the property, on purpose, the rest is said by an expression beside it, judged by the
//! same engine; the two never overlap. What has no control at all is in [`WITHOUT_CONTROL`], with the reason.
//!
//! `PLIMSOLL_BIG=1` adds a cluster of 50 000 Pods.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod scan;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use plimsoll_assess::{Finding, Settings, assess, select_controls};
use plimsoll_catalog::{Catalog, Control};
use plimsoll_document::{Format, Limits, Node, Segment, Source, parse};
use plimsoll_inventory::{Inventory, KubernetesVersion, Object, ObjectId};
use serde_json::{Value as Json, json};

/// The version that the generator's judgement of Pod Security is of, and that its nodes run.
const KUBERNETES: KubernetesVersion = KubernetesVersion { minor: 33 };

/// Properties that no control judges, and why; an expression counts them.
const WITHOUT_CONTROL: &[(&str, &str)] = &[
    (
        "config_maps_unused",
        "a ConfigMap that nothing uses is untidy, and no risk: only Secrets are controlled",
    ),
    (
        "image_pull_policy_not_always",
        "a policy other than Always is wrong for mutable tags only, and the generator gives those Always",
    ),
    (
        "namespaces_user",
        "how many namespaces there are is a number, and nothing wrong",
    ),
    (
        "nodes_not_ready",
        "whether a node is ready is for monitoring, and not for compliance",
    ),
];

/// Which objects of the generated cluster are scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// All.
    Whole,
    /// All but what makes up for a property elsewhere, which the generator does not take into account: ranges and quotas
    /// for limits, autoscalers for replicas, rights to read Secrets for their use, and policies that allow DNS for a
    /// default deny.
    Bare,
    /// Pods without the workloads that made them, so that every Pod is judged; and without ranges and quotas.
    Pods,
}

impl Part {
    const ALL: [Part; 3] = [Part::Whole, Part::Bare, Part::Pods];

    fn has(self, line: &str) -> bool {
        let kind = line
            .split_once(r#""kind":""#)
            .and_then(|(_, rest)| rest.split_once('"'))
            .map_or("", |(kind, _)| kind);
        let left_out: &[&str] = match self {
            Part::Whole => &[],
            Part::Bare => &[
                "LimitRange",
                "ResourceQuota",
                "HorizontalPodAutoscaler",
                "RoleBinding",
            ],
            Part::Pods => &[
                "LimitRange",
                "ResourceQuota",
                "Deployment",
                "ReplicaSet",
                "StatefulSet",
                "DaemonSet",
                "Job",
                "CronJob",
            ],
        };
        let allows_dns = kind == "NetworkPolicy" && line.contains(r#""name":"allow-dns""#);
        !(left_out.contains(&kind) || self == Part::Bare && allows_dns)
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    /// Objects.
    Object,
    /// Containers of workloads, those that start them included.
    Container,
    /// Places in objects.
    Place,
    /// Subjects of bindings, each once.
    Subject,
}

/// A set of objects, or of places in them.
#[derive(Debug)]
enum Set {
    /// What a control finds.
    Control(&'static str),
    /// What any control finds that is direct evidence for a framework.
    Framework(&'static str),
    /// Where an expression holds, on objects of the kinds that it is for.
    Expression(&'static str, &'static str),
    /// The roles that the bindings of a set give, but for those that every cluster has.
    Roles(Box<Set>),
    /// The objects of a set that are of a kind.
    OfKind(&'static str, Box<Set>),
    /// What is in one of two sets that have nothing in common.
    Or(Box<Set>, Box<Set>),
    /// What is in both.
    And(Box<Set>, Box<Set>),
    /// What is in the first only.
    Without(Box<Set>, Box<Set>),
}

/// What the name of a control finds.
fn control(name: &'static str) -> Set {
    Set::Control(name)
}

/// The workloads or their containers of which an expression is true.
fn workloads(holds: &'static str) -> Set {
    Set::Expression("workloads", holds)
}

/// The objects of some kinds of which an expression is true.
fn objects(kinds: &'static str, holds: &'static str) -> Set {
    Set::Expression(kinds, holds)
}

impl Set {
    fn or(self, other: Set) -> Set {
        Set::Or(Box::new(self), Box::new(other))
    }

    fn and(self, other: Set) -> Set {
        Set::And(Box::new(self), Box::new(other))
    }

    fn without(self, other: Set) -> Set {
        Set::Without(Box::new(self), Box::new(other))
    }

    fn roles(self) -> Set {
        Set::Roles(Box::new(self))
    }

    fn of_kind(self, kind: &'static str) -> Set {
        Set::OfKind(kind, Box::new(self))
    }

    /// Visits this set and those that it is made of.
    fn visit<'s>(&'s self, visit: &mut impl FnMut(&'s Set)) {
        visit(self);
        match self {
            Set::Control(_) | Set::Framework(_) | Set::Expression(..) => {}
            Set::Roles(inner) | Set::OfKind(_, inner) => inner.visit(visit),
            Set::Or(left, right) | Set::And(left, right) | Set::Without(left, right) => {
                left.visit(visit);
                right.visit(visit);
            }
        }
    }

    fn has_control(&self) -> bool {
        let mut found = false;
        self.visit(&mut |set| found |= matches!(set, Set::Control(_) | Set::Framework(_)));
        found
    }
}

/// A property of the generator, and what is the same here.
#[derive(Debug)]
struct Comparison {
    property: &'static str,
    part: Part,
    unit: Unit,
    set: Set,
}

fn compare(property: &'static str, part: Part, unit: Unit, set: Set) -> Comparison {
    Comparison {
        property,
        part,
        unit,
        set,
    }
}

/// The properties of workloads and Pods.
fn of_pods() -> Vec<Comparison> {
    let by_container = |property, set| compare(property, Part::Whole, Unit::Container, set);
    let by_object = |property, set| compare(property, Part::Whole, Unit::Object, set);
    // Limits and requests: what namespaces give to those that state none is left out.
    let resources = |property, set| compare(property, Part::Bare, Unit::Container, set);
    let baseline = || Set::Framework("pss-baseline");
    let restricted = || Set::Framework("pss-restricted");
    vec![
        by_container(
            "allow_privilege_escalation_not_false",
            control("privilege-escalation-allowed"),
        ),
        // The restricted level allows NET_BIND_SERVICE.
        by_container(
            "capabilities_added",
            control("capability-beyond-net-bind-service").or(workloads(
                "item.?securityContext.?capabilities.?add.orValue([]) == ['NET_BIND_SERVICE']",
            )),
        ),
        by_container(
            "capabilities_added_beyond_baseline",
            control("added-capability"),
        ),
        by_container(
            "capabilities_not_all_dropped",
            control("capabilities-not-dropped"),
        ),
        // The default account does no harm where its token is not mounted.
        by_object(
            "default_service_account",
            control("default-account-used").or(workloads(
                "cluster.serviceAccountName(object) == 'default' && !cluster.mountsToken(object)",
            )),
        ),
        by_object("host_ipc", control("host-ipc")),
        by_object("host_network", control("host-network")),
        by_object("host_path_volume", control("host-path-volume")),
        by_object("host_pid", control("host-pid")),
        by_container("host_port", control("host-port")),
        by_container(
            "image_pull_policy_not_always",
            workloads("item.?imagePullPolicy.orValue('') != 'Always'"),
        ),
        by_container(
            "image_registry_untrusted",
            control("image-from-unapproved-registry"),
        ),
        by_container("image_tag_mutable", control("image-tag-missing-or-latest")),
        by_container("image_without_digest", control("image-not-pinned-by-digest")),
        // A user other than root, by number, keeps root out whatever the image says; Pod Security asks for more.
        by_container(
            "may_run_as_root",
            control("root-user-allowed").and(workloads(
                "item.?securityContext.?runAsUser.or(pod.?spec.?securityContext.?runAsUser).orValue(0) == 0",
            )),
        ),
        resources("no_cpu_limit", control("cpu-limit-missing")),
        // A limit without a request is the request, too.
        resources(
            "no_cpu_request",
            control("cpu-request-missing").or(workloads(
                "!item.?resources.?requests.?cpu.hasValue() && item.?resources.?limits.?cpu.hasValue()",
            )),
        ),
        by_container("no_liveness_probe", control("liveness-probe-missing")),
        resources("no_memory_limit", control("memory-limit-missing")),
        resources(
            "no_memory_request",
            control("memory-request-missing").or(workloads(
                "!item.?resources.?requests.?memory.hasValue() && item.?resources.?limits.?memory.hasValue()",
            )),
        ),
        // Readiness is asked by Services: without one nobody asks.
        by_container(
            "no_readiness_probe",
            control("readiness-probe-missing").or(workloads(
                "!item.?readinessProbe.hasValue() && pod.spec.containers.exists(c, c.name == item.name) && \
                 pod.?spec.?restartPolicy.orValue('Always') == 'Always' && \
                 cluster.selecting(object, 'Service').size() == 0",
            )),
        ),
        by_object("pod_security_privileged", baseline()),
        by_object("pod_security_baseline", restricted().without(baseline())),
        by_object(
            "pod_security_restricted",
            workloads("true").without(baseline()).without(restricted()),
        ),
        by_container("privileged", control("privileged-container")),
        by_container(
            "root_filesystem_writable",
            control("writable-root-filesystem"),
        ),
        by_container("run_as_non_root_not_true", control("root-user-allowed")),
        by_container("run_as_user_zero", control("runs-as-uid-0")),
        by_object("runtime_socket_mounted", control("runtime-socket-mounted")),
        by_container("seccomp_not_set", control("seccomp-profile-missing")),
        by_container("secret_key_ref_in_env", control("secret-in-environment")),
        by_container("secret_literal_in_env", control("credential-in-environment")),
        // A token is in use where its account has rights.
        by_object(
            "service_account_token_mounted",
            control("unused-token-mounted").or(workloads(
                "cluster.mountsToken(object) && cluster.bindingsFor(object)\
                 .exists(b, !b.metadata.?name.orValue('').startsWith('system:'))",
            )),
        ),
    ]
}

/// The properties of everything else.
fn of_others() -> Vec<Comparison> {
    let whole = |property, set| compare(property, Part::Whole, Unit::Object, set);
    let bare = |property, set| compare(property, Part::Bare, Unit::Object, set);
    // Rights are judged where a binding gives them; a role that nobody has is found for that.
    let granted = |by_bindings: Set, verbs_and_resources: &'static str| {
        by_bindings
            .roles()
            .or(control("unbound-role").and(objects(ROLES, verbs_and_resources)))
    };
    let reads_secrets = || {
        granted(
            control("secrets-readable-cluster-wide").or(control("secrets-listable")),
            "['get', 'list', 'watch'].exists(v, cluster.grants(object, v, '', 'secrets'))",
        )
    };
    let runs_commands = || {
        granted(
            control("exec-right"),
            "['create', 'get'].exists(v, cluster.grants(object, v, '', 'pods/exec'))",
        )
    };
    let escalates = || {
        granted(
            control("bind-or-escalate-right"),
            "['escalate', 'bind'].exists(v, ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']\
             .exists(r, cluster.grants(object, v, 'rbac.authorization.k8s.io', r)))",
        )
    };
    let wildcards = || control("wildcard-verbs").and(control("wildcard-resources"));
    // The host's network is out of reach of policies, and judged elsewhere.
    let not_selected =
        |name: &'static str, expression: &'static str| control(name).or(workloads(expression));
    let inbound = || {
        not_selected(
            "inbound-policy-missing",
            "pod.?spec.?hostNetwork.orValue(false) && !cluster.isIsolated(object, 'Ingress') && \
             !(cluster.namespaceName(object) in ['kube-system', 'kube-public', 'kube-node-lease'])",
        )
    };
    let outbound = || {
        not_selected(
            "outbound-policy-missing",
            "pod.?spec.?hostNetwork.orValue(false) && !cluster.isIsolated(object, 'Egress') && \
             !(cluster.namespaceName(object) in ['kube-system', 'kube-public', 'kube-node-lease'])",
        )
    };
    // The namespace 'default' needs neither quota nor limits as long as nothing runs there.
    let idle = || objects("[/Namespace]", "item.metadata.name == 'default'");
    let pods = |property, set| compare(property, Part::Pods, Unit::Object, set);
    vec![
        whole(
            "bindings_to_anonymous_or_unauthenticated",
            control("anonymous-rights"),
        ),
        whole("bindings_to_missing_account", control("dangling-subject")),
        whole("bindings_to_missing_role", control("dangling-role")),
        whole(
            "cluster_admin_bindings_not_default",
            control("cluster-admin-bound").of_kind("ClusterRoleBinding"),
        ),
        compare(
            "cluster_admin_subjects_not_default",
            Part::Whole,
            Unit::Subject,
            control("cluster-admin-bound").of_kind("ClusterRoleBinding"),
        ),
        whole("roles_creates_pod_exec", runs_commands()),
        whole("roles_escalate_or_bind", escalates()),
        whole("roles_reads_secrets", reads_secrets()),
        whole("roles_wildcard_verb_and_resource", wildcards()),
        whole(
            "cluster_roles_creates_pod_exec",
            runs_commands().of_kind("ClusterRole"),
        ),
        whole(
            "cluster_roles_escalate_or_bind",
            escalates().of_kind("ClusterRole"),
        ),
        whole(
            "cluster_roles_reads_secrets",
            reads_secrets().of_kind("ClusterRole"),
        ),
        whole(
            "cluster_roles_wildcard_verb_and_resource",
            control("hidden-administrator-role"),
        ),
        whole(
            "config_maps_unused",
            objects("[/ConfigMap]", "cluster.workloadsOf(object).size() == 0"),
        ),
        whole(
            "hpas_with_missing_target",
            control("autoscaler-target-missing"),
        ),
        compare(
            "ingress_backends_missing",
            Part::Whole,
            Unit::Place,
            control("backend-missing"),
        ),
        whole("ingresses_without_tls", control("ingress-without-tls")),
        whole(
            "namespaces_pod_security_enforce_privileged",
            control("privileged-level-enforced"),
        ),
        whole(
            "namespaces_user",
            objects(
                "[/Namespace]",
                "!(item.metadata.name in ['kube-system', 'kube-public', 'kube-node-lease'])",
            ),
        ),
        bare(
            "namespaces_without_default_deny_egress",
            control("egress-open-by-default"),
        ),
        whole(
            "namespaces_without_default_deny_ingress",
            control("ingress-open-by-default"),
        ),
        whole(
            "namespaces_without_limit_range",
            control("limit-range-missing").or(idle()),
        ),
        whole(
            "namespaces_without_network_policy",
            control("namespace-without-network-policy"),
        ),
        whole(
            "namespaces_without_pod_security_enforce",
            control("pod-security-level-missing"),
        ),
        whole(
            "namespaces_without_resource_quota",
            control("resource-quota-missing").or(idle()),
        ),
        whole(
            "nodes_kubelet_older_than_1_31",
            control("kubernetes-out-of-support"),
        ),
        whole(
            "nodes_not_ready",
            objects(
                "[/Node]",
                "!item.status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')",
            ),
        ),
        pods("pods_user_not_selected_by_egress_policy", outbound()),
        pods("pods_user_not_selected_by_ingress_policy", inbound()),
        bare(
            "scaled_workloads_user_with_2_or_more_replicas_without_pdb",
            control("disruption-budget-missing"),
        ),
        bare(
            "scaled_workloads_with_one_replica",
            control("single-replica-of-critical-workload"),
        ),
        bare("secrets_unused", control("unused-secret")),
        // Each of them listens on port 80.
        whole(
            "services_load_balancer",
            control("load-balancer-without-tls"),
        ),
        whole(
            "services_load_balancer_open_to_all",
            control("open-load-balancer"),
        ),
        whole("services_node_port", control("nodeport-service")),
        whole(
            "services_selecting_no_pod",
            control("service-without-workload"),
        ),
        compare(
            "webhooks_failure_policy_ignore",
            Part::Whole,
            Unit::Place,
            control("fail-open-webhook"),
        ),
        whole("workloads_user_not_selected_by_egress_policy", outbound()),
        whole("workloads_user_not_selected_by_ingress_policy", inbound()),
    ]
}

const ROLES: &str = "[rbac.authorization.k8s.io/Role, rbac.authorization.k8s.io/ClusterRole]";

/// What the user of the generated cluster would configure.
fn parameters() -> BTreeMap<String, Json> {
    let critical: Vec<String> = [
        "api",
        "web",
        "worker",
        "consumer",
        "scheduler",
        "cache",
        "db",
        "proxy",
        "exporter",
        "sync",
        "indexer",
        "mailer",
        "auth",
        "router",
        "etl",
        "archiver",
    ]
    .iter()
    .map(|role| format!("app.kubernetes.io/component={role}"))
    .collect();
    [
        (
            "allowedRegistries",
            json!(["registry.corp.example", "registry.k8s.io"]),
        ),
        ("criticalLabels", json!(critical)),
        ("oldestSupportedMinor", json!(31)),
        ("securityWebhooks", json!(["hook"])),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// Controls, and expressions as controls.
struct Judges {
    catalog: Catalog,
    /// The control of an expression, by kinds, unit and text.
    expressions: BTreeMap<(&'static str, Unit, &'static str), String>,
}

impl Judges {
    fn new(comparisons: &[Comparison]) -> Judges {
        let mut catalog = Catalog::built_in().unwrap_or_else(|error| panic!("{error}"));
        catalog
            .set_parameters(&parameters())
            .unwrap_or_else(|error| panic!("{error}"));
        let mut expressions = BTreeMap::new();
        for comparison in comparisons {
            comparison.set.visit(&mut |set| {
                let Set::Expression(kinds, holds) = set else {
                    return;
                };
                let number = expressions.len();
                expressions
                    .entry((*kinds, each(comparison.unit), *holds))
                    .or_insert_with(|| {
                        let id = format!("TST-{number:03}");
                        let page = page(&id, kinds, each(comparison.unit), holds);
                        catalog
                            .add_control(&format!("test/expression-{number}.md"), &page)
                            .unwrap_or_else(|error| panic!("{error}\n{page}"));
                        id
                    });
            });
        }
        Judges {
            catalog,
            expressions,
        }
    }

    /// The controls that the sets of comparisons are made of, each once.
    fn needed<'j>(&'j self, comparisons: &[&Comparison]) -> Vec<&'j Control> {
        let mut ids: BTreeSet<&str> = BTreeSet::new();
        for comparison in comparisons {
            comparison
                .set
                .visit(&mut |set| ids.extend(self.ids(set, comparison.unit)));
        }
        self.catalog
            .controls()
            .iter()
            .filter(|control| ids.contains(control.id.as_str()))
            .collect()
    }

    /// The controls of a set that is not made of others.
    fn ids(&self, set: &Set, unit: Unit) -> Vec<&str> {
        match set {
            Set::Control(name) => self
                .catalog
                .find_controls(name)
                .unwrap_or_else(|error| panic!("{error}"))
                .into_iter()
                .map(|control| control.id.as_str())
                .collect(),
            Set::Framework(id) => {
                select_controls(&self.catalog, &[], &[(*id).to_owned()], None, KUBERNETES)
                    .unwrap_or_else(|error| panic!("{error}"))
                    .into_iter()
                    .map(|control| control.id.as_str())
                    .collect()
            }
            Set::Expression(kinds, holds) => {
                vec![self.expressions[&(*kinds, each(unit), *holds)].as_str()]
            }
            _ => Vec::new(),
        }
    }
}

/// What an expression is asked of.
fn each(unit: Unit) -> Unit {
    match unit {
        Unit::Container => Unit::Container,
        _ => Unit::Object,
    }
}

/// A page that finds where an expression holds.
fn page(id: &str, kinds: &str, unit: Unit, holds: &str) -> String {
    let each = match unit {
        Unit::Container => "containers",
        _ => "object",
    };
    let expect = json!(format!("!({holds})"));
    format!(
        "---\nid: {id}\nseverity: low\nrisk: 1\nsince: 0.1.0\napplies: {kinds}\nneeds: cluster\neach: {each}\n\
         expect: {expect}\nmessage: \"'it holds'\"\n---\n# Expression {id}\n"
    )
}

/// Objects, or places in them.
type Places = BTreeSet<(ObjectId, String)>;

/// What was found in a part of the cluster.
struct Scanned<'s> {
    judges: &'s Judges,
    inventory: &'s Inventory,
    /// By the id of a control.
    findings: BTreeMap<&'s str, Vec<&'s Finding>>,
}

impl Scanned<'_> {
    fn places(&self, set: &Set, unit: Unit) -> Places {
        match set {
            Set::Control(_) | Set::Framework(_) | Set::Expression(..) => self
                .judges
                .ids(set, unit)
                .into_iter()
                .filter_map(|id| self.findings.get(id))
                .flatten()
                .filter_map(|finding| self.place(finding, unit))
                .collect(),
            Set::Roles(bindings) => self
                .places(bindings, unit)
                .into_iter()
                .filter_map(|(binding, _)| self.inventory.role_of(self.inventory.object(binding)))
                .filter(|role| !is_of_every_cluster(self.inventory.object(*role)))
                .map(|role| (role, String::new()))
                .collect(),
            Set::OfKind(kind, inner) => self
                .places(inner, unit)
                .into_iter()
                .filter(|(object, _)| self.inventory.object(*object).kind() == *kind)
                .collect(),
            Set::Or(left, right) => {
                let (mut left, right) = (self.places(left, unit), self.places(right, unit));
                let both: Vec<_> = left.intersection(&right).collect();
                assert!(both.is_empty(), "{set:?}: both have {both:?}");
                left.extend(right);
                left
            }
            Set::And(left, right) => &self.places(left, unit) & &self.places(right, unit),
            Set::Without(left, right) => &self.places(left, unit) - &self.places(right, unit),
        }
    }

    /// Where a finding is; `None` where it is about no container, and containers are counted.
    fn place(&self, finding: &Finding, unit: Unit) -> Option<(ObjectId, String)> {
        let text = match unit {
            Unit::Object => String::new(),
            Unit::Place => finding.path.to_string(),
            Unit::Container => container(finding)?,
            Unit::Subject => {
                let mut path = finding.path.clone();
                path.segments.pop();
                let (subject, _) = path.find(self.inventory.object(finding.object).root());
                ["kind", "namespace", "name"]
                    .map(|key| subject.get_name(key).and_then(Node::as_str))
                    .map(Option::unwrap_or_default)
                    .join("/")
            }
        };
        Some((finding.object, text))
    }

    /// How many there are, of all namespaces or of those that are not the system's.
    fn count(&self, places: &Places, unit: Unit, user_only: bool) -> u64 {
        let counted = places.iter().filter(|(object, _)| {
            let namespace = self.inventory.object(*object).namespace();
            !user_only || !["kube-system", "kube-public", "kube-node-lease"].contains(&namespace)
        });
        match unit {
            Unit::Object => {
                let objects: BTreeSet<ObjectId> = counted.map(|(object, _)| *object).collect();
                objects.len() as u64
            }
            Unit::Subject => {
                let subjects: BTreeSet<&String> = counted.map(|(_, subject)| subject).collect();
                subjects.len() as u64
            }
            Unit::Container | Unit::Place => counted.count() as u64,
        }
    }
}

/// The path of the container that a finding is about.
fn container(finding: &Finding) -> Option<String> {
    let mut path = finding.path.clone();
    let at = path.segments.iter().position(|segment| {
        matches!(segment, Segment::Key(key) if ["containers", "initContainers"].contains(&key.name()))
    })?;
    path.segments.truncate(at + 2);
    (path.segments.len() == at + 2).then(|| path.to_string())
}

/// Whether a role is one that the API server makes.
fn is_of_every_cluster(role: &Object) -> bool {
    let labels = role
        .root()
        .get_name("metadata")
        .and_then(|metadata| metadata.get_name("labels"));
    labels.is_some_and(|labels| labels.get_name("kubernetes.io/bootstrapping").is_some())
}

/// A generated cluster and what is known of it.
struct Generated {
    /// One object each, as JSON.
    lines: Vec<String>,
    truth: Json,
}

/// Runs the generator, but keeps only three of four objects of the kinds that others refer to. The generator counts
/// what is kept, so the truth is of what is left.
const WITH_GAPS: &str = r#"
import importlib.machinery, importlib.util, sys, zlib
sys.dont_write_bytecode = True
del sys.argv[0]
loader = importlib.machinery.SourceFileLoader("generator", sys.argv[0])
generator = importlib.util.module_from_spec(importlib.util.spec_from_loader("generator", loader))
loader.exec_module(generator)
referred = {"ServiceAccount", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "Service", "Ingress",
            "Secret", "ConfigMap", "NetworkPolicy", "PodDisruptionBudget", "HorizontalPodAutoscaler",
            "ResourceQuota", "LimitRange"}
everything = generator.generate
def with_gaps(arguments, sink):
    def keep(item):
        labels = item["metadata"].get("labels") or {}
        uid = item["metadata"]["uid"].encode()
        if item["kind"] in referred and "kubernetes.io/bootstrapping" not in labels and zlib.crc32(uid) % 4 == 0:
            return False
        return sink(item)
    return everything(arguments, keep)
generator.generate = with_gaps
generator.main()
"#;

/// Generates a cluster, with gaps or whole; `None` where the generator is not there.
fn generate(name: &str, with_gaps: bool, arguments: &[&str]) -> Option<Generated> {
    let generator = scan::shared("tools")?.join("gen-cluster");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder for the cluster");
    let file = folder.join("cluster.ndjson");
    let mut python = Command::new("python3");
    if with_gaps {
        python.args(["-c", WITH_GAPS]);
    }
    let status = python
        .arg(generator)
        .args(arguments)
        .args(["--format", "ndjson", "-o"])
        .arg(&file)
        .stdout(Stdio::null())
        .status()
        .expect("python3 runs");
    assert!(status.success(), "the generator failed: {status}");
    let read = |path: &Path| fs::read_to_string(path).expect("the generator wrote it");
    let lines = read(&file).lines().map(str::to_owned).collect();
    let truth = serde_json::from_str(&read(&folder.join("cluster.ndjson.truth.json")))
        .expect("the truth is JSON");
    fs::remove_dir_all(&folder).expect("the folder is ours");
    Some(Generated { lines, truth })
}

impl Generated {
    /// A part of the cluster, read as `kubectl get -o json` gives it.
    fn inventory(&self, part: Part) -> Inventory {
        let kept: Vec<&str> = self
            .lines
            .iter()
            .map(String::as_str)
            .filter(|line| part.has(line))
            .collect();
        let text = format!(
            r#"{{"apiVersion":"v1","kind":"List","items":[{}]}}"#,
            kept.join(",\n")
        );
        let source = Arc::new(Source::new("cluster.json", text));
        let parsed = parse(&source, Format::Json, &Limits::default());
        assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
        let mut builder = Inventory::builder();
        let (count, skipped) = builder.add(&parsed);
        assert_eq!((count, skipped), (kept.len(), 0), "{part:?}");
        builder.finish()
    }

    /// A number of the truth; what the generator never counted is 0.
    fn number(&self, place: &[&str]) -> u64 {
        place
            .iter()
            .try_fold(&self.truth, |here, key| here.get(key))
            .and_then(Json::as_u64)
            .unwrap_or_default()
    }

    /// The names that the truth has at a place.
    fn names(&self, place: &str) -> Vec<&str> {
        let here = self.truth[place].as_object().expect("the truth has it");
        here.keys().map(String::as_str).collect()
    }

    /// Where the truth has numbers, but for the arguments it was made with.
    fn numbers(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut pending = vec![(String::new(), &self.truth)];
        while let Some((place, here)) = pending.pop() {
            for (key, value) in here.as_object().into_iter().flatten() {
                if place.is_empty() && key == "arguments" {
                    continue;
                }
                let below = format!("{place} {key}").trim_start().to_owned();
                if value.is_object() {
                    pending.push((below, value));
                } else {
                    found.push(below);
                }
            }
        }
        found
    }
}

/// Numbers of the truth and of the scan, compared.
#[derive(Default)]
struct Ledger {
    /// How many numbers were compared, and how many of them are not 0.
    numbers: usize,
    not_zero: usize,
    wrong: Vec<String>,
    /// Where the numbers of the truth are that were compared.
    compared: BTreeSet<String>,
}

impl Ledger {
    /// Compares the number at a place of the truth with what was found.
    fn compare(&mut self, generated: &Generated, place: &[&str], found: u64) {
        let truth = generated.number(place);
        let place = place.join(" ");
        println!("{place:<72} {truth:>7} {found:>7}");
        self.numbers += 1;
        self.not_zero += usize::from(truth > 0);
        if truth != found {
            self.wrong
                .push(format!("{place}: the truth is {truth}, found are {found}"));
        }
        self.compared.insert(place);
    }
}

/// Scans a generated cluster, and compares every number of its truth.
fn check(name: &str, with_gaps: bool, arguments: &[&str]) {
    let Some(generated) = generate(name, with_gaps, arguments) else {
        return;
    };
    let (of_pods, of_others) = (of_pods(), of_others());
    let totals = vec![
        compare("pods", Part::Pods, Unit::Object, workloads("true")),
        compare(
            "pod_containers",
            Part::Pods,
            Unit::Container,
            workloads("true"),
        ),
        compare("workloads", Part::Whole, Unit::Object, workloads("true")),
        compare(
            "workload_containers",
            Part::Whole,
            Unit::Container,
            workloads("true"),
        ),
    ];
    let mut all: Vec<Comparison> = Vec::new();
    all.extend(of_pods);
    let pods_end = all.len();
    all.extend(of_others);
    let others_end = all.len();
    all.extend(totals);
    let judges = Judges::new(&all);
    let (of_pods, rest) = all.split_at(pods_end);
    let (of_others, totals) = rest.split_at(others_end - pods_end);
    let mut ledger = Ledger::default();
    for part in Part::ALL {
        let inventory = generated.inventory(part);
        let here = |comparison: &&Comparison| comparison.part == part;
        let pods_here: Vec<&Comparison> = of_pods
            .iter()
            .filter(|comparison| here(comparison) || part == Part::Pods)
            .collect();
        let others_here: Vec<&Comparison> = of_others.iter().filter(here).collect();
        let totals_here: Vec<&Comparison> = totals.iter().filter(here).collect();
        let together: Vec<&Comparison> = [&pods_here[..], &others_here, &totals_here].concat();
        let controls = judges.needed(&together);
        let assessment = assess(&inventory, &controls, &[], Settings::at(KUBERNETES));
        for missing in assessment.not_assessed.iter().take(10) {
            ledger.wrong.push(format!(
                "{part:?}: {} is not assessed on {}: {}",
                controls[missing.control].id,
                inventory.object(missing.object).name(),
                missing.reason
            ));
        }
        let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &assessment.findings {
            findings
                .entry(&controls[finding.control].id)
                .or_default()
                .push(finding);
        }
        let scanned = Scanned {
            judges: &judges,
            inventory: &inventory,
            findings,
        };
        let (objects_level, containers_level) = match part {
            Part::Pods => ("pods", "pod_containers"),
            Part::Whole | Part::Bare => ("workloads", "workload_containers"),
        };
        for comparison in pods_here {
            let places = scanned.places(&comparison.set, comparison.unit);
            for (level, unit) in [
                (objects_level, Unit::Object),
                (containers_level, Unit::Container),
            ] {
                if unit == Unit::Container && comparison.unit != unit {
                    continue;
                }
                for (scope, user_only) in [("all", false), ("user", true)] {
                    ledger.compare(
                        &generated,
                        &["pod_properties", level, scope, comparison.property],
                        scanned.count(&places, unit, user_only),
                    );
                }
            }
        }
        for comparison in others_here {
            let places = scanned.places(&comparison.set, comparison.unit);
            ledger.compare(
                &generated,
                &["other_properties", comparison.property],
                scanned.count(&places, comparison.unit, false),
            );
        }
        for comparison in totals_here {
            let places = scanned.places(&comparison.set, comparison.unit);
            for (scope, user_only) in [("all", false), ("user", true)] {
                let name = format!("{}.{scope}", comparison.property);
                ledger.compare(
                    &generated,
                    &["totals", &name],
                    scanned.count(&places, comparison.unit, user_only),
                );
            }
        }
        if part == Part::Whole {
            // Beside them there is the object that stands for the cluster itself.
            let objects = inventory.objects().len() - 1;
            ledger.compare(&generated, &["objects"], objects as u64);
            for kind in generated.names("kinds") {
                ledger.compare(
                    &generated,
                    &["kinds", kind],
                    inventory
                        .objects()
                        .iter()
                        .filter(|object| object.kind() == kind)
                        .count() as u64,
                );
            }
        }
    }
    for place in generated.numbers() {
        if !ledger.compared.contains(&place) {
            ledger
                .wrong
                .push(format!("{place} is compared with nothing"));
        }
    }
    println!(
        "{name}: {} numbers, {} of them not 0, {} wrong",
        ledger.numbers,
        ledger.not_zero,
        ledger.wrong.len()
    );
    assert!(ledger.wrong.is_empty(), "{}", ledger.wrong.join("\n"));
}

#[test]
fn a_usual_cluster_is_found_as_it_was_made() {
    check(
        "usual",
        false,
        &[
            "--pods=1000",
            "--workloads=500",
            "--namespaces=40",
            "--seed=7",
        ],
    );
}

#[test]
fn a_neglected_cluster_is_found_as_it_was_made() {
    check(
        "neglected",
        false,
        &[
            "--pods=1000",
            "--workloads=500",
            "--namespaces=60",
            "--nodes=150",
            "--seed=3",
            "--insecure-rate=0.8",
        ],
    );
}

#[test]
fn a_cluster_with_gaps_is_found_as_it_was_left() {
    check(
        "gaps",
        true,
        &[
            "--pods=1000",
            "--workloads=500",
            "--namespaces=40",
            "--seed=5",
            "--insecure-rate=0.5",
        ],
    );
}

#[test]
fn a_big_cluster_is_found_as_it_was_made() {
    if std::env::var_os("PLIMSOLL_BIG").is_none() {
        println!("skipped: PLIMSOLL_BIG is not set");
        return;
    }
    check(
        "big",
        false,
        &["--pods=50000", "--workloads=8000", "--namespaces=300"],
    );
}

#[test]
fn exactly_what_no_control_judges_is_listed() {
    let compared: Vec<Comparison> = of_pods().into_iter().chain(of_others()).collect();
    let mut without: Vec<&str> = compared
        .iter()
        .filter(|comparison| !comparison.set.has_control())
        .map(|comparison| comparison.property)
        .collect();
    without.sort_unstable();
    let listed: Vec<&str> = WITHOUT_CONTROL
        .iter()
        .map(|(property, _)| *property)
        .collect();
    assert_eq!(without, listed);
}
