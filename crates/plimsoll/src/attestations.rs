//! The attestations file: what people say of requirements that no machine can tell, and the files that show it.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use plimsoll_assess::{Attestation, AttestationState, Covers};
use plimsoll_catalog::Catalog;
use plimsoll_document::{Format, Limits, Node, Source, parse};
use sha2::{Digest, Sha256};

use crate::exit::Failure;

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
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| Failure::Unreadable {
        path: name.clone(),
        reason: error.to_string(),
    })?;
    let source = Arc::new(Source::new(name.clone(), text));
    let parsed = parse(&source, Format::Yaml, &Limits::default());
    if let Some(problem) = parsed.problems.first() {
        let text = format!("{name}:{}: {}", problem.position, problem.kind);
        return Err(Failure::Usage(text));
    }
    let root = parsed.documents.first().and_then(|document| document.root);
    let list = root
        .and_then(|root| parsed.tree.node(root).get_name("attestations"))
        .filter(|list| list.is_list())
        .ok_or_else(|| Failure::Usage(format!("{name}: a list 'attestations' is expected")))?;
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
    for (key, value) in node.entries() {
        if !KEYS.contains(&key) {
            let known = KEYS.join(", ");
            return Err(wrong(
                value,
                &format!("unknown key '{key}'; known are {known}"),
            ));
        }
    }
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

fn wrong(node: Node<'_>, message: &str) -> Failure {
    let source = node.tree().source().name();
    Failure::Usage(format!("{source}:{}: {message}", node.position()))
}

fn required<'n>(node: Node<'n>, key: &str) -> Result<&'n str, Failure> {
    match node.get_name(key).map(|value| (value, value.as_str())) {
        Some((_, Some(text))) if !text.trim().is_empty() => Ok(text),
        Some((value, _)) => Err(wrong(
            value,
            &format!("'{key}' is a text that says something"),
        )),
        None => Err(wrong(node, &format!("'{key}' is missing"))),
    }
}

fn date(node: Node<'_>, key: &str) -> Result<Date, Failure> {
    let text = required(node, key)?;
    text.parse()
        .map_err(|_| wrong(node, &format!("'{key}' is a day such as 2026-01-31")))
}
