//! One result, many readers.
//!
//! A [`ScanResult`] is all there is to say of a scan; each format is a pure function of it: [`console`] for people,
//! [`html`] for whoever opens a file, [`pdf`] for auditors, [`json`] and [`oscal`] for programs. [`text`] is what everything that is printed for people shares: colours, widths, and the rule
//! that text from outside cannot steer a terminal.

pub mod console;
pub mod html;
pub mod json;
pub mod oscal;
pub mod pdf;
mod result;
pub mod text;
mod words;

pub use result::{GateResult, ScanError, ScanResult, ScanWarning, SourceSummary};
