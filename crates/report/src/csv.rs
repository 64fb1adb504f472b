//! CSV as RFC 4180 has it: a row for each finding, for each object on which a control could not be judged, and for each
//! thing that could not be read.

use std::io::{self, Write};

use plimsoll_inventory::Object;

use crate::reported::{file_of, reported};
use crate::result::ScanResult;
use crate::text::printable;
use crate::words::written;

const COLUMNS: [&str; 19] = [
    "status",
    "severity",
    "control",
    "name",
    "title",
    "apiVersion",
    "kind",
    "namespace",
    "object",
    "file",
    "line",
    "column",
    "path",
    "message",
    "observed",
    "default",
    "fix",
    "reason",
    "fingerprint",
];

/// Writes the report.
///
/// # Errors
/// What the writer says.
pub fn write(result: &ScanResult<'_>, mut out: impl Write) -> io::Result<()> {
    row(&COLUMNS.map(str::to_owned), &mut out)?;
    for entry in reported(result) {
        let finding = entry.finding;
        let observed = &finding.observed;
        let mut cells = Cells::default();
        cells.control(entry.status(), entry.control);
        cells.object(entry.object, Some(finding.position));
        cells.set("path", finding.path.to_string());
        cells.set("message", finding.message.clone());
        if finding.exists {
            cells.set("observed", observed.to_string());
        }
        cells.set("default", finding.default.unwrap_or_default());
        cells.set("fix", entry.fix());
        cells.set("reason", entry.accepted().unwrap_or_default());
        cells.set("fingerprint", entry.fingerprint.clone());
        row(&cells.0, &mut out)?;
    }
    for missing in &result.assessment.not_assessed {
        let object = &result.inventory.objects()[missing.object.0 as usize];
        let mut cells = Cells::default();
        let control = result.assessment.controls[missing.control].control;
        cells.control("notAssessed", control);
        cells.object(object, Some(object.root().position()));
        cells.set("reason", missing.reason.clone());
        row(&cells.0, &mut out)?;
    }
    for error in &result.errors {
        let mut cells = Cells::default();
        cells.set("status", "error");
        cells.set("file", error.file.clone());
        cells.position(error.position);
        cells.set("message", error.message.clone());
        row(&cells.0, &mut out)?;
    }
    Ok(())
}

/// A row that is being filled.
#[derive(Default)]
struct Cells([String; COLUMNS.len()]);

impl Cells {
    fn set(&mut self, column: &str, text: impl Into<String>) {
        if let Some(at) = COLUMNS.iter().position(|name| *name == column) {
            self.0[at] = text.into();
        }
    }

    fn control(&mut self, status: &str, control: &plimsoll_catalog::Control) {
        self.set("status", status);
        self.set("severity", control.severity.name());
        self.set("control", control.id.clone());
        self.set("name", control.name.clone());
        self.set("title", control.title.clone());
    }

    fn object(&mut self, object: &Object, position: Option<plimsoll_document::Position>) {
        self.set("apiVersion", object.api_version());
        self.set("kind", object.kind());
        self.set("namespace", object.namespace());
        self.set("object", object.name());
        if let Some(file) = file_of(object) {
            self.set("file", file);
            self.position(position.and_then(|position| written(object, position)));
        }
    }

    fn position(&mut self, position: Option<plimsoll_document::Position>) {
        if let Some(position) = position {
            self.set("line", position.line.to_string());
            self.set("column", position.column.to_string());
        }
    }
}

fn row(cells: &[String], out: &mut impl Write) -> io::Result<()> {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    write!(out, "{}\r\n", cells.join(","))
}

/// A cell, on one line. A spreadsheet takes what begins like a formula for one, so that gets an apostrophe before it.
fn cell(text: &str) -> String {
    let text = printable(text);
    let is_formula = text.starts_with(['=', '+', '-', '@']) && text != "-";
    let text = if is_formula { format!("'{text}") } else { text };
    if text.contains(['"', ',']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_are_no_formulas() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"hi\"\n"), "\"say \"\"hi\"\"\\u{a}\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(cell("-"), "-");
    }
}
