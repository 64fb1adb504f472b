//! `plimsoll schema`

use plimsoll_catalog::{Catalog, Severity};
use serde_json::{Map, Value, json};

use crate::arguments::{MOST_FILE_SIZE, MOST_MEMORY, MOST_SECONDS, MOST_THREADS};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn run() -> Result<Exit, Failure> {
    output::json(&schema(&Catalog::built_in()?))?;
    Ok(Exit::Done)
}

/// The JSON schema of the configuration file.
fn schema(catalog: &Catalog) -> Value {
    let levels: Vec<&str> = Severity::ALL.iter().map(|level| level.name()).collect();
    let frameworks: Vec<&str> = catalog
        .frameworks()
        .iter()
        .map(|framework| framework.id.as_str())
        .collect();
    let texts = |about: &str| json!({"description": about, "type": ["string", "array"], "items": {"type": "string"}});
    let percent =
        |about: &str| json!({"description": about, "type": "number", "minimum": 0, "maximum": 100});
    let level = |about: &str| json!({"description": about, "enum": levels});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of plimsoll",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "framework": {
                "description": "Only controls that give evidence for these frameworks, and their scores",
                "anyOf": [{"enum": frameworks}, {"type": "array", "items": {"enum": frameworks}}],
            },
            "control": texts("Only these controls, by id, name or the id that another tool has"),
            "controls": texts("Pages of controls of your own, or folders of them"),
            "severity": level("Only controls of this severity and above"),
            "kubernetes-version": {"description": "The version whose defaults and rules count", "type": "string", "pattern": "^v?1\\.[0-9]+"},
            "strict": {"description": "Take documents that are no Kubernetes objects, and keys stated twice, as errors", "type": "boolean"},
            "fail-on": level("Exit with 1 if there is a finding of this severity or above"),
            "min-score": percent("Exit with 1 if the floor of the score is below"),
            "min-coverage": percent("Exit with 1 if less than this was assessed"),
            "attestations": {"description": "What people attest, with the files that show it", "type": "string"},
            "exceptions": {"description": "A file of what somebody accepted", "type": "string"},
            "compat": texts("Scanners whose own ways to accept a finding count, too"),
            "baseline": {"description": "A JSON report: fail only on what is not in it", "type": "string"},
            "regulated-namespaces": texts("The namespaces that hold regulated data"),
            "render": {"description": "Whether Helm charts and kustomizations are rendered; they are, if not given", "type": "boolean"},
            "render-time-limit": {"description": "How many seconds rendering one chart or kustomization may take", "type": "integer", "minimum": 1, "maximum": 86_400},
            "helm": {
                "description": "How charts are rendered",
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "program": {"description": "Helm, where it is not on the PATH; only in a file named with --config or in the user's own", "type": "string"},
                    "values": texts("Files of values"),
                    "set": texts("Single values, as in image.tag=1.2"),
                    "release": {"description": "The name of the release", "type": "string"},
                    "namespace": {"description": "The namespace of the release", "type": "string"},
                    "tests": {"description": "Whether what charts have for helm test is scanned", "type": "boolean"},
                },
            },
            "kustomize": {
                "description": "How kustomizations are built",
                "type": "object",
                "additionalProperties": false,
                "properties": {"program": {"description": "Kustomize or kubectl, where they are not on the PATH; only in a file named with --config or in the user's own", "type": "string"}},
            },
            "charts": {
                "description": "How single charts are rendered",
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["path"],
                    "properties": {
                        "path": {"description": "The chart, from the folder of this file", "type": "string"},
                        "values": {
                            "description": "Files of values, from the chart's folder; a list of lists renders the chart with each of them",
                            "type": ["string", "array"],
                            "items": {"type": ["string", "array"], "items": {"type": "string"}},
                        },
                        "set": texts("Single values, as in image.tag=1.2"),
                        "release": {"description": "The name of the release", "type": "string"},
                        "namespace": {"description": "The namespace of the release", "type": "string"},
                    },
                },
            },
            "threads": {"description": "How many threads work at the same time; one for each processor, if not given", "type": "integer", "minimum": 1, "maximum": MOST_THREADS},
            "control-time-limit": {"description": "How many seconds a control may take on one object; 30, if not given", "type": "integer", "minimum": 1, "maximum": MOST_SECONDS},
            "control-memory-limit": {"description": "How many MiB of memory a control may take for the values it makes of one item; 256, if not given", "type": "integer", "minimum": 1, "maximum": MOST_MEMORY},
            "file-size-limit": {"description": "How many MiB a file may have; 2048, if not given", "type": "integer", "minimum": 1, "maximum": MOST_FILE_SIZE},
            "parameters": {
                "description": "What controls take from the user",
                "type": "object",
                "additionalProperties": false,
                "properties": parameters(catalog),
            },
        },
    })
}

fn parameters(catalog: &Catalog) -> Value {
    let mut properties = Map::new();
    for control in catalog.controls() {
        for parameter in control.parameters.list() {
            let mut of = type_of(&parameter.default);
            of["description"] = parameter.about.as_str().into();
            of["default"] = parameter.default.clone();
            properties.insert(parameter.name.clone(), of);
        }
    }
    properties.sort_keys();
    Value::Object(properties)
}

/// The type of a value: what the elements of a list are is told by the first.
fn type_of(value: &Value) -> Value {
    match value {
        Value::Array(elements) => {
            let element = elements
                .first()
                .map_or_else(|| json!({"type": "string"}), type_of);
            json!({"type": "array", "items": element})
        }
        Value::Object(_) => json!({"type": "object"}),
        Value::String(_) => json!({"type": "string"}),
        Value::Number(_) => json!({"type": "number"}),
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Null => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::KEYS;

    #[test]
    fn the_schema_knows_what_the_file_may_say() {
        let catalog = Catalog::built_in().expect("the pages are right");
        let schema = schema(&catalog);
        let known: Vec<&str> = schema["properties"]
            .as_object()
            .expect("properties")
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(known, KEYS);
        assert_eq!(
            schema["properties"]["parameters"]["properties"]["allowedRegistries"]["type"],
            "array"
        );
    }
}
