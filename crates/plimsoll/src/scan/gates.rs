//! What breaks a build: `--fail-on`, `--min-score`, `--min-coverage`; `baseline` is another.

use plimsoll_assess::Assessment;
use plimsoll_assess::score::Score;
use plimsoll_catalog::Severity;
use plimsoll_report::GateResult;
use plimsoll_report::text::counted;

use crate::arguments::ScanArguments;

/// The gates that were asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gates {
    fail_on: Option<Severity>,
    min_score: Option<f64>,
    min_coverage: Option<f64>,
    /// Whether frameworks were asked for: then each of them is held to the gates, and not all controls together.
    by_framework: bool,
}

impl Gates {
    pub(super) fn new(arguments: &ScanArguments) -> Gates {
        Gates {
            // With a baseline, its gate counts what is new of this severity.
            fail_on: arguments
                .fail_on
                .filter(|_| arguments.baseline.is_none())
                .map(Severity::from),
            min_score: arguments.min_score,
            min_coverage: arguments.min_coverage,
            by_framework: !arguments.framework.is_empty(),
        }
    }

    pub(super) fn judge(self, assessment: &Assessment<'_>) -> Vec<GateResult> {
        let mut results = Vec::new();
        if let Some(level) = self.fail_on {
            results.push(fail_on(level, assessment));
        }
        if let Some(least) = self.min_score {
            let gate = format!("--min-score {least}");
            results.push(self.least(gate, "floor", least, |score| score.floor, assessment));
        }
        if let Some(least) = self.min_coverage {
            let gate = format!("--min-coverage {least}");
            results.push(self.least(gate, "coverage", least, |score| score.coverage, assessment));
        }
        results
    }

    /// A figure that must not be below a bound.
    fn least(
        self,
        gate: String,
        what: &str,
        least: f64,
        figure: impl Fn(Score) -> f64,
        assessment: &Assessment<'_>,
    ) -> GateResult {
        let scores: Vec<(&str, f64)> = if self.by_framework {
            let of = assessment.frameworks.iter();
            of.map(|framework| (framework.framework.id.as_str(), figure(framework.score)))
                .collect()
        } else {
            vec![("all controls", figure(assessment.score))]
        };
        let shown: Vec<String> = scores
            .iter()
            .map(|(name, figure)| format!("{name} {figure:.1}"))
            .collect();
        GateResult {
            gate,
            holds: scores.iter().all(|(_, figure)| *figure >= least),
            reason: format!("{what} of {}", shown.join(", ")),
        }
    }
}

fn fail_on(level: Severity, assessment: &Assessment<'_>) -> GateResult {
    let counts: Vec<(Severity, usize)> = Severity::ALL
        .into_iter()
        .filter(|severity| *severity >= level)
        .map(|severity| (severity, assessment.failed_findings(severity)))
        .filter(|(_, count)| *count > 0)
        .collect();
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    let reason = if total == 0 {
        "no such finding".to_owned()
    } else {
        let shown: Vec<String> = counts
            .iter()
            .map(|(severity, count)| format!("{count} {severity}"))
            .collect();
        format!("{} ({})", counted(total, "finding"), shown.join(", "))
    };
    GateResult {
        gate: format!("--fail-on {level}"),
        holds: total == 0,
        reason,
    }
}
