//! What one rule of a role allows.

use std::sync::LazyLock;

use plimsoll_document::{Key, Node};

/// The fields of a rule, whose names are looked up once.
struct Fields {
    verbs: Key,
    groups: Key,
    resources: Key,
    names: Key,
    paths: Key,
}

static FIELDS: LazyLock<Fields> = LazyLock::new(|| Fields {
    verbs: Key::new("verbs"),
    groups: Key::new("apiGroups"),
    resources: Key::new("resources"),
    names: Key::new("resourceNames"),
    paths: Key::new("nonResourceURLs"),
});

/// A request on a resource.
#[derive(Debug, Clone, Copy)]
pub struct ResourceRequest<'a> {
    /// `get`, `create`, `escalate` ...
    pub verb: &'a str,
    /// API group; empty for the core group.
    pub group: &'a str,
    /// Plural, with the subresource after a slash: `pods/exec`.
    pub resource: &'a str,
    /// Name; empty where the request is for any object, as `list` and `create` are.
    pub name: &'a str,
}

/// Whether a rule allows a request (K8s: `rbac/v1` `RuleAllows`). A rule for certain names does not allow a request for
/// any name.
pub(crate) fn allows(rule: Node<'_>, request: ResourceRequest<'_>) -> bool {
    lists(rule, &FIELDS.verbs, |verb| {
        verb == "*" || verb == request.verb
    }) && lists(rule, &FIELDS.groups, |group| {
        group == "*" || group == request.group
    }) && lists(rule, &FIELDS.resources, |resource| {
        resource_matches(resource, request.resource)
    }) && names_match(rule, request.name)
}

/// Whether a rule allows a verb on a path that is no resource.
pub(crate) fn allows_path(rule: Node<'_>, verb: &str, path: &str) -> bool {
    lists(rule, &FIELDS.verbs, |listed| {
        listed == "*" || listed == verb
    }) && lists(rule, &FIELDS.paths, |listed| {
        listed == "*"
            || listed == path
            || listed
                .strip_suffix('*')
                .is_some_and(|start| path.starts_with(start.trim_end_matches('*')))
    })
}

fn resource_matches(listed: &str, requested: &str) -> bool {
    if listed == "*" || listed == requested {
        return true;
    }
    // `*/scale` is the subresource of every resource; `pods/*` means nothing.
    match (listed.strip_prefix("*/"), requested.split_once('/')) {
        (Some(subresource), Some((_, requested))) => subresource == requested,
        _ => false,
    }
}

fn names_match(rule: Node<'_>, name: &str) -> bool {
    rule.get(&FIELDS.names).is_none_or(|names| {
        names.is_empty()
            || names
                .children()
                .any(|listed| listed.as_str() == Some(name) && !name.is_empty())
    })
}

fn lists(rule: Node<'_>, field: &Key, wanted: impl Fn(&str) -> bool) -> bool {
    rule.get(field).is_some_and(|list| {
        list.children()
            .any(|listed| listed.as_str().is_some_and(&wanted))
    })
}
