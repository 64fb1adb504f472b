//! Live scans of a real API server, with real rights, tokens and TLS.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod load;
mod proxy;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use plimsoll_catalog::to_json;
use plimsoll_document::{Format, Limits, Source, parse};
use plimsoll_test_api_server::{ApiServer, Settings};
use serde_json::{Value, json};

use load::{exported, load};
use proxy::Proxy;

fn plimsoll(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(arguments)
        .env_remove("KUBECONFIG")
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

fn report(arguments: &[&str]) -> (Value, i32) {
    let output = plimsoll(arguments);
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (report, code(&output))
}

fn live(kubeconfig: &Path, more: &[&str]) -> (Value, i32) {
    let kubeconfig = kubeconfig.display().to_string();
    let mut arguments = vec![
        "scan",
        "--cluster",
        "--kubeconfig",
        &kubeconfig,
        "-o",
        "json",
    ];
    arguments.extend(more);
    report(&arguments)
}

fn lasting(report: &Value) -> String {
    let mut report = report.clone();
    let map = report.as_object_mut().expect("a map");
    map.remove("generatedAt");
    map.remove("durationMs");
    serde_json::to_string_pretty(&report).expect("JSON")
}

fn errors(report: &Value) -> Vec<&str> {
    let errors = report["errors"].as_array().expect("errors").iter();
    errors
        .map(|error| error["message"].as_str().expect("a message"))
        .collect()
}

fn status<'r>(report: &'r Value, id: &str) -> &'r str {
    let controls = report["controls"].as_array().expect("controls");
    let control = controls.iter().find(|control| control["id"] == id);
    control
        .and_then(|control| control["status"].as_str())
        .expect("a status")
}

/// Findings and the states of controls, without those that look at values of Secrets.
fn verdicts(report: &Value) -> BTreeSet<String> {
    let is_of_values = |control: &Value| control == "SEC-013" || control == "SEC-017";
    let findings = report["findings"].as_array().expect("findings").iter();
    let findings = findings
        .filter(|finding| !is_of_values(&finding["control"]))
        .map(|finding| {
            format!(
                "{} {} {} {}",
                finding["control"], finding["object"], finding["path"], finding["message"]
            )
        });
    let controls = report["controls"].as_array().expect("controls").iter();
    let controls = controls
        .filter(|control| !is_of_values(&control["id"]))
        .map(|control| {
            format!(
                "{} {} {}",
                control["id"], control["status"], control["objects"]
            )
        });
    findings.chain(controls).collect()
}

/// The documents of a YAML text.
fn documents(text: &str) -> Vec<Value> {
    let source = Arc::new(Source::new("roles.yaml", text));
    let parsed = parse(&source, Format::Yaml, &Limits::default());
    assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    let roots = parsed.documents.iter().filter_map(|document| document.root);
    roots.map(|root| to_json(parsed.tree.node(root))).collect()
}

/// A kubeconfig for a token.
fn kubeconfig(server: &ApiServer, url: &str, token: &str, name: &str) -> PathBuf {
    let folder = server
        .kubeconfig()
        .parent()
        .expect("a folder")
        .to_path_buf();
    let authority = folder.join("authority.pem");
    std::fs::write(&authority, server.certificates()).expect("a file");
    let path = folder.join(name);
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "c", "cluster": {"server": url, "certificate-authority": authority.display().to_string()}}],
        "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {"token": token}}],
    });
    std::fs::write(&path, config.to_string()).expect("a file");
    path
}

/// Makes a service account and gives it these roles; gives a token of it.
fn account(server: &ApiServer, name: &str, roles: &[Value]) -> String {
    let admin = server.client();
    let accounts = "/api/v1/namespaces/default/serviceaccounts";
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}});
    assert_eq!(
        admin.post(accounts, &account).expect("an answer").status,
        201
    );
    for role in roles {
        let mut role = role.clone();
        role["metadata"]["name"] = name.into();
        let kind = role["kind"].as_str().expect("a kind").to_owned();
        let place = match role["metadata"]["namespace"].as_str() {
            Some(namespace) => format!("namespaces/{namespace}/"),
            None => String::new(),
        };
        let root = format!(
            "/apis/rbac.authorization.k8s.io/v1/{place}{}",
            kind.to_lowercase()
        );
        let made = admin.post(&format!("{root}s"), &role).expect("an answer");
        assert_eq!(made.status, 201, "{made:?}");
        let binding = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": format!("{kind}Binding"), "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": "default"}],
        });
        let made = admin
            .post(&format!("{root}bindings"), &binding)
            .expect("an answer");
        assert_eq!(made.status, 201, "{made:?}");
    }
    let request =
        json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    let token = admin
        .post(&format!("{accounts}/{name}/token"), &request)
        .expect("an answer");
    token.body["status"]["token"]
        .as_str()
        .unwrap_or_else(|| panic!("{token:?}"))
        .to_owned()
}

/// One server for all of it: it takes seconds to start and more to fill.
#[test]
fn a_real_cluster_is_scanned_by_its_rights() {
    let without =
        "ServiceAccount,LimitRanger,ResourceQuota,PodSecurity,Priority,ValidatingAdmissionWebhook";
    let settings = Settings {
        arguments: vec![format!("--disable-admission-plugins={without}")],
        ..Settings::default()
    };
    let Some(server) = ApiServer::start(&settings).expect("a server") else {
        return;
    };
    let Some(loaded) = load(&server) else {
        return;
    };
    println!("loaded {loaded} objects");
    assert!(loaded > 2_000);
    live_snapshot_and_file_agree(&server);
    the_printed_role_is_enough_and_not_too_much(&server);
    a_token_that_is_no_longer_good_is_one_error(&server);
    a_connection_that_dies_leaves_the_rest_named(&server);
    of_one_namespace_a_role_is_enough(&server);
}

fn live_snapshot_and_file_agree(server: &ApiServer) {
    let (of_cluster, code) = live(&server.kubeconfig(), &[]);
    assert_eq!(
        (code, errors(&of_cluster).len()),
        (0, 0),
        "{:?}",
        errors(&of_cluster)
    );
    let folder = tempfile::tempdir().expect("a folder");
    let snapshot = folder.path().join("snapshot").display().to_string();
    let kubeconfig = server.kubeconfig().display().to_string();
    let taken = plimsoll(&["snapshot", "-o", &snapshot, "--kubeconfig", &kubeconfig]);
    assert_eq!(
        self::code(&taken),
        0,
        "{}",
        String::from_utf8_lossy(&taken.stderr)
    );
    let (of_snapshot, code) = report(&["scan", &snapshot, "-o", "json"]);
    assert_eq!((code, lasting(&of_snapshot)), (0, lasting(&of_cluster)));

    let file = folder.path().join("all.json");
    std::fs::write(&file, exported(server).to_string()).expect("a file");
    let file = file.display().to_string();
    let version = of_cluster["kubernetesVersion"].as_str().expect("a version");
    let (of_file, _) = report(&["scan", &file, "-o", "json", "--kubernetes-version", version]);
    let (of_cluster, of_file) = (verdicts(&of_cluster), verdicts(&of_file));
    let differing: Vec<&String> = of_cluster.symmetric_difference(&of_file).collect();
    assert!(differing.is_empty(), "{differing:#?}");
    println!("{} verdicts agree", of_cluster.len());
}

fn the_printed_role_is_enough_and_not_too_much(server: &ApiServer) {
    let printed = plimsoll(&["scan", "--cluster", "--explain-permissions"]);
    let roles = documents(&String::from_utf8(printed.stdout).expect("text"));
    let token = account(server, "scanner", &roles);
    let of = kubeconfig(server, server.url(), &token, "scanner");
    let (report, code) = live(&of, &[]);
    assert_eq!(
        (code, errors(&report).len()),
        (0, 0),
        "{:?}",
        errors(&report)
    );

    // With one resource less, what needs it is not assessed, and the rest is.
    let mut less = roles.clone();
    let grants = less[0]["rules"].as_array_mut().expect("rules");
    for grant in grants {
        if let Some(resources) = grant["resources"].as_array_mut() {
            resources.retain(|resource| resource != "networkpolicies");
        }
    }
    let grants = less[0]["rules"].as_array_mut().expect("rules");
    grants.retain(|rule| {
        rule["resources"]
            .as_array()
            .is_some_and(|resources| !resources.is_empty())
    });
    let token = account(server, "less", &less);
    let (report, code) = live(&kubeconfig(server, server.url(), &token, "less"), &[]);
    assert_eq!(
        (code, errors(&report).len()),
        (3, 1),
        "{:?}",
        errors(&report)
    );
    assert!(
        errors(&report)[0].starts_with("NetworkPolicy could not be read: it is forbidden (403)")
    );
    assert_eq!(status(&report, "NET-001"), "notAssessed");
    assert_eq!(status(&report, "PSC-001"), "failed");

    // The role for one control is for no other.
    let few = plimsoll(&[
        "scan",
        "--cluster",
        "--explain-permissions",
        "--control",
        "PSC-001",
    ]);
    let token = account(
        server,
        "few",
        &documents(&String::from_utf8(few.stdout).expect("text")),
    );
    let of = kubeconfig(server, server.url(), &token, "few");
    assert_eq!(live(&of, &["--control", "PSC-001"]).1, 0);
    assert_eq!(live(&of, &["--control", "SEC-007"]).1, 3);
}

fn a_token_that_is_no_longer_good_is_one_error(server: &ApiServer) {
    let token = account(server, "gone", &[]);
    let gone = "/api/v1/namespaces/default/serviceaccounts/gone";
    assert!(
        server
            .client()
            .delete(gone)
            .expect("an answer")
            .is_success()
    );
    let (report, code) = live(&kubeconfig(server, server.url(), &token, "gone"), &[]);
    assert_eq!(
        (code, errors(&report).len()),
        (3, 1),
        "{:?}",
        errors(&report)
    );
    assert!(
        errors(&report)[0].contains("does not accept the credentials (401)"),
        "{:?}",
        errors(&report)
    );
    assert_eq!(report["summary"]["controls"]["passed"], 0);
}

fn a_connection_that_dies_leaves_the_rest_named(server: &ApiServer) {
    let proxy = Proxy::start(server.url(), 1_500_000);
    let of = kubeconfig(
        server,
        &proxy.url(),
        &plimsoll_test_api_server::User::administrator().token(),
        "proxied",
    );
    let (report, code) = live(&of, &["--timeout", "5"]);
    assert_eq!(code, 3);
    let errors = errors(&report);
    assert!(
        errors[0].contains("could not be read: the connection failed"),
        "{errors:?}"
    );
    // What was read is judged, and what was not is not assessed.
    assert!(
        report["summary"]["objects"]
            .as_u64()
            .is_some_and(|count| count > 0)
    );
    assert_eq!(status(&report, "NET-001"), "notAssessed");
}

fn of_one_namespace_a_role_is_enough(server: &ApiServer) {
    let namespaces = server
        .client()
        .get("/api/v1/namespaces")
        .expect("an answer")
        .body;
    let names = namespaces["items"].as_array().expect("items").iter();
    let name = names
        .filter_map(|namespace| namespace["metadata"]["name"].as_str())
        .find(|name| !name.starts_with("kube-") && *name != "default")
        .expect("a namespace");
    let printed = plimsoll(&[
        "scan",
        "--cluster",
        "--explain-permissions",
        "--namespace",
        name,
    ]);
    let roles = documents(&String::from_utf8(printed.stdout).expect("text"));
    assert!(
        roles
            .iter()
            .all(|role| role["kind"] == "Role" && role["metadata"]["namespace"] == name)
    );
    let token = account(server, "narrow", &roles);
    let of = kubeconfig(server, server.url(), &token, "narrow");
    let (report, code) = live(&of, &["--namespace", name]);
    assert_eq!(
        (code, errors(&report).len()),
        (0, 0),
        "{:?}",
        errors(&report)
    );
    let mut findings = report["findings"].as_array().expect("findings").iter();
    assert!(findings.all(|finding| {
        let object = &finding["object"];
        object["namespace"] == name || object["kind"] == "Namespace" && object["name"] == name
    }));
}
