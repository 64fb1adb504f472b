//! A finding with all that formats say of it.

use jiff::{SignedDuration, Timestamp};
use plimsoll_assess::{Finding, FindingStatus};
use plimsoll_catalog::{Control, Severity};
use plimsoll_document::Position;
use plimsoll_inventory::Object;

use crate::console::edits::edit_texts;
use crate::result::ScanResult;
use crate::words::written;

/// A finding with its control and object.
#[derive(Debug, Clone)]
pub(crate) struct Reported<'r> {
    pub(crate) finding: &'r Finding,
    pub(crate) control: &'r Control,
    pub(crate) object: &'r Object,
    /// What it keeps when lines move.
    pub(crate) fingerprint: String,
}

/// All findings, in the order of the result.
pub(crate) fn reported<'r>(result: &'r ScanResult<'_>) -> Vec<Reported<'r>> {
    let findings = result.assessment.findings().iter();
    findings
        .map(|finding| Reported {
            finding,
            control: result.assessment.controls[finding.control].control,
            object: &result.inventory.objects()[finding.object.0 as usize],
            fingerprint: finding.fingerprint.to_string(),
        })
        .collect()
}

/// As [`reported`], worst first and what is accepted last: for readers that stop somewhere.
pub(crate) fn worst_first<'r>(result: &'r ScanResult<'_>) -> Vec<Reported<'r>> {
    let mut all = reported(result);
    all.sort_by_key(|entry| {
        (
            entry.accepted().is_some(),
            std::cmp::Reverse(entry.control.severity),
        )
    });
    all
}

impl<'r> Reported<'r> {
    /// Why it was accepted, where it was.
    pub(crate) fn accepted(&self) -> Option<&'r str> {
        match &self.finding.status {
            FindingStatus::Failed => None,
            FindingStatus::Accepted(reason) => Some(reason),
        }
    }

    /// `failed` or `accepted`.
    pub(crate) fn status(&self) -> &'static str {
        match self.finding.status {
            FindingStatus::Failed => "failed",
            FindingStatus::Accepted(_) => "accepted",
        }
    }

    /// The file; `None` for what stands in none.
    pub(crate) fn file(&self) -> Option<&'r str> {
        file_of(self.object)
    }

    /// The place in the file, where it is known.
    pub(crate) fn written(&self) -> Option<Position> {
        written(self.object, self.finding.position)
    }

    /// `Deployment shop/web`.
    pub(crate) fn object_name(&self) -> String {
        object_name(self.object)
    }

    /// What mends it, in words; empty where nothing is known.
    pub(crate) fn fix(&self) -> String {
        let mut words: Vec<String> = edit_texts(&[self.finding])
            .iter()
            .map(crate::console::edits::EditText::whole)
            .collect();
        if let Some(input) = &self.control.input {
            words.push(format!("choose {input}"));
        }
        words.join("; ")
    }
}

/// The file of an object; `None` for what stands in none.
pub(crate) fn file_of(object: &Object) -> Option<&str> {
    let name = object.tree().source().name();
    (!name.is_empty()).then_some(name)
}

/// `Deployment shop/web`.
pub(crate) fn object_name(object: &Object) -> String {
    let (kind, namespace, name) = (object.kind(), object.namespace(), object.name());
    if namespace.is_empty() {
        format!("{kind} {name}")
    } else {
        format!("{kind} {namespace}/{name}")
    }
}

/// A path as formats want it that know files by their place in a repository: without `./`, with slashes.
pub(crate) fn repository_path(file: &str) -> String {
    let mut path = if cfg!(windows) {
        file.replace('\\', "/")
    } else {
        file.to_owned()
    };
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/').to_owned();
    }
    path
}

/// When the scan began and ended; `None` where the result does not say so in RFC 3339.
pub(crate) fn times(result: &ScanResult<'_>) -> Option<(Timestamp, Timestamp)> {
    let start: Timestamp = result.generated_at.parse().ok()?;
    let took = SignedDuration::try_from_secs_f64(result.duration_ms / 1_000.0).ok()?;
    Some((start, start.checked_add(took).unwrap_or(start)))
}

/// A time as `2026-01-31T12:00:00`, in UTC.
pub(crate) fn to_the_second(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Capital first: `Critical`.
pub(crate) fn capital(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High => "High",
        Severity::Critical => "Critical",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_a_repository() {
        assert_eq!(repository_path("./deploy/web.yaml"), "deploy/web.yaml");
        assert_eq!(repository_path(".//a.yaml"), "a.yaml");
        assert_eq!(repository_path("../a.yaml"), "../a.yaml");
        assert_eq!(repository_path("-"), "-");
    }
}
