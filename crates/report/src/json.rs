//! The JSON report, as the contract has it.

use plimsoll_assess::{ControlResult, ControlStatus, Finding, FindingStatus, RequirementStatus};
use plimsoll_catalog::{Alias, EditKind, Severity};
use serde_json::{Map, Value, json};

use crate::result::ScanResult;

/// The report, indented.
pub fn render(result: &ScanResult<'_>) -> String {
    let mut text = serde_json::to_string_pretty(&value(result)).unwrap_or_default();
    text.push('\n');
    text
}

/// The report as a value.
pub fn value(result: &ScanResult<'_>) -> Value {
    let assessment = &result.assessment;
    json!({
        "schemaVersion": "1",
        "tool": {"name": "plimsoll", "version": result.version},
        "generatedAt": result.generated_at,
        "durationMs": rounded(result.duration_ms),
        "kubernetesVersion": assessment.kubernetes.to_string(),
        "sources": sources(result),
        "summary": {
            "score": score(assessment.score),
            "objects": assessment.objects,
            "controls": {
                "passed": assessment.count(ControlStatus::Passed),
                "failed": assessment.count(ControlStatus::Failed),
                "notApplicable": assessment.count(ControlStatus::NotApplicable),
                "notAssessed": assessment.count(ControlStatus::NotAssessed),
                "inherited": 0,
            },
            "findings": {
                "critical": assessment.failed_findings(Severity::Critical),
                "high": assessment.failed_findings(Severity::High),
                "medium": assessment.failed_findings(Severity::Medium),
                "low": assessment.failed_findings(Severity::Low),
                "accepted": assessment.accepted_findings(),
            },
            "collapsed": result.inventory.collapsed_count(),
        },
        "frameworks": frameworks(result),
        "controls": assessment.controls.iter().map(control).collect::<Vec<_>>(),
        "findings": assessment.findings.iter().map(|found| finding(result, found)).collect::<Vec<_>>(),
        "notAssessed": not_assessed(result),
        "errors": result.errors.iter().map(|error| {
            let mut location = json!({"file": error.file});
            if let Some(position) = error.position {
                location["line"] = position.line.into();
                location["column"] = position.column.into();
            }
            json!({"location": location, "message": error.message})
        }).collect::<Vec<_>>(),
        "warnings": result.warnings.iter().map(|warning| json!({
            "location": {"file": warning.file, "line": warning.position.line, "column": warning.position.column},
            "message": warning.message,
        })).collect::<Vec<_>>(),
        "skipped": result.inventory.skipped().iter().map(|skipped| json!({
            "location": {"file": skipped.source, "document": skipped.document, "line": skipped.line},
            "reason": skipped.reason.to_string(),
        })).collect::<Vec<_>>(),
    })
}

/// A number with one digit after the point.
fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn score(score: plimsoll_assess::score::Score) -> Value {
    json!({
        "floor": rounded(score.floor),
        "ceiling": rounded(score.ceiling),
        "coverage": rounded(score.coverage),
        "complianceScore": rounded(score.compliance),
    })
}

fn sources(result: &ScanResult<'_>) -> Vec<Value> {
    result
        .sources
        .iter()
        .map(|source| {
            let kind = if source.location == "-" {
                "stdin"
            } else {
                "file"
            };
            json!({
                "kind": kind,
                "location": source.location,
                "documents": source.documents,
                "objects": source.objects,
                "skipped": source.skipped,
            })
        })
        .collect()
}

fn frameworks(result: &ScanResult<'_>) -> Vec<Value> {
    let controls = &result.assessment.controls;
    result
        .assessment
        .frameworks
        .iter()
        .map(|framework| {
            let requirements: Vec<Value> = framework
                .requirements
                .iter()
                .map(|requirement| {
                    let ids: Vec<&str> = requirement
                        .controls
                        .iter()
                        .map(|number| controls[*number].control.id.as_str())
                        .collect();
                    json!({
                        "id": requirement.id,
                        "kind": requirement.kind.name(),
                        "status": requirement_status(requirement.status),
                        "score": (requirement.score * 1_000.0).round() / 1_000.0,
                        "controls": ids,
                    })
                })
                .collect();
            json!({
                "id": framework.framework.id,
                "version": framework.framework.version,
                "score": score(framework.score),
                "requirements": requirements,
            })
        })
        .collect()
}

fn requirement_status(status: RequirementStatus) -> &'static str {
    match status {
        RequirementStatus::Met => "met",
        RequirementStatus::Partial => "partial",
        RequirementStatus::NotMet => "notMet",
        RequirementStatus::NotAssessed => "notAssessed",
        RequirementStatus::NotApplicable => "notApplicable",
    }
}

fn control_status(status: ControlStatus) -> &'static str {
    match status {
        ControlStatus::Passed => "passed",
        ControlStatus::Failed => "failed",
        ControlStatus::NotApplicable => "notApplicable",
        ControlStatus::NotAssessed => "notAssessed",
    }
}

/// Ids of other tools, by tool.
pub fn aliases(aliases: &[Alias]) -> Value {
    aliases
        .iter()
        .map(|alias| (alias.tool.clone(), json!(alias.ids)))
        .collect::<Map<String, Value>>()
        .into()
}

fn control(result: &ControlResult<'_>) -> Value {
    let control = result.control;
    let mut value = json!({
        "id": control.id,
        "name": control.name,
        "title": control.title,
        "severity": control.severity.name(),
        "status": control_status(result.status),
        "aliases": aliases(&control.aliases),
        "score": result.score.map(rounded),
        "complianceScore": result.compliance.map(rounded),
        "objects": {
            "passed": result.tally.passed,
            "failed": result.tally.failed,
            "accepted": result.tally.accepted,
            "notAssessed": result.tally.not_assessed,
        },
    });
    if let Some(reason) = &result.reason {
        value["reason"] = reason.as_str().into();
    }
    value
}

fn finding(result: &ScanResult<'_>, finding: &Finding) -> Value {
    let object = &result.inventory.objects()[finding.object.0 as usize];
    let control = result.assessment.controls[finding.control].control;
    let mut value = json!({
        "control": control.id,
        "status": match finding.status {
            FindingStatus::Failed => "failed",
            FindingStatus::Accepted(_) => "accepted",
        },
        "object": {
            "apiVersion": object.api_version(),
            "kind": object.kind(),
            "namespace": object.namespace(),
            "name": object.name(),
        },
        "location": {
            "file": object.tree().source().name(),
            "document": object.document(),
            "line": finding.position.line,
            "column": finding.position.column,
        },
        "path": finding.path.to_string(),
        "observed": finding.observed,
        "message": finding.message,
        "fix": finding.edits.iter().map(|edit| {
            let (op, content) = match &edit.kind {
                EditKind::Set(content) => ("set", Some(content)),
                EditKind::Remove => ("remove", None),
                EditKind::Append(content) => ("append", Some(content)),
            };
            let mut edit = json!({"op": op, "path": edit.path.to_string()});
            if let Some(content) = content {
                edit["value"] = content.clone();
            }
            edit
        }).collect::<Vec<_>>(),
    });
    if let Some(default) = finding.default {
        value["default"] = serde_json::from_str(default).unwrap_or(Value::Null);
    }
    if let FindingStatus::Accepted(reason) = &finding.status {
        value["reason"] = reason.as_str().into();
    }
    value
}

fn not_assessed(result: &ScanResult<'_>) -> Vec<Value> {
    result
        .assessment
        .not_assessed
        .iter()
        .map(|missing| {
            let object = &result.inventory.objects()[missing.object.0 as usize];
            json!({
                "control": result.assessment.controls[missing.control].control.id,
                "object": {
                    "apiVersion": object.api_version(),
                    "kind": object.kind(),
                    "namespace": object.namespace(),
                    "name": object.name(),
                },
                "location": {
                    "file": object.tree().source().name(),
                    "document": object.document(),
                    "line": object.root().position().line,
                },
                "reason": missing.reason,
            })
        })
        .collect()
}
