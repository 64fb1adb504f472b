//! Items that failed, as people and programs read them.

use std::num::NonZero;

use plimsoll_catalog::{Anchor, Control, EditKind, Place};
use plimsoll_cel::arena::{Arena, Limits};
use plimsoll_cel::library::Object as HostObject;
use plimsoll_cel::value::{Heap, Value};
use plimsoll_document::{
    Key, Node, NodeId, Path, Position, Segment, Span, Threads, in_parts, path_of,
};
use plimsoll_inventory::{Inventory, KubernetesVersion, Object, ObjectId, api_default};
use serde_json::Value as Json;

use crate::fingerprint::Fingerprint;
use crate::judge::{COST_LIMIT, Item, Subject, variables};
use crate::observed::{is_secret, observed};

/// An item of an object that a control found wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The number of the control among those that were assessed.
    pub control: usize,
    /// The object.
    pub object: ObjectId,
    /// Failed, or failed and accepted.
    pub status: FindingStatus,
    /// The place that is wrong, from the object's root; it may not exist.
    pub path: Path,
    /// Line and column of the place, or of the nearest one that exists.
    pub position: Position,
    /// The bytes of that place in the source: its key where it has one, else its value.
    pub span: Span,
    /// Whether the place exists.
    pub exists: bool,
    /// The value there, without secrets; null where there is none.
    pub observed: Json,
    /// Whether the place may hold a secret, so that no report shows the source there.
    pub hidden: bool,
    /// What the API server takes where the place is missing.
    pub default: Option<&'static str>,
    /// What is wrong.
    pub message: String,
    /// What mends it.
    pub edits: Vec<PlannedEdit>,
    /// The number, among the exceptions of the assessment, of the one for which it is accepted.
    pub exception: Option<usize>,
    /// What makes it the same finding in another scan.
    pub fingerprint: Fingerprint,
}

/// A finding before it is described: what is counted. Most scans print few of what they find, and describing costs more
/// than finding. A cluster has hundreds of thousands of them, so
/// they are small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The object.
    pub object: ObjectId,
    /// Why it is accepted, where it is.
    pub accepted: Option<Box<Acceptance>>,
    control: u32,
    item: NodeId,
    /// The number of the container in the tree, and that of the component in the object, each one more than it is.
    container: Option<NonZero<u32>>,
    component: Option<NonZero<u32>>,
}

/// That somebody accepted a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The number of the exception among those of the assessment.
    pub exception: usize,
    /// Why.
    pub reason: String,
}

impl Flaw {
    /// An item that failed.
    pub(crate) fn new(control: usize, object: ObjectId, item: Item<'_>) -> Flaw {
        let follower = |number: u32| NonZero::new(number.wrapping_add(1));
        Flaw {
            object,
            accepted: None,
            control: control as u32,
            item: item.node.id(),
            container: item.container.and_then(|node| follower(node.id().number())),
            component: item.component.and_then(|number| follower(number as u32)),
        }
    }

    /// The number of the control among those that were assessed.
    pub fn control(&self) -> usize {
        self.control as usize
    }

    fn item<'o>(&self, object: &'o Object) -> Item<'o> {
        let tree = object.tree();
        Item {
            node: tree.node(self.item),
            container: self
                .container
                .map(|follower| tree.node(NodeId::new(follower.get() - 1))),
            component: self.component.map(|follower| follower.get() as usize - 1),
        }
    }
}

/// What became of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingStatus {
    /// It stands.
    Failed,
    /// Somebody accepted it, and why.
    Accepted(String),
}

/// An edit with its full path.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedEdit {
    /// The place, from the object's root.
    pub path: Path,
    /// What is done there.
    pub kind: EditKind,
}

/// How many flaws a thread describes at a time.
const PART: usize = 256;

/// The findings that flaws are, in their order.
pub(crate) fn describe_all(
    inventory: &Inventory,
    controls: &[&Control],
    flaws: &[Flaw],
    kubernetes: KubernetesVersion,
    threads: Threads,
    limits: Limits,
) -> Vec<Finding> {
    let parts = in_parts(
        threads,
        flaws,
        PART,
        || Arena::new(limits),
        |arena, flaws| -> Vec<Finding> {
            let host = HostObject::Host(inventory);
            // Flaws of one object stand together: what it is made of is looked up once for them.
            let mut last: Option<(ObjectId, Subject<'_>)> = None;
            let mut describe_one = |flaw: &Flaw| {
                let object = inventory.object(flaw.object);
                let (_, subject) = match last.take() {
                    Some(known) if known.0 == flaw.object => last.insert(known),
                    _ => {
                        let cluster = Value::Object(&host);
                        let subject = Subject::new(flaw.object, object, inventory, cluster);
                        last.insert((flaw.object, subject))
                    }
                };
                let control = controls[flaw.control()];
                describe(flaw, control, object, subject, kubernetes.known(), arena)
            };
            flaws.iter().map(&mut describe_one).collect()
        },
    );
    let mut findings: Vec<Finding> = parts.into_iter().flatten().collect();
    Fingerprint::number(findings.iter_mut().map(|finding| &mut finding.fingerprint));
    findings
}

/// The finding that a flaw is.
pub(crate) fn describe(
    flaw: &Flaw,
    control: &Control,
    object: &Object,
    subject: &Subject<'_>,
    kubernetes: KubernetesVersion,
    arena: &mut Arena,
) -> Finding {
    let failure = flaw.item(object);
    let places = control
        .finds
        .iter()
        .map(|place| Pointed::new(place, subject, failure));
    let mut first = None;
    let mut existing = None;
    for pointed in places {
        if pointed.exists {
            existing = Some(pointed);
            break;
        }
        first = first.or(Some(pointed));
    }
    let Pointed {
        node,
        exists,
        path,
        known_as,
    } = existing
        .or(first)
        .unwrap_or_else(|| Pointed::item(subject, failure));
    let hidden = control.sensitive || exists && is_secret(object, node, &path);
    let span = if node.key().is_empty() {
        node.span()
    } else {
        Span {
            start: node.start(),
            end: node.start() + key_length(node),
        }
    };
    Finding {
        control: flaw.control(),
        object: flaw.object,
        status: match &flaw.accepted {
            Some(acceptance) => FindingStatus::Accepted(acceptance.reason.clone()),
            None => FindingStatus::Failed,
        },
        position: node.position(),
        span,
        exists,
        observed: if exists {
            observed(object, node, &path, control.sensitive)
        } else {
            Json::Null
        },
        hidden,
        default: if exists {
            None
        } else {
            api_default(&path, kubernetes)
        },
        message: message(control, subject, failure, kubernetes, arena),
        edits: edits(control, subject, failure),
        exception: flaw
            .accepted
            .as_ref()
            .map(|acceptance| acceptance.exception),
        fingerprint: Fingerprint::new(&control.id, object, known_as.as_ref().unwrap_or(&path)),
        path,
    }
}

/// The bytes of a key as it is written, quotes included.
fn key_length(node: Node<'_>) -> u32 {
    let text = node.tree().source().text();
    let quoted = matches!(
        text.as_bytes().get(node.start() as usize),
        Some(b'"' | b'\'')
    );
    node.key().len() as u32 + if quoted { 2 } else { 0 }
}

/// Where a finding points.
struct Pointed<'o> {
    /// The place, or the nearest that exists.
    node: Node<'o>,
    exists: bool,
    /// From the object's root.
    path: Path,
    /// What the place is known by in another scan, where that is not its path.
    known_as: Option<Path>,
}

impl<'o> Pointed<'o> {
    fn new(place: &Place, subject: &Subject<'o>, failure: Item<'o>) -> Pointed<'o> {
        if place.anchor == Anchor::Flags {
            return Pointed::flag(place, subject, failure);
        }
        let start = anchor_of(place, subject, failure);
        let (node, depth) = place.path.find(start);
        Pointed {
            node,
            exists: depth == place.path.segments.len(),
            path: full_path(subject, start, &place.path),
            known_as: None,
        }
    }

    fn item(subject: &Subject<'_>, failure: Item<'o>) -> Pointed<'o> {
        Pointed {
            node: failure.node,
            exists: true,
            path: full_path(subject, failure.node, &Path::default()),
            known_as: None,
        }
    }

    /// The word that sets a flag; where none does, the one that the command line lacks. The finding is the same
    /// whatever the word says and wherever it stands.
    fn flag(place: &Place, subject: &Subject<'o>, failure: Item<'o>) -> Pointed<'o> {
        let Some(running) = subject.component_of(failure) else {
            return Pointed::item(subject, failure);
        };
        let name = match place.path.segments.first() {
            Some(Segment::Key(key)) => key.name(),
            _ => "",
        };
        let word = running.command_line.flag(name).map(|flag| flag.word);
        let line = ["command", "args"]
            .into_iter()
            .find_map(|list| running.node.get_name(list));
        let node = word.or(line).unwrap_or(running.node);
        let flags = [Segment::Key(Key::new("flags"))];
        let mut path = full_path(subject, node, &Path::default());
        if word.is_none() {
            let wanted = format!("--{name}");
            path.segments.push(Segment::Key(Key::new(&wanted)));
        }
        Pointed {
            node,
            exists: word.is_some(),
            path,
            known_as: Some(
                full_path(subject, running.node, &Path::default())
                    .join(&flags)
                    .join(&place.path.segments),
            ),
        }
    }
}

fn anchor_of<'o>(place: &Place, subject: &Subject<'o>, failure: Item<'o>) -> Node<'o> {
    match place.anchor {
        Anchor::Item => failure.node,
        Anchor::Container => failure.container.unwrap_or(failure.node),
        Anchor::Component | Anchor::Flags => subject
            .component_of(failure)
            .map_or(failure.node, |running| running.node),
        Anchor::Pod => subject.pod.unwrap_or(subject.object),
        Anchor::Object => subject.object,
    }
}

fn full_path(subject: &Subject<'_>, start: Node<'_>, below: &Path) -> Path {
    path_of(subject.object, start)
        .unwrap_or_default()
        .join(&below.segments)
}

fn message(
    control: &Control,
    subject: &Subject<'_>,
    failure: Item<'_>,
    kubernetes: KubernetesVersion,
    arena: &mut Arena,
) -> String {
    arena.reset();
    arena.start();
    let heap = Heap::new(arena);
    let variables = variables(control, subject, failure, kubernetes, heap);
    let text = control.message.as_ref().and_then(|message| {
        let evaluation = message
            .program()
            .ok()?
            .evaluate(heap, &variables, COST_LIMIT);
        match evaluation.result {
            Ok(Value::String(text)) => Some(text.to_owned()),
            // A name that the message wants may be missing in a manifest that is broken anyway.
            _ => None,
        }
    });
    text.unwrap_or_else(|| control.title.to_lowercase())
}

fn edits(control: &Control, subject: &Subject<'_>, failure: Item<'_>) -> Vec<PlannedEdit> {
    control
        .fix
        .iter()
        .map(|edit| {
            let start = anchor_of(&edit.place, subject, failure);
            PlannedEdit {
                path: full_path(subject, start, &edit.place.path),
                kind: edit.kind.clone(),
            }
        })
        .collect()
}
