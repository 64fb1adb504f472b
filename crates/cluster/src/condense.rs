//! A page as the API server gives it to the text that is kept.
//!
//! What is kept is one list in one line: every object with its kind and version, without the field sets that take up
//! half of a page and of which only the first level says something, and without the values of Secrets. It is the same
//! text in a live scan and in a snapshot, so that both say the same.

use std::fmt::Write as _;

use plimsoll_document::Node;
use serde_json::Value;

use crate::digest::{Hider, decode};
use crate::discovery::ServedKind;

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// How long a value of a Secret is at least to be looked for in annotations. A shorter one is found anywhere.
const LOOKED_FOR: usize = 8;

/// The text of a list with these items; `None` where there are none.
pub(crate) fn condense<'n>(
    kind: &ServedKind,
    items: impl Iterator<Item = Node<'n>>,
    hider: &Hider,
) -> Option<String> {
    let mut items = items.filter(|item| item.is_map()).peekable();
    items.peek()?;
    let mut writer = Writer {
        text: String::new(),
        hider,
        is_secret: kind.group.is_empty() && kind.kind == "Secret",
        values: Vec::new(),
    };
    let version = quoted(&kind.api_version());
    let head = format!("\"apiVersion\":{version},\"kind\":{}", quoted(&kind.kind));
    let list = quoted(&format!("{}List", kind.kind));
    let _ = write!(
        writer.text,
        "{{\"apiVersion\":{version},\"kind\":{list},\"items\":["
    );
    let mut is_first = true;
    for item in items {
        if !std::mem::take(&mut is_first) {
            writer.text.push(',');
        }
        writer.object(item, &head);
    }
    writer.text.push_str("]}");
    let mut text = writer.text;
    // A line break between values, never within one: JSON has none there.
    if text.contains(['\n', '\r']) {
        text = text.replace(['\n', '\r'], " ");
    }
    text.shrink_to_fit();
    Some(text)
}

struct Writer<'h> {
    text: String,
    hider: &'h Hider,
    is_secret: bool,
    /// The values of the Secret that is written, as they stand and as they are meant.
    values: Vec<String>,
}

impl Writer<'_> {
    fn object(&mut self, item: Node<'_>, head: &str) {
        let is_own_kind = item.get_name("kind").is_some() && item.get_name("apiVersion").is_some();
        self.text.push('{');
        let mut is_first = true;
        if !is_own_kind {
            self.text.push_str(head);
            is_first = false;
        }
        if self.is_secret {
            self.values = values_of(item);
        }
        for (key, value) in item.entries() {
            if !is_own_kind && matches!(key, "kind" | "apiVersion") {
                continue;
            }
            if !std::mem::take(&mut is_first) {
                self.text.push(',');
            }
            match key {
                "metadata" if value.is_map() => self.metadata(value),
                "data" | "stringData" if self.is_secret => self.secret_values(key, value),
                _ => self.verbatim(value),
            }
        }
        self.text.push('}');
    }

    /// A key with its value, as it was written.
    fn verbatim(&mut self, value: Node<'_>) {
        let text = value.tree().source().text();
        let written = value.start() as usize..value.span().end as usize;
        self.text.push_str(text.get(written).unwrap_or_default());
    }

    fn metadata(&mut self, metadata: Node<'_>) {
        self.map("metadata", metadata, |writer, key, value| match key {
            "managedFields" if value.is_list() => writer.managed_fields(value),
            "annotations" if writer.is_secret && value.is_map() => {
                writer.map("annotations", value, Writer::annotation);
            }
            _ => writer.verbatim(value),
        });
    }

    /// A map whose entries are written by a function each.
    fn map(&mut self, key: &str, map: Node<'_>, mut entry: impl FnMut(&mut Self, &str, Node<'_>)) {
        if !key.is_empty() {
            let _ = write!(self.text, "{}:", quoted(key));
        }
        self.text.push('{');
        let mut is_first = true;
        for (key, value) in map.entries() {
            if !std::mem::take(&mut is_first) {
                self.text.push(',');
            }
            entry(self, key, value);
        }
        self.text.push('}');
    }

    /// Who set fields and when; of the fields only the first level, such as `f:data`.
    fn managed_fields(&mut self, list: Node<'_>) {
        self.text.push_str("\"managedFields\":[");
        let mut is_first = true;
        for entry in list.children() {
            if !std::mem::take(&mut is_first) {
                self.text.push(',');
            }
            self.map("", entry, |writer, key, value| match key {
                "fieldsV1" => {
                    writer.map("fieldsV1", value, |writer, key, _| {
                        let _ = write!(writer.text, "{}:{{}}", quoted(key));
                    });
                }
                _ => writer.verbatim(value),
            });
        }
        self.text.push(']');
    }

    fn secret_values(&mut self, key: &str, values: Node<'_>) {
        let is_encoded = key == "data";
        if !values.is_map() {
            // The API server gives a map or null. What else there may be is not kept.
            let _ = write!(self.text, "{}:null", quoted(key));
            return;
        }
        self.map(key, values, |writer, key, value| {
            let hidden = match value.as_str() {
                Some(text) if is_encoded => quoted(&writer.hider.hide_base64(text)),
                Some(text) => quoted(&writer.hider.hide(text.as_bytes())),
                None => "null".to_owned(),
            };
            let _ = write!(writer.text, "{}:{hidden}", quoted(key));
        });
    }

    fn annotation(&mut self, key: &str, value: Node<'_>) {
        let Some(text) = value.as_str() else {
            self.verbatim(value);
            return;
        };
        let shown = if key == LAST_APPLIED {
            let applied = self.applied(text);
            // What is left of it may still hold a value, in an annotation of its own.
            if self.holds_a_value(&applied) {
                r#"{"data":{"(hidden)":""}}"#.to_owned()
            } else {
                applied
            }
        } else if self.holds_a_value(text) {
            self.hider.hide(text.as_bytes())
        } else {
            self.verbatim(value);
            return;
        };
        let _ = write!(self.text, "{}:{}", quoted(key), quoted(&shown));
    }

    fn holds_a_value(&self, text: &str) -> bool {
        self.values
            .iter()
            .any(|value| text.contains(value.as_str()))
    }

    /// What was applied, with digests for values: that a manifest stands there is still seen.
    fn applied(&self, text: &str) -> String {
        let Ok(Value::Object(mut applied)) = serde_json::from_str::<Value>(text) else {
            return self.hider.hide(text.as_bytes());
        };
        for key in ["data", "stringData"] {
            match applied.get_mut(key) {
                Some(Value::Object(values)) => {
                    for value in values.values_mut() {
                        *value = match value.as_str() {
                            Some(text) if key == "data" => self.hider.hide_base64(text).into(),
                            Some(text) => self.hider.hide(text.as_bytes()).into(),
                            None => Value::Null,
                        };
                    }
                }
                Some(other) => *other = Value::Null,
                None => {}
            }
        }
        Value::Object(applied).to_string()
    }
}

/// The values of a Secret, as they stand and as they are meant.
fn values_of(secret: Node<'_>) -> Vec<String> {
    let mut values = Vec::new();
    for key in ["data", "stringData"] {
        let entries = secret.get_name(key).into_iter().flat_map(Node::children);
        for text in entries.filter_map(Node::as_str) {
            let meant = decode(text).and_then(|bytes| String::from_utf8(bytes).ok());
            let found = [Some(text.to_owned()), meant];
            values.extend(
                found
                    .into_iter()
                    .flatten()
                    .filter(|text| text.len() >= LOOKED_FOR),
            );
        }
    }
    values
}

/// A text as JSON has it.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_document::{Format, Limits, Source, parse};

    use super::*;

    fn condensed(kind: &str, items: &str) -> Value {
        let source = Arc::new(Source::new("", format!("{{\"items\": {items}}}")));
        let parsed = parse(&source, Format::Json, &Limits::default());
        assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
        let root = parsed.tree.node(parsed.documents[0].root.unwrap());
        let served = ServedKind {
            group: String::new(),
            kind: kind.to_owned(),
            version: "v1".to_owned(),
            resource: String::new(),
            is_namespaced: true,
        };
        let hider = Hider::new().unwrap();
        let items = root.get_name("items").unwrap();
        let text = condense(&served, items.children(), &hider).unwrap();
        assert!(!text.contains('\n'));
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn objects_get_their_kind_and_keep_all_but_the_sets_of_fields() {
        let list = condensed(
            "Pod",
            r#"[{"metadata": {"name": "a\"\u00fc", "managedFields": [
                {"manager": "kubectl", "time": "t", "fieldsV1": {"f:spec": {"f:x": {}}, "f:\"": {}}}], "uid": "1"},
                "spec": {"x":
                [1, 2.5, null]}}, {"kind": "Own", "apiVersion": "o/v1", "metadata": {}}]"#,
        );
        let expected: Value = serde_json::from_str(
            r#"{"apiVersion": "v1", "kind": "PodList", "items": [
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a\"ü", "managedFields": [
                 {"manager": "kubectl", "time": "t", "fieldsV1": {"f:spec": {}, "f:\"": {}}}], "uid": "1"},
                 "spec": {"x": [1, 2.5, null]}}, {"kind": "Own", "apiVersion": "o/v1", "metadata": {}}]}"#,
        )
        .unwrap();
        assert_eq!(list, expected);
    }

    #[test]
    fn no_value_of_a_secret_is_kept() {
        let applied = r#"{\"kind\":\"Secret\",\"data\":{\"p\":\"aHVudGVyMmh1bnRlcjI=\"},\"stringData\":{\"q\":\"hunter2hunter2\"}}"#;
        let items = format!(
            r#"[{{"metadata": {{"annotations": {{"{LAST_APPLIED}": "{applied}", "plain": "x",
                "copy": "token hunter2hunter2 here", "number": 1}}}},
                "data": {{"p": "aHVudGVyMmh1bnRlcjI=", "empty": "", "odd": 7}},
                "stringData": {{"q": "hunter2hunter2"}}, "type": "Opaque"}},
               {{"metadata": {{"annotations": {{"{LAST_APPLIED}": "no JSON hunter2hunter2"}}}}, "data": null}}]"#
        );
        let list = condensed("Secret", &items);
        let text = list.to_string();
        assert!(
            !text.contains("hunter2") && !text.contains("aHVudGVy"),
            "{text}"
        );
        let first = &list["items"][0];
        assert_eq!(first["data"]["p"], first["stringData"]["q"]);
        assert_eq!(first["data"]["empty"], "");
        assert_eq!(first["data"]["odd"], Value::Null);
        assert_eq!(first["metadata"]["annotations"]["plain"], "x");
        let applied = first["metadata"]["annotations"][LAST_APPLIED]
            .as_str()
            .unwrap();
        assert!(applied.contains(r#""data":{""#), "{applied}");
        assert_eq!(first["type"], "Opaque");
    }
}
