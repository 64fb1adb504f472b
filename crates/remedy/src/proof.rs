//! That a text says what was meant, and nothing else changed.

use std::collections::HashMap;

use plimsoll_document::{Node, NodeId, Parsed, Scalar, Severity};
use serde_json::Value as Json;
use thiserror::Error;

use crate::plan::{Plan, is_missing};

/// Why an edit is not proven.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unproven {
    /// The new text does not parse as well as the old one.
    #[error("the edited text would not parse: {0}")]
    Broken(String),
    /// There are more or fewer documents.
    #[error("the edited text would have other documents")]
    Documents,
    /// Something else changed, or not all that was meant.
    #[error("the edit would change something else, too")]
    Other,
}

/// Proves that one text became another by carrying out the plans, each for the value of its node, and by nothing else.
///
/// # Errors
/// What is not as it was meant.
#[expect(clippy::implicit_hasher, reason = "every caller has the standard one")]
pub fn prove(
    before: &Parsed,
    after: &Parsed,
    plans: &HashMap<NodeId, Plan>,
) -> Result<(), Unproven> {
    let errors = |parsed: &Parsed| -> Vec<u32> {
        let of = parsed.problems.iter();
        of.filter(|problem| problem.severity == Severity::Error)
            .map(|problem| problem.document)
            .collect()
    };
    if errors(before) != errors(after) || before.problems.len() < after.problems.len() {
        let problem = after.problems.iter().find(|problem| {
            !before
                .problems
                .iter()
                .any(|known| known.document == problem.document && known.kind == problem.kind)
        });
        let text = problem.map_or_else(String::new, ToString::to_string);
        return Err(Unproven::Broken(text));
    }
    if before.documents.len() != after.documents.len() {
        return Err(Unproven::Documents);
    }
    for (old, new) in before.documents.iter().zip(&after.documents) {
        let holds = match (old.root, new.root) {
            (None, None) => true,
            (Some(old), Some(new)) => is_as_planned(
                Some(before.tree.node(old)),
                after.tree.node(new),
                None,
                plans,
            ),
            _ => false,
        };
        if !holds {
            return Err(Unproven::Other);
        }
    }
    Ok(())
}

/// Whether `after` is what the plan makes of `before`. Depth is bounded, as the parser bounds it.
fn is_as_planned(
    before: Option<Node<'_>>,
    after: Node<'_>,
    plan: Option<&Plan>,
    plans: &HashMap<NodeId, Plan>,
) -> bool {
    let plan = match before {
        Some(before) if plan.is_none() => plans.get(&before.id()),
        _ => plan,
    };
    let Some(plan) = plan else {
        return before.is_some_and(|before| is_same(before, after, plans));
    };
    if let Some(value) = &plan.set {
        return is_json(after, value);
    }
    let before = before.filter(|before| !is_missing(*before));
    if !plan.elements.is_empty() || !plan.append.is_empty() {
        return plan.keys.is_empty() && is_list_as_planned(before, after, plan, plans);
    }
    if !after.is_map() || before.is_some_and(|before| !before.is_map()) {
        return false;
    }
    let planned = |name: &str| {
        let found = plan.keys.iter().find(|(key, _)| key == name);
        found.map(|(_, below)| below)
    };
    let mut count = 0;
    if let Some(before) = before {
        for (key, value) in before.entries() {
            let below = planned(key);
            if below.is_some_and(|below| below.remove) {
                continue;
            }
            count += 1;
            let holds = after
                .get_name(key)
                .is_some_and(|after| is_as_planned(Some(value), after, below, plans));
            if !holds {
                return false;
            }
        }
    }
    for (key, below) in &plan.keys {
        let is_new = before.is_none_or(|before| before.get_name(key).is_none());
        if is_new && !below.remove {
            count += 1;
            let holds = after
                .get_name(key)
                .is_some_and(|after| is_as_planned(None, after, Some(below), plans));
            if !holds {
                return false;
            }
        }
    }
    after.len() == count
}

fn is_list_as_planned(
    before: Option<Node<'_>>,
    after: Node<'_>,
    plan: &Plan,
    plans: &HashMap<NodeId, Plan>,
) -> bool {
    if !after.is_list() || before.is_some_and(|before| !before.is_list()) {
        return false;
    }
    let planned = |at: usize| {
        let found = plan.elements.iter().find(|(index, _)| *index == at);
        found.map(|(_, below)| below)
    };
    let mut elements = after.children();
    for (at, element) in before
        .iter()
        .flat_map(|before| before.children())
        .enumerate()
    {
        let below = planned(at);
        if below.is_some_and(|below| below.remove) {
            continue;
        }
        let holds = elements
            .next()
            .is_some_and(|after| is_as_planned(Some(element), after, below, plans));
        if !holds {
            return false;
        }
    }
    for value in &plan.append {
        if !elements.next().is_some_and(|after| is_json(after, value)) {
            return false;
        }
    }
    elements.next().is_none()
}

/// Whether nothing changed but what is planned below.
fn is_same(before: Node<'_>, after: Node<'_>, plans: &HashMap<NodeId, Plan>) -> bool {
    match (before.scalar(), after.scalar()) {
        (Scalar::Null, Scalar::Null) => true,
        (Scalar::Bool(old), Scalar::Bool(new)) => old == new,
        (Scalar::Int(old), Scalar::Int(new)) => old == new,
        (Scalar::Uint(old), Scalar::Uint(new)) => old == new,
        (Scalar::Double(old), Scalar::Double(new)) => old.to_bits() == new.to_bits(),
        (Scalar::String(old), Scalar::String(new)) => old == new,
        (Scalar::List, Scalar::List) => {
            before.len() == after.len()
                && before
                    .children()
                    .zip(after.children())
                    .all(|(old, new)| is_as_planned(Some(old), new, None, plans))
        }
        (Scalar::Map, Scalar::Map) => {
            before.len() == after.len()
                && before
                    .entries()
                    .zip(after.entries())
                    .all(|((old_key, old), (new_key, new))| {
                        old_key == new_key && is_as_planned(Some(old), new, None, plans)
                    })
        }
        _ => false,
    }
}

fn is_json(node: Node<'_>, value: &Json) -> bool {
    match (node.scalar(), value) {
        (Scalar::Null, Json::Null) => true,
        (Scalar::Bool(here), Json::Bool(value)) => here == *value,
        (Scalar::Int(here), Json::Number(value)) => value.as_i64() == Some(here),
        (Scalar::Uint(here), Json::Number(value)) => value.as_u64() == Some(here),
        (Scalar::Double(here), Json::Number(value)) => {
            value.is_f64()
                && value
                    .as_f64()
                    .is_some_and(|value| value.to_bits() == here.to_bits())
        }
        (Scalar::String(here), Json::String(value)) => here == value,
        (Scalar::List, Json::Array(values)) => {
            node.len() == values.len()
                && node
                    .children()
                    .zip(values)
                    .all(|(here, value)| is_json(here, value))
        }
        (Scalar::Map, Json::Object(values)) => {
            node.len() == values.len()
                && values
                    .iter()
                    .all(|(key, value)| node.get_name(key).is_some_and(|here| is_json(here, value)))
        }
        _ => false,
    }
}
