//! How new text looks: as the text around it.

use std::sync::Arc;

use plimsoll_document::{Format, Limits, Node, Source, parse};
use serde_json::Value as Json;

use crate::layout::{is_flow, line_end, line_start};

/// The habits of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// How lines end.
    pub(crate) line_end: &'static str,
    /// By how many columns a map in a map is indented.
    pub(crate) step: usize,
    /// By how many columns the dashes of a list in a map are.
    pub(crate) dash: usize,
    /// Whether the text is JSON.
    pub(crate) json: bool,
}

/// How a scalar is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// Where they are needed.
    Needed,
    /// Every string, in `"`.
    Double,
    /// Every string, in `'` where that can be.
    Single,
}

impl Style {
    /// The style of the text that an object stands in.
    pub(crate) fn of(object: Node<'_>, format: Format) -> Style {
        let text = object.tree().source().text();
        let here = line_end(text, object.span().start as usize);
        // An object on the last line has no line end of its own.
        let first_end = if here == text.len() {
            line_end(text, 0)
        } else {
            here
        };
        let rest = &text[first_end..];
        let line_end = if rest.starts_with("\r\n") {
            "\r\n"
        } else if rest.starts_with('\r') {
            "\r"
        } else {
            "\n"
        };
        let mut found = Found::default();
        if format == Format::Json {
            found.step = step_of_lines(object);
        } else {
            found.look(object);
        }
        let step = found.step.unwrap_or(2);
        Style {
            line_end,
            step,
            dash: found.dash.unwrap_or(step),
            json: format == Format::Json,
        }
    }
}

/// By how many columns JSON indents, where it is written on several lines.
fn step_of_lines(node: Node<'_>) -> Option<usize> {
    let text = node.tree().source().text();
    let first = node.children().next()?;
    let (outer, inner) = (node.span().start as usize, first.start() as usize);
    let column = inner - line_start(text, inner);
    let is_line = text[inner - column..inner].bytes().all(|byte| byte == b' ');
    if is_line && line_start(text, outer) < line_start(text, inner) {
        let line = &text[line_start(text, outer)..];
        let indentation = line.len() - line.trim_start_matches(' ').len();
        return column.checked_sub(indentation).filter(|step| *step <= 16);
    }
    node.children().find_map(step_of_lines)
}

/// What is known of the indentation.
#[derive(Default)]
struct Found {
    step: Option<usize>,
    dash: Option<usize>,
}

impl Found {
    /// Looks at the first list and the first map in a map; a deeper one does not count where another is before it.
    fn look(&mut self, node: Node<'_>) {
        let text = node.tree().source().text();
        for child in node.children() {
            if self.step.is_some() && self.dash.is_some() {
                return;
            }
            let own = child.span().start >= child.start();
            if child.is_empty() || is_flow(child) || !own {
                continue;
            }
            let (at, start) = (child.start() as usize, child.span().start as usize);
            if node.is_map() && !is_flow(node) && text[at..start].contains(['\n', '\r']) {
                let columns = |at: usize| at - line_start(text, at);
                let deeper = columns(start).checked_sub(columns(at));
                let known = if child.is_map() {
                    &mut self.step
                } else {
                    &mut self.dash
                };
                *known = known.or(deeper.filter(|columns| *columns <= 16));
            }
            self.look(child);
        }
    }
}

/// A scalar, or an empty list or map, as text.
pub(crate) fn scalar(value: &Json, quotes: Quotes, json: bool) -> String {
    match value {
        Json::String(text) if !json => string(text, quotes),
        other => other.to_string(),
    }
}

fn string(text: &str, quotes: Quotes) -> String {
    let double = || Json::String(text.to_owned()).to_string();
    match quotes {
        Quotes::Needed if is_plain(text) => text.to_owned(),
        Quotes::Single if !text.chars().any(char::is_control) => {
            format!("'{}'", text.replace('\'', "''"))
        }
        _ => double(),
    }
}

/// The quotes of the scalar that begins with this text.
pub(crate) fn quotes_of(text: &str) -> Quotes {
    match text.as_bytes().first() {
        Some(b'"') => Quotes::Double,
        Some(b'\'') => Quotes::Single,
        _ => Quotes::Needed,
    }
}

/// Whether a string can stand without quotes, in block and in flow style, for every reader of YAML.
fn is_plain(text: &str) -> bool {
    let is_safe =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    // A single letter of these is a boolean to readers of YAML 1.1.
    let is_letter = matches!(text, "y" | "Y" | "n" | "N");
    // `2160h` and `10Gi` are text; `1e3`, `0x1F` and a date are not, to one reader or another.
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let unit = &text[digits..];
    let starts_well = if digits == 0 {
        text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
    } else {
        unit.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !unit.is_empty()
            && !unit.starts_with(['e', 'E', 'x', 'X', 'o', 'O', 'b', 'B'])
    };
    if is_letter || !starts_well || !text.bytes().all(is_safe) {
        return false;
    }
    let source = Arc::new(Source::new("", text));
    let parsed = parse(&source, Format::Yaml, &Limits::default());
    let root = parsed.documents.first().and_then(|document| document.root);
    root.is_some_and(|root| parsed.tree.node(root).as_str() == Some(text))
}

/// A value on one line.
pub(crate) fn inline(value: &Json, quotes: Quotes, json: bool, compact: bool) -> String {
    let space = if compact { "" } else { " " };
    match value {
        Json::Array(elements) => {
            let elements: Vec<String> = elements
                .iter()
                .map(|element| inline(element, quotes, json, compact))
                .collect();
            format!("[{}]", elements.join(&format!(",{space}")))
        }
        Json::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(name, value)| {
                    let value = inline(value, quotes, json, compact);
                    format!("{}:{space}{value}", key(name, quotes, json))
                })
                .collect();
            format!("{{{}}}", entries.join(&format!(",{space}")))
        }
        other => scalar(other, quotes, json),
    }
}

/// A key.
pub(crate) fn key(name: &str, quotes: Quotes, json: bool) -> String {
    scalar(&Json::String(name.to_owned()), quotes, json)
}

/// A value of JSON on several lines; the first is not indented.
pub(crate) fn lines_of_json(value: &Json, indent: usize, style: Style) -> String {
    let line = |columns: usize| format!("{}{}", style.line_end, " ".repeat(columns));
    let (open, close, parts): (char, char, Vec<String>) = match value {
        Json::Array(elements) if !elements.is_empty() => {
            let of = |element| lines_of_json(element, indent + style.step, style);
            ('[', ']', elements.iter().map(of).collect())
        }
        Json::Object(entries) if !entries.is_empty() => {
            let of = |(name, value): (&String, &Json)| {
                let value = lines_of_json(value, indent + style.step, style);
                format!("{}: {value}", key(name, Quotes::Double, true))
            };
            ('{', '}', entries.iter().map(of).collect())
        }
        other => return inline(other, Quotes::Double, true, false),
    };
    let inner = line(indent + style.step);
    let parts = parts.join(&format!(",{inner}"));
    format!("{open}{inner}{parts}{}{close}", line(indent))
}

/// Entries of a map in block style, each with its line end.
pub(crate) fn block_entry(column: usize, name: &str, value: &Json, style: Style) -> String {
    let head = format!(
        "{}{}:",
        " ".repeat(column),
        key(name, Quotes::Needed, false)
    );
    format!("{head}{}", below_key(column, value, style))
}

/// What follows the colon of a key at this column, to the end of the last line.
pub(crate) fn below_key(column: usize, value: &Json, style: Style) -> String {
    let nl = style.line_end;
    match value {
        Json::Object(entries) if !entries.is_empty() => {
            let entries: String = entries
                .iter()
                .map(|(name, value)| block_entry(column + style.step, name, value, style))
                .collect();
            format!("{nl}{entries}")
        }
        Json::Array(elements) if !elements.is_empty() => {
            let elements: String = elements
                .iter()
                .map(|element| block_element(column + style.dash, element, false, style))
                .collect();
            format!("{nl}{elements}")
        }
        other => format!(" {}{nl}", inline(other, Quotes::Needed, false, false)),
    }
}

/// An element of a list in block style, with its line end. A map goes in braces where `in_braces` says that its
/// siblings do.
pub(crate) fn block_element(column: usize, value: &Json, in_braces: bool, style: Style) -> String {
    let indent = " ".repeat(column);
    match value {
        Json::Object(entries) if !entries.is_empty() && !in_braces => {
            let text: String = entries
                .iter()
                .map(|(name, value)| block_entry(column + 2, name, value, style))
                .collect();
            // The first entry stands on the line of the dash.
            format!("{indent}- {}", text.trim_start_matches(' '))
        }
        other => {
            let text = inline(other, Quotes::Needed, false, false);
            format!("{indent}- {text}{}", style.line_end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const STYLE: Style = Style {
        line_end: "\n",
        step: 2,
        dash: 2,
        json: false,
    };

    #[test]
    fn strings_are_quoted_where_a_reader_could_take_them_for_something_else() {
        for plain in ["ALL", "RuntimeDefault", "2160h", "10Gi", "a/b.c", "/path"] {
            assert_eq!(string(plain, Quotes::Needed), plain);
        }
        for quoted in [
            "true",
            "yes",
            "Off",
            "null",
            "y",
            "31536000",
            "1.5",
            "1e3",
            "0x1F",
            "2001-01-01",
            "1_000",
            "",
            "-",
            "a: b",
            "a #b",
            "é",
        ] {
            assert!(string(quoted, Quotes::Needed).starts_with('"'), "{quoted}");
        }
        assert_eq!(string("it's", Quotes::Single), "'it''s'");
        assert_eq!(string("a\nb", Quotes::Single), "\"a\\nb\"");
    }

    #[test]
    fn values_are_written_as_people_write_them() {
        let value =
            json!({"capabilities": {"drop": ["ALL"]}, "list": [{"a": 1, "b": {}}], "m": null});
        assert_eq!(
            block_entry(2, "securityContext", &value, STYLE),
            "  securityContext:\n    capabilities:\n      drop:\n        - ALL\n    list:\n      - a: 1\n        b: {}\n    m: null\n"
        );
        assert_eq!(
            inline(&value, Quotes::Needed, false, false),
            "{capabilities: {drop: [ALL]}, list: [{a: 1, b: {}}], m: null}"
        );
        assert_eq!(
            lines_of_json(&json!({"a": [1, {}]}), 2, STYLE),
            "{\n    \"a\": [\n      1,\n      {}\n    ]\n  }"
        );
    }
}
