//! `plimsoll exceptions check`

use std::fmt::Write;

use plimsoll_assess::{ExceptionResult, ExceptionState};
use plimsoll_report::exceptions::{Entry, entries};
use plimsoll_report::text::{Look, counted, printable};
use plimsoll_report::{ScanResult, console};

use crate::arguments::{CheckExceptionsArguments, ListFormat, ScanArguments};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::scan;

pub(super) fn run(arguments: &CheckExceptionsArguments) -> Result<Exit, Failure> {
    let scan = ScanArguments {
        paths: arguments.paths.clone(),
        exceptions: arguments.exceptions.clone(),
        compat: arguments.compat.clone(),
        controls: arguments.controls.clone(),
        config: arguments.config.clone(),
        kubernetes_version: arguments.kubernetes_version.clone(),
        look: arguments.look.clone(),
        ..ScanArguments::default()
    };
    scan::with_result(&scan, |result, _| {
        match arguments.format {
            ListFormat::Json => output::json(&entries(result))?,
            ListFormat::Console => output::results(&text(result, output::look(&arguments.look)))?,
        }
        for error in &result.errors {
            output::message(&format!("error: {}", console::error_line(error)));
        }
        if !result.errors.is_empty() {
            return Ok(Exit::Incomplete);
        }
        let is_wrong = |exception: &ExceptionResult| {
            exception.state != ExceptionState::InForce || exception.is_unused()
        };
        if result.assessment.exceptions.iter().any(is_wrong) {
            Ok(Exit::Gate)
        } else {
            Ok(Exit::Done)
        }
    })
}

/// Each exception, what it hides, and what is to be said against it.
fn text(result: &ScanResult<'_>, look: Look) -> String {
    let paint = look.paint;
    let mut text = String::new();
    let entries = entries(result);
    for (entry, exception) in entries.iter().zip(&result.assessment.exceptions) {
        let line = entry
            .line
            .map_or_else(String::new, |line| format!(":{line}"));
        let place = format!("{}{line}", entry.file);
        let _ = writeln!(
            text,
            "{}  {}  {}",
            paint.bold(&printable(&entry.names())),
            kind(entry),
            paint.dim(&printable(&place))
        );
        let _ = writeln!(text, "  {:<12}{}", "reason", printable(entry.reason));
        if let Some(owner) = &entry.owner {
            let approver = entry.approver.unwrap_or_default();
            let who = format!("{owner}, approved by {approver}");
            let _ = writeln!(text, "  {:<12}{}", "owner", printable(&who));
        }
        if let Some(expires) = &entry.expires {
            let _ = writeln!(text, "  {:<12}{}", "expires", printable(expires));
        }
        hidden(entry, exception, look, &mut text);
        for complaint in &entry.complaints {
            let _ = writeln!(text, "  {:<12}{}", "", paint.bad(&printable(complaint)));
        }
        text.push('\n');
    }
    let wrong = entries
        .iter()
        .filter(|entry| !entry.complaints.is_empty())
        .count();
    let _ = writeln!(
        text,
        "{}: {} accepted, {} to look at",
        counted(entries.len(), "exception"),
        counted(result.assessment.accepted_findings(), "finding"),
        wrong
    );
    text
}

/// Why findings are accepted, and for whom.
fn kind(entry: &Entry<'_>) -> String {
    match entry.origin {
        "file" => entry.kind.to_owned(),
        origin => format!("{} ({origin})", entry.kind),
    }
}

/// The findings that an exception is for.
fn hidden(entry: &Entry<'_>, exception: &ExceptionResult, look: Look, text: &mut String) {
    let verb = if exception.state == ExceptionState::InForce {
        "hides"
    } else {
        "would hide"
    };
    let what = format!(
        "{} in {}",
        counted(entry.findings, "finding"),
        counted(entry.objects as usize, "object")
    );
    let _ = writeln!(text, "  {verb:<12}{what}");
    for hidden in &entry.hides {
        let line = format!("{} {}", hidden.control, hidden.message);
        let place = format!("{} {}", hidden.object, hidden.place);
        let _ = writeln!(
            text,
            "  {:<12}{}  {}",
            "",
            printable(&line),
            look.paint.dim(&printable(place.trim()))
        );
    }
}
