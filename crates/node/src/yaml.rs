//! Values to YAML, for people to read.

use serde_json::Value;

/// A value as a YAML document in block style. Texts are quoted unless they are plain words, so that no reader of YAML
/// takes one for something else.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, 0);
    out
}

fn write(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (position, (key, value)) in map.iter().enumerate() {
                if position > 0 {
                    pad(out, indent);
                }
                write_text(out, key);
                out.push(':');
                if is_block(value) {
                    out.push('\n');
                    // A list may stand as far left as its key.
                    let deeper = if value.is_array() { indent } else { indent + 2 };
                    pad(out, deeper);
                    write(out, value, deeper);
                } else {
                    out.push(' ');
                    write(out, value, indent);
                }
            }
        }
        Value::Array(values) if !values.is_empty() => {
            for (position, value) in values.iter().enumerate() {
                if position > 0 {
                    pad(out, indent);
                }
                out.push_str("- ");
                write(out, value, indent + 2);
            }
        }
        scalar => {
            match scalar {
                Value::String(text) => write_text(out, text),
                // JSON is YAML.
                other => out.push_str(&other.to_string()),
            }
            out.push('\n');
        }
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(values) => !values.is_empty(),
        _ => false,
    }
}

fn write_text(out: &mut String, text: &str) {
    if is_plain(text) {
        out.push_str(text);
    } else {
        // A JSON string is a YAML string.
        out.push_str(&Value::from(text).to_string());
    }
}

/// Whether a text can stand without quotes: words of letters, digits and a few signs, and none that YAML reads as a
/// number, a truth value or null.
fn is_plain(text: &str) -> bool {
    let starts_well = text.starts_with(|character: char| {
        character.is_ascii_alphabetic() || character == '/' || character == '_'
    });
    let is_reserved = matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | "null" | "nan" | "inf"
    );
    let is_ordinary =
        |character: char| character.is_ascii_alphanumeric() || "-_./+@=".contains(character);
    starts_well && !is_reserved && text.chars().all(is_ordinary)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(text: &str) -> Value {
        let documents = crate::settings::documents("facts.yaml", text.into()).unwrap();
        documents.into_iter().next().unwrap_or(Value::Null)
    }

    #[test]
    fn what_is_written_reads_back() {
        let value = serde_json::json!({
            "plain": "a-b/c", "number": 1, "text": "1", "truth": "yes", "empty": "", "none": {}, "no": [],
            "list": [{"a": 1, "b": {"c": [[1, 2], []]}}, "x", null, true, -1.5],
            "odd: key": "line\nline", "~": "# no comment", "time": "2026-11-26T05:00:00Z",
            "nested": {"deeper": {"list": [1]}},
        });
        assert_eq!(back(&to_yaml(&value)), value);
    }

    proptest::proptest! {
        #[test]
        fn any_text_reads_back(text in "\\PC*", key in "\\PC{1,8}") {
            let value = serde_json::json!({key: [text]});
            proptest::prop_assert_eq!(back(&to_yaml(&value)), value);
        }
    }
}
