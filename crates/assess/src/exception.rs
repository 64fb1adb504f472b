//! Exceptions: findings that somebody accepts, for a reason and for a time.

use jiff::Timestamp;
use plimsoll_document::{Node, Path, Segment};
use plimsoll_inventory::{CONTAINER_LISTS, Object, ObjectId};

use crate::accept::Tool;
use crate::glob::Glob;

/// How many days an exception lasts that tooling writes.
pub const DEFAULT_DAYS: i32 = 90;

/// How many days one may last at most.
pub const MOST_DAYS: i32 = 365;

/// From how many controls on an exception is over-wide.
const MANY_CONTROLS: usize = 10;

/// An exception of an exceptions file.
#[derive(Debug, Clone)]
pub struct Exception {
    /// The ids of the controls whose findings it accepts.
    pub controls: Vec<String>,
    /// The objects, and the parts of them, that it is for.
    pub selector: Selector,
    /// Why findings are accepted, in a word.
    pub kind: ExceptionType,
    /// Why, in a sentence.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who allowed it.
    pub approver: String,
    /// When it was made, as it is written.
    pub created: String,
    /// When it ends, as it is written.
    pub expires: String,
    /// The first moment at which it counts.
    pub from: Timestamp,
    /// The first moment at which it counts no more.
    pub until: Timestamp,
    /// The file it stands in.
    pub file: String,
    /// Its line.
    pub line: u32,
}

/// Why findings are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExceptionType {
    /// The risk is real, and is taken.
    RiskAccepted,
    /// The finding is wrong.
    FalsePositive,
    /// Something else protects.
    CompensatingControl,
    /// What the control is about is not there.
    NotApplicable,
    /// It is the duty of somebody else, who does it.
    Inherited,
}

impl ExceptionType {
    /// All of them.
    pub const ALL: [ExceptionType; 5] = [
        ExceptionType::RiskAccepted,
        ExceptionType::FalsePositive,
        ExceptionType::CompensatingControl,
        ExceptionType::NotApplicable,
        ExceptionType::Inherited,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            ExceptionType::RiskAccepted => "risk-accepted",
            ExceptionType::FalsePositive => "false-positive",
            ExceptionType::CompensatingControl => "compensating-control",
            ExceptionType::NotApplicable => "not-applicable",
            ExceptionType::Inherited => "inherited",
        }
    }

    /// Reads what `name` gives.
    pub fn parse(text: &str) -> Option<ExceptionType> {
        ExceptionType::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
    }
}

/// Which objects an exception is for, and which part of them. What is empty holds for every object; of several patterns
/// one must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// Patterns of the kind.
    pub kind: Vec<Glob>,
    /// Patterns of the namespace; an object that states none has the empty one.
    pub namespace: Vec<Glob>,
    /// Patterns of the name.
    pub name: Vec<Glob>,
    /// Labels of the object, and patterns of their values; all must hold.
    pub labels: Vec<(String, Glob)>,
    /// Patterns of a container's name; then only findings in such a container are meant.
    pub container: Vec<Glob>,
}

impl Selector {
    /// Whether a finding at a path of an object is meant.
    pub fn matches(&self, object: &Object, path: &Path) -> bool {
        self.matches_object(object)
            && (self.container.is_empty()
                || container_of(object.root(), path)
                    .is_some_and(|name| one_of(&self.container, name)))
    }

    /// Whether an object is meant.
    pub fn matches_object(&self, object: &Object) -> bool {
        (self.kind.is_empty() || one_of(&self.kind, object.kind()))
            && (self.namespace.is_empty() || one_of(&self.namespace, object.namespace()))
            && (self.name.is_empty() || one_of(&self.name, object.name()))
            && self.labels.iter().all(|(key, wanted)| {
                // Labels only: an annotation can be set by whoever may not set labels that policies select by.
                label(object, key).is_some_and(|value| wanted.matches(value))
            })
    }

    fn names_objects(&self) -> bool {
        let narrow = |globs: &[Glob]| !globs.is_empty() && globs.iter().all(Glob::is_narrow);
        narrow(&self.name) || self.labels.iter().any(|(_, glob)| glob.is_narrow())
    }
}

fn one_of(globs: &[Glob], name: &str) -> bool {
    globs.iter().any(|glob| glob.matches(name))
}

fn label<'o>(object: &'o Object, key: &str) -> Option<&'o str> {
    object
        .root()
        .get_name("metadata")?
        .get_name("labels")?
        .get_name(key)?
        .as_str()
}

/// The name of the container that a path leads into.
fn container_of<'o>(root: Node<'o>, path: &Path) -> Option<&'o str> {
    let at = path.segments.windows(2).position(|pair| {
        matches!(pair, [Segment::Key(key), Segment::Index(_)] if CONTAINER_LISTS.contains(&key.name()))
    })?;
    let container = Path {
        segments: path.segments[..at + 2].to_vec(),
    };
    let (node, depth) = container.find(root);
    (depth == container.segments.len())
        .then(|| node.get_name("name")?.as_str())
        .flatten()
}

/// Whether an exception counts at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExceptionState {
    /// It does.
    InForce,
    /// It does not yet.
    NotYet,
    /// It does no more.
    Expired,
    /// It never does, since something is wrong with it.
    Broken,
}

impl ExceptionState {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            ExceptionState::InForce => "inForce",
            ExceptionState::NotYet => "notYet",
            ExceptionState::Expired => "expired",
            ExceptionState::Broken => "broken",
        }
    }
}

/// Where an exception stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// In an exceptions file.
    File,
    /// In an annotation of the object.
    Annotation,
    /// In a comment on the line.
    Comment,
    /// In an annotation or comment that is meant for another tool.
    Tool(Tool),
}

impl Origin {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Origin::File => "file",
            Origin::Annotation => "annotation",
            Origin::Comment => "comment",
            Origin::Tool(tool) => tool.name(),
        }
    }
}

/// An exception, and what it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionResult {
    /// Where it stands.
    pub origin: Origin,
    /// The controls it names: ids, or the ids that another tool has for them.
    pub controls: Vec<String>,
    /// The object it stands in; `None` for one of a file.
    pub object: Option<ObjectId>,
    /// Why findings are accepted, in a word.
    pub kind: ExceptionType,
    /// Why, in a sentence.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Who allowed it.
    pub approver: Option<String>,
    /// When it was made.
    pub created: Option<String>,
    /// When it ends.
    pub expires: Option<String>,
    /// Whether it counts.
    pub state: ExceptionState,
    /// Why it is for more than anybody can have looked at.
    pub over_wide: Option<String>,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// The file, or source, that it stands in.
    pub file: String,
    /// Its line there; `None` where it is not known, as in text that was rendered.
    pub line: Option<u32>,
    /// The numbers of the findings it is for. They are accepted where it is in force.
    pub findings: Vec<usize>,
    /// How many of them are accepted because of it, and not of one before it.
    pub accepted: usize,
    /// In how many objects.
    pub objects: u32,
    /// Whether its controls were assessed, so that one which is for no finding is unused.
    pub assessed: bool,
}

impl ExceptionResult {
    /// Whether it is for nothing that was found.
    pub fn is_unused(&self) -> bool {
        self.findings.is_empty() && self.assessed
    }

    /// What is to be said against it, in a few words each.
    pub fn complaints(&self) -> Vec<String> {
        let expires = self.expires.as_deref().unwrap_or_default();
        let stand = match self.findings.len() {
            0 => String::new(),
            1 => ": the finding it was for stands".to_owned(),
            several => format!(": the {several} findings it was for stand"),
        };
        let mut complaints = Vec::new();
        match self.state {
            ExceptionState::InForce => {}
            ExceptionState::NotYet => complaints.push(format!(
                "counts from {} on",
                self.created.as_deref().unwrap_or_default()
            )),
            ExceptionState::Expired => complaints.push(format!("expired {expires}{stand}")),
            ExceptionState::Broken => {
                complaints.push(self.problem.clone().unwrap_or_default());
                return complaints;
            }
        }
        if self.is_unused() {
            complaints.push("unused: it is for nothing that was found".to_owned());
        }
        if self.state == ExceptionState::InForce && self.accepted == 0 && !self.findings.is_empty()
        {
            complaints.push("adds nothing: others accept what it is for".to_owned());
        }
        if let Some(why) = &self.over_wide {
            complaints.push(format!("over-wide: {why}"));
        }
        complaints
    }
}

impl Exception {
    /// Whether it counts at a moment.
    pub fn state(&self, now: Timestamp) -> ExceptionState {
        if now < self.from {
            ExceptionState::NotYet
        } else if now < self.until {
            ExceptionState::InForce
        } else {
            ExceptionState::Expired
        }
    }

    /// Why it is for more than anybody can have looked at.
    pub fn over_wide(&self) -> Option<String> {
        if !self.selector.names_objects() {
            return Some("neither a name nor a label narrows its objects down".to_owned());
        }
        (self.controls.len() >= MANY_CONTROLS)
            .then(|| format!("it is for {} controls", self.controls.len()))
    }

    pub(crate) fn result(&self, now: Timestamp, assessed: bool) -> ExceptionResult {
        ExceptionResult {
            origin: Origin::File,
            controls: self.controls.clone(),
            object: None,
            kind: self.kind,
            reason: self.reason.clone(),
            owner: Some(self.owner.clone()),
            approver: Some(self.approver.clone()),
            created: Some(self.created.clone()),
            expires: Some(self.expires.clone()),
            state: self.state(now),
            over_wide: self.over_wide(),
            problem: None,
            file: self.file.clone(),
            line: Some(self.line),
            findings: Vec::new(),
            accepted: 0,
            objects: 0,
            assessed,
        }
    }
}
