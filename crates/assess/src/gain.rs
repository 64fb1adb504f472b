//! What fixing a control would gain.

use std::collections::BTreeMap;

use crate::assessment::Assessment;
use crate::framework_result::FrameworkResult;
use crate::score::{self, Known, Scored, Weighable};

/// What a score would gain if a control failed nowhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gain {
    /// The control's number.
    pub control: usize,
    /// Points of the floor.
    pub floor: f64,
    /// Points of the ceiling.
    pub ceiling: f64,
}

impl FrameworkResult<'_> {
    /// What fixing each failing control would gain, most first.
    pub fn gains(&self) -> Vec<Gain> {
        gains(&self.weighables)
    }
}

impl Assessment<'_> {
    /// What fixing each failing control would gain for the score over all controls, most first.
    pub fn gains(&self) -> Vec<Gain> {
        gains(&score::overall(&self.weighed))
    }
}

fn gains(requirements: &[Weighable]) -> Vec<Gain> {
    // The failing controls, and the requirements that each stands in.
    let mut failing: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, requirement) in requirements.iter().enumerate() {
        for weighed in &requirement.controls {
            if matches!(weighed.known, Known::Counts { failed, .. } if failed > 0.0) {
                let stands_in = failing.entry(weighed.control).or_default();
                if stands_in.last() != Some(&at) {
                    stands_in.push(at);
                }
            }
        }
    }
    let [floor, ceiling] = [0.0, 1.0].map(|unknown| Scored::new(requirements, unknown));
    let [floor_now, ceiling_now] = [&floor, &ceiling].map(Scored::score);
    let mut gains: Vec<Gain> = failing
        .into_iter()
        .map(|(control, stands_in)| Gain {
            control,
            floor: floor.score_without(control, &stands_in) - floor_now,
            ceiling: ceiling.score_without(control, &stands_in) - ceiling_now,
        })
        .collect();
    gains.sort_by(|left, right| {
        let by_floor = right.floor.total_cmp(&left.floor);
        by_floor
            .then(right.ceiling.total_cmp(&left.ceiling))
            .then(left.control.cmp(&right.control))
    });
    gains
}

#[cfg(test)]
mod tests {
    use plimsoll_catalog::{RequirementKind, Severity};
    use proptest::prelude::*;

    use super::*;
    use crate::score::{Weighed, framework_score};

    const SEVERITIES: [Severity; 4] = [
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];

    /// A framework whose controls are the same wherever they stand.
    fn framework() -> impl Strategy<Value = Vec<Weighable>> {
        let known = prop_oneof![
            Just(Known::NotAssessed),
            Just(Known::NotApplicable),
            (0_u32..9, 0_u32..9).prop_map(|(passed, failed)| Known::Counts {
                passed: f64::from(passed + u32::from(passed + failed == 0)),
                failed: f64::from(failed),
            }),
        ];
        let controls = proptest::collection::vec((known, 0_usize..4), 12);
        let stands = proptest::collection::vec((0_usize..12, any::<bool>()), 0..6);
        let requirements = proptest::collection::vec((stands, 1_u32..4), 0..8);
        (controls, requirements).prop_map(|(controls, requirements)| {
            let weighed = |(control, direct): (usize, bool)| Weighed {
                control,
                severity: SEVERITIES[controls[control].1],
                direct,
                known: controls[control].0,
            };
            let requirement = |(stands, weight): (Vec<(usize, bool)>, u32)| Weighable {
                kind: RequirementKind::Technical,
                weight: f64::from(weight),
                controls: stands.into_iter().map(weighed).collect(),
                attested: None,
            };
            requirements.into_iter().map(requirement).collect()
        })
    }

    proptest! {
        #[test]
        fn a_gain_is_the_score_afterwards_less_that_of_now(requirements in framework()) {
            for gain in gains(&requirements) {
                let mut fixed = requirements.clone();
                for weighed in fixed.iter_mut().flat_map(|requirement| &mut requirement.controls) {
                    if weighed.control == gain.control
                        && let Known::Counts { passed, failed } = weighed.known
                    {
                        weighed.known = Known::Counts { passed: passed + failed, failed: 0.0 };
                    }
                }
                let difference = |unknown| {
                    framework_score(&fixed, unknown) - framework_score(&requirements, unknown)
                };
                prop_assert_eq!((gain.floor, gain.ceiling), (difference(0.0), difference(1.0)));
            }
        }
    }
}
