//! Less than a whole cluster: namespaces, labels, no Secrets, and the rights that go with it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fake_server::{Fault, Fixture};
use super::{FakeServer, code, errors, live, plimsoll, status, stderr};

fn pod(namespace: &str, name: &str, label: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": label}},
        "spec": {"containers": [{"name": "web", "securityContext": {"privileged": true}}]}})
}

fn fixture() -> Fixture {
    let role = |kind: &str| json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": "r"}});
    Fixture {
        objects: vec![
            json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}),
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bank"}}),
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop"}}),
            pod("shop", "web", "web"),
            pod("shop", "other", "other"),
            pod("bank", "web", "web"),
            role("ClusterRole"),
        ],
        kinds: vec![
            (
                "networking.k8s.io/v1",
                "NetworkPolicy",
                "networkpolicies",
                true,
            ),
            ("example.com/v1", "Unknown", "unknowns", true),
            ("v1", "Event", "events", true),
            ("events.k8s.io/v1", "Event", "events", true),
        ],
        ..Fixture::default()
    }
}

fn objects(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings
        .map(|finding| {
            let object = &finding["object"];
            format!(
                "{}/{}",
                object["namespace"].as_str().expect("text"),
                object["name"].as_str().expect("text")
            )
        })
        .collect()
}

#[test]
fn of_a_namespace_nothing_is_said_that_needs_the_cluster() {
    let server = FakeServer::start(fixture());
    let (report, code) = live(&server, &["--namespace", "shop"]);
    assert_eq!(code, 0, "{:?}", errors(&report));
    assert!(
        objects(&report)
            .iter()
            .all(|name| name.starts_with("shop/") || name == "/shop"),
        "{:?}",
        objects(&report)
    );
    let asked = server.asked();
    let outside: Vec<&String> = asked
        .iter()
        .filter(|path| !path.contains("/namespaces/shop"))
        .filter(|path| !["/version", "/api", "/apis"].contains(&path.as_str()))
        .collect();
    assert_eq!(outside, Vec::<&String>::new());
    // Roles of the cluster decide what anybody may do, and were not read.
    let controls = report["controls"].as_array().expect("controls");
    let judged = |id: &str| status(&report, id).0;
    assert_eq!(judged("PSC-001"), "failed");
    for control in controls {
        let (id, state) = (control["id"].as_str().expect("an id"), &control["status"]);
        if id.starts_with("RBC-") || id.starts_with("ETC-") {
            assert!(state == "notAssessed", "{id}: {state}");
        }
    }
    let source = &report["sources"][0];
    assert_eq!(source["namespaces"], json!(["shop"]));
    // A namespace that is not there must not look like one in which all is well.
    let (report, code) = live(&server, &["--namespace", "nowhere"]);
    assert_eq!(code, 3);
    assert!(
        errors(&report)[0].contains("there is no namespace nowhere"),
        "{:?}",
        errors(&report)
    );
}

#[test]
fn a_selector_judges_less_and_reads_the_same() {
    let server = FakeServer::start(fixture());
    let (report, code) = live(
        &server,
        &["--selector", "app=web", "--control", "privileged-container"],
    );
    assert_eq!(code, 0);
    let expected: BTreeSet<String> = ["shop/web", "bank/web"].map(str::to_owned).into();
    assert_eq!(objects(&report), expected);
}

#[test]
fn only_what_controls_ask_for_is_read() {
    let server = FakeServer::start(fixture());
    let (_, code) = live(&server, &["--control", "privileged-container"]);
    assert_eq!(code, 0);
    let asked = server.asked();
    assert_eq!(asked, ["/api", "/api/v1/pods", "/apis", "/version"]);
    let server = FakeServer::start(fixture());
    let (report, code) = live(&server, &[]);
    assert_eq!(code, 0);
    let asked = server.asked();
    assert!(
        !asked
            .iter()
            .any(|path| path.contains("events") || path.contains("unknowns")),
        "{asked:?}"
    );
    assert_eq!(report["sources"][0]["leftOut"], json!(["Event"]));
}

#[test]
fn without_secrets_is_what_the_user_wants_and_no_error() {
    let mut fixture = fixture();
    fixture.faults = vec![("/api/v1/secrets", Fault::Status(403, "no"))];
    let server = FakeServer::start(fixture);
    let (report, code) = live(&server, &["--without-secrets"]);
    assert_eq!(
        (code, errors(&report).len()),
        (0, 0),
        "{:?}",
        errors(&report)
    );
    let (found, reason) = status(&report, "SEC-007");
    assert_eq!(found, "notAssessed");
    assert!(reason.contains("--without-secrets"), "{reason}");
    assert_eq!(server.count("/api/v1/secrets"), 0);
    let (_, code) = live(&server, &[]);
    assert_eq!(code, 3);
}

#[test]
fn rights_are_printed_without_a_cluster() {
    let output = plimsoll(&[
        "scan",
        "--cluster",
        "--explain-permissions",
        "--control",
        "privileged-container",
    ]);
    let text = String::from_utf8(output.stdout.clone()).expect("text");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(
        text.contains("kind: ClusterRole") && text.contains("- pods\n"),
        "{text}"
    );
    assert!(!text.contains("secrets") && !text.contains("get"), "{text}");
    let all = plimsoll(&[
        "scan",
        "--cluster",
        "--explain-permissions",
        "--without-secrets",
    ]);
    let text = String::from_utf8(all.stdout).expect("text");
    assert!(
        text.contains("- networkpolicies\n") && !text.contains("- secrets\n"),
        "{text}"
    );
    for verb in ["watch", "create", "update", "patch", "delete", "escalate"] {
        assert!(!text.contains(verb), "{verb}");
    }
}
