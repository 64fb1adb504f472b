//! The walk over the tree.

use std::collections::{HashMap, HashSet};

use plimsoll_document::Span;

use super::names::{self, dotted_name, first_name};
use super::unify::{Substitution, most_general};
use super::{Checked, Reference, edit_distance};
use crate::ast::{
    Ast, BinaryOperator, Comprehension, ComprehensionKind, Expr, ExprKind, Literal, UnaryOperator,
};
use crate::diagnostic::Diagnostic;
use crate::environment::{Environment, Overload};
use crate::types::Type;

pub(super) fn check(ast: &Ast, environment: &Environment) -> Result<Checked, Vec<Diagnostic>> {
    let mut checker = Checker {
        environment,
        scope: Vec::new(),
        blocks: Vec::new(),
        types: vec![Type::Dyn; ast.node_count as usize],
        references: vec![None; ast.node_count as usize],
        substitution: Substitution::default(),
        ambiguous: HashSet::new(),
        current: 0,
        mixed_literals: false,
        errors: Vec::new(),
    };
    let result = checker.expr(&ast.root);
    if !checker.errors.is_empty() {
        return Err(checker.errors);
    }
    let Checker {
        types,
        references,
        substitution,
        ambiguous,
        ..
    } = checker;
    Ok(Checked {
        result: substitution.apply(&result, true),
        types: types
            .iter()
            .map(|of| substitution.apply(of, true))
            .collect(),
        references,
        ambiguous,
    })
}

struct Checker<'e> {
    environment: &'e Environment,
    /// Variables of macros, innermost last.
    scope: Vec<(&'e str, Type)>,
    /// Types of the parts of the blocks around.
    blocks: Vec<Vec<Type>>,
    types: Vec<Type>,
    references: Vec<Option<Reference>>,
    substitution: Substitution,
    ambiguous: HashSet<u32>,
    /// The node whose function is looked up.
    current: u32,
    /// Within the arguments of `format`, whose list holds what it likes.
    mixed_literals: bool,
    errors: Vec<Diagnostic>,
}

impl<'e> Checker<'e> {
    fn expr(&mut self, expr: &'e Expr) -> Type {
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
                let operand = self.expr(operand);
                self.select(&operand, field, *optional, expr.span)
            }
            ExprKind::Has { operand, field, .. } => {
                let operand = self.expr(operand);
                self.select(&operand, field, false, expr.span);
                Type::Bool
            }
            ExprKind::Index {
                operand,
                index,
                optional,
            } => {
                let operand = self.expr(operand);
                let index_type = self.expr(index);
                let name = if *optional { "_[?_]" } else { "_[_]" };
                self.overload(name, &[operand, index_type], false, expr.span)
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
                let operand = self.expr(operand);
                self.overload(name, &[operand], false, expr.span)
            }
            ExprKind::Binary {
                operator,
                left,
                right,
            } => {
                let left = self.expr(left);
                let right = self.expr(right);
                self.current = expr.id;
                self.overload(operator_name(*operator), &[left, right], false, expr.span)
            }
            ExprKind::And(terms) | ExprKind::Or(terms) => {
                for term in terms {
                    self.expect(term, &Type::Bool);
                }
                Type::Bool
            }
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => {
                let condition = self.expr(condition);
                let then = self.expr(then);
                let otherwise = self.expr(otherwise);
                self.overload("_?_:_", &[condition, then, otherwise], false, expr.span)
            }
            ExprKind::List(elements) => {
                let mut element_type = None;
                for element in elements {
                    let mut of = self.expr(&element.value);
                    if element.optional {
                        of = self.unwrapped(of, element.value.span);
                    }
                    element_type = Some(self.join(element_type, of, element.value.span));
                }
                let element_type = element_type.unwrap_or_else(|| self.substitution.fresh());
                Type::list(element_type)
            }
            ExprKind::Map(entries) => {
                let (mut key_type, mut value_type) = (None, None);
                for entry in entries {
                    let key = self.expr(&entry.key);
                    key_type = Some(self.join(key_type, key, entry.key.span));
                    let mut value = self.expr(&entry.value);
                    if entry.optional {
                        value = self.unwrapped(value, entry.value.span);
                    }
                    value_type = Some(self.join(value_type, value, entry.value.span));
                }
                let key_type = key_type.unwrap_or_else(|| self.substitution.fresh());
                let value_type = value_type.unwrap_or_else(|| self.substitution.fresh());
                Type::map(key_type, value_type)
            }
            ExprKind::Struct { type_name, fields } => {
                let name = type_name.trim_start_matches('.');
                let known = self.environment.has_struct(name);
                if !known {
                    self.error(format!("there is no type '{name}'"), expr.span);
                }
                for field in fields {
                    let mut of = self.expr(&field.value);
                    if field.optional {
                        of = self.unwrapped(of, field.value.span);
                    }
                    if !known {
                        continue;
                    }
                    let expected = self.environment.field(name, &field.name);
                    if let Some(expected) = expected
                        && !self.substitution.assign(&of, &expected)
                    {
                        let message = format!(
                            "field '{}' of {name} is {expected}, not {}",
                            field.name,
                            self.shown(&of)
                        );
                        self.error(message, field.value.span);
                    }
                }
                if known {
                    Type::named(name)
                } else {
                    Type::Error
                }
            }
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
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
            } => {
                let of = self.expr(target);
                let inner = self.unwrapped(of, target.span);
                let body_type = self.within(vec![(variable, inner)], |this| this.expr(body));
                if *flat {
                    let held = self.unwrapped(body_type, body.span);
                    Type::optional(held)
                } else {
                    Type::optional(body_type)
                }
            }
            ExprKind::Block { slots, body } => {
                self.blocks.push(Vec::new());
                for slot in slots {
                    let of = self.expr(slot);
                    if let Some(block) = self.blocks.last_mut() {
                        block.push(of);
                    }
                }
                let of = self.expr(body);
                self.blocks.pop();
                of
            }
            ExprKind::BlockIndex(index) => {
                let part = self
                    .blocks
                    .last()
                    .and_then(|block| block.get(*index as usize));
                if let Some(of) = part {
                    of.clone()
                } else {
                    let message = format!("the block has no part {index} before this one");
                    self.error(message, expr.span);
                    Type::Error
                }
            }
        }
    }

    /// The type of a name or dotted name that stands for a variable or a type as a whole.
    fn name(&mut self, expr: &'e Expr) -> Option<Type> {
        let (name, absolute) = dotted_name(expr)?;
        if let Some(first) = first_name(expr)
            && let Some((_, of)) = self.scope.iter().rev().find(|(local, _)| *local == first)
        {
            return (name == first).then(|| of.clone());
        }
        let reference = names::value_named(self.environment, &name, absolute)?;
        let of = match &reference {
            Reference::Variable(name) => self.environment.variable(name).cloned(),
            Reference::Type(name) => self
                .environment
                .type_named(name)
                .map(|of| Type::Type(std::sync::Arc::new(of))),
            Reference::Function(_) => None,
        };
        self.references[expr.id as usize] = Some(reference);
        of
    }

    fn select(&mut self, operand: &Type, field: &str, optional: bool, span: Span) -> Type {
        let operand = self.substitution.apply(operand, false);
        let (operand, was_optional) = match operand {
            Type::Optional(of) => (self.substitution.apply(&of, false), true),
            other => (other, false),
        };
        let of = match &operand {
            Type::Map(key, value) => {
                if self.substitution.assign(&Type::String, key) {
                    (**value).clone()
                } else {
                    let message = format!("the keys of {} are not strings", self.shown(&operand));
                    self.error(message, span);
                    Type::Error
                }
            }
            Type::Named(name, _) => {
                if let Some(of) = self.environment.field(name, field) {
                    of
                } else {
                    self.error(format!("{name} has no field '{field}'"), span);
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
                self.error(message, span);
                Type::Error
            }
        };
        if optional || was_optional {
            Type::optional(of)
        } else {
            of
        }
    }

    fn call(&mut self, expr: &'e Expr, function: &str, absolute: bool, args: &'e [Expr]) -> Type {
        let arguments: Vec<Type> = args.iter().map(|arg| self.expr(arg)).collect();
        let Some(name) = names::function_named(self.environment, function, absolute) else {
            return self.undeclared_function(function, expr.span);
        };
        let of = self.overload(&name, &arguments, false, expr.span);
        self.references[expr.id as usize] = Some(Reference::Function(name));
        of
    }

    fn member_call(
        &mut self,
        expr: &'e Expr,
        target: &'e Expr,
        function: &str,
        args: &'e [Expr],
    ) -> Type {
        let locals: Vec<&str> = self.scope.iter().map(|(name, _)| *name).collect();
        if let Some(name) = names::namespaced(self.environment, &locals, target, function) {
            let arguments: Vec<Type> = args.iter().map(|arg| self.expr(arg)).collect();
            let of = self.overload(&name, &arguments, false, expr.span);
            self.references[expr.id as usize] = Some(Reference::Function(name));
            return of;
        }
        let mut arguments = vec![self.expr(target)];
        let mixed = std::mem::replace(&mut self.mixed_literals, function == "format");
        arguments.extend(args.iter().map(|arg| self.expr(arg)));
        self.mixed_literals = mixed;
        let exists = |overload: &Overload| overload.member;
        if !self.environment.overloads(function).iter().any(exists) {
            return self.undeclared_function(function, expr.span);
        }
        self.overload(function, &arguments, true, expr.span)
    }

    /// The result of the forms of a function that take these arguments: `dyn` where several do that disagree.
    fn overload(&mut self, name: &str, arguments: &[Type], member: bool, span: Span) -> Type {
        let mut result: Option<Type> = None;
        for overload in self.environment.overloads(name) {
            if overload.member != member || overload.parameters.len() != arguments.len() {
                continue;
            }
            let mut fresh = HashMap::new();
            let parameters: Vec<Type> = overload
                .parameters
                .iter()
                .map(|parameter| self.substitution.instantiate(parameter, &mut fresh))
                .collect();
            let gives = self.substitution.instantiate(&overload.result, &mut fresh);
            if !self.substitution.assign_all(arguments, &parameters) {
                continue;
            }
            let gives = self.substitution.apply(&gives, false);
            if result.is_some() {
                self.ambiguous.insert(self.current);
            }
            result = Some(match result {
                None => gives,
                Some(known) if known == gives => known,
                Some(_) => Type::Dyn,
            });
        }
        result.unwrap_or_else(|| {
            if !arguments.contains(&Type::Error) {
                let shown: Vec<String> = arguments.iter().map(|of| self.shown(of)).collect();
                let message = no_overload(name, &shown, member);
                self.error(message, span);
            }
            Type::Error
        })
    }

    fn comprehension(&mut self, comprehension: &'e Comprehension) -> Type {
        let range = self.expr(&comprehension.range);
        let range = self.substitution.apply(&range, false);
        let two = comprehension.second_variable.is_some();
        let (first, second) = match &range {
            Type::List(element) if two => (Type::Int, (**element).clone()),
            Type::List(element) => ((**element).clone(), Type::Dyn),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            Type::Dyn | Type::Error => (Type::Dyn, Type::Dyn),
            Type::Param(_) => {
                self.substitution.assign(&Type::Dyn, &range);
                (Type::Dyn, Type::Dyn)
            }
            other => {
                let message = format!(
                    "a macro over elements needs a list or a map, not {}",
                    self.shown(other)
                );
                self.error(message, comprehension.range.span);
                (Type::Error, Type::Error)
            }
        };
        let mut variables = vec![(comprehension.variable.as_str(), first.clone())];
        if let Some(name) = &comprehension.second_variable {
            variables.push((name, second));
        }
        let body = self.within(variables, |this| {
            if let Some(filter) = &comprehension.filter {
                this.expect(filter, &Type::Bool);
            }
            this.expr(&comprehension.body)
        });
        match comprehension.kind {
            ComprehensionKind::All | ComprehensionKind::Exists | ComprehensionKind::ExistsOne => {
                self.expect_type(&body, &Type::Bool, comprehension.body.span);
                Type::Bool
            }
            ComprehensionKind::Filter => {
                self.expect_type(&body, &Type::Bool, comprehension.body.span);
                Type::list(first)
            }
            ComprehensionKind::Map | ComprehensionKind::TransformList => Type::list(body),
            ComprehensionKind::TransformMap => Type::map(first, body),
            ComprehensionKind::TransformMapEntry => {
                let key = self.substitution.fresh();
                let value = self.substitution.fresh();
                let map = Type::map(key, value);
                self.expect_type(&body, &map, comprehension.body.span);
                map
            }
            ComprehensionKind::SortBy => {
                if matches!(range, Type::Map(..)) {
                    let message = "sortBy() needs a list".to_owned();
                    self.error(message, comprehension.range.span);
                }
                let body = self.substitution.apply(&body, false);
                let sortable = matches!(
                    body,
                    Type::Int
                        | Type::Uint
                        | Type::Double
                        | Type::Bool
                        | Type::Duration
                        | Type::Timestamp
                        | Type::String
                        | Type::Bytes
                        | Type::Dyn
                        | Type::Param(_)
                        | Type::Error
                );
                if !sortable {
                    let message = format!("sortBy() cannot order {}", self.shown(&body));
                    self.error(message, comprehension.body.span);
                }
                Type::list(first)
            }
        }
    }

    /// The type of a list's elements, or of a map's keys or values, with one more.
    fn join(&mut self, known: Option<Type>, of: Type, span: Span) -> Type {
        let Some(known) = known else {
            return of;
        };
        if self.environment.homogeneous_literals() && !self.mixed_literals {
            let known = self.substitution.apply(&known, false);
            let of = self.substitution.apply(&of, false);
            if known != Type::Error && of != Type::Error && !self.same(&known, &of) {
                let message = format!(
                    "expected type {}, found {}: the elements of a literal are of one type",
                    self.shown(&known),
                    self.shown(&of)
                );
                self.error(message, span);
            }
            return known;
        }
        if self.substitution.assign(&known, &of) {
            return most_general(&known, &of).clone();
        }
        Type::Dyn
    }

    /// Whether two types of elements are one: `dyn` is only itself here.
    fn same(&mut self, one: &Type, other: &Type) -> bool {
        if (one == &Type::Dyn) == (other == &Type::Dyn) {
            return self.substitution.assign(one, other);
        }
        matches!(one, Type::Param(_)) || matches!(other, Type::Param(_))
    }

    /// What an optional holds.
    fn unwrapped(&mut self, of: Type, span: Span) -> Type {
        let held = self.substitution.fresh();
        self.expect_type(&of, &Type::optional(held.clone()), span);
        let held = self.substitution.apply(&held, false);
        match (of, held) {
            (Type::Dyn, Type::Param(_)) => Type::Dyn,
            (_, held) => held,
        }
    }

    fn expect(&mut self, expr: &'e Expr, expected: &Type) {
        let of = self.expr(expr);
        self.expect_type(&of, expected, expr.span);
    }

    fn expect_type(&mut self, of: &Type, expected: &Type, span: Span) {
        if !self.substitution.assign(of, expected) {
            let message = format!(
                "expected {}, found {}",
                self.shown(expected),
                self.shown(of)
            );
            self.error(message, span);
        }
    }

    fn within<T>(
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
        let known = self
            .environment
            .variable_names()
            .chain(self.scope.iter().map(|(name, _)| *name));
        let hint = nearest(name, known);
        self.error(format!("undeclared reference to '{name}'{hint}"), span);
        Type::Error
    }

    fn undeclared_function(&mut self, name: &str, span: Span) -> Type {
        let known = self
            .environment
            .function_names()
            .filter(|name| name.starts_with(|first: char| first.is_ascii_alphabetic()));
        let hint = nearest(name, known);
        self.error(format!("there is no function '{name}' here{hint}"), span);
        Type::Error
    }

    fn error(&mut self, message: String, span: Span) {
        self.errors.push(Diagnostic { message, span });
    }

    /// A type as people read it.
    fn shown(&self, of: &Type) -> String {
        self.substitution.apply(of, true).to_string()
    }
}

fn no_overload(name: &str, arguments: &[String], member: bool) -> String {
    if let Some((left, right)) = name.split_once('_').and_then(|_| match arguments {
        [left, right] if !name.starts_with(|first: char| first.is_ascii_alphabetic()) => {
            Some((left, right))
        }
        _ => None,
    }) {
        let operator = name.trim_matches('_').trim_start_matches('@');
        return match operator {
            "[" | "[?" | "[_]" | "[?_]" => format!("{left} cannot be indexed with {right}"),
            operator => format!("the operator '{operator}' does not take {left} and {right}"),
        };
    }
    match (arguments.split_first(), member) {
        (Some((target, arguments)), true) => {
            let arguments = arguments.join(", ");
            format!("{target} has no function {name}({arguments})")
        }
        _ => format!("{name}() does not take ({})", arguments.join(", ")),
    }
}

/// `; did you mean 'x'?` where a known name is near, else nothing.
fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let best = known
        .map(|candidate| (edit_distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= 1 + name.len() / 4)
        .min();
    best.map_or_else(String::new, |(_, candidate)| {
        format!("; did you mean '{candidate}'?")
    })
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
