//! Scores.
//!
//! A control's score falls with the share of objects that fail, and at once by a penalty for any failure, by severity.
//! A requirement's score is the weighted mean of its controls, held down by a direct control of high severity that
//! fails. A framework's score is the mean over its requirements, held down by the count of severe failures. What was
//! not assessed counts as 0 for the floor and as 1 for the ceiling: the truth lies between.

use std::collections::BTreeMap;

use plimsoll_catalog::{RequirementKind, Severity};

/// What is known of a control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known {
    /// Objects that passed and that failed.
    Counts {
        /// Passed.
        passed: f64,
        /// Failed, the accepted ones included.
        failed: f64,
    },
    /// It applies to nothing here.
    NotApplicable,
    /// It was not assessed.
    NotAssessed,
}

/// A control as the evidence for a requirement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighed {
    /// The control's number, for counting it once.
    pub control: usize,
    /// Its severity.
    pub severity: Severity,
    /// Whether it tests the requirement itself.
    pub direct: bool,
    /// What is known of it.
    pub known: Known,
}

/// A requirement with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighable {
    /// Who can tell whether it is met.
    pub kind: RequirementKind,
    /// How much it counts.
    pub weight: f64,
    /// Its controls.
    pub controls: Vec<Weighed>,
    /// What people attested, 0 to 1; `None` where nobody did.
    pub attested: Option<f64>,
}

/// Floor, ceiling and coverage, each 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Score {
    /// The score if everything that was not assessed failed.
    pub floor: f64,
    /// The score if everything that was not assessed passed.
    pub ceiling: f64,
    /// How much was assessed.
    pub coverage: f64,
    /// The mean of the shares of passed objects, which users of other scanners know.
    pub compliance: f64,
}

fn weight(severity: Severity) -> f64 {
    match severity {
        Severity::Low => 1.0,
        Severity::Medium => 2.0,
        Severity::High => 4.0,
        Severity::Critical => 8.0,
    }
}

/// What any failure costs at once.
fn penalty(severity: Severity) -> f64 {
    match severity {
        Severity::Low => 0.0,
        Severity::Medium => 0.25,
        Severity::High => 0.5,
        Severity::Critical => 0.75,
    }
}

/// What a requirement cannot exceed while a direct control of this severity fails.
fn requirement_cap(severity: Severity) -> f64 {
    match severity {
        Severity::Critical => 0.25,
        Severity::High => 0.60,
        Severity::Medium | Severity::Low => 1.0,
    }
}

fn directness(direct: bool) -> f64 {
    if direct { 1.0 } else { 0.5 }
}

/// A control's score, 0 to 1; 1 where nothing failed.
pub fn control_score(passed: f64, failed: f64, severity: Severity) -> f64 {
    if failed == 0.0 {
        return 1.0;
    }
    (1.0 - penalty(severity)) * passed / (passed + failed)
}

/// A requirement's score, 0 to 1, where whatever is not known counts as `unknown`.
pub fn requirement_score(requirement: &Weighable, unknown: f64) -> f64 {
    let scores: Vec<(&Weighed, f64)> = live(requirement)
        .map(|weighed| (weighed, known_score(weighed, unknown)))
        .collect();
    let attested = requirement.attested.unwrap_or(unknown);
    if scores.is_empty() {
        return if requirement.kind == RequirementKind::Technical {
            unknown
        } else {
            attested
        };
    }
    let total: f64 = scores
        .iter()
        .map(|(weighed, _)| weight(weighed.severity) * directness(weighed.direct))
        .sum();
    let mut technical = scores
        .iter()
        .map(|(weighed, score)| weight(weighed.severity) * directness(weighed.direct) * score)
        .sum::<f64>()
        / total;
    for (weighed, score) in &scores {
        if weighed.direct && *score < 1.0 {
            technical = technical.min(requirement_cap(weighed.severity));
        }
    }
    match requirement.kind {
        RequirementKind::Technical => technical,
        RequirementKind::Organisational => attested,
        RequirementKind::Mixed => 0.5 * technical + 0.5 * attested,
    }
}

fn live(requirement: &Weighable) -> impl Iterator<Item = &Weighed> {
    requirement
        .controls
        .iter()
        .filter(|weighed| weighed.known != Known::NotApplicable)
}

fn known_score(weighed: &Weighed, unknown: f64) -> f64 {
    match weighed.known {
        Known::Counts { passed, failed } => control_score(passed, failed, weighed.severity),
        Known::NotAssessed | Known::NotApplicable => unknown,
    }
}

/// A framework's score, 0 to 100, where whatever is not known counts as `unknown`.
pub fn framework_score(requirements: &[Weighable], unknown: f64) -> f64 {
    Scored::new(requirements, unknown).score()
}

/// A framework with the scores of its requirements.
#[derive(Debug)]
pub(crate) struct Scored<'r> {
    requirements: &'r [Weighable],
    unknown: f64,
    /// By requirement.
    scores: Vec<f64>,
    /// Controls that fail, or may.
    failing: BTreeMap<usize, Severity>,
}

impl<'r> Scored<'r> {
    pub(crate) fn new(requirements: &'r [Weighable], unknown: f64) -> Scored<'r> {
        let scores = requirements
            .iter()
            .map(|requirement| requirement_score(requirement, unknown));
        let failing = requirements
            .iter()
            .flat_map(live)
            .filter(|weighed| known_score(weighed, unknown) < 1.0)
            .map(|weighed| (weighed.control, weighed.severity));
        Scored {
            requirements,
            unknown,
            scores: scores.collect(),
            failing: failing.collect(),
        }
    }

    pub(crate) fn score(&self) -> f64 {
        self.total(&self.scores, |_| true)
    }

    /// The score if a control failed nowhere, which stands in these requirements.
    pub(crate) fn score_without(&self, control: usize, requirements: &[usize]) -> f64 {
        let mut scores = self.scores.clone();
        for at in requirements {
            let fixed = self.requirements[*at].with_fixed(control);
            scores[*at] = requirement_score(&fixed, self.unknown);
        }
        self.total(&scores, |failing| failing != control)
    }

    fn total(&self, scores: &[f64], fails: impl Fn(usize) -> bool) -> f64 {
        let mut sum = 0.0;
        let mut weights = 0.0;
        for (requirement, score) in self.requirements.iter().zip(scores) {
            sum += requirement.weight * score;
            weights += requirement.weight;
        }
        if weights == 0.0 {
            return 100.0 * self.unknown;
        }
        let failing = self.failing.iter().filter(|(control, _)| fails(**control));
        (100.0 * sum / weights).min(headline_cap(failing.map(|(_, severity)| *severity)))
    }
}

impl Weighable {
    /// The requirement if a control failed nowhere.
    fn with_fixed(&self, control: usize) -> Weighable {
        let mut fixed = self.clone();
        for weighed in &mut fixed.controls {
            if weighed.control == control
                && let Known::Counts { passed, failed } = weighed.known
            {
                weighed.known = Known::Counts {
                    passed: passed + failed,
                    failed: 0.0,
                };
            }
        }
        fixed
    }
}

/// What a framework cannot exceed while severe controls fail: 80, 76, 72.8 ... for critical ones, 95, 94, 93.1 ... for
/// high ones.
fn headline_cap(failing: impl Iterator<Item = Severity>) -> f64 {
    let (mut critical, mut high) = (0, 0);
    for severity in failing {
        critical += i32::from(severity == Severity::Critical);
        high += i32::from(severity == Severity::High);
    }
    let mut cap = 100.0_f64;
    if critical > 0 {
        cap = cap.min(80.0 - 20.0 * (1.0 - 0.8_f64.powi(critical - 1)));
    }
    if high > 0 {
        cap = cap.min(95.0 - 10.0 * (1.0 - 0.9_f64.powi(high - 1)));
    }
    cap
}

/// How much of a framework was assessed, 0 to 1.
pub fn coverage(requirements: &[Weighable]) -> f64 {
    let mut sum = 0.0;
    let mut weights = 0.0;
    for requirement in requirements {
        let total: f64 = live(requirement)
            .map(|weighed| weight(weighed.severity) * directness(weighed.direct))
            .sum();
        let known: f64 = live(requirement)
            .filter(|weighed| weighed.known != Known::NotAssessed)
            .map(|weighed| weight(weighed.severity) * directness(weighed.direct))
            .sum();
        let technical = if total > 0.0 { known / total } else { 0.0 };
        let attested = if requirement.attested.is_some() {
            1.0
        } else {
            0.0
        };
        let covered = match requirement.kind {
            RequirementKind::Technical => technical,
            RequirementKind::Organisational => attested,
            RequirementKind::Mixed if total == 0.0 => attested,
            RequirementKind::Mixed => 0.5 * technical + 0.5 * attested,
        };
        sum += requirement.weight * covered;
        weights += requirement.weight;
    }
    if weights == 0.0 { 0.0 } else { sum / weights }
}

/// All of a framework's figures. `compliance` is the mean of the controls' shares.
pub fn score(requirements: &[Weighable], compliance: f64) -> Score {
    Score {
        floor: framework_score(requirements, 0.0),
        ceiling: framework_score(requirements, 1.0),
        coverage: 100.0 * coverage(requirements),
        compliance,
    }
}

/// Every control as one technical requirement of its own, weighted by its severity; what applies to nothing is left out.
pub fn overall(controls: &[Weighed]) -> Vec<Weighable> {
    controls
        .iter()
        .filter(|weighed| weighed.known != Known::NotApplicable)
        .map(|weighed| Weighable {
            kind: RequirementKind::Technical,
            weight: weight(weighed.severity),
            controls: vec![Weighed {
                direct: true,
                ..*weighed
            }],
            attested: None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn severity() -> impl Strategy<Value = Severity> {
        prop::sample::select(Severity::ALL.to_vec())
    }

    fn known() -> impl Strategy<Value = Known> {
        prop_oneof![
            Just(Known::NotAssessed),
            Just(Known::NotApplicable),
            (0_u8..9, 0_u8..4)
                .prop_filter("something was judged", |(passed, failed)| passed + failed
                    > 0)
                .prop_map(|(passed, failed)| Known::Counts {
                    passed: f64::from(passed),
                    failed: f64::from(failed),
                }),
        ]
    }

    /// Controls with one severity and one result each, and requirements that draw on them.
    fn framework() -> impl Strategy<Value = Vec<Weighable>> {
        let controls = prop::collection::vec((severity(), known()), 1..8);
        let requirement = (
            prop::sample::select(vec![
                RequirementKind::Technical,
                RequirementKind::Organisational,
                RequirementKind::Mixed,
            ]),
            prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..5),
            prop::option::of(0_u8..2),
        );
        (controls, prop::collection::vec(requirement, 1..8)).prop_map(|(controls, requirements)| {
            requirements
                .into_iter()
                .map(|(kind, picks, attested)| {
                    let mut picked: Vec<Weighed> = Vec::new();
                    for (index, direct) in picks {
                        let control = index.index(controls.len());
                        if picked.iter().any(|other| other.control == control) {
                            continue;
                        }
                        let (severity, known) = controls[control];
                        picked.push(Weighed {
                            control,
                            severity,
                            direct,
                            known,
                        });
                    }
                    Weighable {
                        kind,
                        weight: 1.0,
                        controls: picked,
                        attested: attested.map(f64::from),
                    }
                })
                .collect()
        })
    }

    /// The framework with what is known of one control changed everywhere.
    fn with(framework: &[Weighable], control: usize, known: Known) -> Vec<Weighable> {
        let mut changed = framework.to_vec();
        for requirement in &mut changed {
            for weighed in &mut requirement.controls {
                if weighed.control == control {
                    weighed.known = known;
                }
            }
        }
        changed
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn scores_are_bounded_and_the_floor_is_below_the_ceiling(framework in framework()) {
            let score = score(&framework, 0.0);
            prop_assert!(0.0 <= score.floor && score.floor <= score.ceiling + 1e-9);
            prop_assert!(score.ceiling <= 100.0 + 1e-9);
            prop_assert!((0.0..=100.0 + 1e-9).contains(&score.coverage));
        }

        #[test]
        fn mending_an_object_never_lowers_a_score(framework in framework(), pick in any::<prop::sample::Index>()) {
            let all: Vec<Weighed> = framework.iter().flat_map(|requirement| requirement.controls.clone()).collect();
            if all.is_empty() {
                return Ok(());
            }
            let weighed = all[pick.index(all.len())];
            if let Known::Counts { passed, failed } = weighed.known && failed > 0.0 {
                let mended = with(&framework, weighed.control, Known::Counts { passed: passed + 1.0, failed: failed - 1.0 });
                let (before, after) = (score(&framework, 0.0), score(&mended, 0.0));
                prop_assert!(after.floor >= before.floor - 1e-9 && after.ceiling >= before.ceiling - 1e-9);
            }
        }

        #[test]
        fn new_knowledge_stays_between_floor_and_ceiling(
            framework in framework(), pick in any::<prop::sample::Index>(), passed in 0_u8..4, failed in 0_u8..4,
        ) {
            let all: Vec<Weighed> = framework.iter().flat_map(|requirement| requirement.controls.clone()).collect();
            if all.is_empty() {
                return Ok(());
            }
            let weighed = all[pick.index(all.len())];
            if weighed.known == Known::NotAssessed && passed + failed > 0 {
                let learnt = with(&framework, weighed.control, Known::Counts { passed: f64::from(passed), failed: f64::from(failed) });
                let (before, after) = (score(&framework, 0.0), score(&learnt, 0.0));
                prop_assert!(after.floor >= before.floor - 1e-9 && after.ceiling <= before.ceiling + 1e-9);
                prop_assert!(after.coverage >= before.coverage - 1e-9);
            }
        }
    }

    #[test]
    fn one_privileged_pod_of_two_hundred_cannot_hide() {
        let control = |control, severity, failed: f64| Weighed {
            control,
            severity,
            direct: true,
            known: Known::Counts {
                passed: 200.0 - failed,
                failed,
            },
        };
        let mut controls: Vec<Weighed> = (1..50)
            .map(|at| control(at, Severity::Medium, 0.0))
            .collect();
        controls.push(control(0, Severity::Critical, 1.0));
        let score = score(&overall(&controls), 0.0);
        assert!(score.ceiling <= 80.0, "{score:?}");
        assert!((score.floor - score.ceiling).abs() < 1e-9);
    }
}
