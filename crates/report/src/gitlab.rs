//! GitLab's Code Quality report: a list of findings for the widget of a merge request.
//!
//! GitLab knows nothing accepted: such a finding is of the lowest severity, and says why.

use std::io::{self, Write};

use plimsoll_catalog::Severity;
use serde_json::{Value, json};

use crate::json::List;
use crate::reported::{Reported, reported, repository_path};
use crate::result::{ScanError, ScanResult};

/// The name of the check under which errors are listed.
pub const ERROR_CHECK: &str = "plimsoll-error";

/// Writes the report.
///
/// # Errors
/// What the writer says.
pub fn write(result: &ScanResult<'_>, mut out: impl Write) -> io::Result<()> {
    let entries = reported(result);
    let list = List(|| {
        let findings = entries.iter().map(finding);
        findings.chain(result.errors.iter().enumerate().map(error))
    });
    serde_json::to_writer_pretty(&mut out, &list)?;
    writeln!(out)
}

fn finding(entry: &Reported<'_>) -> Value {
    let control = entry.control;
    let mut description = format!("{}: {}", entry.object_name(), entry.finding.message);
    let severity = match entry.accepted() {
        Some(reason) => {
            description.push_str(&format!(" (accepted: {reason})"));
            "info"
        }
        None => severity(control.severity),
    };
    json!({
        "description": description,
        "check_name": format!("{} {}", control.id, control.name),
        "fingerprint": entry.fingerprint,
        "severity": severity,
        "categories": ["Security"],
        "location": {
            // A finding of the cluster itself stands in no file, and of what was rendered the line may not be known;
            // GitLab wants both.
            "path": entry.file().map_or_else(|| "cluster".to_owned(), repository_path),
            "lines": {"begin": entry.file().and_then(|_| entry.written()).map_or(1, |at| at.line)},
        },
    })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
    }
}

fn error((number, error): (usize, &ScanError)) -> Value {
    json!({
        "description": format!("could not be read or assessed: {}", error.message),
        "check_name": ERROR_CHECK,
        // Errors of one file differ by nothing but their order.
        "fingerprint": format!("{ERROR_CHECK}:{number}:{}", error.file),
        "severity": "blocker",
        "location": {
            "path": repository_path(&error.file),
            "lines": {"begin": error.position.map_or(1, |position| position.line)},
        },
    })
}
