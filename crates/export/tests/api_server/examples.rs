//! The examples of the controls' pages.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_catalog::Applies;
use serde_json::{Value, json};

use crate::cluster::{Cluster, DENY_LABEL, Exported, Said, cluster};
use crate::manifests::{as_sent, objects};
use crate::verdict::{says_the_same, scan};

#[test]
fn the_type_checker_has_nothing_to_say() {
    let Some(cluster) = cluster() else { return };
    let Some(program) = cluster.server.programs().check_types() else {
        println!("skipped: check-types is not there; tools/api-server/build makes it");
        return;
    };
    let output = std::process::Command::new(program)
        .arg(cluster.server.kubeconfig())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let warnings: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(warnings, json!({}), "{warnings:#}");
}

/// What came of holding verdicts against each other.
#[derive(Default)]
struct Tally {
    /// By control: objects that both let pass, and that both refuse.
    agreed: BTreeMap<String, (usize, usize)>,
    differences: Vec<String>,
    /// Why the server itself does not take an object, and how often.
    refused: BTreeMap<String, usize>,
}

impl Tally {
    /// Asks both about an object.
    fn compare(&mut self, cluster: &Cluster, exported: &Exported, object: &Value) {
        let control = exported.control;
        let Some(namespaced) = cluster.is_namespaced(object) else {
            *self
                .refused
                .entry("the server has no such kind".to_owned())
                .or_default() += 1;
            return;
        };
        let namespace = object["metadata"]["namespace"]
            .as_str()
            .unwrap_or("shop")
            .to_owned();
        let mut object = as_sent(object.clone(), namespaced.then_some(&namespace));
        object["metadata"]["labels"][DENY_LABEL] = control.id.as_str().into();
        let findings = scan(&object, &[control], cluster.kubernetes)
            .remove(&control.id)
            .unwrap_or_default();
        let agreed = self.agreed.entry(control.id.clone()).or_default();
        match cluster.create(&object, &namespace) {
            Said::Admitted(_) if findings.is_empty() => agreed.0 += 1,
            Said::Denied(name, message)
                if name == exported.policy.name
                    && says_the_same(&message, control, &findings)
                    && !findings.is_empty() =>
            {
                agreed.1 += 1;
            }
            Said::Refused(reason) => {
                *self
                    .refused
                    .entry(format!("{}: {reason}", control.id))
                    .or_default() += 1;
            }
            said => self.differences.push(format!(
                "{}: a scan says {findings:?}, the server {said:?}\n  {object}",
                control.id
            )),
        }
    }

    fn assert_no_difference(&self) {
        let passed: usize = self.agreed.values().map(|(passed, _)| passed).sum();
        let failed: usize = self.agreed.values().map(|(_, failed)| failed).sum();
        let refused: usize = self.refused.values().sum();
        println!("{passed} passed and {failed} failed alike; the server itself refused {refused}:");
        for (reason, count) in &self.refused {
            println!("  {count} {reason}");
        }
        assert!(
            self.differences.is_empty(),
            "{} differences\n{}",
            self.differences.len(),
            self.differences.join("\n")
        );
    }
}

/// The objects of a page's examples that the control is for. An example for another version is an object like any.
fn examples(exported: &Exported, section: &str) -> Vec<Value> {
    exported
        .control
        .page
        .examples(section)
        .iter()
        .flat_map(|example| objects(&example.yaml))
        .filter(|object| applies(exported, object))
        .collect()
}

fn applies(exported: &Exported, object: &Value) -> bool {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    exported
        .control
        .applies_to(group, object["kind"].as_str().unwrap_or_default())
}

/// Controls of which no example fails, or passes, at the server, and why not.
const ONE_SIDED: &[(&str, &str)] = &[
    (
        "PSC-040",
        "the server itself refuses mounts that reach the host in containers that are not privileged",
    ),
    (
        "PSC-043",
        "debug containers come by an update, and are judged there",
    ),
    (
        "WLD-017",
        "the server itself refuses a selector that does not select the template",
    ),
];

#[test]
fn examples_pass_and_fail_as_their_pages_say() {
    let Some(cluster) = cluster() else { return };
    let mut tally = Tally::default();
    for exported in &cluster.exported {
        for section in ["Passes", "Fails", "Fixed"] {
            for object in examples(exported, section) {
                tally.compare(cluster, exported, &object);
            }
        }
    }
    tally.assert_no_difference();
    let one_sided: BTreeSet<&str> = cluster
        .exported
        .iter()
        .map(|exported| exported.control.id.as_str())
        .filter(|id| {
            tally
                .agreed
                .get(*id)
                .is_none_or(|(passed, failed)| *passed == 0 || *failed == 0)
        })
        .collect();
    let known: BTreeSet<&str> = ONE_SIDED.iter().map(|(id, _)| *id).collect();
    assert_eq!(
        one_sided, known,
        "controls that the examples do not show to pass and to fail"
    );
}

/// The pod of an example in other kinds, and with its containers in the other list.
fn wrapped(pod: &Value) -> Vec<Value> {
    let spec = |restart: &str| {
        let mut spec = pod["spec"].clone();
        spec["restartPolicy"] = restart.into();
        spec
    };
    let metadata = &pod["metadata"];
    let template = |restart: &str| {
        json!({
            "metadata": {"labels": merged(&metadata["labels"], &json!({"app": "a"})), "annotations": metadata["annotations"]},
            "spec": spec(restart),
        })
    };
    let with = |version: &str, kind: &str, spec: Value| json!({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec});
    let selector = json!({"matchLabels": {"app": "a"}});
    let mut initial = pod.clone();
    if let Some(containers) = pod["spec"]["containers"].as_array() {
        let mut init = initial["spec"]["initContainers"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        init.extend(containers.iter().cloned().map(|mut container| {
            for field in [
                "livenessProbe",
                "readinessProbe",
                "startupProbe",
                "lifecycle",
            ] {
                container.as_object_mut().map(|fields| fields.remove(field));
            }
            container
        }));
        initial["spec"]["initContainers"] = init.into();
        initial["spec"]["containers"] =
            json!([{"name": "main", "image": "registry.k8s.io/pause:3.10"}]);
    }
    vec![
        with(
            "apps/v1",
            "Deployment",
            json!({"selector": selector, "template": template("Always")}),
        ),
        with(
            "apps/v1",
            "StatefulSet",
            json!({"serviceName": "a", "selector": selector, "template": template("Always")}),
        ),
        with(
            "apps/v1",
            "DaemonSet",
            json!({"selector": selector, "template": template("Always")}),
        ),
        with(
            "apps/v1",
            "ReplicaSet",
            json!({"selector": selector, "template": template("Always")}),
        ),
        with(
            "v1",
            "ReplicationController",
            json!({"selector": {"app": "a"}, "template": template("Always")}),
        ),
        with("batch/v1", "Job", json!({"template": template("Never")})),
        with(
            "batch/v1",
            "CronJob",
            json!({"schedule": "0 0 * * *", "jobTemplate": {"spec": {"template": template("Never")}}}),
        ),
        json!({"apiVersion": "v1", "kind": "PodTemplate", "metadata": metadata, "template": template("Always")}),
        initial,
    ]
}

fn merged(left: &Value, right: &Value) -> Value {
    let mut merged = left.as_object().cloned().unwrap_or_default();
    merged.extend(right.as_object().cloned().unwrap_or_default());
    Value::Object(merged)
}

#[test]
fn pods_are_judged_alike_in_every_kind() {
    let Some(cluster) = cluster() else { return };
    let mut tally = Tally::default();
    for exported in cluster
        .exported
        .iter()
        .filter(|exported| exported.control.applies == Applies::Workloads)
    {
        for section in ["Passes", "Fails"] {
            for pod in examples(exported, section) {
                if pod["kind"] == "Pod" {
                    for object in wrapped(&pod) {
                        tally.compare(cluster, exported, &object);
                    }
                }
            }
        }
    }
    tally.assert_no_difference();
}
