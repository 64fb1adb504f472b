//! Requirements of frameworks: what they ask for, and what they came to.

use std::collections::BTreeMap;

use plimsoll_assess::{FrameworkResult, RequirementResult, RequirementStatus};
use plimsoll_catalog::Report;
use serde_json::{Value, json};

use super::subjects::{Observed, Subjects};
use super::text::{control_id, markup, objective_id};
use super::{fields, property};
use crate::words;

/// Whether anything is known of a requirement, so that a finding can say it.
pub(super) fn is_assessed(found: &RequirementResult<'_>) -> bool {
    !matches!(
        found.status,
        RequirementStatus::NotAssessed | RequirementStatus::NotApplicable
    )
}

/// The objective that a requirement is judged by. Of some frameworks a scan cannot say that they are met: what it can say
/// is the objective then.
pub(super) fn objective(framework: &FrameworkResult<'_>, found: &RequirementResult<'_>) -> Value {
    let of = found.requirement;
    let id = &framework.framework.id;
    let prose = match framework.framework.report {
        Report::Score => of.title.clone(),
        Report::Support => format!(
            "Technical measures that were looked at support: {}",
            of.title
        ),
        Report::Coverage => format!("What was looked at leaves no way open to: {}", of.title),
    };
    let mut props = vec![
        property("framework", id),
        property("requirement", &of.id),
        property("kind", of.kind.name()),
        property("status", words::requirement_state(found.status)),
    ];
    if let Some(reason) = &found.reason {
        props.push(property("reason", reason));
    }
    json!({
        "control-id": control_id(id, &of.id),
        "props": props,
        "parts": [{
            "id": objective_id(id, &of.id),
            "name": "assessment-objective",
            "title": markup(&format!("{id} {}", of.id)),
            "prose": markup(&prose)
        }]
    })
}

/// Which requirements of a framework were looked at; `None` where none was.
pub(super) fn selection(framework: &FrameworkResult<'_>) -> Option<Value> {
    let id = &framework.framework.id;
    let select = |assessed: bool| -> Vec<Value> {
        framework
            .requirements
            .iter()
            .filter(|found| is_assessed(found) == assessed)
            .map(|found| json!({"control-id": control_id(id, &found.requirement.id)}))
            .collect()
    };
    let included = select(true);
    (!included.is_empty()).then(|| {
        Value::Object(fields([
            (
                "description",
                json!(markup(&format!(
                    "{}, {}",
                    framework.framework.title, framework.framework.version
                ))),
            ),
            ("props", json!([property("framework", id)])),
            ("include-controls", Value::Array(included)),
            ("exclude-controls", Value::Array(select(false))),
            (
                "remarks",
                json!(markup(&format!(
                    "{} Requirements that are excluded were not assessed, or apply to nothing here; their objectives say why.",
                    words::figure(framework)
                ))),
            ),
        ]))
    })
}

/// What a requirement came to.
pub(super) fn finding(
    subjects: &Subjects<'_, '_>,
    framework: &FrameworkResult<'_>,
    found: &RequirementResult<'_>,
    observed: &BTreeMap<usize, Observed>,
    attestation: Option<&str>,
) -> Value {
    let of = found.requirement;
    let id = &framework.framework.id;
    let (state, reason) = match found.status {
        RequirementStatus::Met => ("satisfied", "pass"),
        RequirementStatus::Inherited => ("satisfied", "other"),
        RequirementStatus::NotMet => ("not-satisfied", "fail"),
        // Some of it holds, or not all of it is known: that is no pass.
        _ => ("not-satisfied", "other"),
    };
    let observations: Vec<Value> = found
        .controls
        .iter()
        .filter_map(|number| observed.get(number))
        .map(|observed| json!({"observation-uuid": observed.uuid}))
        .collect();
    let risks: Vec<Value> = found
        .failing
        .iter()
        .filter_map(|number| observed.get(number))
        .flat_map(|observed| &observed.risks)
        .map(|risk| json!({"risk-uuid": risk["uuid"]}))
        .collect();
    let mut description = format!(
        "{}, {:.2} of 1.",
        words::requirement_state(found.status),
        found.score
    );
    for text in [
        found.reason.clone(),
        found.attestation.as_ref().map(words::attested),
    ]
    .into_iter()
    .flatten()
    {
        description.push(' ');
        description.push_str(&text);
        description.push('.');
    }
    let links = attestation
        .map(|resource| json!([{"href": format!("#{resource}"), "rel": "evidence"}]))
        .unwrap_or_default();
    let content = fields([
        (
            "title",
            json!(markup(&format!("{id} {}: {}", of.id, of.title))),
        ),
        ("description", json!(markup(&description))),
        (
            "props",
            json!([
                property("framework", id),
                property("requirement", &of.id),
                property("status", words::requirement_state(found.status)),
                property("score", &format!("{:.3}", found.score)),
            ]),
        ),
        ("links", links),
        ("origins", subjects.origins()),
        (
            "target",
            json!({
                "type": "objective-id",
                "target-id": objective_id(id, &of.id),
                "status": {"state": state, "reason": reason}
            }),
        ),
        ("related-observations", Value::Array(observations)),
        ("related-risks", Value::Array(risks)),
    ]);
    subjects.identities.by_content("finding", content)
}
