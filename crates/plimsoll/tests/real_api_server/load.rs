//! A generated cluster in a real API server, and all that it then has.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use plimsoll_inventory::{is_cluster_scoped, resource_of_kind};
use plimsoll_test_api_server::ApiServer;
use serde_json::{Value, json};

/// Owners before those that they own, so that these can name them.
const ORDER: [&str; 8] = [
    "Namespace",
    "Node",
    "ServiceAccount",
    "Deployment",
    "ReplicaSet",
    "CronJob",
    "Job",
    "StatefulSet",
];

fn path_of(api_version: &str, kind: &str, namespace: Option<&str>) -> String {
    let root = if api_version.contains('/') {
        "apis"
    } else {
        "api"
    };
    let place = match namespace {
        Some(namespace) => format!("namespaces/{namespace}/"),
        None => String::new(),
    };
    format!("/{root}/{api_version}/{place}{}", resource_of_kind(kind))
}

/// Makes all objects of a generated cluster; gives how many there are. `None`, said, where the generator is not there.
pub(crate) fn load(server: &ApiServer) -> Option<usize> {
    let mut objects = generated()?;
    let rank = |object: &Value| match object["kind"].as_str().unwrap_or_default() {
        "Pod" => ORDER.len() + 1,
        kind => ORDER
            .iter()
            .position(|of| *of == kind)
            .unwrap_or(ORDER.len()),
    };
    objects.sort_by_key(rank);
    let admin = server.client();
    let mut uids: HashMap<String, Value> = HashMap::new();
    let mut made = 0;
    let mut refused: Vec<String> = Vec::new();
    for mut object in objects {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (api_version, kind) = (text(&object["apiVersion"]), text(&object["kind"]));
        let uid = text(&object["metadata"]["uid"]);
        let metadata = object["metadata"].as_object_mut().expect("metadata");
        for key in [
            "uid",
            "resourceVersion",
            "creationTimestamp",
            "generation",
            "managedFields",
        ] {
            metadata.remove(key);
        }
        if let Some(owners) = metadata
            .get_mut("ownerReferences")
            .and_then(Value::as_array_mut)
        {
            for owner in owners {
                let of = text(&owner["uid"]);
                if let Some(known) = uids.get(&of) {
                    owner["uid"] = known.clone();
                }
            }
        }
        let namespace = metadata.get("namespace").and_then(Value::as_str);
        let namespace = namespace
            .filter(|_| !is_cluster_scoped(&kind))
            .map(str::to_owned);
        if kind == "Job" {
            // The server names the Pods of a Job itself.
            if let Some(spec) = object["spec"].as_object_mut() {
                spec.remove("selector");
            }
            if let Some(labels) = object["spec"]["template"]["metadata"]["labels"].as_object_mut() {
                labels
                    .retain(|key, _| !key.contains("controller-uid") && !key.contains("job-name"));
            }
        }
        let path = path_of(&api_version, &kind, namespace.as_deref());
        let answer = admin.post(&path, &object).expect("an answer");
        match answer.status {
            201 => {
                made += 1;
                uids.insert(uid, answer.body["metadata"]["uid"].clone());
            }
            409 => {}
            _ => refused.push(format!("{kind}: {}", answer.message())),
        }
    }
    refused.sort();
    refused.dedup();
    for text in refused.iter().take(10) {
        println!("refused: {text}");
    }
    Some(made)
}

/// Every object that the server has, as a list of objects with their kinds.
pub(crate) fn exported(server: &ApiServer) -> Value {
    let admin = server.client();
    let mut items: Vec<Value> = Vec::new();
    let mut group_versions = vec!["v1".to_owned()];
    let groups = admin.get("/apis").expect("an answer").body;
    for group in groups["groups"].as_array().expect("groups") {
        let version = group["preferredVersion"]["groupVersion"].as_str();
        group_versions.push(version.expect("a version").to_owned());
    }
    for api_version in group_versions {
        let root = if api_version.contains('/') {
            "apis"
        } else {
            "api"
        };
        let resources = admin
            .get(&format!("/{root}/{api_version}"))
            .expect("an answer")
            .body;
        for resource in resources["resources"].as_array().into_iter().flatten() {
            let verbs = resource["verbs"].as_array().expect("verbs");
            // Kinds that live scans leave out, and Events that two groups show.
            let kind = resource["kind"].as_str().expect("a kind");
            let is_left_out = ["Event", "ControllerRevision", "LeaseCandidate"].contains(&kind);
            if is_left_out || !verbs.contains(&"list".into()) {
                continue;
            }
            let name = resource["name"].as_str().expect("a name");
            let place = if kind == "Lease" {
                "namespaces/kube-system/"
            } else {
                ""
            };
            let list = admin
                .get(&format!("/{root}/{api_version}/{place}{name}"))
                .expect("an answer");
            for item in list.body["items"].as_array().into_iter().flatten() {
                let mut item = item.clone();
                item["apiVersion"] = api_version.clone().into();
                item["kind"] = kind.into();
                items.push(item);
            }
        }
    }
    json!({"apiVersion": "v1", "kind": "List", "items": items})
}

fn generated() -> Option<Vec<Value>> {
    let shared = std::env::var_os("PLIMSOLL_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let tool = shared.join("tools/gen-cluster");
    if !tool.is_file() {
        let is_required = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!is_required, "{} is not there", tool.display());
        println!("skipped: {} is not there", tool.display());
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cluster.json");
    let status = Command::new(tool)
        .args([
            "--namespaces",
            "20",
            "--workloads",
            "200",
            "--pods",
            "600",
            "--seed",
            "7",
        ])
        .args(["--insecure-rate", "0.3", "-o"])
        .arg(&path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the tool runs");
    assert!(status.success());
    let text = std::fs::read(&path).expect("a file");
    let list: Value = serde_json::from_slice(&text).expect("JSON");
    Some(list["items"].as_array().expect("items").clone())
}
