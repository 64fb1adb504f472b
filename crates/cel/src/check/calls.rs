//! Calls: which function is meant, and which of its forms.

use foldhash::HashMap;

use super::Reference;
use super::checker::Checker;
use super::names;
use super::suggestion::did_you_mean;
use crate::ast::{Expr, ExprKind};
use crate::environment::{Environment, Overload};
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
        let Some(name) = names::function_named(self.environment, function, absolute) else {
            return self.undeclared_function(expr, function, args);
        };
        let types: Vec<Type> = args.iter().map(|arg| self.expr(arg)).collect();
        self.function(expr, name, &types)
    }

    pub(super) fn member_call(
        &mut self,
        expr: &'e Expr,
        target: &'e Expr,
        function: &str,
        args: &'e [Expr],
    ) -> Type {
        if let Some(name) = names::namespaced(self.environment, target, function) {
            let types: Vec<Type> = args.iter().map(|arg| self.expr(arg)).collect();
            return self.function(expr, name, &types);
        }
        if let Some(namespace) = self.undeclared_namespace(target) {
            return self.undeclared_function(expr, &format!("{namespace}.{function}"), args);
        }
        let Some(name) = names::function_named(self.environment, function, false) else {
            self.expr(target);
            return self.undeclared_function(expr, function, args);
        };
        // The target comes last, as upstream has it: what is open in its type may be settled by the arguments.
        let types: Vec<Type> = args.iter().map(|arg| self.expr(arg)).collect();
        let mut arguments = vec![self.expr(target)];
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
            let Some(gives) = self.result_of(overload, arguments) else {
                continue;
            };
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

    /// What one form gives for these arguments; `None` where it does not take them.
    fn result_of(&mut self, overload: &Overload, arguments: &[Type]) -> Option<Type> {
        let substitution = &mut self.substitution;
        if !overload.is_generic() {
            let fits = substitution.assign_all(arguments, &overload.parameters);
            return fits.then(|| overload.result.clone());
        }
        let mut fresh = HashMap::default();
        let parameters: Vec<Type> = overload
            .parameters
            .iter()
            .map(|parameter| substitution.instantiate(parameter, &mut fresh))
            .collect();
        let gives = substitution.instantiate(&overload.result, &mut fresh);
        let fits = substitution.assign_all(arguments, &parameters);
        fits.then(|| substitution.apply(&gives))
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

    /// The name before the dot of a call, where it stands for nothing that a function could be called on.
    fn undeclared_namespace(&self, target: &Expr) -> Option<String> {
        let ExprKind::Ident { name, absolute } = &target.kind else {
            return None;
        };
        let is_local = !absolute && self.scope.iter().any(|(local, _)| local == name);
        let is_known = names::value_named(self.environment, name, *absolute).is_some();
        (!is_local && !is_known).then(|| name.clone())
    }

    fn undeclared_function(&mut self, expr: &'e Expr, name: &str, args: &'e [Expr]) -> Type {
        if let Some(usage) = macro_usage(name) {
            // The arguments would only be found wrong as well: they name variables of the macro.
            let message = format!("this form of {name} is not known here; it is written {usage}");
            self.error(message, self.focus(expr));
            return Type::Error;
        }
        if !self.tells_more() {
            return Type::Error;
        }
        let hint = if let Some(place) = Environment::elsewhere(name) {
            format!("; {place}")
        } else {
            let is_name = |name: &&str| name.starts_with(|c: char| c.is_ascii_alphabetic());
            did_you_mean(name, self.environment.function_names().filter(is_name))
        };
        let message = format!("there is no function '{name}' here{hint}");
        self.error(message, self.focus(expr));
        for arg in args {
            self.expr(arg);
        }
        Type::Error
    }
}

/// How a macro is written whose name was called in another form.
fn macro_usage(name: &str) -> Option<&'static str> {
    Some(match name {
        "has" => "has(a.b)",
        "all" => "list.all(x, condition)",
        "exists" => "list.exists(x, condition)",
        "exists_one" | "existsOne" => "list.exists_one(x, condition)",
        "filter" => "list.filter(x, condition)",
        "map" => "list.map(x, value) or list.map(x, condition, value)",
        "sortBy" => "list.sortBy(x, key)",
        "transformList" => "list.transformList(i, x, value)",
        "transformMap" => "map.transformMap(k, v, value)",
        "transformMapEntry" => "map.transformMapEntry(k, v, {key: value})",
        "optMap" => "optional.optMap(x, value)",
        "optFlatMap" => "optional.optFlatMap(x, optional)",
        "cel.bind" => "cel.bind(x, value, expression), where the environment has it",
        _ => return None,
    })
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
