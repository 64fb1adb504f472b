//! What was looked at, what was seen, and what that risks.

use std::collections::BTreeMap;

use plimsoll_assess::{ControlResult, ControlStatus, Finding};
use plimsoll_inventory::{Object, ObjectId};
use serde_json::{Value, json};

use super::identity::Identities;
use super::text::{file_reference, line, markup};
use super::{NAMESPACE, fields, property};
use crate::result::ScanResult;
use crate::words;

/// A scan with the UUIDs of what is in it.
pub(super) struct Subjects<'r, 'c> {
    pub(super) result: &'r ScanResult<'c>,
    pub(super) identities: Identities<'r>,
    /// Findings by the number of their control.
    findings: BTreeMap<usize, Vec<&'r Finding>>,
}

/// An observation, and the risks of what it saw.
pub(super) struct Observed {
    pub(super) uuid: String,
    pub(super) observation: Value,
    /// The one of findings that stand, and the one of those that were accepted.
    pub(super) risks: Vec<Value>,
}

impl<'r, 'c> Subjects<'r, 'c> {
    pub(super) fn new(result: &'r ScanResult<'c>) -> Subjects<'r, 'c> {
        let mut findings: BTreeMap<usize, Vec<&Finding>> = BTreeMap::new();
        for finding in result.assessment.findings() {
            findings.entry(finding.control).or_default().push(finding);
        }
        Subjects {
            result,
            identities: Identities::new(result),
            findings,
        }
    }

    /// The UUID of the program as a component.
    pub(super) fn tool(&self) -> String {
        self.identities
            .everywhere("tool", &format!("plimsoll {}", self.result.version))
    }

    /// The UUID of everything that was scanned, as a component.
    pub(super) fn scanned(&self) -> String {
        self.identities.in_scope("component", "scanned")
    }

    /// Components, inventory items and the tool, as results and plans define them.
    pub(super) fn local_definitions(&self) -> Value {
        let items: Vec<Value> = self
            .findings
            .values()
            .flatten()
            .map(|finding| finding.object)
            .collect::<std::collections::BTreeSet<ObjectId>>()
            .into_iter()
            .map(|id| self.item(id))
            .collect();
        Value::Object(fields([
            (
                "components",
                json!([{
                    "uuid": self.scanned(),
                    "type": "software",
                    "title": "What was scanned",
                    "description": words::scanned(self.result),
                    "status": {"state": "other", "remarks": "Whether it runs is not for a scan of its configuration to say."}
                }]),
            ),
            ("inventory-items", Value::Array(items)),
            (
                "assessment-assets",
                json!({
                    "components": [{
                        "uuid": self.tool(),
                        "type": "software",
                        "title": "Plimsoll",
                        "description": "A program that judges the configuration of Kubernetes by a library of controls.",
                        "props": [{"name": "version", "value": line(self.result.version)}],
                        "status": {"state": "operational"}
                    }],
                    "assessment-platforms": [{
                        "uuid": self.identities.everywhere("platform", self.result.version),
                        "title": "Plimsoll",
                        "uses-components": [{"component-uuid": self.tool()}]
                    }]
                }),
            ),
        ]))
    }

    fn item(&self, id: ObjectId) -> Value {
        let object = self.result.inventory.object(id);
        let mut props = vec![
            property("api-version", object.api_version()),
            property("kind", object.kind()),
        ];
        if !object.namespace().is_empty() {
            props.push(property("namespace", object.namespace()));
        }
        props.push(property("name", object.name()));
        if let Some(place) = words::place(object, object.root().position()) {
            props.push(property("location", &place));
        }
        json!({
            "uuid": self.identities.object(id),
            "description": markup(&words::object_name(object)),
            "props": props,
            "implemented-components": [{"component-uuid": self.scanned()}]
        })
    }

    /// Who says so: the program.
    pub(super) fn origins(&self) -> Value {
        json!([{"actors": [{"type": "tool", "actor-uuid": self.tool()}]}])
    }

    /// What a control saw; `None` where it could not look.
    pub(super) fn observe(&self, number: usize) -> Option<Observed> {
        let found = &self.result.assessment.controls[number];
        let findings = self
            .findings
            .get(&number)
            .map(Vec::as_slice)
            .unwrap_or_default();
        if found.status == ControlStatus::NotApplicable
            || found.status == ControlStatus::NotAssessed && findings.is_empty()
        {
            return None;
        }
        let control = found.control;
        let mut subjects = vec![json!({"subject-uuid": self.scanned(), "type": "component"})];
        let mut objects: Vec<ObjectId> = findings.iter().map(|finding| finding.object).collect();
        objects.dedup();
        for id in objects {
            subjects.push(json!({
                "subject-uuid": self.identities.object(id),
                "type": "inventory-item",
                "title": markup(&words::object_name(self.result.inventory.object(id)))
            }));
        }
        let evidence: Vec<Value> = findings
            .iter()
            .map(|finding| self.evidence(finding))
            .collect();
        let content = fields([
            (
                "title",
                json!(markup(&format!("{} {}", control.id, control.title))),
            ),
            ("description", json!(markup(&seen(found)))),
            (
                "props",
                json!([
                    property("control", &control.id),
                    property("control-name", &control.name),
                    property("severity", control.severity.name()),
                    property("status", words::control_state(found.status)),
                ]),
            ),
            ("methods", json!(["EXAMINE"])),
            (
                "types",
                json!([if findings.is_empty() {
                    "control-objective"
                } else {
                    "finding"
                }]),
            ),
            ("origins", self.origins()),
            ("subjects", Value::Array(subjects)),
            ("relevant-evidence", Value::Array(evidence)),
            ("collected", json!(self.result.generated_at)),
        ]);
        let observation = self.identities.by_content("observation", content);
        let uuid = observation["uuid"].as_str().unwrap_or_default().to_owned();
        let (accepted, standing): (Vec<&Finding>, Vec<&Finding>) = findings
            .iter()
            .partition(|finding| words::accepted(finding).is_some());
        let risks = [
            (!standing.is_empty()).then(|| self.risk(found, &standing, false, &uuid)),
            (!accepted.is_empty()).then(|| self.risk(found, &accepted, true, &uuid)),
        ];
        Some(Observed {
            uuid,
            observation,
            risks: risks.into_iter().flatten().collect(),
        })
    }

    fn evidence(&self, finding: &Finding) -> Value {
        let object = self.result.inventory.object(finding.object);
        let mut props = vec![property("path", &finding.path.to_string())];
        if let Some(place) = words::place(object, finding.position) {
            props.push(property("location", &place));
        }
        props.push(property(
            "status",
            if words::accepted(finding).is_some() {
                "accepted"
            } else {
                "failed"
            },
        ));
        Value::Object(fields([
            ("href", file(object).map_or(Value::Null, Value::String)),
            (
                "description",
                json!(markup(&format!(
                    "{}: {}",
                    words::object_name(object),
                    finding.message
                ))),
            ),
            ("props", Value::Array(props)),
        ]))
    }

    fn risk(
        &self,
        found: &ControlResult<'_>,
        findings: &[&Finding],
        accepted: bool,
        observation: &str,
    ) -> Value {
        let control = found.control;
        let name = format!(
            "{} {}",
            control.id,
            if accepted { "accepted" } else { "open" }
        );
        let log: Vec<Value> = findings
            .iter()
            .filter_map(|finding| {
                let reason = words::accepted(finding)?;
                let object = words::object_name(self.result.inventory.object(finding.object));
                let content = fields([
                    ("title", json!("Accepted")),
                    (
                        "description",
                        json!(markup(&format!("{object}, {}: {reason}", finding.path))),
                    ),
                    ("start", json!(self.result.generated_at)),
                    ("status-change", json!("deviation-approved")),
                ]);
                Some(
                    self.identities
                        .by_content(&format!("entry {}", finding.position), content),
                )
            })
            .collect();
        let mut fixes: Vec<String> = Vec::new();
        if !accepted {
            for fix in words::fixes(self.result, findings) {
                let fix = markup(&fix);
                if !fixes.contains(&fix) {
                    fixes.push(fix);
                }
            }
        }
        let remediation = (!fixes.is_empty()).then(|| {
            json!([{
                "uuid": self.identities.in_scope("remediation", &name),
                "lifecycle": "recommendation",
                "title": "Change the configuration",
                "description": fixes.join("; ")
            }])
        });
        let introduction = control.page.introduction();
        let statement = if introduction.is_empty() {
            control.title.as_str()
        } else {
            introduction
        };
        Value::Object(fields([
            ("uuid", json!(self.identities.in_scope("risk", &name))),
            (
                "title",
                json!(markup(&format!("{} {}", control.id, control.title))),
            ),
            (
                "description",
                json!(markup(&format!(
                    "{}{}",
                    crate::text::counted(findings.len(), "finding"),
                    if accepted { ", accepted" } else { "" }
                ))),
            ),
            ("statement", json!(markup(statement))),
            (
                "props",
                json!([
                    property("control", &control.id),
                    property("control-name", &control.name)
                ]),
            ),
            (
                "status",
                json!(if accepted {
                    "deviation-approved"
                } else {
                    "open"
                }),
            ),
            ("origins", self.origins()),
            (
                "characterizations",
                json!([{
                    "origin": {"actors": [{"type": "tool", "actor-uuid": self.tool()}]},
                    "facets": [
                        {"name": "severity", "system": NAMESPACE, "value": control.severity.name()},
                        {"name": "risk", "system": NAMESPACE, "value": control.risk.to_string()}
                    ]
                }]),
            ),
            ("remediations", remediation.unwrap_or(Value::Null)),
            (
                "risk-log",
                if log.is_empty() {
                    Value::Null
                } else {
                    json!({"entries": log})
                },
            ),
            (
                "related-observations",
                json!([{"observation-uuid": observation}]),
            ),
        ]))
    }
}

/// A reference to the file of an object; none for standard input and for what stands in no file.
fn file(object: &Object) -> Option<String> {
    let name = object.tree().source().name();
    (!name.is_empty() && name != "-").then(|| file_reference(name))
}

fn seen(found: &ControlResult<'_>) -> String {
    let tally = found.tally;
    let mut text = format!(
        "{} objects passed, {} failed, {} failed and were accepted, {} could not be assessed.",
        tally.passed, tally.failed, tally.accepted, tally.not_assessed
    );
    if let Some(reason) = &found.reason {
        text.push(' ');
        text.push_str(reason);
    }
    text
}
