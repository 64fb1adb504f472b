//! Every control on every object.

use std::borrow::Cow;
use std::collections::BTreeSet;

use plimsoll_catalog::Control;
use plimsoll_cel::library::Object as HostObject;
use plimsoll_cel::value::Value;
use plimsoll_document::in_parts;
use plimsoll_inventory::{CLUSTER_GROUP, Inventory, Object, ObjectId, is_cluster_scoped};

use crate::accept::{Accepting, Ledger};
use crate::assessment::{NotAssessed, Settings, Tally};
use crate::finding::{Flaw, describe};
use crate::gap::Gap;
use crate::judge::{Reason, Scratch, Subject, Verdict, judge};
use crate::node_facts::{NEEDS_CONTROL_PLANE, NEEDS_FACTS, lacks_control_plane, lacks_facts_of};
use crate::plan::Plan;

/// How many objects a thread takes at a time: so few that all threads are busy to the end, and so many that what is
/// counted by part stays small.
fn part_size(objects: usize) -> usize {
    (objects / 256).clamp(32, 1024)
}

/// What came of some objects.
#[derive(Debug, Default)]
pub(crate) struct Judged<'c> {
    /// By control.
    pub(crate) tallies: Vec<Tally>,
    /// By control, of the objects where regulated data are; nothing where these are all objects.
    pub(crate) regulated: Vec<Tally>,
    pub(crate) flaws: Vec<Flaw>,
    pub(crate) not_assessed: Vec<NotAssessed<'c>>,
    /// What exceptions did.
    pub(crate) ledger: Ledger,
    /// How many objects there were.
    pub(crate) objects: usize,
}

/// Judges all objects.
pub(crate) fn judge_all<'c>(
    inventory: &Inventory,
    controls: &[&'c Control],
    settings: Settings<'_>,
    gaps: &[Option<Gap>],
) -> Judged<'c> {
    let objects: Vec<(ObjectId, &Object)> = inventory.judged().collect();
    prepare(&objects, controls, settings, gaps);
    let done = in_parts(
        settings.threads,
        &objects,
        part_size(objects.len()),
        || Judge::new(inventory, controls, settings, gaps),
        Judge::part,
    );
    let mut all = Judged::of(controls.len(), settings);
    all.flaws
        .reserve_exact(done.iter().map(|part| part.flaws.len()).sum());
    for part in done {
        all.add(part);
    }
    all
}

/// How many controls a thread compiles at a time.
const PREPARED: usize = 4;

/// Compiles the controls for the kinds that there are, on all threads that may be used: an object alone is judged on one.
fn prepare(
    objects: &[(ObjectId, &Object)],
    controls: &[&Control],
    settings: Settings<'_>,
    gaps: &[Option<Gap>],
) {
    let mut plan = Plan::new(controls, settings.kubernetes.known(), gaps);
    let kinds: BTreeSet<(&str, &str)> = objects
        .iter()
        .map(|(_, object)| (object.group(), object.kind()))
        .collect();
    let needed: BTreeSet<usize> = kinds
        .into_iter()
        .flat_map(|(group, kind)| plan.controls_for(group, kind).judging.clone())
        .collect();
    let needed: Vec<usize> = needed.into_iter().collect();
    in_parts(
        settings.threads,
        &needed,
        PREPARED,
        || (),
        |(), part| {
            for number in part {
                controls[*number].compile();
            }
        },
    );
}

impl<'c> Judged<'c> {
    fn of(controls: usize, settings: Settings<'_>) -> Judged<'c> {
        Judged {
            tallies: vec![Tally::default(); controls],
            regulated: match settings.regulated {
                Some(_) => vec![Tally::default(); controls],
                None => Vec::new(),
            },
            ledger: Ledger::new(settings.exceptions.len()),
            ..Judged::default()
        }
    }

    /// Counts an object for a control; `state` is what it came to.
    fn count(&mut self, control: usize, in_scope: bool, state: impl Fn(&mut Tally) -> &mut u32) {
        *state(&mut self.tallies[control]) += 1;
        if in_scope && let Some(regulated) = self.regulated.get_mut(control) {
            *state(regulated) += 1;
        }
    }

    fn add(&mut self, part: Judged<'c>) {
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
        let numbers = self.ledger.add(part.ledger, self.flaws.len());
        self.flaws.extend(part.flaws.into_iter().map(|mut flaw| {
            if let Some(acceptance) = &mut flaw.accepted
                && let Some(number) = numbers.get(acceptance.exception)
            {
                acceptance.exception = *number;
            }
            flaw
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
    scratch: Scratch,
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
            scratch: Scratch::new(settings.limits),
        }
    }

    fn part(&mut self, objects: &[(ObjectId, &Object)]) -> Judged<'c> {
        let mut judged = Judged::of(self.controls.len(), self.settings);
        self.accepting.begin();
        for (id, object) in objects {
            judged.objects += usize::from(object.group() != CLUSTER_GROUP);
            self.object(*id, object, &mut judged);
        }
        judged.ledger = std::mem::take(&mut self.accepting.ledger);
        judged
    }

    fn object(&mut self, id: ObjectId, object: &Object, judged: &mut Judged<'c>) {
        let kubernetes = self.settings.kubernetes.known();
        let (group, kind) = (object.group(), object.kind());
        let plan = self.plan.controls_for(group, kind);
        if plan.is_empty() {
            return;
        }
        let in_scope = self
            .settings
            .regulated
            .is_none_or(|namespaces| is_regulated(object, namespaces));
        let mut numbers = Cow::Borrowed(plan.judging.as_slice());
        let host = HostObject::Host(self.inventory);
        let subject = Subject::new(id, object, self.inventory, Value::Object(&host));
        if subject.is_facts || !subject.components.is_empty() {
            let numbers = numbers.to_mut();
            numbers.extend(&plan.of_components);
            numbers.sort_unstable();
        }
        self.accepting.look_at(id, object, subject.pod);
        for number in numbers.iter() {
            let control = self.controls[*number];
            let (failures, unknown) = match judge(control, &subject, kubernetes, &mut self.scratch)
            {
                Verdict::NotApplicable => continue,
                Verdict::Passed => (Vec::new(), false),
                Verdict::Failed(failures) => (failures, false),
                Verdict::NotAssessed(failures, reason) => {
                    let (reason, is_error) = match reason {
                        Reason::Missing => (
                            Cow::Borrowed(control.missing.as_deref().unwrap_or_default()),
                            false,
                        ),
                        Reason::Unread(reason) => (Cow::Owned(reason), false),
                        Reason::Error(reason) => (Cow::Owned(reason), true),
                    };
                    judged.not_assessed.push(NotAssessed {
                        control: *number,
                        object: id,
                        reason,
                        is_error,
                    });
                    (failures, true)
                }
            };
            let failed = !failures.is_empty();
            let mut accepted = failed;
            for failure in failures {
                let mut flaw = Flaw::new(*number, id, failure);
                if self.accepting.may_accept(*number) {
                    let found = describe(
                        &flaw,
                        control,
                        object,
                        &subject,
                        kubernetes,
                        &mut self.scratch.arena,
                    );
                    let at = judged.flaws.len();
                    let accepted = self.accepting.accept(at, id, object, &found);
                    flaw.accepted = accepted.map(Box::new);
                }
                accepted &= flaw.accepted.is_some();
                judged.flaws.push(flaw);
            }
            judged.count(*number, in_scope, |tally| {
                match (failed, accepted, unknown) {
                    (true, true, _) => &mut tally.accepted,
                    (true, false, _) => &mut tally.failed,
                    (false, _, true) => &mut tally.not_assessed,
                    (false, _, false) => &mut tally.passed,
                }
            });
        }
        for number in &plan.lacking_facts {
            let control = self.controls[*number];
            let reason = if group == CLUSTER_GROUP {
                lacks_control_plane(control, self.inventory).then_some(NEEDS_CONTROL_PLANE)
            } else {
                lacks_facts_of(control, object, self.inventory).then_some(NEEDS_FACTS)
            };
            let Some(reason) = reason else {
                continue;
            };
            judged.not_assessed.push(NotAssessed {
                control: *number,
                object: id,
                reason: Cow::Borrowed(reason),
                is_error: false,
            });
            judged.count(*number, in_scope, |tally| &mut tally.not_assessed);
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
