//! The controls, and the expressions beside them as pages of their own, with the parameters that the generator assumes.

use plimsoll_assess::select_controls;
use plimsoll_catalog::{Catalog, Control};
use plimsoll_inventory::ObjectId;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

use crate::KUBERNETES;
use crate::comparison::{Comparison, Set, Unit};

/// What the user of the generated cluster would configure.
pub(crate) fn parameters() -> BTreeMap<String, Json> {
    let critical: Vec<String> = [
        "api",
        "web",
        "worker",
        "consumer",
        "scheduler",
        "cache",
        "db",
        "proxy",
        "exporter",
        "sync",
        "indexer",
        "mailer",
        "auth",
        "router",
        "etl",
        "archiver",
    ]
    .iter()
    .map(|role| format!("app.kubernetes.io/component={role}"))
    .collect();
    [
        (
            "allowedRegistries",
            json!(["registry.corp.example", "registry.k8s.io"]),
        ),
        ("criticalLabels", json!(critical)),
        ("oldestSupportedMinor", json!(31)),
        ("securityWebhooks", json!(["hook"])),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// Controls, and expressions as controls.
pub(crate) struct Judges {
    pub(crate) catalog: Catalog,
    /// The control of an expression, by kinds, unit and text.
    pub(crate) expressions: BTreeMap<(&'static str, Unit, &'static str), String>,
}

impl Judges {
    pub(crate) fn new(comparisons: &[Comparison]) -> Judges {
        let mut catalog = Catalog::built_in().unwrap_or_else(|error| panic!("{error}"));
        catalog
            .set_parameters(&parameters())
            .unwrap_or_else(|error| panic!("{error}"));
        let mut expressions = BTreeMap::new();
        for comparison in comparisons {
            comparison.set.visit(&mut |set| {
                let Set::Expression(kinds, holds) = set else {
                    return;
                };
                let number = expressions.len();
                expressions
                    .entry((*kinds, each(comparison.unit), *holds))
                    .or_insert_with(|| {
                        let id = format!("TST-{number:03}");
                        let page = page(&id, kinds, each(comparison.unit), holds);
                        catalog
                            .add_control(&format!("test/expression-{number}.md"), &page)
                            .unwrap_or_else(|error| panic!("{error}\n{page}"));
                        id
                    });
            });
        }
        Judges {
            catalog,
            expressions,
        }
    }

    /// The controls that the sets of comparisons are made of, each once.
    pub(crate) fn needed<'j>(&'j self, comparisons: &[&Comparison]) -> Vec<&'j Control> {
        let mut ids: BTreeSet<&str> = BTreeSet::new();
        for comparison in comparisons {
            comparison
                .set
                .visit(&mut |set| ids.extend(self.ids(set, comparison.unit)));
        }
        self.catalog
            .controls()
            .iter()
            .filter(|control| ids.contains(control.id.as_str()))
            .collect()
    }

    /// The controls of a set that is not made of others.
    pub(crate) fn ids(&self, set: &Set, unit: Unit) -> Vec<&str> {
        match set {
            Set::Control(name) => self
                .catalog
                .find_controls(name)
                .unwrap_or_else(|error| panic!("{error}"))
                .into_iter()
                .map(|control| control.id.as_str())
                .collect(),
            Set::Framework(id) => {
                select_controls(&self.catalog, &[], &[(*id).to_owned()], None, KUBERNETES)
                    .unwrap_or_else(|error| panic!("{error}"))
                    .into_iter()
                    .map(|control| control.id.as_str())
                    .collect()
            }
            Set::Expression(kinds, holds) => {
                vec![self.expressions[&(*kinds, each(unit), *holds)].as_str()]
            }
            _ => Vec::new(),
        }
    }
}

/// What an expression is asked of.
pub(crate) fn each(unit: Unit) -> Unit {
    match unit {
        Unit::Container => Unit::Container,
        _ => Unit::Object,
    }
}

/// A page that finds where an expression holds.
pub(crate) fn page(id: &str, kinds: &str, unit: Unit, holds: &str) -> String {
    let each = match unit {
        Unit::Container => "containers",
        _ => "object",
    };
    let expect = json!(format!("!({holds})"));
    format!(
        "---\nid: {id}\nseverity: low\nrisk: 1\nsince: 0.1.0\napplies: {kinds}\nneeds: cluster\neach: {each}\n\
         expect: {expect}\nmessage: \"'it holds'\"\n---\n# Expression {id}\n"
    )
}

/// Objects, or places in them.
pub(crate) type Places = BTreeSet<(ObjectId, String)>;
