//! The report for people.
//!
//! Findings stand by object, worst first, each with its line of the manifest and what mends it. The summary says what
//! was judged, what was not, and the score.

use std::collections::BTreeMap;
use std::fmt::Write;

use plimsoll_assess::score::Score;
use plimsoll_assess::{ControlStatus, Finding, FindingStatus, PlannedEdit};
use plimsoll_catalog::{EditKind, Severity};
use plimsoll_inventory::Object;

use crate::result::ScanResult;
use crate::text::{Paint, columns, counted, cut, printable, wrap};

/// How the report looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Colours.
    pub paint: Paint,
    /// Columns of the terminal.
    pub width: usize,
    /// Only the summary.
    pub quiet: bool,
}

/// Columns before an excerpt.
const INDENT: usize = 12;

/// The report.
pub fn render(result: &ScanResult<'_>, look: Look) -> String {
    let mut out = String::new();
    if !look.quiet {
        objects(result, look, &mut out);
    }
    problems(result, look, &mut out);
    summary(result, look, &mut out);
    out
}

fn objects(result: &ScanResult<'_>, look: Look, out: &mut String) {
    let mut by_object: BTreeMap<u32, Vec<&Finding>> = BTreeMap::new();
    for finding in &result.assessment.findings {
        by_object.entry(finding.object.0).or_default().push(finding);
    }
    for (id, mut findings) in by_object {
        let object = &result.inventory.objects()[id as usize];
        let severity =
            |finding: &Finding| result.assessment.controls[finding.control].control.severity;
        findings.sort_by_key(|finding| {
            (
                std::cmp::Reverse(severity(finding)),
                finding.position,
                finding.control,
            )
        });
        heading(object, look, out);
        let mut last: Option<(usize, &str)> = None;
        for finding in findings {
            // The same control with the same words at the next place needs no second explanation.
            let repeated = last == Some((finding.control, finding.message.as_str()));
            one_finding(result, object, finding, repeated, look, out);
            last = Some((finding.control, finding.message.as_str()));
        }
        out.push('\n');
    }
}

fn heading(object: &Object, look: Look, out: &mut String) {
    let name = if object.namespace().is_empty() {
        object.name().to_owned()
    } else {
        format!("{}/{}", object.namespace(), object.name())
    };
    let what = printable(&format!("{} {name}", object.kind()));
    let place = printable(&format!(
        "{}:{}",
        object.tree().source().name(),
        object.root().position().line
    ));
    let _ = writeln!(
        out,
        "{}  {}",
        look.paint.bold(&what),
        look.paint.dim(&place)
    );
}

fn one_finding(
    result: &ScanResult<'_>,
    object: &Object,
    finding: &Finding,
    repeated: bool,
    look: Look,
    out: &mut String,
) {
    let control = result.assessment.controls[finding.control].control;
    let paint = look.paint;
    if !repeated {
        let severity = paint.severity(control.severity, &format!("{:<8}", control.severity.name()));
        let lines = wrap(
            &printable(&finding.message),
            look.width.saturating_sub(INDENT + 9).max(30),
        );
        let last = lines.len() - 1;
        for (at, line) in lines.iter().enumerate() {
            // The name stands behind the message where there is room for it.
            let name = format!("  {}", control.name);
            let fits = at == last && INDENT + 9 + columns(line) + columns(&name) <= look.width;
            let name = if fits {
                paint.dim(&name)
            } else {
                String::new()
            };
            if at == 0 {
                let id = paint.bold(&control.id);
                let _ = writeln!(out, "  {severity}  {id}  {line}{name}");
            } else {
                let _ = writeln!(out, "{:INDENT$}         {line}{name}", "");
            }
        }
    }
    if let FindingStatus::Accepted(reason) = &finding.status {
        let _ = writeln!(
            out,
            "            {}",
            paint.good(&format!("accepted: {}", printable(reason)))
        );
        return;
    }
    excerpt(object, finding, look, out);
    for text in fix_lines(finding, control.input.as_deref()) {
        let mut label = paint.hint("fix:");
        for line in wrap(&printable(&text), look.width.saturating_sub(INDENT + 5)) {
            let _ = writeln!(out, "{:INDENT$}{label} {line}", "");
            "    ".clone_into(&mut label);
        }
    }
}

/// The line of the manifest, with the place marked.
fn excerpt(object: &Object, finding: &Finding, look: Look, out: &mut String) {
    let source = object.tree().source();
    let number = finding.position.line.to_string();
    let Some(line) = source.line(finding.position.line) else {
        return;
    };
    let room = look.width.saturating_sub(15 + number.len());
    let before: String = line
        .chars()
        .take(finding.position.column as usize - 1)
        .collect();
    let marked = source.slice(finding.span);
    let marked = marked.lines().next().unwrap_or_default();
    let indent = columns(&printable(&before));
    let gutter = look.paint.dim("|");
    let shown = cut(&printable(line), room);
    let _ = writeln!(
        out,
        "            {} {gutter} {shown}",
        look.paint.dim(&number)
    );
    if indent + 1 >= room {
        return;
    }
    let length = columns(&printable(marked)).clamp(1, room - indent);
    let carets = look.paint.bad(&"^".repeat(length));
    let blank = " ".repeat(number.len());
    let note = missing_note(finding);
    let note = cut(&note, room.saturating_sub(indent + length + 1));
    let _ = writeln!(
        out,
        "            {blank} {gutter} {}{carets} {note}",
        " ".repeat(indent)
    );
    let trimmed = out.trim_end_matches([' ', '\n']).len();
    out.truncate(trimmed);
    out.push('\n');
}

/// What is missing at the place, and what counts instead.
fn missing_note(finding: &Finding) -> String {
    if finding.exists {
        return String::new();
    }
    let path = finding.path.to_string();
    // The end of the path is what a reader looks for; where it stands, the excerpt shows.
    let segments: Vec<&str> = path.rsplitn(3, '.').collect();
    let end: Vec<&str> = segments.iter().take(2).rev().copied().collect();
    match finding.default {
        Some(default) => format!("no {}, default {default}", printable(&end.join("."))),
        None => format!("no {}", printable(&end.join("."))),
    }
}

fn fix_lines(finding: &Finding, input: Option<&str>) -> Vec<String> {
    let mut lines: Vec<String> = finding.edits.iter().map(edit_text).collect();
    if let Some(input) = input {
        lines.push(format!("choose {input}"));
    }
    lines
}

/// An edit in words.
pub fn edit_text(edit: &PlannedEdit) -> String {
    match &edit.kind {
        EditKind::Set(value) => format!("set {} to {value}", edit.path),
        EditKind::Remove => format!("remove {}", edit.path),
        EditKind::Append(value) => format!("add {value} to {}", edit.path),
    }
}

fn problems(result: &ScanResult<'_>, look: Look, out: &mut String) {
    for error in &result.errors {
        let place = match error.position {
            Some(position) => format!("{}:{position}", error.file),
            None => error.file.clone(),
        };
        let label = look.paint.bad("error");
        let _ = writeln!(
            out,
            "{label}: {}: {}",
            printable(&place),
            printable(&error.message)
        );
    }
    if !result.errors.is_empty() {
        out.push('\n');
    }
    if look.quiet {
        return;
    }
    for warning in &result.warnings {
        let label = look.paint.severity(Severity::Medium, "warning");
        let place = format!("{}:{}", warning.file, warning.position);
        let _ = writeln!(
            out,
            "{label}: {}: {}",
            printable(&place),
            printable(&warning.message)
        );
    }
    if !result.warnings.is_empty() {
        out.push('\n');
    }
}

fn summary(result: &ScanResult<'_>, look: Look, out: &mut String) {
    let assessment = &result.assessment;
    let paint = look.paint;
    let mut row = |label: &str, text: String| {
        let _ = writeln!(out, "{}{text}", paint.bold(&format!("{label:<16}")));
    };
    let mut judged = format!("{} judged", counted(assessment.objects, "object"));
    if result.inventory.collapsed_count() > 0 {
        let _ = write!(
            judged,
            ", {} reported at their owner",
            result.inventory.collapsed_count()
        );
    }
    let _ = write!(judged, ", from {}", counted(result.sources.len(), "source"));
    row("scanned", judged);
    let skipped = skipped(result);
    if !skipped.is_empty() {
        row("skipped", skipped);
    }
    let findings: Vec<String> = Severity::ALL
        .into_iter()
        .map(|severity| (severity, assessment.failed_findings(severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| paint.severity(severity, &format!("{count} {severity}")))
        .collect();
    let mut text = if findings.is_empty() {
        paint.good("none")
    } else {
        findings.join(", ")
    };
    if assessment.accepted_findings() > 0 {
        let _ = write!(text, ", {} accepted", assessment.accepted_findings());
    }
    row("findings", text);
    row(
        "controls",
        format!(
            "{} failed, {} passed, {} not applicable, {} not assessed",
            assessment.count(ControlStatus::Failed),
            assessment.count(ControlStatus::Passed),
            assessment.count(ControlStatus::NotApplicable),
            assessment.count(ControlStatus::NotAssessed),
        ),
    );
    row("score", score_text(assessment.score, paint));
    for framework in &assessment.frameworks {
        row(&framework.framework.id, score_text(framework.score, paint));
    }
    for line in not_assessed(result) {
        row(
            "not assessed",
            cut(&printable(&line), look.width.saturating_sub(16)),
        );
    }
    if !result.errors.is_empty() {
        let text = format!("{}, listed above", counted(result.errors.len(), "error"));
        row("not read", paint.bad(&text));
    }
}

fn score_text(score: Score, paint: Paint) -> String {
    if (score.floor - score.ceiling).abs() < 0.05 {
        return format!(
            "{} of 100 {}",
            paint.bold(&format!("{:.1}", score.floor)),
            paint.dim(&format!("(compliance {:.1} %)", score.compliance))
        );
    }
    format!(
        "{} to {} of 100, {:.0} % assessed {}",
        paint.bold(&format!("{:.1}", score.floor)),
        paint.bold(&format!("{:.1}", score.ceiling)),
        score.coverage,
        paint.dim(&format!("(compliance {:.1} %)", score.compliance))
    )
}

/// What is no Kubernetes object, by reason.
fn skipped(result: &ScanResult<'_>) -> String {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for skipped in result.inventory.skipped() {
        *reasons.entry(skipped.reason.to_string()).or_default() += 1;
    }
    let total: usize = reasons.values().sum();
    if total == 0 {
        return String::new();
    }
    let parts: Vec<String> = reasons
        .iter()
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    format!("{}: {}", counted(total, "document"), parts.join(", "))
}

fn not_assessed(result: &ScanResult<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for control in &result.assessment.controls {
        if let Some(reason) = &control.reason {
            lines.push(format!(
                "{} {}: {reason}",
                control.control.id, control.control.name
            ));
        }
    }
    let objects = &result.assessment.not_assessed;
    if let Some(first) = objects.first() {
        lines.push(format!(
            "{} not judged on {}, first {}",
            counted(objects.len(), "control"),
            counted(objects.len(), "object"),
            first.reason
        ));
    }
    lines
}
