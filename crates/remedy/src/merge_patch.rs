//! Strategic merge patches, for Kustomize.

use serde_json::{Map, Value as Json, json};

use crate::style::{Style, block_entry};

/// How Kubernetes merges the lists of its own kinds: by the field of the element that tells it from others. Every other
/// list is replaced as a whole.
const MERGE_KEYS: &[(&str, &str)] = &[
    ("containers", "name"),
    ("initContainers", "name"),
    ("ephemeralContainers", "name"),
    ("volumes", "name"),
    ("env", "name"),
    ("imagePullSecrets", "name"),
    ("volumeMounts", "mountPath"),
    ("volumeDevices", "devicePath"),
    ("hostAliases", "ip"),
    ("topologySpreadConstraints", "topologyKey"),
];

/// The API groups of Kubernetes itself; others' lists are replaced as a whole.
const OWN_GROUPS: &[&str] = &[
    "",
    "admissionregistration.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
];

const STYLE: Style = Style {
    line_end: "\n",
    step: 2,
    dash: 2,
    json: false,
};

/// For every object that changes a document with what changes, as a file that a kustomization names under `patches`.
pub fn strategic_merge_patches(objects: &[(Json, Json)]) -> String {
    let documents: Vec<String> = objects
        .iter()
        .map(|(before, after)| {
            let patch = object_patch(before, after);
            patch
                .iter()
                .map(|(key, value)| block_entry(0, key, value, STYLE))
                .collect()
        })
        .collect();
    documents.join("---\n")
}

fn object_patch(before: &Json, after: &Json) -> Map<String, Json> {
    let api_version = before["apiVersion"].as_str().unwrap_or_default();
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let is_own = OWN_GROUPS.contains(&group);
    let mut patch = Map::new();
    for key in ["apiVersion", "kind"] {
        patch.insert(key.to_owned(), before[key].clone());
    }
    let mut metadata = Map::new();
    for key in ["name", "namespace"] {
        if let Some(value) = before["metadata"].get(key) {
            metadata.insert(key.to_owned(), value.clone());
        }
    }
    patch.insert("metadata".to_owned(), metadata.into());
    if let Json::Object(changes) = difference(before, after, is_own) {
        for (key, value) in changes {
            match (patch.get_mut(&key), value) {
                (Some(Json::Object(known)), Json::Object(more)) => known.extend(more),
                (_, value) => {
                    patch.insert(key, value);
                }
            }
        }
    }
    patch
}

/// What makes `after` of `before`. The two differ.
fn difference(before: &Json, after: &Json, is_own: bool) -> Json {
    let (Json::Object(old), Json::Object(new)) = (before, after) else {
        return after.clone();
    };
    let mut patch = Map::new();
    for (key, value) in old {
        match new.get(key) {
            None => {
                patch.insert(key.clone(), Json::Null);
            }
            Some(changed) if changed == value => {}
            Some(changed) => {
                let merged = is_own.then(|| merge_key(key, value)).flatten();
                let changed = match merged {
                    Some(by) => {
                        list_difference(value, changed, by).unwrap_or_else(|| replacement(changed))
                    }
                    None => difference(value, changed, is_own),
                };
                patch.insert(key.clone(), changed);
            }
        }
    }
    for (key, value) in new {
        if !old.contains_key(key) {
            patch.insert(key.clone(), value.clone());
        }
    }
    Json::Object(patch)
}

fn merge_key(name: &str, list: &Json) -> Option<&'static str> {
    if name == "ports" {
        // Those of a container and those of a Service.
        let is_container = list.get(0)?.get("containerPort").is_some();
        return Some(if is_container {
            "containerPort"
        } else {
            "port"
        });
    }
    let found = MERGE_KEYS.iter().find(|(known, _)| *known == name);
    found.map(|(_, key)| *key)
}

/// A list that takes another's place although lists of its name are merged.
fn replacement(list: &Json) -> Json {
    let mut elements = list.as_array().cloned().unwrap_or_default();
    elements.push(json!({"$patch": "replace"}));
    Json::Array(elements)
}

/// The elements that change, each named by its merge key; `None` where an element has none or shares it.
fn list_difference(before: &Json, after: &Json, by: &str) -> Option<Json> {
    let (old, new) = (before.as_array()?, after.as_array()?);
    let keys = |list: &[Json]| -> Option<Vec<Json>> {
        let keys: Vec<Json> = list
            .iter()
            .map(|element| element.get(by).cloned())
            .collect::<Option<_>>()?;
        let repeats = keys
            .iter()
            .enumerate()
            .any(|(at, key)| keys[..at].contains(key));
        (!repeats).then_some(keys)
    };
    let (old_keys, new_keys) = (keys(old)?, keys(new)?);
    let mut patch = Vec::new();
    for (key, element) in old_keys.iter().zip(old) {
        match new_keys.iter().position(|other| other == key) {
            None => patch.push(json!({"$patch": "delete", by: key})),
            Some(at) if new[at] == *element => {}
            Some(at) => {
                let mut entry = Map::new();
                entry.insert(by.to_owned(), key.clone());
                if let Json::Object(changes) = difference(element, &new[at], true) {
                    entry.extend(changes);
                }
                patch.push(Json::Object(entry));
            }
        }
    }
    for (key, element) in new_keys.iter().zip(new) {
        if !old_keys.contains(key) {
            patch.push(element.clone());
        }
    }
    Some(Json::Array(patch))
}
