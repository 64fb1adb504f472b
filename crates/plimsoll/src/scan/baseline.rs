//! `--baseline`: what breaks a build is what is new.

use std::path::{Path, PathBuf};

use plimsoll_catalog::Severity;
use plimsoll_report::compare::{Change, Difference, PastReport};
use plimsoll_report::text::counted;
use plimsoll_report::{GateResult, ScanResult};

use crate::exit::Failure;

/// How many new findings the gate names.
const MOST_NAMED: usize = 5;

/// A report that was written before.
pub(crate) struct Baseline {
    path: PathBuf,
    report: PastReport,
}

/// Reads a JSON report.
pub(super) fn read(path: &Path) -> Result<Baseline, Failure> {
    read_report(path).map(|report| Baseline {
        path: path.to_path_buf(),
        report,
    })
}

/// Reads a JSON report, for whatever is compared with it.
pub(crate) fn read_report(path: &Path) -> Result<PastReport, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| Failure::Unreadable {
        path: name.clone(),
        reason: error.to_string(),
    })?;
    PastReport::parse(&text).map_err(|error| Failure::Usage(format!("{name}: {error}")))
}

/// Whether nothing of a severity and above stands that did not stand before.
pub(super) fn gate(
    baseline: &Baseline,
    result: &ScanResult<'_>,
    level: Option<Severity>,
) -> GateResult {
    let now = PastReport::of(result);
    let difference = Difference::new(&baseline.report, &now);
    let counts = |change: &&Change<'_>| {
        level.is_none_or(|least| Severity::parse(change.severity) >= Some(least))
    };
    let worse: Vec<&Change<'_>> = difference.worse.iter().filter(counts).collect();
    let mut gate = format!("--baseline {}", baseline.path.display());
    if let Some(level) = level {
        gate += &format!(" --fail-on {level}");
    }
    GateResult {
        gate,
        holds: worse.is_empty(),
        reason: reason(&worse, &baseline.report),
    }
}

fn reason(worse: &[&Change<'_>], before: &PastReport) -> String {
    if worse.is_empty() {
        return "nothing is new".to_owned();
    }
    let of = |kind: &str| worse.iter().filter(|one| one.change == kind).count();
    let mut parts = Vec::new();
    if of("new") > 0 {
        parts.push(counted(of("new"), "new finding"));
    }
    if of("noLongerAccepted") > 0 {
        parts.push(format!("{} no longer accepted", of("noLongerAccepted")));
    }
    let unknown = worse
        .iter()
        .filter(|one| !before.severities.contains_key(one.control))
        .count();
    if unknown > 0 {
        parts.push(format!(
            "{unknown} of controls that the baseline was not judged by"
        ));
    }
    let named: Vec<String> = worse
        .iter()
        .take(MOST_NAMED)
        .map(|one| {
            let place = one.location.as_ref().map_or_else(String::new, |place| {
                let line = place
                    .line
                    .map_or_else(String::new, |line| format!(":{line}"));
                format!(" at {}{line}", place.file)
            });
            format!(
                "{} {} {}{place}",
                one.control, one.object.kind, one.object.name
            )
        })
        .collect();
    let more = if worse.len() > MOST_NAMED {
        "; ..."
    } else {
        ""
    };
    format!("{}: {}{more}", parts.join(", "), named.join("; "))
}
