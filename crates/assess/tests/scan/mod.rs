//! Manifests to assessments, for tests.

#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "each test file uses a part of this module"
)]

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use plimsoll_assess::{Assessment, Settings, assess};
use plimsoll_catalog::{Catalog, Control};
use plimsoll_document::{Format, Limits, Source, parse};
use plimsoll_inventory::{Inventory, KubernetesVersion};

pub(crate) static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::built_in().unwrap_or_else(|error| panic!("{error}")));

pub(crate) fn inventory(yaml: &str) -> Inventory {
    let parsed = parse(
        &Arc::new(Source::new("test.yaml", yaml)),
        Format::Yaml,
        &Limits::default(),
    );
    assert!(parsed.problems.is_empty(), "{:?}\n{yaml}", parsed.problems);
    let mut builder = Inventory::builder();
    builder.add(&parsed);
    builder.finish()
}

pub(crate) fn scan<'c>(yaml: &str, controls: &[&'c Control], minor: u32) -> Assessment<'c> {
    let kubernetes = KubernetesVersion { minor };
    assess(&inventory(yaml), controls, &[], Settings::at(kubernetes))
}

/// A folder of the conformance suites.
pub(crate) fn suite(name: &str) -> Option<PathBuf> {
    shared(&format!("conformance/{name}"))
}

/// A folder of what the tests read and the project does not hold. It lies beside the project, or where
/// `PLIMSOLL_SHARED` says.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("PLIMSOLL_SHARED").map_or(beside, PathBuf::from);
    let folder = root.join(path);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "'{path}' is missing");
    println!("skipped: '{path}' is not there");
    None
}
