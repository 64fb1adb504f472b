//! Macros. The reference implementation expands them into a fold and checks that; each rule here gives what that check
//! gives.

use super::checker::Checker;
use crate::ast::{Comprehension, ComprehensionKind, Expr};
use crate::types::Type;

impl<'e> Checker<'e> {
    pub(super) fn comprehension(&mut self, expr: &'e Expr, macro_call: &'e Comprehension) -> Type {
        let range = self.expr(&macro_call.range);
        let range = self.substitution.apply(&range);
        let (first, second) = self.elements(&range, macro_call);
        let mut variables = vec![(macro_call.variable.as_str(), first.clone())];
        if let Some(name) = &macro_call.second_variable {
            variables.push((name, second));
        }
        let body = self.within(variables, |this| {
            if let Some(filter) = &macro_call.filter {
                let of = this.expr(filter);
                this.expect_bool(&of, filter);
            }
            this.expr(&macro_call.body)
        });
        let of = match macro_call.kind {
            ComprehensionKind::All | ComprehensionKind::Exists | ComprehensionKind::ExistsOne => {
                self.expect_bool(&body, &macro_call.body);
                return Type::Bool;
            }
            ComprehensionKind::Filter => {
                self.expect_bool(&body, &macro_call.body);
                Type::list(first)
            }
            ComprehensionKind::Map | ComprehensionKind::TransformList => Type::list(body),
            ComprehensionKind::TransformMap => Type::map(first, body),
            ComprehensionKind::TransformMapEntry => self.merged_entries(&body, macro_call),
            ComprehensionKind::SortBy => self.sorted(expr, &range, body),
        };
        self.bounded(of, expr)
    }

    /// The types of what a macro goes over: its first and its second variable.
    fn elements(&mut self, range: &Type, macro_call: &'e Comprehension) -> (Type, Type) {
        match range {
            Type::List(element) if macro_call.second_variable.is_some() => {
                (Type::Int, (**element).clone())
            }
            Type::List(element) => ((**element).clone(), Type::Dyn),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            Type::Dyn | Type::Error => (Type::Dyn, Type::Dyn),
            Type::Param(_) => {
                self.substitution.assign(&Type::Dyn, range);
                (Type::Dyn, Type::Dyn)
            }
            other => {
                let message = format!(
                    "a macro over elements needs a list or a map, not {}",
                    self.shown(other)
                );
                self.error(message, macro_call.range.span);
                (Type::Error, Type::Error)
            }
        }
    }

    /// `transformMapEntry`: each body is a map, and they are merged.
    fn merged_entries(&mut self, body: &Type, macro_call: &'e Comprehension) -> Type {
        let key = self.substitution.fresh();
        let value = self.substitution.fresh();
        let map = Type::map(key, value);
        if !self.substitution.assign(body, &map) {
            let message = format!(
                "transformMapEntry() needs a map such as {{key: value}}, not {}",
                self.shown(body)
            );
            self.error(message, macro_call.body.span);
        }
        map
    }

    /// `sortBy`: a list that is sorted by the list of its keys.
    fn sorted(&mut self, expr: &'e Expr, range: &Type, key: Type) -> Type {
        let arguments = [range.clone(), Type::list(key)];
        if let Some(of) = self.overload(expr, "@sortByAssociatedKeys", &arguments, true) {
            return of;
        }
        self.no_overload(expr, &arguments, |shown| match shown {
            [range, _] if !range.starts_with("list(") => {
                format!("sortBy() needs a list, not {range}")
            }
            [_, keys] => {
                let key = keys
                    .strip_prefix("list(")
                    .and_then(|key| key.strip_suffix(')'));
                format!("sortBy() cannot order by {}", key.unwrap_or(keys))
            }
            _ => "sortBy() does not fit here".to_owned(),
        });
        Type::Error
    }

    /// `target.hasValue() ? optional.of(body over target.value()) : optional.none()`; with `flat` without the
    /// `optional.of`.
    pub(super) fn optional_map(
        &mut self,
        expr: &'e Expr,
        target: &'e Expr,
        variable: &'e str,
        body: &'e Expr,
        flat: bool,
    ) -> Type {
        let name = if flat { "optFlatMap" } else { "optMap" };
        let of = self.expr(target);
        let held = self.overload(expr, "value", std::slice::from_ref(&of), true);
        let held = held.unwrap_or_else(|| {
            self.no_overload(expr, std::slice::from_ref(&of), |shown| {
                format!("{name}() needs an optional, not {}", shown.join(""))
            });
            Type::Error
        });
        let body_type = self.within(vec![(variable, held)], |this| this.expr(body));
        let then = if flat {
            body_type.clone()
        } else {
            self.bounded(Type::optional(body_type.clone()), expr)
        };
        let otherwise = Type::optional(self.substitution.fresh());
        let sides = [Type::Bool, then, otherwise];
        if let Some(of) = self.overload(expr, "_?_:_", &sides, false) {
            return of;
        }
        if body_type != Type::Error {
            let message = format!(
                "the body of {name}() must give an optional, not {}",
                self.shown(&body_type)
            );
            self.error(message, body.span);
        }
        Type::Error
    }

    pub(super) fn block(&mut self, slots: &'e [Expr], body: &'e Expr) -> Type {
        self.blocks.push(Vec::with_capacity(slots.len()));
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

    pub(super) fn block_index(&mut self, expr: &'e Expr, index: u32) -> Type {
        let block = self.blocks.last();
        if let Some(of) = block.and_then(|block| block.get(index as usize)) {
            return of.clone();
        }
        let message = format!("there is no part {index} of a block before this place");
        self.error(message, expr.span);
        Type::Error
    }
}
