//! SARIF 2.1.0, for code scanning and editors.
//!
//! - `rules`: the controls that found something, with their help.
//! - `replacements`: edits as replacements in the file, where an edit is one.

mod replacements;
mod rules;

use std::collections::BTreeMap;
use std::io::{self, Write};

use plimsoll_catalog::Severity;
use plimsoll_document::{Position, Source, Span};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::json::{List, rounded};
use crate::reported::{Reported, reported, repository_path, times};
use crate::result::{ScanError, ScanResult};
use crate::words::written;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The version of how findings are told from each other over time.
const FINGERPRINT_VERSION: &str = "plimsoll/v1";

/// Writes the report.
///
/// # Errors
/// What the writer says.
pub fn write(result: &ScanResult<'_>, mut out: impl Write) -> io::Result<()> {
    let run = Run::new(result);
    let log = json!({"$schema": SCHEMA, "version": "2.1.0"});
    serde_json::to_writer_pretty(&mut out, &Log { head: log, run })?;
    writeln!(out)
}

struct Log<'r> {
    head: Value,
    run: Run<'r>,
}

impl Serialize for Log<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut log = serializer.serialize_struct("Log", 3)?;
        log.serialize_field("$schema", &self.head["$schema"])?;
        log.serialize_field("version", &self.head["version"])?;
        log.serialize_field("runs", &[&self.run])?;
        log.end()
    }
}

/// A run of the tool. Results are made while they are written.
struct Run<'r> {
    result: &'r ScanResult<'r>,
    entries: Vec<Reported<'r>>,
    /// Numbers of the controls that found something, with the place of each among the rules.
    rules: BTreeMap<usize, usize>,
    /// By finding: whether its source has anchors.
    anchors: Vec<bool>,
    /// Whether a finding was accepted: then every result says whether it is.
    has_accepted: bool,
}

impl<'r> Run<'r> {
    fn new(result: &'r ScanResult<'r>) -> Run<'r> {
        let entries = reported(result);
        let mut rules: BTreeMap<usize, usize> = entries
            .iter()
            .map(|entry| (entry.finding.control, 0))
            .collect();
        for (place, rule) in rules.values_mut().enumerate() {
            *rule = place;
        }
        Run {
            result,
            anchors: replacements::anchors(&entries),
            has_accepted: entries.iter().any(|entry| entry.accepted().is_some()),
            entries,
            rules,
        }
    }

    fn tool(&self) -> Value {
        let of = |number: &usize| rules::rule(self.result.assessment.controls[*number].control);
        let rules: Vec<Value> = self.rules.keys().map(of).collect();
        json!({"driver": {
            "name": "plimsoll",
            "fullName": format!("plimsoll {}", self.result.version),
            "version": self.result.version,
            "semanticVersion": self.result.version,
            "shortDescription": {"text": "Kubernetes compliance: right verdicts, honest scores"},
            "rules": rules,
        }})
    }

    fn invocation(&self) -> Value {
        let notifications: Vec<Value> = self.result.errors.iter().map(notification).collect();
        let mut invocation = json!({
            "executionSuccessful": self.result.errors.is_empty(),
            "toolExecutionNotifications": notifications,
        });
        if let Some((start, end)) = times(self.result) {
            invocation["startTimeUtc"] = start.to_string().into();
            invocation["endTimeUtc"] = end.to_string().into();
        }
        invocation
    }

    fn summary(&self) -> Value {
        let assessment = &self.result.assessment;
        let score = assessment.score;
        json!({
            "objects": assessment.objects,
            "score": {
                "floor": rounded(score.floor, 1),
                "ceiling": rounded(score.ceiling, 1),
                "coverage": rounded(score.coverage, 1),
                "complianceScore": rounded(score.compliance, 1),
            },
            "findings": {
                "critical": assessment.failed_findings(Severity::Critical),
                "high": assessment.failed_findings(Severity::High),
                "medium": assessment.failed_findings(Severity::Medium),
                "low": assessment.failed_findings(Severity::Low),
                "accepted": assessment.accepted_findings(),
            },
        })
    }

    fn result(&self, (entry, has_anchors): (&Reported<'_>, &bool)) -> Value {
        let (finding, control, object) = (entry.finding, entry.control, entry.object);
        let path = finding.path.to_string();
        let name = entry.object_name();
        let mut location = json!({"logicalLocations": [{
            "name": name,
            "fullyQualifiedName": if path.is_empty() { name.clone() } else { format!("{name} {path}") },
            "kind": "object",
        }]});
        let source = object.tree().source();
        if let Some(file) = entry.file() {
            location["physicalLocation"] = json!({"artifactLocation": artifact(file)});
            if source.origin().is_none() {
                location["physicalLocation"]["region"] = region(source, finding.span);
            } else if let Some(at) = written(object, finding.position) {
                // How far it goes in the template is not known.
                location["physicalLocation"]["region"] =
                    json!({"startLine": at.line, "startColumn": at.column});
            }
        }
        let mut result = json!({
            "ruleId": control.id,
            "ruleIndex": self.rules.get(&finding.control),
            "kind": "fail",
            "level": rules::level(control.severity),
            "message": {"text": format!("{name}: {}", finding.message)},
            "locations": [location],
            "partialFingerprints": {FINGERPRINT_VERSION: entry.fingerprint},
        });
        if self.has_accepted {
            let suppressions = entry.accepted().map(
                |reason| json!({"kind": "inSource", "status": "accepted", "justification": reason}),
            );
            result["suppressions"] = suppressions.into_iter().collect();
        }
        if let Some(fix) = replacements::fix(entry, *has_anchors) {
            result["fixes"] = json!([fix]);
        }
        result["properties"] = json!({
            "severity": control.severity.name(),
            "path": path,
            "object": {
                "apiVersion": object.api_version(),
                "kind": object.kind(),
                "namespace": object.namespace(),
                "name": object.name(),
            },
        });
        if let Some(origin) = source.origin() {
            result["properties"]["renderedBy"] = origin.renderer.into();
            result["properties"]["renderedFrom"] = origin.label().into();
        }
        result
    }
}

impl Serialize for Run<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut run = serializer.serialize_struct("Run", 6)?;
        run.serialize_field("tool", &self.tool())?;
        run.serialize_field("invocations", &[self.invocation()])?;
        run.serialize_field("automationDetails", &json!({"id": "plimsoll/"}))?;
        run.serialize_field("columnKind", "unicodeCodePoints")?;
        let results = || {
            let entries = self.entries.iter().zip(&self.anchors);
            entries.map(|entry| self.result(entry))
        };
        run.serialize_field("results", &List(results))?;
        run.serialize_field("properties", &self.summary())?;
        run.end()
    }
}

fn notification(error: &ScanError) -> Value {
    let mut place = json!({"artifactLocation": artifact(&error.file)});
    if let Some(position) = error.position {
        place["region"] = json!({"startLine": position.line, "startColumn": position.column});
    }
    json!({
        "level": "error",
        "message": {"text": error.message},
        "locations": [{"physicalLocation": place}],
    })
}

/// The bytes of a span as lines and columns; the end is the first column after it.
fn region(source: &Source, span: Span) -> Value {
    let start = source.position(span.start);
    let end = source.position(span.end);
    let mut region = json!({"startLine": start.line, "startColumn": start.column});
    if end > start {
        // A block ends with its last line, and not at the start of the next one.
        let end = last_character(source, span).unwrap_or(end);
        region["endLine"] = end.line.into();
        region["endColumn"] = end.column.into();
    }
    region
}

/// The place after the last character of a span that is no blank.
fn last_character(source: &Source, span: Span) -> Option<Position> {
    let text = source.slice(span).trim_end();
    (!text.is_empty()).then(|| source.position(span.start + text.len() as u32))
}

/// A file as a reference relative to the repository, or an absolute URI.
fn artifact(file: &str) -> Value {
    let path = repository_path(file);
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for (at, byte) in path.bytes().enumerate() {
        let is_plain = byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=@".contains(&byte);
        // A colon in the first segment would make a scheme of what is before it.
        if is_plain || byte == b':' && path[..at].contains('/') {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    json!({"uri": uri})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_references() {
        let uri = |file: &str| artifact(file)["uri"].as_str().unwrap().to_owned();
        assert_eq!(uri("./deploy/web.yaml"), "deploy/web.yaml");
        assert_eq!(uri("/srv/a b.yaml"), "file:///srv/a%20b.yaml");
        assert_eq!(uri("c:d/ü#?.yaml"), "c%3Ad/%C3%BC%23%3F.yaml");
        assert_eq!(uri("a/b:c"), "a/b:c");
    }

    #[test]
    fn regions_end_after_the_last_character() {
        let source = Source::new("x", "a:\n  ü: 1\n\nb: 2\n");
        let region = region(&source, Span { start: 5, end: 12 });
        let expected = json!({"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 7});
        assert_eq!(region, expected);
    }
}
