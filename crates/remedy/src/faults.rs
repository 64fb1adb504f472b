//! What is wrong after an attempt, and whose fault it is.

use std::collections::HashMap;

use plimsoll_assess::Assessment;
use plimsoll_inventory::{Object, ObjectId, contradictions, pod_template};

use crate::comparison::{Fault, compare};
use crate::outcome::{Reason, Scanned};
use crate::plan::Plan;
use crate::proof::Unproven;
use crate::remedy::{Failure, State, Unit};

impl<'c> State<'_, 'c> {
    /// What is wrong after the edits.
    pub(crate) fn faults(&self, units: &[Unit], after: &Scanned<'c>) -> Vec<Failure> {
        let unit_of: HashMap<ObjectId, usize> = units
            .iter()
            .enumerate()
            .map(|(at, unit)| (unit.object, at))
            .collect();
        let objects = (
            self.scanned.inventory.objects().len(),
            after.inventory.objects().len(),
        );
        if objects.0 != objects.1 {
            return vec![Failure {
                unit: None,
                finding: None,
                reason: Reason::Unproven(Unproven::Documents),
            }];
        }
        let plans: HashMap<ObjectId, Plan> = units
            .iter()
            .map(|unit| (unit.object, unit.plan.clone()))
            .collect();
        let attempted: Vec<usize> = units
            .iter()
            .flat_map(|unit| unit.findings.iter().copied())
            .collect();
        let invalid: Vec<Failure> = units
            .iter()
            .enumerate()
            .filter_map(|(at, unit)| {
                let old = self.scanned.inventory.object(unit.object);
                let reason = new_contradiction(old, after.inventory.object(unit.object))?;
                Some(Failure {
                    unit: Some(at),
                    finding: None,
                    reason: Reason::Invalid(reason),
                })
            })
            .collect();
        if !invalid.is_empty() {
            return invalid;
        }
        let faults = compare(
            &self.scanned.assessment,
            &after.assessment,
            &attempted,
            &plans,
        );
        faults
            .into_iter()
            .filter(|fault| !self.comes_into_play(fault, units, &unit_of, after))
            .map(|fault| match fault {
                Fault::Remains(number) => {
                    let object = self.scanned.assessment.findings()[number].object;
                    Failure {
                        unit: unit_of.get(&object).copied(),
                        finding: Some(number),
                        reason: Reason::Remains,
                    }
                }
                Fault::New(object, number) => {
                    let finding = &after.assessment.findings()[number];
                    let control = after.assessment.controls[finding.control].control;
                    Failure {
                        unit: unit_of.get(&object).copied(),
                        finding: None,
                        reason: Reason::New {
                            control: control.id.clone(),
                            message: finding.message.clone(),
                        },
                    }
                }
                Fault::Unknown(object) => Failure {
                    unit: unit_of.get(&object).copied(),
                    finding: None,
                    reason: Reason::Unknown,
                },
            })
            .collect()
    }

    /// Whether a new finding is of a control that applies to more objects now and is less severe than what is fixed in
    /// its object, where that was asked for by name.
    fn comes_into_play(
        &self,
        fault: &Fault,
        units: &[Unit],
        unit_of: &HashMap<ObjectId, usize>,
        after: &Scanned<'c>,
    ) -> bool {
        let Fault::New(object, number) = fault else {
            return false;
        };
        let Some(unit) = unit_of.get(object).filter(|_| self.request.by_name) else {
            return false;
        };
        let control = after.assessment.findings()[*number].control;
        let objects = |assessment: &Assessment<'_>| {
            let tally = assessment.controls[control].tally;
            tally.passed + tally.failed + tally.accepted + tally.not_assessed
        };
        let severity = after.assessment.controls[control].control.severity;
        objects(&after.assessment) > objects(&self.scanned.assessment)
            && units[*unit].findings.iter().all(|number| {
                let fixed = &self.scanned.assessment.findings()[*number];
                self.control(fixed).severity > severity
            })
    }
}

/// What the API server refuses an object for, and did not before.
fn new_contradiction(before: &Object, after: &Object) -> Option<&'static str> {
    let of = |object: &Object| pod_template(object).map_or_else(Vec::new, contradictions);
    let mut known = of(before);
    of(after).into_iter().find(|reason| {
        let at = known.iter().position(|other| other == reason);
        at.map(|at| known.swap_remove(at)).is_none()
    })
}
