//! What expressions can ask of an inventory: the functions of the variable `cluster`.
//!
//! Objects are given and taken as the expression has them; a function that is asked about something that is no object
//! of the inventory finds nothing. Kinds are `Kind` for Kubernetes' own and `group/Kind` for all.

use plimsoll_cel::error::{ErrorKind, EvalError};
use plimsoll_cel::library::{Function, Host};
use plimsoll_cel::value::{Heap, Value};
use plimsoll_document::Node;

use crate::inventory::Inventory;
use crate::network::{Direction, Reach};
use crate::object::{Object, ObjectId};
use crate::pod_template::{containers, pod_template};
use crate::rbac::{ResourceRequest, Subject, allows, allows_path, subject_of};
use crate::service_account::service_account_name;

/// The type of the variable.
pub const CLUSTER_TYPE: &str = "plimsoll.Cluster";

/// How the functions are declared.
pub const SIGNATURES: &[&str] = &[
    // Objects
    "<plimsoll.Cluster>.objects(string) -> list(dyn)",
    "<plimsoll.Cluster>.objects(string, string) -> list(dyn)",
    "<plimsoll.Cluster>.find(string, string, string) -> optional(dyn)",
    "<plimsoll.Cluster>.isWhole() -> bool",
    "<plimsoll.Cluster>.namespaceName(dyn) -> string",
    "<plimsoll.Cluster>.namespaceOf(dyn) -> optional(dyn)",
    // Workloads
    "<plimsoll.Cluster>.workloads() -> list(dyn)",
    "<plimsoll.Cluster>.workloads(string) -> list(dyn)",
    "<plimsoll.Cluster>.workloadsOf(dyn) -> list(dyn)",
    "<plimsoll.Cluster>.selecting(dyn, string) -> list(dyn)",
    "<plimsoll.Cluster>.pod(dyn) -> optional(dyn)",
    "<plimsoll.Cluster>.containers(dyn) -> list(dyn)",
    "<plimsoll.Cluster>.hasValues(dyn) -> bool",
    "<plimsoll.Cluster>.serviceAccountName(dyn) -> string",
    "<plimsoll.Cluster>.serviceAccount(dyn) -> optional(dyn)",
    "<plimsoll.Cluster>.mountsToken(dyn) -> bool",
    // Network
    "<plimsoll.Cluster>.exposedBy(dyn) -> list(dyn)",
    "<plimsoll.Cluster>.isIsolated(dyn, string) -> bool",
    "<plimsoll.Cluster>.deniesByDefault(string, string) -> bool",
    "<plimsoll.Cluster>.reach(dyn, dyn) -> string",
    // RBAC
    "<plimsoll.Cluster>.rules(dyn) -> list(dyn)",
    "<plimsoll.Cluster>.role(dyn) -> optional(dyn)",
    "<plimsoll.Cluster>.bindings(dyn) -> list(dyn)",
    "<plimsoll.Cluster>.grants(dyn, string, string, string) -> bool",
    "<plimsoll.Cluster>.grantsPath(dyn, string, string) -> bool",
    "<plimsoll.Cluster>.bindingsFor(dyn) -> list(dyn)",
    "<plimsoll.Cluster>.can(dyn, string, string, string) -> bool",
    "<plimsoll.Cluster>.can(dyn, string, string, string, string) -> bool",
    "<plimsoll.Cluster>.canSomewhere(dyn, string, string, string) -> bool",
];

/// What runs.
pub static FUNCTIONS: &[Function] = &[
    Function::new("objects", true, objects, listed),
    Function::new("find", true, find, one),
    Function::new("isWhole", true, is_whole, one),
    Function::new("namespaceName", true, namespace_name, one),
    Function::new("namespaceOf", true, namespace_of, one),
    Function::new("workloads", true, workloads, listed),
    Function::new("workloadsOf", true, workloads_of, listed),
    Function::new("selecting", true, selecting, listed),
    Function::new("pod", true, pod, one),
    Function::new("containers", true, containers_of, listed),
    Function::new("hasValues", true, values_are_there, one),
    Function::new("serviceAccountName", true, account_name, one),
    Function::new("serviceAccount", true, account, one),
    Function::new("mountsToken", true, mounts_token, one),
    Function::new("exposedBy", true, exposed_by, listed),
    Function::new("isIsolated", true, is_isolated, one),
    Function::new("deniesByDefault", true, denies_by_default, one),
    Function::new("reach", true, reach, one),
    Function::new("rules", true, rules, listed),
    Function::new("role", true, role, one),
    Function::new("bindings", true, bindings, listed),
    Function::new("grants", true, grants, one),
    Function::new("grantsPath", true, grants_path, one),
    Function::new("bindingsFor", true, bindings_for, listed),
    Function::new("can", true, can, one),
    Function::new("canSomewhere", true, can_somewhere, one),
];

impl Host for Inventory {
    fn type_name(&self) -> &'static str {
        CLUSTER_TYPE
    }
}

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

fn one(_: &[Value<'_>], _: &Value<'_>) -> u64 {
    1
}

fn listed(_: &[Value<'_>], result: &Value<'_>) -> u64 {
    match result {
        Value::List(elements) => 1 + elements.len() as u64,
        _ => 1,
    }
}

/// The inventory and the arguments after it.
fn ask<'v, 'a>(
    heap: Heap<'a>,
    name: &'static str,
    values: &'v [Value<'a>],
) -> std::result::Result<(&'a Inventory, &'v [Value<'a>]), EvalError<'a>> {
    let (first, rest) = values
        .split_first()
        .ok_or_else(|| heap.no_such_overload(name))?;
    match first.host::<Inventory>() {
        Some(inventory) => Ok((inventory, rest)),
        None => Err(heap.no_such_overload(name)),
    }
}

fn text(value: Value<'_>) -> &str {
    match value {
        Value::String(text) => text,
        _ => "",
    }
}

/// The object of the inventory that a value is.
fn object_of<'a>(inventory: &'a Inventory, value: Value<'_>) -> Option<&'a Object> {
    match value {
        Value::Node(node) => inventory.object_at(node).map(|id| inventory.object(id)),
        _ => None,
    }
}

fn list<'a>(heap: Heap<'a>, inventory: &'a Inventory, ids: &[ObjectId]) -> Value<'a> {
    heap.list_of(
        ids.iter()
            .map(|id| Value::Node(inventory.object(*id).root())),
    )
}

fn nodes<'a>(heap: Heap<'a>, nodes: impl Iterator<Item = Node<'a>>) -> Value<'a> {
    let values: Vec<Value<'a>> = nodes.map(Value::from_node).collect();
    heap.list(&values)
}

fn optional<'a>(heap: Heap<'a>, inventory: &'a Inventory, id: Option<ObjectId>) -> Value<'a> {
    match id {
        Some(id) => heap.some(Value::Node(inventory.object(id).root())),
        None => Value::Optional(None),
    }
}

/// Fails where a kind, or a namespace, was not read: nothing that is asked of it has an answer. Kinds of no namespace
/// are asked for with any.
fn must_be_read<'a>(
    heap: Heap<'a>,
    inventory: &Inventory,
    kind: &str,
    namespace: Option<&str>,
) -> std::result::Result<(), EvalError<'a>> {
    let unknown = |what: String| Err(heap.error(ErrorKind::Unknown(heap.str(&what))));
    if let Some(unread) = inventory.unread_kind(kind) {
        return unknown(format!("needs {}: {}", unread.name(), unread.reason));
    }
    let Some(read) = inventory.namespaces_read() else {
        return Ok(());
    };
    match namespace.filter(|_| kind != "Namespace") {
        Some(namespace) if inventory.is_namespace_read(namespace) => Ok(()),
        Some(namespace) => unknown(format!(
            "needs {kind} of namespace {namespace}, which was not read"
        )),
        None => unknown(format!(
            "needs {kind} of all namespaces, and only {} was read",
            read.join(", ")
        )),
    }
}

fn objects<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    let (inventory, arguments) = ask(heap, "objects", values)?;
    if let [kind, rest @ ..] = arguments {
        must_be_read(
            heap,
            inventory,
            text(*kind),
            rest.first().map(|of| text(*of)),
        )?;
    }
    let ids = match arguments {
        [kind] => inventory.all(text(*kind)),
        [kind, namespace] => inventory.in_namespace(text(*kind), text(*namespace)),
        _ => return Err(heap.no_such_overload("objects")),
    };
    Ok(list(heap, inventory, ids))
}

fn find<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    // Texts have a function of this name, too.
    if let [Value::String(_), ..] = values
        && let Some(function) = plimsoll_cel::library::find("find", true)
    {
        return (function.run)(heap, values);
    }
    match ask(heap, "find", values)? {
        (inventory, [kind, namespace, name]) => {
            let found = inventory.find(text(*kind), text(*namespace), text(*name));
            if found.is_none() {
                must_be_read(heap, inventory, text(*kind), Some(text(*namespace)))?;
            }
            Ok(optional(heap, inventory, found))
        }
        _ => Err(heap.no_such_overload("find")),
    }
}

fn is_whole<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    let (inventory, _) = ask(heap, "isWhole", values)?;
    Ok(Value::Bool(inventory.is_whole_cluster()))
}

/// The namespace that an object is in; a Namespace is in itself.
fn namespace_of_value<'a>(inventory: &'a Inventory, value: Value<'_>) -> &'a str {
    match object_of(inventory, value) {
        Some(object) if object.kind() == "Namespace" => object.name(),
        Some(object) => crate::index::namespace_or_default(object.namespace()),
        None => "default",
    }
}

fn namespace_name<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "namespaceName", values)? {
        (inventory, [of]) => Ok(Value::String(namespace_of_value(inventory, *of))),
        _ => Err(heap.no_such_overload("namespaceName")),
    }
}

fn namespace_of<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "namespaceOf", values)? {
        (inventory, [of]) => Ok(optional(
            heap,
            inventory,
            inventory.find("Namespace", "", namespace_of_value(inventory, *of)),
        )),
        _ => Err(heap.no_such_overload("namespaceOf")),
    }
}

fn workloads<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "workloads", values)? {
        (inventory, []) => {
            must_be_read(heap, inventory, "Pod", None)?;
            Ok(list(heap, inventory, &inventory.workloads()))
        }
        (inventory, [namespace]) => {
            must_be_read(heap, inventory, "Pod", Some(text(*namespace)))?;
            let found = inventory.workloads_in(text(*namespace));
            Ok(list(heap, inventory, found))
        }
        _ => Err(heap.no_such_overload("workloads")),
    }
}

fn workloads_of<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "workloadsOf", values)? {
        (inventory, [of]) => {
            let found = object_of(inventory, *of).map(|object| inventory.workloads_of(object));
            Ok(list(heap, inventory, &found.unwrap_or_default()))
        }
        _ => Err(heap.no_such_overload("workloadsOf")),
    }
}

fn selecting<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "selecting", values)? {
        (inventory, [of, kind]) => {
            let found =
                object_of(inventory, *of).map(|object| inventory.selecting(object, text(*kind)));
            Ok(list(heap, inventory, &found.unwrap_or_default()))
        }
        _ => Err(heap.no_such_overload("selecting")),
    }
}

fn pod<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "pod", values)? {
        (inventory, [of]) => Ok(match object_of(inventory, *of).and_then(pod_template) {
            Some(pod) => heap.some(Value::Node(pod)),
            None => Value::Optional(None),
        }),
        _ => Err(heap.no_such_overload("pod")),
    }
}

fn containers_of<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "containers", values)? {
        (inventory, [of]) => {
            let pod = object_of(inventory, *of).and_then(pod_template);
            Ok(nodes(heap, pod.into_iter().flat_map(containers)))
        }
        _ => Err(heap.no_such_overload("containers")),
    }
}

fn values_are_there<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "hasValues", values)? {
        (inventory, [of]) => Ok(Value::Bool(
            object_of(inventory, *of).is_none_or(crate::secret_values::has_values),
        )),
        _ => Err(heap.no_such_overload("hasValues")),
    }
}

fn account_name<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "serviceAccountName", values)? {
        (inventory, [of]) => {
            let pod = object_of(inventory, *of).and_then(pod_template);
            Ok(Value::String(pod.map_or("", service_account_name)))
        }
        _ => Err(heap.no_such_overload("serviceAccountName")),
    }
}

fn account<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "serviceAccount", values)? {
        (inventory, [of]) => Ok(optional(
            heap,
            inventory,
            object_of(inventory, *of).and_then(|object| inventory.service_account(object)),
        )),
        _ => Err(heap.no_such_overload("serviceAccount")),
    }
}

fn mounts_token<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "mountsToken", values)? {
        (inventory, [of]) => Ok(Value::Bool(
            object_of(inventory, *of).is_some_and(|object| inventory.mounts_token(object)),
        )),
        _ => Err(heap.no_such_overload("mountsToken")),
    }
}

fn exposed_by<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "exposedBy", values)? {
        (inventory, [of]) => {
            let found = object_of(inventory, *of).map(|object| inventory.exposed_by(object));
            Ok(list(heap, inventory, &found.unwrap_or_default()))
        }
        _ => Err(heap.no_such_overload("exposedBy")),
    }
}

fn direction<'a>(
    heap: Heap<'a>,
    value: Value<'a>,
) -> std::result::Result<Direction, EvalError<'a>> {
    match text(value) {
        "Ingress" => Ok(Direction::Ingress),
        "Egress" => Ok(Direction::Egress),
        _ => Err(heap.argument_error("a direction is 'Ingress' or 'Egress'")),
    }
}

fn is_isolated<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "isIsolated", values)? {
        (inventory, [of, way]) => {
            let way = direction(heap, *way)?;
            Ok(Value::Bool(
                object_of(inventory, *of).is_some_and(|object| inventory.is_isolated(object, way)),
            ))
        }
        _ => Err(heap.no_such_overload("isIsolated")),
    }
}

fn denies_by_default<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "deniesByDefault", values)? {
        (inventory, [namespace, way]) => Ok(Value::Bool(
            inventory.denies_by_default(text(*namespace), direction(heap, *way)?),
        )),
        _ => Err(heap.no_such_overload("deniesByDefault")),
    }
}

fn reach<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    let (inventory, arguments) = ask(heap, "reach", values)?;
    let [from, to] = arguments else {
        return Err(heap.no_such_overload("reach"));
    };
    let word = match (object_of(inventory, *from), object_of(inventory, *to)) {
        (Some(from), Some(to)) => match inventory.reach(from, to) {
            Reach::Allowed => "allowed",
            Reach::Denied => "denied",
            Reach::Unknown => "unknown",
        },
        _ => "unknown",
    };
    Ok(Value::String(word))
}

fn rules<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "rules", values)? {
        (inventory, [of]) => {
            let found = object_of(inventory, *of).into_iter();
            Ok(nodes(
                heap,
                found.flat_map(|object| inventory.rules_of(object)),
            ))
        }
        _ => Err(heap.no_such_overload("rules")),
    }
}

fn role<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "role", values)? {
        (inventory, [of]) => Ok(optional(
            heap,
            inventory,
            object_of(inventory, *of).and_then(|object| inventory.role_of(object)),
        )),
        _ => Err(heap.no_such_overload("role")),
    }
}

fn bindings<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "bindings", values)? {
        (inventory, [of]) => {
            let id = match of {
                Value::Node(node) => inventory.object_at(*node),
                _ => None,
            };
            Ok(list(
                heap,
                inventory,
                id.map_or(&[], |id| inventory.bindings_of(id)),
            ))
        }
        _ => Err(heap.no_such_overload("bindings")),
    }
}

/// A verb on a resource of any name. The name of a resource that a rule is limited to does not count as the resource.
fn request<'a>(verb: Value<'a>, group: Value<'a>, resource: Value<'a>) -> ResourceRequest<'a> {
    ResourceRequest {
        verb: text(verb),
        group: text(group),
        resource: text(resource),
        name: "",
    }
}

fn grants<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "grants", values)? {
        (inventory, [of, verb, group, resource]) => {
            let request = request(*verb, *group, *resource);
            let found = object_of(inventory, *of)
                .is_some_and(|object| inventory.rules_of(object).any(|rule| allows(rule, request)));
            Ok(Value::Bool(found))
        }
        _ => Err(heap.no_such_overload("grants")),
    }
}

fn grants_path<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "grantsPath", values)? {
        (inventory, [of, verb, path]) => {
            let found = object_of(inventory, *of).is_some_and(|object| {
                inventory
                    .rules_of(object)
                    .any(|rule| allows_path(rule, text(*verb), text(*path)))
            });
            Ok(Value::Bool(found))
        }
        _ => Err(heap.no_such_overload("grantsPath")),
    }
}

/// A workload's service account, a ServiceAccount, or a subject as a binding writes it.
fn subject<'a>(inventory: &'a Inventory, value: Value<'a>) -> Option<Subject> {
    let Some(object) = object_of(inventory, value) else {
        return match value {
            Value::Node(node) => subject_of(node, ""),
            _ => None,
        };
    };
    let namespace = crate::index::namespace_or_default(object.namespace()).to_owned();
    if object.kind() == "ServiceAccount" {
        return Some(Subject::ServiceAccount(namespace, object.name().to_owned()));
    }
    let name = service_account_name(pod_template(object)?).to_owned();
    Some(Subject::ServiceAccount(namespace, name))
}

fn bindings_for<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "bindingsFor", values)? {
        (inventory, [of]) => {
            let found = subject(inventory, *of).map(|subject| inventory.bindings_for(&subject));
            Ok(list(heap, inventory, &found.unwrap_or_default()))
        }
        _ => Err(heap.no_such_overload("bindingsFor")),
    }
}

fn can<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    let (inventory, arguments) = ask(heap, "can", values)?;
    let (of, request, namespace) = match arguments {
        [of, verb, group, resource] => (of, request(*verb, *group, *resource), None),
        [of, verb, group, resource, namespace] => (
            of,
            request(*verb, *group, *resource),
            Some(text(*namespace)),
        ),
        _ => return Err(heap.no_such_overload("can")),
    };
    Ok(Value::Bool(subject(inventory, *of).is_some_and(
        |subject| inventory.can(&subject, request, namespace),
    )))
}

fn can_somewhere<'a>(heap: Heap<'a>, values: &[Value<'a>]) -> Result<'a> {
    match ask(heap, "canSomewhere", values)? {
        (inventory, [of, verb, group, resource]) => {
            let request = request(*verb, *group, *resource);
            let found = subject(inventory, *of).is_some_and(|subject| {
                inventory.bindings_for(&subject).into_iter().any(|binding| {
                    inventory
                        .rules_of_id(binding)
                        .any(|rule| allows(rule, request))
                })
            });
            Ok(Value::Bool(found))
        }
        _ => Err(heap.no_such_overload("canSomewhere")),
    }
}
