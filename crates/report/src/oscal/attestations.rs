//! What people attest, who they are, and the evidence they name.

use std::collections::BTreeMap;

use plimsoll_assess::{Attestation, AttestationState};
use serde_json::{Map, Value, json};

use super::subjects::Subjects;
use super::text::{control_id, file_reference, line, markup};
use super::{fields, property};
use crate::words;

/// Who answers for what is attested.
const OWNER: &str = "attestation-owner";
/// Who looked at the evidence.
const REVIEWER: &str = "evidence-reviewer";

/// What is attested, and what a document says beside it.
#[derive(Default)]
pub(super) struct Attested {
    pub(super) statements: Vec<Value>,
    /// Files that show it, by name.
    resources: BTreeMap<String, Value>,
    parties: BTreeMap<String, Value>,
}

impl Attested {
    pub(super) fn new(subjects: &Subjects<'_, '_>) -> Attested {
        let mut attested = Attested::default();
        for framework in &subjects.result.assessment.frameworks {
            for found in &framework.requirements {
                if let Some(attestation) = &found.attestation {
                    let id = control_id(&framework.framework.id, &found.requirement.id);
                    attested.add(subjects, attestation, &id);
                }
            }
        }
        attested
    }

    fn add(&mut self, subjects: &Subjects<'_, '_>, attestation: &Attestation, control: &str) {
        let owner = self.party(subjects, &attestation.owner);
        let reviewer = self.party(subjects, &attestation.reviewer);
        self.resources
            .entry(attestation.evidence.clone())
            .or_insert_with(|| {
                json!({
                    "uuid": evidence(subjects, attestation),
                    "title": markup(&attestation.evidence),
                    "description": "Evidence of what is attested.",
                    "rlinks": [{"href": file_reference(&attestation.evidence)}]
                })
            });
        let state = match attestation.state {
            AttestationState::Valid => "valid",
            AttestationState::Expired => "expired",
            AttestationState::Broken(_) => "broken",
        };
        self.statements.push(json!({
            "responsible-parties": [
                {"role-id": OWNER, "party-uuids": [owner]},
                {"role-id": REVIEWER, "party-uuids": [reviewer]}
            ],
            "parts": [{
                "name": "authorization-statements",
                "title": markup(&format!("{} {control}", attestation.framework)),
                "props": [
                    property("control-id", control),
                    property("method", &attestation.method),
                    property("valid-until", &attestation.valid_until),
                    property("state", state)
                ],
                "prose": markup(&words::attested(attestation)),
                "links": [{"href": format!("#{}", evidence(subjects, attestation)), "rel": "evidence"}]
            }]
        }));
    }

    fn party(&mut self, subjects: &Subjects<'_, '_>, name: &str) -> String {
        let uuid = subjects.identities.in_scope("party", name);
        self.parties
            .entry(name.to_owned())
            .or_insert_with(|| json!({"uuid": uuid, "type": "person", "name": line(name)}));
        uuid
    }

    /// Adds the roles and parties that statements name.
    pub(super) fn complete(&self, metadata: &mut Map<String, Value>) {
        if self.statements.is_empty() {
            return;
        }
        metadata.extend(fields([
            (
                "roles",
                json!([
                    {"id": OWNER, "title": "Who answers for what is attested"},
                    {"id": REVIEWER, "title": "Who looked at the evidence"}
                ]),
            ),
            ("parties", self.parties.values().cloned().collect()),
        ]));
    }

    pub(super) fn resources(&self) -> impl Iterator<Item = Value> + '_ {
        self.resources.values().cloned()
    }
}

/// The UUID of the resource of an attestation's evidence.
pub(super) fn evidence(subjects: &Subjects<'_, '_>, attestation: &Attestation) -> String {
    subjects
        .identities
        .in_scope("evidence", &attestation.evidence)
}
