//! What fixing a control would gain.

use crate::assessment::Assessment;
use crate::framework_result::FrameworkResult;
use crate::score::{self, Known, Weighable};

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
    let mut failing: Vec<usize> = requirements
        .iter()
        .flat_map(|requirement| &requirement.controls)
        .filter(|weighed| matches!(weighed.known, Known::Counts { failed, .. } if failed > 0.0))
        .map(|weighed| weighed.control)
        .collect();
    failing.sort_unstable();
    failing.dedup();
    let floor = score::framework_score(requirements, 0.0);
    let ceiling = score::framework_score(requirements, 1.0);
    let mut gains: Vec<Gain> = failing
        .into_iter()
        .map(|control| {
            let fixed = with_fixed(requirements, control);
            Gain {
                control,
                floor: score::framework_score(&fixed, 0.0) - floor,
                ceiling: score::framework_score(&fixed, 1.0) - ceiling,
            }
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

fn with_fixed(requirements: &[Weighable], control: usize) -> Vec<Weighable> {
    let mut fixed = requirements.to_vec();
    for weighed in fixed
        .iter_mut()
        .flat_map(|requirement| &mut requirement.controls)
    {
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
