//! How big an object may be.
//!
//! The API server ends an expression at a cost, and a policy that is ended refuses the object (or lets everything pass,
//! by `failurePolicy`). Neither is what the control says. So a control is exported where its policy stays within the limit
//! on objects as large as they are in practice, and some way beyond; these are made here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use plimsoll_cel::program::Program;
use plimsoll_document::{Format, Limits, Parsed, Source, parse};
use plimsoll_inventory::pod_template_path;
use serde_json::{Map, Value, json};

use crate::compiled::{Compiled, Cost};
use crate::kinds::Served;
use crate::refusal::Refusal;

/// The API server's limit for all expressions of a policy together.
const TOTAL_LIMIT: u64 = 10_000_000;

/// Refuses a policy that reaches a limit on a large object of a kind.
pub(crate) fn check(compiled: &Compiled, kinds: &[&Served]) -> Result<Cost, Refusal> {
    let mut worst = Cost::default();
    let mut templates = Vec::new();
    for served in kinds {
        // Kinds that have their pod template at the same place differ in nothing that costs.
        if let Some(path) = pod_template_path(served.group, served.kind) {
            if templates.contains(&path) {
                continue;
            }
            templates.push(path);
        }
        let parsed = parsed(served);
        let root = parsed.documents.first().and_then(|document| document.root);
        // What could not be read would not be measured.
        let unknown = Cost {
            dearest: u64::MAX,
            total: u64::MAX,
        };
        let cost = root.map_or(unknown, |root| compiled.cost(parsed.tree.node(root)));
        worst.dearest = worst.dearest.max(cost.dearest);
        worst.total = worst.total.max(cost.total);
    }
    for (cost, limit) in [
        (worst.dearest, Program::COST_LIMIT),
        (worst.total, TOTAL_LIMIT),
    ] {
        if cost >= limit {
            return Err(Refusal::Cost { cost, limit });
        }
    }
    Ok(worst)
}

/// A large object of a kind, made once for all controls.
fn parsed(served: &Served) -> Arc<Parsed> {
    static MADE: Mutex<BTreeMap<(&str, &str), Arc<Parsed>>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let parsed = made.entry((served.group, served.kind)).or_insert_with(|| {
        let object = object(served.group, served.kind).to_string();
        let source = Arc::new(Source::new("large.json", object));
        Arc::new(parse(&source, Format::Json, &Limits::default()))
    });
    parsed.clone()
}

/// A text of so many characters.
fn text(length: usize) -> String {
    "lorem-ipsum/dolor.sit=amet "
        .chars()
        .cycle()
        .take(length)
        .collect()
}

/// A map of so many texts.
fn texts(count: usize, length: usize) -> Map<String, Value> {
    (0..count)
        .map(|at| (format!("example.com/key-number-{at}"), text(length).into()))
        .collect()
}

fn list(count: usize, element: impl Fn(usize) -> Value) -> Value {
    (0..count).map(element).collect()
}

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Metadata: 20 labels, 20 annotations and what `kubectl apply` adds.
fn metadata() -> Value {
    let mut annotations = texts(20, 200);
    annotations.insert(LAST_APPLIED.to_owned(), text(32 << 10).into());
    json!({"name": text(63), "namespace": text(63), "labels": texts(20, 63), "annotations": annotations})
}

/// A pod of 10 containers with 100 environment variables each, a script of 8 KiB in each, and 40 volumes.
fn pod() -> Value {
    let container = |at: usize| {
        json!({
            "name": format!("container-{at}"), "image": text(120), "command": list(5, |_| text(40).into()),
            "args": list(10, |at| text(if at == 0 { 8 << 10 } else { 80 }).into()),
            "env": list(100, |at| json!({"name": format!("A_VARIABLE_OF_NUMBER_{at}"), "value": text(80)})),
            "envFrom": list(10, |_| json!({"configMapRef": {"name": text(40)}})),
            "ports": list(10, |at| json!({"name": text(15), "containerPort": 8000 + at, "protocol": "TCP"})),
            "volumeMounts": list(40, |at| json!({"name": format!("volume-{at}"), "mountPath": text(60), "readOnly": true})),
            "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}},
            "securityContext": {
                "runAsNonRoot": true, "capabilities": {"drop": list(20, |_| text(16).into()), "add": list(20, |_| text(16).into())},
            },
            "livenessProbe": {"exec": {"command": list(5, |_| text(400).into())}},
            "lifecycle": {"preStop": {"exec": {"command": list(5, |_| text(400).into())}}},
        })
    };
    json!({
        "metadata": {"labels": texts(20, 63), "annotations": texts(20, 500)},
        "spec": {
            "serviceAccountName": text(63), "nodeSelector": texts(10, 63), "hostAliases": [],
            "initContainers": list(3, container), "containers": list(7, container),
            "volumes": list(40, |at| json!({"name": format!("volume-{at}"), "secret": {
                "secretName": text(63), "items": list(10, |_| json!({"key": text(30), "path": text(30)})),
            }})),
            "tolerations": list(10, |_| json!({"key": text(40), "operator": "Exists"})),
            "topologySpreadConstraints": list(5, |_| json!({"topologyKey": text(40), "maxSkew": 1})),
            "securityContext": {"runAsNonRoot": true, "sysctls": list(10, |_| json!({"name": text(30), "value": "1"}))},
        },
    })
}

/// A large object of a kind.
fn object(group: &str, kind: &str) -> Value {
    let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": metadata()});
    let with = |fields: Value| {
        let mut object = object.clone();
        if let (Value::Object(object), Value::Object(fields)) = (&mut object, fields) {
            object.extend(fields);
        }
        object
    };
    if let Some(path) = pod_template_path(group, kind) {
        let mut template = pod();
        if path.is_empty() {
            template["kind"] = kind.into();
            template["metadata"] = metadata();
            return template;
        }
        for field in path.iter().rev() {
            template = json!({*field: template});
        }
        return with(template);
    }
    match kind {
        "ConfigMap" | "Secret" => {
            let mut large = with(json!({"type": "Opaque", "data": texts(10, 64 << 10)}));
            // What `kubectl apply` adds holds the data once more.
            large["metadata"]["annotations"][LAST_APPLIED] = text(200 << 10).into();
            large
        }
        "Service" => with(json!({"spec": {
            "type": "LoadBalancer", "externalIPs": list(10, |_| text(15).into()),
            "loadBalancerSourceRanges": list(100, |_| text(18).into()),
            "ports": list(100, |at| json!({"name": text(15), "port": at + 1000, "protocol": "TCP"})),
        }})),
        "Ingress" => with(json!({"spec": {
            "tls": list(100, |_| json!({"hosts": list(5, |_| text(60).into()), "secretName": text(40)})),
            "rules": list(100, |_| json!({"host": text(60), "http": {"paths": list(10, |_| json!({"path": text(60)}))}})),
        }})),
        "NetworkPolicy" => {
            let rule = |peers: &str| {
                json!({
                    peers: list(20, |_| json!({"ipBlock": {"cidr": "203.0.113.0/24"}, "podSelector": {"matchLabels": texts(3, 40)}})),
                    "ports": list(20, |at| json!({"port": at + 2000, "protocol": "TCP"})),
                })
            };
            with(json!({"spec": {
                "podSelector": {"matchLabels": texts(5, 40)}, "policyTypes": ["Ingress", "Egress"],
                "ingress": list(50, |_| rule("from")), "egress": list(50, |_| rule("to")),
            }}))
        }
        "Role" | "ClusterRole" => with(json!({"rules": list(200, |_| json!({
            "apiGroups": [text(30)], "resources": list(20, |_| text(30).into()), "verbs": list(8, |_| text(8).into()),
        }))})),
        "RoleBinding" | "ClusterRoleBinding" => with(json!({
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": text(60)},
            "subjects": list(500, |_| json!({"kind": "ServiceAccount", "name": text(60), "namespace": text(60)})),
        })),
        "EndpointSlice" => {
            with(json!({"endpoints": list(1000, |_| json!({"addresses": ["203.0.113.1"]}))}))
        }
        "Endpoints" => with(json!({"subsets": list(1, |_| json!({
            "addresses": list(1000, |_| json!({"ip": "203.0.113.1"})), "ports": list(20, |at| json!({"port": at + 1})),
        }))})),
        "Node" => with(
            json!({"spec": {"taints": list(20, |_| json!({"key": text(60), "effect": "NoSchedule"}))}}),
        ),
        "PersistentVolume" => with(json!({"spec": {
            "mountOptions": list(20, |_| text(40).into()), "csi": {"driver": text(40), "volumeAttributes": texts(30, 100)},
        }})),
        "StorageClass" => with(
            json!({"parameters": texts(30, 100), "mountOptions": list(20, |_| text(40).into())}),
        ),
        _ => {
            object["spec"] = Value::Object(texts(50, 200));
            object
        }
    }
}
