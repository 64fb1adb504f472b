//! A cluster says the same live, in a snapshot and in a file of all its objects.

use std::collections::BTreeSet;

use serde_json::Value;

use super::fake_server::{Fixture, generated, read};
use super::{FakeServer, lasting, live, report, snapshot};

/// Controls that look at the values of Secrets, which are not kept of a live cluster.
const OF_VALUES: [&str; 2] = ["SEC-013", "SEC-017"];

fn findings(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings
        .filter(|finding| !OF_VALUES.contains(&finding["control"].as_str().unwrap_or_default()))
        .map(|finding| {
            format!(
                "{} {} {} {} {}",
                finding["control"],
                finding["status"],
                finding["object"],
                finding["path"],
                finding["message"]
            )
        })
        .collect()
}

fn statuses(report: &Value) -> Vec<String> {
    let controls = report["controls"].as_array().expect("controls").iter();
    controls
        .filter(|control| !OF_VALUES.contains(&control["id"].as_str().unwrap_or_default()))
        .map(|control| {
            format!(
                "{} {} {}",
                control["id"], control["status"], control["objects"]
            )
        })
        .collect()
}

#[test]
fn live_snapshot_and_file_agree() {
    let size = [
        "--namespaces",
        "20",
        "--workloads",
        "200",
        "--pods",
        "600",
        "--seed",
        "7",
        "--insecure-rate",
        "0.3",
    ];
    let Some(path) = generated(&size) else {
        return;
    };
    let list: Value = serde_json::from_slice(&read(&path)).expect("JSON");
    let objects = list["items"].as_array().expect("items").clone();
    assert!(objects.len() > 2_000);
    let server = FakeServer::start(Fixture {
        objects,
        ..Fixture::default()
    });
    let (of_cluster, live_code) = live(&server, &[]);
    // More Pods than fit on a page.
    assert_eq!(server.count("/api/v1/pods"), 2);
    let file = server.folder().join("x.snapshot");
    assert_eq!(snapshot(&server, &file, &[]), 0);
    let file = file.display().to_string();
    let (of_snapshot, snapshot_code) = report(&["scan", &file, "-o", "json"]);
    let errors = &of_cluster["errors"];
    assert_eq!((live_code, snapshot_code), (0, 0), "{errors}");
    assert_eq!(lasting(of_cluster.clone()), lasting(of_snapshot));

    let path = path.display().to_string();
    let arguments = ["scan", &path, "-o", "json", "--kubernetes-version", "1.34"];
    let (of_file, file_code) = report(&arguments);
    assert_eq!(file_code, 0);
    assert_eq!(findings(&of_cluster), findings(&of_file));
    assert_eq!(statuses(&of_cluster), statuses(&of_file));
    assert_eq!(of_cluster["kubernetesVersion"], "1.34");
    let source = &of_cluster["sources"][0];
    assert_eq!(source["kind"], "cluster");
    assert_eq!(source["location"], "fake");
    assert_eq!(source["serverVersion"], "v1.34.1");
    let mut of_cluster = of_cluster["findings"].as_array().expect("findings").iter();
    assert!(of_cluster.all(|finding| finding.get("location").is_none()));
}

#[test]
fn servers_that_do_not_tell_all_kinds_at_once_are_asked_group_by_group() {
    let object = |api_version: &str, kind: &str, name: &str| {
        serde_json::json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "shop"},
            "spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}})
    };
    let reports = [false, true].map(|only_legacy_discovery| {
        let server = FakeServer::start(Fixture {
            objects: vec![
                object("v1", "Secret", "s"),
                object("apps/v1", "Deployment", "d"),
                object("argoproj.io/v1alpha1", "Rollout", "r"),
                object("networking.k8s.io/v1", "Ingress", "i"),
                object("extensions/v1beta1", "Ingress", "i"),
            ],
            only_legacy_discovery,
            ..Fixture::default()
        });
        let (report, code) = live(&server, &[]);
        assert_eq!(code, 0, "{}", report["errors"]);
        // Two groups show the Ingress; it is one.
        assert_eq!(report["summary"]["objects"], 4);
        lasting(report)
    });
    assert_eq!(reports[0], reports[1]);
}

#[test]
fn a_list_of_one_kind_tells_the_kind_of_its_items_in_files_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pods.json");
    let text = r#"{"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": {"name": "web"},
 "spec": {"containers": [{"name": "web",
   "securityContext": {"privileged": true}}]}}]}"#;
    std::fs::write(&path, text).expect("a file");
    let path = path.display().to_string();
    let (report, _) = report(&[
        "scan",
        &path,
        "-o",
        "json",
        "--control",
        "privileged-container",
    ]);
    let finding = &report["findings"][0];
    assert_eq!(finding["object"]["kind"], "Pod");
    assert_eq!(
        finding["path"],
        "spec.containers[0].securityContext.privileged"
    );
    assert_eq!(finding["location"]["line"], 3);
    assert_eq!(report["sources"][0]["objects"], 1);
}

#[test]
fn files_can_be_scanned_beside_a_cluster() {
    let server = FakeServer::start(Fixture {
        objects: vec![
            serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "live",
            "namespace": "shop"}, "spec": {"containers": [{"name": "a"}]}}),
        ],
        ..Fixture::default()
    });
    let file = server.folder().join("pod.yaml");
    std::fs::write(
        &file,
        "apiVersion: v1\nkind: Pod\nmetadata: {name: file}\nspec: {containers: [{name: a}]}\n",
    )
    .expect("a file");
    let file = file.display().to_string();
    let (report, code) = live(&server, &[&file, "--control", "privileged-container"]);
    assert_eq!((code, &report["summary"]["objects"]), (0, &2.into()));
    let kinds: Vec<&Value> = report["sources"]
        .as_array()
        .expect("sources")
        .iter()
        .map(|source| &source["kind"])
        .collect();
    assert_eq!(kinds, ["file", "cluster"]);
}
