//! One result, many readers.
//!
//! A [`ScanResult`] is all there is to say of a scan; each format is a pure function of it: [`console`] for people,
//! [`json`] for programs. [`text`] is what everything that is printed for people shares: colours, widths, and the rule
//! that text from outside cannot steer a terminal. [`compare`] says what two reports have in common, [`exceptions`] what
//! somebody accepted.

pub mod compare;
pub mod console;
pub mod exceptions;
pub mod json;
mod result;
pub mod text;

pub use result::{GateResult, ScanError, ScanResult, ScanWarning, SourceSummary};
