//! From findings to texts without them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use plimsoll_assess::{Finding, FindingStatus};
use plimsoll_catalog::Control;
use plimsoll_document::{Format, Limits, NodeId, Parsed, Position, Source, parse};
use plimsoll_inventory::{Object, ObjectId};

use crate::change::{Refusal, change_object};
use crate::outcome::{FixedFinding, FixedSource, NotFixed, Outcome, Reason, Request, Scanned};
use crate::plan::Plan;
use crate::proof::prove;
use crate::text_edit::{TextEdit, apply_edits};

/// Fixes what is asked for. `scan` judges sources; it is called for every step, and must give the same objects in the
/// same order as long as the sources have them.
///
/// Findings are fixed together as far as they can be, and one by one where that fails. What one edit brings to light
/// is fixed as well, and what was refused is tried again once something else changed, so that a second call finds
/// nothing to do.
pub fn remedy<'c>(
    sources: Vec<Parsed>,
    request: Request<'_>,
    scan: &mut dyn FnMut(&[Arc<Parsed>]) -> Scanned<'c>,
) -> Outcome {
    let sources: Vec<Arc<Parsed>> = sources.into_iter().map(Arc::new).collect();
    let original = sources.clone();
    let scanned = scan(&sources);
    let first = First {
        objects: scanned.inventory.objects().to_vec(),
        positions: scanned
            .assessment
            .findings()
            .iter()
            .map(|finding| (mark(finding), finding.position))
            .collect(),
    };
    let mut state = State {
        request,
        sources,
        scanned,
        refused: HashMap::new(),
        one_by_one: HashSet::new(),
        changed: HashSet::new(),
        fixed: Vec::new(),
        commits: 0,
    };
    loop {
        let units = state.units();
        if !units.is_empty() {
            state.attempt(units, scan);
        } else if !state.forget_stale_refusals() {
            break;
        }
    }
    state.outcome(&original, &first)
}

/// How it was before the first edit.
struct First {
    objects: Vec<Object>,
    positions: HashMap<Mark, Position>,
}

/// Findings of one object that are to be fixed in one step, by their numbers, and the edits for it.
pub(crate) struct Unit {
    pub(crate) object: ObjectId,
    /// The number of the source.
    pub(crate) source: usize,
    pub(crate) findings: Vec<usize>,
    pub(crate) plan: Plan,
    pub(crate) edits: Vec<TextEdit>,
}

/// What tells a finding from the others while texts change.
type Mark = (ObjectId, usize, String, String);

fn mark(finding: &Finding) -> Mark {
    (
        finding.object,
        finding.control,
        finding.path.to_string(),
        finding.message.clone(),
    )
}

pub(crate) struct State<'r, 'c> {
    pub(crate) request: Request<'r>,
    pub(crate) sources: Vec<Arc<Parsed>>,
    pub(crate) scanned: Scanned<'c>,
    /// What cannot be fixed, why, and after how many commits that was.
    pub(crate) refused: HashMap<Mark, (Reason, usize)>,
    /// Objects whose findings cannot be fixed together.
    pub(crate) one_by_one: HashSet<ObjectId>,
    pub(crate) changed: HashSet<ObjectId>,
    pub(crate) fixed: Vec<FixedFinding>,
    pub(crate) commits: usize,
}

/// What an attempt would make.
struct Attempt<'c> {
    sources: Vec<Arc<Parsed>>,
    scanned: Scanned<'c>,
}

/// Why an attempt fails.
pub(crate) struct Failure {
    /// The number of the unit; `None` where any may be the cause.
    pub(crate) unit: Option<usize>,
    /// The number of the finding, where it is known.
    pub(crate) finding: Option<usize>,
    pub(crate) reason: Reason,
}

impl<'c> State<'_, 'c> {
    pub(crate) fn control(&self, finding: &Finding) -> &'c Control {
        self.scanned.assessment.controls[finding.control].control
    }

    /// Why a finding is not even tried; `None` for one that is.
    fn obstacle(&self, finding: &Finding) -> Option<Reason> {
        let control = self.control(finding);
        if finding.edits.is_empty() {
            return Some(match &control.input {
                Some(input) => Reason::Input(input.clone()),
                None => Reason::ByHand,
            });
        }
        if !control.safe && !self.request.allow_unsafe {
            return Some(Reason::Unsafe);
        }
        let object = self.scanned.inventory.object(finding.object);
        if let Some(origin) = object.tree().source().origin()
            && !self.request.rendered
        {
            return Some(Reason::Rendered {
                by: origin.renderer,
                from: origin.label(),
            });
        }
        self.refused
            .get(&mark(finding))
            .map(|(reason, _)| reason.clone())
    }

    fn is_asked_for(&self, finding: &Finding) -> bool {
        finding.status == FindingStatus::Failed
            && self.request.controls.contains(&self.control(finding).id)
    }

    fn refuse(&mut self, number: usize, reason: Reason) {
        let mark = mark(&self.scanned.assessment.findings()[number]);
        self.refused.insert(mark, (reason, self.commits));
    }

    /// What was refused before the last commit may be possible now.
    fn forget_stale_refusals(&mut self) -> bool {
        let before = self.refused.len();
        let commits = self.commits;
        self.refused.retain(|_, (_, at)| *at == commits);
        self.refused.len() < before
    }

    /// What is to be tried next, by object.
    fn units(&mut self) -> Vec<Unit> {
        let by_tree: HashMap<*const plimsoll_document::Tree, usize> = self
            .sources
            .iter()
            .enumerate()
            .map(|(at, parsed)| (Arc::as_ptr(&parsed.tree), at))
            .collect();
        let mut by_object: Vec<(ObjectId, Vec<usize>)> = Vec::new();
        for (number, finding) in self.scanned.assessment.findings().iter().enumerate() {
            if !self.is_asked_for(finding) || self.obstacle(finding).is_some() {
                continue;
            }
            match by_object.last_mut() {
                Some((object, numbers)) if *object == finding.object => numbers.push(number),
                _ => by_object.push((finding.object, vec![number])),
            }
        }
        let mut units = Vec::new();
        for (id, numbers) in by_object {
            let tree = Arc::as_ptr(self.scanned.inventory.object(id).tree());
            let Some(source) = by_tree.get(&tree) else {
                for number in numbers {
                    self.refuse(number, Reason::NoFile);
                }
                continue;
            };
            units.extend(self.unit(id, *source, &numbers));
        }
        units
    }

    /// The findings of an object whose edits go together.
    fn unit(&mut self, id: ObjectId, source: usize, numbers: &[usize]) -> Option<Unit> {
        let object = self.scanned.inventory.object(id).clone();
        let text = self.sources[source].tree.source();
        let format = format_of(text);
        let mut unit = Unit {
            object: id,
            source,
            findings: Vec::new(),
            plan: Plan::default(),
            edits: Vec::new(),
        };
        let most = if self.one_by_one.contains(&id) {
            1
        } else {
            usize::MAX
        };
        for number in numbers {
            if unit.findings.len() >= most {
                break;
            }
            let edits = self.scanned.assessment.findings()[*number].edits.clone();
            let mut alone = Plan::default();
            if alone.add(object.root(), &edits).is_err() {
                self.refuse(*number, Reason::Conflict);
                continue;
            }
            if alone.is_empty() {
                self.refuse(*number, Reason::Remains);
                continue;
            }
            if let Err(refusal) = change_object(object.root(), format, &alone) {
                self.refuse(*number, Reason::Refused(refusal));
                continue;
            }
            let mut together = unit.plan.clone();
            // What does not go together comes in a later step.
            if together.add(object.root(), &edits).is_err() {
                continue;
            }
            if let Ok(text_edits) = change_object(object.root(), format, &together) {
                unit.plan = together;
                unit.edits = text_edits;
                unit.findings.push(*number);
            }
        }
        (!unit.findings.is_empty()).then_some(unit)
    }

    /// Makes the edits of all units that can be made; what is in the way is refused, or tried one by one later.
    fn attempt(&mut self, units: Vec<Unit>, scan: &mut dyn FnMut(&[Arc<Parsed>]) -> Scanned<'c>) {
        // The numbers of findings hold until something is committed; then everything is built anew.
        let mut units = units;
        while !units.is_empty() {
            let failures = match self.made(&units, scan) {
                Ok(attempt) => {
                    self.commit(&units, attempt);
                    return;
                }
                Err(failures) => failures,
            };
            let blamed: HashSet<usize> =
                failures.iter().filter_map(|failure| failure.unit).collect();
            if blamed.is_empty() && units.len() > 1 {
                // Somebody among them is the cause: half of them are tried, and the others in a later step.
                units.truncate(units.len() / 2);
                continue;
            }
            for failure in failures {
                let unit = &units[failure.unit.unwrap_or_default()];
                match failure.finding {
                    Some(number) => self.refuse(number, failure.reason),
                    None if unit.findings.len() == 1 => {
                        self.refuse(unit.findings[0], failure.reason);
                    }
                    None => {
                        self.one_by_one.insert(unit.object);
                    }
                }
            }
            let mut at = 0;
            let alone = units.len() == 1;
            units.retain(|_| {
                at += 1;
                !alone && !blamed.contains(&(at - 1))
            });
        }
    }

    /// Makes the edits and proves them.
    fn made(
        &self,
        units: &[Unit],
        scan: &mut dyn FnMut(&[Arc<Parsed>]) -> Scanned<'c>,
    ) -> Result<Attempt<'c>, Vec<Failure>> {
        let mut by_source: Vec<(usize, Vec<usize>)> = Vec::new();
        for (at, unit) in units.iter().enumerate() {
            match by_source
                .iter_mut()
                .find(|(source, _)| *source == unit.source)
            {
                Some((_, list)) => list.push(at),
                None => by_source.push((unit.source, vec![at])),
            }
        }
        let mut sources = self.sources.clone();
        let mut failures = Vec::new();
        for (source, list) in by_source {
            match self.edited(source, &list, units) {
                Ok(parsed) => sources[source] = Arc::new(parsed),
                Err(reason) if list.len() == 1 => failures.push(Failure {
                    unit: Some(list[0]),
                    finding: None,
                    reason,
                }),
                Err(_) => failures.extend(self.faulty_alone(source, &list, units)),
            }
        }
        if !failures.is_empty() {
            return Err(failures);
        }
        let scanned = scan(&sources);
        let failures = self.faults(units, &scanned);
        if failures.is_empty() {
            Ok(Attempt { sources, scanned })
        } else {
            Err(failures)
        }
    }

    /// The text of a source with the edits of some units, parsed and held to what was meant.
    fn edited(&self, source: usize, list: &[usize], units: &[Unit]) -> Result<Parsed, Reason> {
        let before = &self.sources[source];
        let text = before.tree.source();
        let edits = list
            .iter()
            .flat_map(|at| units[*at].edits.clone())
            .collect();
        let edited = apply_edits(text.text(), edits).ok_or(Reason::Refused(Refusal::Layout))?;
        let format = format_of(text);
        let edited = Arc::new(match text.origin() {
            Some(origin) => Source::rendered(text.name(), edited, origin.clone()),
            None => Source::new(text.name(), edited),
        });
        let parsed = parse(&edited, format, &Limits::default());
        let plans: HashMap<NodeId, Plan> = list
            .iter()
            .map(|at| {
                let object = self.scanned.inventory.object(units[*at].object);
                (object.root().id(), units[*at].plan.clone())
            })
            .collect();
        prove(before, &parsed, &plans).map_err(Reason::Unproven)?;
        Ok(parsed)
    }

    /// Which units of a source cannot be made even alone; where all can, all but the first have to wait.
    fn faulty_alone(&self, source: usize, list: &[usize], units: &[Unit]) -> Vec<Failure> {
        let failed: Vec<Failure> = list
            .iter()
            .filter_map(|at| {
                let reason = self.edited(source, &[*at], units).err()?;
                Some(Failure {
                    unit: Some(*at),
                    finding: None,
                    reason,
                })
            })
            .collect();
        if !failed.is_empty() {
            return failed;
        }
        let wait = |at: &usize| Failure {
            unit: Some(*at),
            finding: None,
            reason: Reason::Conflict,
        };
        list[1..].iter().map(wait).collect()
    }

    fn commit(&mut self, units: &[Unit], attempt: Attempt<'c>) {
        self.commits += 1;
        for unit in units {
            self.changed.insert(unit.object);
            for number in &unit.findings {
                let finding = &self.scanned.assessment.findings()[*number];
                let source = self.sources[unit.source].tree.source();
                self.fixed.push(FixedFinding {
                    control: self.control(finding).id.clone(),
                    file: source.name().to_owned(),
                    position: finding.position,
                    object: unit.object,
                    message: finding.message.clone(),
                    edits: finding.edits.clone(),
                });
            }
        }
        self.sources = attempt.sources;
        self.scanned = attempt.scanned;
    }

    fn outcome(self, original: &[Arc<Parsed>], first: &First) -> Outcome {
        let sources = original
            .iter()
            .zip(&self.sources)
            .filter(|(before, after)| !Arc::ptr_eq(before, after))
            .map(|(before, after)| FixedSource {
                before: Arc::clone(before.tree.source()),
                after: after.tree.source().text().to_owned(),
            })
            .collect();
        let not_fixed = self
            .scanned
            .assessment
            .findings()
            .iter()
            .filter(|finding| self.is_asked_for(finding))
            .map(|finding| {
                let object = self.scanned.inventory.object(finding.object);
                // People look it up in the text as it is.
                let position = first.positions.get(&mark(finding)).copied();
                NotFixed {
                    control: self.control(finding).id.clone(),
                    file: object.tree().source().name().to_owned(),
                    position: object
                        .tree()
                        .source()
                        .written_at(position.unwrap_or(finding.position)),
                    edits: finding.edits.clone(),
                    object: label(object),
                    message: finding.message.clone(),
                    reason: self.obstacle(finding).unwrap_or(Reason::Conflict),
                }
            })
            .collect();
        let mut changed: Vec<ObjectId> = self.changed.iter().copied().collect();
        changed.sort_unstable();
        let json = |object: &Object| plimsoll_catalog::to_json(object.root());
        let objects = changed
            .iter()
            .map(|id| {
                let before = &first.objects[id.0 as usize];
                (json(before), json(self.scanned.inventory.object(*id)))
            })
            .collect();
        let mut fixed = self.fixed;
        fixed.sort_by_key(|fixed| fixed.object);
        Outcome {
            sources,
            fixed,
            not_fixed,
            objects,
        }
    }
}

/// Whatever a template is called, what is rendered of it is YAML.
fn format_of(source: &Source) -> Format {
    if source.origin().is_some() {
        Format::Yaml
    } else {
        Format::detect(source.name(), source.text())
    }
}

/// `Deployment shop/web`
fn label(object: &Object) -> String {
    match object.namespace() {
        "" => format!("{} {}", object.kind(), object.name()),
        namespace => format!("{} {namespace}/{}", object.kind(), object.name()),
    }
}
