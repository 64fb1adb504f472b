//! The whole of it.

use std::borrow::Cow;
use std::sync::OnceLock;

use jiff::Timestamp;
use plimsoll_catalog::{Control, Framework, Needs, Severity};
use plimsoll_cel::arena::Limits;
use plimsoll_document::Threads;
use plimsoll_inventory::{
    CLUSTER_GROUP, CLUSTER_KIND, Inventory, KubernetesVersion, ObjectId, Provider,
};

use crate::accept::Tool;
use crate::attestation::Attestation;
use crate::exception::{Exception, ExceptionResult};
use crate::finding::{Finding, Flaw, describe_all};
use crate::framework_result::{FrameworkContext, FrameworkResult, framework_result};
use crate::gap::Gap;
use crate::judged::judge_all;
use crate::node_facts::reason_without_facts;
use crate::score::{self, Known, Score, Weighed};

/// What an assessment depends on beside objects and controls.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'s> {
    /// The Kubernetes version whose rules count.
    pub kubernetes: KubernetesVersion,
    /// How many threads judge, and describe findings; it changes nothing of what comes out.
    pub threads: Threads,
    /// What an expression may take, and a control on one object.
    pub limits: Limits,
    /// Controls that there are beside those that are assessed: a framework counts them as not assessed.
    pub others: &'s [&'s Control],
    /// What people attest.
    pub attestations: &'s [Attestation],
    /// The namespaces that hold regulated data; `None` where nobody said, and then all of them may.
    pub regulated: Option<&'s [String]>,
    /// What people accept.
    pub exceptions: &'s [Exception],
    /// Other tools whose annotations and comments accept findings, too.
    pub compat: &'s [Tool],
    /// The moment at which exceptions count or do not.
    pub now: Timestamp,
}

impl Settings<'_> {
    /// At a version, on all processors, without attestations, scope and exceptions, at the beginning of time.
    pub fn at(kubernetes: KubernetesVersion) -> Settings<'static> {
        Settings {
            kubernetes,
            threads: Threads::available(),
            limits: Limits::default(),
            others: &[],
            attestations: &[],
            regulated: None,
            exceptions: &[],
            compat: &[],
            now: Timestamp::UNIX_EPOCH,
        }
    }
}

/// What came out.
#[derive(Debug)]
pub struct Assessment<'c> {
    /// The version whose rules counted.
    pub kubernetes: KubernetesVersion,
    /// By control, in the order they were given.
    pub controls: Vec<ControlResult<'c>>,
    /// What is wrong, by object and then by control, as it is counted; [`Assessment::findings`] describes it.
    pub flaws: Vec<Flaw>,
    /// What could not be said of single objects.
    pub not_assessed: Vec<NotAssessed<'c>>,
    /// What people accept, and what that is for: exceptions of the file first, in their order.
    pub exceptions: Vec<ExceptionResult>,
    /// By framework.
    pub frameworks: Vec<FrameworkResult<'c>>,
    /// Over all controls.
    pub score: Score,
    /// How many objects were judged.
    pub objects: usize,
    /// Who runs the control plane, where it is not the user.
    pub provider: Option<Provider>,
    /// All controls as the evidence they are.
    pub(crate) weighed: Vec<Weighed>,
    inventory: Inventory,
    threads: Threads,
    limits: Limits,
    findings: OnceLock<Vec<Finding>>,
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
pub struct NotAssessed<'c> {
    /// The control's number.
    pub control: usize,
    /// The object.
    pub object: ObjectId,
    /// Why.
    pub reason: Cow<'c, str>,
    /// Whether something went wrong, and not just data are missing.
    pub is_error: bool,
}

/// Judges every object of an inventory by the controls that are for it.
pub fn assess<'c>(
    inventory: &Inventory,
    controls: &[&'c Control],
    frameworks: &[&'c Framework],
    settings: Settings<'_>,
) -> Assessment<'c> {
    let kubernetes = settings.kubernetes.known();
    let gaps: Vec<Option<Gap>> = controls
        .iter()
        .map(|control| Gap::of(control, inventory))
        .collect();
    let judged = judge_all(inventory, controls, settings, &gaps);
    let is_assessed = |id: &str| controls.iter().any(|control| control.id == id);
    let mut exceptions = judged
        .ledger
        .results(settings.exceptions, settings.now, is_assessed);
    for acceptance in judged
        .flaws
        .iter()
        .filter_map(|flaw| flaw.accepted.as_ref())
    {
        exceptions[acceptance.exception].accepted += 1;
    }
    let results_of = |tallies: &[Tally]| -> Vec<ControlResult<'c>> {
        controls
            .iter()
            .zip(tallies)
            .zip(&gaps)
            .map(|((control, tally), gap)| {
                control_result(control, *tally, gap.as_ref(), kubernetes, inventory)
            })
            .collect()
    };
    let results = results_of(&judged.tallies);
    let regulated = results_of(match settings.regulated {
        Some(_) => &judged.regulated,
        None => &judged.tallies,
    });
    let context = FrameworkContext {
        kubernetes,
        provider: inventory.provider(),
        others: settings.others,
        attestations: settings.attestations,
        scope_is_declared: settings.regulated.is_some(),
    };
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
            .map(|framework| {
                let results = if framework.scoped {
                    &regulated
                } else {
                    &results
                };
                framework_result(framework, results, &context)
            })
            .collect(),
        score: score::score(&score::overall(&weighed), mean_compliance(results.iter())),
        provider: context.provider,
        weighed,
        controls: results,
        flaws: judged.flaws,
        inventory: inventory.clone(),
        threads: settings.threads,
        limits: settings.limits,
        findings: OnceLock::new(),
        not_assessed: judged.not_assessed,
        exceptions,
        objects: judged.objects,
    }
}

fn control_result<'c>(
    control: &'c Control,
    tally: Tally,
    gap: Option<&Gap>,
    kubernetes: KubernetesVersion,
    inventory: &Inventory,
) -> ControlResult<'c> {
    let reason = control
        .not_assessable
        .clone()
        .or_else(|| match control.needs {
            Needs::Manifest | Needs::Cluster => None,
            Needs::Node => reason_without_facts(control, inventory),
            needs => Some(format!("needs {} data", needs.name())),
        });
    let reason = reason.or_else(|| {
        let is_for_a_cluster = control.applies_to(CLUSTER_GROUP, CLUSTER_KIND);
        (is_for_a_cluster && !inventory.is_whole_cluster())
            .then(|| "needs the state of a whole cluster".to_owned())
    });
    let judged = tally.passed + tally.failed + tally.accepted;
    // A failure stands, whatever else there may be.
    let is_partly_failed = reason.is_none() && tally.failed > 0;
    let reason = reason.or_else(|| {
        let is_for_here = control.kubernetes.contains(kubernetes);
        gap.filter(|_| is_for_here).map(|gap| gap.reason.clone())
    });
    let status = if is_partly_failed {
        ControlStatus::Failed
    } else if reason.is_some() || judged == 0 && tally.not_assessed > 0 {
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

pub(crate) fn known(result: &ControlResult<'_>) -> Known {
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

pub(crate) fn mean_compliance<'r>(results: impl Iterator<Item = &'r ControlResult<'r>>) -> f64 {
    let shares: Vec<f64> = results.filter_map(|result| result.compliance).collect();
    if shares.is_empty() {
        return 0.0;
    }
    shares.iter().sum::<f64>() / shares.len() as f64
}

impl Assessment<'_> {
    /// How many controls have this state.
    pub fn count(&self, status: ControlStatus) -> usize {
        self.controls
            .iter()
            .filter(|result| result.status == status)
            .count()
    }

    /// What is wrong, by object and then by control: the flaws, described when they are first asked for.
    pub fn findings(&self) -> &[Finding] {
        self.findings.get_or_init(|| {
            let controls: Vec<&Control> =
                self.controls.iter().map(|result| result.control).collect();
            describe_all(
                &self.inventory,
                &controls,
                &self.flaws,
                self.kubernetes,
                self.threads,
                self.limits,
            )
        })
    }

    /// How many threads may describe findings, and write them.
    pub fn threads(&self) -> Threads {
        self.threads
    }

    /// How many findings stand, of this severity.
    pub fn failed_findings(&self, severity: Severity) -> usize {
        self.flaws
            .iter()
            .filter(|flaw| flaw.accepted.is_none())
            .filter(|flaw| self.controls[flaw.control()].control.severity == severity)
            .count()
    }

    /// How many findings were accepted.
    pub fn accepted_findings(&self) -> usize {
        self.flaws
            .iter()
            .filter(|flaw| flaw.accepted.is_some())
            .count()
    }
}
