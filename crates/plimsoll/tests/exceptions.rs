//! Exceptions, baselines and differences as a user runs them.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const POD: &str = "apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  annotations:
    checkov.io/skip1: CKV_K8S_16=needs devices
spec:
  hostNetwork: true
  containers:
    - name: web
      image: registry.example.com/web:1
      securityContext:
        privileged: true
";

/// A folder with a Pod, and the binary in it.
struct Project(TempDir);

impl Project {
    fn new() -> Project {
        let project = Project(tempfile::tempdir().expect("a folder"));
        project.write("web.yaml", POD);
        project
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("a file can be written");
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output: Output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .args(arguments)
            .current_dir(self.path())
            .env("XDG_CONFIG_HOME", self.path())
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let code = output.status.code().expect("an exit code");
        (code, text(output.stdout), text(output.stderr))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let (_, out, err) = self.run(arguments);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {err}"))
    }

    /// Adds what `exceptions new` writes.
    fn accept(&self, arguments: &[&str]) {
        let mut all = vec!["exceptions", "new"];
        all.extend(arguments);
        all.extend([
            "--reason",
            "it: \"has\" to",
            "--owner",
            "Jane",
            "--approver",
            "John",
        ]);
        let (code, out, err) = self.run(&all);
        assert_eq!(code, 0, "{err}");
        let file = self.path().join("exceptions.yaml");
        let before = fs::read_to_string(&file).unwrap_or_else(|_| "exceptions:\n".to_owned());
        self.write("exceptions.yaml", &(before + &out));
    }
}

fn expired(days: &str) -> String {
    format!(
        "exceptions:\n  - control: privileged-container\n    object: {{kind: Pod, name: web}}\n    type: false-positive\n    reason: why\n    owner: Jane\n    approver: John\n    created: 2020-01-01\n    expires: {days}\n"
    )
}

#[test]
fn what_is_written_is_read_and_accepts() {
    let project = Project::new();
    project.accept(&["PSC-001", "--kind", "Pod", "--name", "web"]);
    let gate = [
        "scan",
        "web.yaml",
        "--control",
        "PSC-001",
        "--fail-on",
        "low",
    ];
    assert_eq!(project.run(&gate).0, 1);
    let with: Vec<&str> = [&gate[..], &["--exceptions", "exceptions.yaml"]].concat();
    let (code, out, _) = project.run(&with);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("risk-accepted by Jane, until 20"), "{out}");
    let (_, out, _) = project.run(&[
        "scan",
        "web.yaml",
        "-o",
        "json",
        "--exceptions",
        "exceptions.yaml",
    ]);
    let report: Value = serde_json::from_str(&out).expect("JSON");
    let exception = &report["exceptions"][0];
    assert_eq!(exception["accepted"], 1);
    assert_eq!(exception["reason"], "it: \"has\" to");
    let findings = report["findings"].as_array().expect("findings");
    let accepted: Vec<&Value> = findings
        .iter()
        .filter(|finding| finding["status"] == "accepted")
        .collect();
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0]["exception"], 0);
    assert_eq!(report["summary"]["findings"]["accepted"], 1);
    // The configuration names the file as well.
    project.write("plimsoll.yaml", "exceptions: exceptions.yaml\n");
    assert_eq!(project.run(&gate).0, 0);
}

#[test]
fn check_says_what_each_hides_and_what_is_wrong_with_it() {
    let project = Project::new();
    project.accept(&["PSC-001", "--kind", "Pod", "--name", "web"]);
    let check = [
        "exceptions",
        "check",
        "web.yaml",
        "--exceptions",
        "exceptions.yaml",
    ];
    let (code, out, err) = project.run(&check);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("1 finding in 1 object"), "{out}");
    assert!(
        out.contains("PSC-001 container web runs privileged  Pod shop/web web.yaml:14"),
        "{out}"
    );

    project.accept(&["PSC-001", "--kind", "Pod", "--name", "api"]);
    project.accept(&["host-network", "--kind", "*", "--name", "*"]);
    let (code, out, _) = project.run(&check);
    assert_eq!(code, 1);
    assert!(out.contains("unused"), "{out}");
    assert!(out.contains("over-wide"), "{out}");

    project.write("exceptions.yaml", &expired("2020-03-01"));
    let (code, out, _) = project.run(&check);
    assert_eq!(code, 1);
    assert!(
        out.contains("expired 2020-03-01: the finding it was for stands"),
        "{out}"
    );
    assert!(out.contains("would hide"), "{out}");
    let json = project.json(&[&check[..], &["--format", "json"]].concat());
    assert_eq!(json[0]["state"], "expired");
    assert_eq!(json[0]["hides"][0]["control"], "PSC-001");
    // A scan tells it, too.
    let (_, out, _) = project.run(&["scan", "web.yaml", "--exceptions", "exceptions.yaml"]);
    assert!(
        out.contains("warning: exceptions.yaml:2:1: exception for PSC-001: expired"),
        "{out}"
    );
}

#[test]
fn a_file_with_a_mistake_accepts_nothing() {
    let project = Project::new();
    for (text, words) in [
        (expired("2021-03-01"), "more than 365 days"),
        (
            expired("2020-03-01").replace("Pod,", "Pod|Job,"),
            "'|' cannot stand",
        ),
        (
            expired("2020-03-01").replace("control:", "framework:"),
            "unknown key 'framework'",
        ),
        ("- a\n".to_owned(), "a list 'exceptions'"),
        ("exceptions: {}\n".to_owned(), "a list 'exceptions'"),
        ("exceptions: [\n".to_owned(), "exceptions.yaml:"),
    ] {
        project.write("exceptions.yaml", &text);
        let (code, _, err) = project.run(&["scan", "web.yaml", "--exceptions", "exceptions.yaml"]);
        assert_eq!(code, 2, "{text}");
        assert!(err.contains(words), "{err}");
    }
    let (code, _, _) = project.run(&["scan", "web.yaml", "--exceptions", "missing.yaml"]);
    assert_eq!(code, 3);
    let too_long = [
        "exceptions",
        "new",
        "PSC-001",
        "--kind",
        "Pod",
        "--name",
        "a",
        "--reason",
        "r",
        "--owner",
        "o",
        "--approver",
        "a",
        "--days",
        "366",
    ];
    assert_eq!(project.run(&too_long).0, 2);
}

#[test]
fn what_is_accepted_for_another_tool_counts_where_that_is_asked_for() {
    let project = Project::new();
    let accepted = |arguments: &[&str]| {
        let all = [&["scan", "web.yaml", "-o", "json"], arguments].concat();
        project.json(&all)["summary"]["findings"]["accepted"].clone()
    };
    assert_eq!(accepted(&[]), 0);
    assert_eq!(accepted(&["--compat", "checkov,trivy"]), 1);
    assert_eq!(accepted(&["--compat", "polaris"]), 0);
    assert_eq!(project.run(&["scan", "web.yaml", "--compat", "snyk"]).0, 2);
    project.write("plimsoll.yaml", "compat: [checkov]\n");
    assert_eq!(accepted(&[]), 1);
    let (_, out, _) = project.run(&["scan", "web.yaml"]);
    assert!(out.contains("1 accept 1 finding"), "{out}");
    assert!(out.contains("(for checkov)"), "{out}");
    project.write("plimsoll.yaml", "compat: [snyk]\n");
    assert_eq!(project.run(&["scan", "web.yaml"]).0, 2);
}

#[test]
fn a_baseline_fails_only_on_what_is_new() {
    let project = Project::new();
    project.run(&["scan", "web.yaml", "-o", "json=before.json"]);
    let gate = ["scan", "web.yaml", "-q", "--baseline", "before.json"];
    let (code, out, _) = project.run(&gate);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("nothing is new"), "{out}");
    // Moved and in another order, it is the same.
    project.write(
        "web.yaml",
        &format!(
            "# moved\n\n{}",
            POD.replace("  hostNetwork: true\n", "") + "  hostNetwork: true\n"
        ),
    );
    assert_eq!(project.run(&gate).0, 0);
    project.write("web.yaml", &POD.replace("hostNetwork", "hostPID"));
    let (code, out, _) = project.run(&gate);
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("1 new finding: PSC-002 Pod web at web.yaml:9"),
        "{out}"
    );
    // With --fail-on, only what is as bad as that.
    let with = |level: &str| project.run(&[&gate[..], &["--fail-on", level]].concat()).0;
    assert_eq!(with("critical"), 0, "what is critical was there before");
    assert_eq!(with("high"), 1);
    // What was accepted and is no more stands anew.
    project.write("web.yaml", POD);
    project.run(&[
        "scan",
        "web.yaml",
        "--compat",
        "checkov",
        "-o",
        "json=before.json",
    ]);
    let (code, out, _) = project.run(&gate);
    assert_eq!(code, 1);
    assert!(out.contains("1 no longer accepted"), "{out}");
    for (text, words) in [("{}", "no JSON report"), ("[", "no JSON report")] {
        project.write("before.json", text);
        let (code, _, err) = project.run(&gate);
        assert_eq!(code, 2);
        assert!(err.contains(words), "{err}");
    }
}

#[test]
fn a_difference_says_what_got_better_and_worse() {
    let project = Project::new();
    project.run(&["scan", "web.yaml", "-o", "json=old.json"]);
    project.write("web.yaml", &POD.replace("hostNetwork", "hostPID"));
    project.run(&[
        "scan",
        "web.yaml",
        "--compat",
        "checkov",
        "-o",
        "json=new.json",
    ]);
    let difference = project.json(&["diff", "old.json", "new.json", "--format", "json"]);
    let changes = |key: &str| -> Vec<(String, String)> {
        let list = difference[key].as_array().expect("a list");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        list.iter()
            .map(|one| (text(&one["change"]), text(&one["control"])))
            .collect()
    };
    let pair = |change: &str, control: &str| (change.to_owned(), control.to_owned());
    assert_eq!(changes("worse"), [pair("new", "PSC-002")]);
    assert!(changes("better").contains(&pair("accepted", "PSC-001")));
    assert!(changes("better").contains(&pair("fixed", "PSC-004")));
    assert_eq!(changes("notLookedAt"), []);
    let (code, out, _) = project.run(&["diff", "old.json", "new.json"]);
    assert_eq!(code, 0);
    for words in [
        "worse",
        "better",
        "PSC-002  Pod shop/web  web.yaml:9",
        "all controls",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    // What nobody looked at is not better.
    project.run(&[
        "scan",
        "web.yaml",
        "--control",
        "PSC-002",
        "-o",
        "json=new.json",
    ]);
    let (_, out, _) = project.run(&["diff", "old.json", "new.json"]);
    assert!(out.contains("its control was not assessed"), "{out}");
    assert!(out.contains(" 0 better"), "{out}");
    assert_eq!(project.run(&["diff", "old.json", "missing.json"]).0, 3);
    project.write("new.json", "{\"schemaVersion\": \"1\"}");
    assert_eq!(project.run(&["diff", "old.json", "new.json"]).0, 2);
}
