//! Objects of manifests.

use std::sync::Arc;

use plimsoll_catalog::to_json;
use plimsoll_document::{Format, Limits, Source, parse};
use serde_json::{Value, json};

/// The objects of a manifest, those of lists one by one. What is no object is left out.
pub(crate) fn objects(yaml: &str) -> Vec<Value> {
    let source = Arc::new(Source::new("manifest.yaml", yaml));
    let parsed = parse(&source, Format::Yaml, &Limits::default());
    let mut objects = Vec::new();
    for document in &parsed.documents {
        let Some(root) = document.root else { continue };
        let value = to_json(parsed.tree.node(root));
        match value["items"].as_array() {
            Some(items)
                if value["kind"]
                    .as_str()
                    .is_some_and(|kind| kind.ends_with("List")) =>
            {
                objects.extend(items.iter().cloned());
            }
            _ => objects.push(value),
        }
    }
    objects.retain(|object| object["kind"].is_string() && object["apiVersion"].is_string());
    objects
}

/// An object as somebody would send it: without what the server adds, with a name, and in a namespace.
pub(crate) fn as_sent(mut object: Value, namespace: Option<&str>) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    if !object["metadata"].is_object() {
        object["metadata"] = json!({});
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        for field in [
            "uid",
            "resourceVersion",
            "creationTimestamp",
            "generation",
            "managedFields",
            "selfLink",
        ] {
            metadata.remove(field);
        }
        match namespace {
            Some(namespace) => metadata.insert("namespace".to_owned(), namespace.into()),
            None => metadata.remove("namespace"),
        };
        if !metadata.contains_key("name") {
            metadata.insert("name".to_owned(), "without-name".into());
        }
    }
    object
}
