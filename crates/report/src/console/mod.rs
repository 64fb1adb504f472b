//! The report for people.
//!
//! - `findings`: by object, worst first, each with its line of the manifest and what mends it.
//! - `problems`: what could not be read or assessed, and what was odd.
//! - `summary`: which controls failed most, what was judged, what was not, the score.

pub(crate) mod edits;
mod exceptions;
pub(crate) mod excerpt;
pub(crate) mod findings;
mod problems;
pub mod standing;
mod summary;

use crate::result::ScanResult;
use crate::text::Look;

pub use problems::error_line;

/// How much of the report is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Everything.
    Full,
    /// What could not be read, and the summary.
    Summary,
}

/// The report.
pub fn render(result: &ScanResult<'_>, detail: Detail, look: Look) -> String {
    let mut out = String::new();
    if detail == Detail::Full {
        findings::write(result, look, &mut out);
    }
    problems::errors(result, look, &mut out);
    if detail == Detail::Full {
        problems::warnings(result, look, &mut out);
        summary::top_controls(result, look, &mut out);
    }
    summary::write(result, look, &mut out);
    out
}

#[cfg(test)]
pub(crate) mod tests;
