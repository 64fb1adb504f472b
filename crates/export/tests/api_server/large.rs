//! Objects as large as they may be.

use serde_json::{Value, json};

use crate::cluster::{GROUPS, Said, cluster};

fn list(count: usize, element: impl Fn(usize) -> Value) -> Value {
    (0..count).map(element).collect()
}

/// A Pod of 10 containers with 100 variables each, a script of 8 KiB in each, and 40 volumes.
fn pod() -> Value {
    let container = |at: usize| {
        json!({
            "name": format!("container-{at}"),
            "image": format!("registry.example.com/{}/web:1.4.2", "a".repeat(80)),
            "command": ["sh", "-c", "echo lorem ipsum ".repeat(480)],
            "env": list(100, |at| json!({"name": format!("VARIABLE_{at}"), "value": "lorem ipsum ".repeat(6)})),
            "ports": list(10, |port| json!({"containerPort": 8000 + at * 10 + port})),
            "volumeMounts": list(40, |at| json!({"name": format!("volume-{at}"), "mountPath": format!("/mounted/{at}")})),
            "securityContext": {"capabilities": {"drop": ["ALL"]}},
            "livenessProbe": {"exec": {"command": list(5, |_| "lorem ipsum ".repeat(30).into())}},
        })
    };
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "large", "annotations": {"example.com/note": "lorem ipsum ".repeat(3000)}},
        "spec": {
            "containers": list(10, container),
            "volumes": list(40, |at| json!({"name": format!("volume-{at}"), "secret": {"secretName": "s"}})),
        },
    })
}

fn config_map() -> Value {
    let data: serde_json::Map<String, Value> = (0..10)
        .map(|at| (format!("key-{at}"), "lorem ipsum ".repeat(5_500).into()))
        .collect();
    let mut annotations = json!({});
    annotations["kubectl.kubernetes.io/last-applied-configuration"] =
        "lorem ipsum ".repeat(17_000).into();
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "large", "annotations": annotations}, "data": data})
}

#[test]
fn no_policy_reaches_a_limit_on_large_objects() {
    let Some(cluster) = cluster() else { return };
    for object in [pod(), config_map()] {
        for group in 0..GROUPS {
            match cluster.create(&object, &format!("group-{group}")) {
                Said::Admitted(warnings) => {
                    for (name, says) in warnings {
                        assert!(
                            !says.contains("error") && !says.contains("budget"),
                            "{name}: {says}"
                        );
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
