//! Every report is the same, however many threads made it.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const FORMATS: [&str; 17] = [
    "console",
    "json",
    "sarif",
    "junit",
    "csv",
    "markdown",
    "gitlab",
    "gitlab-sast",
    "github",
    "prometheus",
    "policyreport",
    "openreports",
    "html",
    "pdf",
    "oscal",
    "oscal-poam",
    "oscal-component",
];

/// What tells the time in a report beside the moments themselves: what stands after these words.
const TIMES: [&str; 4] = [
    "\"durationMs\":",
    "\nplimsoll_scan_duration_seconds ",
    "\" time=\"",
    "\"nanos\":",
];

/// All reports of scans with 1, 2 and 8 threads that began in the same second: a PDF says when, and is compressed.
fn reports(scanned: &Path, severity: &str) -> Vec<Vec<Vec<u8>>> {
    for _ in 0..50 {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |threads: &str, format: &str| folder.path().join(format!("{threads}-{format}"));
        let counts = ["1", "2", "8"];
        let scans = counts.map(|threads| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
            command.arg("scan").arg(scanned).args(["-j", threads]);
            command.args(["--severity", severity]);
            for format in FORMATS {
                let target = format!("{format}={}", file(threads, format).display());
                command.args(["-o", &target]);
            }
            let command = command.stdin(Stdio::null()).stderr(Stdio::null());
            command.spawn().expect("the binary runs")
        });
        for mut scan in scans {
            assert_eq!(scan.wait().expect("it ends").code(), Some(0));
        }
        let reports = counts.map(|threads| {
            let read = |format| fs::read(file(threads, format)).expect("a report");
            FORMATS.map(read).to_vec()
        });
        let seconds = reports.each_ref().map(|reports| began(&reports[1]));
        if seconds.iter().all(|second| *second == seconds[0]) {
            return reports.to_vec();
        }
    }
    panic!("no three scans began in the same second");
}

/// The second in which a scan began, by its JSON report.
fn began(report: &[u8]) -> String {
    let report: Value = serde_json::from_slice(report).expect("JSON");
    report["generatedAt"].as_str().expect("a time")[..19].to_owned()
}

/// A report without what tells when it was made and how long that took.
fn timeless(report: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(report) else {
        return report.to_vec();
    };
    let mut text = text.to_owned();
    for words in TIMES {
        text = without_after(&text, words, |byte| {
            byte.is_ascii_digit() || b" .e-".contains(&byte)
        });
    }
    // Fractions of seconds, and the end of the scan.
    let today = text.match_indices('T').filter_map(|(at, _)| {
        let moment = text.as_bytes().get(at.checked_sub(10)?..at + 9)?;
        let shape = b"0000-00-00T00:00:00";
        let is_moment = moment.iter().zip(shape).all(|(byte, shape)| {
            if *shape == b'0' {
                byte.is_ascii_digit()
            } else {
                byte == shape
            }
        });
        is_moment.then(|| text[at - 10..at + 9].to_owned())
    });
    let mut moments: Vec<String> = today.collect();
    moments.sort();
    moments.dedup();
    for moment in moments {
        text = without_after(&text, &moment, |byte| byte.is_ascii_digit() || byte == b'.');
        text = text.replace(&moment, "");
    }
    text.into_bytes()
}

/// A text without what stands after these words and is of such bytes.
fn without_after(text: &str, words: &str, is_part: impl Fn(u8) -> bool) -> String {
    let mut parts = text.split(words);
    let mut left = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.bytes().position(|byte| !is_part(byte));
        left.push_str(words);
        left.push_str(&part[end.unwrap_or(part.len())..]);
    }
    left
}

fn assert_same(scanned: &Path, severity: &str) -> Vec<Vec<u8>> {
    let reports = reports(scanned, severity);
    for (number, format) in FORMATS.iter().enumerate() {
        let alone = timeless(&reports[0][number]);
        assert!(!alone.is_empty(), "{format} says nothing");
        for others in &reports[1..] {
            let other = timeless(&others[number]);
            let differ = alone.iter().zip(&other).position(|(one, two)| one != two);
            let at = differ.unwrap_or(0).saturating_sub(80);
            assert!(
                alone == other,
                "{format} differs with the number of threads at {differ:?}: {} / {}",
                String::from_utf8_lossy(&alone[at..(at + 200).min(alone.len())]),
                String::from_utf8_lossy(&other[at..(at + 200).min(other.len())]),
            );
        }
    }
    reports.into_iter().next().unwrap_or_default()
}

#[test]
fn the_examples_are_reported_alike_by_any_number_of_threads() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    assert_same(&examples, "low");
}

/// More objects than a thread judges at a time, and more findings than one describes at a time, in several files and in
/// one list that is read in pieces.
#[test]
fn many_objects_are_reported_alike_by_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut objects = 0;
    for number in 0..5 {
        let mut text = String::new();
        for object in (0..160).flat_map(|at| application(number * 160 + at)) {
            // JSON is YAML.
            writeln!(text, "---\n{object}").expect("text grows");
            objects += 1;
        }
        fs::write(folder.path().join(format!("{number}.yaml")), text).expect("a file");
    }
    let items: Vec<Value> = (0..400).flat_map(|at| application(10_000 + at)).collect();
    objects += items.len();
    // Blanks make the list so long that several threads read it.
    let blanks = format!(",\n{}", " ".repeat(8 << 10));
    let items: Vec<String> = items.iter().map(Value::to_string).collect();
    let list = items.join(&blanks);
    let list = format!(r#"{{"apiVersion":"v1","kind":"List","items":[{list}]}}"#);
    assert!(list.len() > 9 << 20, "{} bytes", list.len());
    fs::write(folder.path().join("list.json"), list).expect("a file");

    // Findings of the most severe controls are many enough; all of them make large documents.
    let reports = assert_same(folder.path(), "high");
    let report: Value = serde_json::from_slice(&reports[1]).expect("JSON");
    assert_eq!(report["summary"]["objects"], objects);
    assert!(objects > 2_000, "{objects}");
    assert!(report["findings"].as_array().expect("findings").len() > 2_000);
}

/// Objects that hang together: every second Deployment is selected, bound and exposed in another way.
fn application(number: usize) -> Vec<Value> {
    let name = format!("app-{number}");
    let namespace = format!("team-{}", number % 7);
    let labels = json!({"app": name, "tier": (number % 3).to_string()});
    let role = if number.is_multiple_of(2) {
        "view"
    } else {
        "cluster-admin"
    };
    let metadata = json!({"name": name, "namespace": namespace, "labels": labels});
    vec![
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
            "spec": {
                "replicas": number % 4,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "serviceAccountName": name,
                        "hostNetwork": number.is_multiple_of(5),
                        "containers": [{
                            "name": "main",
                            "image": format!("registry.example.com/app:{}", number % 11),
                            "securityContext": {
                                "privileged": number.is_multiple_of(2),
                                "runAsNonRoot": number.is_multiple_of(3),
                                "allowPrivilegeEscalation": number.is_multiple_of(4),
                            },
                            "env": [{"name": "PASSWORD", "value": format!("secret-{number}")}],
                        }],
                    },
                },
            },
        }),
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": metadata,
            "spec": {
                "type": if number.is_multiple_of(2) { "LoadBalancer" } else { "ClusterIP" },
                "selector": {"app": name},
                "ports": [{"port": 80}],
            },
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": metadata,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
        }),
    ]
}
