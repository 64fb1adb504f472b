//! What is to be said of exceptions beside the findings they are for.

use plimsoll_assess::{Assessment, ExceptionResult, ExceptionState, Origin};
use plimsoll_document::Position;
use plimsoll_report::ScanWarning;
use plimsoll_report::text::counted;

/// How many lines of unused exceptions are named.
const MOST_LINES: usize = 10;

/// Exceptions that are expired, broken, unused or over-wide, each with its place. Those of a file that are unused are
/// told together: when a part of the manifests is scanned, most are.
pub(super) fn warnings(assessment: &Assessment<'_>) -> Vec<ScanWarning> {
    let mut warnings = Vec::new();
    let mut unused: Vec<&ExceptionResult> = Vec::new();
    for exception in &assessment.exceptions {
        let is_of_file = exception.origin == Origin::File;
        if is_of_file && exception.is_unused() && exception.state == ExceptionState::InForce {
            unused.push(exception);
            if exception.over_wide.is_none() {
                continue;
            }
        }
        let complaints = exception.complaints().into_iter();
        warnings.extend(
            complaints
                .filter(|complaint| !is_of_file || !complaint.starts_with("unused"))
                .map(|complaint| {
                    warning(
                        exception,
                        format!("exception for {}: {complaint}", names(exception)),
                    )
                }),
        );
    }
    if let Some(first) = unused.first() {
        let lines: Vec<String> = unused
            .iter()
            .take(MOST_LINES)
            .filter_map(|exception| exception.line)
            .map(|line| line.to_string())
            .collect();
        let more = if unused.len() > MOST_LINES {
            ", ..."
        } else {
            ""
        };
        let text = format!(
            "{} unused: nothing was found that they are for (lines {}{more})",
            counted(unused.len(), "exception"),
            lines.join(", ")
        );
        warnings.push(warning(first, text));
    }
    warnings
}

fn names(exception: &ExceptionResult) -> String {
    if exception.controls.is_empty() {
        format!("every check of {}", exception.origin.name())
    } else {
        exception.controls.join(", ")
    }
}

fn warning(exception: &ExceptionResult, message: String) -> ScanWarning {
    ScanWarning {
        file: exception.file.clone(),
        position: exception.line.map(|line| Position { line, column: 1 }),
        message,
    }
}
