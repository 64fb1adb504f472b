//! Every control on every object, on as many threads as there are processors.
//!
//! Objects are judged in parts. A part's outcome depends on nothing but its objects, and parts are put together in
//! their order, so the number of threads changes nothing.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bumpalo::Bump;
use plimsoll_catalog::Control;
use plimsoll_cel::library::Object as HostObject;
use plimsoll_cel::value::Value;
use plimsoll_inventory::{CLUSTER_GROUP, Inventory, Object, ObjectId, is_cluster_scoped};

use crate::accept::{Accepting, Ledger};
use crate::assessment::{NotAssessed, Settings, Tally};
use crate::finding::{Finding, FindingStatus, finding};
use crate::gap::Gap;
use crate::judge::{Subject, Verdict, Why, judge};
use crate::plan::Plan;

/// How many objects a thread takes at a time.
const PART: usize = 128;

/// What came of some objects.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// By control.
    pub(crate) tallies: Vec<Tally>,
    /// By control, of the objects where regulated data are.
    pub(crate) regulated: Vec<Tally>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) not_assessed: Vec<NotAssessed>,
    /// What exceptions did.
    pub(crate) ledger: Ledger,
    /// How many objects there were.
    pub(crate) objects: usize,
}

/// Judges all objects.
pub(crate) fn judge_all(
    inventory: &Inventory,
    controls: &[&Control],
    settings: Settings<'_>,
    gaps: &[Option<Gap>],
) -> Judged {
    let objects: Vec<(ObjectId, &Object)> = inventory.judged().collect();
    let parts: Vec<&[(ObjectId, &Object)]> = objects.chunks(PART).collect();
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut judge = Judge::new(inventory, controls, settings, gaps);
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(number) else {
                return done;
            };
            done.push((number, judge.part(part)));
        }
    };
    let mut done: Vec<(usize, Judged)> = if threads == 1 || parts.len() < 2 {
        work()
    } else {
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads.min(parts.len()))
                .map(|_| scope.spawn(work))
                .collect();
            let mut done = work();
            for other in others {
                match other.join() {
                    Ok(part) => done.extend(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        })
    };
    done.sort_unstable_by_key(|(number, _)| *number);
    let mut all = Judged::of(controls.len(), settings);
    for (_, part) in done {
        all.add(part);
    }
    all
}

impl Judged {
    fn of(controls: usize, settings: Settings<'_>) -> Judged {
        Judged {
            tallies: vec![Tally::default(); controls],
            regulated: vec![Tally::default(); controls],
            ledger: Ledger::new(settings.exceptions.len()),
            ..Judged::default()
        }
    }

    fn add(&mut self, part: Judged) {
        for (tallies, others) in [
            (&mut self.tallies, part.tallies),
            (&mut self.regulated, part.regulated),
        ] {
            for (tally, other) in tallies.iter_mut().zip(others) {
                tally.passed += other.passed;
                tally.failed += other.failed;
                tally.accepted += other.accepted;
                tally.not_assessed += other.not_assessed;
            }
        }
        let numbers = self.ledger.add(part.ledger, self.findings.len());
        self.findings
            .extend(part.findings.into_iter().map(|mut finding| {
                let number = finding.exception.and_then(|at| numbers.get(at));
                finding.exception = number.copied();
                finding
            }));
        self.not_assessed.extend(part.not_assessed);
        self.objects += part.objects;
    }
}

/// What a thread keeps from one part to the next.
struct Judge<'s, 'c> {
    inventory: &'s Inventory,
    controls: &'s [&'c Control],
    settings: Settings<'s>,
    plan: Plan<'s, 'c>,
    accepting: Accepting<'s, 'c>,
    arena: Bump,
}

impl<'s, 'c> Judge<'s, 'c> {
    fn new(
        inventory: &'s Inventory,
        controls: &'s [&'c Control],
        settings: Settings<'s>,
        gaps: &'s [Option<Gap>],
    ) -> Judge<'s, 'c> {
        Judge {
            inventory,
            controls,
            settings,
            plan: Plan::new(controls, settings.kubernetes.known(), gaps),
            accepting: Accepting::new(controls, settings),
            arena: Bump::new(),
        }
    }

    fn part(&mut self, objects: &[(ObjectId, &Object)]) -> Judged {
        let mut judged = Judged::of(self.controls.len(), self.settings);
        self.accepting.begin();
        for (id, object) in objects {
            judged.objects += usize::from(object.group() != CLUSTER_GROUP);
            self.object(*id, object, &mut judged);
        }
        judged.ledger = std::mem::take(&mut self.accepting.ledger);
        judged
    }

    fn object(&mut self, id: ObjectId, object: &Object, judged: &mut Judged) {
        let kubernetes = self.settings.kubernetes.known();
        let numbers = self.plan.controls_for(object.group(), object.kind());
        if numbers.is_empty() {
            return;
        }
        let host = HostObject::Host(self.inventory);
        let subject = Subject::new(object, Value::Object(&host));
        self.accepting.look_at(id, object, subject.pod);
        let in_scope = self
            .settings
            .regulated
            .is_none_or(|namespaces| is_regulated(object, namespaces));
        for number in numbers {
            let control = self.controls[*number];
            let (failures, unknown) = match judge(control, &subject, kubernetes, &mut self.arena) {
                Verdict::NotApplicable => continue,
                Verdict::Passed => (Vec::new(), false),
                Verdict::Failed(failures) => (failures, false),
                Verdict::NotAssessed(failures, why) => {
                    let is_error = matches!(why, Some(Why::Error(_)));
                    let reason = match why {
                        Some(Why::Error(reason) | Why::NotRead(reason)) => Some(reason),
                        None => control.missing.clone(),
                    };
                    judged.not_assessed.push(NotAssessed {
                        control: *number,
                        object: id,
                        reason: reason.unwrap_or_default(),
                        is_error,
                    });
                    (failures, true)
                }
            };
            let failed = !failures.is_empty();
            let mut accepted = failed;
            for failure in failures {
                let mut found = finding(
                    *number,
                    control,
                    (id, object),
                    &subject,
                    failure,
                    kubernetes,
                    &mut self.arena,
                );
                let at = judged.findings.len();
                match self.accepting.accept(at, id, object, &found) {
                    Some((exception, reason)) => {
                        found.status = FindingStatus::Accepted(reason);
                        found.exception = Some(exception);
                    }
                    None => accepted = false,
                }
                judged.findings.push(found);
            }
            let count = |tally: &mut Tally| {
                *match (failed, accepted, unknown) {
                    (true, true, _) => &mut tally.accepted,
                    (true, false, _) => &mut tally.failed,
                    (false, _, true) => &mut tally.not_assessed,
                    (false, _, false) => &mut tally.passed,
                } += 1;
            };
            count(&mut judged.tallies[*number]);
            if in_scope {
                count(&mut judged.regulated[*number]);
            }
        }
    }
}

/// Whether an object is where regulated data are: in one of these namespaces, or in none.
fn is_regulated(object: &Object, namespaces: &[String]) -> bool {
    if is_cluster_scoped(object.kind()) {
        return object.kind() != "Namespace" || namespaces.iter().any(|name| name == object.name());
    }
    let namespace = match object.namespace() {
        "" => "default",
        namespace => namespace,
    };
    namespaces.iter().any(|name| name == namespace)
}
