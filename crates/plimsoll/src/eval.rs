//! `plimsoll eval`

use std::fmt::Write;

use plimsoll_cel::arena::Arena;
use plimsoll_cel::environment::Environment;
use plimsoll_cel::program::{Evaluation, Program};
use plimsoll_cel::types::Type;
use plimsoll_cel::value::{Heap, Value};
use plimsoll_inventory::KubernetesVersion;
use serde_json::json;

use crate::arguments::{Dialect, EvalArguments, ListFormat, RenderArguments, WorkArguments};
use crate::configuration::Configuration;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::reading::Rendering;
use crate::scan::gather;

pub(crate) fn run(arguments: &EvalArguments) -> Result<Exit, Failure> {
    let kubernetes = match &arguments.kubernetes_version {
        Some(text) => KubernetesVersion::parse(text)?.known(),
        None => KubernetesVersion::NEWEST,
    };
    let environment = match arguments.dialect {
        Dialect::Controls => Environment::controls(),
        Dialect::Admission => Environment::kubernetes(kubernetes.minor),
        Dialect::Kyverno => Environment::kyverno(),
        Dialect::Conformance => Environment::conformance(),
    }
    .with_variable("object", Type::Dyn)
    .with_variable("kubernetes.minor", Type::Int);
    let program =
        Program::compile(&arguments.expression, &environment, None).map_err(|errors| {
            let shown: Vec<String> = errors
                .iter()
                .map(|error| error.render(&arguments.expression))
                .collect();
            Failure::Usage(shown.join("\n"))
        })?;
    let mut variables = vec![Value::Null; environment.variable_count()];
    if let Some(slot) = environment.slot("kubernetes.minor") {
        variables[slot] = Value::Int(i64::from(kubernetes.minor));
    }
    let mut lines = Vec::new();
    let mut failed = false;
    if arguments.paths.is_empty() {
        let arena = Arena::default();
        let evaluation = program.evaluate(Heap::new(&arena), &variables, Program::COST_LIMIT);
        failed |= evaluation.result.is_err();
        lines.push(line("", &program, &evaluation, arguments.format));
    } else {
        let work = WorkArguments::default();
        let rendering = Rendering::new(
            &RenderArguments::default(),
            &mut Configuration::default(),
            kubernetes,
            work.threads(),
        );
        let input = gather(&arguments.paths, false, &rendering, &work);
        for error in &input.errors {
            output::message(&format!("error: {}: {}", error.file, error.message));
            failed = true;
        }
        for (_, object) in input.inventory.judged() {
            let arena = Arena::default();
            let mut variables = variables.clone();
            if let Some(slot) = environment.slot("object") {
                variables[slot] = Value::from_node(object.root());
            }
            let evaluation = program.evaluate(Heap::new(&arena), &variables, Program::COST_LIMIT);
            failed |= evaluation.result.is_err();
            let name = format!("{} {}", object.kind(), object.name());
            lines.push(line(&name, &program, &evaluation, arguments.format));
        }
    }
    let mut text = String::new();
    if arguments.format == ListFormat::Json {
        let _ = writeln!(text, "[{}]", lines.join(","));
    } else {
        for line in lines {
            let _ = writeln!(text, "{line}");
        }
    }
    output::results(&text)?;
    Ok(if failed { Exit::Incomplete } else { Exit::Done })
}

fn line(
    object: &str,
    program: &Program,
    evaluation: &Evaluation<'_>,
    format: ListFormat,
) -> String {
    let (value, error) = match evaluation.result {
        Ok(value) => (Some(to_json(value)), None),
        Err(error) => (None, Some(error.to_string())),
    };
    if format == ListFormat::Json {
        return json!({
            "object": object,
            "value": value,
            "error": error,
            "type": program.result_type().to_string(),
            "cost": evaluation.cost,
        })
        .to_string();
    }
    let shown = match (value, error) {
        (Some(value), _) => value.to_string(),
        (None, error) => format!("error: {}", error.unwrap_or_default()),
    };
    let of = program.result_type();
    let prefix = if object.is_empty() {
        String::new()
    } else {
        format!("{object}: ")
    };
    plimsoll_report::text::printable(&format!(
        "{prefix}{shown}  (type {of}, cost {})",
        evaluation.cost
    ))
}

/// A value as JSON; what JSON has not is written as text.
fn to_json(value: Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::Uint(value) => value.into(),
        Value::Double(value) => {
            serde_json::Number::from_f64(value).map_or_else(|| value.to_string().into(), Into::into)
        }
        Value::String(text) => text.into(),
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into(),
        Value::Duration(duration) => duration.to_seconds_text().into(),
        Value::Timestamp(at) => at.to_text().into(),
        Value::Type(name) => name.into(),
        Value::Optional(Some(value)) => json!({"optional": to_json(*value)}),
        Value::Optional(None) => json!({"optional": null}),
        Value::Object(object) => format!("{object:?}").into(),
        Value::Struct(object) => object
            .fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), to_json(*value)))
            .collect(),
        Value::List(_) | Value::Map(_) | Value::Node(_) => {
            if let Some(list) = value.as_list() {
                return list.iter().map(to_json).collect();
            }
            value.as_map().map_or(serde_json::Value::Null, |map| {
                map.iter()
                    .map(|(key, value)| {
                        let key = match key {
                            Value::String(key) => key.to_owned(),
                            other => to_json(other).to_string(),
                        };
                        (key, to_json(value))
                    })
                    .collect()
            })
        }
    }
}
