//! Fingerprints hold where manifests change elsewhere, and the edits of SARIF are edits.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::reports::{Reports, project, write};

const POD: &str = "apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example.com/web:1
      command: [a, b]
";

/// Fingerprints of a SARIF report, with the rule of each.
fn fingerprints(report: &Reports) -> BTreeSet<(String, String)> {
    results(&report.json("sarif"))
        .iter()
        .map(|result| {
            let of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let fingerprint = &result["partialFingerprints"]["plimsoll/v1"];
            (of(&result["ruleId"]), of(fingerprint))
        })
        .collect()
}

fn results(log: &Value) -> Vec<Value> {
    log["runs"][0]["results"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

#[test]
fn a_finding_stays_the_same_where_others_come_before_it() {
    let before = fingerprints(&Reports::of_text(POD));
    assert!(before.len() > 5);
    let moved = POD.replace("spec:", "# a comment\n\nspec:");
    assert_eq!(fingerprints(&Reports::of_text(&moved)), before);
    let with_another = POD.replace(
        "    - name: web",
        "    - name: first\n      image: registry.example.com/first:1\n    - name: web",
    );
    let after = fingerprints(&Reports::of_text(&with_another));
    assert!(after.is_superset(&before), "{before:?}\n{after:?}");
    let folder = tempfile::tempdir().expect("a folder");
    let elsewhere = write(folder.path(), "renamed.yml", POD);
    assert_eq!(fingerprints(&Reports::of(&[elsewhere], &[])), before);
}

#[test]
fn another_object_or_container_makes_another_finding() {
    let before = fingerprints(&Reports::of_text(POD));
    for (from, to) in [
        ("  name: web\nspec", "  name: other\nspec"),
        ("metadata:", "metadata:\n  namespace: shop"),
    ] {
        let after = fingerprints(&Reports::of_text(&POD.replace(from, to)));
        assert!(after.is_disjoint(&before), "{to}");
    }
}

#[test]
fn the_same_object_twice_has_no_fingerprint_twice() {
    let twice = format!("{POD}---\n{POD}");
    let reports = Reports::of_text(&twice);
    let log = reports.json("sarif");
    assert_eq!(fingerprints(&reports).len(), results(&log).len());
}

/// Makes all edits of a SARIF report in the text of its one file.
fn edited(source: &str, results: &[Value]) -> String {
    let offset = |line: &Value, column: &Value| {
        let number = |value: &Value| value.as_u64().expect("a number") as usize;
        let before: usize = source
            .split_inclusive('\n')
            .take(number(line) - 1)
            .map(str::len)
            .sum();
        source[before..]
            .char_indices()
            .nth(number(column) - 1)
            .map_or(source.len(), |(at, _)| before + at)
    };
    let mut edits: BTreeMap<(usize, usize), String> = BTreeMap::new();
    for result in results {
        for replacement in result["fixes"][0]["artifactChanges"][0]["replacements"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let region = &replacement["deletedRegion"];
            let range = (
                offset(&region["startLine"], &region["startColumn"]),
                offset(&region["endLine"], &region["endColumn"]),
            );
            let text = replacement["insertedContent"]["text"]
                .as_str()
                .expect("text");
            edits.insert(range, text.to_owned());
        }
    }
    let mut text = source.to_owned();
    for ((start, end), replacement) in edits.into_iter().rev() {
        text.replace_range(start..end, &replacement);
    }
    text
}

#[test]
fn the_edits_of_sarif_mend_what_they_say() {
    let source = std::fs::read_to_string(project().join("examples/shop.yaml")).expect("an example");
    let source = format!(
        "{source}---\n{}",
        POD.replace(
            "      command",
            "      securityContext: {\"privileged\": true, allowPrivilegeEscalation: yes}   # ü\n      command"
        )
    );
    let found = results(&Reports::of_text(&source).json("sarif"));
    let fixed: Vec<Value> = found
        .iter()
        .filter(|result| result["fixes"].is_array())
        .cloned()
        .collect();
    assert!(fixed.len() >= 3, "{}", fixed.len());
    let after = Reports::of_text(&edited(&source, &fixed));
    assert_eq!(after.json("json")["errors"], serde_json::json!([]));
    let rest = fingerprints(&after);
    for result in fixed {
        let fingerprint = result["partialFingerprints"]["plimsoll/v1"].as_str();
        let is_left = rest
            .iter()
            .any(|(_, left)| Some(left.as_str()) == fingerprint);
        assert!(!is_left, "{}", result["message"]["text"]);
    }
}

#[test]
fn what_may_stand_in_several_places_is_not_edited() {
    let shared = POD.replace(
        "      command",
        "      securityContext: &shared {privileged: true}\n      command",
    );
    let found = results(&Reports::of_text(&shared).json("sarif"));
    assert!(found.iter().any(|result| result["ruleId"] == "PSC-001"));
    assert!(found.iter().all(|result| result["fixes"].is_null()));
}
