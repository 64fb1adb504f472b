//! Texts to fixed texts, for tests.

#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::expect_used,
    reason = "each test file uses a part of this module"
)]

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use plimsoll_assess::{Settings, assess};
use plimsoll_catalog::{Catalog, Control};
use plimsoll_document::{Format, Limits, Parsed, Source, parse};
use plimsoll_inventory::{Inventory, KubernetesVersion};
use plimsoll_remedy::{Outcome, Request, Scanned, remedy};

pub(crate) static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::built_in().unwrap_or_else(|error| panic!("{error}")));

pub(crate) fn parsed(name: &str, text: &str) -> Parsed {
    parse(
        &Arc::new(Source::new(name, text)),
        Format::detect(name, text),
        &Limits::default(),
    )
}

/// Fixes texts: the findings of these controls, or of all.
pub(crate) fn fix(texts: &[(&str, &str)], controls: &[&str], minor: u32) -> Outcome {
    let all: Vec<&Control> = CATALOG.controls().iter().collect();
    let wanted: HashSet<String> = all
        .iter()
        .filter(|control| controls.is_empty() || controls.contains(&control.id.as_str()))
        .map(|control| control.id.clone())
        .collect();
    let request = Request {
        rendered: false,
        controls: &wanted,
        allow_unsafe: true,
        by_name: !controls.is_empty(),
    };
    let sources = texts
        .iter()
        .map(|(name, text)| parsed(name, text))
        .collect();
    let mut scan = |sources: &[Arc<Parsed>]| -> Scanned<'static> {
        let mut builder = Inventory::builder();
        for source in sources {
            builder.add(source);
        }
        let inventory = builder.finish();
        let kubernetes = KubernetesVersion { minor };
        let assessment = assess(&inventory, &all, &[], Settings::at(kubernetes));
        Scanned {
            inventory,
            assessment,
        }
    };
    remedy(sources, request, &mut scan)
}

/// The text after fixing; the same where nothing is fixed.
pub(crate) fn fixed(name: &str, text: &str, controls: &[&str]) -> (String, Outcome) {
    let outcome = fix(&[(name, text)], controls, KubernetesVersion::NEWEST.minor);
    let after = outcome
        .sources
        .first()
        .map_or_else(|| text.to_owned(), |source| source.after.clone());
    (after, outcome)
}
