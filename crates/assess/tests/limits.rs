//! A control that takes too long on an object, or too much memory, is not assessed there, and is elsewhere.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod scan;

use std::fmt::Write;
use std::time::Duration;

use plimsoll_assess::{Assessment, Settings, Tally, assess};
use plimsoll_catalog::Control;
use plimsoll_cel::arena::Limits;
use plimsoll_inventory::KubernetesVersion;

fn control(expect: &str) -> Control {
    let page = format!(
        "---\nid: OUR-001\nseverity: high\nrisk: 7\nsince: 0.1.0\napplies: workloads\nneeds: manifest\n\
         each: containers\nexpect: >-\n  {expect}\nmessage: \"'wrong'\"\n---\n# Containers\n\nOurs.\n"
    );
    Control::parse("containers.md", &page).unwrap_or_else(|error| panic!("{error}"))
}

/// A Pod with many containers, and one with two.
fn pods() -> String {
    let pod = |name: &str, count: usize| {
        let head = "apiVersion: v1\nkind: Pod\nmetadata: {name: ";
        let mut pod = format!("{head}{name}}}\nspec:\n  containers:\n");
        for number in 0..count {
            writeln!(pod, "    - {{name: c{number}, image: web}}").expect("text grows");
        }
        pod
    };
    format!("{}---\n{}", pod("large", 6_000), pod("small", 2))
}

fn judged(control: &Control, limits: Limits) -> Assessment<'_> {
    let settings = Settings {
        limits,
        ..Settings::at(KubernetesVersion::NEWEST)
    };
    assess(&scan::inventory(&pods()), &[control], &[], settings)
}

/// No expression takes long, and all of them together do.
#[test]
fn time_is_that_of_a_control_on_an_object() {
    let control = control("item.name != 'c1' && item.image == 'web'");
    let in_time = judged(&control, Limits::default());
    assert!(in_time.not_assessed.is_empty());

    let none = Limits {
        time: Some(Duration::ZERO),
        ..Limits::default()
    };
    let late = judged(&control, none);
    let reasons: Vec<(&str, bool)> = late
        .not_assessed
        .iter()
        .map(|missing| (&*missing.reason, missing.is_error))
        .collect();
    let reason = "OUR-001: it took more than 0 s; --control-time-limit allows more";
    assert_eq!(reasons, [(reason, true)]);
    // What was found before stands, and time begins anew with the next object.
    let failed = Tally {
        failed: 2,
        ..Tally::default()
    };
    assert_eq!(late.controls[0].tally, failed);
    assert_eq!(late.findings().len(), 2);
}

#[test]
fn memory_is_that_of_a_control_on_an_item() {
    // Only one container of each Pod needs much.
    let control = control(
        "item.name != 'c1' || [1, 2, 3].map(n, containers.map(c, c.name + c.image)).size() > 3",
    );
    let in_memory = judged(&control, Limits::default());
    assert!(in_memory.not_assessed.is_empty());

    let little = Limits {
        memory: 64 << 10,
        ..Limits::default()
    };
    let refused = judged(&control, little);
    let [missing] = refused.not_assessed.as_slice() else {
        panic!("{:?}", refused.not_assessed);
    };
    assert!(missing.is_error);
    assert_eq!(
        missing.reason,
        "OUR-001: it needs more than 65536 bytes of memory; --control-memory-limit allows more"
    );
    let tally = Tally {
        failed: 1,
        not_assessed: 1,
        ..Tally::default()
    };
    assert_eq!(refused.controls[0].tally, tally);
}
