//! One result, many readers.
//!
//! A [`ScanResult`] is all there is to say of a scan; each format is a pure function of it: [`console`] for people,
//! [`json`] and [`oscal`] for programs, [`html`] for whoever opens a file, [`pdf`] for auditors, the others for the places
//! where people look already. [`text`] is what everything that is printed for people shares: colours, widths, and the rule
//! that text from outside cannot steer a terminal. [`compare`] says what two reports have in common, [`exceptions`] what
//! somebody accepted, and [`secret`] is what no format shows.

pub mod compare;
pub mod console;
pub mod csv;
pub mod exceptions;
pub mod github;
pub mod gitlab;
pub mod gitlab_sast;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod oscal;
pub mod pdf;
pub mod policyreport;
pub mod prometheus;
mod reported;
mod result;
pub mod sarif;
pub mod secret;
pub mod text;
mod words;

pub use result::{
    ClusterSummary, GateResult, ScanError, ScanResult, ScanWarning, SourceKind, SourceSummary,
};
pub use words::warning_line;
