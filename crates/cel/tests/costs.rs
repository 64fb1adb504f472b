//! Costs are those that the API server counts.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::sync::Arc;

use plimsoll_cel::arena::Arena;
use plimsoll_cel::environment::Environment;
use plimsoll_cel::program::Program;
use plimsoll_cel::value::{Heap, Value};
use plimsoll_document::{Format, Limits, Source, parse};

#[test]
fn every_expression_costs_what_the_api_server_counts() {
    let source = Source::new("costs.json", include_str!("data/costs.json"));
    let parsed = parse(&Arc::new(source), Format::Json, &Limits::default());
    let root = parsed.documents[0].root.expect("the document has a root");
    let object = Value::from_node(parsed.tree.node(root));
    let environment = Environment::kubernetes(34);
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in include_str!("data/costs.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let (expression, cost) = line.split_once('\t').expect("two columns");
        count += 1;
        let program = match Program::compile(expression, &environment, None) {
            Ok(program) => program,
            Err(errors) => {
                wrong.push(format!("{expression}: {}", errors[0].message));
                continue;
            }
        };
        let arena = Arena::default();
        let evaluation = program.evaluate(Heap::new(&arena), &[object], u64::MAX);
        if cost.parse() != Ok(evaluation.cost) {
            wrong.push(format!(
                "{expression}: {} instead of {cost} ({:?})",
                evaluation.cost, evaluation.result
            ));
        }
    }
    assert!(count > 100);
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
