//! What each format says in numbers, as its consumer reads it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::consumers::{commands, csv_rows, markdown, samples};
use crate::reports::Reports;

/// Findings by severity, those that were accepted, and errors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    pub(crate) failed: BTreeMap<String, usize>,
    pub(crate) accepted: usize,
    pub(crate) errors: usize,
}

impl Totals {
    fn fail(&mut self, severity: &str) {
        *self.failed.entry(severity.to_lowercase()).or_default() += 1;
    }

    fn set(&mut self, severity: &str, count: usize) {
        if count > 0 {
            self.failed.insert(severity.to_owned(), count);
        }
    }
}

const SEVERITIES: [&str; 4] = ["critical", "high", "medium", "low"];

/// By format.
pub(crate) fn totals(reports: &Reports) -> Vec<(&'static str, Totals)> {
    vec![
        ("json", json(&reports.json("json"))),
        ("sarif", sarif(&reports.json("sarif"))),
        ("junit", junit(reports.text("junit"))),
        ("csv", csv(reports.text("csv"))),
        ("markdown", of_markdown(reports.text("markdown"))),
        ("gitlab", gitlab(&reports.json("gitlab"))),
        ("gitlab-sast", gitlab_sast(&reports.json("gitlab-sast"))),
        ("github", github(reports.text("github"))),
        ("prometheus", prometheus(reports.text("prometheus"))),
        ("policyreport", policy_report(&reports.json("policyreport"))),
        ("openreports", policy_report(&reports.json("openreports"))),
    ]
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn json(report: &Value) -> Totals {
    let mut totals = Totals {
        errors: list(&report["errors"]).len(),
        ..Totals::default()
    };
    let counts = &report["summary"]["findings"];
    let count = |key: &str| counts[key].as_u64().expect("a count") as usize;
    for severity in SEVERITIES {
        totals.set(severity, count(severity));
    }
    totals.accepted = count("accepted");
    let listed = list(&report["findings"]).len();
    let summed: usize = totals.failed.values().sum();
    assert_eq!(listed, summed + totals.accepted);
    totals
}

fn sarif(log: &Value) -> Totals {
    let mut totals = Totals::default();
    for run in list(&log["runs"]) {
        for result in list(&run["results"]) {
            if list(&result["suppressions"]).is_empty() {
                totals.fail(text(&result["properties"]["severity"]));
            } else {
                totals.accepted += 1;
            }
        }
        let invocation = &run["invocations"][0];
        totals.errors = list(&invocation["toolExecutionNotifications"]).len();
        assert_eq!(invocation["executionSuccessful"], totals.errors == 0);
    }
    totals
}

fn junit(xml: &str) -> Totals {
    let document = roxmltree::Document::parse(xml).expect("XML");
    let root = document.root_element();
    let mut totals = Totals::default();
    for node in root.descendants().filter(roxmltree::Node::is_element) {
        match node.tag_name().name() {
            "failure" => totals.fail(node.attribute("type").expect("a type")),
            "error" => totals.errors += 1,
            "skipped"
                if node
                    .attribute("message")
                    .expect("a reason")
                    .starts_with("accepted: ") =>
            {
                totals.accepted += 1;
            }
            _ => {}
        }
    }
    for suite in std::iter::once(root).chain(root.children().filter(roxmltree::Node::is_element)) {
        let stated = |name: &str| suite.attribute(name).and_then(|count| count.parse().ok());
        let counted = |name: &str| {
            let of = suite.descendants().filter(|node| node.has_tag_name(name));
            Some(of.count())
        };
        for (attribute, tag) in [
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ] {
            assert_eq!(stated(attribute), counted(tag), "{attribute}");
        }
    }
    totals
}

fn csv(text: &str) -> Totals {
    let mut totals = Totals::default();
    for row in csv_rows(text) {
        match row["status"].as_str() {
            "failed" => totals.fail(&row["severity"]),
            "accepted" => totals.accepted += 1,
            "error" => totals.errors += 1,
            other => assert_eq!(other, "notAssessed"),
        }
    }
    totals
}

fn of_markdown(source: &str) -> Totals {
    let page = markdown(source);
    let mut totals = Totals::default();
    let figures = page.paragraphs.first().expect("a first paragraph");
    let figures = figures.split('.').next().unwrap_or_default();
    for part in figures.split(", ") {
        if let Some((count, what)) = part.split_once(' ')
            && let Ok(count) = count.parse()
        {
            match what {
                "accepted" => totals.accepted = count,
                severity => totals.set(severity, count),
            }
        }
    }
    let rows = page.tables.iter().find(|table| table[0][0] == "Severity");
    let listed: usize = rows
        .into_iter()
        .flat_map(|table| &table[1..])
        .map(|row| row[2].parse::<usize>().expect("a count"))
        .sum();
    assert_eq!(listed, totals.failed.values().sum::<usize>(), "{source}");
    let more = |item: &String| -> Option<usize> {
        item.strip_prefix("and ")?
            .strip_suffix(" more")?
            .parse()
            .ok()
    };
    let gates = page.items.iter().filter(|item| item.starts_with("Gate "));
    let errors: usize = page.items.iter().map(|item| more(item).unwrap_or(1)).sum();
    totals.errors = errors - gates.count();
    totals
}

fn gitlab(report: &Value) -> Totals {
    let mut totals = Totals::default();
    for entry in list(report) {
        if entry["check_name"] == "plimsoll-error" {
            totals.errors += 1;
            continue;
        }
        match text(&entry["severity"]) {
            "blocker" => totals.fail("critical"),
            "critical" => totals.fail("high"),
            "major" => totals.fail("medium"),
            "minor" => totals.fail("low"),
            other => {
                assert_eq!(other, "info");
                totals.accepted += 1;
            }
        }
    }
    totals
}

fn gitlab_sast(report: &Value) -> Totals {
    let mut totals = Totals::default();
    for entry in list(&report["vulnerabilities"]) {
        match text(&entry["severity"]) {
            "Info" => totals.accepted += 1,
            severity => totals.fail(severity),
        }
    }
    totals.errors = list(&report["scan"]["messages"]).len();
    totals
}

fn github(text: &str) -> Totals {
    let mut totals = Totals::default();
    for command in commands(text) {
        let title = &command.properties["title"];
        match title.split(' ').next().unwrap_or_default() {
            "accepted" => totals.accepted += 1,
            "could" => totals.errors += 1,
            severity => totals.fail(severity),
        }
    }
    totals
}

fn prometheus(text: &str) -> Totals {
    let samples = samples(text);
    let mut totals = Totals::default();
    for sample in &samples {
        let count = sample.value as usize;
        let label = |name: &str| sample.labels.get(name).map_or("", String::as_str);
        match (sample.name.as_str(), label("status")) {
            ("plimsoll_findings", "failed") => totals.set(label("severity"), count),
            ("plimsoll_findings", _) => totals.accepted += count,
            ("plimsoll_scan_errors", _) => totals.errors = count,
            _ => {}
        }
    }
    totals
}

fn policy_report(reports: &Value) -> Totals {
    let mut totals = Totals::default();
    for report in list(&reports["items"]) {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for result in list(&report["results"]) {
            let state = text(&result["result"]);
            *counts.entry(state).or_default() += 1;
            match state {
                "fail" => totals.fail(text(&result["severity"])),
                "skip" => totals.accepted += 1,
                other => assert_eq!(other, "error"),
            }
        }
        for state in ["pass", "fail", "warn", "error", "skip"] {
            let counted = counts.get(state).copied().unwrap_or_default();
            assert_eq!(report["summary"][state], counted, "{state}");
        }
        let incomplete = &report["metadata"]["annotations"]["plimsoll.dev/incomplete"];
        let count = text(incomplete).split(' ').next().unwrap_or_default();
        totals.errors = count.parse().unwrap_or_default();
    }
    totals
}
