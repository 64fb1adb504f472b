//! What an auditor asks first: what was looked at, when, how, what that cannot say, and what it came to.

use std::collections::BTreeMap;

use plimsoll_assess::ControlStatus;
use plimsoll_catalog::{Report, Severity};

use super::layout::{Cell, Ink, Layout};
use crate::console::error_line;
use crate::result::ScanResult;
use crate::text::counted;
use crate::words;

/// How many errors, warnings and the like are named.
const MOST_LINES: usize = 60;

/// How many objects are named of which a verdict is missing.
const MOST_OBJECTS: usize = 12;

pub(super) fn scope(result: &ScanResult<'_>, layout: &mut Layout) {
    let assessment = &result.assessment;
    layout.paragraph(&format!(
        "{}, judged by {} as the API server of Kubernetes {} reads them. Part 11 lists the sources.",
        words::scanned(result),
        counted(assessment.controls.len(), "control"),
        assessment.kubernetes
    ));
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, object) in result.inventory.judged() {
        *kinds.entry(object.kind()).or_default() += 1;
    }
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let namespaces: Vec<&str> = words::namespaces(result)
        .into_iter()
        .map(|name| if name.is_empty() { "none stated" } else { name })
        .collect();
    let frameworks: Vec<&str> = assessment
        .frameworks
        .iter()
        .map(|framework| framework.framework.id.as_str())
        .collect();
    let unscoped: Vec<&str> = assessment
        .frameworks
        .iter()
        .filter(|framework| framework.scope_missing)
        .map(|framework| framework.framework.id.as_str())
        .collect();
    let mut rows = vec![
        ("Kinds", kinds.join(", ")),
        ("Namespaces", namespaces.join(", ")),
        ("Frameworks", frameworks.join(", ")),
    ];
    if let Some(provider) = assessment.provider {
        rows.push((
            "Provider",
            format!(
                "The control plane is run by {}. Its duties are assessed by that provider's report only.",
                provider.name()
            ),
        ));
    }
    if !unscoped.is_empty() {
        rows.push((
            "Regulated data",
            format!(
                "No namespace is declared to hold regulated data, so every namespace counts for {}.",
                unscoped.join(", ")
            ),
        ));
    }
    labelled(rows, layout);
}

fn labelled(rows: Vec<(&str, String)>, layout: &mut Layout) {
    let rows = rows.into_iter().filter(|(_, text)| !text.is_empty());
    layout.table(
        &[("What", 0.2), ("Which", 0.8)],
        rows.map(|(label, text)| vec![Cell::new(label).bold(), Cell::new(&text)]),
    );
}

pub(super) fn period(result: &ScanResult<'_>, layout: &mut Layout) {
    layout.paragraph(&format!(
        "This is the state at one moment, {}. It says nothing of the time before and after: that a control operated over a period takes the documents of several moments, or other evidence.",
        words::moment(&result.generated_at)
    ));
    layout.paragraph(
        "What people attest counts from the day its evidence was collected until the day that is named with it in part 9.",
    );
}

pub(super) fn method(_: &ScanResult<'_>, layout: &mut Layout) {
    for text in [
        "The objects were read from the sources as they stand, with the defaults that the API server adds. Nothing was run, and nothing was asked of a cluster. A control is an expression that holds or does not hold for an object, or for each container, rule or the like in it. The same sources, configuration and version give the same result.",
        "A control on an object has passed, has failed, was accepted (it failed, and somebody stated why that is to stay so), was not assessed (what is needed to judge it is missing) or is not applicable.",
        "A requirement is met when every control for it passed, one of them tests it or a person attests it, and what people must say is said. It is partly met when some of that holds. An accepted finding counts as a failure.",
        "A score is a range of 0 to 100. Its first figure counts everything that was not assessed as failed, its second figure as passed. Severe failures hold a score down: a mean would hide them. The share that was assessed stands beside it. Compliance is the share of objects that passed, as other scanners count it, where what was not assessed is left out.",
        "Of some frameworks a scan says only what it can say. Whether the GDPR is complied with is not for a machine to tell: the figure says how far technical measures support it. A catalogue of threats is not met or missed: it is said how many threats were looked at and how many find a way open.",
    ] {
        layout.paragraph(text);
    }
}

pub(super) fn limits(result: &ScanResult<'_>, layout: &mut Layout) {
    let assessment = &result.assessment;
    let missing = assessment.count(ControlStatus::NotAssessed);
    layout.paragraph(&format!(
        "{missing} of {} were not assessed. What was not assessed is never counted as passed.",
        counted(assessment.controls.len(), "control")
    ));
    layout.table(
        &[("Controls", 0.12), ("Not assessed, since it", 0.88)],
        words::controls_not_assessed(result)
            .into_iter()
            .map(|(reason, controls)| {
                vec![Cell::new(&controls.len().to_string()), Cell::new(reason)]
            }),
    );
    named(
        "What could not be read or assessed",
        result.errors.iter().map(error_line).collect(),
        layout,
    );
    let verdicts = words::verdicts_missing(result)
        .into_iter()
        .map(|((number, reason), objects)| {
            let id = &assessment.controls[number].control.id;
            let names: Vec<String> = objects.iter().take(MOST_OBJECTS).cloned().collect();
            let rest = objects.len().saturating_sub(MOST_OBJECTS);
            let rest = if rest > 0 {
                format!(" and {rest} more")
            } else {
                String::new()
            };
            format!("{id}: {reason} ({}{rest})", names.join(", "))
        })
        .collect();
    named(
        "Verdicts that are missing for single objects",
        verdicts,
        layout,
    );
    let skipped = words::skipped(result)
        .iter()
        .map(|(reason, count)| format!("{}: {reason}", counted(*count, "document")))
        .collect();
    named(
        "What is no Kubernetes object and was skipped",
        skipped,
        layout,
    );
    let warnings = result.warnings.iter().map(words::warning_line).collect();
    named(
        "What was read, but perhaps not as it was meant",
        warnings,
        layout,
    );
}

fn named(title: &str, mut lines: Vec<String>, layout: &mut Layout) {
    if lines.is_empty() {
        return;
    }
    let rest = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    if rest > 0 {
        lines.push(format!("and {rest} more, which the JSON report lists"));
    }
    layout.heading(2, title);
    layout.list(&lines);
}

pub(super) fn results(result: &ScanResult<'_>, layout: &mut Layout) {
    let assessment = &result.assessment;
    if assessment.objects == 0 {
        layout.paragraph("Nothing was scanned, so there is no score.");
        return;
    }
    let score = assessment.score;
    let mut rows = vec![
        (
            "Score",
            format!("{:.1} to {:.1} of 100", score.floor, score.ceiling),
        ),
        ("Assessed", format!("{:.0} %", score.coverage)),
        ("Compliance", format!("{:.1} %", score.compliance)),
    ];
    let findings: Vec<String> = Severity::ALL
        .into_iter()
        .map(|severity| format!("{} {severity}", assessment.failed_findings(severity)))
        .collect();
    rows.push((
        "Findings",
        format!(
            "{}; {} accepted",
            findings.join(", "),
            assessment.accepted_findings()
        ),
    ));
    let controls = words::CONTROL_STATES.map(|state| {
        format!(
            "{} {}",
            assessment.count(state),
            words::control_state(state)
        )
    });
    rows.push(("Controls", controls.join(", ")));
    for gate in &result.gates {
        let state = if gate.holds { "holds" } else { "is broken" };
        rows.push(("Gate", format!("{} {state}: {}", gate.gate, gate.reason)));
    }
    labelled(rows, layout);
    layout.table(
        &[
            ("Framework", 0.46),
            ("Score of 100", 0.26),
            ("Assessed", 0.12),
            ("Compliance", 0.16),
        ],
        assessment.frameworks.iter().map(|found| {
            let of = found.framework;
            let figure = match of.report {
                Report::Coverage => {
                    let exposure = found.exposure();
                    format!("{} of {} threats open", exposure.exposed, exposure.of)
                }
                Report::Score | Report::Support => {
                    format!("{:.1} to {:.1}", found.score.floor, found.score.ceiling)
                }
            };
            let compliance = if of.report == Report::Score {
                Cell::new(&format!("{:.1} %", found.score.compliance))
            } else {
                Cell::new("not said").ink(Ink::Soft)
            };
            vec![
                Cell::new(&format!("{} ({})", of.title, of.id)),
                Cell::new(&figure).bold(),
                Cell::new(&format!("{:.0} %", found.score.coverage)),
                compliance,
            ]
        }),
    );
}
