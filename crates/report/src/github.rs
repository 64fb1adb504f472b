//! Annotations of a GitHub workflow: commands on standard output that the runner reads.
//!
//! GitHub shows ten errors, ten warnings and ten notices of a step, so the worst come first.

use std::io::{self, Write};

use plimsoll_catalog::Severity;
use plimsoll_document::Position;

use crate::reported::{Reported, repository_path, worst_first};
use crate::result::ScanResult;
use crate::text::printable;

/// Writes the annotations.
///
/// # Errors
/// What the writer says.
pub fn write(result: &ScanResult<'_>, mut out: impl Write) -> io::Result<()> {
    for error in &result.errors {
        let mut properties = vec![("title", "could not be read or assessed".to_owned())];
        place(&mut properties, &error.file, error.position);
        command("error", &properties, &error.message, &mut out)?;
    }
    for entry in worst_first(result) {
        annotation(&entry, &mut out)?;
    }
    Ok(())
}

fn annotation(entry: &Reported<'_>, out: &mut impl Write) -> io::Result<()> {
    let (finding, control) = (entry.finding, entry.control);
    let name = format!("{} {} {}", control.severity, control.id, control.name);
    let mut message = format!("{}: {}", entry.object_name(), finding.message);
    let (level, title) = if let Some(reason) = entry.accepted() {
        message.push_str(&format!("\naccepted: {reason}"));
        ("notice", format!("accepted {name}"))
    } else {
        let fix = entry.fix();
        if !fix.is_empty() {
            message.push_str(&format!("\nfix: {fix}"));
        }
        let level = match control.severity {
            Severity::Critical | Severity::High => "error",
            Severity::Medium => "warning",
            Severity::Low => "notice",
        };
        (level, name)
    };
    let mut properties = vec![("title", title)];
    if let Some(file) = entry.file() {
        place(&mut properties, file, entry.written());
    }
    command(level, &properties, &message, out)
}

fn place(properties: &mut Vec<(&str, String)>, file: &str, position: Option<Position>) {
    properties.push(("file", repository_path(file)));
    if let Some(position) = position {
        properties.push(("line", position.line.to_string()));
        properties.push(("col", position.column.to_string()));
    }
}

fn command(
    name: &str,
    properties: &[(&str, String)],
    message: &str,
    out: &mut impl Write,
) -> io::Result<()> {
    let properties: Vec<String> = properties
        .iter()
        .map(|(key, value)| format!("{key}={}", property(value)))
        .collect();
    writeln!(out, "::{name} {}::{}", properties.join(","), data(message))
}

/// Text of a message: it ends with the line, so line ends are written as the runner reads them.
fn data(text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| printable(line).replace('%', "%25"))
        .collect();
    lines.join("%0A")
}

/// Text of a property: commas and colons end one.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
