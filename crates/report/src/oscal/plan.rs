//! A plan of action and milestones.

use serde_json::{Map, Value, json};

use super::subjects::{Observed, Subjects};
use super::text::{control_id, markup};
use super::{fields, metadata, property};
use crate::result::ScanResult;
use crate::words;

pub(super) fn content(result: &ScanResult<'_>) -> Map<String, Value> {
    let subjects = Subjects::new(result);
    let mut items = Vec::new();
    let mut observations = Vec::new();
    let mut risks = Vec::new();
    for number in 0..result.assessment.controls.len() {
        let Some(observed) = subjects.observe(number) else {
            continue;
        };
        if observed.risks.is_empty() {
            continue;
        }
        if let Some(item) = item(&subjects, number, &observed) {
            items.push(item);
        }
        observations.push(observed.observation);
        risks.extend(observed.risks);
    }
    if items.is_empty() {
        // A plan has an item; this one says that there is nothing to do.
        items.push(json!({
            "uuid": subjects.identities.in_scope("item", ""),
            "title": "Nothing is open",
            "description": markup(&format!(
                "{}: no finding stands. What was not assessed is not known.",
                words::scanned(result)
            ))
        }));
    }
    fields([
        (
            "metadata",
            Value::Object(metadata(
                "Kubernetes compliance: plan of action and milestones",
                result,
            )),
        ),
        (
            "system-id",
            json!({
                "identifier-type": "https://ietf.org/rfc/rfc4122",
                "id": subjects.scanned()
            }),
        ),
        ("local-definitions", subjects.local_definitions()),
        ("observations", Value::Array(observations)),
        ("risks", Value::Array(risks)),
        ("poam-items", Value::Array(items)),
    ])
}

/// What is to be done about a control; `None` where every finding was accepted.
fn item(subjects: &Subjects<'_, '_>, number: usize, observed: &Observed) -> Option<Value> {
    let found = &subjects.result.assessment.controls[number];
    let control = found.control;
    let open = observed
        .risks
        .iter()
        .find(|risk| risk["status"] == "open")?;
    let mut props = vec![
        property("control", &control.id),
        property("severity", control.severity.name()),
    ];
    for framework in &subjects.result.assessment.frameworks {
        for requirement in &framework.requirements {
            if requirement.failing.contains(&number) {
                props.push(property(
                    "requirement",
                    &control_id(&framework.framework.id, &requirement.requirement.id),
                ));
            }
        }
    }
    Some(json!({
        "uuid": subjects.identities.in_scope("item", &control.id),
        "title": markup(&format!("{} {}", control.id, control.title)),
        "description": markup(&format!(
            "Mend {} so that no object fails it any more, or accept what cannot be mended, with a reason.",
            control.name
        )),
        "props": props,
        "origins": subjects.origins(),
        "related-observations": [{"observation-uuid": observed.uuid}],
        "related-risks": [{"risk-uuid": open["uuid"]}]
    }))
}
