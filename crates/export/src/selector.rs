//! Label selectors as `kubectl` takes them.

use serde_json::{Value, json};
use thiserror::Error;

/// Text that is no label selector.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "'{0}' is no label selector; write it as for kubectl: team=web, env in (dev, test), !private"
)]
pub struct SelectorError(String);

/// Reads `a=b`, `a!=b`, `a in (b, c)`, `a notin (b)`, `a` and `!a`, put together by commas, to a `LabelSelector` of the
/// Kubernetes API.
///
/// # Errors
/// A part of another form.
pub fn label_selector(text: &str) -> Result<Value, SelectorError> {
    let mut expressions = Vec::new();
    for part in parts(text) {
        expressions.push(expression(part.trim()).ok_or_else(|| SelectorError(text.to_owned()))?);
    }
    Ok(json!({"matchExpressions": expressions}))
}

/// Cuts at commas that stand in no brackets.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_u32);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn expression(part: &str) -> Option<Value> {
    let with = |key: &str, operator: &str, values: Vec<&str>| {
        let known = |text: &str| !text.is_empty() && text.chars().all(is_of_label);
        let are_good = known(key) && values.iter().all(|value| value.is_empty() || known(value));
        are_good.then(|| {
            let mut expression = json!({"key": key, "operator": operator});
            if !values.is_empty() {
                expression["values"] = values.into();
            }
            expression
        })
    };
    if let Some((key, value)) = part.split_once("!=") {
        return with(key.trim(), "NotIn", vec![value.trim()]);
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return with(key.trim(), "In", vec![value.trim()]);
    }
    if let Some((left, list)) = part.split_once('(') {
        let values = list
            .trim()
            .strip_suffix(')')?
            .split(',')
            .map(str::trim)
            .collect();
        return match left.split_whitespace().collect::<Vec<&str>>().as_slice() {
            [key, "in"] => with(key, "In", values),
            [key, "notin"] => with(key, "NotIn", values),
            _ => None,
        };
    }
    match part.strip_prefix('!') {
        Some(key) => with(key.trim(), "DoesNotExist", Vec::new()),
        None => with(part, "Exists", Vec::new()),
    }
}

/// What may stand in a label's key or value.
fn is_of_label(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_./".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_read_as_kubectl_reads_them() {
        let selector =
            label_selector("team=web, env in (dev, test),tier!=a,!private,x notin (b),y").unwrap();
        assert_eq!(
            selector["matchExpressions"],
            json!([
                {"key": "team", "operator": "In", "values": ["web"]},
                {"key": "env", "operator": "In", "values": ["dev", "test"]},
                {"key": "tier", "operator": "NotIn", "values": ["a"]},
                {"key": "private", "operator": "DoesNotExist"},
                {"key": "x", "operator": "NotIn", "values": ["b"]},
                {"key": "y", "operator": "Exists"},
            ])
        );
        for wrong in ["", "a b", "a in b", "=b", "a=b,", "a in (b"] {
            assert!(label_selector(wrong).is_err(), "{wrong}");
        }
    }
}
