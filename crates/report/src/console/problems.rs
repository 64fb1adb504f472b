//! What could not be read or assessed, and what was odd.

use std::fmt::Write;

use plimsoll_catalog::Severity;
use plimsoll_document::{Position, Source, Span};

use crate::console::excerpt::{Excerpt, Indentation};
use crate::result::{ScanError, ScanResult};
use crate::secret::may_hold_secrets;
use crate::text::{Look, printable};
use crate::words::warning_line;

/// Columns up to the bar before an excerpt.
const GUTTER: usize = 7;

/// Writes the errors.
pub(crate) fn errors(result: &ScanResult<'_>, look: Look, out: &mut String) {
    for error in &result.errors {
        let label = look.paint.bad("error");
        let _ = writeln!(out, "{label}: {}", error_line(error));
        if let (Some(position), Some(source)) = (error.position, &error.source)
            && !may_hold_secrets(source)
        {
            excerpt(source, position, look, out);
        }
    }
    if !result.errors.is_empty() {
        out.push('\n');
    }
}

/// An error on one line: `deploy/web.yaml:7:3: a tab indents this line`.
pub fn error_line(error: &ScanError) -> String {
    let place = match error.position {
        Some(position) => format!("{}:{position}", error.file),
        None => error.file.clone(),
    };
    printable(&format!("{place}: {}", error.message))
}

fn excerpt(source: &Source, position: Position, look: Look, out: &mut String) {
    let Some(start) = source.byte_at(position) else {
        return;
    };
    let span = Span { start, end: start };
    let excerpt = Excerpt::new(
        source,
        span,
        &[],
        Indentation::Kept,
        look.width.saturating_sub(GUTTER + 2),
    );
    let number = position.line.to_string();
    let bar = look.paint.dim("|");
    let indent = " ".repeat(excerpt.indent);
    let blank = " ".repeat(number.len());
    let pad = " ".repeat(GUTTER.saturating_sub(number.len() + 1));
    let caret = look.paint.bad("^");
    let number = look.paint.dim(&number);
    let _ = writeln!(out, "{pad}{number} {bar} {}", excerpt.line);
    let _ = writeln!(out, "{pad}{blank} {bar} {indent}{caret}");
}

/// Writes the warnings.
pub(crate) fn warnings(result: &ScanResult<'_>, look: Look, out: &mut String) {
    for warning in &result.warnings {
        let label = look.paint.severity(Severity::Medium, "warning");
        let _ = writeln!(out, "{label}: {}", printable(&warning_line(warning)));
    }
    if !result.warnings.is_empty() {
        out.push('\n');
    }
}
