//! JSON patches, RFC 6902.

use serde_json::{Map, Value as Json, json};

/// For every object that changes: which it is, and the operations that change it. A list is changed element by
/// element; before one goes, it is tested that it is still what it was.
pub fn json_patches(objects: &[(Json, Json)]) -> Json {
    objects
        .iter()
        .map(|(before, after)| {
            let mut operations = Vec::new();
            compare("", before, after, &mut operations);
            json!({"target": target(before), "patch": operations})
        })
        .collect()
}

/// What tells an object from others, as Kustomize names it.
fn target(object: &Json) -> Json {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let api_version = text(&object["apiVersion"]);
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let mut target = Map::new();
    let mut put = |key: &str, value: String| {
        if !value.is_empty() {
            target.insert(key.to_owned(), value.into());
        }
    };
    put("group", group.to_owned());
    put("version", version.to_owned());
    put("kind", text(&object["kind"]));
    put("namespace", text(&object["metadata"]["namespace"]));
    put("name", text(&object["metadata"]["name"]));
    Json::Object(target)
}

fn compare(path: &str, before: &Json, after: &Json, operations: &mut Vec<Json>) {
    match (before, after) {
        _ if before == after => {}
        (Json::Object(old), Json::Object(new)) => {
            for (key, value) in old {
                let path = format!("{path}/{}", escaped(key));
                match new.get(key) {
                    Some(changed) => compare(&path, value, changed, operations),
                    None => operations.push(json!({"op": "remove", "path": path})),
                }
            }
            for (key, value) in new {
                if !old.contains_key(key) {
                    let path = format!("{path}/{}", escaped(key));
                    operations.push(json!({"op": "add", "path": path, "value": value}));
                }
            }
        }
        (Json::Array(old), Json::Array(new)) => lists(path, old, new, operations),
        _ => operations.push(json!({"op": "replace", "path": path, "value": after})),
    }
}

/// Elements are matched by being the same, in order. What lies between two matches is changed in pairs.
fn lists(path: &str, old: &[Json], new: &[Json], operations: &mut Vec<Json>) {
    use similar::{Algorithm, DiffOp, capture_diff_slices};
    let old_text: Vec<String> = old.iter().map(identity).collect();
    let new_text: Vec<String> = new.iter().map(identity).collect();
    // From the end to the start, so that no operation moves the place of the next.
    for operation in capture_diff_slices(Algorithm::Myers, &old_text, &new_text)
        .into_iter()
        .rev()
    {
        match operation {
            DiffOp::Equal {
                old_index,
                new_index,
                len,
            } => {
                for at in (0..len).rev() {
                    let (from, to) = (&old[old_index + at], &new[new_index + at]);
                    compare(&format!("{path}/{}", old_index + at), from, to, operations);
                }
            }
            other => {
                for at in other.old_range().rev() {
                    let path = format!("{path}/{at}");
                    operations.push(json!({"op": "test", "path": path, "value": old[at]}));
                    operations.push(json!({"op": "remove", "path": path}));
                }
                let start = other.old_range().start;
                for (offset, at) in other.new_range().enumerate() {
                    let index = start + offset;
                    let place = if index >= old.len() {
                        "-".to_owned()
                    } else {
                        index.to_string()
                    };
                    let path = format!("{path}/{place}");
                    operations.push(json!({"op": "add", "path": path, "value": new[at]}));
                }
            }
        }
    }
}

/// What an element is known by: its name where it has one, as containers and volumes do; else all of it.
fn identity(element: &Json) -> String {
    let keys = ["name", "mountPath", "containerPort", "key", "ip"];
    let known = keys
        .iter()
        .find_map(|key| element.get(key).map(|value| (key, value)));
    match known {
        Some((key, value)) => format!("{key} {value}"),
        None => element.to_string(),
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
