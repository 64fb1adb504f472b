//! The static types that the conformance suite of the CEL specification wants.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod conformance_case;

use plimsoll_cel::check::check;
use plimsoll_cel::environment::Environment;
use plimsoll_cel::syntax::parse;

#[test]
fn types_are_deduced_as_the_specification_has_them() {
    let Some(files) = conformance_case::files() else {
        return;
    };
    let mut run = 0;
    let mut failures = Vec::new();
    for (file, cases) in files {
        for case in cases.iter().filter(|case| case.needs_protobuf().is_none()) {
            let Some(expected) = case.deduced_type() else {
                continue;
            };
            run += 1;
            let environment = case.environment(Environment::conformance());
            let deduced = parse(&case.expression, environment.parse_options())
                .and_then(|ast| check(&ast, &environment))
                .map(|checked| checked.result);
            if deduced.as_ref() != Ok(&expected) {
                failures.push(format!(
                    "{file} {}: {}: {deduced:?} is not {expected}",
                    case.name, case.expression
                ));
            }
        }
    }
    println!("{run} tests, {} failed", failures.len());
    assert!(run > 10, "only {run} tests with a type were found");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
