//! A report that was written before.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_assess::{ControlStatus, FindingStatus};
use serde::Deserialize;
use thiserror::Error;

use crate::json::SCHEMA_VERSION;
use crate::result::ScanResult;
use crate::words::written;

/// What is compared of a report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PastReport {
    /// When it was made.
    pub generated_at: String,
    /// What was found, in its order.
    pub findings: Vec<Found>,
    /// The severity of every control that was asked for.
    pub severities: BTreeMap<String, String>,
    /// Those of them that were assessed.
    pub assessed: BTreeSet<String>,
    /// What was read.
    pub sources: BTreeSet<String>,
    /// Over all controls, and by framework that has a score.
    pub scores: Vec<(String, Standing)>,
}

/// A finding of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What makes it the same finding in another report.
    pub fingerprint: String,
    /// The control.
    pub control: String,
    /// Whether somebody accepted it.
    pub accepted: bool,
    /// The object's kind.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The file; empty where there is none.
    pub file: String,
    /// What was read that it was found in: the file, or the chart or kustomization that was rendered.
    pub source: String,
    /// The line there.
    pub line: Option<u32>,
    /// What is wrong.
    pub message: String,
}

/// A score.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Standing {
    /// Where all that is not assessed failed.
    pub floor: f64,
    /// Where it passed.
    pub ceiling: f64,
    /// How much was assessed.
    pub coverage: f64,
}

/// A text that is no report to compare with.
#[derive(Debug, Error)]
pub enum ReportError {
    /// It is no JSON, or not of the report's form.
    #[error("this is no JSON report of plimsoll: {0}")]
    Form(#[from] serde_json::Error),
    /// It is of another version.
    #[error("this is a report of version {0}, and not of {SCHEMA_VERSION}")]
    Version(String),
    /// It is older than fingerprints.
    #[error("its findings have no fingerprints; write it anew with this version of plimsoll")]
    NoFingerprints,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    schema_version: String,
    generated_at: String,
    summary: RawSummary,
    sources: Vec<RawSource>,
    frameworks: Vec<RawFramework>,
    controls: Vec<RawControl>,
    findings: Vec<RawFinding>,
}

#[derive(Deserialize)]
struct RawSummary {
    score: RawScore,
}

/// A framework may have no figures.
#[derive(Deserialize)]
struct RawScore {
    floor: Option<f64>,
    ceiling: Option<f64>,
    coverage: f64,
}

#[derive(Deserialize)]
struct RawSource {
    location: String,
}

#[derive(Deserialize)]
struct RawFramework {
    id: String,
    score: RawScore,
}

#[derive(Deserialize)]
struct RawControl {
    id: String,
    severity: String,
    status: String,
}

#[derive(Deserialize)]
struct RawFinding {
    control: String,
    status: String,
    object: RawObject,
    location: Option<RawLocation>,
    message: String,
    fingerprint: Option<String>,
}

#[derive(Deserialize)]
struct RawObject {
    kind: String,
    namespace: String,
    name: String,
}

#[derive(Deserialize)]
struct RawLocation {
    file: String,
    line: Option<u32>,
    rendered: Option<RawRendered>,
}

#[derive(Deserialize)]
struct RawRendered {
    from: String,
}

/// What the figures over all controls are called.
const ALL: &str = "all controls";

impl PastReport {
    /// Reads a JSON report.
    ///
    /// # Errors
    /// Text that is none, or one of another version.
    pub fn parse(text: &str) -> Result<PastReport, ReportError> {
        let raw: Raw = serde_json::from_str(text)?;
        if raw.schema_version != SCHEMA_VERSION {
            return Err(ReportError::Version(raw.schema_version));
        }
        let findings = raw
            .findings
            .into_iter()
            .map(|raw| {
                let location = raw.location.unwrap_or(RawLocation {
                    file: String::new(),
                    line: None,
                    rendered: None,
                });
                Ok(Found {
                    fingerprint: raw.fingerprint.ok_or(ReportError::NoFingerprints)?,
                    control: raw.control,
                    accepted: raw.status == "accepted",
                    kind: raw.object.kind,
                    namespace: raw.object.namespace,
                    name: raw.object.name,
                    source: match location.rendered {
                        Some(rendered) => rendered.from,
                        None => location.file.clone(),
                    },
                    file: location.file,
                    line: location.line,
                    message: raw.message,
                })
            })
            .collect::<Result<Vec<Found>, ReportError>>()?;
        let of_frameworks = raw.frameworks.into_iter();
        let scores = std::iter::once((ALL.to_owned(), raw.summary.score))
            .chain(of_frameworks.map(|framework| (framework.id, framework.score)))
            .filter_map(|(id, score)| {
                let standing = Standing {
                    floor: score.floor?,
                    ceiling: score.ceiling?,
                    coverage: score.coverage,
                };
                Some((id, standing))
            })
            .collect();
        Ok(PastReport {
            generated_at: raw.generated_at,
            findings,
            assessed: raw
                .controls
                .iter()
                .filter(|control| control.status != "notAssessed")
                .map(|control| control.id.clone())
                .collect(),
            severities: raw
                .controls
                .into_iter()
                .map(|control| (control.id, control.severity))
                .collect(),
            sources: raw
                .sources
                .into_iter()
                .map(|source| source.location)
                .collect(),
            scores,
        })
    }

    /// What the report of a scan would say.
    pub fn of(result: &ScanResult<'_>) -> PastReport {
        let assessment = &result.assessment;
        let findings = assessment.findings().iter().map(|finding| {
            let object = &result.inventory.objects()[finding.object.0 as usize];
            let source = object.tree().source();
            let file = source.name().to_owned();
            Found {
                fingerprint: finding.fingerprint.to_string(),
                control: assessment.controls[finding.control].control.id.clone(),
                accepted: finding.status != FindingStatus::Failed,
                kind: object.kind().to_owned(),
                namespace: object.namespace().to_owned(),
                name: object.name().to_owned(),
                line: (!file.is_empty())
                    .then(|| written(object, finding.position))
                    .flatten()
                    .map(|at| at.line),
                source: match source.origin() {
                    Some(origin) => origin.from.clone(),
                    None => file.clone(),
                },
                file,
                message: finding.message.clone(),
            }
        });
        let standing = |score: plimsoll_assess::score::Score| Standing {
            floor: score.floor,
            ceiling: score.ceiling,
            coverage: score.coverage,
        };
        let scored = assessment
            .frameworks
            .iter()
            .filter(|framework| framework.has_score());
        PastReport {
            generated_at: result.generated_at.clone(),
            findings: findings.collect(),
            severities: assessment
                .controls
                .iter()
                .map(|control| {
                    (
                        control.control.id.clone(),
                        control.control.severity.to_string(),
                    )
                })
                .collect(),
            assessed: assessment
                .controls
                .iter()
                .filter(|control| control.status != ControlStatus::NotAssessed)
                .map(|control| control.control.id.clone())
                .collect(),
            sources: result
                .sources
                .iter()
                .map(|source| source.location.clone())
                .collect(),
            scores: std::iter::once((ALL.to_owned(), standing(assessment.score)))
                .chain(
                    scored.map(|framework| {
                        (framework.framework.id.clone(), standing(framework.score))
                    }),
                )
                .collect(),
        }
    }
}
