//! The macros over lists and maps.

use super::{Machine, Result};
use crate::ast::ComprehensionKind;
use crate::error::{ErrorKind, EvalError};
use crate::instruction::Loop;
use crate::library::{equality, lists};
use crate::value::{ListView, MapView, Value};

impl Loop {
    /// Whether the macro's value is a boolean that needs no place in the heap.
    pub(super) fn is_quantifier(&self) -> bool {
        matches!(
            self.kind,
            ComprehensionKind::All | ComprehensionKind::Exists | ComprehensionKind::ExistsOne
        )
    }
}

/// What a loop goes over.
#[derive(Clone, Copy)]
enum Range<'a> {
    List(ListView<'a>),
    Map(MapView<'a>),
}

impl<'a> Machine<'a, '_> {
    pub(super) fn run_loop(&mut self, this: &'a Loop) -> Result<'a, Value<'a>> {
        match this.kind {
            ComprehensionKind::All | ComprehensionKind::Exists | ComprehensionKind::ExistsOne => {
                self.quantify(this).map(Value::Bool)
            }
            ComprehensionKind::Map | ComprehensionKind::TransformList => self.transform_list(this),
            ComprehensionKind::Filter => self.filter(this),
            ComprehensionKind::TransformMap | ComprehensionKind::TransformMapEntry => {
                self.transform_map(this)
            }
            ComprehensionKind::SortBy => self.sort_by(this),
        }
    }

    pub(super) fn quantify(&mut self, this: &'a Loop) -> Result<'a, bool> {
        match this.kind {
            ComprehensionKind::ExistsOne => self.exists_one(this),
            ComprehensionKind::Exists => self.decide(this, true),
            _ => self.decide(this, false),
        }
    }

    fn range(&mut self, this: &'a Loop) -> Result<'a, Range<'a>> {
        let value = self.value(&this.range)?;
        if let Some(list) = value.as_list() {
            return Ok(Range::List(list));
        }
        if let Some(map) = value.as_map() {
            return Ok(Range::Map(map));
        }
        let reason = "a macro over elements needs a list or a map";
        Err(self.heap.error(ErrorKind::Conversion(reason)))
    }

    /// Sets the loop's variables to the element at this place; false past the end.
    #[inline]
    fn set_element(&mut self, this: &Loop, range: Range<'a>, at: usize) -> bool {
        let (first, second) = match range {
            Range::List(list) => {
                let Some(element) = list.get(at) else {
                    return false;
                };
                if this.second_slot.is_none() {
                    self.locals[this.slot] = element;
                    return true;
                }
                (Value::Int(at as i64), element)
            }
            Range::Map(map) => {
                let Some(entry) = map.entry(at) else {
                    return false;
                };
                entry
            }
        };
        self.locals[this.slot] = first;
        if let Some(slot) = this.second_slot {
            self.locals[slot] = second;
        }
        true
    }

    /// `all`, or `exists` where `decides` is true: the first element that decides wins over any error.
    fn decide(&mut self, this: &'a Loop, decides: bool) -> Result<'a, bool> {
        let range = self.range(this)?;
        // The fold's condition reads the result so far, through `!` for `exists`, and its step reads it again.
        let condition_cost = if decides { 3 } else { 2 };
        let mut error: Option<EvalError<'a>> = None;
        let mut at = 0;
        while self.set_element(this, range, at) {
            at += 1;
            self.check_limits()?;
            self.charge(condition_cost + 1);
            match self.boolean(&this.body) {
                Ok(value) if value == decides => {
                    if self.set_element(this, range, at) {
                        self.charge(condition_cost);
                    }
                    self.charge(1);
                    return Ok(decides);
                }
                Ok(_) => {}
                Err(limit) if limit.is_limit() => return Err(limit),
                Err(other) => error = error.or(Some(other)),
            }
        }
        self.charge(1);
        error.map_or(Ok(!decides), Err)
    }

    fn exists_one(&mut self, this: &'a Loop) -> Result<'a, bool> {
        let range = self.range(this)?;
        let mut count = 0_u64;
        let mut at = 0;
        while self.set_element(this, range, at) {
            at += 1;
            self.check_limits()?;
            if self.boolean(&this.body)? {
                self.charge(2);
                count += 1;
            } else {
                self.charge(0);
            }
        }
        self.charge(2);
        Ok(count == 1)
    }

    /// Whether the loop's filter, if there is one, lets the current element through.
    fn admits(&mut self, this: &'a Loop) -> Result<'a, bool> {
        match &this.filter {
            Some(filter) => self.boolean(filter),
            None => Ok(true),
        }
    }

    fn transform_list(&mut self, this: &'a Loop) -> Result<'a, Value<'a>> {
        let range = self.range(this)?;
        let values = self.transformed(this, range)?;
        self.charge(1);
        Ok(self.heap.list(&values))
    }

    /// The body's value for every element that the filter admits.
    fn transformed(&mut self, this: &'a Loop, range: Range<'a>) -> Result<'a, Vec<Value<'a>>> {
        let is_constant = matches!(this.body, crate::instruction::Instruction::Constant(_));
        // The step adds a list of one element to the result so far; a list of a constant is made beforehand.
        let step_cost = if is_constant { 2 } else { 12 };
        let mut values = Vec::new();
        let mut at = 0;
        while self.set_element(this, range, at) {
            at += 1;
            self.check_limits()?;
            if self.admits(this)? {
                let value = self.value(&this.body)?;
                self.push(&mut values, value)?;
                self.charge(step_cost);
            }
        }
        Ok(values)
    }

    fn filter(&mut self, this: &'a Loop) -> Result<'a, Value<'a>> {
        let range = self.range(this)?;
        let mut values = Vec::new();
        let mut at = 0;
        while self.set_element(this, range, at) {
            at += 1;
            self.check_limits()?;
            if self.boolean(&this.body)? {
                // The step adds a list of the variable to the result so far.
                self.charge(13);
                self.push(&mut values, self.locals[this.slot])?;
            }
        }
        self.charge(1);
        Ok(self.heap.list(&values))
    }

    fn transform_map(&mut self, this: &'a Loop) -> Result<'a, Value<'a>> {
        let range = self.range(this)?;
        let mut entries: Vec<(Value<'a>, Value<'a>)> = Vec::new();
        let mut at = 0;
        while self.set_element(this, range, at) {
            at += 1;
            self.check_limits()?;
            if !self.admits(this)? {
                continue;
            }
            if this.kind == ComprehensionKind::TransformMap {
                let key = self.locals[this.slot];
                let value = self.value(&this.body)?;
                self.charge(3);
                self.push(&mut entries, (key, value))?;
                continue;
            }
            let made = self.value(&this.body)?;
            self.charge(2);
            let Some(map) = made.as_map() else {
                return Err(self.heap.no_such_overload("transformMapEntry"));
            };
            for (key, value) in map.iter() {
                if entries
                    .iter()
                    .any(|(other, _)| equality::equal(*other, key))
                {
                    let text = self.heap.str(&format!("{key:?}"));
                    return Err(self.heap.error(ErrorKind::DuplicateKey(text)));
                }
                self.push(&mut entries, (key, value))?;
            }
        }
        self.charge(1);
        Ok(self.heap.map(&entries))
    }

    fn sort_by(&mut self, this: &'a Loop) -> Result<'a, Value<'a>> {
        let range = self.range(this)?;
        let Range::List(list) = range else {
            return Err(self.heap.no_such_overload("sortBy"));
        };
        let keys = self.transformed(this, range)?;
        // The list is bound to a variable, read once for the keys, whose list is read once, and once to be sorted.
        self.charge(4);
        let elements: Vec<Value<'a>> = list.iter().collect();
        lists::sort_by_keys(self.heap, &elements, &keys)
    }
}
