//! Updates of objects that were there before the policies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::cluster::{Cluster, GROUPS, Said, cluster, said};

/// An object that is there, and the policies that had something to say when it was made.
struct Made {
    path: String,
    failed: BTreeSet<String>,
}

fn make(cluster: &Cluster, object: &Value, namespace: &str) -> Made {
    let path = cluster.path(object, namespace).unwrap();
    let Said::Admitted(warnings) = said(&cluster.client.post(&path, object).unwrap()) else {
        panic!("{object} is not taken")
    };
    let name = object["metadata"]["name"].as_str().unwrap();
    Made {
        path: format!("{path}/{name}"),
        failed: warnings.into_keys().collect(),
    }
}

impl Made {
    /// The policies that have something to say of a change.
    fn changed(&self, cluster: &Cluster, below: &str, change: &Value) -> BTreeMap<String, String> {
        let path = format!("{}{below}?dryRun=All", self.path);
        let answer = cluster.client.merge(&path, change).unwrap();
        match said(&answer) {
            Said::Admitted(warnings) => warnings,
            other => panic!("{other:?}"),
        }
    }

    fn failing_after(&self, cluster: &Cluster, change: &Value) -> BTreeSet<String> {
        self.changed(cluster, "", change).into_keys().collect()
    }
}

fn spec() -> Value {
    json!({
        "hostPID": true, "hostAliases": [{"ip": "127.0.0.1", "hostnames": ["a"]}],
        "containers": [{"name": "a", "image": "nginx", "securityContext": {"privileged": true}}],
    })
}

/// The controls that judge a whole object, and not its pod alone.
fn judge_objects(cluster: &Cluster) -> BTreeSet<String> {
    let of_object = cluster.exported.iter().filter(|exported| {
        let conditions = exported.policy.policy["spec"]["matchConditions"].to_string();
        conditions.contains("dyn(oldObject)")
    });
    of_object
        .map(|exported| exported.policy.name.clone())
        .collect()
}

#[test]
fn an_update_is_judged_where_it_changes_what_is_judged() {
    let Some(cluster) = cluster() else { return };
    let judge_objects = judge_objects(cluster);
    let (mut failed, mut of_object) = (0, 0);
    for group in 0..GROUPS {
        let namespace = format!("group-{group}");
        let metadata =
            json!({"name": "before", "labels": {"app": "a"}, "finalizers": ["example.com/a"]});
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec()});
        let pod = make(cluster, &pod, &namespace);
        failed += pod.failed.len();
        // What controllers do with the Pods of Jobs.
        for change in [
            json!({"metadata": {"finalizers": []}}),
            json!({"metadata": {"finalizers": ["example.com/b"]}}),
            json!({"metadata": {"ownerReferences": []}}),
        ] {
            assert_eq!(
                pod.failing_after(cluster, &change),
                BTreeSet::new(),
                "{change}"
            );
        }
        let mut change = json!({"spec": {"containers": [{}]}});
        // A merge patch replaces the list, and what the server has added to the container must stay.
        let container =
            cluster.client.get(&pod.path).unwrap().body["spec"]["containers"][0].clone();
        change["spec"]["containers"][0] = container;
        change["spec"]["containers"][0]["image"] = "httpd".into();
        assert_eq!(pod.failing_after(cluster, &change), pod.failed);

        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "before"},
            "spec": {
                "replicas": 1, "selector": {"matchLabels": {"app": "a"}},
                "template": {"metadata": {"labels": {"app": "a"}}, "spec": spec()},
            },
        });
        let deployment = make(cluster, &deployment, &namespace);
        // What the Deployment controller does, and people who scale.
        let expected: BTreeSet<String> = deployment
            .failed
            .intersection(&judge_objects)
            .cloned()
            .collect();
        of_object += expected.len();
        for change in [
            json!({"metadata": {"annotations": {"deployment.kubernetes.io/revision": "2"}}}),
            json!({"spec": {"replicas": 2}}),
        ] {
            assert_eq!(
                deployment.failing_after(cluster, &change),
                expected,
                "{change}"
            );
        }
        assert_eq!(
            deployment.failing_after(cluster, &json!({"status": {"replicas": 1}})),
            BTreeSet::new()
        );
        let change =
            json!({"spec": {"template": {"metadata": {"annotations": {"restarted": "now"}}}}});
        assert_eq!(
            deployment.failing_after(cluster, &change),
            deployment.failed
        );
    }
    assert!(failed > 10 && of_object > 0, "{failed} {of_object}");
}

#[test]
fn debug_containers_are_judged() {
    let Some(cluster) = cluster() else { return };
    let calm = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "calm"},
        "spec": {"containers": [{"name": "a", "image": "a"}]},
    });
    for group in 0..GROUPS {
        let pod = make(cluster, &calm, &format!("group-{group}"));
        let debug = json!({"spec": {"ephemeralContainers": [
            {"name": "debug", "image": "busybox", "securityContext": {"privileged": true}},
        ]}});
        let warnings = pod.changed(cluster, "/ephemeralcontainers", &debug);
        for control in ["PSC-001", "PSC-043"] {
            let exported = cluster
                .exported
                .iter()
                .find(|exported| exported.control.id == control)
                .unwrap();
            if exported.group == group {
                let says = &warnings[&exported.policy.name];
                assert!(says.contains("debug"), "{says}");
            }
        }
    }
}
