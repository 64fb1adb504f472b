//! The conformance suite of the CEL specification: every test that needs no protobuf message, enum or wrapper, since
//! the CEL of Kubernetes has none of these.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod conformance_case;

use conformance_case::{Case, Expected};
use plimsoll_cel::arena::Arena;
use plimsoll_cel::environment::Environment;
use plimsoll_cel::program::Program;
use plimsoll_cel::value::Heap;

#[test]
fn every_test_without_protobuf_gives_the_value_or_error_of_the_specification() {
    let Some(files) = conformance_case::files() else {
        return;
    };
    let mut run = 0;
    let mut failures = Vec::new();
    for (file, cases) in files {
        for case in cases.iter().filter(|case| case.needs_protobuf().is_none()) {
            if matches!(case.expected, Expected::Type) {
                continue;
            }
            run += 1;
            if let Err(reason) = evaluate(case) {
                failures.push(format!(
                    "{file} {}: {}: {reason}",
                    case.name, case.expression
                ));
            }
        }
    }
    println!("{run} tests, {} failed", failures.len());
    assert!(
        run > 900,
        "the suite is there, but only {run} of its tests were found"
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn evaluate(case: &Case) -> Result<(), String> {
    let arena = Arena::default();
    let heap = Heap::new(&arena);
    let environment = case.environment(Environment::conformance());
    let compiled = if case.disable_check {
        Program::compile_unchecked(&case.expression, &environment)
    } else {
        Program::compile(&case.expression, &environment, None)
    };
    let program = match (compiled, &case.expected) {
        (Ok(program), _) => program,
        (Err(_), Expected::Error) => return Ok(()),
        (Err(errors), _) => return Err(errors[0].message.clone()),
    };
    let variables = case.variables(&environment, heap);
    let evaluation = program.evaluate(heap, &variables, u64::MAX);
    match (evaluation.result, &case.expected) {
        (Err(_), Expected::Error) => Ok(()),
        (Err(error), _) => Err(error.to_string()),
        (Ok(value), Expected::Error) => Err(format!("an error was expected, not {value:?}")),
        (Ok(value), expected) => {
            if expected.is(value) {
                Ok(())
            } else {
                Err(format!("{value:?} is not {expected:?}"))
            }
        }
    }
}

/// The tests that need protobuf are listed by name and reason. The list is of the suite as it was published; a suite with
/// more tests has more of them.
#[test]
fn the_tests_that_are_left_out_are_listed_with_their_reason() {
    let Some(files) = conformance_case::files() else {
        return;
    };
    let left_out: Vec<String> = files
        .iter()
        .flat_map(|(file, cases)| cases.iter().map(move |case| (file, case)))
        .filter_map(|(file, case)| {
            let reason = case.needs_protobuf()?;
            Some(format!("{file}\t{}\t{}\t{reason}", case.section, case.name))
        })
        .collect();
    if std::env::var_os("PLIMSOLL_UPDATE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/needs_protobuf.txt");
        std::fs::write(path, left_out.join("\n") + "\n").expect("the list can be written");
    }
    for line in include_str!("data/needs_protobuf.txt").lines() {
        assert!(left_out.iter().any(|found| found == line), "{line}");
    }
}
