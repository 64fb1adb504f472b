//! Polaris' own cases: each is a manifest that must pass or fail one of its checks. The controls that ask the same
//! give the same verdict, or the difference is listed with its reason.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod scan;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;

use plimsoll_assess::{ControlStatus, select_controls};
use plimsoll_catalog::Control;
use plimsoll_inventory::KubernetesVersion;
use scan::{CATALOG, scan};

/// The last version in which `get` on `pods/exec` is enough to run a command, as Polaris has it.
const BEFORE_EXEC_ASKED_FOR_CREATE: u32 = 34;

/// What the cases of a check are asked here.
struct Question {
    /// The check of Polaris.
    check: &'static str,
    /// The controls that ask the same: the case fails if one of them does.
    controls: &'static [&'static str],
    /// What is made of a case before it is judged.
    prepare: fn(&str) -> String,
    /// The minor version of Kubernetes.
    kubernetes: u32,
}

/// Cases on which the verdict here is not the label.
struct Difference {
    /// The verdict here.
    verdict: Verdict,
    /// Why.
    reason: &'static str,
    /// The cases, as `check/file` without the ending.
    cases: &'static [&'static str],
}

/// What controls say of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// None of them has anything against it.
    Pass,
    /// One of them found something.
    Fail,
    /// None of them found anything, and one of them could not tell.
    NotAssessed,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::NotAssessed => "not assessed",
        })
    }
}

const fn question(check: &'static str, controls: &'static [&'static str]) -> Question {
    prepared(check, controls, str::to_owned)
}

const fn prepared(
    check: &'static str,
    controls: &'static [&'static str],
    prepare: fn(&str) -> String,
) -> Question {
    Question {
        check,
        controls,
        prepare,
        kubernetes: KubernetesVersion::NEWEST.minor,
    }
}

const fn exec(check: &'static str, prepare: fn(&str) -> String) -> Question {
    Question {
        check,
        controls: &["exec-right"],
        prepare,
        kubernetes: BEFORE_EXEC_ASKED_FOR_CREATE,
    }
}

const QUESTIONS: &[Question] = &[
    question("automountServiceAccountToken", &["unused-token-mounted"]),
    exec("clusterrolePodExecAttach", with_cluster_role_binding),
    question(
        "clusterrolebindingClusterAdmin",
        &["cluster-admin-bound", "hidden-administrator-role"],
    ),
    exec("clusterrolebindingPodExecAttach", str::to_owned),
    question("cpuLimitsMissing", &["cpu-limit-missing"]),
    question("cpuRequestsMissing", &["cpu-request-missing"]),
    question("dangerousCapabilities", &["added-capability"]),
    prepared(
        "deploymentMissingReplicas",
        &["single-replica-of-critical-workload"],
        critical,
    ),
    question("hostIPCSet", &["host-ipc"]),
    question("hostNetworkSet", &["host-network"]),
    question("hostPIDSet", &["host-pid"]),
    question("hostPathSet", &["host-path-volume"]),
    question("hostPortSet", &["host-port"]),
    question("hostProcess", &["windows-host-process"]),
    prepared(
        "hpaMinAvailability",
        &["single-replica-of-critical-workload"],
        with_critical_target,
    ),
    question("insecureCapabilities", &["capabilities-not-dropped"]),
    question("linuxHardening", &["no-kernel-confinement"]),
    question("livenessProbeMissing", &["liveness-probe-missing"]),
    question("memoryLimitsMissing", &["memory-limit-missing"]),
    question("memoryRequestsMissing", &["memory-request-missing"]),
    question(
        "missingNetworkPolicy",
        &["inbound-policy-missing", "outbound-policy-missing"],
    ),
    prepared(
        "missingPodDisruptionBudget",
        &["disruption-budget-missing"],
        critical_with_replicas_in_cluster,
    ),
    question("notReadOnlyRootFilesystem", &["writable-root-filesystem"]),
    question(
        "pdbDisruptionsIsZero",
        &["disruption-budget-blocks-maintenance"],
    ),
    question(
        "pdbMinAvailableGreaterThanHPAMinReplicas",
        &["disruption-budget-blocks-maintenance"],
    ),
    prepared(
        "priorityClassNotSet",
        &["priority-class-missing-or-abused"],
        critical,
    ),
    question(
        "privilegeEscalationAllowed",
        &["privilege-escalation-allowed"],
    ),
    question("procMount", &["proc-mount-not-default"]),
    question("pullPolicyNotAlways", &["mutable-tag-without-forced-pull"]),
    prepared(
        "readinessProbeMissing",
        &["readiness-probe-missing"],
        with_service,
    ),
    exec("rolePodExecAttach", with_role_binding),
    question(
        "rolebindingClusterAdminClusterRole",
        &["cluster-admin-bound", "hidden-administrator-role"],
    ),
    question("rolebindingClusterAdminRole", &["wildcard-resources"]),
    exec("rolebindingClusterRolePodExecAttach", str::to_owned),
    exec("rolebindingRolePodExecAttach", str::to_owned),
    question("runAsPrivileged", &["privileged-container"]),
    question("runAsRootAllowed", &["root-user-allowed"]),
    question("sensitiveConfigmapContent", &["credential-in-config-map"]),
    question("sensitiveContainerEnvVar", &["credential-in-environment"]),
    question("tagNotSpecified", &["image-tag-missing-or-latest"]),
    question("tlsSettingsMissing", &["ingress-without-tls"]),
    prepared(
        "topologySpreadConstraint",
        &["replicas-not-spread"],
        critical_with_replicas,
    ),
];

/// Checks that no control asks, and why.
const NOT_ASKED: &[(&str, &str)] = &[
    (
        "hpaMaxAvailability",
        "an autoscaler whose minimum is its maximum fixes the number of replicas, which is no risk by itself",
    ),
    (
        "metadataAndInstanceMismatched",
        "a convention of labels: the instance is to be the object's name",
    ),
    (
        "nakedPod",
        "an example check of Polaris' tests that compares a label with the name, and not whether a Pod is naked",
    ),
    (
        "oneController",
        "an example check of Polaris' tests that compares a label with the name",
    ),
    (
        "resourceRange",
        "an example check of Polaris' tests for limits between two numbers of its own",
    ),
];

const DIFFERENCES: &[Difference] = &[
    Difference {
        verdict: Verdict::Fail,
        reason: "Polaris excuses roles and bindings by their names, and anybody can give those. Here a role under \
                 such a name, or bound by such a binding, is judged by what it allows.",
        cases: &[
            "clusterrolePodExecAttach/success.gce_calico_clusterrole",
            "clusterrolebindingClusterAdmin/success.gce_calico_binding",
            "clusterrolebindingClusterAdmin/success.system_prefix_binding",
            "clusterrolebindingPodExecAttach/success.gce_calico_binding",
            "rolePodExecAttach/success.gce_calico_binding",
            "rolebindingClusterAdminClusterRole/success.gce_calico_binding",
            "rolebindingClusterAdminClusterRole/success.system_prefix_binding",
            "rolebindingClusterAdminRole/success.gce_calico_binding",
            "rolebindingClusterAdminRole/success.system_prefix_binding",
            "rolebindingClusterRolePodExecAttach/success.gce_calico_binding",
            "rolebindingRolePodExecAttach/success.gce_calico_binding",
        ],
    },
    Difference {
        verdict: Verdict::Fail,
        reason: "Polaris excuses the role, since it comes with Kubernetes. Here it is not the role that is judged, but \
                 whoever it is bound to, and a user is no component of the cluster.",
        cases: &[
            "clusterrolePodExecAttach/success.defaultclusterrole_admin",
            "clusterrolePodExecAttach/success.defaultclusterrole_clusteradmin",
            "clusterrolePodExecAttach/success.system_prefix",
            "clusterrolebindingPodExecAttach/success.defaultclusterrolebinding_clusteradmin",
            "rolePodExecAttach/success.system_prefix_binding",
        ],
    },
    Difference {
        verdict: Verdict::Fail,
        reason: "The check looks at bindings to a Role alone, and another check at this one. Here one control judges \
                 every binding.",
        cases: &["rolebindingRolePodExecAttach/success.role_binding_cluster_role_binding"],
    },
    Difference {
        verdict: Verdict::Fail,
        reason: "Every verb on every resource of the core group holds all Secrets and may impersonate anybody, which \
                 is as much as cluster-admin.",
        cases: &[
            "clusterrolebindingClusterAdmin/success.explicit_apigroups",
            "rolebindingClusterAdminClusterRole/success.explicit_apigroups",
        ],
    },
    Difference {
        verdict: Verdict::Fail,
        reason: "No control looks for administrators of one namespace alone; the nearest one flags every wildcard for \
                 resources or API groups.",
        cases: &[
            "rolebindingClusterAdminRole/success.explicit_apigroups",
            "rolebindingClusterAdminRole/success.explicit_resources",
            "rolebindingClusterAdminRole/success.explicit_verbs",
        ],
    },
    Difference {
        verdict: Verdict::NotAssessed,
        reason: "The role that is bound is not in the case, and may well be in the cluster. Polaris says it fails.",
        cases: &[
            "clusterrolebindingPodExecAttach/failure.binding_points_to_missing_ref",
            "rolebindingClusterRolePodExecAttach/failure.binding_points_to_missing_ref",
            "rolebindingRolePodExecAttach/failure.binding_points_to_missing_ref",
        ],
    },
    Difference {
        verdict: Verdict::Fail,
        reason: "The autoscaler states no minimum, and the API server makes that one replica.",
        cases: &["hpaMinAvailability/success.minReplicaAbsent"],
    },
    Difference {
        verdict: Verdict::Fail,
        reason: "Only ALL, in capitals, drops what Pod Security asks for: it refuses another spelling and a list of \
                 names.",
        cases: &[
            "insecureCapabilities/success",
            "insecureCapabilities/success.all",
            "insecureCapabilities/success.case",
            "insecureCapabilities/success.pod",
        ],
    },
    Difference {
        verdict: Verdict::Pass,
        reason: "A policy without rules for a direction that it names allows nothing there. That is the strictest one.",
        cases: &[
            "missingNetworkPolicy/failure.netpol_missing_egress_rules",
            "missingNetworkPolicy/failure.netpol_missing_ingress_rules",
        ],
    },
    Difference {
        verdict: Verdict::Pass,
        reason: "The budget states both numbers, which the API server refuses. Judged is maxUnavailable.",
        cases: &["pdbDisruptionsIsZero/failure.either"],
    },
    Difference {
        verdict: Verdict::NotAssessed,
        reason: "Whether the number leaves room depends on the replicas of the workload, which is not in the case.",
        cases: &[
            "pdbDisruptionsIsZero/success.min",
            "pdbMinAvailableGreaterThanHPAMinReplicas/success.no-match",
            "pdbMinAvailableGreaterThanHPAMinReplicas/success.pdb-no-match",
        ],
    },
    Difference {
        verdict: Verdict::Fail,
        reason: "No autoscaler scales the workload, so it has one replica, and a budget that asks for five allows no \
                 disruption. Polaris asks only where there is an autoscaler.",
        cases: &[
            "pdbMinAvailableGreaterThanHPAMinReplicas/success.hpa-no-match",
            "pdbMinAvailableGreaterThanHPAMinReplicas/success.no-hpa",
        ],
    },
    Difference {
        verdict: Verdict::Pass,
        reason: "The image has no tag, and then the API server makes the missing policy Always.",
        cases: &[
            "pullPolicyNotAlways/failure",
            "pullPolicyNotAlways/failure.cron-job",
        ],
    },
    Difference {
        verdict: Verdict::Pass,
        reason: "The tag names a version. Pulling is asked for only where the tag is one that moves.",
        cases: &["pullPolicyNotAlways/failure.deployment"],
    },
    Difference {
        verdict: Verdict::Pass,
        reason: "The value is a placeholder. A real one of this key is a private key, which is found by its value.",
        cases: &["sensitiveConfigmapContent/failure.key_oci_cli_key_content"],
    },
    Difference {
        verdict: Verdict::Fail,
        reason: "The constraint selects other Pods than those of the workload, so that it spreads nothing.",
        cases: &["topologySpreadConstraint/success"],
    },
];

#[test]
fn labelled_cases_pass_and_fail_as_they_are_labelled() {
    let Some(folder) = scan::shared("corpora/labelled/polaris") else {
        return;
    };
    let index = fs::read_to_string(folder.join("index.json")).expect("the labels");
    let labels: BTreeMap<String, String> = serde_json::from_str(&index).expect("labels by file");
    assert!(labels.len() > 300, "only {} cases", labels.len());

    let mut listed: BTreeMap<&str, &Difference> = BTreeMap::new();
    for difference in DIFFERENCES {
        for case in difference.cases {
            let before = listed.insert(case, difference);
            assert!(before.is_none(), "{case} is listed twice");
        }
    }
    let mut compared = 0;
    let mut left_out = 0;
    let mut wrong = Vec::new();
    let mut different = BTreeSet::new();
    for (file, label) in &labels {
        let (check, _) = file.split_once('/').expect("a case is of a check");
        let asked = QUESTIONS.iter().find(|question| question.check == check);
        let Some(question) = asked else {
            let known = NOT_ASKED.iter().any(|(other, _)| *other == check);
            assert!(known, "nothing is said of the check {check}");
            left_out += 1;
            continue;
        };
        compared += 1;
        let expected = if label == "fail" {
            Verdict::Fail
        } else {
            Verdict::Pass
        };
        let yaml = fs::read_to_string(folder.join(file)).expect("a case");
        let found = verdict(question, &yaml);
        if found == expected {
            continue;
        }
        let case = file.trim_end_matches(".yaml");
        different.insert(case);
        if listed.get(case).map(|difference| difference.verdict) != Some(found) {
            wrong.push(format!("{case}: {found}, is labelled {expected}"));
        }
    }
    for (case, difference) in &listed {
        if !different.contains(case) {
            wrong.push(format!(
                "{case}: no difference any more; listed as: {}",
                difference.reason
            ));
        }
    }
    println!(
        "{compared} cases, {} agree, {} differ; {left_out} ask what no control asks",
        compared - different.len(),
        different.len()
    );
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

fn verdict(question: &Question, yaml: &str) -> Verdict {
    let names: Vec<String> = question.controls.iter().map(ToString::to_string).collect();
    let kubernetes = KubernetesVersion {
        minor: question.kubernetes,
    };
    let controls: Vec<&Control> = select_controls(&CATALOG, &names, &[], None, kubernetes)
        .expect("the controls of the table exist");
    let yaml = (question.prepare)(&in_right_group(yaml));
    let assessment = scan(&yaml, &controls, kubernetes.minor);
    let has = |status| {
        let mut results = assessment.controls.iter();
        results.any(|result| result.status == status)
    };
    if has(ControlStatus::Failed) {
        Verdict::Fail
    } else if has(ControlStatus::NotAssessed) {
        Verdict::NotAssessed
    } else {
        Verdict::Pass
    }
}

/// Some cases put kinds into the core group that are not of it. Polaris does not look; the API server does.
fn in_right_group(yaml: &str) -> String {
    let mut yaml = yaml.to_owned();
    for (kind, group) in [("Deployment", "apps"), ("PodDisruptionBudget", "policy")] {
        yaml = yaml.replace(
            &format!("apiVersion: v1\nkind: {kind}\n"),
            &format!("apiVersion: {group}/v1\nkind: {kind}\n"),
        );
    }
    yaml
}

/// The first object is declared critical: only of such workloads is availability asked.
fn critical(yaml: &str) -> String {
    let label = "  labels:\n    plimsoll.dev/criticality: high\n";
    let first = yaml.split("\n---").next().expect("a first object");
    if first.contains("\n  labels:\n") {
        yaml.replacen("  labels:\n", label, 1)
    } else {
        yaml.replacen("metadata:\n", &format!("metadata:\n{label}"), 1)
    }
}

/// The first object is a critical workload with two replicas, if it does not state how many it has.
fn critical_with_replicas(yaml: &str) -> String {
    critical(yaml).replacen("\nspec:\n", "\nspec:\n  replicas: 2\n", 1)
}

/// As above, in a whole cluster: only there is it known that no budget lies elsewhere.
fn critical_with_replicas_in_cluster(yaml: &str) -> String {
    with(
        &critical_with_replicas(yaml),
        "apiVersion: v1\nkind: Node\nmetadata:\n  name: node-1\n",
    )
}

/// The autoscaler has a target, and that is critical.
fn with_critical_target(yaml: &str) -> String {
    let target = "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: php-apache
  labels:
    plimsoll.dev/criticality: high
spec:
  selector:
    matchLabels: {app: php-apache}
  template:
    metadata:
      labels: {app: php-apache}
    spec:
      containers:
        - name: php-apache
          image: registry.example.com/php-apache:8
";
    with(yaml, target)
}

/// The Pod is behind a Service: only there is readiness asked.
fn with_service(yaml: &str) -> String {
    let service = "
apiVersion: v1
kind: Service
metadata:
  name: readiness
spec:
  selector:
    test: readiness
  ports:
    - port: 80
";
    with(yaml, service)
}

/// The role is bound: it is judged where somebody has it.
fn with_cluster_role_binding(yaml: &str) -> String {
    with_binding(yaml, "ClusterRoleBinding", "ClusterRole")
}

/// As above, in the namespace of the role.
fn with_role_binding(yaml: &str) -> String {
    with_binding(yaml, "RoleBinding", "Role")
}

fn with_binding(yaml: &str, kind: &str, role_kind: &str) -> String {
    let of_metadata = |key: &str| {
        let mut lines = yaml.lines();
        lines.find_map(|line| line.strip_prefix(key)).map(str::trim)
    };
    let role = of_metadata("  name: ").expect("the role has a name");
    let namespace = of_metadata("  namespace: ")
        .map(|namespace| format!("  namespace: {namespace}\n"))
        .unwrap_or_default();
    let binding = format!(
        "apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata:
  name: bound
{namespace}roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {role_kind}
  name: {role}
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: User
    name: somebody
"
    );
    with(yaml, &binding)
}

fn with(yaml: &str, object: &str) -> String {
    format!("{}\n---\n{}", yaml.trim_end(), object.trim_start())
}
