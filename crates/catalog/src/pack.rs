//! YAML written down so that it can be read where it lies, which [`packed`](crate::packed) does. The build script makes
//! what is part of the binary with it.

use plimsoll_document::{Node, Scalar};
use serde_json::Value;

/// Writes a node: a letter for its form, the length of what follows in bytes, a colon, and
///
/// - `t`: a text, as it is
/// - `v`: null, a truth value or a number, as JSON
/// - `l`: the elements of a list
/// - `m`: the keys of a map, each followed by its value
pub(crate) fn pack(node: Node<'_>, out: &mut String) {
    let scalar = |value: Value, out: &mut String| push(out, 'v', &value.to_string());
    match node.scalar() {
        Scalar::Null => scalar(Value::Null, out),
        Scalar::Bool(value) => scalar(value.into(), out),
        Scalar::Int(value) => scalar(value.into(), out),
        Scalar::Uint(value) => scalar(value.into(), out),
        Scalar::Double(value) => scalar(value.into(), out),
        Scalar::String(text) => push(out, 't', text),
        Scalar::List => {
            let mut elements = String::new();
            for element in node.children() {
                pack(element, &mut elements);
            }
            push(out, 'l', &elements);
        }
        Scalar::Map => {
            let mut entries = String::new();
            for (key, value) in node.entries() {
                push(&mut entries, 't', key);
                pack(value, &mut entries);
            }
            push(out, 'm', &entries);
        }
    }
}

fn push(out: &mut String, form: char, content: &str) {
    out.push(form);
    out.push_str(&content.len().to_string());
    out.push(':');
    out.push_str(content);
}
