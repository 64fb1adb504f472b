//! One control on one object.

use plimsoll_catalog::{Control, Expression, Start, slots};
use plimsoll_cel::arena::{Arena, Limits};
use plimsoll_cel::error::ErrorKind;
use plimsoll_cel::memory::Memory;
use plimsoll_cel::program::Program;
use plimsoll_cel::value::{Heap, Value};
use plimsoll_document::Node;
use plimsoll_inventory::{
    CommandLine, Inventory, KubernetesVersion, NODE_FACTS_GROUP, NODE_FACTS_KIND, Object, ObjectId,
    RunningComponent, can_run_components, containers, pod_template,
};

use crate::node_facts::{
    unknown_part_of_facts, unknown_processes, unread_item, unread_part_of_component,
};

/// What an expression of a control may cost on one item. Controls are part of the program or the user's own, and some
/// look at a whole cluster: the limit only ends what would never end. Where 10,000 Pods are, the dearest control costs
/// 7,400,000 units, and nearly all of that because sorting counts the square of what it sorts; no other one costs a
/// twentieth of it. So many units take 5 seconds where they take longest, which is well below the limit of time: what a
/// scan says depends on the clock only where a machine is busy, or single steps take longer than their cost says.
pub(crate) const COST_LIMIT: u64 = 1_000 * Program::COST_LIMIT;

/// An object as its controls see it.
pub(crate) struct Subject<'o> {
    pub(crate) inventory: Value<'o>,
    pub(crate) object: Node<'o>,
    pub(crate) pod: Option<Node<'o>>,
    pub(crate) containers: Vec<Value<'o>>,
    /// What it runs, where it runs components.
    pub(crate) components: Vec<RunningComponent<'o>>,
    /// Whether it is the facts of a node.
    pub(crate) is_facts: bool,
}

impl<'o> Subject<'o> {
    pub(crate) fn new(
        id: ObjectId,
        object: &'o Object,
        inventory: &'o Inventory,
        cluster: Value<'o>,
    ) -> Subject<'o> {
        let (group, kind) = (object.group(), object.kind());
        let components = if can_run_components(group, kind) {
            inventory.components_of(id, object)
        } else {
            Vec::new()
        };
        let is_facts = (group, kind) == (NODE_FACTS_GROUP, NODE_FACTS_KIND);
        let pod = pod_template(object);
        Subject {
            inventory: cluster,
            object: object.root(),
            pod,
            containers: pod
                .map(|pod| containers(pod).map(Value::from_node).collect())
                .unwrap_or_default(),
            components,
            is_facts,
        }
    }

    /// The component that an item is, or is in.
    pub(crate) fn component_of(&self, item: Item<'_>) -> Option<&RunningComponent<'o>> {
        self.components.get(item.component?)
    }
}

/// What a control judges, and where it is.
#[derive(Clone, Copy)]
pub(crate) struct Item<'o> {
    pub(crate) node: Node<'o>,
    pub(crate) container: Option<Node<'o>>,
    /// The number of the component among those of the object.
    pub(crate) component: Option<usize>,
}

/// What a thread evaluates with, kept from one object to the next.
pub(crate) struct Scratch {
    pub(crate) arena: Arena,
    memory: Memory,
}

impl Scratch {
    pub(crate) fn new(limits: Limits) -> Scratch {
        Scratch {
            arena: Arena::new(limits),
            memory: Memory::default(),
        }
    }
}

/// What a control says of an object.
pub(crate) enum Verdict<'o> {
    /// It judges nothing in it.
    NotApplicable,
    /// Every item is as it should be.
    Passed,
    /// These items are not.
    Failed(Vec<Item<'o>>),
    /// It could not be said, and why. Items that failed are kept.
    NotAssessed(Vec<Item<'o>>, Reason),
}

/// Why something could not be said.
pub(crate) enum Reason {
    /// What the control needs is not there: what its page says.
    Missing,
    /// What it needs could not be read.
    Unread(String),
    /// Something went wrong.
    Error(String),
}

/// Judges one object by one control.
pub(crate) fn judge<'o>(
    control: &Control,
    subject: &Subject<'o>,
    kubernetes: KubernetesVersion,
    scratch: &mut Scratch,
) -> Verdict<'o> {
    let Some(expect) = &control.expect else {
        return Verdict::NotApplicable;
    };
    scratch.arena.start();
    let mut judging = Judging {
        control,
        expect,
        subject,
        kubernetes,
        scratch,
        failures: Vec::new(),
        reason: None,
        judged: control.when.is_none() && control.components().is_empty(),
    };
    for each in &control.each {
        match (each.start, subject.pod) {
            // A control on components may be for some kinds beside.
            (Start::Object, _) if !control.components().is_empty() && !is_for(control, subject) => {
            }
            (Start::Object, _) => {
                each.visit(subject.object, &mut |item| judging.visit(item, None, None));
            }
            (Start::Pod, Some(pod)) => {
                each.visit(pod, &mut |item| judging.visit(item, None, None));
            }
            (Start::Containers, Some(pod)) => {
                for container in containers(pod) {
                    each.visit(container, &mut |item| {
                        judging.visit(item, Some(container), None)
                    });
                }
            }
            (Start::Components, _) => {
                for (at, running) in subject.components.iter().enumerate() {
                    if control.components().contains(&running.component) && judging.begin(running) {
                        each.visit(running.node, &mut |item| {
                            judging.visit(item, None, Some(at))
                        });
                    }
                }
            }
            (Start::Pod | Start::Containers, None) => {}
        }
    }
    if subject.is_facts {
        judging.look_for_unknown_parts();
    }
    match (judging.reason, judging.failures) {
        (Some(reason), failures) => Verdict::NotAssessed(failures, reason),
        (None, failures) if !failures.is_empty() => Verdict::Failed(failures),
        (None, _) if judging.judged => Verdict::Passed,
        (None, _) => Verdict::NotApplicable,
    }
}

/// Whether the object is of a kind that a control on components is for by itself.
fn is_for(control: &Control, subject: &Subject<'_>) -> bool {
    if subject.is_facts {
        return control.applies_to(NODE_FACTS_GROUP, NODE_FACTS_KIND);
    }
    let text = |key: &str| subject.object.get_name(key).and_then(Node::as_str);
    let group = text("apiVersion").and_then(|version| version.split_once('/'));
    control.applies_to(
        group.map_or("", |(group, _)| group),
        text("kind").unwrap_or_default(),
    )
}

/// One control on one object, under way.
struct Judging<'j, 'o> {
    control: &'j Control,
    expect: &'j Expression,
    subject: &'j Subject<'o>,
    kubernetes: KubernetesVersion,
    scratch: &'j mut Scratch,
    failures: Vec<Item<'o>>,
    reason: Option<Reason>,
    /// Whether anything was looked at.
    judged: bool,
}

impl<'o> Judging<'_, 'o> {
    fn visit(
        &mut self,
        node: Node<'o>,
        container: Option<Node<'o>>,
        component: Option<usize>,
    ) -> bool {
        let arena = &self.scratch.arena;
        if arena.is_overdue() {
            let limit = arena.limits().time.unwrap_or_default();
            let error = ErrorKind::TimeExceeded(limit);
            self.cannot_say(reason_of(self.control, &error));
            return false;
        }
        let item = Item {
            node,
            container,
            component,
        };
        let outcome = self.outcome(item);
        self.judged |= !matches!(outcome, Outcome::NotJudged);
        match outcome {
            Outcome::NotJudged | Outcome::Holds => {}
            Outcome::Fails => self.failures.push(item),
            Outcome::Unknown(reason) => self.cannot_say(reason),
        }
        true
    }

    /// The first error counts; else the first that could not be read, which says why; else the first that is not there.
    fn cannot_say(&mut self, reason: Reason) {
        let weight = |reason: &Reason| match reason {
            Reason::Missing => 0,
            Reason::Unread(_) => 1,
            Reason::Error(_) => 2,
        };
        let is_weightier = self
            .reason
            .as_ref()
            .is_none_or(|known| weight(&reason) > weight(known));
        if is_weightier {
            self.reason = Some(reason);
        }
    }

    /// Whether a component can be judged: it could be read, and so could all of it that the control reads.
    fn begin(&mut self, running: &RunningComponent<'_>) -> bool {
        let control = self.control;
        self.judged |= control.when.is_none();
        let unread = if self.subject.is_facts {
            unread_item(running.node).or_else(|| unread_part_of_component(control, running.node))
        } else {
            None
        };
        let reads_flags = || {
            let programs = [&control.when, &control.known, &control.expect];
            programs
                .into_iter()
                .flatten()
                .filter_map(|expression| expression.program().ok())
                .any(|program| program.reads(slots::FLAGS))
        };
        let unread = unread.or_else(|| {
            (!running.command_line.is_known() && reads_flags()).then(|| {
                let name = running.component.name();
                format!("the command line of {name} is not known")
            })
        });
        match unread {
            Some(reason) => {
                self.cannot_say(Reason::Unread(reason));
                false
            }
            None => true,
        }
    }

    /// What is not known has no items, which must not look as if nothing were wrong.
    fn look_for_unknown_parts(&mut self) {
        let facts = self.subject.object;
        let is_absent = |component| {
            let mut running = self.subject.components.iter();
            !running.any(|running| running.component == component)
        };
        let components = self.control.components();
        let processes = if components.iter().any(|component| is_absent(*component)) {
            unknown_processes(facts)
        } else {
            None
        };
        let reason = processes.or_else(|| unknown_part_of_facts(self.control, facts));
        if let Some(reason) = reason {
            self.cannot_say(Reason::Unread(reason));
        }
    }

    /// What an item comes to.
    fn outcome(&mut self, item: Item<'o>) -> Outcome {
        let control = self.control;
        let Scratch { arena, memory } = &mut *self.scratch;
        arena.reset();
        let heap = Heap::new(arena);
        let variables = variables(control, self.subject, item, self.kubernetes, heap);
        let mut evaluate = |expression: &Expression| {
            compiled(control, expression)?
                .evaluate_bool_with(heap, &variables, COST_LIMIT, memory)
                .map_err(|error| Outcome::Unknown(reason_of(control, error)))
        };
        let unread = || {
            let reason = self.subject.is_facts.then(|| unread_item(item.node));
            reason
                .flatten()
                .map(|reason| Outcome::Unknown(Reason::Unread(reason)))
        };
        let mut judge = || -> Result<Outcome, Outcome> {
            if let Some(when) = &control.when
                && !evaluate(when)?
            {
                return Ok(Outcome::NotJudged);
            }
            if let Some(unread) = unread() {
                return Ok(unread);
            }
            if let Some(known) = &control.known
                && !evaluate(known)?
            {
                return Ok(Outcome::Unknown(Reason::Missing));
            }
            Ok(if evaluate(self.expect)? {
                Outcome::Holds
            } else {
                Outcome::Fails
            })
        };
        // An item that could not be read may lack what `when` asks for.
        judge().unwrap_or_else(|error| unread().unwrap_or(error))
    }
}

/// What an item came to.
enum Outcome {
    /// It is not judged.
    NotJudged,
    /// It is as it should be.
    Holds,
    /// It is not.
    Fails,
    /// That cannot be said.
    Unknown(Reason),
}

fn compiled<'c>(control: &Control, expression: &'c Expression) -> Result<&'c Program, Outcome> {
    expression.program().map_err(|errors| {
        let reason = errors.first().map_or("", |error| error.message.as_str());
        Outcome::Unknown(Reason::Error(format!("{}: {reason}", control.id)))
    })
}

fn reason_of(control: &Control, error: &ErrorKind<'_>) -> Reason {
    let of_option = |error: &ErrorKind<'_>, option: &str| {
        Reason::Error(format!("{}: it {error}; {option} allows more", control.id))
    };
    match error {
        // It was asked for something that was not read.
        ErrorKind::Unknown(what) => Reason::Unread((*what).to_owned()),
        error @ ErrorKind::TimeExceeded(_) => of_option(error, "--control-time-limit"),
        error @ ErrorKind::MemoryExceeded(_) => of_option(error, "--control-memory-limit"),
        error => Reason::Error(format!("{}: {error}", control.id)),
    }
}

/// The variables of a control's expressions, by their slots.
pub(crate) fn variables<'v>(
    control: &'v Control,
    subject: &'v Subject<'v>,
    item: Item<'v>,
    kubernetes: KubernetesVersion,
    heap: Heap<'v>,
) -> [Value<'v>; slots::COUNT] {
    let mut variables = [Value::Null; slots::COUNT];
    variables[slots::OBJECT] = Value::from_node(subject.object);
    variables[slots::ITEM] = Value::from_node(item.node);
    if let Some(values) = control.parameters.values() {
        variables[slots::PARAMETERS] = Value::from_node(values);
    }
    variables[slots::CLUSTER] = subject.inventory;
    variables[slots::KUBERNETES_MINOR] = Value::Int(i64::from(kubernetes.minor));
    if !control.components().is_empty() {
        if let Some(running) = subject.component_of(item) {
            variables[slots::COMPONENT] = Value::from_node(running.node);
            variables[slots::FLAGS] = flags(&running.command_line, heap);
        } else {
            variables[slots::FLAGS] = heap.map(&[]);
        }
        return variables;
    }
    if let Some(pod) = subject.pod {
        variables[slots::POD] = Value::from_node(pod);
    }
    variables[slots::CONTAINERS] = Value::List(&subject.containers);
    if let Some(container) = item.container {
        variables[slots::CONTAINER] = Value::from_node(container);
    }
    variables
}

/// The flags of a command line as a map.
fn flags<'v>(line: &'v CommandLine<'v>, heap: Heap<'v>) -> Value<'v> {
    let entries: Vec<(Value<'v>, Value<'v>)> = line
        .flags()
        .iter()
        .map(|flag| (Value::String(&flag.name), Value::String(&flag.value)))
        .collect();
    heap.map(&entries)
}
