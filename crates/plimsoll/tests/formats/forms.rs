//! That each format is of its form.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_sarif::sarif::Sarif;

use crate::consumers::{commands, csv_rows, markdown};
use crate::reports::Reports;

/// Holds every report to its form.
pub(crate) fn hold(reports: &Reports) {
    sarif(reports.text("sarif"));
    code_quality(&reports.json("gitlab"));
    security_report(&reports.json("gitlab-sast"));
    annotations(reports.text("github"));
    table(reports.text("csv"));
    page(reports.text("markdown"));
    policy_reports(
        &reports.json("policyreport"),
        "wgpolicyk8s.io/v1alpha2",
        "PolicyReport",
    );
    policy_reports(
        &reports.json("openreports"),
        "openreports.io/v1alpha1",
        "Report",
    );
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The types of `serde-sarif` are made from the schema; what they do not know is lost on the way through them.
fn sarif(report: &str) {
    let read: Sarif = serde_json::from_str(report).expect("SARIF");
    let log: Value = serde_json::from_str(report).expect("JSON");
    assert_eq!(serde_json::to_value(read).expect("JSON"), log);
    let run = &log["runs"][0];
    let rules = list(&run["tool"]["driver"]["rules"]);
    let ids: BTreeSet<&str> = rules.iter().map(|rule| text(&rule["id"])).collect();
    assert_eq!(ids.len(), rules.len());
    for rule in rules {
        let severity: f64 = text(&rule["properties"]["security-severity"])
            .parse()
            .expect("a number");
        let band = match severity {
            9.01.. => "critical",
            7.0.. => "high",
            4.0.. => "medium",
            _ => "low",
        };
        assert_eq!(rule["properties"]["severity"], band);
        assert!(list(&rule["properties"]["tags"]).len() <= 20);
        assert!(!text(&rule["help"]["text"]).is_empty());
        assert!(text(&rule["help"]["markdown"]).starts_with("# "));
    }
    let results = list(&run["results"]);
    let mut fingerprints = BTreeSet::new();
    let with_suppressions = results
        .iter()
        .filter(|result| result["suppressions"].is_array());
    let with_suppressions = with_suppressions.count();
    assert!(with_suppressions == 0 || with_suppressions == results.len());
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(fingerprints.insert(text(&result["partialFingerprints"]["plimsoll/v1"])));
        for location in list(&result["locations"]) {
            let region = &location["physicalLocation"]["region"];
            let at = |line: &str, column: &str| {
                let number = |name: &str| region[name].as_u64().unwrap_or(1);
                (number(line), number(column))
            };
            if !region["endLine"].is_null() {
                assert!(at("startLine", "startColumn") < at("endLine", "endColumn"));
            }
        }
    }
}

fn code_quality(report: &Value) {
    let mut fingerprints = BTreeSet::new();
    for entry in list(report) {
        assert!(!text(&entry["description"]).is_empty());
        assert!(!text(&entry["check_name"]).is_empty());
        assert!(fingerprints.insert(text(&entry["fingerprint"])));
        let path = text(&entry["location"]["path"]);
        assert!(!path.is_empty() && !path.starts_with("./"), "{path}");
        assert!(entry["location"]["lines"]["begin"].as_u64() >= Some(1));
    }
}

/// What GitLab's schema asks for, version 15.0.2.
fn security_report(report: &Value) {
    assert_eq!(report["version"], "15.0.2");
    let scan = &report["scan"];
    for tool in ["analyzer", "scanner"] {
        for key in ["id", "name", "version"] {
            assert!(!text(&scan[tool][key]).is_empty());
        }
        assert!(!text(&scan[tool]["vendor"]["name"]).is_empty());
    }
    for time in ["start_time", "end_time"] {
        let form: String = text(&scan[time])
            .chars()
            .map(|character| {
                if character.is_ascii_digit() {
                    '0'
                } else {
                    character
                }
            })
            .collect();
        assert_eq!(form, "0000-00-00T00:00:00");
    }
    assert_eq!(scan["type"], "sast");
    assert!(matches!(text(&scan["status"]), "success" | "failure"));
    for message in list(&scan["messages"]) {
        assert!(matches!(text(&message["level"]), "info" | "warn" | "fatal"));
        assert!(!text(&message["value"]).is_empty());
    }
    assert!(report["vulnerabilities"].is_array());
    let mut ids = BTreeSet::new();
    for entry in list(&report["vulnerabilities"]) {
        assert!(ids.insert(text(&entry["id"])));
        assert!(text(&entry["name"]).chars().count() <= 255);
        assert!(text(&entry["solution"]).chars().count() <= 7_000);
        assert!(entry["location"].is_object());
        let identifiers = list(&entry["identifiers"]);
        assert_eq!(identifiers[0]["type"], "plimsoll");
        for identifier in identifiers {
            for key in ["type", "name", "value"] {
                assert!(!text(&identifier[key]).is_empty());
            }
        }
    }
}

fn annotations(report: &str) {
    let rank = |name: &str| {
        ["error", "warning", "notice"]
            .iter()
            .position(|known| *known == name)
    };
    let mut last = Some(0);
    for command in commands(report) {
        let here = rank(&command.name);
        assert!(here.is_some() && here >= last, "worst first");
        last = here;
        assert!(!command.message.is_empty());
        for name in ["line", "col"] {
            if let Some(number) = command.properties.get(name) {
                assert!(number.parse::<u32>().is_ok_and(|number| number > 0));
            }
        }
    }
}

fn table(report: &str) {
    for row in csv_rows(report) {
        for cell in row.values() {
            let is_formula = cell.len() > 1 && cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(!is_formula, "a spreadsheet would run {cell}");
        }
    }
}

fn page(report: &str) {
    // A comment on a pull request has 65,536 characters at most; a reader has less patience.
    assert!(report.len() < 12_000, "{} bytes", report.len());
    let page = markdown(report);
    assert!(page.headings[0].starts_with("Plimsoll: "));
    for table in &page.tables {
        assert!(table.iter().all(|row| row.len() == table[0].len()));
        assert!(table.len() <= 18);
    }
    for tag in &page.html {
        let ours = ["<details><summary>Frameworks</summary>", "</details>"];
        assert!(ours.contains(&tag.as_str()), "{tag}");
    }
}

/// What the definitions of both kinds ask for.
fn policy_reports(reports: &Value, version: &str, kind: &str) {
    assert_eq!(reports["kind"], "List");
    let items = list(&reports["items"]);
    assert!(!items.is_empty());
    let mut names = BTreeSet::new();
    for report in items {
        assert_eq!(report["apiVersion"], version);
        let metadata = &report["metadata"];
        let namespace = text(&metadata["namespace"]);
        let is_of_cluster = report["kind"] == format!("Cluster{kind}");
        assert!(is_of_cluster || report["kind"] == kind);
        assert!(!is_of_cluster || namespace.is_empty());
        assert!(names.insert((is_of_cluster, namespace, text(&metadata["name"]))));
        assert!(list(&report["results"]).len() <= 500);
        for result in list(&report["results"]) {
            assert!(!text(&result["policy"]).is_empty());
            assert!(matches!(text(&result["result"]), "fail" | "skip" | "error"));
            assert!(matches!(
                text(&result["severity"]),
                "critical" | "high" | "medium" | "low"
            ));
            assert!(result["timestamp"]["seconds"].is_i64());
            assert!(result["timestamp"]["nanos"].is_i64());
            let resources = list(&result["resources"]);
            assert_eq!(resources.len(), 1);
            let of_resource = text(&resources[0]["namespace"]);
            assert!(is_of_cluster || of_resource == namespace);
            if let Some(properties) = result["properties"].as_object() {
                assert!(properties.values().all(Value::is_string));
            }
        }
    }
}
