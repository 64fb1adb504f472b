//! A finding is the same finding as long as control, object and field are.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking"
)]

mod scan;

use std::collections::BTreeSet;

use plimsoll_catalog::Control;
use scan::{CATALOG, scan};

fn fingerprints(yaml: &str) -> BTreeSet<String> {
    let controls: Vec<&Control> = CATALOG.controls().iter().collect();
    let assessment = scan(yaml, &controls, 34);
    let all: BTreeSet<String> = assessment
        .findings()
        .iter()
        .map(|finding| finding.fingerprint.to_string())
        .collect();
    assert_eq!(all.len(), assessment.findings().len(), "each has its own");
    assert!(!all.is_empty());
    all
}

const POD: &str = "
spec:
  containers:
    - name: web
      image: nginx
      ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 81}]
      securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN, NET_ADMIN]}}
    - name: side
      image: nginx
      securityContext: {privileged: true}
";

fn pod(metadata: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {metadata}{POD}")
}

#[test]
fn moved_lines_and_reordered_lists_change_nothing() {
    let base = pod("{name: web, namespace: shop}");
    let moved = format!(
        "# a comment\n\n{}",
        base.replace("    - name", "\n    # more\n    - name")
    );
    assert_eq!(fingerprints(&base), fingerprints(&moved));
    let swapped = base
        .replace("name: web\n", "name: side-2\n")
        .replace("name: side\n", "name: web\n");
    assert_ne!(fingerprints(&base), fingerprints(&swapped), "names tell");
    let capabilities = base.replace("[SYS_ADMIN, NET_ADMIN]", "[NET_ADMIN, SYS_ADMIN]");
    assert_eq!(fingerprints(&base), fingerprints(&capabilities));
    let ports = base.replace(
        "{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 81}",
        "{containerPort: 81, hostPort: 81}, {containerPort: 80, hostPort: 80}",
    );
    assert_eq!(fingerprints(&base), fingerprints(&ports));
    let first = "    - name: first\n      image: nginx\n      securityContext: {privileged: true}\n    - name: web\n";
    let one_more = base.replace("    - name: web\n", first);
    assert!(fingerprints(&base).is_subset(&fingerprints(&one_more)));
}

#[test]
fn other_objects_and_fields_have_others() {
    let base = fingerprints(&pod("{name: web, namespace: shop}"));
    for other in [
        "{name: web, namespace: stage}",
        "{name: api, namespace: shop}",
    ] {
        assert!(base.is_disjoint(&fingerprints(&pod(other))), "{other}");
    }
}

#[test]
fn what_is_rolled_out_anew_is_the_same_object() {
    let owner = |kind: &str| {
        format!("ownerReferences: [{{apiVersion: a/v1, kind: {kind}, name: web, uid: u}}]")
    };
    for (before, after) in [
        (
            format!(
                "{{name: web-7d4b9c6f5d-x2x4z, labels: {{pod-template-hash: 7d4b9c6f5d}}, {}}}",
                owner("ReplicaSet")
            ),
            format!(
                "{{name: web-6b8d5f7c9-qq8rt, labels: {{pod-template-hash: 6b8d5f7c9}}, {}}}",
                owner("ReplicaSet")
            ),
        ),
        (
            format!("{{name: agent-x2x4z, {}}}", owner("DaemonSet")),
            format!("{{name: agent-qq8rt, {}}}", owner("DaemonSet")),
        ),
        (
            format!("{{name: backup-28000001-x2x4z, {}}}", owner("Job")),
            format!("{{name: backup-28000002-qq8rt, {}}}", owner("Job")),
        ),
        (
            "{name: once-x2x4z, generateName: once-}".to_owned(),
            "{name: once-qq8rt, generateName: once-}".to_owned(),
        ),
        (
            "{generateName: once-}".to_owned(),
            "{name: once-qq8rt, generateName: once-}".to_owned(),
        ),
    ] {
        // What other labels there are is found, too; here it is only the name that counts.
        assert_eq!(
            fingerprints(&pod(&before)),
            fingerprints(&pod(&after)),
            "{before}"
        );
    }
    // A person's name that only looks like one of these is a name.
    let named = |name: &str| fingerprints(&pod(&format!("{{name: {name}}}")));
    assert!(named("web-x2x4z").is_disjoint(&named("web-qq8rt")));
    // The Pods of a StatefulSet have names that stay.
    let stateful =
        |name: &str| fingerprints(&pod(&format!("{{name: {name}, {}}}", owner("StatefulSet"))));
    assert!(stateful("db-0").is_disjoint(&stateful("db-1")));
}

#[test]
fn replica_sets_jobs_and_hashed_config_maps_keep_theirs() {
    let replica_set = |hash: &str| {
        format!(
            "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {{name: web-{hash}, labels: {{pod-template-hash: {hash}}}}}\nspec:\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec: {{containers: [{{name: web, image: nginx}}]}}\n"
        )
    };
    assert_eq!(
        fingerprints(&replica_set("7d4b9c6f5d")),
        fingerprints(&replica_set("6b8d5f7c9"))
    );
    let job = |time: &str| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: backup-{time}\n  ownerReferences: [{{apiVersion: batch/v1, kind: CronJob, name: backup, uid: u}}]\nspec:\n  template:\n    spec: {{containers: [{{name: web, image: nginx}}]}}\n"
        )
    };
    assert_eq!(
        fingerprints(&job("28000001")),
        fingerprints(&job("28000002"))
    );
    let config = |hash: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings-{hash}}}\ndata: {{password: hunter2hunter2}}\n"
        )
    };
    assert_eq!(
        fingerprints(&config("8mbdf7882g")),
        fingerprints(&config("2ht5kc9m6b"))
    );
    assert_ne!(
        fingerprints(&config("production")),
        fingerprints(&config("developing"))
    );
}
