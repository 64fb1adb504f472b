//! What the kubelet says of itself through the API server.

use serde_json::Value;

use crate::component;
use crate::facts::{API_VERSION, Component, KIND, Metadata, NodeFacts, Spec, Unread};

/// Parts of the facts that only a look at the machine gives.
const PARTS: [&str; 12] = [
    "processes",
    "files",
    "kernel",
    "swap",
    "listening",
    "ssh",
    "timeSynchronisation",
    "hostAudit",
    "integrityMonitoring",
    "accounts",
    "storage",
    "pendingUpdates",
];

/// The facts that the kubelet's answer to `/api/v1/nodes/NAME/proxy/configz` gives: its effective settings, and nothing
/// else of the node. The answer is `{"kubeletconfig": {...}}`; where it is not, the kubelet is there and not read.
pub fn from_configz(node_name: &str, answer: &Value) -> NodeFacts {
    let settings = answer.get("kubeletconfig").and_then(Value::as_object);
    let mut kubelet = Component {
        name: "kubelet".to_owned(),
        from: "configz",
        configuration: settings.cloned(),
        ..Component::default()
    };
    if settings.is_none() {
        kubelet.unread = Some("its answer holds no kubeletconfig".to_owned());
    }
    component::hide(&mut kubelet);
    let reason = "only the kubelet was asked, through the API server; plimsoll node reads the rest on the node";
    NodeFacts {
        api_version: API_VERSION,
        kind: KIND,
        metadata: Metadata {
            name: node_name.to_owned(),
        },
        spec: Spec {
            components: vec![kubelet],
            unread: PARTS.map(|part| Unread::new(part, reason)).to_vec(),
            ..Spec::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_the_kubelet_and_nothing_else() {
        let answer = serde_json::json!({"kubeletconfig": {
            "readOnlyPort": 0, "staticPodURLHeader": {"Authorization": ["Bearer x"]}
        }});
        let facts = from_configz("node-1", &answer);
        assert_eq!(facts.metadata.name, "node-1");
        let settings = facts.spec.components[0].configuration.clone().unwrap();
        let expected = serde_json::json!({
            "readOnlyPort": 0, "staticPodURLHeader": {"Authorization": ["(hidden)"]}
        });
        assert_eq!(Value::Object(settings), expected);
        assert!(facts.spec.files.is_none());
        assert_eq!(facts.spec.unread.len(), PARTS.len());
    }

    #[test]
    fn another_answer_is_told() {
        let facts = from_configz("node-1", &serde_json::json!({"kind": "Status"}));
        assert!(facts.spec.components[0].unread.is_some());
        assert!(facts.spec.components[0].configuration.is_none());
    }
}
