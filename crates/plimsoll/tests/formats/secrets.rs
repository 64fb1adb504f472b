//! No format shows the value of a Secret, or what stands where credentials do.

use crate::reports::Reports;

/// Every value that must not be shown has this in it, in plain text or base64.
const MARK: &str = "hunter2";
const MARK_IN_BASE64: &str = "aHVudGVyM";

const MANIFEST: &str = "apiVersion: v1
kind: Secret
metadata:
  name: database
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{\"stringData\": {\"password\": \"hunter2-applied\"}}'
type: Opaque
data: {password: aHVudGVyMi1iYXNlNjQ=, token: aHVudGVyMg==}
stringData:
  api-key: hunter2-plain
  config: |
    password=hunter2-block
---
apiVersion: v1
kind: Secret
metadata: {name: cloud}
stringData: {aws_secret_access_key: AKIAhunter2hunter2aa, password: hunter2}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {db.password: hunter2-in-settings, url: 'postgres://shop:hunter2-url@db/shop'}
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations: {token: hunter2-annotation, url: 'https://shop:hunter2-metadata@example.com'}
spec:
  containers:
    - name: web
      image: registry.example.com/web
      env:
        - {name: DB_PASSWORD, value: hunter2-environment}
        - name: API_TOKEN
          value: hunter2-token
      args: ['--password=hunter2-argument', --token, hunter2-option]
";

fn check(manifest: &str) {
    let reports = Reports::of_text(manifest);
    let found = reports.json("json");
    let findings = found["findings"].as_array().expect("findings");
    for control in ["SEC-001", "SEC-002", "SEC-003", "SEC-017", "SEC-020"] {
        let is_found = findings.iter().any(|finding| finding["control"] == control);
        assert!(is_found, "{control} finds its credential");
    }
    for (format, text) in reports.all() {
        for mark in [MARK, MARK_IN_BASE64] {
            if let Some(at) = text.find(mark) {
                let shown: String = text[at.saturating_sub(200)..].chars().take(260).collect();
                panic!("{format} shows {mark}: {shown}");
            }
        }
    }
}

#[test]
fn no_format_shows_a_credential() {
    check(MANIFEST);
}

#[test]
fn no_format_shows_a_credential_of_a_file_in_one_line() {
    let objects: Vec<serde_json::Value> = [
        serde_json::json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "database"},
            "data": {"password": "aHVudGVyMi1iYXNlNjQ="}, "stringData": {"password": "hunter2"}}),
        serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"},
            "data": {"db.password": "hunter2-in-settings"}}),
        serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [
            {"name": "web", "image": "web", "args": ["--password=hunter2-argument"],
             "env": [{"name": "DB_PASSWORD", "value": "hunter2-environment"}]}]}}),
    ]
    .into();
    check(&serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string());
}

#[test]
fn a_secret_that_does_not_parse_is_not_shown_either() {
    let reports = Reports::of_text(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: database}\nstringData:\n  password: \"hunter2\" extra\n",
    );
    assert_ne!(reports.json("json")["errors"], serde_json::json!([]));
    for (format, text) in reports.all() {
        assert!(!text.contains(MARK), "{format}: {text}");
    }
}
