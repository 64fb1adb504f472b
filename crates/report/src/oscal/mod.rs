//! OSCAL, the Open Security Controls Assessment Language of NIST, version 1.2: for the tools that auditors and
//! authorising officials keep their records in.
//!
//! - [`assessment_results`]: what was looked at and what it came to.
//! - [`plan_of_action`]: what is open.
//! - [`component_definition`]: which controls test which requirement, and what was scanned as the component that
//!   implements them.
//!
//! Nothing in a document points to something that is not in it: requirements of frameworks that are no OSCAL catalogue
//! are defined locally, and their sources are resources of the back matter.

mod assessment;
mod attestations;
mod component;
mod identity;
mod plan;
mod requirements;
mod subjects;
mod text;

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::result::ScanResult;
use identity::Identities;
use text::line;

/// The version of the language.
pub const VERSION: &str = "1.2.1";

/// The namespace of the properties that are our own.
const NAMESPACE: &str = "https://plimsoll.dev/ns/oscal";

/// Writes assessment results.
///
/// # Errors
/// What the writer says.
pub fn assessment_results(result: &ScanResult<'_>, out: impl Write) -> io::Result<()> {
    write(
        "assessment-results",
        assessment::content(result),
        result,
        out,
    )
}

/// Writes a plan of action and milestones: an item for every control that failed.
///
/// # Errors
/// What the writer says.
pub fn plan_of_action(result: &ScanResult<'_>, out: impl Write) -> io::Result<()> {
    write(
        "plan-of-action-and-milestones",
        plan::content(result),
        result,
        out,
    )
}

/// Writes a component definition.
///
/// # Errors
/// What the writer says.
pub fn component_definition(result: &ScanResult<'_>, out: impl Write) -> io::Result<()> {
    write(
        "component-definition",
        component::content(result),
        result,
        out,
    )
}

fn write(
    name: &str,
    content: Map<String, Value>,
    result: &ScanResult<'_>,
    mut out: impl Write,
) -> io::Result<()> {
    let identified = Identities::new(result).by_content(name, content);
    let document = Map::from_iter([(name.to_owned(), identified)]);
    serde_json::to_writer_pretty(&mut out, &document)?;
    writeln!(out)
}

/// What every document says of itself.
fn metadata(title: &str, result: &ScanResult<'_>) -> Map<String, Value> {
    fields([
        ("title", json!(title)),
        ("last-modified", json!(result.generated_at)),
        ("version", json!("1")),
        ("oscal-version", json!(VERSION)),
        (
            "props",
            json!([
                property("tool-version", result.version),
                property(
                    "kubernetes-version",
                    &result.assessment.kubernetes.to_string()
                ),
            ]),
        ),
    ])
}

/// A property in our namespace.
fn property(name: &str, value: &str) -> Value {
    json!({"name": name, "ns": NAMESPACE, "value": line(value)})
}

/// Fields in their order, without those that are empty: OSCAL has no empty lists.
fn fields<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields
        .into_iter()
        .filter(|(_, value)| !is_empty(value))
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}
