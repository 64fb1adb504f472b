//! What a page calls fixed is, byte for byte, what is made of what it says fails.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod fixing;

use fixing::{CATALOG, fix};
use plimsoll_catalog::{Control, Example};
use plimsoll_inventory::KubernetesVersion;

/// A manifest without the marks of its page.
fn manifest(example: &Example) -> String {
    example
        .yaml
        .lines()
        .map(|line| match line.trim_end().strip_suffix("# finds") {
            Some(rest) => format!("{}\n", rest.trim_end()),
            None => format!("{line}\n"),
        })
        .collect()
}

fn minor(example: &Example) -> u32 {
    example
        .kubernetes
        .as_ref()
        .map_or(KubernetesVersion::NEWEST.minor, |version| {
            KubernetesVersion::parse(version).expect("a version").minor
        })
}

fn check(control: &Control, before: &Example, after: &Example) -> Result<(), String> {
    let (text, wanted) = (manifest(before), manifest(after));
    let outcome = fix(&[("example.yaml", &text)], &[&control.id], minor(before));
    let made = outcome
        .sources
        .first()
        .map_or(text.as_str(), |source| source.after.as_str());
    if let Some(left) = outcome.not_fixed.first() {
        return Err(format!("{}: {}", left.message, left.reason));
    }
    if made != wanted {
        let difference = plimsoll_remedy::unified_diff("example.yaml", &wanted, made);
        return Err(format!("differs:\n{difference}"));
    }
    let again = fix(&[("example.yaml", made)], &[&control.id], minor(before));
    if again.sources.is_empty() {
        Ok(())
    } else {
        Err("a second time changes it again".to_owned())
    }
}

#[test]
fn what_fails_becomes_what_is_fixed_byte_for_byte() {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for control in CATALOG.controls() {
        let failing = control.page.examples("Fails");
        let fixed = control.page.examples("Fixed");
        for (before, after) in failing.iter().zip(&fixed) {
            checked += 1;
            if let Err(message) = check(control, before, after) {
                wrong.push(format!("{}:{}: {message}", control.page.path, after.line));
            }
        }
    }
    assert!(checked > 50, "{checked}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
