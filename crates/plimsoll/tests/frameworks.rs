//! Frameworks through the binary: attestations, scope, providers, parameters, and what a fix would gain.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const PRIVILEGED: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n  containers:\n    - name: web\n      image: registry.example.com/web:1\n      securityContext: {privileged: true}\n";

fn plimsoll(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(arguments)
        .env_remove("PLIMSOLL_SHARED")
        .output()
        .expect("the binary runs")
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("a file can be written");
    path.display().to_string()
}

fn report(arguments: &[&str]) -> Value {
    let mut all = vec!["scan", "-o", "json"];
    all.extend(arguments);
    let output = plimsoll(&all);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn requirement<'r>(report: &'r Value, framework: &str, id: &str) -> &'r Value {
    let frameworks = report["frameworks"].as_array().expect("frameworks");
    let framework = frameworks
        .iter()
        .find(|found| found["id"] == framework)
        .expect("the framework");
    framework["requirements"]
        .as_array()
        .expect("requirements")
        .iter()
        .find(|found| found["id"] == id)
        .expect("the requirement")
}

fn attestation(requirement: &str, hash: &str, collected: &str, until: &str) -> String {
    format!(
        "attestations:\n  - framework: hipaa\n    {requirement}\n    owner: Jane Doe\n    method: policy\n    evidence: {{file: officer.txt, sha256: {hash}}}\n    collected: {collected}\n    valid-until: {until}\n    reviewer: John Roe\n"
    )
}

/// The SHA-256 of `Jane Doe\n`.
const HASH: &str = "2d0c1bbb4b8b16d4dbfbd8b2b9a7ac3a42a1d1b4a6ee3fd5ed1eec3b0e7b2c11";

#[test]
fn an_attestation_counts_while_it_is_valid_and_its_evidence_is_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let pod = write(folder.path(), "pod.yaml", PRIVILEGED);
    write(folder.path(), "officer.txt", "Jane Doe\n");
    let id = "164.308(a)(2)";
    let state = |text: &str| {
        let file = write(folder.path(), "attestations.txt", text);
        let report = report(&[&pod, "--framework", "hipaa", "--attestations", &file]);
        let found = requirement(&report, "hipaa", id);
        (
            found["status"].as_str().expect("a state").to_owned(),
            found["attestation"].clone(),
        )
    };
    let asked = format!("requirement: \"{id}\"");
    // The report of a wrong hash says the right one.
    let (status, found) = state(&attestation(&asked, HASH, "2020-01-01", "9000-01-01"));
    assert_eq!(status, "notMet");
    let reason = found["reason"].as_str().expect("a reason");
    let hash = reason.rsplit(' ').next().expect("the hash");
    assert_eq!(hash.len(), 64, "{reason}");
    let (status, found) = state(&attestation(&asked, hash, "2020-01-01", "9000-01-01"));
    assert_eq!(
        (status.as_str(), &found["state"]),
        ("met", &Value::from("valid"))
    );
    let (status, found) = state(&attestation(&asked, hash, "2020-01-01", "2020-12-31"));
    assert_eq!(
        (status.as_str(), &found["state"]),
        ("notMet", &Value::from("expired"))
    );
    let (status, found) = state(&attestation(&asked, hash, "8000-01-01", "9000-01-01"));
    assert_eq!(
        (status.as_str(), &found["state"]),
        ("notMet", &Value::from("broken"))
    );
    // Without any, it is not assessed, and the report says what is needed.
    let report = report(&[&pod, "--framework", "hipaa"]);
    let found = requirement(&report, "hipaa", id);
    assert_eq!(found["status"], "notAssessed");
    assert_eq!(found["reason"], "an attestation is needed");
}

#[test]
fn a_wrong_attestation_is_an_error_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let pod = write(folder.path(), "pod.yaml", PRIVILEGED);
    for (text, words) in [
        (
            attestation("requirement: \"1.2.3\"", HASH, "2020-01-01", "2021-01-01"),
            "hipaa has no requirement '1.2.3'",
        ),
        (
            attestation("duty: everything", HASH, "2020-01-01", "2021-01-01"),
            "the one known duty is control-plane",
        ),
        (
            attestation(
                "requirement: \"164.308(a)(2)\"",
                HASH,
                "January",
                "2021-01-01",
            ),
            "'collected' is a day",
        ),
        (
            "attestations: 1\n".to_owned(),
            "a list 'attestations' is expected",
        ),
    ] {
        let file = write(folder.path(), "attestations.txt", &text);
        let output = plimsoll(&["scan", &pod, "--attestations", &file]);
        assert_eq!(output.status.code(), Some(2));
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_scope_leaves_out_what_holds_no_regulated_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let pod = write(folder.path(), "pod.yaml", PRIVILEGED);
    let failing = |configuration: &str| {
        let file = write(folder.path(), "settings.txt", configuration);
        let report = report(&[&pod, "--framework", "hipaa,soc2", "--config", &file]);
        let failing = |framework: &str, id: &str| {
            requirement(&report, framework, id)["failing"]
                .to_string()
                .contains("PSC-001")
        };
        let scope = report["frameworks"][0]["scope"].clone();
        (
            failing("hipaa", "164.312(a)(1)"),
            failing("soc2", "CC6.1"),
            scope,
        )
    };
    assert_eq!(failing("{}"), (true, true, "undeclared".into()));
    assert_eq!(
        failing("regulated-namespaces: [shop]"),
        (true, true, "declared".into())
    );
    // SOC 2 is about everything.
    assert_eq!(
        failing("regulated-namespaces: [patients]"),
        (false, true, "declared".into())
    );
}

#[test]
fn duties_of_a_provider_need_its_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = write(
        folder.path(),
        "node.yaml",
        "apiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: {eks.amazonaws.com/nodegroup: a}}\n",
    );
    let found = report(&[&node, "--framework", "cis-kubernetes"]);
    assert_eq!(found["provider"], "Amazon EKS");
    let duty = requirement(&found, "cis-kubernetes", "1.2.1");
    assert_eq!(duty["status"], "notAssessed");
    assert_eq!(
        duty["reason"],
        "a duty of Amazon EKS; its report is needed as an attestation"
    );
    write(folder.path(), "officer.txt", "the provider's report\n");
    let text = attestation("duty: control-plane", HASH, "2020-01-01", "9000-01-01")
        .replace("framework: hipaa", "framework: cis-kubernetes");
    let file = write(folder.path(), "attestations.txt", &text);
    let found = report(&[
        &node,
        "--framework",
        "cis-kubernetes",
        "--attestations",
        &file,
    ]);
    let broken = requirement(&found, "cis-kubernetes", "1.2.1")["attestation"]["reason"].clone();
    let hash = broken
        .as_str()
        .and_then(|text| text.rsplit(' ').next())
        .expect("the hash");
    let file = write(folder.path(), "attestations.txt", &text.replace(HASH, hash));
    let found = report(&[
        &node,
        "--framework",
        "cis-kubernetes",
        "--attestations",
        &file,
    ]);
    assert_eq!(
        requirement(&found, "cis-kubernetes", "1.2.1")["status"],
        "inherited"
    );
    // A duty of the user's own stays one.
    assert_ne!(
        requirement(&found, "cis-kubernetes", "5.1.1")["status"],
        "inherited"
    );
}

#[test]
fn a_catalogue_of_threats_has_no_share_that_is_passed_and_gdpr_is_supported() {
    let folder = tempfile::tempdir().expect("a folder");
    let pod = write(folder.path(), "pod.yaml", PRIVILEGED);
    let found = report(&[&pod]);
    for framework in found["frameworks"].as_array().expect("frameworks") {
        let score = &framework["score"];
        match framework["id"].as_str().expect("an id") {
            "mitre-attack" | "ms-threat-matrix" | "owasp-k8s" => {
                assert_eq!(framework["report"], "coverage");
                assert!(score["floor"].is_null() && score["complianceScore"].is_null());
                assert!(framework["exposure"]["exposed"].as_u64() > Some(0));
            }
            "gdpr" => {
                assert_eq!(framework["report"], "support");
                assert!(score["floor"].is_number() && score["complianceScore"].is_null());
            }
            _ => assert!(score["floor"].is_number() && score["complianceScore"].is_number()),
        }
    }
    let text = plimsoll(&["explain", "gdpr", &pod]);
    let text = String::from_utf8_lossy(&text.stdout).to_lowercase();
    assert!(
        text.contains("not for a scan to say") && !text.contains("compliant"),
        "{text}"
    );
}

#[test]
fn explaining_a_framework_shows_what_a_fix_would_gain_most_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let pod = write(folder.path(), "pod.yaml", PRIVILEGED);
    let output = plimsoll(&["explain", "pss-baseline", &pod]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("PSC-001  privileged-container Pod shop/web"),
        "{text}"
    );
    let found = report(&[&pod, "--framework", "pss-restricted"]);
    let gains: Vec<f64> = found["frameworks"][0]["gains"]
        .as_array()
        .expect("gains")
        .iter()
        .map(|gain| gain["floor"].as_f64().expect("points"))
        .collect();
    assert!(
        gains.len() > 2 && gains.is_sorted_by(|left, right| left >= right),
        "{gains:?}"
    );
    let output = plimsoll(&["explain", "baseline.privileged", &pod]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("not met") && text.contains("tests it"),
        "{text}"
    );
}

#[test]
fn parameters_are_set_and_shown_and_wrong_ones_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let pod = write(folder.path(), "pod.yaml", PRIVILEGED);
    let with = |configuration: &str| {
        let file = write(folder.path(), "settings.txt", configuration);
        plimsoll(&[
            "scan",
            &pod,
            "--control",
            "IMG-004",
            "-o",
            "json",
            "--config",
            &file,
        ])
    };
    let status = |configuration: &str| {
        let output = with(configuration);
        let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let control = found["controls"][0].clone();
        (
            control["status"].clone(),
            control["parameters"]["allowedRegistries"].clone(),
        )
    };
    let allowed = "registry.example.com/";
    assert_eq!(
        status(&format!(
            "parameters: {{allowedRegistries: [\"{allowed}\"]}}"
        )),
        ("passed".into(), serde_json::json!([allowed]))
    );
    assert_eq!(
        status("parameters: {allowedRegistries: [other.example.com/]}").0,
        "failed"
    );
    for (configuration, words) in [
        (
            "parameters: {allowedRegistry: []}",
            "did you mean allowedRegistries?",
        ),
        (
            "parameters: {allowedRegistries: yes}",
            "is not of the type of its default",
        ),
        ("fail-on: worst", "one of low, medium, high and critical"),
        ("minscore: 3", "there is no setting 'minscore'"),
    ] {
        let output = with(configuration);
        assert_eq!(output.status.code(), Some(2), "{configuration}");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_control_of_ones_own_is_judged_like_any_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let pod = write(folder.path(), "pod.yaml", PRIVILEGED);
    let page = "---\nid: OUR-001\nseverity: high\nrisk: 7\nsince: 0.1.0\napplies: workloads\nneeds: manifest\neach: pod\nexpect: \"'team' in pod.?metadata.?labels.orValue({})\"\nmessage: \"'no team'\"\n---\n# No team\n\nEvery Pod of ours says whose it is, so that somebody can be called at night.\n\n## Passes\n\n```yaml\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels: {team: red}\n```\n\n## Fails\n\n```yaml\napiVersion: v1   # finds\nkind: Pod\nmetadata:\n  name: web\n```\n\n## By hand\n\nAsk.\n";
    let file = write(folder.path(), "team-missing.md", page);
    let output = plimsoll(&["test", &file]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    let found = report(&[&pod, "--controls", &file, "--control", "team-missing"]);
    assert_eq!(found["findings"][0]["control"], "OUR-001");
    let wrong = write(folder.path(), "wrong.md", &page.replace("   # finds", ""));
    let output = plimsoll(&["test", &wrong]);
    assert_eq!(output.status.code(), Some(1));
    let taken = write(
        folder.path(),
        "taken.md",
        &page.replace("OUR-001", "PSC-001"),
    );
    let output = plimsoll(&["scan", &pod, "--controls", &taken]);
    assert_eq!(output.status.code(), Some(2));
}
