//! Reading fields and elements.

use plimsoll_document::{Key, Node, NodeKind};

use super::{Machine, Outcome, Result};
use crate::error::ErrorKind;
use crate::instruction::{Access, Chain, Constant, Root, Step};
use crate::library::membership;
use crate::value::Value;

impl<'a> Machine<'a, '_> {
    /// The node at the end of a chain that reads nothing but fields of a document; `None`, and no cost, for any other
    /// chain and where a field is missing.
    #[inline]
    pub(super) fn node_of(&mut self, chain: &'a Chain) -> Option<Node<'a>> {
        if !chain.fields_only {
            return None;
        }
        let root = match chain.root {
            Root::Variable(slot) => *self.variables.get(slot)?,
            Root::Local(slot) => self.locals[slot],
            _ => return None,
        };
        let Value::Node(mut node) = root else {
            return None;
        };
        for step in &chain.steps {
            let Access::Field(key) = &step.access else {
                return None;
            };
            node = self.present(node.get(key))?;
        }
        self.charge(u64::from(chain.counts) + chain.steps.len() as u64);
        Some(node)
    }

    /// Walks a chain. Once a step is optional, so is the result, and later steps that find nothing give none.
    pub(super) fn chain(&mut self, chain: &'a Chain) -> Result<'a, Outcome<'a>> {
        let root = match &chain.root {
            Root::Variable(slot) => self.variables.get(*slot).copied().unwrap_or(Value::Null),
            Root::Local(slot) => self.locals[*slot],
            Root::Value(instruction) => self.value(instruction)?,
            Root::Conditional(conditional) => {
                let branch = self.branch(conditional)?;
                self.value(branch)?
            }
        };
        if chain.counts {
            self.charge(1);
        }
        if let Value::Node(node) = root {
            return self.walk_node(node, &chain.steps, false);
        }
        self.walk_value(root, &chain.steps, false)
    }

    /// The steps from a document's node on: no value is made before the end.
    #[inline]
    fn walk_node(
        &mut self,
        mut node: Node<'a>,
        steps: &'a [Step],
        mut optional: bool,
    ) -> Result<'a, Outcome<'a>> {
        for (at, step) in steps.iter().enumerate() {
            optional |= step.optional;
            let found = match &step.access {
                Access::Field(key) => self.present(node.get(key)),
                _ => return self.walk_value(Value::from_node(node), &steps[at..], optional),
            };
            match found {
                Some(child) => {
                    self.charge(1);
                    node = child;
                }
                None => return self.nothing_found(Value::from_node(node), step, optional),
            }
        }
        let value = Value::from_node(node);
        Ok(if optional {
            Outcome::Some(value)
        } else {
            Outcome::Plain(value)
        })
    }

    fn walk_value(
        &mut self,
        mut value: Value<'a>,
        steps: &'a [Step],
        mut optional: bool,
    ) -> Result<'a, Outcome<'a>> {
        if steps.is_empty() {
            return Ok(if optional {
                Outcome::Some(value)
            } else {
                Outcome::Plain(value).opened()
            });
        }
        if let Value::Optional(held) = value {
            let Some(held) = held else {
                return Ok(Outcome::None);
            };
            value = *held;
            optional = true;
        }
        for (at, step) in steps.iter().enumerate() {
            optional |= step.optional;
            let found = match &step.access {
                Access::Field(key) => {
                    if let Value::Node(node) = value {
                        return self.walk_node(node, &steps[at..], optional);
                    }
                    self.field(value, key)?
                }
                Access::Constant(constant) => {
                    let index = constant.value(self.heap);
                    self.element_at(value, index)?
                }
                Access::Dynamic { index, counts } => {
                    let index = self.value(index)?;
                    let found = self.element_at(value, index)?;
                    if !*counts {
                        // The index has counted as a chain of its own; undo the unit that the step counts below.
                        self.cost -= u64::from(found.is_some() || !optional);
                    }
                    found
                }
            };
            match found {
                Some(next) => {
                    self.charge(1);
                    value = next;
                }
                None => return self.nothing_found(value, step, optional),
            }
        }
        Ok(if optional {
            Outcome::Some(value)
        } else {
            Outcome::Plain(value)
        })
    }

    /// What a step gives that finds nothing in `value`.
    #[cold]
    fn nothing_found(
        &mut self,
        value: Value<'a>,
        step: &'a Step,
        optional: bool,
    ) -> Result<'a, Outcome<'a>> {
        let missing = match &step.access {
            Access::Field(key) => ErrorKind::NoSuchKey(key.name()),
            Access::Constant(constant) => self.missing(value, constant.value(self.heap)),
            Access::Dynamic { index, .. } => {
                let before = self.cost;
                let index = self.value(index)?;
                self.cost = before;
                self.missing(value, index)
            }
        };
        if !optional {
            self.charge(1);
            return Err(self.heap.error(missing));
        }
        if self.rules.strict_presence && !holds_elements(value) {
            return Err(self.heap.error(missing));
        }
        Ok(Outcome::None)
    }

    fn missing(&self, value: Value<'a>, index: Value<'a>) -> ErrorKind<'a> {
        match (value.as_list(), index) {
            (Some(_), Value::Int(index)) => ErrorKind::IndexOutOfRange(index),
            (_, Value::String(key)) => ErrorKind::NoSuchKey(key),
            (_, index) => ErrorKind::NoSuchKey(self.heap.str(&format!("{index:?}"))),
        }
    }

    /// The field of a value that is no document node; `None` where it has no such field.
    fn field(&self, value: Value<'a>, key: &Key) -> Result<'a, Option<Value<'a>>> {
        match value {
            Value::Map(map) => Ok(map
                .entries
                .iter()
                .find(|(name, _)| name.as_str() == Some(key.name()))
                .map(|(_, value)| *value)),
            Value::Struct(object) => Ok(object
                .fields
                .iter()
                .find(|(name, _)| *name == key.name())
                .map(|(_, value)| *value)),
            Value::List(_) => Err(self.heap.no_such_overload("_[_]")),
            _ => Ok(None),
        }
    }

    /// The element of a list or the value of a map; `None` where there is none.
    fn element_at(&self, value: Value<'a>, index: Value<'a>) -> Result<'a, Option<Value<'a>>> {
        match (value, index) {
            (Value::Node(node), Value::String(key)) if node.kind() == NodeKind::Map => {
                Ok(self.present(node.get_name(key)).map(Value::from_node))
            }
            _ => membership::element(self.heap, value, index),
        }
    }

    /// `has(value.field)`.
    pub(super) fn has_field(&mut self, value: Value<'a>, key: &'a Key) -> Result<'a, bool> {
        if let Value::Node(node) = value {
            if node.kind() == NodeKind::Map {
                return Ok(self.present(node.get(key)).is_some());
            }
        } else if self.field(value, key)?.is_some() {
            return Ok(true);
        }
        if let Value::Optional(held) = value {
            return match held {
                Some(held) => self.has_field(*held, key),
                None => Ok(false),
            };
        }
        if self.rules.strict_presence && !holds_elements(value) {
            return Err(self.heap.error(ErrorKind::NoSuchKey(key.name())));
        }
        Ok(false)
    }
}

fn holds_elements(value: Value<'_>) -> bool {
    matches!(
        value,
        Value::Map(_) | Value::List(_) | Value::Node(_) | Value::Struct(_)
    )
}

impl Constant {
    /// Whether this is the string.
    #[inline]
    pub(super) fn is_string(&self, text: &str) -> bool {
        matches!(self, Constant::String(constant) if **constant == *text)
    }
}
