//! The functions of each Kubernetes minor against those that the API server declares.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_cel::environment::{Environment, NEWEST_MINOR};

/// The declarations, each with the minor it came with.
fn upstream() -> Vec<(u32, &'static str)> {
    include_str!("data/kubernetes_declarations.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (since, signature) = line.split_once(' ').expect("a minor and a signature");
            (since.parse().expect("a minor"), signature)
        })
        .collect()
}

/// The signature with its type parameters named in the order of their appearance.
fn renamed(signature: &str) -> String {
    let mut names = BTreeMap::new();
    let bytes = signature.as_bytes();
    signature
        .char_indices()
        .map(|(at, letter)| {
            let is_word = |at: Option<&u8>| {
                at.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.')
            };
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            if !letter.is_ascii_uppercase() || is_word(before) || is_word(bytes.get(at + 1)) {
                return letter;
            }
            let next = char::from(b'A' + names.len() as u8);
            *names.entry(letter).or_insert(next)
        })
        .collect()
}

#[test]
fn every_minor_has_the_functions_of_the_api_server_and_no_others() {
    let upstream = upstream();
    let mut differences = Vec::new();
    for minor in 25..=NEWEST_MINOR {
        let expected: BTreeSet<String> = upstream
            .iter()
            .filter(|(since, _)| *since <= minor)
            .map(|(_, signature)| (*signature).to_owned())
            .collect();
        let declared: BTreeSet<String> = Environment::kubernetes(minor)
            .signatures()
            .iter()
            .map(|signature| renamed(signature))
            .collect();
        for missing in expected.difference(&declared) {
            differences.push(format!("1.{minor} lacks {missing}"));
        }
        for more in declared.difference(&expected) {
            differences.push(format!("1.{minor} has {more} too much"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
