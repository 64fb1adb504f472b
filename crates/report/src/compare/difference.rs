//! What got better and what got worse.

use plimsoll_catalog::Severity;
use serde::Serialize;

use crate::compare::past::{Found, PastReport, Standing};
use crate::compare::{Comparison, compare};
use crate::json::{SCHEMA_VERSION, rounded};

/// The difference of two reports.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference<'r> {
    schema_version: &'static str,
    /// When the old report was made.
    pub old: &'r str,
    /// When the new one was made.
    pub new: &'r str,
    /// Findings that stand and did not.
    pub worse: Vec<Change<'r>>,
    /// Findings that stood and do not.
    pub better: Vec<Change<'r>>,
    /// Findings that are gone since nobody looked: that is not better.
    pub not_looked_at: Vec<Change<'r>>,
    /// How many findings stand as they stood.
    pub unchanged: usize,
    /// Scores that both have.
    pub scores: Vec<ScoreChange<'r>>,
}

/// A finding that changed.
#[derive(Debug, Serialize)]
pub struct Change<'r> {
    /// `new`, `noLongerAccepted`, `fixed`, `accepted`, `controlNotAssessed` or `fileNotScanned`.
    pub change: &'static str,
    /// The control.
    pub control: &'r str,
    /// How bad it is.
    pub severity: &'r str,
    /// What makes it the same finding in both.
    pub fingerprint: &'r str,
    /// The object.
    pub object: ChangedObject<'r>,
    /// Where it is, or was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<ChangedPlace<'r>>,
    /// What is wrong, or was.
    pub message: &'r str,
}

/// The object of a finding.
#[derive(Debug, Serialize)]
pub struct ChangedObject<'r> {
    /// Its kind.
    pub kind: &'r str,
    /// Its namespace.
    pub namespace: &'r str,
    /// Its name.
    pub name: &'r str,
}

/// The place of a finding.
#[derive(Debug, Serialize)]
pub struct ChangedPlace<'r> {
    /// The file.
    pub file: &'r str,
    /// The line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// A score before and after.
#[derive(Debug, Serialize)]
pub struct ScoreChange<'r> {
    /// `all controls`, or the framework.
    pub of: &'r str,
    /// Before.
    pub old: Figures,
    /// After.
    pub new: Figures,
}

/// A score as reports write it.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// Where all that is not assessed failed.
    pub floor: f64,
    /// Where it passed.
    pub ceiling: f64,
    /// How much was assessed.
    pub coverage: f64,
}

impl Figures {
    fn new(standing: Standing) -> Figures {
        Figures {
            floor: rounded(standing.floor, 1),
            ceiling: rounded(standing.ceiling, 1),
            coverage: rounded(standing.coverage, 1),
        }
    }
}

impl<'r> Difference<'r> {
    /// What got better and worse from one report to another; worst first.
    pub fn new(old: &'r PastReport, new: &'r PastReport) -> Difference<'r> {
        let Comparison { same, added, gone } = compare(&old.findings, &new.findings);
        let mut worse = Vec::new();
        let mut better = Vec::new();
        let mut not_looked_at = Vec::new();
        let mut unchanged = 0;
        for at in added {
            let found = &new.findings[at];
            // What was accepted at once is not worse; the report lists it.
            if !found.accepted {
                worse.push(change("new", new, found));
            }
        }
        for (before, after) in same {
            let (before, after) = (&old.findings[before], &new.findings[after]);
            match (before.accepted, after.accepted) {
                (true, false) => worse.push(change("noLongerAccepted", new, after)),
                (false, true) => better.push(change("accepted", new, after)),
                (false, false) => unchanged += 1,
                (true, true) => {}
            }
        }
        for at in gone {
            let found = &old.findings[at];
            if found.accepted {
                continue;
            }
            if !new.assessed.contains(&found.control) {
                not_looked_at.push(change("controlNotAssessed", old, found));
            } else if !found.file.is_empty() && !new.sources.contains(&found.source) {
                not_looked_at.push(change("fileNotScanned", old, found));
            } else {
                better.push(change("fixed", old, found));
            }
        }
        for changes in [&mut worse, &mut better, &mut not_looked_at] {
            // The sort is stable: what is equally bad stays in the order of its report.
            changes.sort_by_key(|change| std::cmp::Reverse(Severity::parse(change.severity)));
        }
        let scores = old.scores.iter().filter_map(|(of, before)| {
            let (_, after) = new.scores.iter().find(|(other, _)| other == of)?;
            Some(ScoreChange {
                of,
                old: Figures::new(*before),
                new: Figures::new(*after),
            })
        });
        Difference {
            schema_version: SCHEMA_VERSION,
            old: &old.generated_at,
            new: &new.generated_at,
            scores: scores.collect(),
            worse,
            better,
            not_looked_at,
            unchanged,
        }
    }
}

fn change<'r>(change: &'static str, report: &'r PastReport, found: &'r Found) -> Change<'r> {
    Change {
        change,
        control: &found.control,
        severity: report
            .severities
            .get(&found.control)
            .map_or("", String::as_str),
        fingerprint: &found.fingerprint,
        object: ChangedObject {
            kind: &found.kind,
            namespace: &found.namespace,
            name: &found.name,
        },
        location: (!found.file.is_empty()).then_some(ChangedPlace {
            file: &found.file,
            line: found.line,
        }),
        message: &found.message,
    }
}
