//! What names stand for.
//!
//! A name is looked up in the container first, from the innermost out: in the container `a.b`, `x` is `a.b.x`, else
//! `a.x`, else `x`. A chain of names such as `a.b.c` is the longest of its prefixes that is a variable, and fields of
//! it. Variables of macros come before all of that, unless the name begins with a dot.

use std::borrow::Cow;

use crate::ast::{Ast, Expr, ExprKind};
use crate::check::Reference;
use crate::environment::Environment;

/// References of all nodes, without types.
pub(super) fn resolve(ast: &Ast, environment: &Environment) -> Vec<Option<Reference>> {
    let mut resolver = Resolver {
        environment,
        scope: Vec::new(),
        references: vec![None; ast.node_count as usize],
    };
    resolver.expr(&ast.root);
    resolver.references
}

/// Every full name that `name` can be, most specific first.
pub(super) fn candidates<'n>(
    container: &'n str,
    name: &'n str,
    absolute: bool,
) -> impl Iterator<Item = Cow<'n, str>> {
    let innermost = (!absolute && !container.is_empty()).then_some(container);
    let containers = std::iter::successors(innermost, |container| {
        container.rsplit_once('.').map(|(outer, _)| outer)
    });
    containers
        .map(move |container| format!("{container}.{name}").into())
        .chain([name.into()])
}

/// The dotted name that an expression spells, and whether it begins with a dot; `None` where it is no plain name.
pub(super) fn dotted_name(expr: &Expr) -> Option<(String, bool)> {
    match &expr.kind {
        ExprKind::Ident { name, absolute } => Some((name.clone(), *absolute)),
        ExprKind::Select {
            operand,
            field,
            optional: false,
        } => {
            let (prefix, absolute) = dotted_name(operand)?;
            Some((format!("{prefix}.{field}"), absolute))
        }
        _ => None,
    }
}

/// The first name of a dotted name.
pub(super) fn first_name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Ident {
            name,
            absolute: false,
        } => Some(name),
        ExprKind::Select { operand, .. } => first_name(operand),
        _ => None,
    }
}

/// What a dotted name stands for as a whole: a variable or a type.
pub(super) fn value_named(
    environment: &Environment,
    name: &str,
    absolute: bool,
) -> Option<Reference> {
    for candidate in candidates(environment.container(), name, absolute) {
        if environment.variable(&candidate).is_some() {
            return Some(Reference::Variable(candidate.into_owned()));
        }
        if environment.type_named(&candidate).is_some() {
            return Some(Reference::Type(candidate.into_owned()));
        }
    }
    None
}

/// The full name of a function, in whatever form it exists.
pub(super) fn function_named(
    environment: &Environment,
    name: &str,
    absolute: bool,
) -> Option<String> {
    candidates(environment.container(), name, absolute)
        .find(|candidate| environment.declares_function(candidate))
        .map(Cow::into_owned)
}

/// The function that `target.function` names where `target` is a namespace and no value. Such a function is found even
/// where a variable of a macro has the namespace's name.
pub(super) fn namespaced(
    environment: &Environment,
    target: &Expr,
    function: &str,
) -> Option<String> {
    let (namespace, absolute) = dotted_name(target)?;
    function_named(environment, &format!("{namespace}.{function}"), absolute)
}

/// The full name of a type as a struct literal has it, perhaps with a leading dot, where a literal can make the type.
pub(super) fn struct_named(environment: &Environment, name: &str) -> Option<String> {
    candidates_of(environment, name)
        .find(|candidate| environment.has_struct(candidate))
        .map(Cow::into_owned)
}

/// Likewise of any type.
pub(super) fn type_named(environment: &Environment, name: &str) -> Option<String> {
    candidates_of(environment, name)
        .find(|candidate| environment.type_named(candidate).is_some())
        .map(Cow::into_owned)
}

fn candidates_of<'n>(
    environment: &'n Environment,
    name: &'n str,
) -> impl Iterator<Item = Cow<'n, str>> {
    let (name, absolute) = match name.strip_prefix('.') {
        Some(name) => (name, true),
        None => (name, false),
    };
    candidates(environment.container(), name, absolute)
}

struct Resolver<'e> {
    environment: &'e Environment,
    scope: Vec<&'e str>,
    references: Vec<Option<Reference>>,
}

impl<'e> Resolver<'e> {
    fn expr(&mut self, expr: &'e Expr) {
        let reference = self.reference(expr);
        let is_resolved_whole =
            matches!(reference, Some(Reference::Variable(_) | Reference::Type(_)))
                && !matches!(expr.kind, ExprKind::Struct { .. });
        let is_namespaced = reference.is_some();
        self.references[expr.id as usize] = reference;
        if is_resolved_whole {
            return;
        }
        match &expr.kind {
            // The target of a function with a namespace is part of its name.
            ExprKind::MemberCall { args, .. } if is_namespaced => self.all(args),
            ExprKind::Comprehension(comprehension) => {
                self.expr(&comprehension.range);
                let depth = self.scope.len();
                self.scope.push(&comprehension.variable);
                self.scope.extend(comprehension.second_variable.as_deref());
                self.all(&comprehension.filter);
                self.expr(&comprehension.body);
                self.scope.truncate(depth);
            }
            ExprKind::Bind {
                variable,
                value,
                body,
            }
            | ExprKind::OptionalMap {
                variable,
                target: value,
                body,
                ..
            } => {
                self.expr(value);
                self.scope.push(variable);
                self.expr(body);
                self.scope.pop();
            }
            kind => kind.for_each_child(|child| self.expr(child)),
        }
    }

    /// What a node itself stands for.
    fn reference(&self, expr: &Expr) -> Option<Reference> {
        match &expr.kind {
            ExprKind::Ident { .. } | ExprKind::Select { .. } => {
                let (name, absolute) = dotted_name(expr)?;
                if first_name(expr).is_some_and(|first| self.scope.contains(&first)) {
                    return None;
                }
                value_named(self.environment, &name, absolute)
            }
            ExprKind::Call {
                function, absolute, ..
            } => function_named(self.environment, function, *absolute).map(Reference::Function),
            ExprKind::MemberCall {
                target, function, ..
            } => namespaced(self.environment, target, function).map(Reference::Function),
            ExprKind::Struct { type_name, .. } => {
                struct_named(self.environment, type_name).map(Reference::Type)
            }
            _ => None,
        }
    }

    fn all(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }
}
