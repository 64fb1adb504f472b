//! Assessment results.

use std::collections::BTreeMap;

use plimsoll_assess::ControlStatus;
use serde_json::{Map, Value, json};

use super::attestations::{Attested, evidence};
use super::subjects::{Observed, Subjects};
use super::text::{control_id, markup};
use super::{fields, metadata, property, requirements};
use crate::console::error_line;
use crate::result::ScanResult;
use crate::words;

pub(super) fn content(result: &ScanResult<'_>) -> Map<String, Value> {
    let subjects = Subjects::new(result);
    let attested = Attested::new(&subjects);
    let mut metadata = metadata("Kubernetes compliance: assessment results", result);
    attested.complete(&mut metadata);
    let plan = subjects.identities.everywhere("resource", "plan");
    let frameworks = &result.assessment.frameworks;
    let objectives: Vec<Value> = frameworks
        .iter()
        .flat_map(|framework| {
            framework
                .requirements
                .iter()
                .map(|found| requirements::objective(framework, found))
        })
        .collect();
    let mut resources = vec![json!({
        "uuid": plan,
        "title": "How the assessment was planned",
        "description": "The controls that were asked for were judged on every object of the sources. There is no assessment plan in OSCAL.",
        "props": [property("controls", &result.assessment.controls.len().to_string())],
        // A document is a resource by what it is: the plan is the program's own documentation.
        "citation": {"text": "Plimsoll: control pages and frameworks of this version"}
    })];
    resources.extend(frameworks.iter().map(|framework| {
        let of = framework.framework;
        json!({
            "uuid": subjects.identities.everywhere("framework", &format!("{} {}", of.id, of.version)),
            "title": markup(&of.title),
            "description": markup(&of.version),
            "props": [property("framework", &of.id)],
            "rlinks": [{"href": of.source}]
        })
    }));
    resources.extend(attested.resources());
    let local = fields([("objectives-and-methods", Value::Array(objectives))]);
    let local = if local.is_empty() {
        Value::Null
    } else {
        Value::Object(local)
    };
    fields([
        ("metadata", Value::Object(metadata)),
        ("import-ap", json!({"href": format!("#{plan}")})),
        ("local-definitions", local),
        ("results", json!([one(&subjects, attested)])),
        ("back-matter", json!({"resources": resources})),
    ])
}

fn one(subjects: &Subjects<'_, '_>, attested: Attested) -> Value {
    let result = subjects.result;
    let assessment = &result.assessment;
    let observed: BTreeMap<usize, Observed> = (0..assessment.controls.len())
        .filter_map(|number| Some((number, subjects.observe(number)?)))
        .collect();
    let findings: Vec<Value> = assessment
        .frameworks
        .iter()
        .flat_map(|framework| {
            framework
                .requirements
                .iter()
                .filter(|found| requirements::is_assessed(found))
                .map(|found| {
                    let resource = found
                        .attestation
                        .as_ref()
                        .map(|attestation| evidence(subjects, attestation));
                    requirements::finding(
                        subjects,
                        framework,
                        found,
                        &observed,
                        resource.as_deref(),
                    )
                })
        })
        .collect();
    let score = assessment.score;
    let description = if assessment.objects == 0 {
        "Nothing was scanned.".to_owned()
    } else {
        format!(
            "{}. Score {:.1} to {:.1} of 100: the first if everything that was not assessed failed, the second if it passed. {:.0} % was assessed.",
            words::scanned(result),
            score.floor,
            score.ceiling,
            score.coverage
        )
    };
    let (observations, risks): (Vec<Value>, Vec<Vec<Value>>) = observed
        .into_values()
        .map(|observed| (observed.observation, observed.risks))
        .unzip();
    let mut props = vec![
        property("controls-failed", &count(result, ControlStatus::Failed)),
        property("controls-passed", &count(result, ControlStatus::Passed)),
        property(
            "controls-not-assessed",
            &count(result, ControlStatus::NotAssessed),
        ),
        property(
            "controls-not-applicable",
            &count(result, ControlStatus::NotApplicable),
        ),
    ];
    let accepted = assessment.accepted_findings();
    props.push(property(
        "findings-standing",
        &(assessment.findings().len() - accepted).to_string(),
    ));
    props.push(property("findings-accepted", &accepted.to_string()));
    let content = fields([
        ("title", json!("Scan of Kubernetes configuration")),
        ("description", json!(markup(&description))),
        ("start", json!(result.generated_at)),
        ("end", json!(result.generated_at)),
        ("props", Value::Array(props)),
        ("local-definitions", subjects.local_definitions()),
        ("reviewed-controls", reviewed(result)),
        ("attestations", Value::Array(attested.statements)),
        ("observations", Value::Array(observations)),
        ("risks", risks.into_iter().flatten().collect()),
        ("findings", Value::Array(findings)),
        ("remarks", json!(limits(result))),
    ]);
    subjects.identities.by_content("result", content)
}

fn count(result: &ScanResult<'_>, status: ControlStatus) -> String {
    result.assessment.count(status).to_string()
}

fn reviewed(result: &ScanResult<'_>) -> Value {
    let frameworks = &result.assessment.frameworks;
    let mut selections: Vec<Value> = frameworks
        .iter()
        .filter_map(requirements::selection)
        .collect();
    if selections.is_empty() {
        // A selection must be there; this one says that nothing was.
        let all: Vec<Value> = frameworks
            .iter()
            .flat_map(|framework| {
                framework.requirements.iter().map(|found| {
                    json!({"control-id": control_id(&framework.framework.id, &found.requirement.id)})
                })
            })
            .collect();
        selections.push(Value::Object(fields([
            (
                "description",
                json!("No requirement of a framework was assessed."),
            ),
            ("include-all", json!({})),
            ("exclude-controls", Value::Array(all)),
        ])));
    }
    json!({"control-selections": selections})
}

/// What was not looked at, in paragraphs.
fn limits(result: &ScanResult<'_>) -> String {
    let mut paragraphs =
        vec!["What is not assessed is neither satisfied nor not satisfied here.".to_owned()];
    for (reason, controls) in words::controls_not_assessed(result) {
        let ids: Vec<&str> = controls
            .iter()
            .map(|number| result.assessment.controls[*number].control.id.as_str())
            .collect();
        paragraphs.push(format!(
            "Not assessed, {}: {}",
            markup(reason),
            markup(&ids.join(", "))
        ));
    }
    for error in &result.errors {
        paragraphs.push(format!("Error: {}", markup(&error_line(error))));
    }
    paragraphs.join("\n\n")
}
