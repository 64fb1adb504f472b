//! Facts of nodes that come through the API server: as Pods print them, and as kubelets tell their configuration.

use plimsoll_node::{API_VERSION, KIND};
use serde_json::{Value, json};

use crate::cluster::Gaps;
use crate::error::Failed;
use crate::list::{encode, page};
use crate::request::{Asker, JSON, shortened};

/// What the Pods that print facts of their node are known by.
const LABEL: &str = "app.kubernetes.io/name=plimsoll-node";

/// Documents, and what could not be had.
#[derive(Default)]
pub(crate) struct Found {
    documents: Vec<Value>,
    problems: Vec<String>,
}

impl Found {
    pub(crate) fn into_documents(self, gaps: &mut Gaps) -> Vec<Value> {
        gaps.problems.extend(self.problems);
        self.documents
    }
}

/// The text of a list of documents; `None` where there are none.
pub(crate) fn list(documents: &[Value]) -> Option<String> {
    let list = json!({
        "apiVersion": API_VERSION,
        "kind": format!("{KIND}List"),
        "items": documents,
    });
    (!documents.is_empty()).then(|| list.to_string())
}

/// The names of the objects of a list, with the first container of each that has some.
async fn names(asker: &Asker, path: &str, query: &str) -> Result<Vec<(String, String)>, Failed> {
    let mut names = Vec::new();
    let mut after = String::new();
    for _ in 0..asker.bounds().pages {
        let page = page(asker, path, query, &after).await?;
        for item in page.items() {
            let text = |parent: &str, key: &str| {
                let node = item.get_name(parent)?.get_name(key)?;
                let node = node
                    .child(0)
                    .and_then(|first| first.get_name("name"))
                    .unwrap_or(node);
                node.as_str().map(str::to_owned)
            };
            if let Some(name) = text("metadata", "name") {
                names.push((name, text("spec", "containers").unwrap_or_default()));
            }
        }
        if page.next.is_empty() || page.next == after {
            break;
        }
        after = page.next;
    }
    Ok(names)
}

/// Reads the logs of the Pods of a namespace that print facts of their node: each line may be a document. Of several
/// of a node the last one counts.
pub(crate) async fn from_logs(asker: &Asker, namespace: &str) -> Found {
    let mut found = Found::default();
    let pods = format!("/api/v1/namespaces/{namespace}/pods");
    let mut query = "labelSelector=".to_owned();
    encode(LABEL, &mut query);
    let names = match names(asker, &pods, &query).await {
        Ok(names) => names,
        Err(failed) => {
            let text =
                format!("the Pods of {namespace} that know their nodes were not read: {failed}");
            found.problems.push(text);
            return found;
        }
    };
    if names.is_empty() {
        let text = format!("there is no Pod with the label {LABEL} in namespace {namespace}");
        found.problems.push(text);
    }
    for (name, container) in names {
        let mut path = format!("{pods}/{name}/log?container=");
        encode(&container, &mut path);
        let documents = match asker.get(&path, &format!("text/plain,{JSON}")).await {
            Ok(answer) => documents(&answer.bytes),
            Err(failed) => {
                let text =
                    format!("the facts that Pod {namespace}/{name} prints were not read: {failed}");
                found.problems.push(text);
                continue;
            }
        };
        if documents.is_empty() {
            let text = format!("Pod {namespace}/{name} has printed no facts of its node");
            found.problems.push(text);
        }
        for document in documents {
            let node = node_of(&document).to_owned();
            found.documents.retain(|other| node_of(other) != node);
            found.documents.push(document);
        }
    }
    found
}

fn node_of(document: &Value) -> &str {
    document["metadata"]["name"].as_str().unwrap_or_default()
}

/// The documents among the lines of a log.
fn documents(log: &[u8]) -> Vec<Value> {
    log.split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .filter(|value| value["kind"] == KIND && value["apiVersion"] == API_VERSION)
        .filter(|value| !node_of(value).is_empty())
        .collect()
}

/// Asks every kubelet, through the API server, for the configuration that it runs with.
pub(crate) async fn from_kubelets(asker: &Asker) -> Found {
    let mut found = Found::default();
    let names = match names(asker, "/api/v1/nodes", "").await {
        Ok(names) => names,
        Err(failed) => {
            let text = format!(
                "the configuration of kubelets was not read, since Nodes were not: {failed}"
            );
            found.problems.push(text);
            return found;
        }
    };
    for (name, _) in names {
        let path = format!("/api/v1/nodes/{name}/proxy/configz");
        let answer = asker.json(&path).await;
        let facts = answer.and_then(|bytes| {
            let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            document(&name, &value)
        });
        match facts {
            Ok(facts) => found.documents.push(facts),
            Err(failed) => {
                let text = format!(
                    "the configuration of the kubelet of {} was not read: {failed}",
                    shortened(&name)
                );
                found.problems.push(text);
            }
        }
        if found.problems.len() >= MOST_FAILURES && found.documents.is_empty() {
            let text = "the other kubelets were not asked, since none of the first ones answers";
            found.problems.push(text.to_owned());
            break;
        }
    }
    found
}

/// How many kubelets are asked in vain before the others are not asked.
const MOST_FAILURES: usize = 3;

/// What a kubelet says of itself, as facts of its node.
fn document(node: &str, answer: &Value) -> Result<Value, Failed> {
    let mut facts = plimsoll_node::from_configz(node, answer);
    facts.spec.collected_at = jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    serde_json::to_value(&facts).map_err(|error| Failed::Malformed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_from_other_lines() {
        let log = br#"starting
{"apiVersion":"node.plimsoll.dev/v1","kind":"NodeFacts","metadata":{"name":"a"},"spec":{}}
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}
{"apiVersion":"node.plimsoll.dev/v1","kind":"NodeFacts","metadata":{},"spec":{}}
"#;
        let found = documents(log);
        assert_eq!(found.len(), 1);
        assert_eq!(node_of(&found[0]), "a");
        assert_eq!(list(&[]), None);
    }
}
