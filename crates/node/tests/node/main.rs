//! Machines made of files, and the facts of them.
#![cfg(target_os = "linux")]
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it did"
)]

mod kinds;
mod kubescape;
mod machines;
mod parsers;
mod refusals;
