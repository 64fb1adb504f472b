//! Values as CEL.

use serde_json::Value;

/// A value as an expression. The API server wants the elements of a literal to be of one type: where they are not, and
/// in an empty list, which has no type, they are `dyn`.
pub(crate) fn constant(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => string(text),
        Value::Array(values) if values.is_empty() => "dyn([])".to_owned(),
        Value::Array(values) => {
            let alike = alike(values);
            let shown: Vec<String> = values.iter().map(|value| element(value, alike)).collect();
            format!("[{}]", shown.join(", "))
        }
        Value::Object(map) if map.is_empty() => "dyn({})".to_owned(),
        Value::Object(map) => {
            let alike = alike(map.values());
            let shown: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{}: {}", string(key), element(value, alike)))
                .collect();
            format!("{{{}}}", shown.join(", "))
        }
    }
}

fn element(value: &Value, alike: bool) -> String {
    let shown = constant(value);
    if alike || shown.starts_with("dyn(") {
        shown
    } else {
        format!("dyn({shown})")
    }
}

/// Whether values have the same type, looking into none: lists of lists and the like are taken as different.
fn alike<'v>(values: impl IntoIterator<Item = &'v Value>) -> bool {
    let mut values = values.into_iter();
    let Some(first) = values.next() else {
        return true;
    };
    let kind = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(number) if number.is_f64() => 2,
        Value::Number(_) => 3,
        Value::String(_) => 4,
        Value::Array(_) | Value::Object(_) => 5,
    };
    kind(first) < 5 && values.all(|value| kind(value) == kind(first))
}

/// A string literal.
pub(crate) fn string(text: &str) -> String {
    let mut literal = String::from("'");
    for character in text.chars() {
        match character {
            '\'' => literal.push_str("\\'"),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            other if other.is_control() => {
                literal.push_str(&format!("\\u{:04x}", u32::from(other)));
            }
            other => literal.push(other),
        }
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::constant;

    #[test]
    fn values_are_literals_of_one_type() {
        for (value, text) in [
            (json!(["a'b", "c\\d"]), r"['a\'b', 'c\\d']"),
            (json!([]), "dyn([])"),
            (json!({"a": 1, "b": 2}), "{'a': 1, 'b': 2}"),
            (
                json!({"a": 1, "b": ["x"]}),
                "{'a': dyn(1), 'b': dyn(['x'])}",
            ),
            (json!([["a"], []]), "[dyn(['a']), dyn([])]"),
            (json!(1.5), "1.5"),
        ] {
            assert_eq!(constant(&value), text);
        }
    }
}
