//! Findings that somebody accepted: in an exceptions file, in the manifest, or there for another tool.
//!
//! - `manifest`: the annotation `plimsoll.dev/ignore` and the comment `# plimsoll:ignore`.
//! - `tools`: annotations and comments of other tools, where they are honoured.
//! - `comments` finds comments in a source.
//! - `ledger` keeps what every exception did.
//!
//! An exception of a file goes before one in the manifest: it says who allowed it, and until when.

mod comments;
mod ledger;
mod manifest;
mod tools;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use plimsoll_catalog::Control;
use plimsoll_document::{Node, Source};
use plimsoll_inventory::{Object, ObjectId};

use crate::assessment::Settings;
use crate::exception::{ExceptionState, ExceptionType, Origin};
use crate::finding::{Acceptance, Finding};

pub(crate) use ledger::Ledger;
pub use tools::Tool;

/// An exception that stands in a manifest.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) origin: Origin,
    /// The controls, as they are named there; empty for all that the tool has.
    pub(crate) names: Vec<String>,
    pub(crate) covers: Covers,
    pub(crate) reason: String,
    pub(crate) expires: Option<String>,
    pub(crate) state: ExceptionState,
    pub(crate) problem: Option<String>,
    pub(crate) line: u32,
}

/// What an exception in a manifest is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Covers {
    /// The object.
    Object,
    /// What is found on a line.
    Line(u32),
    /// What is found in a node that starts on a line.
    Node(u32),
}

/// What a name in a manifest stands for.
#[derive(Debug, Clone, Default)]
struct Meaning {
    /// The numbers of the controls that are assessed.
    assessed: Vec<usize>,
    /// Whether there is any such control, assessed or not.
    known: bool,
}

/// Finds the exceptions of findings. Objects come source by source, and each source is searched for comments once.
pub(crate) struct Accepting<'s, 'c> {
    controls: &'s [&'c Control],
    settings: Settings<'s>,
    /// By control, the exceptions of the file that are for it.
    of_file: Vec<Vec<usize>>,
    /// What the exceptions did, of the objects since this was taken last.
    pub(crate) ledger: Ledger,
    source: Option<Arc<Source>>,
    /// Own comments of the source, by the line they are for.
    comments: Vec<Mark>,
    tool_comments: Vec<tools::Comment>,
    /// What stands in the object, with its number in the ledger.
    marks: Vec<(Mark, usize)>,
    meanings: HashMap<(Option<Tool>, String), Meaning>,
}

impl<'s, 'c> Accepting<'s, 'c> {
    pub(crate) fn new(controls: &'s [&'c Control], settings: Settings<'s>) -> Accepting<'s, 'c> {
        let of_file = controls
            .iter()
            .map(|control| {
                let is_for = |at: &usize| settings.exceptions[*at].controls.contains(&control.id);
                (0..settings.exceptions.len()).filter(is_for).collect()
            })
            .collect();
        Accepting {
            controls,
            settings,
            of_file,
            ledger: Ledger::new(settings.exceptions.len()),
            source: None,
            comments: Vec::new(),
            tool_comments: Vec::new(),
            marks: Vec::new(),
            meanings: HashMap::new(),
        }
    }

    /// Begins a part: what was done so far was taken.
    pub(crate) fn begin(&mut self) {
        self.ledger = Ledger::new(self.settings.exceptions.len());
    }

    /// Looks at an object before its findings are judged.
    pub(crate) fn look_at(&mut self, id: ObjectId, object: &Object, pod: Option<Node<'_>>) {
        let source = object.tree().source();
        let is_known = self
            .source
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, source));
        if !is_known {
            self.source = Some(Arc::clone(source));
            self.tool_comments = tools::comments(object.tree(), self.settings.compat);
            let comments = manifest::comments(object.tree());
            self.comments = comments.into_iter().map(|mark| self.known(mark)).collect();
        }
        // A comment is for an object where its line is one of it; then it is told even where it is for nothing.
        if !self.comments.is_empty() {
            let lines = lines_of(object);
            let first = first_for(&self.comments, *lines.start());
            for at in first..self.comments.len() {
                let mark = &self.comments[at];
                if !matches!(mark.covers, Covers::Line(line) if lines.contains(&line)) {
                    break;
                }
                let mark = mark.clone();
                self.enter(&mark, None, source);
            }
        }
        let mut marks = Vec::new();
        manifest::annotations(object.root(), pod, &mut marks);
        for tool in self.settings.compat {
            tools::annotations(*tool, object, pod, self.settings.now, &mut marks);
        }
        tools::comments_in(&self.tool_comments, object, self.settings.now, &mut marks);
        self.marks = marks
            .into_iter()
            .map(|mark| {
                let mark = self.known(mark);
                let number = self.enter(&mark, Some(id), source);
                (mark, number)
            })
            .collect();
    }

    /// A mark, or that it is broken since it names no control.
    fn known(&mut self, mut mark: Mark) -> Mark {
        if let Origin::Annotation | Origin::Comment = mark.origin
            && mark.problem.is_none()
            && !self.meaning(&mark).known
        {
            mark.state = ExceptionState::Broken;
            mark.problem = Some(format!("there is no control '{}'", mark.names.join(", ")));
        }
        mark
    }

    /// Enters what stands in a manifest into the ledger, and gives its number there.
    fn enter(&mut self, mark: &Mark, object: Option<ObjectId>, source: &Arc<Source>) -> usize {
        let assessed = !self.meaning(mark).assessed.is_empty();
        self.ledger.enter(mark, object, source, assessed)
    }

    /// Whether there may be an exception for what a control finds in the object that was looked at.
    pub(crate) fn may_accept(&self, control: usize) -> bool {
        !self.marks.is_empty()
            || !self.comments.is_empty()
            || self
                .of_file
                .get(control)
                .is_some_and(|of_file| !of_file.is_empty())
    }

    /// Why a finding is accepted, the exception by its number in the ledger. `at` is the number that the finding will have.
    pub(crate) fn accept(
        &mut self,
        at: usize,
        id: ObjectId,
        object: &Object,
        finding: &Finding,
    ) -> Option<Acceptance> {
        let mut accepted = None;
        for exception_number in self.of_file.get(finding.control).into_iter().flatten() {
            let exception = &self.settings.exceptions[*exception_number];
            if exception.selector.matches(object, &finding.path) {
                self.ledger.used(*exception_number, id, at);
                if accepted.is_none()
                    && exception.state(self.settings.now) == ExceptionState::InForce
                {
                    accepted = Some(Acceptance {
                        exception: *exception_number,
                        reason: exception.reason.clone(),
                    });
                }
            }
        }
        if self.marks.is_empty() && self.comments.is_empty() {
            return accepted;
        }
        let line = finding.position.line;
        let mut meant: Vec<(usize, String, ExceptionState)> = Vec::new();
        for (mark, number) in &self.marks {
            let covered = match mark.covers {
                Covers::Object => true,
                Covers::Line(covered) => covered == line,
                Covers::Node(start) => is_below(object.root(), finding, start),
            };
            if covered && names(&self.meanings, mark, finding.control) {
                meant.push((*number, mark.reason.clone(), mark.state));
            }
        }
        let first = first_for(&self.comments, line);
        for at in first..self.comments.len() {
            let mark = &self.comments[at];
            if mark.covers != Covers::Line(line) {
                break;
            }
            if names(&self.meanings, mark, finding.control) {
                let mark = mark.clone();
                let number = self.enter(&mark, None, object.tree().source());
                meant.push((number, mark.reason, mark.state));
            }
        }
        for (number, reason, state) in meant {
            self.ledger.used(number, id, at);
            if accepted.is_none() && state == ExceptionState::InForce {
                accepted = Some(Acceptance {
                    exception: number,
                    reason,
                });
            }
        }
        accepted
    }

    /// What the names of a mark stand for; those of a tool are its ids for controls.
    fn meaning(&mut self, mark: &Mark) -> Meaning {
        let tool = match mark.origin {
            Origin::Tool(tool) => Some(tool),
            Origin::File | Origin::Annotation | Origin::Comment => None,
        };
        let mut all = Meaning::default();
        for name in keys(mark) {
            let (controls, others) = (self.controls, self.settings.others);
            let meaning = self
                .meanings
                .entry((tool, name.clone()))
                .or_insert_with(|| {
                    let is_meant = |control: &&Control| match tool {
                        Some(tool) => tool.means(control, &name),
                        None => {
                            name.eq_ignore_ascii_case(&control.id)
                                || name.eq_ignore_ascii_case(&control.name)
                        }
                    };
                    let assessed: Vec<usize> = (0..controls.len())
                        .filter(|at| is_meant(&controls[*at]))
                        .collect();
                    Meaning {
                        known: !assessed.is_empty() || others.iter().any(is_meant),
                        assessed,
                    }
                });
            all.assessed.extend(&meaning.assessed);
            all.known |= meaning.known;
        }
        all
    }
}

/// The lines of an object.
fn lines_of(object: &Object) -> RangeInclusive<u32> {
    let root = object.root();
    let last = object.tree().source().position(root.span().end);
    root.position().line..=last.line
}

/// The first of the comments that are for a line or for one after it.
fn first_for(comments: &[Mark], line: u32) -> usize {
    comments.partition_point(|mark| matches!(mark.covers, Covers::Line(covered) if covered < line))
}

/// The names of a mark; one that is for all controls of a tool has the empty name.
fn keys(mark: &Mark) -> Vec<String> {
    if mark.names.is_empty() {
        vec![String::new()]
    } else {
        mark.names.clone()
    }
}

fn names(meanings: &HashMap<(Option<Tool>, String), Meaning>, mark: &Mark, number: usize) -> bool {
    let tool = match mark.origin {
        Origin::Tool(tool) => Some(tool),
        Origin::File | Origin::Annotation | Origin::Comment => None,
    };
    keys(mark).into_iter().any(|name| {
        meanings
            .get(&(tool, name))
            .is_some_and(|meaning| meaning.assessed.contains(&number))
    })
}

/// Whether a finding is in a node that starts on a line.
fn is_below(root: Node<'_>, finding: &Finding, line: u32) -> bool {
    let (node, _) = finding.path.find(root);
    root.path_to(node)
        .is_some_and(|nodes| nodes.iter().any(|node| node.position().line == line))
}

impl Mark {
    /// One that is in force and for a whole object.
    fn on_object(origin: Origin, names: Vec<String>, reason: &str, line: u32) -> Mark {
        let reason = reason.trim();
        Mark {
            origin,
            names,
            covers: Covers::Object,
            reason: if reason.is_empty() {
                "no reason is given".to_owned()
            } else {
                reason.to_owned()
            },
            expires: None,
            state: ExceptionState::InForce,
            problem: None,
            line,
        }
    }

    fn broken(mut self, problem: impl Into<String>) -> Mark {
        self.state = ExceptionState::Broken;
        self.problem = Some(problem.into());
        self
    }

    /// Why it is for more than anybody can have looked at.
    fn over_wide(&self) -> Option<String> {
        match self.origin {
            Origin::Tool(tool) if self.names.is_empty() => {
                Some(format!("it is for every check of {}", tool.name()))
            }
            _ => None,
        }
    }

    /// The type of what is accepted in a manifest.
    const KIND: ExceptionType = ExceptionType::RiskAccepted;
}
