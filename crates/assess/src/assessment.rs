//! The whole of it.

use bumpalo::Bump;
use plimsoll_catalog::{Control, Framework, Needs, RequirementKind, Severity};
use plimsoll_inventory::{Inventory, KubernetesVersion, ObjectId};

use crate::accept::Accepting;
use crate::finding::{Finding, FindingStatus, finding};
use crate::judge::{Subject, Verdict, judge};
use crate::plan::Plan;
use crate::score::{self, Known, Score, Weighable, Weighed};

/// What an assessment depends on beside objects and controls.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The Kubernetes version whose rules count.
    pub kubernetes: KubernetesVersion,
}

/// What came out.
#[derive(Debug)]
pub struct Assessment<'c> {
    /// The version whose rules counted.
    pub kubernetes: KubernetesVersion,
    /// By control, in the order they were given.
    pub controls: Vec<ControlResult<'c>>,
    /// What is wrong, by object and then by control.
    pub findings: Vec<Finding>,
    /// What could not be said of single objects.
    pub not_assessed: Vec<NotAssessed>,
    /// By framework.
    pub frameworks: Vec<FrameworkResult<'c>>,
    /// Over all controls.
    pub score: Score,
    /// How many objects were judged.
    pub objects: usize,
}

/// What a control came to.
#[derive(Debug)]
pub struct ControlResult<'c> {
    /// The control.
    pub control: &'c Control,
    /// In a word.
    pub status: ControlStatus,
    /// Objects by state.
    pub tally: Tally,
    /// Why it was not assessed at all.
    pub reason: Option<String>,
    /// 0 to 100; `None` where nothing was judged.
    pub score: Option<f64>,
    /// Passed of all in percent, accepted ones as passed, 100 where nothing is in scope; `None` where not assessed.
    pub compliance: Option<f64>,
}

/// The state of a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ControlStatus {
    /// No object failed.
    Passed,
    /// An object failed.
    Failed,
    /// Nothing here is in its scope.
    NotApplicable,
    /// It could not be assessed, or not on every object.
    NotAssessed,
}

/// Objects by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Passed.
    pub passed: u32,
    /// Failed.
    pub failed: u32,
    /// Failed, and every finding accepted.
    pub accepted: u32,
    /// Not assessed.
    pub not_assessed: u32,
}

/// A control that could not be assessed on an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAssessed {
    /// The control's number.
    pub control: usize,
    /// The object.
    pub object: ObjectId,
    /// Why.
    pub reason: String,
}

/// What a framework came to.
#[derive(Debug)]
pub struct FrameworkResult<'c> {
    /// The framework.
    pub framework: &'c Framework,
    /// Its score.
    pub score: Score,
    /// Its requirements that exist at the version.
    pub requirements: Vec<RequirementResult<'c>>,
}

/// What a requirement came to.
#[derive(Debug)]
pub struct RequirementResult<'c> {
    /// Its id.
    pub id: &'c str,
    /// Who can tell.
    pub kind: RequirementKind,
    /// In a word.
    pub status: RequirementStatus,
    /// 0 to 1, where nothing that is not known counts as met.
    pub score: f64,
    /// Numbers of its controls.
    pub controls: Vec<usize>,
}

/// The state of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequirementStatus {
    /// Every control passed.
    Met,
    /// Some objects fail.
    Partial,
    /// Nothing passes.
    NotMet,
    /// No control was assessed.
    NotAssessed,
    /// No control applies to anything here.
    NotApplicable,
}

/// Judges every object of an inventory by the controls that are for it.
pub fn assess<'c>(
    inventory: &Inventory,
    controls: &[&'c Control],
    frameworks: &[&'c Framework],
    settings: Settings,
) -> Assessment<'c> {
    let kubernetes = settings.kubernetes.known();
    let mut plan = Plan::new(controls, kubernetes);
    let mut tallies = vec![Tally::default(); controls.len()];
    let mut findings = Vec::new();
    let mut not_assessed = Vec::new();
    let mut accepting = Accepting::default();
    let mut arena = Bump::new();
    let mut objects = 0;
    for (id, object) in inventory.judged() {
        objects += 1;
        let numbers = plan.controls_for(object.group(), object.kind());
        if numbers.is_empty() {
            continue;
        }
        let subject = Subject::new(object);
        for number in numbers {
            let control = controls[*number];
            let tally = &mut tallies[*number];
            let failures = match judge(control, &subject, kubernetes, &mut arena) {
                Verdict::NotApplicable => continue,
                Verdict::Passed => {
                    tally.passed += 1;
                    continue;
                }
                Verdict::Failed(failures) => failures,
                Verdict::NotAssessed(failures, reason) => {
                    not_assessed.push(NotAssessed {
                        control: *number,
                        object: id,
                        reason,
                    });
                    if failures.is_empty() {
                        tally.not_assessed += 1;
                        continue;
                    }
                    failures
                }
            };
            let mut all_accepted = true;
            for failure in failures {
                let mut found = finding(
                    *number, control, id, &subject, failure, kubernetes, &mut arena,
                );
                match accepting.reason(control, &subject, &found) {
                    Some(reason) => found.status = FindingStatus::Accepted(reason),
                    None => all_accepted = false,
                }
                findings.push(found);
            }
            if all_accepted {
                tally.accepted += 1;
            } else {
                tally.failed += 1;
            }
        }
    }
    let results: Vec<ControlResult<'c>> = controls
        .iter()
        .zip(&tallies)
        .map(|(control, tally)| control_result(control, *tally, kubernetes))
        .collect();
    let weighed: Vec<Weighed> = results
        .iter()
        .enumerate()
        .map(|(number, result)| Weighed {
            control: number,
            severity: result.control.severity,
            direct: true,
            known: known(result),
        })
        .collect();
    Assessment {
        kubernetes,
        frameworks: frameworks
            .iter()
            .map(|framework| framework_result(framework, &results, kubernetes))
            .collect(),
        score: score::score(&score::overall(&weighed), mean_compliance(results.iter())),
        controls: results,
        findings,
        not_assessed,
        objects,
    }
}

fn control_result(
    control: &Control,
    tally: Tally,
    kubernetes: KubernetesVersion,
) -> ControlResult<'_> {
    let reason = control
        .not_assessable
        .clone()
        .or_else(|| match control.needs {
            Needs::Manifest => None,
            needs => Some(format!("needs {} data", needs.name())),
        });
    let judged = tally.passed + tally.failed + tally.accepted;
    let status = if reason.is_some() || judged == 0 && tally.not_assessed > 0 {
        ControlStatus::NotAssessed
    } else if tally.failed > 0 {
        ControlStatus::Failed
    } else if tally.not_assessed > 0 {
        ControlStatus::NotAssessed
    } else if judged == 0 || !control.kubernetes.contains(kubernetes) {
        ControlStatus::NotApplicable
    } else {
        ControlStatus::Passed
    };
    let failed = f64::from(tally.failed + tally.accepted);
    let all = f64::from(judged + tally.not_assessed);
    let compliance = if all == 0.0 {
        100.0
    } else {
        100.0 * f64::from(tally.passed + tally.accepted) / all
    };
    ControlResult {
        control,
        score: (judged > 0).then(|| {
            100.0 * score::control_score(f64::from(tally.passed), failed, control.severity)
        }),
        compliance: reason.is_none().then_some(compliance),
        status,
        tally,
        reason,
    }
}

fn known(result: &ControlResult<'_>) -> Known {
    let failed = result.tally.failed + result.tally.accepted;
    if result.status == ControlStatus::NotApplicable {
        Known::NotApplicable
    } else if result.tally.passed + failed == 0 {
        Known::NotAssessed
    } else if result.status == ControlStatus::NotAssessed && failed == 0 {
        // Passed where it could be judged, but not judged everywhere: not a pass.
        Known::NotAssessed
    } else {
        Known::Counts {
            passed: f64::from(result.tally.passed),
            failed: f64::from(failed),
        }
    }
}

fn mean_compliance<'r>(results: impl Iterator<Item = &'r ControlResult<'r>>) -> f64 {
    let shares: Vec<f64> = results.filter_map(|result| result.compliance).collect();
    if shares.is_empty() {
        return 0.0;
    }
    shares.iter().sum::<f64>() / shares.len() as f64
}

fn framework_result<'c>(
    framework: &'c Framework,
    results: &[ControlResult<'c>],
    kubernetes: KubernetesVersion,
) -> FrameworkResult<'c> {
    let mut weighables = Vec::new();
    let mut requirements = Vec::new();
    let mut used: Vec<usize> = Vec::new();
    for requirement in framework.requirements_at(kubernetes) {
        let mut controls = Vec::new();
        for (number, result) in results.iter().enumerate() {
            let Some(evidence) = result.control.evidence_for(&framework.id) else {
                continue;
            };
            let direct = evidence.direct.contains(&requirement.id);
            if direct || evidence.supports.contains(&requirement.id) {
                controls.push(Weighed {
                    control: number,
                    severity: result.control.severity,
                    direct,
                    known: known(result),
                });
                if !used.contains(&number) {
                    used.push(number);
                }
            }
        }
        let weighable = Weighable {
            kind: requirement.kind,
            weight: 1.0,
            controls,
            attested: None,
        };
        requirements.push(RequirementResult {
            id: &requirement.id,
            kind: requirement.kind,
            status: requirement_status(&weighable),
            score: score::requirement_score(&weighable, 0.0),
            controls: weighable
                .controls
                .iter()
                .map(|weighed| weighed.control)
                .collect(),
        });
        weighables.push(weighable);
    }
    let compliance = mean_compliance(used.iter().map(|number| &results[*number]));
    FrameworkResult {
        framework,
        score: score::score(&weighables, compliance),
        requirements,
    }
}

fn requirement_status(requirement: &Weighable) -> RequirementStatus {
    let live: Vec<Known> = requirement
        .controls
        .iter()
        .map(|weighed| weighed.known)
        .filter(|known| *known != Known::NotApplicable)
        .collect();
    if live.is_empty() {
        return if requirement.controls.is_empty() {
            RequirementStatus::NotAssessed
        } else {
            RequirementStatus::NotApplicable
        };
    }
    let mut passed = false;
    let mut failed = false;
    let mut unknown = false;
    for known in live {
        match known {
            Known::Counts {
                passed: some,
                failed: others,
            } => {
                passed |= some > 0.0;
                failed |= others > 0.0;
            }
            Known::NotAssessed | Known::NotApplicable => unknown = true,
        }
    }
    match (passed, failed, unknown) {
        (_, true, _) if passed => RequirementStatus::Partial,
        (_, true, _) => RequirementStatus::NotMet,
        (true, false, false) => RequirementStatus::Met,
        (true, false, true) => RequirementStatus::Partial,
        (false, false, _) => RequirementStatus::NotAssessed,
    }
}

impl Assessment<'_> {
    /// How many controls have this state.
    pub fn count(&self, status: ControlStatus) -> usize {
        self.controls
            .iter()
            .filter(|result| result.status == status)
            .count()
    }

    /// How many findings stand, of this severity.
    pub fn failed_findings(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.status == FindingStatus::Failed)
            .filter(|finding| self.controls[finding.control].control.severity == severity)
            .count()
    }

    /// How many findings were accepted.
    pub fn accepted_findings(&self) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.status != FindingStatus::Failed)
            .count()
    }
}
