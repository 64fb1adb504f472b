//! A page's expressions with the names of a policy.

use plimsoll_cel::ast::{Expr, ExprKind};
use plimsoll_cel::environment::Environment;
use plimsoll_cel::syntax;

use crate::refusal::Refusal;

/// What stands in a policy for the variables of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'n> {
    /// For `item`.
    pub(crate) item: &'n str,
    /// For `container`.
    pub(crate) container: &'n str,
    /// For `object`.
    pub(crate) object: &'n str,
    /// For `kubernetes.minor`.
    pub(crate) minor: u32,
}

/// Parses an expression of a page.
pub(crate) fn parse(text: &str) -> Result<Expr, Refusal> {
    syntax::parse(text, Environment::controls().parse_options())
        .map(|ast| ast.root)
        .map_err(|errors| {
            let shown: Vec<String> = errors.iter().map(|error| error.render(text)).collect();
            Refusal::Form(shown.join("\n"))
        })
}

/// Calls `visit` with every name that the expression does not bind itself, the fields that are read of it, and the names
/// that are bound around it.
pub(crate) fn free_names<'e>(expr: &'e Expr, visit: &mut impl FnMut(&FreeName<'e, '_>)) {
    walk(expr, &mut Vec::new(), &mut Vec::new(), visit);
}

/// A name that an expression takes from outside.
#[derive(Debug)]
pub(crate) struct FreeName<'e, 's> {
    pub(crate) name: &'e str,
    /// The name itself.
    pub(crate) expr: &'e Expr,
    /// The field after it, with the name itself.
    pub(crate) field: Option<&'e Expr>,
    /// The fields that are read of it, as far as they are constant.
    pub(crate) path: Vec<&'e str>,
    /// What macros around it bind.
    pub(crate) bound: &'s [&'e str],
}

/// `above` are the reads of the value of `expr`, the outermost first.
fn walk<'e>(
    expr: &'e Expr,
    above: &mut Vec<(&'e str, &'e Expr)>,
    bound: &mut Vec<&'e str>,
    visit: &mut impl FnMut(&FreeName<'e, '_>),
) {
    let read = match &expr.kind {
        ExprKind::Select { operand, field, .. } | ExprKind::Has { operand, field } => {
            Some((operand, field.as_str()))
        }
        ExprKind::Index { operand, index, .. } => match &index.kind {
            ExprKind::Literal(plimsoll_cel::ast::Literal::String(key)) => {
                Some((operand, key.as_str()))
            }
            _ => None,
        },
        _ => None,
    };
    if let Some((operand, field)) = read {
        above.push((field, expr));
        walk(operand, above, bound, visit);
        above.pop();
        return;
    }
    if let ExprKind::Ident { name, .. } = &expr.kind {
        if !bound.contains(&name.as_str()) {
            visit(&FreeName {
                name,
                expr,
                field: above.last().map(|(_, read)| *read),
                path: above.iter().rev().map(|(field, _)| *field).collect(),
                bound,
            });
        }
        return;
    }
    let outer = std::mem::take(above);
    match &expr.kind {
        ExprKind::Comprehension(comprehension) => {
            walk(&comprehension.range, above, bound, visit);
            let before = bound.len();
            bound.push(&comprehension.variable);
            bound.extend(comprehension.second_variable.as_deref());
            if let Some(filter) = &comprehension.filter {
                walk(filter, above, bound, visit);
            }
            walk(&comprehension.body, above, bound, visit);
            bound.truncate(before);
        }
        ExprKind::OptionalMap {
            target,
            variable,
            body,
            ..
        } => {
            walk(target, above, bound, visit);
            bound.push(variable);
            walk(body, above, bound, visit);
            bound.pop();
        }
        ExprKind::Bind {
            variable,
            value,
            body,
        } => {
            walk(value, above, bound, visit);
            bound.push(variable);
            walk(body, above, bound, visit);
            bound.pop();
        }
        other => other.for_each_child(|child| walk(child, above, bound, visit)),
    }
    *above = outer;
}

/// An expression of a page as it stands in a policy.
pub(crate) fn rewrite(text: &str, names: Names<'_>) -> Result<String, Refusal> {
    let root = parse(text)?;
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    let mut refused = None;
    free_names(&root, &mut |free| {
        let mut whole = free.expr;
        let new = match free.name {
            "item" => names.item.to_owned(),
            "container" => names.container.to_owned(),
            "object" => names.object.to_owned(),
            "pod" | "containers" => format!("variables.{}", free.name),
            "parameters" => {
                // Each is a variable of its own, so that only a parameter that is named can be read.
                if !matches!(
                    free.field.map(|read| &read.kind),
                    Some(ExprKind::Select {
                        optional: false,
                        ..
                    })
                ) {
                    refused = Some("it reads its parameters otherwise than by name".to_owned());
                }
                "variables".to_owned()
            }
            "kubernetes" => {
                whole = free.field.unwrap_or(free.expr);
                names.minor.to_string()
            }
            _ => return,
        };
        let root_name = new.split('.').next().unwrap_or_default();
        if free.bound.contains(&root_name) {
            refused = Some(format!("a macro of it binds the name '{root_name}'"));
        }
        edits.push((whole.span.start as usize, whole.span.end as usize, new));
    });
    if let Some(reason) = refused {
        return Err(Refusal::Form(reason));
    }
    edits.sort_by_key(|(start, ..)| *start);
    let mut new = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end, replacement) in edits {
        new.push_str(text.get(at..start).unwrap_or_default());
        new.push_str(&replacement);
        at = end;
    }
    new.push_str(text.get(at..).unwrap_or_default());
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Names<'_> = Names {
        item: "item",
        container: "found.container",
        object: "object",
        minor: 34,
    };

    #[test]
    fn names_are_replaced_where_they_are_free() {
        for (page, policy) in [
            (
                "item.pod == pod.spec.pod",
                "item.pod == variables.pod.spec.pod",
            ),
            (
                "containers.exists(c, c.name == 'pod')",
                "variables.containers.exists(c, c.name == 'pod')",
            ),
            (
                "[1].all(pod, pod == 1) && has(pod.spec)",
                "[1].all(pod, pod == 1) && has(variables.pod.spec)",
            ),
            ("kubernetes.minor >= 25", "34 >= 25"),
            ("item in parameters.names", "item in variables.names"),
            (
                "container.name + {'container': item}['container']",
                "found.container.name + {'container': item}['container']",
            ),
            (
                "item.?pod.optMap(pod, pod.x).orValue(pod)",
                "item.?pod.optMap(pod, pod.x).orValue(variables.pod)",
            ),
        ] {
            assert_eq!(rewrite(page, NAMES).as_deref(), Ok(policy));
        }
    }

    #[test]
    fn a_name_that_would_be_captured_is_refused() {
        for page in [
            "[1].all(variables, pod == variables)",
            "parameters[?'a'].hasValue()",
            "has(parameters.a)",
        ] {
            assert!(
                matches!(rewrite(page, NAMES), Err(Refusal::Form(_))),
                "{page}"
            );
        }
    }
}
