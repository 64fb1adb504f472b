//! Exceptions, as reports list them.

use plimsoll_assess::{ExceptionResult, Finding};
use serde::Serialize;

use crate::result::ScanResult;
use crate::words;

/// An exception and what it did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry<'r> {
    /// Where it stands: `file`, `annotation`, `comment`, or the tool it is meant for.
    pub origin: &'static str,
    /// The controls it names.
    pub controls: &'r [String],
    /// Why findings are accepted, in a word.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Why, in a sentence.
    pub reason: &'r str,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<&'r str>,
    /// Who allowed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approver: Option<&'r str>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<&'r str>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<&'r str>,
    /// Whether it counts: `inForce`, `notYet`, `expired` or `broken`.
    pub state: &'static str,
    /// The file it stands in.
    pub file: &'r str,
    /// The line there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// How many findings it is for.
    pub findings: usize,
    /// How many of them are accepted because of it.
    pub accepted: usize,
    /// In how many objects it is for one.
    pub objects: u32,
    /// Whether it is for nothing that was found.
    pub unused: bool,
    /// Why it is for more than anybody can have looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_wide: Option<&'r str>,
    /// What is to be said against it, for people.
    pub complaints: Vec<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hides: Vec<Hidden<'r>>,
}

/// A finding that an exception is for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hidden<'r> {
    /// What makes it the same finding in another scan.
    pub fingerprint: String,
    /// The control.
    pub control: &'r str,
    /// `Deployment shop/web`
    pub object: String,
    /// `deploy/web.yaml:12`; empty for what stands in no file.
    pub place: String,
    /// What is wrong.
    pub message: &'r str,
}

/// All exceptions, with what each is for.
pub fn entries<'r>(result: &'r ScanResult<'_>) -> Vec<Entry<'r>> {
    let exceptions = result.assessment.exceptions.iter();
    exceptions
        .map(|exception| {
            let findings = exception.findings.iter();
            let hides = findings
                .filter_map(|number| result.assessment.findings().get(*number))
                .map(|finding| hidden(result, finding))
                .collect();
            Entry {
                hides,
                ..Entry::new(exception)
            }
        })
        .collect()
}

impl<'r> Entry<'r> {
    /// The controls, or all that a tool has.
    pub fn names(&self) -> String {
        if self.controls.is_empty() {
            format!("every check of {}", self.origin)
        } else {
            self.controls.join(", ")
        }
    }

    /// Without what it is for: that stands with the findings.
    pub(crate) fn new(exception: &'r ExceptionResult) -> Entry<'r> {
        Entry {
            origin: exception.origin.name(),
            controls: &exception.controls,
            kind: exception.kind.name(),
            reason: &exception.reason,
            owner: exception.owner.as_deref(),
            approver: exception.approver.as_deref(),
            created: exception.created.as_deref(),
            expires: exception.expires.as_deref(),
            state: exception.state.name(),
            file: &exception.file,
            line: exception.line,
            findings: exception.findings.len(),
            accepted: exception.accepted,
            objects: exception.objects,
            unused: exception.is_unused(),
            over_wide: exception.over_wide.as_deref(),
            complaints: exception.complaints(),
            hides: Vec::new(),
        }
    }
}

fn hidden<'r>(result: &'r ScanResult<'_>, finding: &'r Finding) -> Hidden<'r> {
    let object = &result.inventory.objects()[finding.object.0 as usize];
    let name = match object.namespace() {
        "" => object.name().to_owned(),
        namespace => format!("{namespace}/{}", object.name()),
    };
    Hidden {
        fingerprint: finding.fingerprint.to_string(),
        control: &result.assessment.controls[finding.control].control.id,
        object: format!("{} {name}", object.kind()),
        place: words::line_place(object, finding.position).unwrap_or_default(),
        message: &finding.message,
    }
}
