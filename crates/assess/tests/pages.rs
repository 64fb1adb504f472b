//! Every control page: its examples do what it says, and pages are alike.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod scan;

use std::collections::HashSet;

use plimsoll_assess::{Finding, PlannedEdit};
use plimsoll_catalog::{Control, EditKind, Example, RequirementKind, Start};
use plimsoll_document::{Node, Path, Scalar, Segment};
use plimsoll_inventory::KubernetesVersion;
use scan::{CATALOG, inventory, scan};
use serde_json::Value as Json;

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
fn both_outcomes_are_shown_and_are_what_the_page_says() {
    let mut wrong = Vec::new();
    for control in assessable() {
        let passes = control.page.examples("Passes");
        let fails = control.page.examples("Fails");
        if passes.is_empty() || fails.is_empty() {
            wrong.push(format!("{}: both outcomes are shown", control.page.path));
        }
        for example in &passes {
            let assessment = scan(&example.yaml, &[control], minor(example));
            if !assessment.findings.is_empty() || !assessment.not_assessed.is_empty() {
                wrong.push(format!(
                    "{}:{}: should pass: {:?} {:?}",
                    control.page.path,
                    example.line,
                    assessment
                        .findings
                        .iter()
                        .map(|found| &found.message)
                        .collect::<Vec<_>>(),
                    assessment.not_assessed
                ));
            }
        }
        for example in &fails {
            let assessment = scan(&example.yaml, &[control], minor(example));
            let mut found: Vec<u32> = assessment
                .findings
                .iter()
                .map(|finding| finding.position.line)
                .collect();
            found.sort_unstable();
            found.dedup();
            let marked: Vec<u32> = example
                .yaml
                .lines()
                .enumerate()
                .filter(|(_, line)| line.trim_end().ends_with("# finds"))
                .map(|(at, _)| at as u32 + 1)
                .collect();
            if found != marked || marked.is_empty() || !assessment.not_assessed.is_empty() {
                wrong.push(format!(
                    "{}:{}: finds at lines {found:?}, marked are {marked:?} {:?}",
                    control.page.path, example.line, assessment.not_assessed
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn fixed_examples_are_what_the_edits_make_of_the_failing_ones_and_pass() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for control in assessable() {
        let fails = control.page.examples("Fails");
        let fixed = control.page.examples("Fixed");
        if control.fix.is_empty() != fixed.is_empty() || fixed.len() > fails.len() {
            wrong.push(format!(
                "{}: a page has fixed examples where it has a fix",
                control.page.path
            ));
            continue;
        }
        for (failing, fixed) in fails.iter().zip(&fixed) {
            count += 1;
            let inventory = inventory(&failing.yaml);
            let assessment = scan(&failing.yaml, &[control], minor(failing));
            let mut edited = to_json(inventory.objects()[0].root());
            // From the last place to the first, so that removing an element moves no other edit's place.
            let edits: Vec<&PlannedEdit> = assessment
                .findings
                .iter()
                .flat_map(|finding: &Finding| &finding.edits)
                .collect();
            for edit in edits.into_iter().rev() {
                apply(&mut edited, &edit.path, &edit.kind);
            }
            let wanted = scan::inventory(&fixed.yaml);
            if edited != to_json(wanted.objects()[0].root()) {
                wrong.push(format!(
                    "{}:{}: the edits give {edited}",
                    control.page.path, fixed.line
                ));
            }
            let assessment = scan(&fixed.yaml, &[control], minor(fixed));
            if !assessment.findings.is_empty() {
                wrong.push(format!(
                    "{}:{}: the fixed example fails",
                    control.page.path, fixed.line
                ));
            }
        }
    }
    assert!(count > 20);
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
            for finding in scan(&example.yaml, &[control], minor(&example)).findings {
                let message = &finding.message;
                let starts_low = message
                    .chars()
                    .next()
                    .is_some_and(|first| !first.is_uppercase());
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
fn every_requirement_of_pod_security_has_a_direct_control() {
    for framework in CATALOG.frameworks() {
        for requirement in &framework.requirements {
            let covered = CATALOG.controls().iter().any(|control| {
                control
                    .evidence_for(&framework.id)
                    .is_some_and(|evidence| evidence.direct.contains(&requirement.id))
            });
            assert!(covered, "{} {}", framework.id, requirement.id);
        }
    }
}

#[test]
fn a_container_is_judged_alike_in_every_list() {
    for control in assessable().filter(|control| {
        control
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
                (assessment.findings.len(), assessment.not_assessed.len())
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
    for control in
        assessable().filter(|control| control.applies == plimsoll_catalog::Applies::Workloads)
    {
        // A control may say that it is not for Jobs.
        if control.name == "interactive-terminal" {
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
                    .findings
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
                let object = serde_json::json!({"apiVersion": api, "kind": kind, "metadata": {"name": "x"}, "spec": spec});
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

fn to_json(node: Node<'_>) -> Json {
    match node.scalar() {
        Scalar::Null => Json::Null,
        Scalar::Bool(value) => value.into(),
        Scalar::Int(value) => value.into(),
        Scalar::Uint(value) => value.into(),
        Scalar::Double(value) => value.into(),
        Scalar::String(text) => text.into(),
        Scalar::List => node.children().map(to_json).collect(),
        Scalar::Map => node
            .entries()
            .map(|(key, value)| (key.to_owned(), to_json(value)))
            .collect(),
    }
}

fn apply(object: &mut Json, path: &Path, kind: &EditKind) {
    let (last, above) = path.segments.split_last().expect("an edit has a path");
    let mut here = object;
    for segment in above {
        here = match segment {
            Segment::Key(key) => {
                if here.get(key.name()).is_none() {
                    here[key.name()] = serde_json::json!({});
                }
                &mut here[key.name()]
            }
            Segment::Index(index) => &mut here[*index],
            Segment::Every => panic!("an edit names one place"),
        };
    }
    match (kind, last) {
        (EditKind::Set(value), Segment::Key(key)) => here[key.name()] = value.clone(),
        (EditKind::Set(value), Segment::Index(index)) => here[*index] = value.clone(),
        (EditKind::Remove, Segment::Key(key)) => {
            here.as_object_mut()
                .expect("a map")
                .shift_remove(key.name());
        }
        (EditKind::Remove, Segment::Index(index)) => {
            here.as_array_mut().expect("a list").remove(*index);
        }
        (EditKind::Append(value), Segment::Key(key)) => {
            if here.get(key.name()).is_none() {
                here[key.name()] = serde_json::json!([]);
            }
            here[key.name()]
                .as_array_mut()
                .expect("a list")
                .push(value.clone());
        }
        _ => panic!("an edit of this kind does not fit its path"),
    }
}
