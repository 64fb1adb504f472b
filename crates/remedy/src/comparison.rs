//! That the findings that were to go are gone, and none is new.

use std::collections::{HashMap, HashSet};

use plimsoll_assess::{Assessment, Finding};
use plimsoll_document::Path;
use plimsoll_inventory::ObjectId;

use crate::plan::Plan;

/// What is wrong with an outcome, and at which object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A finding, by its number before, is still there.
    Remains(usize),
    /// An object has a finding that was not there before, by its number after.
    New(ObjectId, usize),
    /// A control can no longer be judged on an object.
    Unknown(ObjectId),
}

/// A finding and where it would stand after the edits.
struct Known<'f> {
    number: usize,
    finding: &'f Finding,
    path: Option<Path>,
    attempted: bool,
    met: bool,
}

/// Compares findings before and after. `attempted` are numbers of those that were to go, `plans` what was done to
/// objects.
pub(crate) fn compare(
    before: &Assessment<'_>,
    after: &Assessment<'_>,
    attempted: &[usize],
    plans: &HashMap<ObjectId, Plan>,
) -> Vec<Fault> {
    let mut known: HashMap<(ObjectId, usize), Vec<Known<'_>>> = HashMap::new();
    let mut is_attempted = vec![false; before.findings().len()];
    for number in attempted {
        is_attempted[*number] = true;
    }
    for (number, finding) in before.findings().iter().enumerate() {
        let path = match plans.get(&finding.object) {
            Some(plan) => plan.moved(&finding.path),
            None => Some(finding.path.clone()),
        };
        let group = known.entry((finding.object, finding.control)).or_default();
        group.push(Known {
            number,
            finding,
            path,
            attempted: is_attempted[number],
            met: false,
        });
    }
    let mut faults = Vec::new();
    let mut unmet: Vec<usize> = Vec::new();
    // The place says which finding it is; where an edit makes a nearer place appear, the message does.
    for (number, finding) in after.findings().iter().enumerate() {
        let group = known.get_mut(&(finding.object, finding.control));
        let found = group.and_then(|group| {
            let same_place =
                |known: &&mut Known<'_>| known.path.as_ref() == Some(&finding.path) && !known.met;
            let at = group
                .iter_mut()
                .find(|known| same_place(known) && known.finding.message == finding.message);
            at.map(|known| {
                known.met = true;
                (known.attempted, known.number)
            })
        });
        match found {
            Some((true, number)) => faults.push(Fault::Remains(number)),
            Some((false, _)) => {}
            None => unmet.push(number),
        }
    }
    for number in unmet {
        let finding = &after.findings()[number];
        let group = known.get_mut(&(finding.object, finding.control));
        let found = group.and_then(|group| {
            let by_place = group
                .iter()
                .position(|known| !known.met && known.path.as_ref() == Some(&finding.path));
            let by_message = || {
                group.iter().position(|known| {
                    !known.met && !known.attempted && known.finding.message == finding.message
                })
            };
            let at = by_place.or_else(by_message)?;
            group[at].met = true;
            Some((group[at].attempted, group[at].number))
        });
        match found {
            Some((true, number)) => faults.push(Fault::Remains(number)),
            Some((false, _)) => {}
            None => faults.push(Fault::New(finding.object, number)),
        }
    }
    faults.extend(unknown(before, after, attempted));
    faults
}

/// A control that could be judged and now cannot says nothing of its findings. That it comes to apply where data are
/// missing is no harm, unless it is the one whose finding was to go.
fn unknown(before: &Assessment<'_>, after: &Assessment<'_>, attempted: &[usize]) -> Vec<Fault> {
    let aimed: HashSet<(ObjectId, usize)> = attempted
        .iter()
        .map(|number| &before.findings()[*number])
        .map(|finding| (finding.object, finding.control))
        .collect();
    let mut known: HashMap<(ObjectId, usize), usize> = HashMap::new();
    for missing in &before.not_assessed {
        *known.entry((missing.object, missing.control)).or_default() += 1;
    }
    let mut faults = Vec::new();
    for missing in &after.not_assessed {
        match known.get_mut(&(missing.object, missing.control)) {
            Some(count) if *count > 0 => *count -= 1,
            _ if missing.is_error || aimed.contains(&(missing.object, missing.control)) => {
                faults.push(Fault::Unknown(missing.object));
            }
            _ => {}
        }
    }
    faults
}
