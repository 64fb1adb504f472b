//! Calls: which function is meant, and which of its forms.

use std::collections::HashMap;

use super::Reference;
use super::checker::Checker;
use super::names;
use super::suggestion::did_you_mean;
use crate::ast::Expr;
use crate::environment::Overload;
use crate::types::Type;

impl<'e> Checker<'e> {
    /// An operator, by the name under which its forms are declared.
    pub(super) fn operator(&mut self, expr: &'e Expr, name: &str, operands: &[&'e Expr]) -> Type {
        let types: Vec<Type> = operands.iter().map(|operand| self.expr(operand)).collect();
        self.overload(expr, name, &types, false).unwrap_or_else(|| {
            self.no_overload(expr, &types, |shown| operator_mismatch(name, shown));
            Type::Error
        })
    }

    pub(super) fn call(
        &mut self,
        expr: &'e Expr,
        function: &str,
        absolute: bool,
        args: &'e [Expr],
    ) -> Type {
        let types: Vec<Type> = args.iter().map(|arg| self.expr(arg)).collect();
        let Some(name) = names::function_named(self.environment, function, absolute) else {
            return self.undeclared_function(expr, function);
        };
        self.function(expr, name, &types)
    }

    pub(super) fn member_call(
        &mut self,
        expr: &'e Expr,
        target: &'e Expr,
        function: &str,
        args: &'e [Expr],
    ) -> Type {
        let types: Vec<Type> = args.iter().map(|arg| self.expr(arg)).collect();
        if let Some(name) = names::namespaced(self.environment, target, function) {
            return self.function(expr, name, &types);
        }
        let target = self.expr(target);
        let Some(name) = names::function_named(self.environment, function, false) else {
            return self.undeclared_function(expr, function);
        };
        let mut arguments = vec![target];
        arguments.extend(types);
        if let Some(of) = self.overload(expr, &name, &arguments, true) {
            return of;
        }
        let forms = self.environment.overloads(&name);
        if forms.iter().any(|form| form.member) {
            self.no_overload(expr, &arguments, |shown| {
                member_mismatch(&name, forms, shown)
            });
        } else {
            let message = format!("{name} is not called on a value; write {name}(...)");
            self.error(message, self.focus(expr));
        }
        Type::Error
    }

    /// A call of a function that has no target.
    fn function(&mut self, expr: &'e Expr, name: String, arguments: &[Type]) -> Type {
        let of = self
            .overload(expr, &name, arguments, false)
            .unwrap_or_else(|| {
                let forms = self.environment.overloads(&name);
                if forms.iter().any(|form| !form.member) {
                    self.no_overload(expr, arguments, |shown| {
                        function_mismatch(&name, forms, shown)
                    });
                } else {
                    let message = format!("{name} is called on a value; write x.{name}(...)");
                    self.error(message, self.focus(expr));
                }
                Type::Error
            });
        self.references[expr.id as usize] = Some(Reference::Function(name));
        of
    }

    /// The result of the forms of a function that take these arguments, `dyn` where several do that disagree; `None`
    /// where none does.
    pub(super) fn overload(
        &mut self,
        expr: &Expr,
        name: &str,
        arguments: &[Type],
        member: bool,
    ) -> Option<Type> {
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
            let gives = self.substitution.apply(&gives);
            result = Some(match result {
                None => gives,
                Some(known) => {
                    self.ambiguous.insert(expr.id);
                    if known == gives { known } else { Type::Dyn }
                }
            });
        }
        result
    }

    /// Tells that no form of a function fits, unless the mistake was in an argument and has been told.
    pub(super) fn no_overload(
        &mut self,
        expr: &'e Expr,
        arguments: &[Type],
        message: impl FnOnce(&[String]) -> String,
    ) {
        if arguments.contains(&Type::Error) {
            return;
        }
        let shown: Vec<String> = arguments.iter().map(|of| self.shown(of)).collect();
        self.error(message(&shown), self.focus(expr));
    }

    fn undeclared_function(&mut self, expr: &'e Expr, name: &str) -> Type {
        let known = self
            .environment
            .function_names()
            .filter(|name| name.starts_with(|first: char| first.is_ascii_alphabetic()));
        let hint = did_you_mean(name, known);
        self.error(
            format!("there is no function '{name}' here{hint}"),
            self.focus(expr),
        );
        Type::Error
    }
}

fn operator_mismatch(name: &str, operands: &[String]) -> String {
    match (name, operands) {
        ("_[_]" | "_[?_]", [operand, index]) => format!("{operand} cannot be indexed with {index}"),
        ("_?_:_", [condition, ..]) if condition != "bool" && condition != "dyn" => {
            format!("the condition before '?' must be bool, not {condition}")
        }
        ("_?_:_", [_, then, otherwise]) => {
            format!("both sides of ':' must be of one type, not {then} and {otherwise}")
        }
        (_, [operand]) => {
            let operator = name.trim_end_matches('_');
            format!("the operator '{operator}' does not take {operand}")
        }
        (_, operands) => {
            let operator = name.trim_matches('_').trim_start_matches('@');
            format!(
                "the operator '{operator}' does not take {}",
                operands.join(" and ")
            )
        }
    }
}

fn member_mismatch(name: &str, forms: &[Overload], arguments: &[String]) -> String {
    let (target, arguments) = match arguments {
        [target, arguments @ ..] => (target.as_str(), arguments.join(", ")),
        [] => ("", String::new()),
    };
    let on_target: Vec<String> = forms
        .iter()
        .filter(|form| form.member)
        .filter_map(|form| form.parameters.split_first())
        .filter(|(first, _)| first.to_string() == target)
        .map(|(_, rest)| written(name, rest))
        .collect();
    if on_target.is_empty() {
        return format!("{target} has no function {name}({arguments})");
    }
    format!(
        "{target} has no function {name}({arguments}), only {}",
        on_target.join(" and ")
    )
}

fn function_mismatch(name: &str, forms: &[Overload], arguments: &[String]) -> String {
    let known: Vec<String> = forms
        .iter()
        .filter(|form| !form.member)
        .map(|form| written(name, &form.parameters))
        .collect();
    format!(
        "there is no {name}({}), only {}",
        arguments.join(", "),
        known.join(" and ")
    )
}

fn written(name: &str, parameters: &[Type]) -> String {
    let parameters: Vec<String> = parameters.iter().map(Type::to_string).collect();
    format!("{name}({})", parameters.join(", "))
}
