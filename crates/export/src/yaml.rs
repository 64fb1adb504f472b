//! YAML as people read policies: expressions as blocks, names without quotes.

use serde_json::Value;

/// Columns after which an expression goes on in the next line, where it can.
const WIDTH: usize = 110;

/// Writes a value.
pub(crate) fn write(value: &Value) -> String {
    let mut text = String::new();
    node(value, 0, &mut text);
    text
}

/// Writes a value that begins at the current column, which is `indent`, and ends its last line.
fn node(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    pad(indent, text);
                }
                text.push_str(&scalar(key));
                text.push(':');
                below(key, value, indent, text);
            }
        }
        Value::Array(values) if !values.is_empty() => {
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    pad(indent, text);
                }
                text.push_str("- ");
                match value {
                    Value::Object(_) | Value::Array(_) => node(value, indent + 2, text),
                    other => {
                        text.push_str(&leaf(other));
                        text.push('\n');
                    }
                }
            }
        }
        other => {
            text.push_str(&leaf(other));
            text.push('\n');
        }
    }
}

/// Writes what comes after `key:`.
fn below(key: &str, value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            text.push('\n');
            pad(indent + 2, text);
            node(value, indent + 2, text);
        }
        Value::Array(values) if !values.is_empty() => {
            if values.iter().all(Value::is_string) {
                let shown: Vec<String> = values.iter().map(leaf).collect();
                text.push_str(&format!(" [{}]\n", shown.join(", ")));
                return;
            }
            text.push('\n');
            pad(indent + 2, text);
            node(value, indent + 2, text);
        }
        Value::String(expression) if key.ends_with("xpression") => {
            block(expression, indent + 2, text);
        }
        other => {
            text.push(' ');
            text.push_str(&leaf(other));
            text.push('\n');
        }
    }
}

/// An expression as a literal block.
fn block(expression: &str, indent: usize, text: &mut String) {
    text.push_str(" |-\n");
    for line in expression.lines() {
        for part in wrap(line, WIDTH.saturating_sub(indent)) {
            pad(indent, text);
            text.push_str(&part);
            text.push('\n');
        }
    }
}

/// Cuts a line of CEL at spaces that stand in no literal.
fn wrap(line: &str, width: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut current = String::new();
    for word in words(line) {
        if !current.is_empty() && current.chars().count() + 1 + word.chars().count() > width {
            parts.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push(' ');
        } else if !parts.is_empty() {
            current.push_str("  ");
        }
        current.push_str(word);
    }
    parts.push(current);
    // What a line begins with stays.
    let lead = line.len() - line.trim_start().len();
    if let Some(first) = parts.first_mut() {
        first.insert_str(0, &" ".repeat(lead));
    }
    parts
}

/// Splits at spaces outside of literals. A literal ends with the quote it began with, and a backslash in it takes the
/// next character along unless the literal is raw.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote: Option<(char, bool)> = None;
    let mut before = ' ';
    let mut escaped = false;
    for (at, character) in line.char_indices() {
        match quote {
            Some((end, raw)) => {
                if escaped {
                    escaped = false;
                } else if character == '\\' && !raw {
                    escaped = true;
                } else if character == end {
                    quote = None;
                }
            }
            None if character == ' ' => {
                if let Some(start) = start.take() {
                    words.push(&line[start..at]);
                }
                before = character;
                continue;
            }
            None if matches!(character, '\'' | '"') => {
                quote = Some((character, matches!(before, 'r' | 'R')));
            }
            None => {}
        }
        start.get_or_insert(at);
        before = character;
    }
    if let Some(start) = start {
        words.push(&line[start..]);
    }
    words
}

fn pad(indent: usize, text: &mut String) {
    text.push_str(&" ".repeat(indent));
}

fn leaf(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A text without quotes where no reader could take it for anything else, else as JSON, which is YAML.
fn scalar(text: &str) -> String {
    let safe = |character: char| character.is_ascii_alphanumeric() || "-_./ ".contains(character);
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text.chars().all(safe)
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
        );
    if is_plain {
        return text.to_owned();
    }
    Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_break_in_no_literal() {
        let line = r"a.matches(r'x \') && b == 'it\'s a   b' || c";
        assert_eq!(
            words(line),
            [
                r"a.matches(r'x \')",
                "&&",
                "b",
                "==",
                r"'it\'s a   b'",
                "||",
                "c"
            ]
        );
        assert_eq!(wrap("  one two", 5), ["  one", "  two"]);
    }

    #[test]
    fn policies_read_well() {
        let value = json!({
            "name": "a", "on": "yes", "list": ["", "v1"], "none": [],
            "variables": [{"name": "b", "expression": "one ||\ntwo"}],
        });
        let text = "name: a\n\"on\": \"yes\"\nlist: [\"\", v1]\nnone: []\nvariables:\n  - name: b\n    expression: |-\n      one ||\n      two\n";
        assert_eq!(write(&value), text);
    }
}
