//! The walk over the tree: names, selections, literals. Calls are in `calls`, macros in `macros`.

use std::collections::HashSet;
use std::sync::Arc;

use plimsoll_document::Span;

use super::names::{self, dotted_name, first_name};
use super::suggestion::did_you_mean;
use super::unify::{Substitution, most_general};
use super::{Checked, Reference};
use crate::ast::{
    Ast, BinaryOperator, Expr, ExprKind, Literal, MapEntry, StructField, UnaryOperator,
};
use crate::diagnostic::Diagnostic;
use crate::environment::{ElementTypes, Environment};
use crate::types::Type;

/// How many parts a type may have. `{x: x}`, repeated over macros, doubles the type each time: without a bound, a short
/// expression would take all memory.
const MAX_TYPE_PARTS: usize = 1_000;

/// How many mistakes are told.
const MAX_ERRORS: usize = 100;

pub(super) fn check(ast: &Ast, environment: &Environment) -> Result<Checked, Vec<Diagnostic>> {
    let mut checker = Checker {
        ast,
        environment,
        scope: Vec::new(),
        blocks: Vec::new(),
        types: vec![Type::Dyn; ast.node_count as usize],
        references: vec![None; ast.node_count as usize],
        ambiguous: HashSet::new(),
        substitution: Substitution::default(),
        errors: Vec::new(),
    };
    let result = checker.expr(&ast.root);
    if !checker.errors.is_empty() {
        return Err(checker.errors);
    }
    let Checker {
        types,
        references,
        ambiguous,
        substitution,
        ..
    } = checker;
    let found = Checked {
        result: substitution.close(&result),
        types: types.iter().map(|of| substitution.close(of)).collect(),
        references,
        ambiguous,
    };
    if substitution.is_exhausted() {
        let message = "the types within this expression are too involved";
        return Err(vec![Diagnostic::new(message, ast.root.span)]);
    }
    Ok(found)
}

pub(super) struct Checker<'e> {
    ast: &'e Ast,
    pub(super) environment: &'e Environment,
    /// Variables of macros, innermost last.
    pub(super) scope: Vec<(&'e str, Type)>,
    /// Types of the parts of the blocks around.
    pub(super) blocks: Vec<Vec<Type>>,
    types: Vec<Type>,
    pub(super) references: Vec<Option<Reference>>,
    pub(super) ambiguous: HashSet<u32>,
    pub(super) substitution: Substitution,
    errors: Vec<Diagnostic>,
}

impl<'e> Checker<'e> {
    pub(super) fn expr(&mut self, expr: &'e Expr) -> Type {
        let of = self.kind(expr);
        self.types[expr.id as usize] = of.clone();
        of
    }

    fn kind(&mut self, expr: &'e Expr) -> Type {
        if let Some(of) = self.name(expr) {
            return of;
        }
        match &expr.kind {
            ExprKind::Literal(literal) => literal_type(literal),
            ExprKind::Ident { name, .. } => self.undeclared_name(name, expr.span),
            ExprKind::Select {
                operand,
                field,
                optional,
            } => {
                if let Some(of) = self.undeclared_member(expr, operand, field) {
                    return of;
                }
                let operand = self.expr(operand);
                self.select(expr, &operand, field, *optional)
            }
            ExprKind::Has { operand, field } => {
                let operand = self.expr(operand);
                self.select(expr, &operand, field, false);
                Type::Bool
            }
            ExprKind::Index {
                operand,
                index,
                optional,
            } => {
                let name = if *optional { "_[?_]" } else { "_[_]" };
                self.operator(expr, name, &[operand, index])
            }
            ExprKind::Call {
                function,
                absolute,
                args,
            } => self.call(expr, function, *absolute, args),
            ExprKind::MemberCall {
                target,
                function,
                args,
            } => self.member_call(expr, target, function, args),
            ExprKind::Unary { operator, operand } => {
                let name = match operator {
                    UnaryOperator::Not => "!_",
                    UnaryOperator::Negate => "-_",
                };
                self.operator(expr, name, &[operand])
            }
            ExprKind::Binary {
                operator,
                left,
                right,
            } => self.operator(expr, operator_name(*operator), &[left, right]),
            ExprKind::And(terms) | ExprKind::Or(terms) => {
                for term in terms {
                    let of = self.expr(term);
                    self.expect_bool(&of, term);
                }
                Type::Bool
            }
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => self.operator(expr, "_?_:_", &[condition, then, otherwise]),
            ExprKind::List(elements) => {
                let mut element_type = None;
                for element in elements {
                    let of = self.element(&element.value, element.optional);
                    element_type = Some(self.join(element_type, of, &element.value));
                }
                let element_type = element_type.unwrap_or_else(|| self.substitution.fresh());
                self.bounded(Type::list(element_type), expr)
            }
            ExprKind::Map(entries) => self.map(expr, entries),
            ExprKind::Struct { type_name, fields } => self.struct_literal(expr, type_name, fields),
            ExprKind::Comprehension(comprehension) => self.comprehension(expr, comprehension),
            ExprKind::Bind {
                variable,
                value,
                body,
            } => {
                let of = self.expr(value);
                self.within(vec![(variable, of)], |this| this.expr(body))
            }
            ExprKind::OptionalMap {
                target,
                variable,
                body,
                flat,
            } => self.optional_map(expr, target, variable, body, *flat),
            ExprKind::Block { slots, body } => self.block(slots, body),
            ExprKind::BlockIndex(index) => self.block_index(expr, *index),
        }
    }

    /// The type of a name or dotted name that stands for a variable or a type as a whole.
    fn name(&mut self, expr: &'e Expr) -> Option<Type> {
        if let Some(first) = first_name(expr)
            && let Some((_, of)) = self.scope.iter().rev().find(|(local, _)| *local == first)
        {
            // What is read from a local variable is a field, whatever longer names are declared.
            let is_whole = matches!(expr.kind, ExprKind::Ident { .. });
            return is_whole.then(|| of.clone());
        }
        let (name, absolute) = dotted_name(expr)?;
        let reference = names::value_named(self.environment, &name, absolute)?;
        let of = match &reference {
            Reference::Variable(name) => self.environment.variable(name).cloned(),
            Reference::Type(name) => self
                .environment
                .type_named(name)
                .map(|of| Type::Type(Arc::new(of))),
            Reference::Function(_) => None,
        };
        self.references[expr.id as usize] = Some(reference);
        of
    }

    fn select(&mut self, expr: &'e Expr, operand: &Type, field: &str, optional: bool) -> Type {
        let operand = self.substitution.apply(operand);
        let (operand, was_optional) = match operand {
            Type::Optional(of) => ((*of).clone(), true),
            other => (other, false),
        };
        let of = match &operand {
            // The checker of the reference implementation does not ask for the type of the keys.
            Type::Map(_, value) => (**value).clone(),
            Type::Named(name, _) => {
                if let Some(of) = self.environment.field(name, field) {
                    of
                } else {
                    let hint = did_you_mean(field, self.environment.field_names(name));
                    let message = format!("{name} has no field '{field}'{hint}");
                    self.error(message, self.focus(expr));
                    Type::Error
                }
            }
            Type::Param(_) => {
                self.substitution.assign(&Type::Dyn, &operand);
                Type::Dyn
            }
            Type::Dyn => Type::Dyn,
            Type::Error => Type::Error,
            other => {
                let message = format!("{} has no fields", self.shown(other));
                self.error(message, self.focus(expr));
                Type::Error
            }
        };
        if optional || was_optional {
            Type::optional(of)
        } else {
            of
        }
    }

    fn map(&mut self, expr: &'e Expr, entries: &'e [MapEntry]) -> Type {
        let (mut key_type, mut value_type) = (None, None);
        for entry in entries {
            let key = self.expr(&entry.key);
            key_type = Some(self.join(key_type, key, &entry.key));
            let value = self.element(&entry.value, entry.optional);
            value_type = Some(self.join(value_type, value, &entry.value));
        }
        let key_type = key_type.unwrap_or_else(|| self.substitution.fresh());
        let value_type = value_type.unwrap_or_else(|| self.substitution.fresh());
        self.bounded(Type::map(key_type, value_type), expr)
    }

    fn struct_literal(
        &mut self,
        expr: &'e Expr,
        type_name: &str,
        fields: &'e [StructField],
    ) -> Type {
        let Some(name) = names::struct_named(self.environment, type_name) else {
            let message = match names::type_named(self.environment, type_name) {
                Some(name) => format!("{name} cannot be made with braces"),
                None => format!("there is no type '{type_name}' here"),
            };
            self.error(message, self.focus(expr));
            for field in fields {
                self.expr(&field.value);
            }
            return Type::Error;
        };
        for field in fields {
            let of = self.element(&field.value, field.optional);
            let Some(expected) = self.environment.field(&name, &field.name) else {
                let hint = did_you_mean(&field.name, self.environment.field_names(&name));
                self.error(
                    format!("{name} has no field '{}'{hint}", field.name),
                    field.span,
                );
                continue;
            };
            if !self.substitution.assign(&expected, &of) {
                let message = format!(
                    "field '{}' of {name} is {expected}, not {}",
                    field.name,
                    self.shown(&of)
                );
                self.error(message, field.value.span);
            }
        }
        let of = Type::named(&name);
        self.references[expr.id as usize] = Some(Reference::Type(name));
        of
    }

    /// An element of a literal: with `optional`, what its optional holds.
    fn element(&mut self, value: &'e Expr, optional: bool) -> Type {
        let of = self.expr(value);
        if !optional {
            return of;
        }
        match self.substitution.apply(&of) {
            Type::Optional(held) => (*held).clone(),
            Type::Dyn => Type::Dyn,
            Type::Error => Type::Error,
            other => {
                let message = format!("'?' needs an optional, not {}", self.shown(&other));
                self.error(message, value.span);
                Type::Error
            }
        }
    }

    /// The type of a literal's elements with one more.
    fn join(&mut self, known: Option<Type>, of: Type, element: &Expr) -> Type {
        let Some(known) = known else {
            return of;
        };
        if self.substitution.assign(&known, &of) {
            return most_general(&known, &of).clone();
        }
        if self.environment.literals().elements == ElementTypes::Compatible {
            let (known, of) = (self.shown(&known), self.shown(&of));
            let message =
                format!("expected {known}, found {of}: all parts of a literal must be of one type");
            self.error(message, element.span);
            return Type::Error;
        }
        Type::Dyn
    }

    pub(super) fn expect_bool(&mut self, of: &Type, expr: &'e Expr) {
        if !self.substitution.assign(of, &Type::Bool) {
            let message = format!("expected bool, found {}", self.shown(of));
            self.error(message, expr.span);
        }
    }

    /// The type, if it has a sensible size.
    pub(super) fn bounded(&mut self, of: Type, expr: &'e Expr) -> Type {
        let mut left = MAX_TYPE_PARTS;
        if self.substitution.count_parts(&of, &mut left) {
            return of;
        }
        self.error(
            "the type of this part has too many parts".to_owned(),
            self.focus(expr),
        );
        Type::Error
    }

    /// Checks with these variables in scope.
    pub(super) fn within<T>(
        &mut self,
        variables: Vec<(&'e str, Type)>,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let depth = self.scope.len();
        self.scope.extend(variables);
        let result = run(self);
        self.scope.truncate(depth);
        result
    }

    fn undeclared_name(&mut self, name: &str, span: Span) -> Type {
        if !self.tells_more() {
            return Type::Error;
        }
        let locals = self.scope.iter().map(|(name, _)| *name);
        let known = self.environment.variable_names().chain(locals);
        let hint = did_you_mean(name, known);
        self.error(format!("undeclared reference to '{name}'{hint}"), span);
        Type::Error
    }

    /// Tells of `variables.x` where there is no such variable, but others whose names begin with `variables.`.
    fn undeclared_member(&mut self, expr: &Expr, operand: &Expr, field: &str) -> Option<Type> {
        let ExprKind::Ident { name, .. } = &operand.kind else {
            return None;
        };
        if !self.tells_more() {
            return None;
        }
        if self.scope.iter().any(|(local, _)| local == name)
            || names::value_named(self.environment, name, false).is_some()
        {
            return None;
        }
        let prefix = format!("{name}.");
        let mut members = self
            .environment
            .variable_names()
            .filter(|known| known.starts_with(&prefix))
            .peekable();
        members.peek()?;
        let hint = did_you_mean(&format!("{prefix}{field}"), members);
        self.error(
            format!("undeclared reference to '{name}.{field}'{hint}"),
            self.focus(expr),
        );
        Some(Type::Error)
    }

    /// Where a message about a node points.
    pub(super) fn focus(&self, expr: &Expr) -> Span {
        self.ast.focus(expr)
    }

    pub(super) fn error(&mut self, message: String, span: Span) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(Diagnostic { message, span });
        }
    }

    /// Whether more mistakes are told: a search for what was perhaps meant is only done then.
    pub(super) fn tells_more(&self) -> bool {
        self.errors.len() < MAX_ERRORS
    }

    /// A type as people read it.
    pub(super) fn shown(&self, of: &Type) -> String {
        self.substitution.close(of).to_string()
    }
}

fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Uint(_) => Type::Uint,
        Literal::Double(_) => Type::Double,
        Literal::String(_) => Type::String,
        Literal::Bytes(_) => Type::Bytes,
    }
}

/// The name under which an operator's forms are declared.
fn operator_name(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Equal => "_==_",
        BinaryOperator::NotEqual => "_!=_",
        BinaryOperator::Less => "_<_",
        BinaryOperator::LessOrEqual => "_<=_",
        BinaryOperator::Greater => "_>_",
        BinaryOperator::GreaterOrEqual => "_>=_",
        BinaryOperator::Add => "_+_",
        BinaryOperator::Subtract => "_-_",
        BinaryOperator::Multiply => "_*_",
        BinaryOperator::Divide => "_/_",
        BinaryOperator::Modulo => "_%_",
        BinaryOperator::In => "@in",
    }
}
