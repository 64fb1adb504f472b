//! Bindings as they are exported, and what the API server takes of CEL.

use std::time::{Duration, Instant};

use plimsoll_catalog::Catalog;
use plimsoll_export::{Settings, export, label_selector};
use serde_json::{Value, json};

use crate::cluster::{BINDINGS, Cluster, POLICIES, Said, cluster};

fn service_in(cluster: &Cluster, namespace: &str) -> Said {
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"},
        "spec": {"externalIPs": ["203.0.113.1"], "ports": [{"port": 80}]},
    });
    cluster.create(&service, namespace)
}

#[test]
fn a_binding_is_for_the_namespaces_that_were_asked_for() {
    let Some(cluster) = cluster() else { return };
    let catalog = Catalog::built_in().unwrap();
    let control = catalog.find_controls("external-ips").unwrap()[0];
    let settings = Settings {
        namespace_selector: Some(label_selector("bound in (yes)").unwrap()),
        excluded_namespaces: vec!["bound-but-excluded".to_owned()],
        ..Settings::at(cluster.kubernetes)
    };
    let mut binding = export(control, &settings).unwrap().binding;
    binding["metadata"]["name"] = "as-exported".into();
    for (namespace, bound) in [
        ("bound", "yes"),
        ("bound-but-excluded", "yes"),
        ("not-bound", "no"),
    ] {
        cluster.namespace(namespace, &json!({"bound": bound}));
    }
    let answer = cluster.client.post(BINDINGS, &binding).unwrap();
    assert_eq!(answer.status, 201, "{answer:?}");

    let started = Instant::now();
    let says = loop {
        match service_in(cluster, "bound") {
            Said::Denied(_, says) => break says,
            other => assert!(started.elapsed() < Duration::from_mins(1), "{other:?}"),
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    assert_eq!(says, "service a takes the traffic of external addresses");
    for namespace in ["bound-but-excluded", "not-bound"] {
        let said = service_in(cluster, namespace);
        assert!(matches!(said, Said::Admitted(_)), "{namespace}: {said:?}");
    }
}

/// A policy whose validation is this expression.
fn policy(expression: &str) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "probe"},
        "spec": {
            "matchConstraints": {"resourceRules": [{
                "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"],
            }]},
            "validations": [{"expression": expression}],
        },
    })
}

/// Policies are compiled for the version before the cluster's own: so does the API server with new ones.
#[test]
fn new_policies_have_the_functions_of_the_version_before() {
    let Some(cluster) = cluster() else { return };
    let accepts = |expression: &str| {
        let answer = cluster
            .client
            .post(&format!("{POLICIES}?dryRun=All"), &policy(expression))
            .unwrap();
        assert!(matches!(answer.status, 201 | 422), "{answer:?}");
        answer.status == 201
    };
    assert!(
        accepts("semver('1.2.3').major() == 1"),
        "a function of 1.33"
    );
    assert_eq!(
        accepts("lists.range(1).size() == 1"),
        cluster.kubernetes.minor > 34,
        "a function of 1.34"
    );
}
