//! GitLab's security report for static analysis, for the vulnerability report of a project.
//!
//! GitLab keeps its own list of what is dismissed: an accepted finding is of the severity `Info`, and says why.

use std::io::{self, Write};

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::console::error_line;
use crate::json::List;
use crate::reported::{Reported, capital, reported, repository_path, times, to_the_second};
use crate::result::ScanResult;

/// The version of GitLab's schema.
pub const SCHEMA_VERSION: &str = "15.0.2";

/// GitLab cuts nothing: a longer name or solution makes it refuse the report.
const LONGEST_NAME: usize = 255;
const LONGEST_SOLUTION: usize = 7_000;

/// Writes the report.
///
/// # Errors
/// What the writer says.
pub fn write(result: &ScanResult<'_>, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &Report(result))?;
    writeln!(out)
}

struct Report<'r>(&'r ScanResult<'r>);

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = reported(self.0);
        let mut report = serializer.serialize_struct("Report", 3)?;
        report.serialize_field("version", SCHEMA_VERSION)?;
        report.serialize_field("scan", &scan(self.0))?;
        let vulnerabilities = || entries.iter().map(vulnerability);
        report.serialize_field("vulnerabilities", &List(vulnerabilities))?;
        report.end()
    }
}

fn scan(result: &ScanResult<'_>) -> Value {
    let tool = json!({
        "id": "plimsoll",
        "name": "Plimsoll",
        "version": result.version,
        "vendor": {"name": "Plimsoll"},
    });
    let (start, end) = times(result).unwrap_or_default();
    let messages: Vec<Value> = result
        .errors
        .iter()
        .map(|error| json!({"level": "warn", "value": error_line(error)}))
        .collect();
    let has_failed = result.assessment.objects == 0 && !result.errors.is_empty();
    json!({
        "type": "sast",
        "analyzer": tool,
        "scanner": tool,
        "start_time": to_the_second(start),
        "end_time": to_the_second(end),
        // Incomplete is not failed: the messages say what was not read.
        "status": if has_failed { "failure" } else { "success" },
        "messages": messages,
    })
}

fn vulnerability(entry: &Reported<'_>) -> Value {
    let (finding, control) = (entry.finding, entry.control);
    let mut description = format!("{}: {}", entry.object_name(), finding.message);
    let severity = match entry.accepted() {
        Some(reason) => {
            description.push_str(&format!("\n\nAccepted: {reason}"));
            "Info"
        }
        None => capital(control.severity),
    };
    let introduction = control.page.introduction();
    if !introduction.is_empty() {
        description.push_str(&format!("\n\n{introduction}"));
    }
    let mut identifiers = vec![identifier("plimsoll", &control.id)];
    for alias in &control.aliases {
        for id in &alias.ids {
            identifiers.push(identifier(&alias.tool, id));
        }
    }
    let mut location = json!({"class": entry.object_name(), "method": finding.path.to_string()});
    if let Some(file) = entry.file() {
        location["file"] = repository_path(file).into();
        if let Some(at) = entry.written() {
            location["start_line"] = at.line.into();
        }
    }
    let mut vulnerability = json!({
        "id": entry.fingerprint,
        "name": first_characters(&control.title, LONGEST_NAME),
        "description": description,
        "severity": severity,
        "identifiers": identifiers,
        "location": location,
    });
    let fix = entry.fix();
    if !fix.is_empty() {
        vulnerability["solution"] = first_characters(&fix, LONGEST_SOLUTION).into();
    }
    vulnerability
}

/// The first identifier of a finding is the one that GitLab goes by.
fn identifier(tool: &str, id: &str) -> Value {
    json!({"type": tool, "name": format!("{tool} {id}"), "value": id})
}

fn first_characters(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
