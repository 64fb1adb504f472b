//! The report as people see it, in narrow and wide terminals, with and without colours. Controls and manifests are made
//! for it, so that work on the library does not change what is shown here.

use std::sync::Arc;

use plimsoll_assess::{Settings, assess};
use plimsoll_catalog::{Control, Framework};
use plimsoll_document::{Format, Limits, ProblemKind, Severity, Source, parse};
use plimsoll_inventory::{Inventory, KubernetesVersion};

use super::*;
use crate::result::{GateResult, ScanError, ScanWarning, SourceKind, SourceSummary};
use crate::text::Paint;

const PRIVILEGED: &str = r#"---
id: TST-001
severity: critical
risk: 9
since: 0.1.0
applies: workloads
needs: manifest
each: containers
expect: "!item.?securityContext.?privileged.orValue(false)"
finds: securityContext.privileged
message: "'container ' + item.name + ' runs privileged'"
fix:
  - set: securityContext.privileged
    to: false
safe: false
evidence:
  test: {direct: [one]}
---
# Privileged container
"#;

const ESCALATION: &str = r#"---
id: TST-002
severity: medium
risk: 5
since: 0.1.0
applies: workloads
needs: manifest
each: containers
expect: "item.?securityContext.?allowPrivilegeEscalation.orValue(true) == false"
finds: securityContext.allowPrivilegeEscalation
message: "'container ' + item.name + ' may gain more privileges than it starts with, through a program that runs as its owner'"
fix:
  - set: securityContext.allowPrivilegeEscalation
    to: false
safe: true
input: a user other than root
evidence:
  test: {direct: [two]}
---
# Privilege escalation
"#;

const CLUSTER: &str = r#"---
id: TST-003
severity: low
risk: 2
since: 0.1.0
applies: [Namespace]
needs: cluster
each: object
expect: "true"
message: "'never'"
evidence:
  test: {direct: [three]}
---
# Needs a cluster
"#;

const FRAMEWORK: &str = "
id: test
title: A framework
version: '1'
source: https://example.com
requirements:
  - {id: one, title: One}
  - {id: two, title: Two}
  - {id: three, title: Three}
";

const MANY_CONTAINERS: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      initContainers:
        - name: setup
          securityContext: {runAsNonRoot: true}
      containers:
        - name: a
          securityContext:
            privileged: true
        - name: b
          securityContext: {privileged: true, allowPrivilegeEscalation: false}
        - name: c
        - name: d
        - name: e
        - name: f
---
just: a map
---
";

const ACCEPTED: &str = "apiVersion: v1
kind: Pod
metadata:
  name: agent
  annotations: {plimsoll.dev/ignore: TST-002 drops privileges itself}
spec:
  containers:
    - name: agent
      # plimsoll:ignore TST-001 reads the kernel's log until the node agent does, which takes over in its next release
      securityContext: {privileged: true}
";

/// Names that would colour the terminal, turn the text around, or take twice the columns.
const HOSTILE: &str = "apiVersion: v1
kind: Pod
metadata: {name: \"\\e[31mred\\u202Edlo\"}
spec:
  containers: [{name: \"日本語\\a\", securityContext: {privileged: true, allowPrivilegeEscalation: false}}]
";

pub(crate) struct Library {
    controls: Vec<Control>,
    framework: Framework,
}

impl Library {
    pub(crate) fn new() -> Library {
        let pages = [
            ("controls/test/privileged.md", PRIVILEGED),
            ("controls/test/escalation.md", ESCALATION),
            ("controls/test/cluster.md", CLUSTER),
        ];
        Library {
            controls: pages
                .iter()
                .map(|(path, text)| {
                    Control::parse(path, text).unwrap_or_else(|error| panic!("{error}"))
                })
                .collect(),
            framework: Framework::parse("test.yaml", FRAMEWORK)
                .unwrap_or_else(|error| panic!("{error}")),
        }
    }

    pub(crate) fn scan(&self, files: &[(&str, &str)]) -> ScanResult<'_> {
        let mut builder = Inventory::builder();
        let mut sources = Vec::new();
        let mut errors = Vec::new();
        let mut warnings = Vec::new();
        for (name, text) in files {
            let source = Arc::new(Source::new(*name, *text));
            let format = Format::detect(name, text);
            let parsed = parse(&source, format, &Limits::default());
            for problem in &parsed.problems {
                if problem.severity == Severity::Error {
                    errors.push(ScanError {
                        file: (*name).to_owned(),
                        position: Some(problem.position),
                        message: problem.kind.to_string(),
                        source: Some(Arc::clone(&source)),
                    });
                } else {
                    assert!(matches!(problem.kind, ProblemKind::DuplicateKey { .. }));
                    warnings.push(ScanWarning {
                        file: (*name).to_owned(),
                        position: Some(problem.position),
                        message: problem.kind.to_string(),
                    });
                }
            }
            let (objects, skipped) = builder.add(&parsed);
            sources.push(SourceSummary {
                kind: SourceKind::File,
                variant: None,
                location: (*name).to_owned(),
                cluster: None,
                documents: parsed.documents.len(),
                objects,
                skipped,
            });
        }
        let inventory = builder.finish();
        let controls: Vec<&Control> = self.controls.iter().collect();
        let settings = Settings::at(KubernetesVersion { minor: 34 });
        let assessment = assess(&inventory, &controls, &[&self.framework], settings);
        ScanResult {
            version: "0.0.0",
            sources,
            inventory,
            assessment,
            errors,
            warnings,
            gates: Vec::new(),
            generated_at: "2026-01-01T00:00:00Z".to_owned(),
            duration_ms: 1.0,
        }
    }
}

pub(crate) const FILES: [(&str, &str); 5] = [
    ("deploy/accepted.yaml", ACCEPTED),
    (
        "deploy/broken.yaml",
        "a: 1\na: 2\n---\nspec:\n    replicas: 2\n   image: \u{1b}[31mred\n",
    ),
    ("deploy/hostile.yaml", HOSTILE),
    (
        "deploy/minified.json",
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"one-line","labels":{"app.kubernetes.io/name":"one-line"}},"spec":{"containers":[{"name":"main","image":"registry.example.com/main:1","securityContext":{"allowPrivilegeEscalation":false,"privileged":true}}]}}"#,
    ),
    ("deploy/web.yaml", MANY_CONTAINERS),
];

fn look(width: usize, colour: bool) -> Look {
    Look {
        paint: Paint { colour },
        width,
    }
}

fn shown(width: usize, colour: bool) -> String {
    let library = Library::new();
    let mut result = library.scan(&FILES);
    result.gates = vec![
        GateResult {
            gate: "--fail-on high".to_owned(),
            holds: false,
            reason: "4 findings (4 critical)".to_owned(),
        },
        GateResult {
            gate: "--min-score 1".to_owned(),
            holds: true,
            reason: "floor of all controls 10.0".to_owned(),
        },
    ];
    let text = render(&result, Detail::Full, look(width, colour));
    // Only our own colours may reach the terminal; in the snapshot they are to be read.
    text.replace('\u{1b}', "ESC")
}

#[test]
fn narrow_and_plain() {
    insta::assert_snapshot!(shown(80, false));
}

#[test]
fn narrow_with_colours() {
    insta::assert_snapshot!(shown(80, true));
}

#[test]
fn wide_and_plain() {
    insta::assert_snapshot!(shown(140, false));
}

#[test]
fn wide_with_colours() {
    insta::assert_snapshot!(shown(140, true));
}

#[test]
fn colours_change_nothing_but_colours() {
    for width in [40, 80, 140] {
        let mut plain = shown(width, true);
        for code in ["0", "1", "2", "31", "32", "33", "34", "36", "1;31"] {
            plain = plain.replace(&format!("ESC[{code}m"), "");
        }
        assert_eq!(plain, shown(width, false));
    }
}

#[test]
fn lines_keep_to_the_width() {
    for width in [60, 80, 140] {
        for line in shown(width, false).lines() {
            // A heading, an error or a row of figures is not cut: what it says is worth a longer line.
            let is_cut = line.starts_with("   ");
            assert!(
                !is_cut || crate::text::columns(line) <= width,
                "{width}: {line}"
            );
        }
    }
}

#[test]
fn only_the_summary_and_what_could_not_be_read() {
    let library = Library::new();
    let text = render(&library.scan(&FILES), Detail::Summary, look(80, false));
    assert!(text.starts_with("error: deploy/broken.yaml:"), "{text}");
    assert!(!text.contains("TST-001"), "{text}");
    assert!(text.contains("all controls"), "{text}");
}

#[test]
fn nothing_scanned_has_no_score() {
    let library = Library::new();
    let text = render(
        &library.scan(&[("values.yaml", "a: 1\n")]),
        Detail::Full,
        look(80, true),
    );
    insta::assert_snapshot!(text.replace('\u{1b}', "ESC"));
}
