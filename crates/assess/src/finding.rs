//! Items that failed, as people and programs read them.

use bumpalo::Bump;
use plimsoll_catalog::{Anchor, Control, EditKind, Place};
use plimsoll_cel::value::{Heap, Value};
use plimsoll_document::{Key, Node, Path, Position, Segment, Span, path_of};
use plimsoll_inventory::{KubernetesVersion, Object, ObjectId, api_default};
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

/// The finding of an item that failed.
pub(crate) fn finding(
    number: usize,
    control: &Control,
    (id, object): (ObjectId, &Object),
    subject: &Subject<'_>,
    failure: Item<'_>,
    kubernetes: KubernetesVersion,
    arena: &mut Bump,
) -> Finding {
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
        control: number,
        object: id,
        status: FindingStatus::Failed,
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
        exception: None,
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
    arena: &mut Bump,
) -> String {
    arena.reset();
    let heap = Heap::new(arena);
    let variables = variables(control, subject, failure, kubernetes, heap);
    let text = control.message.as_ref().and_then(|message| {
        let evaluation = message.evaluate(heap, &variables, COST_LIMIT);
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
