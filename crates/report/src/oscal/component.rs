//! A component definition: the library of controls as what validates, and what was scanned as what implements.

use plimsoll_assess::{FrameworkResult, RequirementResult, RequirementStatus};
use serde_json::{Map, Value, json};

use super::subjects::Subjects;
use super::text::{control_id, line, markup};
use super::{fields, metadata, property, requirements};
use crate::result::ScanResult;
use crate::words;

pub(super) fn content(result: &ScanResult<'_>) -> Map<String, Value> {
    let subjects = Subjects::new(result);
    let library = component(
        &subjects,
        &Described {
            uuid: subjects.tool(),
            kind: "validation",
            title: "Plimsoll",
            description:
                "A library of controls that are judged on the configuration of Kubernetes."
                    .to_owned(),
            about: "Controls that test the requirement, or give evidence towards it",
        },
        |_, found| !found.controls.is_empty(),
        |found| validated(result, found),
    );
    let scanned = component(
        &subjects,
        &Described {
            uuid: subjects.scanned(),
            kind: "software",
            title: "What was scanned",
            description: words::scanned(result),
            about: "How far the configuration that was scanned implements the requirement",
        },
        // What is not met is implemented by nothing, and whether it is planned is not known.
        |framework, found| {
            framework.has_score()
                && requirements::is_assessed(found)
                && found.status != RequirementStatus::NotMet
        },
        |found| implemented(result, found),
    );
    fields([
        (
            "metadata",
            Value::Object(metadata(
                "Kubernetes compliance: component definition",
                result,
            )),
        ),
        ("components", json!([library, scanned])),
    ])
}

struct Described {
    uuid: String,
    kind: &'static str,
    title: &'static str,
    description: String,
    about: &'static str,
}

fn component(
    subjects: &Subjects<'_, '_>,
    described: &Described,
    is_in: impl Fn(&FrameworkResult<'_>, &RequirementResult<'_>) -> bool,
    say: impl Fn(&RequirementResult<'_>) -> (String, Vec<Value>),
) -> Value {
    let mut implementations = Vec::new();
    for framework in &subjects.result.assessment.frameworks {
        let of = framework.framework;
        let requirements: Vec<Value> = framework
            .requirements
            .iter()
            .filter(|found| is_in(framework, found))
            .map(|found| {
                let (description, mut props) = say(found);
                props.insert(0, property("requirement", &found.requirement.id));
                let id = control_id(&of.id, &found.requirement.id);
                json!({
                    "uuid": subjects.identities.in_scope(described.kind, &id),
                    "control-id": id,
                    "description": markup(&description),
                    "props": props
                })
            })
            .collect();
        if requirements.is_empty() {
            continue;
        }
        implementations.push(json!({
            "uuid": subjects.identities.in_scope(described.kind, &format!("framework {}", of.id)),
            "source": of.source,
            "description": markup(&format!("{}: {}, {}", described.about, of.title, of.version)),
            "props": [property("framework", &of.id)],
            "implemented-requirements": requirements
        }));
    }
    Value::Object(fields([
        ("uuid", json!(described.uuid)),
        ("type", json!(described.kind)),
        ("title", json!(described.title)),
        ("description", json!(markup(&described.description))),
        (
            "props",
            json!([{"name": "version", "value": line(subjects.result.version)}]),
        ),
        ("control-implementations", Value::Array(implementations)),
    ]))
}

/// The controls of a requirement.
fn validated(result: &ScanResult<'_>, found: &RequirementResult<'_>) -> (String, Vec<Value>) {
    let controls = found
        .controls
        .iter()
        .map(|number| result.assessment.controls[*number].control);
    let mut titles = Vec::new();
    let mut props = Vec::new();
    for control in controls {
        titles.push(format!("{} {}", control.id, control.title));
        props.push(property("control", &control.id));
    }
    (
        format!("{}: {}", found.requirement.title, titles.join("; ")),
        props,
    )
}

/// How far a requirement is met.
fn implemented(result: &ScanResult<'_>, found: &RequirementResult<'_>) -> (String, Vec<Value>) {
    let status = match found.status {
        RequirementStatus::Met | RequirementStatus::Inherited => "implemented",
        _ => "partial",
    };
    let failing: Vec<&str> = found
        .failing
        .iter()
        .map(|number| result.assessment.controls[*number].control.id.as_str())
        .collect();
    let mut text = format!(
        "{}: {}",
        found.requirement.title,
        words::requirement_state(found.status)
    );
    if !failing.is_empty() {
        text.push_str("; failing ");
        text.push_str(&failing.join(", "));
    }
    (
        text,
        vec![
            json!({"name": "implementation-status", "value": status}),
            property("status", words::requirement_state(found.status)),
        ],
    )
}
