//! The attestations file: what people say of requirements that no machine can tell, and the files that show it.

use std::fmt::Write;
use std::path::Path;

use jiff::civil::Date;
use plimsoll_assess::{Attestation, AttestationState, Covers};
use plimsoll_catalog::Catalog;
use plimsoll_document::Node;
use sha2::{Digest, Sha256};

use crate::exit::Failure;
use crate::yaml_file::{self, only_keys, only_list, required, wrong};

const KEYS: &[&str] = &[
    "framework",
    "requirement",
    "duty",
    "owner",
    "method",
    "evidence",
    "collected",
    "valid-until",
    "reviewer",
];

/// How a requirement may be known to be met.
const METHODS: &[&str] = &[
    "policy",
    "procedure",
    "report",
    "ticket",
    "training",
    "contract",
    "test",
    "provider-report",
    "statement",
];

/// Reads a file and looks at every piece of evidence it names. An attestation counts on the days from `collected` to
/// `valid-until`.
pub(crate) fn read(
    path: &Path,
    catalog: &Catalog,
    today: Date,
) -> Result<Vec<Attestation>, Failure> {
    let parsed = yaml_file::read(path)?;
    let list = only_list(&parsed, "attestations")?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut found = Vec::new();
    for node in list.children() {
        attestations(node, folder, catalog, today, &mut found)?;
    }
    Ok(found)
}

/// An entry may be for several requirements.
fn attestations(
    node: Node<'_>,
    folder: &Path,
    catalog: &Catalog,
    today: Date,
    found: &mut Vec<Attestation>,
) -> Result<(), Failure> {
    only_keys(node, KEYS)?;
    let framework = catalog.find_framework(required(node, "framework")?)?;
    let method = required(node, "method")?;
    if !METHODS.contains(&method) {
        let known = METHODS.join(", ");
        return Err(wrong(
            node,
            &format!("'{method}' is no method; there are: {known}"),
        ));
    }
    let collected = date(node, "collected")?;
    let valid_until = date(node, "valid-until")?;
    let evidence = node
        .get_name("evidence")
        .ok_or_else(|| wrong(node, "'evidence' is missing"))?;
    let file = required(evidence, "file")?;
    let state = if today > valid_until {
        AttestationState::Expired
    } else if today < collected {
        AttestationState::Broken("it was collected in the future".to_owned())
    } else {
        match look_at(&folder.join(file), required(evidence, "sha256")?) {
            Ok(()) => AttestationState::Valid,
            Err(reason) => AttestationState::Broken(reason),
        }
    };
    let attestation = Attestation {
        framework: framework.id.clone(),
        covers: Covers::ControlPlane,
        owner: required(node, "owner")?.to_owned(),
        method: method.to_owned(),
        evidence: file.to_owned(),
        reviewer: required(node, "reviewer")?.to_owned(),
        valid_until: valid_until.to_string(),
        state,
    };
    match (node.get_name("requirement"), node.get_name("duty")) {
        (Some(requirements), None) => {
            let ids: Vec<Node<'_>> = if requirements.is_list() {
                requirements.children().collect()
            } else {
                vec![requirements]
            };
            for id in ids {
                let text = id
                    .as_str()
                    .ok_or_else(|| wrong(id, "a requirement is a text; put it in quotes"))?;
                if !framework
                    .requirements
                    .iter()
                    .any(|requirement| requirement.id == text)
                {
                    let text = format!("{} has no requirement '{text}'", framework.id);
                    return Err(wrong(id, &text));
                }
                found.push(Attestation {
                    covers: Covers::Requirement(text.to_owned()),
                    ..attestation.clone()
                });
            }
            Ok(())
        }
        (None, Some(duty)) if duty.as_str() == Some("control-plane") => {
            found.push(attestation);
            Ok(())
        }
        (None, Some(duty)) => Err(wrong(duty, "the one known duty is control-plane")),
        _ => Err(wrong(
            node,
            "an attestation is for a requirement, or for a duty",
        )),
    }
}

/// Whether a file is there and is the one that was looked at.
fn look_at(path: &Path, wanted: &str) -> Result<(), String> {
    let bytes = std::fs::read(path)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let mut hash = String::new();
    for byte in Sha256::digest(&bytes) {
        let _ = write!(hash, "{byte:02x}");
    }
    if hash.eq_ignore_ascii_case(wanted) {
        Ok(())
    } else {
        Err(format!(
            "{} is not the file that was reviewed: its SHA-256 is {hash}",
            path.display()
        ))
    }
}

fn date(node: Node<'_>, key: &str) -> Result<Date, Failure> {
    let text = required(node, key)?;
    text.parse()
        .map_err(|_| wrong(node, &format!("'{key}' is a day such as 2026-01-31")))
}
