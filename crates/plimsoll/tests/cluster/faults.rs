//! What goes wrong is said, and nothing that was not read is said to be right.

use std::time::Duration;

use serde_json::{Value, json};

use super::fake_server::{Fault, Fixture};
use super::{FakeServer, errors, lasting, live, plimsoll, report, snapshot, status, stderr};

fn pod(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"},
        "spec": {"containers": [{"name": "web", "image": "web:1"}]}})
}

fn objects() -> Vec<Value> {
    let of = |api_version: &str, kind: &str, name: &str| json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "shop"}});
    vec![
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}),
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
        pod("web"),
        of("v1", "ConfigMap", "c"),
        of("v1", "Secret", "s"),
        of("networking.k8s.io/v1", "NetworkPolicy", "p"),
    ]
}

fn with(faults: Vec<(&'static str, Fault)>) -> FakeServer {
    FakeServer::start(Fixture {
        objects: objects(),
        faults,
        ..Fixture::default()
    })
}

/// A control about namespaces that asks for their policies, one about Pods alone, and one about Secrets.
const OF_POLICIES: &str = "NET-001";
const OF_PODS: &str = "PSC-001";
const OF_SECRETS: &str = "SEC-007";

#[test]
fn what_is_forbidden_is_not_assessed_and_named() {
    let message = "networkpolicies is forbidden: User \"u\" cannot list";
    let server = with(vec![(
        "/apis/networking.k8s.io/v1/networkpolicies",
        Fault::Status(403, message),
    )]);
    let (of_cluster, code) = live(&server, &[]);
    assert_eq!(code, 3);
    assert_eq!(
        errors(&of_cluster),
        [format!(
            "NetworkPolicy could not be read: it is forbidden (403): {message}"
        )]
    );
    let (found, reason) = status(&of_cluster, OF_POLICIES);
    assert_eq!(found, "notAssessed");
    assert!(
        reason.contains("NetworkPolicy: it is forbidden"),
        "{reason}"
    );
    assert_eq!(status(&of_cluster, OF_PODS).0, "passed");
    let named = of_cluster["findings"].to_string();
    assert!(!named.contains(OF_POLICIES), "{named}");
    // What is forbidden is not asked for twice.
    assert_eq!(
        server.count("/apis/networking.k8s.io/v1/networkpolicies"),
        1
    );

    // A snapshot says the same, to whom it concerns.
    let file = server.folder().join("x.snapshot");
    assert_eq!(snapshot(&server, &file, &[]), 3);
    let file = file.display().to_string();
    let (of_snapshot, code) = report(&["scan", &file, "-o", "json"]);
    assert_eq!((code, lasting(of_snapshot)), (3, lasting(of_cluster)));
    let (of_pods, code) = report(&["scan", &file, "-o", "json", "--control", OF_PODS]);
    assert_eq!((code, errors(&of_pods).len()), (0, 0));
}

#[test]
fn what_is_only_looked_at_is_named_where_it_is_forbidden() {
    // The control asks whether this is a whole cluster, which its Nodes tell.
    let server = with(vec![("/api/v1/nodes", Fault::Status(403, "no"))]);
    let (report, code) = live(&server, &["--control", "unused-secret"]);
    assert_eq!(code, 3);
    assert!(
        errors(&report)[0].starts_with("Node could not be read"),
        "{:?}",
        errors(&report)
    );
    assert_eq!(status(&report, "SEC-009").0, "notAssessed");
}

#[test]
fn judged_objects_that_are_forbidden_leave_what_was_judged() {
    let mut privileged = pod("bad");
    privileged["spec"]["containers"][0]["securityContext"] = json!({"privileged": true});
    let mut all = objects();
    all.push(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d", "namespace": "shop"}}));
    let forbidden = vec![("/apis/apps/v1/deployments", Fault::Status(403, "no"))];
    let server = FakeServer::start(Fixture {
        objects: all.clone(),
        faults: forbidden.clone(),
        ..Fixture::default()
    });
    let (report, code) = live(&server, &["--control", OF_PODS]);
    let (found, reason) = status(&report, OF_PODS);
    assert_eq!((code, found.as_str()), (3, "notAssessed"));
    assert!(reason.contains("Deployment"), "{reason}");
    all.push(privileged);
    let server = FakeServer::start(Fixture {
        objects: all,
        faults: forbidden,
        ..Fixture::default()
    });
    let (report, _) = live(&server, &["--control", OF_PODS]);
    assert_eq!(status(&report, OF_PODS).0, "failed");
}

#[test]
fn credentials_that_are_refused_are_one_error() {
    for path in ["/version", "/apis", "/api/v1/pods"] {
        let server = with(vec![(path, Fault::Status(401, "Unauthorized"))]);
        let (report, code) = live(&server, &[]);
        let errors = errors(&report);
        assert_eq!((code, errors.len()), (3, 1), "{path}: {errors:?}");
        assert!(
            errors[0].contains("does not accept the credentials (401)"),
            "{errors:?}"
        );
        assert_eq!(status(&report, OF_PODS).0, "notAssessed", "{path}");
        let passed = report["summary"]["controls"]["passed"].as_u64();
        // Before Pods come ConfigMaps and Namespaces, by some of which a control can pass.
        assert!(
            passed == Some(0) || path.ends_with("pods"),
            "{path}: {passed:?}"
        );
        // Nothing is asked for after it.
        assert!(!server.asked().iter().any(|path| path.ends_with("/secrets")));
    }
}

#[test]
fn a_busy_server_is_asked_again() {
    let server = with(vec![
        ("/api/v1/pods", Fault::Times(429, 2, Some(1))),
        ("/api/v1/secrets", Fault::Times(503, 1, None)),
    ]);
    let started = std::time::Instant::now();
    let (report, code) = live(&server, &[]);
    assert_eq!(
        (code, errors(&report).len()),
        (0, 0),
        "{:?}",
        errors(&report)
    );
    assert_eq!(server.count("/api/v1/pods"), 3);
    assert!(started.elapsed() >= Duration::from_millis(2_400));
    // But not forever.
    let server = with(vec![("/api/v1/secrets", Fault::Times(429, 99, Some(0)))]);
    let (report, code) = live(&server, &[]);
    assert_eq!((code, server.count("/api/v1/secrets")), (3, 5));
    assert_eq!(status(&report, OF_SECRETS).0, "notAssessed");
    assert!(errors(&report)[0].starts_with("Secret could not be read: the API server answers 429"));
}

#[test]
fn a_list_that_was_forgotten_begins_again() {
    let server = with(vec![("/api/v1/configmaps", Fault::Gone(1))]);
    let (report, code) = live(&server, &[]);
    assert_eq!(
        (code, errors(&report).len()),
        (0, 0),
        "{:?}",
        errors(&report)
    );
    // Each ConfigMap is there once, though the first page was had twice.
    assert_eq!(server.count("/api/v1/configmaps"), 4);
    assert_eq!(report["sources"][0]["objects"], 7);
    let server = with(vec![("/api/v1/configmaps", Fault::Gone(99))]);
    let (report, code) = live(&server, &[]);
    assert_eq!((code, server.count("/api/v1/configmaps")), (3, 8));
    assert!(
        errors(&report)[0].contains("again and again"),
        "{:?}",
        errors(&report)
    );
}

#[test]
fn answers_that_are_none_are_named() {
    for (fault, words) in [
        (
            Fault::Garbage("{\"kind\": \"ConfigMapList\", \"items\": [{]}"),
            "is broken JSON",
        ),
        (Fault::Garbage("{\"kind\": \"ConfigMap\"}"), "is no list"),
        (Fault::Garbage("\u{0}"), "is no text"),
        (Fault::ContentType("text/html"), "is no JSON but text/html"),
        (Fault::Circle, "has no end"),
        (Fault::Cut, "the connection failed"),
    ] {
        let server = with(vec![("/api/v1/configmaps", fault.clone())]);
        let (report, code) = live(&server, &[]);
        let errors = errors(&report);
        assert_eq!((code, errors.len()), (3, 1), "{fault:?}: {errors:?}");
        assert!(
            errors[0].starts_with("ConfigMap could not be read"),
            "{errors:?}"
        );
        assert!(errors[0].contains(words), "{errors:?}");
        assert_eq!(status(&report, OF_PODS).0, "passed");
        assert_eq!(status(&report, OF_SECRETS).0, "passed");
    }
}

#[test]
fn time_is_bounded() {
    let slow = Fault::Slow(Duration::from_secs(20));
    let server = with(vec![("/api/v1/configmaps", slow)]);
    let (report, code) = live(&server, &["--timeout", "1", "--total-timeout", "3"]);
    let errors = errors(&report);
    assert_eq!(code, 3);
    assert!(
        errors[0].contains("the 3 s for the whole cluster were over"),
        "{errors:?}"
    );
    assert_eq!(status(&report, OF_SECRETS).0, "notAssessed");

    let server = with(vec![("/api/v1/configmaps", Fault::Endless)]);
    let (report, code) = live(&server, &["--total-timeout", "2"]);
    assert_eq!(code, 3);
    assert!(
        super::errors(&report)[0].contains("were over"),
        "{:?}",
        super::errors(&report)
    );
}

#[test]
fn a_server_that_dies_ends_the_reading_and_leaves_the_rest_named() {
    let server = with(vec![("/api/v1/pods", Fault::Dead)]);
    let (report, code) = live(&server, &[]);
    let errors = errors(&report);
    assert_eq!(code, 3);
    assert!(
        errors[0].contains("could not be read: the connection failed"),
        "{errors:?}"
    );
    assert!(errors[0].contains("Secret"), "{errors:?}");
    for id in [OF_PODS, OF_SECRETS, OF_POLICIES] {
        assert_eq!(status(&report, id).0, "notAssessed", "{id}");
    }
    // What was read before it is there.
    assert_eq!(report["sources"][0]["objects"], 3);
}

#[test]
fn a_large_answer_is_read_as_it_is() {
    let server = with(vec![("/api/v1/configmaps", Fault::Huge(20 << 20))]);
    let (report, code) = live(&server, &[]);
    assert_eq!(
        (code, errors(&report).len()),
        (0, 0),
        "{:?}",
        errors(&report)
    );
}

#[test]
fn there_must_be_a_cluster_and_a_context() {
    let server = with(Vec::new());
    let kubeconfig = server.kubeconfig().display().to_string();
    let none = server.folder().join("none").display().to_string();
    for (arguments, code, words) in [
        (
            vec!["scan", "--cluster", "--kubeconfig", &none],
            2,
            "the kubeconfig cannot be used",
        ),
        (
            vec![
                "scan",
                "--cluster",
                "--kubeconfig",
                &kubeconfig,
                "--context",
                "x",
            ],
            2,
            "the kubeconfig cannot be used",
        ),
        (
            vec!["scan", ".", "--context", "x"],
            2,
            "give --cluster, too",
        ),
        (
            vec![
                "scan",
                "--cluster",
                "--kubeconfig",
                &kubeconfig,
                "--namespace",
                "../x",
            ],
            2,
            "no name of a namespace",
        ),
        (
            vec![
                "scan",
                "--cluster",
                "--kubeconfig",
                &kubeconfig,
                "--selector",
                "a b",
            ],
            2,
            "no label selector",
        ),
        (vec!["scan"], 2, "required"),
    ] {
        let output = plimsoll(&arguments);
        assert_eq!(
            super::code(&output),
            code,
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains(words),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
    drop(server);
}

#[test]
fn a_server_that_is_not_there_is_said_to_be_so() {
    let server = with(Vec::new());
    let kubeconfig = server.kubeconfig();
    let text = std::fs::read_to_string(&kubeconfig).expect("text");
    let address = text
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("an address");
    // A port that was just free.
    let text = text.replace(address, "127.0.0.1:9");
    std::fs::write(&kubeconfig, text).expect("a file");
    let path = kubeconfig.display().to_string();
    let started = std::time::Instant::now();
    let (report, code) = report(&["scan", "--cluster", "--kubeconfig", &path, "-o", "json"]);
    assert_eq!(code, 3);
    assert_eq!(errors(&report).len(), 1);
    assert!(
        errors(&report)[0].starts_with("the cluster fake cannot be read: the connection failed")
    );
    assert!(started.elapsed() < Duration::from_mins(1));
    assert_eq!(report["summary"]["controls"]["passed"], 0);
}
