//! One control on one object.

use bumpalo::Bump;
use plimsoll_catalog::{Control, Start, slots};
use plimsoll_cel::error::ErrorKind;
use plimsoll_cel::program::Program;
use plimsoll_cel::value::{Heap, Value};
use plimsoll_document::Node;
use plimsoll_inventory::{KubernetesVersion, Object, containers, pod_template};

/// What an expression of a control may cost on one item. Controls are part of the program or the user's own, and some
/// look at a whole cluster: the limit only ends what would never end.
pub(crate) const COST_LIMIT: u64 = 1_000 * Program::COST_LIMIT;

/// An object as its controls see it.
pub(crate) struct Subject<'o> {
    pub(crate) inventory: Value<'o>,
    pub(crate) object: Node<'o>,
    pub(crate) pod: Option<Node<'o>>,
    pub(crate) containers: Vec<Value<'o>>,
}

impl<'o> Subject<'o> {
    pub(crate) fn new(object: &'o Object, inventory: Value<'o>) -> Subject<'o> {
        let pod = pod_template(object);
        Subject {
            inventory,
            object: object.root(),
            pod,
            containers: pod
                .map(|pod| containers(pod).map(Value::from_node).collect())
                .unwrap_or_default(),
        }
    }
}

/// An item that failed.
#[derive(Clone, Copy)]
pub(crate) struct Failure<'o> {
    pub(crate) item: Node<'o>,
    pub(crate) container: Option<Node<'o>>,
}

/// What a control says of an object.
pub(crate) enum Verdict<'o> {
    /// It judges nothing in it.
    NotApplicable,
    /// Every item is as it should be.
    Passed,
    /// These items are not.
    Failed(Vec<Failure<'o>>),
    /// It could not be said, and the error, or that what it needs is not there. Items that failed are kept.
    NotAssessed(Vec<Failure<'o>>, Option<Why>),
}

/// Why an item could not be judged.
pub(crate) enum Why {
    /// An error.
    Error(String),
    /// It was asked for something that was not read.
    NotRead(String),
}

/// Judges one object by one control.
pub(crate) fn judge<'o>(
    control: &Control,
    subject: &Subject<'o>,
    kubernetes: KubernetesVersion,
    arena: &mut Bump,
) -> Verdict<'o> {
    let Some(expect) = &control.expect else {
        return Verdict::NotApplicable;
    };
    let mut failures = Vec::new();
    let mut reason = None;
    let mut unknown = false;
    let mut judged = control.when.is_none();
    let mut visit = |item: Node<'o>, container: Option<Node<'o>>| {
        match item_holds(control, expect, subject, item, container, kubernetes, arena) {
            Ok(Outcome::NotJudged) => {}
            Ok(Outcome::Holds) => judged = true,
            Ok(Outcome::Unknown) => {
                judged = true;
                unknown = true;
            }
            Ok(Outcome::Fails) => {
                judged = true;
                failures.push(Failure { item, container });
            }
            Err(error) => {
                judged = true;
                reason.get_or_insert(error);
            }
        }
        true
    };
    for each in &control.each {
        match (each.start, subject.pod) {
            (Start::Object, _) => {
                each.visit(subject.object, &mut |item| visit(item, None));
            }
            (Start::Pod, Some(pod)) => {
                each.visit(pod, &mut |item| visit(item, None));
            }
            (Start::Containers, Some(pod)) => {
                for container in containers(pod) {
                    each.visit(container, &mut |item| visit(item, Some(container)));
                }
            }
            (Start::Pod | Start::Containers, None) => {}
        }
    }
    match (reason, failures.is_empty()) {
        (Some(reason), _) => Verdict::NotAssessed(failures, Some(reason)),
        (None, _) if unknown => Verdict::NotAssessed(failures, None),
        (None, false) => Verdict::Failed(failures),
        (None, true) if judged => Verdict::Passed,
        (None, true) => Verdict::NotApplicable,
    }
}

/// Whether an item is as it should be.
fn item_holds(
    control: &Control,
    expect: &Program,
    subject: &Subject<'_>,
    item: Node<'_>,
    container: Option<Node<'_>>,
    kubernetes: KubernetesVersion,
    arena: &mut Bump,
) -> Result<Outcome, Why> {
    arena.reset();
    let heap = Heap::new(arena);
    let variables = variables(control, subject, item, container, kubernetes);
    let evaluate = |program: &Program| {
        program
            .evaluate_bool(heap, &variables, COST_LIMIT)
            .map_err(|error| reason_of(control, error))
    };
    if let Some(when) = &control.when
        && !evaluate(when)?
    {
        return Ok(Outcome::NotJudged);
    }
    if let Some(known) = &control.known
        && !evaluate(known)?
    {
        return Ok(Outcome::Unknown);
    }
    evaluate(expect).map(Outcome::from)
}

/// What an item came to.
enum Outcome {
    /// It is not judged.
    NotJudged,
    /// It is as it should be.
    Holds,
    /// It is not.
    Fails,
    /// What is needed to say so is not there.
    Unknown,
}

impl From<bool> for Outcome {
    fn from(holds: bool) -> Outcome {
        if holds {
            Outcome::Holds
        } else {
            Outcome::Fails
        }
    }
}

fn reason_of(control: &Control, error: &ErrorKind<'_>) -> Why {
    match error {
        ErrorKind::Unknown(what) => Why::NotRead((*what).to_owned()),
        error => Why::Error(format!("{}: {error}", control.id)),
    }
}

/// The variables of a control's expressions, by their slots.
pub(crate) fn variables<'v>(
    control: &'v Control,
    subject: &'v Subject<'v>,
    item: Node<'v>,
    container: Option<Node<'v>>,
    kubernetes: KubernetesVersion,
) -> [Value<'v>; slots::COUNT] {
    let mut variables = [Value::Null; slots::COUNT];
    variables[slots::OBJECT] = Value::from_node(subject.object);
    variables[slots::ITEM] = Value::from_node(item);
    if let Some(values) = control.parameters.values() {
        variables[slots::PARAMETERS] = Value::from_node(values);
    }
    variables[slots::CLUSTER] = subject.inventory;
    variables[slots::KUBERNETES_MINOR] = Value::Int(i64::from(kubernetes.minor));
    if let Some(pod) = subject.pod {
        variables[slots::POD] = Value::from_node(pod);
    }
    variables[slots::CONTAINERS] = Value::List(&subject.containers);
    if let Some(container) = container {
        variables[slots::CONTAINER] = Value::from_node(container);
    }
    variables
}
