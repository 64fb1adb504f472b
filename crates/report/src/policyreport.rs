//! Reports as objects of a cluster: `PolicyReport` of `wgpolicyk8s.io/v1alpha2`, and `Report` of
//! `openreports.io/v1alpha1`. One for each namespace, and one of the cluster for objects that live in none; many results
//! make several, since the API server takes no object of any size.

use std::collections::BTreeMap;
use std::io::{self, Write};

use plimsoll_inventory::{Object, is_cluster_scoped};
use serde_json::{Map, Value, json};

use crate::json::List;
use crate::reported::{Reported, reported, times};
use crate::result::ScanResult;
use crate::words;

/// How many results one report holds. A result takes about 1 kB, and etcd 1.5 MB.
const MOST_RESULTS: usize = 500;

/// Whose objects the reports are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// `wgpolicyk8s.io/v1alpha2`, of the Kubernetes policy working group.
    PolicyReport,
    /// `openreports.io/v1alpha1`.
    OpenReports,
}

impl Flavour {
    fn api_version(self) -> &'static str {
        match self {
            Flavour::PolicyReport => "wgpolicyk8s.io/v1alpha2",
            Flavour::OpenReports => "openreports.io/v1alpha1",
        }
    }

    fn kind(self, is_of_cluster: bool) -> &'static str {
        match (self, is_of_cluster) {
            (Flavour::PolicyReport, false) => "PolicyReport",
            (Flavour::PolicyReport, true) => "ClusterPolicyReport",
            (Flavour::OpenReports, false) => "Report",
            (Flavour::OpenReports, true) => "ClusterReport",
        }
    }
}

/// Where a report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope<'r> {
    Cluster,
    /// Empty where the objects do not state one: it is that of whoever applies them.
    Namespace(&'r str),
}

/// Writes the reports, as a list that `kubectl apply` takes.
///
/// # Errors
/// What the writer says.
pub fn write(result: &ScanResult<'_>, flavour: Flavour, mut out: impl Write) -> io::Result<()> {
    let reports = reports(result, flavour);
    let list = ListObject {
        api_version: "v1",
        kind: "List",
        items: List(|| reports.iter()),
    };
    serde_json::to_writer_pretty(&mut out, &list)?;
    writeln!(out)
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct ListObject<I> {
    api_version: &'static str,
    kind: &'static str,
    items: I,
}

fn reports(result: &ScanResult<'_>, flavour: Flavour) -> Vec<Value> {
    let timestamp = times(result).map(
        |(start, _)| json!({"seconds": start.as_second(), "nanos": start.subsec_nanosecond()}),
    );
    let mut by_scope: BTreeMap<Scope<'_>, Vec<Value>> = BTreeMap::new();
    for entry in reported(result) {
        let found = result_of(&entry, timestamp.as_ref());
        by_scope.entry(scope(entry.object)).or_default().push(found);
    }
    for missing in &result.assessment.not_assessed {
        let object = &result.inventory.objects()[missing.object.0 as usize];
        let control = result.assessment.controls[missing.control].control;
        let found = with_timestamp(
            json!({
                "source": "plimsoll",
                "policy": control.name,
                "rule": control.id,
                "category": control.area,
                "severity": control.severity.name(),
                "result": "error",
                "resources": [resource(object)],
                "message": format!("not assessed: {}", missing.reason),
            }),
            timestamp.as_ref(),
        );
        by_scope.entry(scope(object)).or_default().push(found);
    }
    // No finding is a result, too: without a report nobody can tell whether there was a scan.
    if by_scope.is_empty() {
        by_scope.insert(Scope::Cluster, Vec::new());
    }
    let mut reports = Vec::new();
    for (scope, mut results) in by_scope {
        let mut number = 1;
        loop {
            let rest = results.split_off(results.len().min(MOST_RESULTS));
            reports.push(report(result, flavour, scope, number, results));
            if rest.is_empty() {
                break;
            }
            results = rest;
            number += 1;
        }
    }
    reports
}

fn scope(object: &Object) -> Scope<'_> {
    if is_cluster_scoped(object.kind()) {
        Scope::Cluster
    } else {
        Scope::Namespace(object.namespace())
    }
}

fn report(
    result: &ScanResult<'_>,
    flavour: Flavour,
    scope: Scope<'_>,
    number: usize,
    results: Vec<Value>,
) -> Value {
    let count = |state: &str| {
        results
            .iter()
            .filter(|found| found["result"] == state)
            .count()
    };
    let summary = json!({
        "pass": count("pass"),
        "fail": count("fail"),
        "warn": count("warn"),
        "error": count("error"),
        "skip": count("skip"),
    });
    let name = match number {
        1 => "plimsoll".to_owned(),
        number => format!("plimsoll-{number}"),
    };
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), name.into());
    if let Scope::Namespace(namespace) = scope
        && !namespace.is_empty()
    {
        metadata.insert("namespace".to_owned(), namespace.into());
    }
    metadata.insert(
        "labels".to_owned(),
        json!({"app.kubernetes.io/managed-by": "plimsoll"}),
    );
    if !result.errors.is_empty() {
        let text = format!("{} could not be read or assessed", result.errors.len());
        metadata.insert(
            "annotations".to_owned(),
            json!({"plimsoll.dev/incomplete": text}),
        );
    }
    let mut report = Map::new();
    let kind = flavour.kind(scope == Scope::Cluster);
    report.insert("apiVersion".to_owned(), flavour.api_version().into());
    report.insert("kind".to_owned(), kind.into());
    report.insert("metadata".to_owned(), metadata.into());
    if flavour == Flavour::OpenReports {
        report.insert("source".to_owned(), "plimsoll".into());
    }
    report.insert("summary".to_owned(), summary);
    report.insert("results".to_owned(), results.into());
    report.into()
}

fn result_of(entry: &Reported<'_>, timestamp: Option<&Value>) -> Value {
    let (finding, control) = (entry.finding, entry.control);
    let (state, message) = match entry.accepted() {
        None => ("fail", finding.message.clone()),
        Some(reason) => ("skip", format!("{} (accepted: {reason})", finding.message)),
    };
    let mut properties = Map::new();
    properties.insert("path".to_owned(), finding.path.to_string().into());
    properties.insert("title".to_owned(), control.title.clone().into());
    properties.insert("fingerprint".to_owned(), entry.fingerprint.clone().into());
    if let Some(place) = words::place(entry.object, finding.position) {
        properties.insert("location".to_owned(), place.into());
    }
    let fix = entry.fix();
    if !fix.is_empty() {
        properties.insert("fix".to_owned(), fix.into());
    }
    if let Some(reason) = entry.accepted() {
        properties.insert("reason".to_owned(), reason.into());
    }
    with_timestamp(
        json!({
            "source": "plimsoll",
            "policy": control.name,
            "rule": control.id,
            "category": control.area,
            "severity": control.severity.name(),
            "result": state,
            "scored": true,
            "resources": [resource(entry.object)],
            "message": message,
            "properties": properties,
        }),
        timestamp,
    )
}

fn with_timestamp(mut found: Value, timestamp: Option<&Value>) -> Value {
    if let Some(timestamp) = timestamp {
        found["timestamp"] = timestamp.clone();
    }
    found
}

fn resource(object: &Object) -> Value {
    let mut reference = json!({
        "apiVersion": object.api_version(),
        "kind": object.kind(),
        "name": object.name(),
    });
    if !object.namespace().is_empty() {
        reference["namespace"] = object.namespace().into();
    }
    if !object.uid().is_empty() {
        reference["uid"] = object.uid().into();
    }
    reference
}
