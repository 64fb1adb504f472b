//! The end of the report: which controls failed most, what was judged and what was not, the score.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use plimsoll_assess::score::Score;
use plimsoll_assess::{ControlStatus, FrameworkResult};
use plimsoll_catalog::{Needs, Report, Severity};
use plimsoll_inventory::ObjectId;

use crate::console::exceptions;
use crate::result::{ScanResult, SourceKind, SourceSummary};
use crate::text::{Look, counted, cut, printable, wrap};

/// Columns before what a row says.
const LABEL: usize = 16;

/// How many controls the table shows.
const MOST_CONTROLS: usize = 10;

/// From how many findings on the table of controls is worth its lines.
const MANY_FINDINGS: usize = 12;

/// How many reasons are shown for which something was not assessed.
const MOST_REASONS: usize = 5;

/// Writes the controls with findings that stand, worst first, where the findings above are many.
pub(crate) fn top_controls(result: &ScanResult<'_>, look: Look, out: &mut String) {
    let controls = &result.assessment.controls;
    let mut counts = vec![Failures::default(); controls.len()];
    for flaw in &result.assessment.flaws {
        if flaw.accepted.is_none() {
            counts[flaw.control()].add(flaw.object);
        }
    }
    let mut rows: Vec<(usize, usize, usize)> = counts
        .iter()
        .enumerate()
        .filter(|(_, failures)| failures.findings > 0)
        .map(|(control, failures)| (control, failures.findings, failures.objects))
        .collect();
    let total: usize = rows.iter().map(|(_, findings, _)| findings).sum();
    if total < MANY_FINDINGS {
        return;
    }
    rows.sort_by_key(|(control, _, objects)| {
        (
            Reverse(controls[*control].control.severity),
            Reverse(*objects),
        )
    });
    let paint = look.paint;
    let heading = format!(
        "{:<LABEL$}{:>9}{:>9}",
        "controls failed", "findings", "objects"
    );
    let _ = writeln!(out, "{}", paint.bold(&heading));
    for (control, findings, objects) in rows.iter().take(MOST_CONTROLS) {
        let control = controls[*control].control;
        let severity = paint.severity(control.severity, &format!("{:<9}", control.severity.name()));
        let name = cut(&control.name, look.width.saturating_sub(LABEL + 20));
        let _ = writeln!(
            out,
            "{severity}{:<7}{findings:>9}{objects:>9}  {name}",
            control.id
        );
    }
    let rest = rows.get(MOST_CONTROLS..).unwrap_or_default();
    if !rest.is_empty() {
        let findings: usize = rest.iter().map(|(_, findings, _)| findings).sum();
        let label = format!("and {} more", rest.len());
        let _ = writeln!(
            out,
            "{}",
            paint.dim(&format!("{label:<LABEL$}{findings:>9}"))
        );
    }
    out.push('\n');
}

/// How often a control found something.
#[derive(Debug, Clone, Default)]
struct Failures {
    findings: usize,
    objects: usize,
    last: Option<ObjectId>,
}

impl Failures {
    /// Counts a finding; those of one object come one after the other.
    fn add(&mut self, object: ObjectId) {
        self.findings += 1;
        self.objects += usize::from(self.last != Some(object));
        self.last = Some(object);
    }
}

/// Writes the summary.
pub(crate) fn write(result: &ScanResult<'_>, look: Look, out: &mut String) {
    let mut rows = Rows { look, out };
    rows.row("scanned", &scanned(result));
    if let Some(skipped) = skipped(result) {
        rows.row("skipped", &skipped);
    }
    rows.painted("findings", &findings(result, look));
    if let Some(exceptions) = exceptions::summary(result) {
        rows.row("exceptions", &exceptions);
    }
    rows.row("controls", &controls(result));
    scores(result, &mut rows);
    for reason in not_assessed(result) {
        rows.row("not assessed", &reason);
    }
    for gate in &result.gates {
        let (word, paint): (&str, fn(Look, &str) -> String) = if gate.holds {
            ("holds", |look, text| look.paint.good(text))
        } else {
            ("broken", |look, text| look.paint.bad(text))
        };
        let text = format!("{} {}: {}", gate.gate, paint(look, word), gate.reason);
        rows.painted("gate", &text);
    }
    if !result.errors.is_empty() {
        let text = format!(
            "{}, named above: not all could be read or assessed",
            result.errors.len()
        );
        rows.painted("errors", &look.paint.bad(&text));
    }
}

/// Rows of a label and a text.
struct Rows<'o> {
    look: Look,
    out: &'o mut String,
}

impl Rows<'_> {
    /// A text that may be longer than a line.
    fn row(&mut self, label: &str, text: &str) {
        let mut label = label;
        for line in wrap(&printable(text), self.look.width.saturating_sub(LABEL)) {
            self.painted(label, &line);
            label = "";
        }
    }

    /// A text that has its colours already.
    fn painted(&mut self, label: &str, text: &str) {
        let label = self.look.paint.bold(&format!("{label:<LABEL$}"));
        let _ = writeln!(self.out, "{label}{text}");
    }
}

fn scanned(result: &ScanResult<'_>) -> String {
    let sources = sources(result);
    let objects = result.assessment.objects;
    if objects == 0 {
        return format!("nothing: no Kubernetes object in {sources}");
    }
    let mut text = format!("{} from {sources}", counted(objects, "object"));
    let collapsed = result.inventory.collapsed_count();
    if collapsed > 0 {
        let _ = write!(text, ", {collapsed} more reported at their owner");
    }
    text
}

fn sources(result: &ScanResult<'_>) -> String {
    let clusters = result
        .sources
        .iter()
        .filter(|source| source.cluster.is_some());
    let mut texts: Vec<String> = clusters.map(cluster).collect();
    let count = |kind: SourceKind| {
        let sources = result.sources.iter();
        sources.filter(|source| source.kind == kind).count()
    };
    let files = count(SourceKind::File);
    if files > 0 || result.sources.is_empty() {
        texts.push(counted(files, "file"));
    }
    for (kind, what) in [
        (SourceKind::Helm, "chart"),
        (SourceKind::Kustomize, "kustomization"),
    ] {
        match count(kind) {
            0 => {}
            several => texts.push(counted(several, what)),
        }
    }
    if count(SourceKind::Stdin) > 0 {
        texts.push("standard input".to_owned());
    }
    texts.join(" and ")
}

/// `cluster kind-dev (v1.34.1), namespaces shop and web`
fn cluster(source: &SourceSummary) -> String {
    let mut text = format!("cluster {}", printable(&source.location));
    if let Some(cluster) = &source.cluster {
        let _ = write!(text, " ({})", printable(&cluster.server_version));
        if !cluster.namespaces.is_empty() {
            let word = if cluster.namespaces.len() == 1 {
                "namespace"
            } else {
                "namespaces"
            };
            let _ = write!(
                text,
                ", {word} {}",
                printable(&cluster.namespaces.join(", "))
            );
        }
    }
    text
}

/// What is no Kubernetes object, by reason.
fn skipped(result: &ScanResult<'_>) -> Option<String> {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for skipped in result.inventory.skipped() {
        *reasons.entry(skipped.reason.to_string()).or_default() += 1;
    }
    let total: usize = reasons.values().sum();
    let parts: Vec<String> = reasons
        .iter()
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    (total > 0).then(|| format!("{}: {}", counted(total, "document"), parts.join(", ")))
}

fn findings(result: &ScanResult<'_>, look: Look) -> String {
    let assessment = &result.assessment;
    let standing: Vec<String> = Severity::ALL
        .into_iter()
        .map(|severity| (severity, assessment.failed_findings(severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| {
            look.paint
                .severity(severity, &format!("{count} {severity}"))
        })
        .collect();
    let mut text = if !standing.is_empty() {
        standing.join(", ")
    } else if assessment.objects == 0 {
        // Nothing was looked at: that is no success.
        "none".to_owned()
    } else {
        look.paint.good("none")
    };
    if assessment.accepted_findings() > 0 {
        let _ = write!(text, ", {} accepted", assessment.accepted_findings());
    }
    text
}

fn controls(result: &ScanResult<'_>) -> String {
    let count = |status| result.assessment.count(status);
    format!(
        "{} failed, {} passed, {} not applicable, {} not assessed",
        count(ControlStatus::Failed),
        count(ControlStatus::Passed),
        count(ControlStatus::NotApplicable),
        count(ControlStatus::NotAssessed),
    )
}

fn scores(result: &ScanResult<'_>, rows: &mut Rows<'_>) {
    if result.assessment.objects == 0 {
        rows.row("score", "none, since nothing was scanned");
        return;
    }
    let paint = rows.look.paint;
    let heading = format!(
        "{:>7}{:>9}{:>10}{:>12}",
        "floor", "ceiling", "assessed", "compliance"
    );
    rows.painted("score", &paint.dim(&heading));
    rows.painted("all controls", &score(result.assessment.score, rows.look));
    let (scored, threats): (Vec<&FrameworkResult<'_>>, Vec<_>) = result
        .assessment
        .frameworks
        .iter()
        .partition(|framework| framework.has_score());
    for framework in &scored {
        let text = if framework.framework.report == Report::Support {
            let score = framework.score;
            format!(
                "{}{:>8.0} %   measures that support its articles",
                paint.bold(&format!("{:>7.1}{:>9.1}", score.floor, score.ceiling)),
                score.coverage
            )
        } else {
            score(framework.score, rows.look)
        };
        rows.painted(&framework.framework.id, &text);
    }
    if !threats.is_empty() {
        let heading = format!("{:>7}{:>9}{:>10}", "threats", "assessed", "exposed");
        rows.painted("", &paint.dim(&heading));
    }
    for framework in &threats {
        let found = framework.exposure();
        let text = format!("{:>7}{:>9}{:>10}", found.of, found.assessed, found.exposed);
        rows.painted(&framework.framework.id, &text);
    }
    let unscoped: Vec<&str> = scored
        .iter()
        .filter(|framework| framework.scope_missing)
        .map(|framework| framework.framework.id.as_str())
        .collect();
    if !unscoped.is_empty() {
        let text = format!(
            "{}: every namespace counts, since none is declared to hold regulated data",
            unscoped.join(", ")
        );
        rows.row("scope", &text);
    }
    if let Some(provider) = result.assessment.provider {
        let text = format!(
            "the control plane is run by {}: its duties need that provider's report",
            provider.name()
        );
        rows.row("provider", &text);
    }
}

fn score(score: Score, look: Look) -> String {
    format!(
        "{}{:>8.0} %{:>10.1} %",
        look.paint
            .bold(&format!("{:>7.1}{:>9.1}", score.floor, score.ceiling)),
        score.coverage,
        score.compliance
    )
}

/// Data that nothing reads yet, as people call it.
fn unread_data(needs: Needs) -> Option<&'static str> {
    match needs {
        Needs::Manifest | Needs::Cluster => None,
        Needs::Node => Some("nodes"),
        Needs::Audit => Some("audit events"),
        Needs::Image => Some("contents of images"),
        Needs::Cloud => Some("cloud providers"),
    }
}

/// What could not be assessed, by reason, most first.
fn not_assessed(result: &ScanResult<'_>) -> Vec<String> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut unread: BTreeMap<&str, usize> = BTreeMap::new();
    for control in &result.assessment.controls {
        let unread_data = unread_data(control.control.needs);
        if let Some(data) = unread_data.filter(|_| control.control.expect.is_none()) {
            *unread.entry(data).or_default() += 1;
        } else if control.control.not_assessable.is_some() {
            let name = format!("{} {}", control.control.id, control.control.name);
            let reason = "more than a scan is needed; plimsoll explain says what";
            reasons.entry(reason).or_default().push(name);
        } else if let Some(reason) = &control.reason {
            let name = format!("{} {}", control.control.id, control.control.name);
            reasons.entry(reason).or_default().push(name);
        }
    }
    let mut reasons: Vec<(&str, Vec<String>)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, controls)| Reverse(controls.len()));
    let mut lines: Vec<String> = reasons
        .iter()
        .take(MOST_REASONS)
        .map(|(reason, controls)| match &controls[..] {
            [control] => format!("{control}: {reason}"),
            several => format!("{} controls: {reason}", several.len()),
        })
        .collect();
    if !unread.is_empty() {
        let total: usize = unread.values().sum();
        let mut data: Vec<(&str, usize)> = unread.into_iter().collect();
        data.sort_by_key(|(_, count)| Reverse(*count));
        let parts: Vec<String> = data
            .iter()
            .map(|(data, count)| format!("{data} ({count})"))
            .collect();
        let text = format!(
            "{} on {}, which this version does not read",
            counted(total, "control"),
            parts.join(", ")
        );
        lines.insert(0, text);
    }
    let rest = reasons.len().saturating_sub(MOST_REASONS);
    if rest > 0 {
        lines.push(format!(
            "and controls for {}",
            counted(rest, "other reason")
        ));
    }
    let judged_in_vain = &result.assessment.not_assessed;
    let objects: BTreeSet<u32> = judged_in_vain
        .iter()
        .map(|missing| missing.object.0)
        .collect();
    if let Some(first) = judged_in_vain.first() {
        lines.push(format!(
            "{} of controls on {}, first: {}",
            counted(judged_in_vain.len(), "verdict"),
            counted(objects.len(), "object"),
            first.reason
        ));
    }
    lines
}
