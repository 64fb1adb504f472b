//! What a framework came to.

use foldhash::HashMap;
use plimsoll_catalog::{Control, Duty, Framework, Report, Requirement, RequirementKind};
use plimsoll_inventory::{KubernetesVersion, Provider};

use crate::assessment::{ControlResult, known, mean_compliance};
use crate::attestation::{Attestation, AttestationState, Covers, best};
use crate::score::{self, Known, Score, Weighable, Weighed};

/// What a framework came to.
#[derive(Debug)]
pub struct FrameworkResult<'c> {
    /// The framework.
    pub framework: &'c Framework,
    /// Its score. It means nothing for a catalogue of threats, which is looked at and not met.
    pub score: Score,
    /// Its requirements that exist at the version.
    pub requirements: Vec<RequirementResult<'c>>,
    /// Whether it is about regulated data only, and nobody said where those are.
    pub scope_missing: bool,
    /// The requirements as the score weighs them.
    pub(crate) weighables: Vec<Weighable>,
}

/// What a requirement came to.
#[derive(Debug)]
pub struct RequirementResult<'c> {
    /// The requirement.
    pub requirement: &'c Requirement,
    /// In a word.
    pub status: RequirementStatus,
    /// 0 to 1, where nothing that is not known counts as met.
    pub score: f64,
    /// Numbers of its controls.
    pub controls: Vec<usize>,
    /// Of these, those that found something.
    pub failing: Vec<usize>,
    /// The attestation that counts.
    pub attestation: Option<Attestation>,
    /// Why it is not assessed, or by whom it is inherited.
    pub reason: Option<String>,
}

/// The state of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequirementStatus {
    /// Every control passed, and what people must say is said.
    Met,
    /// Some of it is.
    Partial,
    /// Nothing of it is.
    NotMet,
    /// Nothing is known of it.
    NotAssessed,
    /// No control applies to anything here.
    NotApplicable,
    /// Somebody else's duty, who has shown that it is met.
    Inherited,
}

/// How many requirements of a catalogue of threats there are, how many are looked at, and how many find a way open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposure {
    /// All.
    pub of: usize,
    /// With a control that was assessed.
    pub assessed: usize,
    /// With a control that failed.
    pub exposed: usize,
}

/// What all frameworks of an assessment share.
pub(crate) struct FrameworkContext<'s> {
    pub(crate) kubernetes: KubernetesVersion,
    pub(crate) provider: Option<Provider>,
    pub(crate) others: &'s [&'s Control],
    pub(crate) attestations: &'s [Attestation],
    pub(crate) scope_is_declared: bool,
}

pub(crate) fn framework_result<'c>(
    framework: &'c Framework,
    results: &[ControlResult<'c>],
    context: &FrameworkContext<'_>,
) -> FrameworkResult<'c> {
    let mut weighables = Vec::new();
    let mut requirements = Vec::new();
    let mut used: Vec<usize> = Vec::new();
    let mut is_used = vec![false; results.len()];
    let evidence = evidence(framework, results, context);
    for requirement in framework.requirements_at(context.kubernetes) {
        let weighed = evidence
            .get(requirement.id.as_str())
            .cloned()
            .unwrap_or_default();
        let (weighable, result) = judge(framework, requirement, weighed, results, context);
        for number in &result.controls {
            if !std::mem::replace(&mut is_used[*number], true) {
                used.push(*number);
            }
        }
        requirements.push(result);
        weighables.push(weighable);
    }
    let compliance = mean_compliance(used.iter().map(|number| &results[*number]));
    FrameworkResult {
        framework,
        score: score::score(&weighables, compliance),
        requirements,
        scope_missing: framework.scoped && !context.scope_is_declared,
        weighables,
    }
}

/// By requirement: the controls that give evidence for it, in their order.
fn evidence<'e>(
    framework: &Framework,
    results: &'e [ControlResult<'_>],
    context: &'e FrameworkContext<'_>,
) -> HashMap<&'e str, Vec<Weighed>> {
    let assessed = results.iter().map(|result| (result.control, known(result)));
    let others = context
        .others
        .iter()
        .map(|control| (*control, Known::NotAssessed));
    let mut by_requirement: HashMap<&str, Vec<Weighed>> = HashMap::default();
    for (number, (control, known)) in assessed.chain(others).enumerate() {
        let Some(evidence) = control.evidence_for(&framework.id) else {
            continue;
        };
        let supports = evidence
            .supports
            .iter()
            .filter(|id| !evidence.direct.contains(id));
        let direct = evidence.direct.iter().map(|id| (id, true));
        for (id, direct) in direct.chain(supports.map(|id| (id, false))) {
            let weighed = by_requirement.entry(id).or_default();
            // A page may name a requirement twice.
            if weighed.last().is_none_or(|last| last.control != number) {
                weighed.push(Weighed {
                    control: number,
                    severity: control.severity,
                    direct,
                    known,
                });
            }
        }
    }
    by_requirement
}

fn judge<'c>(
    framework: &'c Framework,
    requirement: &'c Requirement,
    weighed: Vec<Weighed>,
    results: &[ControlResult<'c>],
    context: &FrameworkContext<'_>,
) -> (Weighable, RequirementResult<'c>) {
    let of_framework = || {
        context
            .attestations
            .iter()
            .filter(|attestation| attestation.framework == framework.id)
    };
    let own = best(of_framework().filter(|attestation| {
        matches!(&attestation.covers, Covers::Requirement(id) if *id == requirement.id)
    }));
    let controls: Vec<usize> = weighed
        .iter()
        .map(|weighed| weighed.control)
        .filter(|number| *number < results.len())
        .collect();
    let failing: Vec<usize> = weighed
        .iter()
        .filter(|weighed| matches!(weighed.known, Known::Counts { failed, .. } if failed > 0.0))
        .map(|weighed| weighed.control)
        .collect();
    // What runs the control plane cannot be looked at from inside of the cluster: its provider answers for it.
    let provider = context
        .provider
        .filter(|_| requirement.duty == Some(Duty::ControlPlane));
    if let Some(provider) = provider {
        let report =
            best(of_framework().filter(|attestation| attestation.covers == Covers::ControlPlane))
                .or(own);
        let weighable = Weighable {
            kind: RequirementKind::Organisational,
            weight: 1.0,
            controls: Vec::new(),
            attested: report.map(Attestation::worth),
        };
        let (status, reason) = match report.map(|report| &report.state) {
            Some(AttestationState::Valid) => (
                RequirementStatus::Inherited,
                format!("a duty of {}, by its report", provider.name()),
            ),
            Some(_) => (
                RequirementStatus::NotMet,
                format!("a duty of {}, whose report does not count", provider.name()),
            ),
            None => (
                RequirementStatus::NotAssessed,
                format!(
                    "a duty of {}; its report is needed as an attestation",
                    provider.name()
                ),
            ),
        };
        let result = RequirementResult {
            requirement,
            status,
            score: score::requirement_score(&weighable, 0.0),
            controls: Vec::new(),
            failing: Vec::new(),
            attestation: report.cloned(),
            reason: Some(reason),
        };
        return (weighable, result);
    }
    // What no control looks at is left to people, whoever could tell.
    let kind = if weighed.is_empty() {
        RequirementKind::Organisational
    } else {
        requirement.kind
    };
    let weighable = Weighable {
        kind,
        weight: 1.0,
        controls: weighed,
        attested: match kind {
            RequirementKind::Technical => None,
            _ => own.map(Attestation::worth),
        },
    };
    let mut status = status(&weighable);
    let is_tested = weighable.controls.iter().any(|weighed| weighed.direct);
    let is_attested = own.is_some_and(|own| own.state == AttestationState::Valid);
    if status == RequirementStatus::Met && !is_tested && !is_attested {
        // Nothing speaks against it, but nothing that was looked at is the requirement itself.
        status = RequirementStatus::Partial;
    }
    let reason = match (status, kind) {
        (RequirementStatus::NotAssessed, RequirementKind::Technical) => {
            Some("none of its controls was assessed")
        }
        (RequirementStatus::NotAssessed, _) if requirement.kind == RequirementKind::Technical => {
            Some("no control tests it; an attestation can say it")
        }
        (RequirementStatus::NotAssessed, _) => Some("an attestation is needed"),
        (RequirementStatus::Partial, RequirementKind::Technical) if failing.is_empty() => {
            Some("its controls support it, and none tests it by itself")
        }
        (RequirementStatus::Partial, RequirementKind::Mixed) if own.is_none() => {
            Some("an attestation is needed beside the controls")
        }
        _ => None,
    };
    let result = RequirementResult {
        requirement,
        status,
        score: score::requirement_score(&weighable, 0.0),
        controls,
        failing,
        attestation: own.cloned(),
        reason: reason.map(str::to_owned),
    };
    (weighable, result)
}

fn status(requirement: &Weighable) -> RequirementStatus {
    let mut passed = false;
    let mut failed = false;
    let mut unknown = false;
    let mut applies = false;
    for weighed in &requirement.controls {
        match weighed.known {
            Known::NotApplicable => continue,
            Known::NotAssessed => unknown = true,
            Known::Counts {
                passed: some,
                failed: others,
            } => {
                passed |= some > 0.0;
                failed |= others > 0.0;
            }
        }
        applies = true;
    }
    if requirement.kind != RequirementKind::Technical {
        match requirement.attested {
            Some(worth) if worth > 0.0 => passed = true,
            Some(_) => failed = true,
            None => unknown = true,
        }
    } else if !applies {
        return RequirementStatus::NotApplicable;
    }
    match (passed, failed, unknown) {
        (true, true, _) | (true, false, true) => RequirementStatus::Partial,
        (false, true, _) => RequirementStatus::NotMet,
        (true, false, false) => RequirementStatus::Met,
        (false, false, _) => RequirementStatus::NotAssessed,
    }
}

impl FrameworkResult<'_> {
    /// Whether its figure is a score, and not coverage alone.
    pub fn has_score(&self) -> bool {
        self.framework.report != Report::Coverage
    }

    /// What is looked at, and what is open.
    pub fn exposure(&self) -> Exposure {
        let assessed = |requirement: &&RequirementResult<'_>| {
            !matches!(
                requirement.status,
                RequirementStatus::NotAssessed | RequirementStatus::NotApplicable
            )
        };
        let exposed = |requirement: &&RequirementResult<'_>| !requirement.failing.is_empty();
        Exposure {
            of: self.requirements.len(),
            assessed: self.requirements.iter().filter(assessed).count(),
            exposed: self.requirements.iter().filter(exposed).count(),
        }
    }
}
