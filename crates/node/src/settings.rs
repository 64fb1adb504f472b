//! Configuration files to maps.

use std::sync::Arc;

use plimsoll_document::{Format, Limits, Node, NodeKind, Scalar, Severity, Source, parse};
use serde_json::{Map, Number, Value};
use thiserror::Error;

use crate::facts::Settings;
use crate::root::{MAX_BYTES, ReadError, Root};

/// Why a configuration file is of no use.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// It could not be read.
    #[error("{0}: {1}")]
    Unreadable(String, ReadError),
    /// It is not written as it should be.
    #[error("{0}: {1}")]
    Malformed(String, String),
    /// It is no map.
    #[error("{0}: it holds no map")]
    NoMap(String),
    /// It is a map of something else.
    #[error("{0}: it is no {1}")]
    OtherKind(String, &'static str),
}

impl SettingsError {
    /// Whether it says no more than that there is no such file.
    pub fn is_absence(&self) -> bool {
        matches!(self, SettingsError::Unreadable(_, error) if error.is_absence())
    }
}

/// Bounds for the files of a node: generous for a person's file, tight for a machine's mischief.
fn limits() -> Limits {
    Limits {
        max_bytes: MAX_BYTES,
        max_depth: 100,
        max_nodes: 1_000_000,
        max_alias_nodes: 10_000,
    }
}

/// The documents of a YAML or JSON text, empty ones left out.
///
/// # Errors
/// Bytes that are no text, and text that breaks the grammar: then the whole file counts for nothing, as for the
/// components that read it.
pub fn documents(name: &str, bytes: Vec<u8>) -> Result<Vec<Value>, SettingsError> {
    let malformed = |text: String| SettingsError::Malformed(name.to_owned(), text);
    let source = Source::from_bytes(name, bytes)
        .map_err(|problem| malformed(format!("{}: {}", problem.position, problem.kind)))?;
    let format = Format::detect(name, source.text());
    let parsed = parse(&Arc::new(source), format, &limits());
    let error = parsed
        .problems
        .iter()
        .find(|problem| problem.severity == Severity::Error);
    if let Some(problem) = error {
        return Err(malformed(format!("{}: {}", problem.position, problem.kind)));
    }
    let roots = parsed.documents.iter().filter_map(|document| document.root);
    let values = roots.map(|root| value_of(parsed.tree.node(root)));
    Ok(values.filter(|value| !value.is_null()).collect())
}

/// A node and what is below it. The depth is bounded by the parser.
fn value_of(node: Node<'_>) -> Value {
    match node.scalar() {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => Value::Bool(value),
        Scalar::Int(value) => Value::from(value),
        Scalar::Uint(value) => Value::from(value),
        Scalar::Double(value) => Number::from_f64(value).map_or(Value::Null, Value::Number),
        Scalar::String(value) => Value::from(value),
        Scalar::List => node.children().map(value_of).collect(),
        Scalar::Map => {
            debug_assert_eq!(node.kind(), NodeKind::Map);
            let entries = node.entries();
            Value::Object(
                entries
                    .map(|(key, value)| (key.to_owned(), value_of(value)))
                    .collect(),
            )
        }
    }
}

/// Reads a file that holds one map in YAML or JSON, of this kind where one is given.
pub fn read_yaml(
    root: &Root,
    path: &str,
    kind: Option<&'static str>,
) -> Result<Settings, SettingsError> {
    let bytes = root
        .read(path)
        .map_err(|error| SettingsError::Unreadable(path.to_owned(), error))?;
    let Some(Value::Object(map)) = documents(path, bytes)?.into_iter().next() else {
        return Err(SettingsError::NoMap(path.to_owned()));
    };
    match kind {
        Some(kind) if map.get("kind").and_then(Value::as_str) != Some(kind) => {
            Err(SettingsError::OtherKind(path.to_owned(), kind))
        }
        _ => Ok(map),
    }
}

/// The map of a TOML text.
///
/// # Errors
/// Bytes that are no text, and text that breaks the grammar.
pub fn toml(name: &str, bytes: Vec<u8>) -> Result<Settings, SettingsError> {
    let unreadable = |error| SettingsError::Unreadable(name.to_owned(), error);
    let text = String::from_utf8(bytes).map_err(|_| unreadable(ReadError::NotText))?;
    let table: Value = toml::from_str(&text).map_err(|error| {
        // Its message in full would quote the line, which may hold a credential.
        SettingsError::Malformed(name.to_owned(), format!("no TOML: {}", error.message()))
    })?;
    match table {
        Value::Object(map) => Ok(map),
        _ => Err(SettingsError::NoMap(name.to_owned())),
    }
}

/// Reads a file in TOML.
pub fn read_toml(root: &Root, path: &str) -> Result<Settings, SettingsError> {
    let bytes = root
        .read(path)
        .map_err(|error| SettingsError::Unreadable(path.to_owned(), error))?;
    toml(path, bytes)
}

/// Lays a map over another as RFC 7396 has it: maps are merged, null takes away, all else replaces.
pub fn merge(base: &mut Settings, over: Settings) {
    for (key, value) in over {
        match value {
            Value::Null => {
                base.shift_remove(&key);
            }
            Value::Object(over) => {
                let below = base.entry(key).or_insert_with(|| Map::new().into());
                if !below.is_object() {
                    *below = Map::new().into();
                }
                if let Value::Object(below) = below {
                    merge(below, over);
                }
            }
            value => {
                base.insert(key, value);
            }
        }
    }
}

/// Sets the value at a path of keys, making the maps on the way.
pub fn set(map: &mut Settings, path: &[&str], value: Value) {
    let Some((last, folders)) = path.split_last() else {
        return;
    };
    let mut here = map;
    for key in folders {
        let next = here
            .entry((*key).to_owned())
            .or_insert_with(|| Value::Object(Map::new()));
        if !next.is_object() {
            *next = Value::Object(Map::new());
        }
        let Value::Object(next) = next else { return };
        here = next;
    }
    here.insert((*last).to_owned(), value);
}

/// The value at a path of keys.
pub fn get<'m>(map: &'m Settings, path: &[&str]) -> Option<&'m Value> {
    let (first, rest) = path.split_first()?;
    let mut here = map.get(*first)?;
    for key in rest {
        here = here.as_object()?.get(*key)?;
    }
    Some(here)
}

/// The text at a path of keys, where it is a text that says something.
pub fn get_text<'m>(map: &'m Settings, path: &[&str]) -> Option<&'m str> {
    get(map, path)?.as_str().filter(|text| !text.is_empty())
}
