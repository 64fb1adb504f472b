//! Reading the cases of the conformance suite.

#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::print_stdout,
    reason = "each test file uses a part of this module"
)]

use std::path::PathBuf;
use std::sync::Arc;

use plimsoll_cel::environment::{Environment, Overload};
use plimsoll_cel::types::Type;
use plimsoll_cel::value::{Duration, Heap, Timestamp, Value};
use serde_json::Value as Json;

/// One test.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) section: String,
    pub(crate) expression: String,
    pub(crate) container: String,
    pub(crate) disable_check: bool,
    pub(crate) expected: Expected,
    json: Json,
}

/// What a test wants.
#[derive(Debug)]
pub(crate) enum Expected {
    Value(Json),
    Error,
    /// Only the static type.
    Type,
}

/// The files of the suite with their cases; `None`, with a message, where the suite is not there.
pub(crate) fn files() -> Option<Vec<(String, Vec<Case>)>> {
    let folder = suite("cel")?;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a file of the suite");
        let cases: Vec<Json> = serde_json::from_str(&text).expect("cases are JSON");
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        files.push((name, cases.into_iter().map(Case::new).collect()));
    }
    files.sort_by(|left, right| left.0.cmp(&right.0));
    Some(files)
}

/// A folder of the conformance suites. They lie beside the project, or where `PLIMSOLL_SHARED` says.
pub(crate) fn suite(name: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("PLIMSOLL_SHARED").map_or(beside, PathBuf::from);
    let folder = root.join("conformance").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "the conformance suite '{name}' is missing"
    );
    println!("skipped: the conformance suite '{name}' is not there");
    None
}

impl Case {
    fn new(json: Json) -> Case {
        let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
        let expected = if json.get("eval_error").is_some() {
            Expected::Error
        } else if json["check_only"] == true {
            Expected::Type
        } else {
            Expected::Value(
                json.get("value")
                    .cloned()
                    .unwrap_or(serde_json::json!({"bool": true})),
            )
        };
        Case {
            name: text("name"),
            section: text("section"),
            expression: text("expr"),
            container: text("container"),
            disable_check: json["disable_check"] == true,
            expected,
            json,
        }
    }

    /// The static type that the expression must have, as CEL writes types.
    pub(crate) fn deduced_type(&self) -> Option<Type> {
        self.json.get("deduced_type").and_then(type_of)
    }

    /// Why the test needs what Kubernetes has not: a protobuf message, an enum or a wrapper.
    pub(crate) fn needs_protobuf(&self) -> Option<&'static str> {
        let all = self.json.to_string();
        for (mark, reason) in [
            ("TestAllTypes", "a protobuf message"),
            ("NestedTestAllTypes", "a protobuf message"),
            ("GlobalEnum", "an enum"),
            ("\"enum\"", "an enum"),
            ("\"wrapper\"", "a wrapper type"),
            ("google.protobuf.Any", "google.protobuf.Any"),
            ("google.protobuf.Value", "a wrapper type"),
            ("google.protobuf.Struct", "a wrapper type"),
            ("google.protobuf.ListValue", "a wrapper type"),
            ("Int32Value", "a wrapper type"),
            ("Int64Value", "a wrapper type"),
            ("UInt32Value", "a wrapper type"),
            ("UInt64Value", "a wrapper type"),
            ("FloatValue", "a wrapper type"),
            ("DoubleValue", "a wrapper type"),
            ("BoolValue", "a wrapper type"),
            ("StringValue", "a wrapper type"),
            ("BytesValue", "a wrapper type"),
            ("NullValue", "an enum"),
            ("google.protobuf.Timestamp{", "a protobuf message"),
            ("google.protobuf.Duration{", "a protobuf message"),
            ("\"object\":", "a protobuf message"),
            ("\"message\"", "a protobuf message"),
            ("proto.", "a protobuf extension"),
        ] {
            if all.contains(mark) {
                return Some(reason);
            }
        }
        None
    }

    /// The environment with the declarations of the test.
    pub(crate) fn environment(&self, environment: Environment) -> Environment {
        let mut environment = environment.with_container(&self.container);
        for declaration in self.json["type_env"].as_array().into_iter().flatten() {
            let name = declaration["name"].as_str().unwrap_or_default();
            if let Some(of) = declaration.get("ident").and_then(type_of) {
                environment = environment.with_variable(name, of);
            }
            for overload in declaration["function"].as_array().into_iter().flatten() {
                let parameters = overload["params"].as_array().into_iter().flatten();
                environment = environment.with_function(
                    name,
                    Overload {
                        member: overload["member"] == true,
                        parameters: parameters.filter_map(type_of).collect(),
                        result: overload
                            .get("result")
                            .and_then(type_of)
                            .unwrap_or(Type::Dyn),
                    },
                );
            }
        }
        environment
    }

    /// The values of the variables, in the order of the environment.
    pub(crate) fn variables<'a>(
        &self,
        environment: &Environment,
        heap: Heap<'a>,
    ) -> Vec<Value<'a>> {
        environment
            .variable_names()
            .map(|name| {
                let bound = &self.json["bindings"][name]["value"];
                if bound.is_null() {
                    Value::Null
                } else {
                    value_of(bound, heap)
                }
            })
            .collect()
    }
}

fn type_of(json: &Json) -> Option<Type> {
    if let Some(name) = json.as_str() {
        return Some(match name {
            "null_type" | "null" => Type::Null,
            "bool" => Type::Bool,
            "int" => Type::Int,
            "uint" => Type::Uint,
            "double" => Type::Double,
            "string" => Type::String,
            "bytes" => Type::Bytes,
            "duration" => Type::Duration,
            "timestamp" => Type::Timestamp,
            "type" => Type::Type(Arc::new(Type::Dyn)),
            _ => Type::Dyn,
        });
    }
    if let Some(element) = json.get("list") {
        return Some(Type::list(type_of(element)?));
    }
    if let Some(parts) = json.get("map") {
        return Some(Type::map(type_of(&parts[0])?, type_of(&parts[1])?));
    }
    if let Some(name) = json.get("param") {
        return Some(Type::param(name.as_str()?));
    }
    if let Some(of) = json.get("type") {
        return Some(Type::Type(Arc::new(type_of(of)?)));
    }
    if let Some(name) = json.get("abstract") {
        let parameters: Vec<Type> = json["params"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(type_of)
            .collect();
        if name == "optional_type" {
            return Some(Type::optional(parameters.first()?.clone()));
        }
        return Some(Type::Named(name.as_str()?.into(), parameters.into()));
    }
    None
}

fn value_of<'a>(json: &Json, heap: Heap<'a>) -> Value<'a> {
    let Some((kind, content)) = json.as_object().and_then(|entries| entries.iter().next()) else {
        return Value::Null;
    };
    let text = content.as_str().unwrap_or_default();
    match kind.as_str() {
        "bool" => Value::Bool(content == true),
        "int" => Value::Int(text.parse().expect("an int")),
        "uint" => Value::Uint(text.parse().expect("a uint")),
        "double" => Value::Double(double(text)),
        "string" => heap.string(text),
        "bytes" => heap.bytes(&base64(text)),
        "type" => Value::Type(heap.str(text)),
        "list" => {
            let elements: Vec<Value<'a>> = content
                .as_array()
                .into_iter()
                .flatten()
                .map(|element| value_of(element, heap))
                .collect();
            heap.list(&elements)
        }
        "map" => {
            let entries: Vec<(Value<'a>, Value<'a>)> = content
                .as_array()
                .into_iter()
                .flatten()
                .map(|entry| (value_of(&entry[0], heap), value_of(&entry[1], heap)))
                .collect();
            heap.map(&entries)
        }
        "duration" => Value::Duration(Duration {
            seconds: content["seconds"]
                .as_str()
                .unwrap_or("0")
                .parse()
                .expect("seconds"),
            nanos: content["nanos"].as_i64().unwrap_or(0) as i32,
        }),
        "timestamp" => Value::Timestamp(Timestamp {
            seconds: content["seconds"]
                .as_str()
                .unwrap_or("0")
                .parse()
                .expect("seconds"),
            nanos: content["nanos"].as_i64().unwrap_or(0) as u32,
        }),
        _ => Value::Null,
    }
}

fn double(text: &str) -> f64 {
    match text {
        "Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        text => text.parse().expect("a double"),
    }
}

fn base64(text: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for digit in text.trim_end_matches('=').chars() {
        bits = bits << 6 | alphabet.find(digit).expect("a base64 digit") as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

impl Expected {
    /// Whether a value is the one that is wanted: same type, same content; NaN is NaN; maps have no order.
    pub(crate) fn is(&self, value: Value<'_>) -> bool {
        match self {
            Expected::Value(json) => is(json, value),
            Expected::Error | Expected::Type => false,
        }
    }
}

fn is(json: &Json, value: Value<'_>) -> bool {
    let Some((kind, content)) = json.as_object().and_then(|entries| entries.iter().next()) else {
        return false;
    };
    let text = content.as_str().unwrap_or_default();
    match (kind.as_str(), value) {
        ("null", Value::Null) => true,
        ("bool", Value::Bool(value)) => content == value,
        ("int", Value::Int(value)) => text.parse() == Ok(value),
        ("uint", Value::Uint(value)) => text.parse() == Ok(value),
        ("double", Value::Double(value)) => {
            let wanted = double(text);
            wanted == value || wanted.is_nan() && value.is_nan()
        }
        ("string", Value::String(value)) => text == value,
        ("bytes", Value::Bytes(value)) => base64(text) == value,
        ("type", Value::Type(value)) => text == value,
        ("duration", Value::Duration(value)) => {
            content["seconds"].as_str().unwrap_or("0").parse() == Ok(value.seconds)
                && content["nanos"].as_i64().unwrap_or(0) == i64::from(value.nanos)
        }
        ("timestamp", Value::Timestamp(value)) => {
            content["seconds"].as_str().unwrap_or("0").parse() == Ok(value.seconds)
                && content["nanos"].as_u64().unwrap_or(0) == u64::from(value.nanos)
        }
        ("list", value) => value.as_list().is_some_and(|list| {
            let wanted = content.as_array().map_or(&[] as &[Json], Vec::as_slice);
            list.len() == wanted.len()
                && wanted
                    .iter()
                    .zip(list.iter())
                    .all(|(wanted, value)| is(wanted, value))
        }),
        ("map", value) => value.as_map().is_some_and(|map| {
            let wanted = content.as_array().map_or(&[] as &[Json], Vec::as_slice);
            map.len() == wanted.len()
                && wanted.iter().all(|entry| {
                    map.iter()
                        .any(|(key, value)| is(&entry[0], key) && is(&entry[1], value))
                })
        }),
        _ => false,
    }
}
