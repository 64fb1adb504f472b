//! What a user can set of a control.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use plimsoll_document::{Format, Limits, Node, NodeId, Source, Tree, parse};
use serde_json::{Map, Value};

use crate::front_matter::FrontMatter;
use crate::packed::Packed;
use crate::page::PageError;

/// The parameters of a control with their values.
#[derive(Debug, Default)]
pub struct Parameters {
    list: Vec<Parameter>,
    /// All values as one map, which expressions read; made when they first do.
    values: OnceLock<Option<(Arc<Tree>, NodeId)>>,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name, which is the same in every control that has it.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// Its value where the user sets none.
    pub default: Value,
    /// Its value.
    pub value: Value,
}

impl Parameters {
    pub(crate) fn parse(front: &FrontMatter<'_>) -> Result<Parameters, PageError> {
        let Some(map) = front.get("parameters") else {
            return Ok(Parameters::default());
        };
        let mut list = Vec::new();
        for (name, node) in map.entries() {
            front.only_keys(node, &["about", "default"])?;
            let default = node
                .get("default")
                .map(Packed::to_json)
                .ok_or_else(|| front.error(node, "'default' is missing"))?;
            list.push(Parameter {
                name: name.to_owned(),
                about: front.required(node, "about")?.to_owned(),
                value: default.clone(),
                default,
            });
        }
        Ok(Parameters {
            list,
            values: OnceLock::new(),
        })
    }

    /// All of them.
    pub fn list(&self) -> &[Parameter] {
        &self.list
    }

    /// Their values as one map; `None` where there are none.
    pub fn values(&self) -> Option<Node<'_>> {
        let values = self.values.get_or_init(|| self.gather());
        values.as_ref().map(|(tree, root)| tree.node(*root))
    }

    /// Takes the values that a user set. A value is of the type that the default has.
    ///
    /// # Errors
    /// The name and default of a parameter whose value is of another type.
    pub(crate) fn set(&mut self, values: &BTreeMap<String, Value>) -> Result<(), (String, String)> {
        for parameter in &mut self.list {
            let Some(value) = values.get(&parameter.name) else {
                continue;
            };
            if !same_type(value, &parameter.default) {
                return Err((parameter.name.clone(), parameter.default.to_string()));
            }
            parameter.value = value.clone();
            self.values.take();
        }
        Ok(())
    }

    fn gather(&self) -> Option<(Arc<Tree>, NodeId)> {
        if self.list.is_empty() {
            return None;
        }
        let map: Map<String, Value> = self
            .list
            .iter()
            .map(|parameter| (parameter.name.clone(), parameter.value.clone()))
            .collect();
        let source = Arc::new(Source::new("parameters", Value::Object(map).to_string()));
        let parsed = parse(&source, Format::Json, &Limits::default());
        let root = parsed.documents.first()?.root?;
        Some((parsed.tree, root))
    }
}

/// Whether a value can stand for another: both are lists, say, and so are their elements alike.
fn same_type(value: &Value, default: &Value) -> bool {
    match (value, default) {
        (Value::Array(values), Value::Array(defaults)) => match defaults.first() {
            Some(first) => values.iter().all(|value| same_type(value, first)),
            None => values.iter().all(Value::is_string),
        },
        _ => std::mem::discriminant(value) == std::mem::discriminant(default),
    }
}
