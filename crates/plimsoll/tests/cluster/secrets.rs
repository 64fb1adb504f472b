//! No value of a Secret is in a report, a snapshot, or on the disk.

use serde_json::json;

use super::fake_server::{Fixture, read};
use super::{FakeServer, code, live, plimsoll, report, snapshot, status};

/// A password, and the same in base64.
const PASSWORD: &str = "correct-horse-battery";
const ENCODED: &str = "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5";

const FORMATS: [&str; 16] = [
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
    "html",
    "pdf",
    "oscal",
    "oscal-poam",
    "oscal-component",
];

fn server() -> FakeServer {
    let applied = format!(r#"{{"kind":"Secret","data":{{"password":"{ENCODED}"}}}}"#);
    FakeServer::start(Fixture {
        objects: vec![
            json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}),
            json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                "metadata": {"name": "s", "namespace": "shop", "uid": "1", "resourceVersion": "1",
                    "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied,
                        "copy": PASSWORD}},
                "data": {"password": ENCODED, "aws_secret_access_key": ENCODED}}),
            json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                "metadata": {"name": "weak", "namespace": "shop", "uid": "2"}, "data": {"password": "YWRtaW4="}}),
        ],
        ..Fixture::default()
    })
}

#[test]
fn values_are_nowhere() {
    let server = server();
    let folder = server.folder();
    let mut arguments: Vec<String> = vec!["scan".into(), "--cluster".into(), "--kubeconfig".into()];
    arguments.push(server.kubeconfig().display().to_string());
    for format in FORMATS {
        arguments.push("-o".into());
        arguments.push(format!("{format}={}", folder.join(format).display()));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = plimsoll(&arguments);
    assert_eq!(code(&output), 0, "{}", super::stderr(&output));
    assert_eq!(snapshot(&server, &folder.join("snapshot"), &[]), 0);
    let packed = read(&folder.join("snapshot"));
    let unpacked = std::process::Command::new("gzip")
        .args(["-dc", &folder.join("snapshot").display().to_string()])
        .output()
        .expect("gzip is there");
    assert!(unpacked.status.success(), "a gzip that gzip reads");
    let mut texts = vec![
        output.stdout,
        output.stderr,
        packed,
        unpacked.stdout.clone(),
    ];
    texts.extend(FORMATS.iter().map(|format| read(&folder.join(format))));
    for text in texts {
        let text = String::from_utf8_lossy(&text);
        for value in [PASSWORD, ENCODED, "YWRtaW4"] {
            assert!(!text.contains(value), "{value} in {text}");
        }
    }
    let lines = String::from_utf8(unpacked.stdout).expect("text");
    assert!(
        lines
            .lines()
            .all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok())
    );
    // Names and keys are there: they say where to look.
    assert!(lines.contains("aws_secret_access_key"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.join("snapshot"))
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn what_needs_values_is_not_assessed_and_never_passed() {
    let server = server();
    let (report, code) = live(&server, &[]);
    assert_eq!(code, 0);
    assert_eq!(status(&report, "SEC-017").0, "notAssessed");
    // A key can tell by its name alone.
    assert_eq!(status(&report, "SEC-013").0, "failed");
    // That a manifest was applied with its values is told by its shape.
    assert_eq!(status(&report, "SEC-006").0, "failed");
}

#[test]
fn a_compressed_file_that_is_no_snapshot_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.gz");
    std::fs::write(&path, b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0").expect("a file");
    let path = path.display().to_string();
    let (report, code) = report(&["scan", &path, "-o", "json"]);
    assert_eq!(code, 3);
    assert!(super::errors(&report)[0].contains("no snapshot of a cluster"));
}
