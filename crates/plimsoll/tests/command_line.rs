//! The binary as a user runs it.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn plimsoll(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(arguments)
        .current_dir(project())
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
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

fn json(arguments: &[&str]) -> Value {
    let output = plimsoll(arguments);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)))
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("a file can be written");
    path.display().to_string()
}

const PRIVILEGED: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      securityContext:\n        privileged: true\n";

#[test]
fn exit_codes_are_those_of_the_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let bad = write(folder.path(), "bad.yaml", PRIVILEGED);
    assert_eq!(code(&plimsoll(&["scan", &bad])), 0);
    assert_eq!(code(&plimsoll(&["scan", &bad, "--fail-on", "critical"])), 1);
    assert_eq!(
        code(&plimsoll(&[
            "scan",
            "examples/hardened.yaml",
            "--fail-on",
            "low"
        ])),
        0
    );
    assert_eq!(code(&plimsoll(&["scan", &bad, "--min-score", "99"])), 1);
    assert_eq!(code(&plimsoll(&["scan", &bad, "--min-score", "1"])), 0);
    assert_eq!(code(&plimsoll(&["scan", &bad, "--min-coverage", "100"])), 1);
    assert_eq!(code(&plimsoll(&["scan"])), 2);
    assert_eq!(code(&plimsoll(&["scan", &bad, "--nonsense"])), 2);
    assert_eq!(code(&plimsoll(&["scan", &bad, "-o", "xml"])), 2);
    assert_eq!(
        code(&plimsoll(&["scan", &bad, "--kubernetes-version", "latest"])),
        2
    );
    assert_eq!(code(&plimsoll(&["scan", "no/such/path"])), 3);
    let broken = write(
        folder.path(),
        "broken.yaml",
        "a: [\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: x}\n",
    );
    assert_eq!(code(&plimsoll(&["scan", &broken])), 3);
    assert_eq!(code(&plimsoll(&["--help"])), 0);
    assert_eq!(code(&plimsoll(&["--version"])), 0);
}

#[test]
fn unknown_names_are_errors_with_the_nearest_ones() {
    let output = plimsoll(&["scan", "examples", "--control", "privileged-contaner"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("did you mean privileged-container?"),
        "{}",
        stderr(&output)
    );
    let output = plimsoll(&["scan", "examples", "--framework", "pss-strict"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("pss-"), "{}", stderr(&output));
    assert_eq!(code(&plimsoll(&["explain", "no-such-thing"])), 2);
}

#[test]
fn a_control_is_found_by_id_name_and_alias() {
    for name in [
        "PSC-001",
        "psc-001",
        "privileged-container",
        "C-0057",
        "CKV_K8S_16",
    ] {
        let report = json(&[
            "scan",
            "examples/shop.yaml",
            "--control",
            name,
            "-o",
            "json",
        ]);
        assert_eq!(report["controls"][0]["id"], "PSC-001", "{name}");
        assert!(
            stdout(&plimsoll(&["explain", name])).contains("Privileged container"),
            "{name}"
        );
    }
}

#[test]
fn the_json_report_has_the_form_of_the_contract() {
    let report = json(&[
        "scan",
        "examples/shop.yaml",
        "--control",
        "PSC-001",
        "-o",
        "json",
    ]);
    assert_eq!(report["schemaVersion"], "1");
    assert_eq!(report["tool"]["name"], "plimsoll");
    let finding = &report["findings"][0];
    assert_eq!(finding["control"], "PSC-001");
    assert_eq!(finding["status"], "failed");
    assert_eq!(
        finding["object"],
        serde_json::json!({"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"})
    );
    assert_eq!(
        finding["location"],
        serde_json::json!({"file": "examples/shop.yaml", "document": 1, "line": 27, "column": 13})
    );
    let path = "spec.template.spec.containers[0].securityContext.privileged";
    assert_eq!(finding["path"], path);
    assert_eq!(finding["observed"], true);
    assert_eq!(
        finding["fix"],
        serde_json::json!([{"op": "set", "path": path, "value": false}])
    );
    assert_eq!(report["controls"][0]["objects"]["failed"], 1);
    assert_eq!(report["summary"]["findings"]["critical"], 1);
    let ids: Vec<&str> = report["frameworks"]
        .as_array()
        .expect("frameworks")
        .iter()
        .filter_map(|framework| framework["id"].as_str())
        .collect();
    assert_eq!(ids.len(), 17, "{ids:?}");
    for id in "hipaa pci-dss gdpr soc2 iso-27001 nist-800-53 nist-800-190 cis-kubernetes cis-eks cis-gke cis-aks nsa-cisa mitre-attack ms-threat-matrix owasp-k8s pss-baseline pss-restricted".split(' ') {
        assert!(ids.contains(&id), "{id}");
    }
}

#[test]
fn lists_have_the_form_of_the_contract() {
    let controls = json(&["controls", "--format", "json"]);
    let first = &controls[0];
    for key in [
        "id", "name", "title", "severity", "area", "needs", "aliases", "evidence",
    ] {
        assert!(first.get(key).is_some(), "{key}");
    }
    let frameworks = json(&["frameworks", "--format", "json"]);
    for key in ["id", "version", "title", "requirements"] {
        assert!(frameworks[0].get(key).is_some(), "{key}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let without_times = |text: String| -> String {
        text.lines()
            .filter(|line| !line.contains("\"generatedAt\"") && !line.contains("\"durationMs\""))
            .collect()
    };
    let one = without_times(stdout(&plimsoll(&[
        "scan", "examples", "controls", "-o", "json",
    ])));
    let two = without_times(stdout(&plimsoll(&[
        "scan", "controls", "examples", "-o", "json",
    ])));
    assert_eq!(one, two);
}

#[test]
fn nothing_looked_at_is_no_success() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = plimsoll(&["scan", &folder.path().display().to_string()]);
    assert_eq!(code(&output), 3);
    assert!(
        stdout(&output).contains("no Kubernetes object was found"),
        "{}",
        stdout(&output)
    );
    let values = write(folder.path(), "values.yaml", "a: 1\n");
    assert_eq!(code(&plimsoll(&["scan", &values])), 3);
    let mixed = write(
        folder.path(),
        "mixed.yaml",
        &format!("{PRIVILEGED}---\na: 1\n"),
    );
    assert_eq!(code(&plimsoll(&["scan", &mixed])), 0);
    assert_eq!(code(&plimsoll(&["scan", "--strict", &mixed])), 3);
}

#[test]
fn standard_input_is_read_and_a_closed_pipe_is_no_panic() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["scan", "-", "--control", "PSC-001", "-o", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(PRIVILEGED.as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["findings"][0]["location"]["file"], "-");
    assert_eq!(report["sources"][0]["kind"], "stdin");

    let mut child = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["scan", "examples", "-o", "json"])
        .current_dir(project())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
}

#[test]
fn broken_files_are_told_with_their_place_and_the_rest_is_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    write(
        folder.path(),
        "a.yaml",
        &format!("a: b: c\n---\n{PRIVILEGED}"),
    );
    write(folder.path(), "tab.yaml", "a:\n\tb: c\n");
    fs::write(folder.path().join("latin.yaml"), b"a: caf\xe9\n").expect("a file");
    fs::write(folder.path().join("binary.json"), b"\0\x01\x02").expect("a file");
    write(
        folder.path(),
        "lines.ndjson",
        "{\"a\": 1}\n{broken\n{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {}}\n",
    );
    let output = plimsoll(&["scan", &folder.path().display().to_string(), "-o", "json"]);
    assert_eq!(code(&output), 3);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["summary"]["objects"], 2);
    let errors: Vec<String> = report["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| format!("{}: {}", error["location"], error["message"]))
        .collect();
    let has = |file: &str, words: &str| {
        assert!(
            errors
                .iter()
                .any(|error| error.contains(file) && error.contains(words)),
            "{file} {words}: {errors:#?}"
        );
    };
    has("a.yaml", "\"line\":1");
    has("tab.yaml", "a tab indents this line");
    has("latin.yaml", "0xE9 is not UTF-8");
    has("binary.json", "binary");
    has("lines.ndjson", "\"line\":2");
}

#[test]
fn eval_shows_value_type_and_cost_or_the_place_of_a_mistake() {
    let output = plimsoll(&["eval", "[1, 2].map(x, x * 2)"]);
    assert_eq!(stdout(&output), "[2,4]  (type list(int), cost 29)\n");
    let output = plimsoll(&["eval", "object.kind", "examples/hardened.yaml"]);
    assert!(
        stdout(&output).contains("Deployment web-hardened: \"Deployment\""),
        "{}",
        stdout(&output)
    );
    let output = plimsoll(&["eval", "1 + 'a'"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains('^'), "{}", stderr(&output));
    assert_eq!(code(&plimsoll(&["eval", "1 / 0"])), 3);
}

#[test]
fn completions_are_scripts() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            stdout(&plimsoll(&["completions", shell])).contains("plimsoll"),
            "{shell}"
        );
    }
}

/// Every file of the corpora is accounted for: objects, skipped documents with their reason, errors.
#[test]
fn published_manifests_are_accounted_for() {
    let root =
        std::env::var_os("PLIMSOLL_SHARED").map_or(project().join("../shared"), PathBuf::from);
    let corpora = root.join("corpora");
    if !corpora.is_dir() {
        assert!(std::env::var_os("CI").is_none(), "the corpora are missing");
        println!("skipped: the corpora are not there");
        return;
    }
    for (name, clean) in [("manifests", true), ("robustness", false)] {
        let folder = corpora.join(name).display().to_string();
        let output = plimsoll(&["scan", &folder, "-o", "json"]);
        assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
        assert_eq!(code(&output) == 0, clean, "{name}: {}", stderr(&output));
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let files = count(&corpora.join(name));
        let named = |list: &str| report[list].as_array().map_or(0, Vec::len);
        let errors_without_source = report["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .filter(|error| {
                let file = &error["location"]["file"];
                !report["sources"]
                    .as_array()
                    .expect("sources")
                    .iter()
                    .any(|source| source["location"] == *file)
            })
            .count();
        assert_eq!(named("sources") + errors_without_source, files, "{name}");
        for source in report["sources"].as_array().expect("sources") {
            let number = |key: &str| source[key].as_u64().expect("a number");
            let file = &source["location"];
            let errors = report["errors"]
                .as_array()
                .expect("errors")
                .iter()
                .filter(|error| error["location"]["file"] == *file)
                .count() as u64;
            assert!(
                number("objects") + number("skipped") + errors >= number("documents"),
                "{source}"
            );
        }
    }
}

fn count(folder: &Path) -> usize {
    fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            if path.is_dir() {
                return count(&path);
            }
            let ending = path
                .extension()
                .and_then(|ending| ending.to_str())
                .unwrap_or_default();
            usize::from(["yaml", "yml", "json", "ndjson", "jsonl"].contains(&ending))
        })
        .sum()
}
