//! What the API server's own checker says of many expressions, at many versions: accepted with a type, or refused.
//!
//! The data was printed by programs over the API server's packages of each minor (`k8s.io/apiserver` 0.28 to 0.37, with
//! the variables of an admission policy), and over the reference implementation of the language with its extensions.
//! Expressions were written by hand, or at random by a grammar.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use plimsoll_cel::check::check;
use plimsoll_cel::environment::{Environment, parse_type};
use plimsoll_cel::syntax::parse;
use serde_json::Value as Json;

/// Variables of all expressions.
const VARIABLES: &[(&str, &str)] = &[
    ("x", "int"),
    ("u", "uint"),
    ("f", "double"),
    ("b", "bool"),
    ("s", "string"),
    ("y", "bytes"),
    ("n", "null"),
    ("t", "timestamp"),
    ("dur", "duration"),
    ("d", "dyn"),
    ("l", "list(int)"),
    ("ls", "list(string)"),
    ("ld", "list(dyn)"),
    ("m", "map(string, int)"),
    ("im", "map(int, string)"),
    ("ms", "map(string, dyn)"),
    ("o", "optional(int)"),
    ("od", "optional(dyn)"),
];

fn environment(name: &str) -> Environment {
    let mut environment = match name.split_once('-') {
        Some(("k8s", minor)) => Environment::kubernetes(minor.parse().expect("a minor")),
        Some(("map", minor)) => {
            Environment::kubernetes(minor.parse().expect("a minor")).with_mutation_types()
        }
        _ => Environment::conformance(),
    };
    for (name, of) in VARIABLES {
        environment = environment.with_variable(name, parse_type(of).expect("a type"));
    }
    environment
}

#[test]
fn expressions_are_accepted_and_refused_as_by_the_api_server() {
    let mut count = 0;
    let mut differences = Vec::new();
    for line in include_str!("data/reference_checks.jsonl").lines() {
        let case: Json = serde_json::from_str(line).expect("a case");
        let text = case["expression"].as_str().expect("an expression");
        let environment = environment(case["in"].as_str().expect("an environment"));
        let found = parse(text, environment.parse_options())
            .and_then(|ast| check(&ast, &environment))
            .map(|checked| checked.result.to_string());
        count += 1;
        match (&found, case["type"].as_str()) {
            (Ok(found), Some(expected)) if found == expected => {}
            (Err(_), None) => {}
            _ => differences.push(format!("{line}\n    here: {found:?}")),
        }
    }
    assert!(count > 1_500, "only {count} cases");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
