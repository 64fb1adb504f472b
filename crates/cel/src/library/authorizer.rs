//! Authorization checks. Who may do what is known to the cluster: an [`Authorizer`] answers, or says that it does not
//! know, and then neither does the expression.

use std::fmt;

use super::operator_cost::size;
use super::{Function, Object, unit_cost};
use crate::error::{ErrorKind, EvalError};
use crate::value::{Heap, Value};

/// Answers authorization checks.
pub trait Authorizer: fmt::Debug + Sync {
    /// Whether the request is allowed.
    fn check(&self, request: &Request<'_>) -> Answer;
}

/// What an authorizer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Allowed, and why.
    Allowed(String),
    /// Not allowed, and why.
    Denied(String),
    /// The check itself failed, and why.
    Failed(String),
    /// It cannot be known here.
    Unknown,
}

/// What is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// `None`: the user who makes the request.
    pub service_account: Option<(&'a str, &'a str)>,
    /// A path that is no resource.
    pub path: Option<&'a str>,
    /// API group.
    pub group: &'a str,
    /// Resource, plural.
    pub resource: &'a str,
    /// Subresource, or empty.
    pub subresource: &'a str,
    /// Namespace, or empty.
    pub namespace: &'a str,
    /// Name, or empty.
    pub name: &'a str,
    /// Field selector, or empty.
    pub field_selector: &'a str,
    /// Label selector, or empty.
    pub label_selector: &'a str,
    /// Verb.
    pub verb: &'a str,
}

/// A check that is being put together, by whoever answers it.
#[derive(Debug, Clone, Copy)]
pub struct Check<'a> {
    authorizer: &'a dyn Authorizer,
    request: Request<'a>,
    stage: Stage,
}

/// How far a check is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Authorizer,
    Path,
    Group,
    Resource,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    allowed: bool,
    reason: &'a str,
    error: &'a str,
}

impl<'a> Check<'a> {
    /// The value of the variable `authorizer`.
    pub fn new(authorizer: &'a dyn Authorizer) -> Check<'a> {
        Check {
            authorizer,
            request: Request::default(),
            stage: Stage::Authorizer,
        }
    }

    /// The name of its type.
    pub(super) fn type_name(&self) -> &'static str {
        match self.stage {
            Stage::Authorizer => "kubernetes.authorization.Authorizer",
            Stage::Path => "kubernetes.authorization.PathCheck",
            Stage::Group => "kubernetes.authorization.GroupCheck",
            Stage::Resource => "kubernetes.authorization.ResourceCheck",
        }
    }
}

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("path", true, path, unit_cost),
    Function::new("group", true, group, unit_cost),
    Function::new("serviceAccount", true, service_account, unit_cost),
    Function::new("resource", true, resource, unit_cost),
    Function::new("subresource", true, subresource, unit_cost),
    Function::new("namespace", true, namespace, unit_cost),
    Function::new("name", true, name, unit_cost),
    Function::new("fieldSelector", true, field_selector, selector_cost),
    Function::new("labelSelector", true, label_selector, selector_cost),
    Function::new("check", true, check, |_, _| 350_000),
    Function::new("allowed", true, allowed, unit_cost),
    Function::new("reason", true, reason, unit_cost),
    Function::new("errored", true, errored, unit_cost),
    Function::new("error", true, error, unit_cost),
];

/// Reading a selector: its text once, and a requirement for every second character at most.
fn selector_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    let length = arguments.get(1).map_or(0, size);
    10 + length.div_ceil(10) + length.div_ceil(2) * 50
}

/// The check of the target, at the stage wanted, with one text argument.
fn step<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
    function: &'static str,
    from: Stage,
    to: Stage,
    set: impl FnOnce(&mut Request<'a>, &'a str),
) -> Result<'a> {
    match arguments {
        [Value::Object(Object::Check(check)), Value::String(text)] if check.stage == from => {
            let mut check = *check;
            set(&mut check.request, text);
            check.stage = to;
            Ok(heap.object(Object::Check(check)))
        }
        _ => Err(heap.no_such_overload(function)),
    }
}

fn path<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    if matches!(arguments, [_, Value::String("")]) {
        return Err(heap.argument_error("path must not be empty"));
    }
    step(
        heap,
        arguments,
        "path",
        Stage::Authorizer,
        Stage::Path,
        |request, text| {
            request.path = Some(text);
        },
    )
}

fn group<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    step(
        heap,
        arguments,
        "group",
        Stage::Authorizer,
        Stage::Group,
        |request, text| {
            request.group = text;
        },
    )
}

fn service_account<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [
            Value::Object(Object::Check(check)),
            Value::String(namespace),
            Value::String(name),
        ] if check.stage == Stage::Authorizer => {
            let mut check = *check;
            check.request.service_account = Some((namespace, name));
            Ok(heap.object(Object::Check(check)))
        }
        _ => Err(heap.no_such_overload("serviceAccount")),
    }
}

fn resource<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    step(
        heap,
        arguments,
        "resource",
        Stage::Group,
        Stage::Resource,
        |request, text| {
            request.resource = text;
        },
    )
}

/// A step from one resource check to the next.
fn refine<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
    function: &'static str,
    set: impl FnOnce(&mut Request<'a>, &'a str),
) -> Result<'a> {
    step(
        heap,
        arguments,
        function,
        Stage::Resource,
        Stage::Resource,
        set,
    )
}

fn subresource<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    refine(heap, arguments, "subresource", |request, text| {
        request.subresource = text;
    })
}

fn namespace<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    refine(heap, arguments, "namespace", |request, text| {
        request.namespace = text;
    })
}

fn name<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    refine(heap, arguments, "name", |request, text| request.name = text)
}

fn field_selector<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    refine(heap, arguments, "fieldSelector", |request, text| {
        request.field_selector = text;
    })
}

fn label_selector<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    refine(heap, arguments, "labelSelector", |request, text| {
        request.label_selector = text;
    })
}

fn check<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let [Value::Object(Object::Check(check)), Value::String(verb)] = arguments else {
        return Err(heap.no_such_overload("check"));
    };
    if !matches!(check.stage, Stage::Path | Stage::Resource) {
        return Err(heap.no_such_overload("check"));
    }
    let mut request = check.request;
    request.verb = verb;
    let decision = match check.authorizer.check(&request) {
        Answer::Allowed(reason) => Decision {
            allowed: true,
            reason: heap.str(&reason),
            error: "",
        },
        Answer::Denied(reason) => Decision {
            allowed: false,
            reason: heap.str(&reason),
            error: "",
        },
        Answer::Failed(error) => Decision {
            allowed: false,
            reason: "",
            error: heap.str(&error),
        },
        Answer::Unknown => return Err(heap.error(ErrorKind::Unknown("who may do this"))),
    };
    Ok(heap.object(Object::Decision(decision)))
}

fn decision<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
    function: &'static str,
) -> std::result::Result<Decision<'a>, EvalError<'a>> {
    match arguments {
        [Value::Object(Object::Decision(decision))] => Ok(*decision),
        _ => Err(heap.no_such_overload(function)),
    }
}

fn allowed<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::Bool(decision(heap, arguments, "allowed")?.allowed))
}

fn reason<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::String(decision(heap, arguments, "reason")?.reason))
}

fn errored<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::Bool(
        !decision(heap, arguments, "errored")?.error.is_empty(),
    ))
}

fn error<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::String(decision(heap, arguments, "error")?.error))
}
