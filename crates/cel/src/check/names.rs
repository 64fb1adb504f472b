//! What names stand for.
//!
//! A name is looked up in the container first, from the innermost out: in the container `a.b`, `x` is `a.b.x`, else
//! `a.x`, else `x`. A chain of names such as `a.b.c` is the longest of its prefixes that is a variable, and fields of
//! it. Variables of macros come before all of that, unless the name begins with a dot.

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
pub(super) fn candidates(container: &str, name: &str, absolute: bool) -> Vec<String> {
    let mut candidates = Vec::new();
    if !absolute {
        let mut prefix = container;
        while !prefix.is_empty() {
            candidates.push(format!("{prefix}.{name}"));
            prefix = prefix.rsplit_once('.').map_or("", |(outer, _)| outer);
        }
    }
    candidates.push(name.to_owned());
    candidates
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
            return Some(Reference::Variable(candidate));
        }
        if environment.type_named(&candidate).is_some() {
            return Some(Reference::Type(candidate));
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
        .into_iter()
        .find(|candidate| environment.declares_function(candidate))
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
    candidates_of(environment, name).find(|candidate| environment.has_struct(candidate))
}

/// Likewise of any type.
pub(super) fn type_named(environment: &Environment, name: &str) -> Option<String> {
    candidates_of(environment, name).find(|candidate| environment.type_named(candidate).is_some())
}

fn candidates_of(environment: &Environment, name: &str) -> impl Iterator<Item = String> {
    let (name, absolute) = match name.strip_prefix('.') {
        Some(name) => (name, true),
        None => (name, false),
    };
    candidates(environment.container(), name, absolute).into_iter()
}

struct Resolver<'e> {
    environment: &'e Environment,
    scope: Vec<&'e str>,
    references: Vec<Option<Reference>>,
}

impl<'e> Resolver<'e> {
    fn expr(&mut self, expr: &'e Expr) {
        if let Some((name, absolute)) = dotted_name(expr) {
            let shadowed = first_name(expr).is_some_and(|first| self.scope.contains(&first));
            if !shadowed && let Some(reference) = value_named(self.environment, &name, absolute) {
                self.references[expr.id as usize] = Some(reference);
                return;
            }
        }
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Ident { .. } | ExprKind::BlockIndex(_) => {}
            ExprKind::Select { operand, .. }
            | ExprKind::Has { operand, .. }
            | ExprKind::Unary { operand, .. } => self.expr(operand),
            ExprKind::Index { operand, index, .. } => {
                self.expr(operand);
                self.expr(index);
            }
            ExprKind::Call {
                function,
                absolute,
                args,
            } => {
                let name = function_named(self.environment, function, *absolute);
                self.references[expr.id as usize] = name.map(Reference::Function);
                self.all(args);
            }
            ExprKind::MemberCall {
                target,
                function,
                args,
            } => {
                match namespaced(self.environment, target, function) {
                    Some(name) => {
                        self.references[expr.id as usize] = Some(Reference::Function(name));
                    }
                    None => self.expr(target),
                }
                self.all(args);
            }
            ExprKind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::And(terms) | ExprKind::Or(terms) => self.all(terms),
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => {
                self.expr(condition);
                self.expr(then);
                self.expr(otherwise);
            }
            ExprKind::List(elements) => {
                for element in elements {
                    self.expr(&element.value);
                }
            }
            ExprKind::Map(entries) => {
                for entry in entries {
                    self.expr(&entry.key);
                    self.expr(&entry.value);
                }
            }
            ExprKind::Struct { fields, .. } => {
                for field in fields {
                    self.expr(&field.value);
                }
            }
            ExprKind::Comprehension(comprehension) => {
                self.expr(&comprehension.range);
                let depth = self.scope.len();
                self.scope.push(&comprehension.variable);
                self.scope.extend(comprehension.second_variable.as_deref());
                if let Some(filter) = &comprehension.filter {
                    self.expr(filter);
                }
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
            ExprKind::Block { slots, body } => {
                self.all(slots);
                self.expr(body);
            }
        }
    }

    fn all(&mut self, exprs: &'e [Expr]) {
        for expr in exprs {
            self.expr(expr);
        }
    }
}
