//! What there is beyond the figures: requirements, findings, attestations, controls, sources.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use plimsoll_assess::{
    ControlStatus, Finding, FrameworkResult, RequirementResult, RequirementStatus,
};

use super::layout::{BODY, Cell, Column, Ink, Layout, Style};
use crate::result::{ScanResult, SourceKind};
use crate::words;

const SOFT: Style = Style {
    ink: Ink::Soft,
    ..BODY
};

pub(super) fn frameworks(result: &ScanResult<'_>, layout: &mut Layout) {
    if result.assessment.frameworks.is_empty() {
        layout.paragraph("No framework was asked for.");
    }
    for found in &result.assessment.frameworks {
        framework(result, found, layout);
    }
}

fn framework(result: &ScanResult<'_>, found: &FrameworkResult<'_>, layout: &mut Layout) {
    let of = found.framework;
    layout.heading(2, &format!("{} ({})", of.title, of.id));
    layout.styled(&format!("{}, {}", of.version, of.source), SOFT);
    layout.paragraph(&words::figure(found));
    layout.paragraph(&format!(
        "Requirements: {}.",
        words::requirement_counts(found)
    ));
    let known = words::REQUIREMENT_STATES
        .into_iter()
        .filter(|state| {
            !matches!(
                state,
                RequirementStatus::NotAssessed | RequirementStatus::NotApplicable
            )
        })
        .flat_map(|state| {
            found
                .requirements
                .iter()
                .filter(move |requirement| requirement.status == state)
        });
    layout.table(
        &[
            ("Requirement", 0.2),
            ("Asks for", 0.34),
            ("State", 0.13),
            ("What makes it", 0.33),
        ],
        known.map(|requirement| row(result, requirement)),
    );
    let mut reasons: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for requirement in &found.requirements {
        if matches!(
            requirement.status,
            RequirementStatus::NotAssessed | RequirementStatus::NotApplicable
        ) {
            let reason = requirement.reason.as_deref().unwrap_or_default();
            reasons
                .entry((words::requirement_state(requirement.status), reason))
                .or_default()
                .push(&requirement.requirement.id);
        }
    }
    for ((state, reason), ids) in reasons {
        let reason = if reason.is_empty() {
            String::new()
        } else {
            format!(", {reason}")
        };
        let mut state = state.to_owned();
        state[..1].make_ascii_uppercase();
        layout.paragraph(&format!("{state}{reason}: {}.", ids.join(", ")));
    }
}

fn row(result: &ScanResult<'_>, found: &RequirementResult<'_>) -> Vec<Cell> {
    let ids = |numbers: &[usize]| -> String {
        let ids: Vec<&str> = numbers
            .iter()
            .map(|number| result.assessment.controls[*number].control.id.as_str())
            .collect();
        ids.join(", ")
    };
    let mut parts = Vec::new();
    if !found.failing.is_empty() {
        parts.push(format!(
            "failing {} of {}",
            ids(&found.failing),
            found.controls.len()
        ));
    } else if !found.controls.is_empty() {
        parts.push(ids(&found.controls));
    }
    if let Some(attestation) = &found.attestation {
        parts.push(words::attested(attestation));
    }
    if let Some(reason) = &found.reason {
        parts.push(reason.clone());
    }
    let ink = match found.status {
        RequirementStatus::NotMet => Ink::Red,
        RequirementStatus::Met | RequirementStatus::Inherited => Ink::Green,
        _ => Ink::Black,
    };
    let of = found.requirement;
    vec![
        Cell::new(&of.id).bold(),
        Cell::new(&format!("{} ({})", of.title, of.kind.name())),
        Cell::new(words::requirement_state(found.status)).ink(ink),
        Cell::new(&parts.join("; ")),
    ]
}

/// Findings by control, worst control first.
fn by_control<'r>(result: &'r ScanResult<'_>, accepted: bool) -> Vec<(usize, Vec<&'r Finding>)> {
    let mut groups: BTreeMap<usize, Vec<&Finding>> = BTreeMap::new();
    for finding in result.assessment.findings() {
        if words::accepted(finding).is_some() == accepted {
            groups.entry(finding.control).or_default().push(finding);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(number, _)| Reverse(result.assessment.controls[*number].control.severity));
    groups
}

const FINDING: [Column; 3] = [("Object", 0.27), ("Place", 0.36), ("What was found", 0.37)];

pub(super) fn findings(result: &ScanResult<'_>, layout: &mut Layout) {
    let groups = by_control(result, false);
    if groups.is_empty() {
        layout.paragraph("None.");
    }
    for (number, findings) in groups {
        let control = result.assessment.controls[number].control;
        layout.heading(
            2,
            &format!("{} {} ({})", control.id, control.title, control.severity),
        );
        for paragraph in words::paragraphs(control.page.introduction()) {
            layout.paragraph(&paragraph.replace('`', ""));
        }
        layout.styled(&format!("Evidence for {}.", words::evidence(control)), SOFT);
        layout.table(
            &FINDING,
            findings
                .iter()
                .map(|finding| cells(result, finding, &finding.message)),
        );
    }
}

pub(super) fn accepted(result: &ScanResult<'_>, layout: &mut Layout) {
    let groups = by_control(result, true);
    if groups.is_empty() {
        layout.paragraph("None.");
        return;
    }
    layout.paragraph("These fail and count as failures in every score. Somebody accepted them, for the reason that is stated.");
    for (number, findings) in groups {
        let control = result.assessment.controls[number].control;
        layout.heading(
            2,
            &format!("{} {} ({})", control.id, control.title, control.severity),
        );
        layout.table(
            &[
                ("Object", 0.27),
                ("Place", 0.36),
                ("Why it was accepted", 0.37),
            ],
            findings.iter().map(|finding| {
                let reason = words::accepted(finding).unwrap_or_default();
                cells(
                    result,
                    finding,
                    &format!("{} ({})", reason, finding.message),
                )
            }),
        );
    }
}

fn cells(result: &ScanResult<'_>, finding: &Finding, says: &str) -> Vec<Cell> {
    let object = result.inventory.object(finding.object);
    let place = match words::place(object, finding.position) {
        Some(place) => format!("{place} {}", finding.path),
        None => finding.path.to_string(),
    };
    vec![
        Cell::new(&words::object_name(object)),
        Cell::new(&place),
        Cell::new(says),
    ]
}

pub(super) fn attestations(result: &ScanResult<'_>, layout: &mut Layout) {
    let attested: Vec<_> = result
        .assessment
        .frameworks
        .iter()
        .flat_map(|framework| {
            framework.requirements.iter().filter_map(move |found| {
                let attestation = found.attestation.as_ref()?;
                Some((framework.framework, found.requirement, attestation))
            })
        })
        .collect();
    if attested.is_empty() {
        layout.paragraph(
            "Nothing was attested. What only people can tell is therefore not assessed.",
        );
    }
    layout.table(
        &[
            ("Requirement", 0.24),
            ("Owner and reviewer", 0.24),
            ("Evidence", 0.26),
            ("State", 0.26),
        ],
        attested.into_iter().map(|(framework, requirement, of)| {
            vec![
                Cell::new(&format!("{} {}", framework.id, requirement.id)).bold(),
                Cell::new(&format!("{}; reviewed by {}", of.owner, of.reviewer)),
                Cell::new(&format!("{}: {}", of.method, of.evidence)),
                Cell::new(&words::attested(of)),
            ]
        }),
    );
}

pub(super) fn controls(result: &ScanResult<'_>, layout: &mut Layout) {
    let controls = &result.assessment.controls;
    for state in words::CONTROL_STATES {
        let with = controls.iter().filter(|found| found.status == state);
        let mut name = words::control_state(state).to_owned();
        name[..1].make_ascii_uppercase();
        if with.clone().next().is_none() {
            continue;
        }
        layout.heading(2, &name);
        layout.table(
            &[
                ("Control", 0.12),
                ("Severity", 0.11),
                ("What is wrong where it fails", 0.47),
                ("Objects", 0.3),
            ],
            with.map(|found| {
                let counts = match (&found.reason, state) {
                    (Some(reason), _) => reason.clone(),
                    (None, ControlStatus::NotApplicable) => "none".to_owned(),
                    (None, _) => words::tally(found.tally),
                };
                vec![
                    Cell::new(&found.control.id).bold(),
                    Cell::new(found.control.severity.name()),
                    Cell::new(&found.control.title),
                    Cell::new(&counts),
                ]
            }),
        );
    }
}

pub(super) fn sources(result: &ScanResult<'_>, layout: &mut Layout) {
    if result.sources.is_empty() {
        layout.paragraph("None could be read.");
    }
    layout.table(
        &[
            ("Source", 0.64),
            ("Documents", 0.12),
            ("Objects", 0.12),
            ("Skipped", 0.12),
        ],
        result.sources.iter().map(|source| {
            let location = match source.kind {
                SourceKind::Stdin => "standard input".to_owned(),
                SourceKind::Cluster => format!("cluster {}", source.location),
                _ => source.location.clone(),
            };
            vec![
                Cell::new(&location),
                Cell::new(&source.documents.to_string()),
                Cell::new(&source.objects.to_string()),
                Cell::new(&source.skipped.to_string()),
            ]
        }),
    );
}
