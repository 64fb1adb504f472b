//! Literals that can only fail. The API server refuses them when a policy is written, after the types are checked.

use plimsoll_document::Span;

use super::{Checked, Reference, format_clauses};
use crate::ast::{Ast, Expr, ExprKind, ListElement, Literal, MapEntry};
use crate::diagnostic::Diagnostic;
use crate::environment::{ElementTypes, Environment, LiteralRules};
use crate::fold;
use crate::library;
use crate::types::Type;

/// Checks the literals of an expression, as far as the environment wants it.
pub(super) fn check(
    ast: &Ast,
    environment: &Environment,
    checked: &Checked,
) -> Result<(), Vec<Diagnostic>> {
    let rules = environment.literals();
    let mut literals = Literals {
        ast,
        rules,
        checked,
        errors: Vec::new(),
    };
    literals.walk(&ast.root, rules.elements == ElementTypes::Equal);
    if literals.errors.is_empty() {
        Ok(())
    } else {
        Err(literals.errors)
    }
}

struct Literals<'e> {
    ast: &'e Ast,
    rules: LiteralRules,
    checked: &'e Checked,
    errors: Vec<Diagnostic>,
}

impl Literals<'_> {
    /// `homogeneous`: whether the elements of list and map literals must be of one type here.
    fn walk(&mut self, expr: &Expr, homogeneous: bool) {
        let mut homogeneous = homogeneous;
        match &expr.kind {
            ExprKind::List(elements) if homogeneous => self.list(elements),
            ExprKind::Map(entries) if homogeneous => self.map(entries),
            ExprKind::Call { args, .. } => self.call(expr, args),
            ExprKind::MemberCall {
                target,
                function,
                args,
            } => {
                // What is formatted can be a mixture.
                homogeneous &= function != "format";
                self.call(expr, args);
                self.member_call(expr, target, function, args);
            }
            _ => {}
        }
        expr.kind
            .for_each_child(|child| self.walk(child, homogeneous));
    }

    fn list(&mut self, elements: &[ListElement]) {
        let mut first = None;
        for element in elements {
            let of = self.element_type(&element.value, element.optional);
            // One mistake in a list is enough.
            if !self.joins(&mut first, of, element.value.span, "elements") {
                return;
            }
        }
    }

    fn map(&mut self, entries: &[MapEntry]) {
        let (mut keys, mut values) = (None, None);
        for entry in entries {
            let key = self.element_type(&entry.key, false);
            let value = self.element_type(&entry.value, entry.optional);
            let keys_fit = self.joins(&mut keys, key, entry.key.span, "keys");
            let values_fit = self.joins(&mut values, value, entry.value.span, "values");
            if !keys_fit || !values_fit {
                return;
            }
        }
    }

    fn element_type(&self, value: &Expr, optional: bool) -> Type {
        let of = self.checked.types[value.id as usize].clone();
        match of {
            Type::Optional(held) if optional => (*held).clone(),
            of => of,
        }
    }

    fn joins(&mut self, first: &mut Option<Type>, of: Type, span: Span, what: &str) -> bool {
        let Some(first) = first else {
            *first = Some(of);
            return true;
        };
        if *first == of {
            return true;
        }
        self.errors.push(Diagnostic::new(
            format!(
                "expected {first}, found {of}: all {what} of a literal must be of one type, or each within dyn()"
            ),
            span,
        ));
        false
    }

    /// `duration` and `timestamp` of a constant.
    fn call(&mut self, expr: &Expr, args: &[Expr]) {
        let Some(Some(Reference::Function(name))) = self.checked.references.get(expr.id as usize)
        else {
            return;
        };
        let [arg] = args else {
            return;
        };
        if !self.rules.constants || !matches!(name.as_str(), "duration" | "timestamp") {
            return;
        }
        let ExprKind::Literal(literal) = &arg.kind else {
            return;
        };
        if let Err(reason) = fold::convert(name, literal) {
            self.errors.push(Diagnostic::new(reason, arg.span));
        }
    }

    /// `matches` with a constant pattern, and `format` of a constant text.
    fn member_call(&mut self, expr: &Expr, target: &Expr, function: &str, args: &[Expr]) {
        match (function, args) {
            ("matches", [pattern]) if self.rules.constants => {
                if let ExprKind::Literal(Literal::String(text)) = &pattern.kind
                    && let Err(reason) = library::regex::compile_cached(text)
                {
                    self.errors.push(Diagnostic::new(reason, pattern.span));
                }
            }
            ("format", args) if self.rules.formats => {
                let place = self.ast.focus(expr);
                let mistake = format_clauses::mistake(self.checked, target, args, place);
                self.errors.extend(mistake);
            }
            _ => {}
        }
    }
}
