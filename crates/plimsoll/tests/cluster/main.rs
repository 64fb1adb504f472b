//! Live clusters and snapshots, as a user reads them, from a server that behaves and misbehaves as a test wants.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod fake_server;
mod faults;
mod narrowed;
mod secrets;
mod verdicts;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use fake_server::FakeServer;

fn plimsoll(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(arguments)
        .env_remove("KUBECONFIG")
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

/// Scans the cluster of a server, with more arguments; gives the JSON report and the exit code.
fn live(server: &FakeServer, more: &[&str]) -> (Value, i32) {
    let kubeconfig = server.kubeconfig().display().to_string();
    let mut arguments = vec![
        "scan",
        "--cluster",
        "--kubeconfig",
        &kubeconfig,
        "-o",
        "json",
    ];
    arguments.extend(more);
    report(&arguments)
}

fn report(arguments: &[&str]) -> (Value, i32) {
    let output = plimsoll(arguments);
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)));
    (report, code(&output))
}

/// Takes a snapshot of a server, with more arguments; gives the exit code.
fn snapshot(server: &FakeServer, to: &Path, more: &[&str]) -> i32 {
    let (kubeconfig, to) = (
        server.kubeconfig().display().to_string(),
        to.display().to_string(),
    );
    let mut arguments = vec!["snapshot", "--kubeconfig", &kubeconfig, "-o", &to];
    arguments.extend(more);
    code(&plimsoll(&arguments))
}

/// The report without what differs from run to run.
fn lasting(mut report: Value) -> String {
    let map = report.as_object_mut().expect("a map");
    map.remove("generatedAt");
    map.remove("durationMs");
    serde_json::to_string_pretty(&report).expect("JSON")
}

/// The messages of a report's errors.
fn errors(report: &Value) -> Vec<String> {
    let errors = report["errors"].as_array().expect("errors").iter();
    errors
        .map(|error| error["message"].as_str().expect("a message").to_owned())
        .collect()
}

/// The status of a control, and why.
fn status(report: &Value, id: &str) -> (String, String) {
    let controls = report["controls"].as_array().expect("controls");
    let control = controls
        .iter()
        .find(|control| control["id"] == id)
        .unwrap_or_else(|| panic!("no {id}"));
    (
        control["status"].as_str().expect("a status").to_owned(),
        control["reason"].as_str().unwrap_or_default().to_owned(),
    )
}
