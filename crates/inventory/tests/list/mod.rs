//! Objects to an inventory, for tests.

use std::sync::Arc;

use plimsoll_document::{Format, Limits, Source, parse};
use plimsoll_inventory::Inventory;
use serde_json::{Value, json};

pub(crate) fn inventory(items: &[Value]) -> Inventory {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
    let source = Arc::new(Source::new("list.json", list));
    let parsed = parse(&source, Format::Json, &Limits::default());
    assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    let mut builder = Inventory::builder();
    builder.add(&parsed);
    builder.finish()
}
