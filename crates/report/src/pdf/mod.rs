//! The auditor's document, as PDF: what was looked at, when, how, and what that cannot say, before what it came to.
//!
//! - `font`: widths and encoding of the fonts that every reader has; `layout`: text that flows over pages; `file`: pages
//!   as a file, with outline and structure.
//! - `account`: scope, period, method, limits and results; `details`: frameworks, findings and what is attested.

mod account;
mod details;
mod file;
mod font;
mod layout;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use crate::result::ScanResult;
use crate::words;
use file::{About, file};
use layout::{BODY, Ink, Layout, Style};

const TITLE: &str = "Kubernetes compliance assessment";

/// The parts of the document, in their order.
const PARTS: [&str; 11] = [
    "1 Scope",
    "2 Period",
    "3 Method",
    "4 Limits",
    "5 Results",
    "6 Frameworks",
    "7 Findings that stand",
    "8 Findings that were accepted",
    "9 Attestations",
    "10 Controls",
    "11 Sources",
];

/// Writes the document.
///
/// # Errors
/// What the writer says.
pub fn write(result: &ScanResult<'_>, mut out: impl Write) -> io::Result<()> {
    let moment = words::moment(&result.generated_at);
    let producer = format!("Plimsoll {}", result.version);
    let mut layout = Layout::new();
    layout.heading(0, TITLE);
    let soft = Style {
        ink: Ink::Soft,
        ..BODY
    };
    layout.styled(&format!("{moment}, by {producer}"), soft);
    layout.gap(10.0);
    layout.contents(&PARTS);
    let parts: [fn(&ScanResult<'_>, &mut Layout); PARTS.len()] = [
        account::scope,
        account::period,
        account::method,
        account::limits,
        account::results,
        details::frameworks,
        details::findings,
        details::accepted,
        details::attestations,
        details::controls,
        details::sources,
    ];
    for (title, part) in PARTS.iter().zip(parts) {
        layout.heading(1, title);
        part(result, &mut layout);
    }
    layout.finish(&format!("{TITLE}, {moment}"));
    let about = About {
        title: TITLE,
        producer: &producer,
        time: &result.generated_at,
    };
    out.write_all(&file(layout, &about))
}
