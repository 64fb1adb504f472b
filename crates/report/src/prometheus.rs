//! Figures in Prometheus' text format, for the textfile collector or a push gateway.

use std::io::{self, Write};

use plimsoll_assess::score::Score;
use plimsoll_assess::{ControlStatus, FindingStatus};
use plimsoll_catalog::Severity;

use crate::json::rounded;
use crate::reported::times;
use crate::result::ScanResult;

/// Writes the figures.
///
/// # Errors
/// What the writer says.
pub fn write(result: &ScanResult<'_>, mut out: impl Write) -> io::Result<()> {
    for metric in metrics(result) {
        metric.write(&mut out)?;
    }
    Ok(())
}

/// A figure by its labels. All are gauges: they say how things stand.
struct Metric {
    name: &'static str,
    help: &'static str,
    samples: Vec<(Vec<(&'static str, String)>, f64)>,
}

impl Metric {
    fn new(name: &'static str, help: &'static str) -> Metric {
        Metric {
            name,
            help,
            samples: Vec::new(),
        }
    }

    fn with(mut self, labels: &[(&'static str, &str)], value: f64) -> Metric {
        let labels = labels
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        self.samples.push((labels, value));
        self
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        if self.samples.is_empty() {
            return Ok(());
        }
        let name = self.name;
        writeln!(out, "# HELP {name} {}", self.help)?;
        writeln!(out, "# TYPE {name} gauge")?;
        for (labels, value) in &self.samples {
            let labels: Vec<String> = labels
                .iter()
                .map(|(label, text)| format!("{label}=\"{}\"", escaped(text)))
                .collect();
            if labels.is_empty() {
                writeln!(out, "{name} {value}")?;
            } else {
                writeln!(out, "{name}{{{}}} {value}", labels.join(","))?;
            }
        }
        Ok(())
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn metrics(result: &ScanResult<'_>) -> Vec<Metric> {
    let assessment = &result.assessment;
    let mut metrics = vec![
        Metric::new(
            "plimsoll_build_info",
            "The version of the program that scanned.",
        )
        .with(&[("version", result.version)], 1.0),
    ];
    if let Some((start, _)) = times(result) {
        metrics.push(
            Metric::new(
                "plimsoll_scan_timestamp_seconds",
                "When the scan began, in seconds since 1970.",
            )
            .with(&[], start.as_second() as f64),
        );
    }
    let count = |value: usize| value as f64;
    metrics.extend([
        Metric::new("plimsoll_scan_duration_seconds", "How long the scan took.")
            .with(&[], rounded(result.duration_ms / 1_000.0, 6)),
        Metric::new(
            "plimsoll_scan_errors",
            "Things that could not be read or assessed.",
        )
        .with(&[], count(result.errors.len())),
        Metric::new("plimsoll_sources", "Files that were read.")
            .with(&[], count(result.sources.len())),
        Metric::new("plimsoll_objects", "Kubernetes objects that were judged.")
            .with(&[], count(assessment.objects)),
        controls(result),
        findings(result),
    ]);
    metrics.extend(scores(result));
    metrics.extend([control_objects(result), gates(result)]);
    metrics
}

fn controls(result: &ScanResult<'_>) -> Metric {
    let states = [
        ("passed", ControlStatus::Passed),
        ("failed", ControlStatus::Failed),
        ("notApplicable", ControlStatus::NotApplicable),
        ("notAssessed", ControlStatus::NotAssessed),
    ];
    let metric = Metric::new("plimsoll_controls", "Controls by state.");
    states.into_iter().fold(metric, |metric, (name, status)| {
        metric.with(&[("status", name)], result.assessment.count(status) as f64)
    })
}

fn findings(result: &ScanResult<'_>) -> Metric {
    let assessment = &result.assessment;
    let mut metric = Metric::new("plimsoll_findings", "Findings by severity and state.");
    for severity in Severity::ALL {
        let failed = assessment.failed_findings(severity);
        let accepted = assessment
            .findings()
            .iter()
            .filter(|finding| finding.status != FindingStatus::Failed)
            .filter(|finding| assessment.controls[finding.control].control.severity == severity)
            .count();
        for (status, count) in [("failed", failed), ("accepted", accepted)] {
            metric = metric.with(
                &[("severity", severity.name()), ("status", status)],
                count as f64,
            );
        }
    }
    metric
}

/// The scores: of all controls without a label, so that they cannot be summed up with those of frameworks.
fn scores(result: &ScanResult<'_>) -> Vec<Metric> {
    type Figure = fn(&Score) -> f64;
    let names: [(&str, &str, &str, Figure); 4] = [
        (
            "plimsoll_score_floor",
            "plimsoll_framework_score_floor",
            "The score if all that was not assessed failed, 0 to 100.",
            |score| score.floor,
        ),
        (
            "plimsoll_score_ceiling",
            "plimsoll_framework_score_ceiling",
            "The score if all that was not assessed passed, 0 to 100.",
            |score| score.ceiling,
        ),
        (
            "plimsoll_score_coverage",
            "plimsoll_framework_score_coverage",
            "How much was assessed, in percent.",
            |score| score.coverage,
        ),
        (
            "plimsoll_score_compliance",
            "plimsoll_framework_score_compliance",
            "Mean share of objects that pass, in percent.",
            |score| score.compliance,
        ),
    ];
    let mut metrics = Vec::new();
    if result.assessment.objects > 0 {
        for (name, _, help, figure) in names {
            let value = rounded(figure(&result.assessment.score), 1);
            metrics.push(Metric::new(name, help).with(&[], value));
        }
    }
    for (_, name, help, figure) in names {
        let mut metric = Metric::new(name, help);
        for of in &result.assessment.frameworks {
            // As in the JSON report: a catalogue of threats has no score, support for a law no share of compliance.
            let is_shown = match name {
                "plimsoll_framework_score_coverage" => true,
                "plimsoll_framework_score_compliance" => {
                    of.framework.report == plimsoll_catalog::Report::Score
                }
                _ => of.has_score(),
            };
            if is_shown {
                let value = rounded(figure(&of.score), 1);
                metric = metric.with(&[("framework", &of.framework.id)], value);
            }
        }
        metrics.push(metric);
    }
    metrics
}

/// Objects by control and state, for controls that apply to any.
fn control_objects(result: &ScanResult<'_>) -> Metric {
    let mut metric = Metric::new(
        "plimsoll_control_objects",
        "Objects by control and state, of controls that apply to any.",
    );
    for of in &result.assessment.controls {
        let tally = of.tally;
        let states = [
            ("passed", tally.passed),
            ("failed", tally.failed),
            ("accepted", tally.accepted),
            ("notAssessed", tally.not_assessed),
        ];
        if states.iter().all(|(_, count)| *count == 0) {
            continue;
        }
        for (state, count) in states {
            let control = of.control;
            metric = metric.with(
                &[
                    ("control", &control.id),
                    ("name", &control.name),
                    ("severity", control.severity.name()),
                    ("state", state),
                ],
                f64::from(count),
            );
        }
    }
    metric
}

fn gates(result: &ScanResult<'_>) -> Metric {
    let metric = Metric::new("plimsoll_gate_holds", "Whether a gate holds: 1, or 0.");
    result.gates.iter().fold(metric, |metric, gate| {
        metric.with(&[("gate", &gate.gate)], f64::from(u8::from(gate.holds)))
    })
}
