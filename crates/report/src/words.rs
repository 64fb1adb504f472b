//! What the documents for people say alike: names of states and objects, figures of a framework, what is not known.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use plimsoll_assess::{
    Attestation, AttestationState, ControlStatus, Finding, FindingStatus, FrameworkResult,
    RequirementStatus, Tally,
};
use plimsoll_catalog::{Control, Report};
use plimsoll_document::{Path, Position, Source};
use plimsoll_inventory::Object;

use crate::console::edits::{EditText, edit_texts};
use crate::result::{ScanResult, ScanWarning};
use crate::text::counted;

/// States of requirements in the order in which they are told.
pub(crate) const REQUIREMENT_STATES: [RequirementStatus; 6] = [
    RequirementStatus::NotMet,
    RequirementStatus::Partial,
    RequirementStatus::Met,
    RequirementStatus::Inherited,
    RequirementStatus::NotAssessed,
    RequirementStatus::NotApplicable,
];

/// States of controls in the order in which they are told.
pub(crate) const CONTROL_STATES: [ControlStatus; 4] = [
    ControlStatus::Failed,
    ControlStatus::Passed,
    ControlStatus::NotAssessed,
    ControlStatus::NotApplicable,
];

/// The state of a requirement, in words.
pub(crate) fn requirement_state(status: RequirementStatus) -> &'static str {
    match status {
        RequirementStatus::NotMet => "not met",
        RequirementStatus::Partial => "partly met",
        RequirementStatus::Met => "met",
        RequirementStatus::Inherited => "inherited",
        RequirementStatus::NotAssessed => "not assessed",
        RequirementStatus::NotApplicable => "not applicable",
    }
}

/// The state of a control, in words.
pub(crate) fn control_state(status: ControlStatus) -> &'static str {
    match status {
        ControlStatus::Passed => "passed",
        ControlStatus::Failed => "failed",
        ControlStatus::NotApplicable => "not applicable",
        ControlStatus::NotAssessed => "not assessed",
    }
}

/// `Deployment shop/web`
pub(crate) fn object_name(object: &Object) -> String {
    match object.namespace() {
        "" => format!("{} {}", object.kind(), object.name()),
        namespace => format!("{} {namespace}/{}", object.kind(), object.name()),
    }
}

/// `deploy/web.yaml:7:3`, and of what it was rendered, if it was: `web/templates/a.yaml:7:3 (helm web with prod.yaml)`.
/// `None` for what stands in no file.
pub(crate) fn place(object: &Object, position: Position) -> Option<String> {
    placed(object, written(object, position).map(|at| at.to_string()))
}

/// As [`place`], without the column.
pub(crate) fn line_place(object: &Object, position: Position) -> Option<String> {
    placed(
        object,
        written(object, position).map(|at| at.line.to_string()),
    )
}

fn placed(object: &Object, at: Option<String>) -> Option<String> {
    let source = object.tree().source();
    if source.name().is_empty() {
        return None;
    }
    let mut text = source.name().to_owned();
    if let Some(at) = at {
        let _ = write!(text, ":{at}");
    }
    if let Some(origin) = source.origin() {
        let _ = write!(text, " ({} {})", origin.renderer, origin.label());
    }
    Some(text)
}

/// Where in its file stands what is at a place of an object's text; `None` where that is not known, since it was
/// rendered.
pub(crate) fn written(object: &Object, position: Position) -> Option<Position> {
    object.tree().source().written_at(position)
}

/// The number of a line that stands in its file as it is shown; empty for another one.
pub(crate) fn line_number(source: &Source, position: Position) -> String {
    source
        .written_at(position)
        .filter(|_| source.is_as_written(position))
        .map_or_else(String::new, |at| at.line.to_string())
}

/// A place that something odd was read at: `deploy/web.yaml:7:3: a key stands twice`.
pub fn warning_line(warning: &ScanWarning) -> String {
    let place = match warning.position {
        Some(position) => format!("{}:{position}", warning.file),
        None => warning.file.clone(),
    };
    format!("{place}: {}", warning.message)
}

/// ` and 3 more, at lines 4, 7`: findings beyond those that are shown, with the lines that are known.
pub(crate) fn more(object: &Object, rest: &[&Finding]) -> String {
    let mut lines: Vec<String> = rest
        .iter()
        .filter_map(|finding| written(object, finding.position))
        .map(|at| at.line.to_string())
        .collect();
    lines.dedup();
    match lines.len() {
        0 => String::new(),
        1 => format!("at line {}", lines[0]),
        _ => format!("at lines {}", lines.join(", ")),
    }
}

/// What the figures of a framework say.
pub(crate) fn figure(framework: &FrameworkResult<'_>) -> String {
    let score = framework.score;
    match framework.framework.report {
        Report::Score => format!(
            "Score {:.1} to {:.1} of 100: the first if everything that was not assessed failed, the second if it passed. {:.0} % was assessed.",
            score.floor, score.ceiling, score.coverage
        ),
        Report::Support => format!(
            "Technical measures support it by {:.1} to {:.1} of 100, {:.0} % assessed. Whether it is complied with is not for a scan to say.",
            score.floor, score.ceiling, score.coverage
        ),
        Report::Coverage => {
            let found = framework.exposure();
            format!(
                "A catalogue of threats: of {}, {} are looked at, and {} find a way open.",
                found.of, found.assessed, found.exposed
            )
        }
    }
}

/// How many requirements of a framework have each state that any has: `3 not met, 12 partly met`.
pub(crate) fn requirement_counts(framework: &FrameworkResult<'_>) -> String {
    let counts: Vec<String> = REQUIREMENT_STATES
        .into_iter()
        .map(|state| {
            let count = framework
                .requirements
                .iter()
                .filter(|requirement| requirement.status == state)
                .count();
            (state, count)
        })
        .filter(|(_, count)| *count > 0)
        .map(|(state, count)| format!("{count} {}", requirement_state(state)))
        .collect();
    counts.join(", ")
}

/// That something is attested, or why the attestation does not count.
pub(crate) fn attested(attestation: &Attestation) -> String {
    match &attestation.state {
        AttestationState::Valid => format!(
            "attested by {} ({}, {}), reviewed by {}, until {}",
            attestation.owner,
            attestation.method,
            attestation.evidence,
            attestation.reviewer,
            attestation.valid_until
        ),
        AttestationState::Expired => format!(
            "the attestation of {} expired on {}",
            attestation.owner, attestation.valid_until
        ),
        AttestationState::Broken(reason) => format!(
            "the attestation of {} does not count: {reason}",
            attestation.owner
        ),
    }
}

/// What is missing of a finding's place, with what the API server takes instead; `None` where the place exists.
pub(crate) fn missing(finding: &Finding, object: &Object) -> Option<String> {
    if finding.exists {
        return None;
    }
    let (_, depth) = finding.path.find(object.root());
    let missing = Path {
        segments: finding.path.segments[depth..].to_vec(),
    };
    let mut text = format!("no {missing}");
    if let Some(default) = finding.default {
        let _ = write!(text, ", default {default}");
    }
    Some(text)
}

/// What mends findings of one control, in as few words as it can be said.
pub(crate) fn fixes(result: &ScanResult<'_>, findings: &[&Finding]) -> Vec<String> {
    let mut texts: Vec<String> = edit_texts(findings).iter().map(EditText::whole).collect();
    let control = findings
        .first()
        .map(|finding| result.assessment.controls[finding.control].control);
    if let Some(input) = control.and_then(|control| control.input.as_ref()) {
        texts.push(format!("choose {input}"));
    }
    texts
}

/// Why somebody accepted a finding; `None` for one that stands.
pub(crate) fn accepted(finding: &Finding) -> Option<&str> {
    match &finding.status {
        FindingStatus::Failed => None,
        FindingStatus::Accepted(reason) => Some(reason),
    }
}

/// `12 objects from 4 sources`
pub(crate) fn scanned(result: &ScanResult<'_>) -> String {
    let mut text = format!(
        "{} from {}",
        counted(result.assessment.objects, "object"),
        counted(result.sources.len(), "source")
    );
    let collapsed = result.inventory.collapsed_count();
    if collapsed > 0 {
        let _ = write!(text, ", {collapsed} more reported at their owner");
    }
    text
}

/// What is no Kubernetes object, by reason.
pub(crate) fn skipped(result: &ScanResult<'_>) -> BTreeMap<String, usize> {
    let mut reasons = BTreeMap::new();
    for skipped in result.inventory.skipped() {
        *reasons.entry(skipped.reason.to_string()).or_default() += 1;
    }
    reasons
}

/// Controls that could not be assessed at all, by reason; numbers of controls, most first.
pub(crate) fn controls_not_assessed<'r>(result: &'r ScanResult<'_>) -> Vec<(&'r str, Vec<usize>)> {
    let mut reasons: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, control) in result.assessment.controls.iter().enumerate() {
        if let Some(reason) = &control.reason {
            reasons.entry(reason).or_default().push(number);
        }
    }
    let mut reasons: Vec<(&str, Vec<usize>)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, controls)| std::cmp::Reverse(controls.len()));
    reasons
}

/// What could not be said of single objects, by control and reason, with the objects' names.
pub(crate) fn verdicts_missing<'r>(
    result: &'r ScanResult<'_>,
) -> BTreeMap<(usize, &'r str), BTreeSet<String>> {
    let mut missing: BTreeMap<(usize, &str), BTreeSet<String>> = BTreeMap::new();
    for found in &result.assessment.not_assessed {
        let name = object_name(result.inventory.object(found.object));
        missing
            .entry((found.control, &found.reason))
            .or_default()
            .insert(name);
    }
    missing
}

/// The namespaces of the objects that were judged, in order; empty for objects without one.
pub(crate) fn namespaces<'r>(result: &'r ScanResult<'_>) -> BTreeSet<&'r str> {
    let objects = result.inventory.judged();
    objects.map(|(_, object)| object.namespace()).collect()
}

/// A moment as people write it: `2026-01-31 12:00:00 UTC` for `2026-01-31T12:00:00.123Z`.
pub(crate) fn moment(time: &str) -> String {
    let to_the_second = time.trim_end_matches('Z').split('.').next();
    to_the_second.map_or_else(
        || time.to_owned(),
        |text| format!("{} UTC", text.replace('T', " ")),
    )
}

/// The paragraphs of a control page's prose, each on one line.
pub(crate) fn paragraphs(prose: &str) -> impl Iterator<Item = String> {
    prose
        .split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|paragraph| !paragraph.is_empty())
}

/// Objects of a control by state, those of which there are any: `2 failed, 3 passed`.
pub(crate) fn tally(tally: Tally) -> String {
    let counts = [
        (tally.failed, "failed"),
        (tally.accepted, "accepted"),
        (tally.passed, "passed"),
        (tally.not_assessed, "not assessed"),
    ];
    let parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, state)| format!("{count} {state}"))
        .collect();
    parts.join(", ")
}

/// The requirements that a control gives evidence for: `hipaa 164.312(a)(1); soc2 CC6.1, CC6.8`.
pub(crate) fn evidence(control: &Control) -> String {
    let frameworks: Vec<String> = control
        .evidence
        .iter()
        .map(|evidence| {
            let ids: Vec<&str> = evidence
                .direct
                .iter()
                .chain(&evidence.supports)
                .map(AsRef::as_ref)
                .collect();
            format!("{} {}", evidence.framework, ids.join(", "))
        })
        .collect();
    frameworks.join("; ")
}
