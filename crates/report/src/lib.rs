//! One result, many readers.
//!
//! A [`ScanResult`] is all there is to say of a scan; each format is a pure function of it: [`console`] for people,
//! [`json`] for programs.

pub mod console;
pub mod json;
mod result;
pub mod text;

pub use result::{ScanError, ScanResult, ScanWarning, SourceSummary};
