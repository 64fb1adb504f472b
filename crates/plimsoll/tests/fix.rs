//! `plimsoll fix` as a user runs it, and its outputs at those who read them.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use serde_json::Value;

const DEPLOYMENT: &str = "\
# of the shop
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      hostPID: true   # for debugging
      containers:
      - name: web
        image: 'registry.example.com/shop/web:1.4.2'
        ports:
        - containerPort: 8080
          hostPort: 80
        securityContext: {privileged: yes, capabilities: {add: [SYS_ADMIN, NET_BIND_SERVICE]}}
      - name: side
        image: registry.example.com/shop/side:1
";

fn plimsoll(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

fn folder_with(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("web.yaml"), text).expect("a file");
    folder
}

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("web.yaml")).expect("a file")
}

/// What `--write --unsafe` makes of the Deployment.
fn written() -> String {
    let folder = folder_with(DEPLOYMENT);
    let output = plimsoll(folder.path(), &["fix", ".", "--write", "--unsafe"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(stdout(&output), "web.yaml\n");
    text(folder.path())
}

/// Runs a tool that a machine may not have.
fn tool(name: &str, folder: &Path, arguments: &[&str], input: &str) -> Option<Output> {
    let started = Command::new(name)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        println!("skipped: there is no {name}");
        return None;
    };
    let mut stdin = child.stdin.take().expect("an input");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    Some(child.wait_with_output().expect("it ends"))
}

#[test]
fn a_diff_is_shown_and_nothing_is_written() {
    let folder = folder_with(DEPLOYMENT);
    let output = plimsoll(folder.path(), &["fix", "."]);
    assert_eq!(code(&output), 0);
    assert!(stdout(&output).starts_with("--- a/web.yaml\n+++ b/web.yaml\n@@ "));
    assert!(stdout(&output).contains("+          allowPrivilegeEscalation: false"));
    assert!(!stdout(&output).contains("hostPID: false"));
    let told = stderr(&output);
    assert!(
        told.contains("PSC-001 privileged-container: the edit may change how the workload behaves")
    );
    assert!(
        told.contains("    web.yaml:19:27  Deployment shop/web: container web runs privileged")
    );
    assert!(told.contains("a person has to choose: "));
    assert_eq!(text(folder.path()), DEPLOYMENT);
}

#[test]
fn only_what_is_asked_for_is_fixed() {
    let folder = folder_with(DEPLOYMENT);
    let fix = |more: &[&str]| {
        let arguments = [&["fix", "web.yaml", "--unsafe", "--quiet"], more].concat();
        stdout(&plimsoll(folder.path(), &arguments))
    };
    let changed = |diff: &str| diff.lines().filter(|line| line.starts_with('+')).count() - 1;
    assert_eq!(changed(&fix(&["--control", "host-pid"])), 1);
    assert_eq!(changed(&fix(&["--control", "C-0038,PSC-001"])), 2);
    assert!(fix(&["--severity", "critical"]).contains("privileged: false"));
    assert!(!fix(&["--severity", "critical"]).contains("readOnlyRootFilesystem"));
    let output = plimsoll(folder.path(), &["fix", "web.yaml", "--control", "no-such"]);
    assert_eq!(code(&output), 2);
    let output = plimsoll(folder.path(), &["fix", "-", "--write"]);
    assert_eq!(code(&output), 2);
    let output = plimsoll(folder.path(), &["fix", "missing.yaml"]);
    assert_eq!(code(&output), 3);
}

#[test]
fn what_is_written_keeps_the_rest_and_is_written_once() {
    let after = written();
    for kept in [
        "# of the shop\n",
        "hostPID: false   # for debugging\n",
        "image: 'registry.example.com/shop/web:1.4.2'\n",
        "add: [NET_BIND_SERVICE]",
    ] {
        assert!(after.contains(kept), "{after}");
    }
    let folder = folder_with(&after);
    let output = plimsoll(folder.path(), &["fix", ".", "--write", "--unsafe"]);
    assert_eq!(stdout(&output), "");
    assert_eq!(text(folder.path()), after);
}

#[test]
fn an_accepted_finding_is_left_alone() {
    let accepted = DEPLOYMENT.replace(
        "# for debugging",
        "# plimsoll:ignore PSC-006 the agent debugs other pods",
    );
    let accepted = accepted.replace("PSC-006", "host-pid");
    let folder = folder_with(&accepted);
    let output = plimsoll(
        folder.path(),
        &["fix", ".", "--unsafe", "--control", "host-pid"],
    );
    assert_eq!(stdout(&output), "");
}

#[test]
fn git_applies_the_patch() {
    for text_before in [
        DEPLOYMENT.to_owned(),
        DEPLOYMENT.replace('\n', "\r\n"),
        DEPLOYMENT.trim_end().to_owned(),
    ] {
        let folder = folder_with(&text_before);
        let arguments = ["fix", ".", "--unsafe", "--as", "patch"];
        let diff = stdout(&plimsoll(folder.path(), &arguments));
        let arguments = ["apply", "--whitespace=nowarn"];
        let Some(output) = tool("git", folder.path(), &arguments, &diff) else {
            return;
        };
        assert!(output.status.success(), "{}", stderr(&output));
        let applied = text(folder.path());
        let output = plimsoll(folder.path(), &["fix", ".", "--unsafe"]);
        assert_eq!(stdout(&output), "", "{applied}");
    }
}

/// A manifest as JSON, as the scanner reads it.
fn as_json(yaml: &str) -> Value {
    let folder = folder_with(yaml);
    let arguments = ["eval", "object", "web.yaml", "-o", "json"];
    let output = plimsoll(folder.path(), &arguments);
    let values: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    values
        .pointer("/0/value")
        .or_else(|| values.pointer("/0/result"))
        .cloned()
        .expect("a value")
}

#[test]
fn kustomize_makes_of_the_patch_what_is_written() {
    let folder = folder_with(DEPLOYMENT);
    let patch = stdout(&plimsoll(
        folder.path(),
        &["fix", ".", "--unsafe", "--as", "kustomize"],
    ));
    fs::write(folder.path().join("patch.yaml"), patch).expect("a file");
    let kustomization = "resources: [web.yaml]\npatches: [{path: patch.yaml}]\n";
    fs::write(folder.path().join("kustomization.yaml"), kustomization).expect("a file");
    let Some(output) = tool("kubectl", folder.path(), &["kustomize", "."], "") else {
        return;
    };
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(as_json(&stdout(&output)), as_json(&written()));
}

#[test]
fn kubectl_makes_of_the_json_patch_what_is_written() {
    let folder = folder_with(DEPLOYMENT);
    let arguments = ["fix", ".", "--unsafe", "--as", "json-patch"];
    let output = plimsoll(folder.path(), &arguments);
    let patches: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let target = serde_json::json!({
        "group": "apps", "version": "v1", "kind": "Deployment", "namespace": "shop", "name": "web"
    });
    assert_eq!(patches[0]["target"], target);
    let patch = patches[0]["patch"].to_string();
    let kustomization =
        format!("resources: [web.yaml]\npatches:\n- target: {target}\n  patch: |-\n    {patch}\n");
    fs::write(folder.path().join("kustomization.yaml"), kustomization).expect("a file");
    let Some(output) = tool("kubectl", folder.path(), &["kustomize", "."], "") else {
        return;
    };
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(as_json(&stdout(&output)), as_json(&written()));
}

#[test]
fn whoever_is_killed_while_writing_leaves_the_old_file_or_the_new_one() {
    let documents = 6;
    let old = vec![DEPLOYMENT; documents].join("---\n");
    let new = vec![written(); documents].join("---\n");
    let folder = folder_with(&old);
    let mut outcomes = [0, 0];
    let started = Instant::now();
    let arguments = ["fix", "web.yaml", "--write", "--unsafe", "--quiet"];
    assert_eq!(code(&plimsoll(folder.path(), &arguments)), 0);
    assert_eq!(text(folder.path()), new);
    let whole = started.elapsed();
    for step in 0..14 {
        fs::write(folder.path().join("web.yaml"), &old).expect("a file");
        let mut child = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .args(arguments)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        std::thread::sleep(whole * step / 11);
        let _ = child.kill();
        let _ = child.wait();
        let found = text(folder.path());
        assert!(found == old || found == new, "torn after {step}");
        outcomes[usize::from(found == new)] += 1;
    }
    println!(
        "{} times the old file, {} times the new",
        outcomes[0], outcomes[1]
    );
    assert!(outcomes[0] > 0);
}

#[test]
fn what_somebody_accepted_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("web.yaml"), DEPLOYMENT).expect("a file");
    let fix = ["fix", "web.yaml", "--unsafe", "--control", "PSC-002"];
    assert!(stdout(&plimsoll(folder.path(), &fix)).contains("-      hostPID: true"));
    let today = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let exceptions = format!(
        "exceptions:\n  - control: PSC-002\n    object: {{kind: Deployment, namespace: shop, name: web}}\n    type: risk-accepted\n    reason: a debugger runs in it\n    owner: Jane Doe\n    approver: John Roe\n    created: {today}\n    expires: {}\n",
        today.tomorrow().expect("a day")
    );
    fs::write(folder.path().join("accepted.yaml"), exceptions).expect("a file");
    let output = plimsoll(
        folder.path(),
        &[&fix[..], &["--exceptions", "accepted.yaml"]].concat(),
    );
    assert!(!stdout(&output).contains("hostPID"), "{}", stdout(&output));
}

#[test]
fn a_file_that_cannot_be_written_is_not_called_fixed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("web.yaml");
    fs::write(&file, DEPLOYMENT).expect("a file");
    let mut permissions = fs::metadata(&file).expect("the file").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&file, permissions).expect("permissions");
    let output = plimsoll(
        folder.path(),
        &["fix", "web.yaml", "--write", "--quiet", "--unsafe"],
    );
    assert_eq!(code(&output), 3);
    assert!(
        stderr(&output).contains("0 findings fixed in 0 files"),
        "{}",
        stderr(&output)
    );
    assert!(stderr(&output).contains("incomplete: 1 file could not be written"));
    assert_eq!(fs::read_to_string(&file).expect("the file"), DEPLOYMENT);
}
