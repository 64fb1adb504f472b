//! What a scan says of an object, to be held against what the API server says.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_assess::{Settings, assess};
use plimsoll_catalog::Control;
use plimsoll_document::{Format, Limits, Source, parse};
use plimsoll_inventory::{Inventory, KubernetesVersion};
use serde_json::Value;

use crate::cluster::Exported;

/// The messages of a control's findings; none where it passed, does not apply or was not assessed.
pub(crate) type Findings = BTreeMap<String, Vec<String>>;

/// Judges one object by controls; the findings of each by its id.
pub(crate) fn scan(
    object: &Value,
    controls: &[&Control],
    kubernetes: KubernetesVersion,
) -> Findings {
    let source = Arc::new(Source::new("object.json", object.to_string()));
    let parsed = parse(&source, Format::Json, &Limits::default());
    assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    let mut builder = Inventory::builder();
    builder.add(&parsed);
    let inventory = builder.finish();
    let assessment = assess(&inventory, controls, &[], Settings::at(kubernetes));
    for missing in &assessment.not_assessed {
        let control = controls[missing.control];
        assert!(
            !missing.is_error,
            "{}: {} {object}",
            control.id, missing.reason
        );
    }
    let mut findings = Findings::new();
    for finding in assessment.findings() {
        findings
            .entry(controls[finding.control].id.clone())
            .or_default()
            .push(finding.message.clone());
    }
    findings
}

/// Whether a policy's message says what the findings say, as far as it is not cut off: by the policy itself, or with the
/// warning by the API server.
pub(crate) fn says_the_same(message: &str, control: &Control, findings: &[String]) -> bool {
    let flat = |text: &str| text.replace('\n', " ");
    let start = message.strip_suffix(" ...").unwrap_or(message);
    let is_cut = start.len() < message.len() || message.chars().count() > 100;
    // The server has written quantities in its own way.
    let shows_quantities = control.id == "RES-009";
    message == control.title
        || shows_quantities
        || findings
            .iter()
            .all(|finding| message.contains(flat(finding).trim()))
        || is_cut
            && findings.iter().any(|finding| {
                start.starts_with(flat(finding).trim()) || flat(finding).starts_with(start)
            })
}

/// How the warnings of the API server and the findings of a scan differ, if they do.
pub(crate) fn difference(
    exported: &[&Exported],
    findings: &Findings,
    warnings: &BTreeMap<String, String>,
) -> Option<String> {
    let mut wrong = Vec::new();
    let names: Vec<&str> = exported
        .iter()
        .map(|exported| exported.policy.name.as_str())
        .collect();
    for Exported {
        control, policy, ..
    } in exported
    {
        match (findings.get(&control.id), warnings.get(&policy.name)) {
            (None, None) => {}
            (Some(found), Some(warned)) if says_the_same(warned, control, found) => {}
            (found, warned) => wrong.push(format!(
                "{}: a scan says {found:?}, the server {warned:?}",
                control.id
            )),
        }
    }
    for (name, says) in warnings {
        if !names.contains(&name.as_str()) {
            wrong.push(format!("an unexpected warning of {name}: {says}"));
        }
    }
    (!wrong.is_empty()).then(|| wrong.join("\n"))
}
