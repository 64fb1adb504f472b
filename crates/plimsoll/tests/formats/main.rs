//! Reports as their consumers read them: each is of its form, they agree with each other, and none shows a secret.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod consumers;
mod fingerprints;
mod forms;
mod reports;
mod secrets;
mod totals;

use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::reports::{Reports, manifests};
use crate::totals::totals;

static MANIFESTS: LazyLock<Vec<PathBuf>> = LazyLock::new(manifests);

/// Names and reasons that would break out of each format if it let them.
pub(crate) const HOSTILE: &str = r#"apiVersion: v1
kind: Pod
metadata:
  name: "=w|e<b>&\"'`%0A%,:\n::error::x\e[31m\u202E @you [x](http://example.com) ]]> \\ \uFFFE {0}"
  namespace: "a,b:c\"d\ne|<f>"
  annotations:
    plimsoll.dev/ignore: "PSC-010 a | \"reason\", <b>100%</b>\e[0m & more"
spec:
  hostPID: true
  containers:
    - name: "-x,\"y\"\r\n<!-- | `"
      image: "busybox | <i>"
      securityContext: {privileged: true}
---
a: [
"#;

fn agree(reports: &Reports) {
    let totals = totals(reports);
    let (_, of_json) = &totals[0];
    for (format, of_format) in &totals {
        assert_eq!(of_format, of_json, "{format}");
    }
}

#[test]
fn text_from_outside_breaks_out_of_no_format() {
    let reports = Reports::of_text(HOSTILE);
    agree(&reports);
    forms::hold(&reports);
    let page = consumers::markdown(reports.text("markdown"));
    assert_eq!(page.links, Vec::<String>::new());
    for command in consumers::commands(reports.text("github")) {
        assert_ne!(command.message, "x", "a command from outside");
    }
    for (format, text) in reports.all() {
        assert!(!text.contains('\u{1b}'), "{format}");
    }
}

#[test]
fn nothing_found_and_nothing_scanned_are_reports_too() {
    let hardened = Reports::of(
        &["examples/hardened.yaml".into()],
        &["--framework", "pss-baseline"],
    );
    agree(&hardened);
    forms::hold(&hardened);
    let nothing = Reports::of_text("just: a map\n");
    agree(&nothing);
    forms::hold(&nothing);
    assert!(nothing.text("markdown").contains("nothing was scanned"));
}

#[test]
fn all_formats_agree_on_the_examples() {
    let reports = Reports::of(
        &["examples".into()],
        &["--fail-on", "high", "--min-score", "1"],
    );
    agree(&reports);
    forms::hold(&reports);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_formats_agree_on_any_manifests(
        paths in subsequence(&MANIFESTS[..], 1..=MANIFESTS.len().min(8)),
        severity in prop::sample::select(vec!["low", "medium", "high"]),
    ) {
        let reports = Reports::of(&paths, &["--severity", severity, "--fail-on", "medium"]);
        agree(&reports);
        forms::hold(&reports);
    }
}
