//! What every exception did.

use std::collections::HashMap;

use jiff::Timestamp;
use plimsoll_document::{Position, Source};
use plimsoll_inventory::ObjectId;

use crate::accept::Mark;
use crate::exception::{Exception, ExceptionResult, Origin};

/// Exceptions of the file by their number, and after them those in manifests as they are met.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    of_file: usize,
    uses: Vec<Use>,
    in_manifests: Vec<ExceptionResult>,
    numbers: HashMap<Place, usize>,
}

/// How often an exception was used.
#[derive(Debug, Clone, Default)]
struct Use {
    findings: Vec<usize>,
    objects: u32,
    last: Option<ObjectId>,
}

/// What makes an exception in a manifest the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    origin: Origin,
    object: Option<ObjectId>,
    file: String,
    line: Option<u32>,
    names: Vec<String>,
}

impl Ledger {
    pub(crate) fn new(of_file: usize) -> Ledger {
        Ledger {
            of_file,
            uses: vec![Use::default(); of_file],
            ..Ledger::default()
        }
    }

    /// Enters an exception in a manifest, once, and gives its number.
    pub(super) fn enter(
        &mut self,
        mark: &Mark,
        object: Option<ObjectId>,
        source: &Source,
        assessed: bool,
    ) -> usize {
        let position = Position {
            line: mark.line,
            column: 1,
        };
        self.enter_result(ExceptionResult {
            origin: mark.origin,
            controls: mark.names.clone(),
            object,
            kind: Mark::KIND,
            reason: mark.reason.clone(),
            owner: None,
            approver: None,
            created: None,
            expires: mark.expires.clone(),
            state: mark.state,
            over_wide: mark.over_wide(),
            problem: mark.problem.clone(),
            file: source.name().to_owned(),
            line: source.written_at(position).map(|position| position.line),
            findings: Vec::new(),
            accepted: 0,
            objects: 0,
            assessed,
        })
    }

    fn enter_result(&mut self, result: ExceptionResult) -> usize {
        let place = Place {
            origin: result.origin,
            object: result.object,
            file: result.file.clone(),
            line: result.line,
            names: result.controls.clone(),
        };
        let next = self.of_file + self.in_manifests.len();
        let number = *self.numbers.entry(place).or_insert(next);
        if number == next {
            self.in_manifests.push(result);
            self.uses.push(Use::default());
        }
        number
    }

    /// An exception is for a finding in an object. Findings come object by object.
    pub(super) fn used(&mut self, number: usize, object: ObjectId, finding: usize) {
        if let Some(used) = self.uses.get_mut(number) {
            used.findings.push(finding);
            if used.last != Some(object) {
                used.objects += 1;
                used.last = Some(object);
            }
        }
    }

    /// Adds what was done elsewhere, where so many findings come before, and gives the new number of each exception there.
    pub(crate) fn add(&mut self, other: Ledger, before: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..other.of_file).collect();
        for result in other.in_manifests {
            numbers.push(self.enter_result(result));
        }
        for (number, used) in numbers.iter().zip(other.uses) {
            if let Some(sum) = self.uses.get_mut(*number) {
                let findings = used.findings.iter().map(|finding| finding + before);
                sum.findings.extend(findings);
                sum.objects += used.objects;
            }
        }
        numbers
    }

    /// What became of all.
    pub(crate) fn results(
        self,
        exceptions: &[Exception],
        now: Timestamp,
        assessed: impl Fn(&str) -> bool,
    ) -> Vec<ExceptionResult> {
        let of_file = exceptions.iter().map(|exception| {
            let assessed = exception.controls.iter().any(|control| assessed(control));
            exception.result(now, assessed)
        });
        let mut results: Vec<ExceptionResult> = of_file.chain(self.in_manifests).collect();
        for (result, used) in results.iter_mut().zip(self.uses) {
            result.findings = used.findings;
            result.objects = used.objects;
        }
        results
    }
}
