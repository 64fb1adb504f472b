//! UUIDs that are the same for the same scan.
//!
//! What is a subject of its own, an object or a risk, keeps its UUID from scan to scan: it is made from what is scanned
//! and what it is called. A statement, an observation or a document, has one made from what it says. Neither depends on
//! when it was said.

use std::collections::BTreeMap;

use plimsoll_inventory::ObjectId;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::NAMESPACE;
use crate::result::ScanResult;

/// The UUIDs of a scan.
pub(super) struct Identities<'r> {
    root: Uuid,
    /// What is scanned, whenever that is.
    scope: Uuid,
    time: &'r str,
    objects: BTreeMap<u32, Uuid>,
}

impl<'r> Identities<'r> {
    pub(super) fn new(result: &'r ScanResult<'_>) -> Identities<'r> {
        let root = Uuid::new_v5(&Uuid::NAMESPACE_URL, NAMESPACE.as_bytes());
        let locations: Vec<&str> = result
            .sources
            .iter()
            .map(|source| source.location.as_str())
            .collect();
        let scope = Uuid::new_v5(&root, json!(["scope", locations]).to_string().as_bytes());
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut objects = BTreeMap::new();
        for (id, object) in result.inventory.objects().iter().enumerate() {
            let name = json!([
                "object",
                object.group(),
                object.kind(),
                object.namespace(),
                object.name()
            ])
            .to_string();
            // The same object may be read twice, from two files.
            let times = seen.entry(name.clone()).or_default();
            let name = format!("{name}{times}");
            *times += 1;
            objects.insert(id as u32, Uuid::new_v5(&scope, name.as_bytes()));
        }
        Identities {
            root,
            scope,
            time: &result.generated_at,
            objects,
        }
    }

    /// Of an object.
    pub(super) fn object(&self, id: ObjectId) -> String {
        self.objects.get(&id.0).unwrap_or(&self.scope).to_string()
    }

    /// Of something in what is scanned, by its name.
    pub(super) fn in_scope(&self, kind: &str, name: &str) -> String {
        Uuid::new_v5(&self.scope, json!([kind, name]).to_string().as_bytes()).to_string()
    }

    /// Of something that is the same in every scan, by its name.
    pub(super) fn everywhere(&self, kind: &str, name: &str) -> String {
        Uuid::new_v5(&self.root, json!([kind, name]).to_string().as_bytes()).to_string()
    }

    /// A statement with the UUID of what it says, leaving out when.
    pub(super) fn by_content(&self, kind: &str, content: Map<String, Value>) -> Value {
        let content = Value::Object(content);
        let text = content.to_string().replace(self.time, "");
        let uuid = Uuid::new_v5(&self.scope, format!("{kind}\n{text}").as_bytes());
        let mut identified = Map::from_iter([("uuid".to_owned(), json!(uuid.to_string()))]);
        if let Value::Object(content) = content {
            identified.extend(content);
        }
        Value::Object(identified)
    }
}
