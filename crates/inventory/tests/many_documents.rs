//! As many broken documents as a text has lines: what is told of each is not searched for among all.

#![allow(missing_docs, reason = "a test")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll_document::{Format, Limits, Parsed, Source, parse};
use plimsoll_inventory::Inventory;

fn broken(count: usize) -> Parsed {
    let source = Source::new("broken.yaml", "---\na: [\n".repeat(count));
    parse(&Arc::new(source), Format::Yaml, &Limits::default())
}

#[test]
fn broken_documents_are_added_in_a_time_that_grows_with_their_number() {
    let (some, many) = (broken(4_000), broken(32_000));
    assert_eq!(many.problems.len(), 32_000);
    let took = |parsed: &Parsed| {
        let start = Instant::now();
        assert_eq!(Inventory::builder().add(parsed), (0, 0));
        start.elapsed()
    };
    // Eight times as many take eight times as long, and thrice that on a busy machine; searched for they would take 64
    // times as long.
    let mut best = (Duration::MAX, Duration::MAX);
    let is_linear = (0..10).any(|_| {
        best = (best.0.min(took(&some)), best.1.min(took(&many)));
        best.1 <= best.0 * 24
    });
    assert!(is_linear, "{best:?}");
}
