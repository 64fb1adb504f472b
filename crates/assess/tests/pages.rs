//! Every control page: its examples do what it says, and pages are alike.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod scan;

use std::collections::{HashMap, HashSet};

use plimsoll_assess::check_examples;
use plimsoll_catalog::{Control, Example, Needs, Parameter, RequirementKind, Start, to_json};
use plimsoll_inventory::KubernetesVersion;
use scan::{CATALOG, inventory, scan};

fn minor(example: &Example) -> u32 {
    example
        .kubernetes
        .as_ref()
        .map_or(KubernetesVersion::NEWEST.minor, |version| {
            KubernetesVersion::parse(version).expect("a version").minor
        })
}

/// Every control that can be assessed, with a place for messages.
fn assessable() -> impl Iterator<Item = &'static Control> {
    CATALOG
        .controls()
        .iter()
        .filter(|control| control.expect.is_some())
}

#[test]
fn examples_pass_fail_and_are_fixed_as_their_pages_say() {
    let mut wrong = Vec::new();
    let mut fixed = 0;
    for control in assessable() {
        fixed += control.page.examples("Fixed").len();
        for mismatch in check_examples(control) {
            let path = &control.page.path;
            wrong.push(format!("{path}:{}: {}", mismatch.line, mismatch.message));
        }
    }
    assert!(fixed > 20);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn ids_names_messages_and_mappings_are_in_order() {
    let mut wrong = Vec::new();
    let mut ids = HashSet::new();
    let mut names = HashSet::new();
    for control in CATALOG.controls() {
        let path = &control.page.path;
        if !ids.insert(&control.id) || !names.insert(&control.name) {
            wrong.push(format!("{path}: id and name are its own"));
        }
        let id_fits = control.id.len() == 7
            && control.id.as_bytes()[3] == b'-'
            && control.id[..3]
                .bytes()
                .all(|byte| byte.is_ascii_uppercase())
            && control.id[4..].bytes().all(|byte| byte.is_ascii_digit());
        if !id_fits {
            wrong.push(format!("{path}: the id is three letters and three digits"));
        }
        for forbidden in ["no-privileged", "disallow", "ensure", "check-", "must-"] {
            if control.name.starts_with(forbidden) {
                wrong.push(format!("{path}: the name says the bad state"));
            }
        }
        if control.page.introduction().len() < 60 || control.page.section("By hand").is_none() {
            wrong.push(format!(
                "{path}: a page says what and why, and what a person does by hand"
            ));
        }
        for framework in CATALOG.frameworks() {
            let Some(evidence) = control.evidence_for(&framework.id) else {
                continue;
            };
            for id in evidence.direct.iter().chain(&evidence.supports) {
                // `pss` stands for both levels: a requirement of either is meant.
                let found = CATALOG
                    .frameworks()
                    .iter()
                    .filter(|other| other.id == framework.id || evidence.framework == "pss")
                    .flat_map(|other| &other.requirements)
                    .find(|requirement| requirement.id == *id);
                match found {
                    None => wrong.push(format!("{path}: {} has no requirement {id}", framework.id)),
                    Some(requirement) if requirement.kind == RequirementKind::Organisational => {
                        wrong.push(format!("{path}: {id} is organisational"));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    for control in assessable() {
        for example in control.page.examples("Fails") {
            for finding in scan(&example.yaml, &[control], minor(&example)).findings() {
                let message = &finding.message;
                // A message begins with a small letter, or with a kind or version as Kubernetes writes it.
                let first = message.split(' ').next().unwrap_or_default();
                let is_kind = ["Pods", "Secret", "TLS"].contains(&first)
                    || first.chars().all(char::is_alphanumeric)
                        && example.yaml.contains(&format!("kind: {first}"));
                let starts_low = is_kind || !first.starts_with(char::is_uppercase);
                if !starts_low || message.ends_with('.') || *message == control.title.to_lowercase()
                {
                    wrong.push(format!("{}: message {message:?}", control.page.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_parameter_means_the_same_in_every_page() {
    let mut known: HashMap<&str, (&Parameter, &str)> = HashMap::new();
    let mut wrong = Vec::new();
    for control in CATALOG.controls() {
        for parameter in control.parameters.list() {
            let path = control.page.path.as_str();
            let (first, there) = known.entry(&parameter.name).or_insert((parameter, path));
            if *first != parameter {
                wrong.push(format!("{}: differs in {path} and {there}", parameter.name));
            }
        }
    }
    assert!(known.len() > 50, "only {} parameters", known.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_requirement_of_pod_security_has_a_direct_control() {
    let of_pod_security = |id: &str| id.starts_with("pss-");
    for framework in CATALOG
        .frameworks()
        .iter()
        .filter(|framework| of_pod_security(&framework.id))
    {
        for requirement in &framework.requirements {
            let covered = CATALOG.controls().iter().any(|control| {
                control
                    .evidence_for(&framework.id)
                    .is_some_and(|evidence| evidence.is_direct(&requirement.id))
            });
            assert!(covered, "{} {}", framework.id, requirement.id);
        }
    }
}

#[test]
fn a_container_is_judged_alike_in_every_list() {
    for control in assessable().filter(|control| {
        control.needs == Needs::Manifest
            && control
                .each
                .iter()
                .any(|each| each.start == Start::Containers)
    }) {
        let examples = control
            .page
            .examples("Fails")
            .into_iter()
            .chain(control.page.examples("Passes"));
        for example in examples {
            if !example.yaml.contains("\n  containers:") || example.yaml.contains("initContainers:")
            {
                continue;
            }
            let count = |yaml: &str| {
                let assessment = scan(yaml, &[control], minor(&example));
                (assessment.findings().len(), assessment.not_assessed.len())
            };
            let wanted = count(&example.yaml);
            for list in ["initContainers", "ephemeralContainers"] {
                let moved = example
                    .yaml
                    .replace("\n  containers:", &format!("\n  {list}:"));
                assert_eq!(count(&moved), wanted, "{} in {list}", control.page.path);
            }
        }
    }
}

#[test]
fn a_template_is_judged_alike_in_every_controller() {
    for control in assessable().filter(|control| {
        control.applies == plimsoll_catalog::Applies::Workloads && control.needs == Needs::Manifest
    }) {
        // A control may say that it is not for Jobs, or only for what has no controller.
        if control.page.front_matter().contains("object.kind")
            || control.page.front_matter().contains("ownerReferences")
        {
            continue;
        }
        for example in control
            .page
            .examples("Fails")
            .into_iter()
            .chain(control.page.examples("Passes"))
        {
            if !example.yaml.contains("kind: Pod\n") {
                continue;
            }
            let pod = inventory(&example.yaml);
            let template = to_json(pod.objects()[0].root());
            let verdict = |yaml: &str| {
                let assessment = scan(yaml, &[control], minor(&example));
                assessment
                    .findings()
                    .iter()
                    .map(|finding| finding.message.clone())
                    .collect::<Vec<_>>()
            };
            let wanted = verdict(&example.yaml);
            for (api, kind, depth) in [
                ("apps/v1", "Deployment", "template"),
                ("apps/v1", "StatefulSet", "template"),
                ("apps/v1", "DaemonSet", "template"),
                ("apps/v1", "ReplicaSet", "template"),
                ("batch/v1", "Job", "template"),
                ("v1", "ReplicationController", "template"),
                ("batch/v1", "CronJob", "jobTemplate"),
            ] {
                let inner =
                    serde_json::json!({"metadata": template["metadata"], "spec": template["spec"]});
                let spec = if depth == "template" {
                    serde_json::json!({"template": inner})
                } else {
                    serde_json::json!({"jobTemplate": {"spec": {"template": inner}}})
                };
                let object = serde_json::json!({"apiVersion": api, "kind": kind, "metadata": template["metadata"], "spec": spec});
                assert_eq!(
                    verdict(&object.to_string()),
                    wanted,
                    "{} as {kind}",
                    control.page.path
                );
            }
        }
    }
}
