//! Every exported policy at a real API server: it is accepted, its types are checked, and it says of objects what a scan
//! says of their manifests.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it did"
)]

mod binding;
mod cluster;
mod examples;
mod large;
mod manifests;
mod mutation;
mod random;
mod update;
mod verdict;
