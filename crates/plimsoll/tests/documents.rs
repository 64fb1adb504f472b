//! Documents for auditors and their tools, as the binary writes them: valid against the published schemas, every reference
//! resolving, the same for the same input, and of one mind about totals.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jsonschema::Validator;
use serde_json::Value;

const OSCAL: [(&str, &str); 3] = [
    ("oscal", "assessment-results"),
    ("oscal-poam", "poam"),
    ("oscal-component", "component"),
];

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Something that lies beside the project; not everywhere.
fn shared(path: &str) -> Option<PathBuf> {
    let root =
        std::env::var_os("PLIMSOLL_SHARED").map_or(project().join("../shared"), PathBuf::from);
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    assert!(std::env::var_os("CI").is_none(), "'{path}' is missing");
    println!("skipped: '{path}' is not there");
    None
}

/// Writes reports in these formats into a folder and reads them.
fn reports(arguments: &[&str], formats: &[&str]) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |format: &str| folder.path().join(format);
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.arg("scan").args(arguments).current_dir(project());
    for format in formats {
        let target = format!("{format}={}", file(format).display());
        command.args(["--format", &target]);
    }
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    let code = output.status.code();
    assert!(
        matches!(code, Some(0 | 3)),
        "{code:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    formats
        .iter()
        .map(|format| fs::read(file(format)).expect("a report"))
        .collect()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

fn schemas() -> Option<Vec<Validator>> {
    let folder = shared("facts/oscal-1.2.1")?;
    let schema = |name: &str| {
        let path = folder.join(format!("oscal_{name}_schema.json"));
        let schema = json(&fs::read(path).expect("a schema"));
        jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .expect("a schema")
    };
    Some(OSCAL.iter().map(|(_, name)| schema(name)).collect())
}

/// What a document defines, and what it refers to.
#[derive(Default)]
struct References {
    uuids: Vec<String>,
    used: Vec<String>,
    objectives: BTreeSet<String>,
    controls: BTreeSet<String>,
    roles: BTreeSet<String>,
}

impl References {
    fn walk(&mut self, value: &Value) {
        match value {
            Value::Array(list) => list.iter().for_each(|value| self.walk(value)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    match (key.as_str(), value) {
                        ("uuid", Value::String(uuid)) => self.uuids.push(uuid.clone()),
                        ("href", Value::String(href)) => {
                            self.used.extend(href.strip_prefix('#').map(str::to_owned));
                        }
                        ("party-uuids", Value::Array(uuids)) => self
                            .used
                            .extend(uuids.iter().filter_map(Value::as_str).map(str::to_owned)),
                        (_, Value::String(uuid)) if key.ends_with("-uuid") => {
                            self.used.push(uuid.clone());
                        }
                        _ => {}
                    }
                    self.walk(value);
                }
            }
            _ => {}
        }
    }

    fn check(document: &Value) {
        let mut found = References::default();
        found.walk(document);
        let unique: BTreeSet<&String> = found.uuids.iter().collect();
        assert_eq!(unique.len(), found.uuids.len(), "a UUID is there twice");
        for used in &found.used {
            assert!(unique.contains(used), "{used} leads nowhere");
        }
        let results = &document["assessment-results"];
        if results.is_null() {
            return;
        }
        let texts = |value: &Value, key: &str| -> BTreeSet<String> {
            let list = value.as_array().cloned().unwrap_or_default();
            list.iter()
                .filter_map(|value| value[key].as_str().map(str::to_owned))
                .collect()
        };
        for objective in results["local-definitions"]["objectives-and-methods"]
            .as_array()
            .expect("objectives")
        {
            found
                .controls
                .extend(objective["control-id"].as_str().map(str::to_owned));
            let is_new = texts(&objective["parts"], "id")
                .into_iter()
                .all(|id| found.objectives.insert(id));
            assert!(is_new, "{objective} is there twice");
        }
        found.roles = texts(&results["metadata"]["roles"], "id");
        let result = &results["results"][0];
        for finding in result["findings"].as_array().into_iter().flatten() {
            let target = finding["target"]["target-id"].as_str().expect("a target");
            assert!(found.objectives.contains(target), "{target}");
        }
        for selection in result["reviewed-controls"]["control-selections"]
            .as_array()
            .expect("selections")
        {
            for key in ["include-controls", "exclude-controls"] {
                let ids = texts(&selection[key], "control-id");
                assert!(ids.is_subset(&found.controls), "{ids:?}");
            }
        }
        for statement in result["attestations"].as_array().into_iter().flatten() {
            let roles = texts(&statement["responsible-parties"], "role-id");
            assert!(roles.is_subset(&found.roles), "{roles:?}");
        }
    }
}

fn check_oscal(arguments: &[&str], schemas: Option<&[Validator]>) -> Vec<Value> {
    let formats = OSCAL.map(|(format, _)| format);
    let documents: Vec<Value> = reports(arguments, &formats)
        .iter()
        .map(|b| json(b))
        .collect();
    for (number, document) in documents.iter().enumerate() {
        References::check(document);
        if let Some(schemas) = schemas {
            let problems: Vec<String> = schemas[number]
                .iter_errors(document)
                .take(5)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(problems.is_empty(), "{}: {problems:#?}", formats[number]);
        }
    }
    documents
}

const HOSTILE: &str = "apiVersion: v1
kind: Pod
metadata: {name: \" <b>\\n*x* \\u202e\", namespace: \"(a)\"}
spec:
  containers:
    - name: \"\"
      image: \"]]>--><script>\"
      securityContext: {privileged: true}
---
apiVersion: v1
kind: Pod
metadata: {name: twice}
spec: {containers: [{name: a, securityContext: {privileged: true}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: twice, annotations: {plimsoll.dev/ignore: \"PSC-001   because of\\tit \"}}
spec: {containers: [{name: a, securityContext: {privileged: true}}]}
";

#[test]
fn oscal_is_valid_and_every_reference_resolves() {
    let schemas = schemas();
    let schemas = schemas.as_deref();
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file can be written");
        path.display().to_string()
    };
    check_oscal(&["examples"], schemas);
    check_oscal(&["examples", "--framework", "gdpr,mitre-attack"], schemas);
    let hostile = write("a b:#ü.yaml", HOSTILE);
    let documents = check_oscal(&[&hostile], schemas);
    let risks = documents[0]["assessment-results"]["results"][0]["risks"]
        .as_array()
        .expect("risks");
    assert!(risks.iter().any(|risk| {
        risk["status"] == "deviation-approved"
            && risk["risk-log"]["entries"][0]["description"]
                .as_str()
                .is_some_and(|text| text.ends_with("because of it"))
    }));

    // Nothing to scan, nothing to mend.
    let nothing = write("values.yaml", "a: 1\n");
    let documents = check_oscal(&[&nothing], schemas);
    let items = &documents[1]["plan-of-action-and-milestones"]["poam-items"];
    assert_eq!(items[0]["title"], "Nothing is open");

    // What people attest, with parties and evidence.
    write("evidence.txt", "");
    let attestations = write(
        "attestations.yaml",
        "attestations:
  - framework: hipaa
    requirement: \"164.308(a)(2)\"
    owner: Żaneta <z@example.com>
    method: policy
    evidence: {file: evidence.txt, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}
    collected: 2026-01-15
    valid-until: 2199-01-14
    reviewer: John Roe
",
    );
    let documents = check_oscal(&["examples", "--attestations", &attestations], schemas);
    let result = &documents[0]["assessment-results"]["results"][0];
    assert_eq!(
        result["attestations"][0]["parts"][0]["title"],
        "hipaa hipaa-164.308-a-2"
    );
    let finding = result["findings"]
        .as_array()
        .and_then(|findings| {
            findings
                .iter()
                .find(|finding| finding["target"]["target-id"] == "hipaa-164.308-a-2_obj")
        })
        .expect("a finding");
    assert_eq!(finding["target"]["status"]["state"], "satisfied");
}

#[test]
fn oscal_is_valid_for_the_corpus() {
    let (Some(schemas), Some(corpus)) = (schemas(), shared("corpora/manifests")) else {
        return;
    };
    check_oscal(&[&corpus.display().to_string()], Some(&schemas));
}

#[test]
fn documents_are_the_same_but_for_their_time() {
    let formats = ["json", "html", "oscal", "oscal-poam", "oscal-component"];
    let timeless = || -> Vec<String> {
        let reports = reports(&["examples"], &formats);
        let time = json(&reports[0])["generatedAt"]
            .as_str()
            .expect("a time")
            .to_owned();
        let for_people = format!("{} UTC", time[..19].replace('T', " "));
        reports[1..]
            .iter()
            .map(|report| {
                let text = String::from_utf8(report.clone()).expect("text");
                text.replace(&time, "").replace(&for_people, "")
            })
            .collect()
    };
    assert_eq!(timeless(), timeless());
}

#[test]
fn documents_are_of_one_mind_about_totals() {
    let reports = reports(&["examples"], &["json", "html", "oscal", "oscal-poam"]);
    let report = json(&reports[0]);
    let counts = &report["summary"]["findings"];
    let count = |severity: &str| counts[severity].as_u64().expect("a count");
    let accepted = count("accepted");
    let standing: u64 = ["critical", "high", "medium", "low"]
        .map(count)
        .iter()
        .sum();
    assert!(standing > 0 && accepted > 0);

    let page = String::from_utf8(reports[1].clone()).expect("text");
    assert!(page.contains(&format!(
        "{standing} standing and {accepted} accepted findings"
    )));

    let oscal = json(&reports[2]);
    let result = &oscal["assessment-results"]["results"][0];
    let property = |name: &str| -> String {
        result["props"]
            .as_array()
            .and_then(|props| props.iter().find(|property| property["name"] == name))
            .and_then(|property| property["value"].as_str())
            .expect("a property")
            .to_owned()
    };
    assert_eq!(property("findings-standing"), standing.to_string());
    assert_eq!(property("findings-accepted"), accepted.to_string());
    let controls = &report["summary"]["controls"];
    for (name, key) in [
        ("controls-failed", "failed"),
        ("controls-passed", "passed"),
        ("controls-not-assessed", "notAssessed"),
        ("controls-not-applicable", "notApplicable"),
    ] {
        assert_eq!(property(name), controls[key].to_string(), "{name}");
    }
    let evidence = |document: &Value, status: &str| -> u64 {
        document
            .as_array()
            .expect("observations")
            .iter()
            .filter_map(|observation| observation["relevant-evidence"].as_array())
            .flatten()
            .filter(|evidence| {
                evidence["props"]
                    .as_array()
                    .is_some_and(|props| props.iter().any(|property| property["value"] == status))
            })
            .count() as u64
    };
    let plan = json(&reports[3]);
    for observations in [
        &result["observations"],
        &plan["plan-of-action-and-milestones"]["observations"],
    ] {
        assert_eq!(evidence(observations, "failed"), standing);
        assert_eq!(evidence(observations, "accepted"), accepted);
    }
    // Of every framework, what is met is satisfied, and what is not known has no finding.
    for framework in report["frameworks"].as_array().expect("frameworks") {
        let id = framework["id"].as_str().expect("an id");
        let with = |states: &[&str]| {
            framework["requirements"]
                .as_array()
                .expect("requirements")
                .iter()
                .filter(|requirement| states.iter().any(|state| requirement["status"] == *state))
                .count()
        };
        let found = |state: &str| {
            result["findings"]
                .as_array()
                .expect("findings")
                .iter()
                .filter(|finding| finding["props"][0]["value"] == id)
                .filter(|finding| finding["target"]["status"]["state"] == state)
                .count()
        };
        assert_eq!(found("satisfied"), with(&["met", "inherited"]), "{id}");
        assert_eq!(found("not-satisfied"), with(&["partial", "notMet"]), "{id}");
    }
}

/// What a program that reads PDF says of a file; `None` where there is no such program here.
fn read_pdf(program: &str, before: &[&str], pdf: &Path, after: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(before)
        .arg(pdf)
        .args(after)
        .output();
    let Ok(output) = output else {
        println!("skipped: {program} is not there");
        return None;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complaints}");
    assert!(complaints.is_empty(), "{complaints}");
    Some(said)
}

#[test]
fn pdf_is_read_by_those_who_read_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let pdf = folder.path().join("report.pdf");
    let hostile = folder.path().join("a) Tj ET (b.yaml");
    fs::write(&hostile, HOSTILE).expect("a file can be written");
    let hostile = hostile.display().to_string();
    let reports = reports(&["examples", &hostile], &["pdf", "json"]);
    fs::write(&pdf, &reports[0]).expect("a file can be written");
    let report = json(&reports[1]);

    read_pdf("qpdf", &["--check"], &pdf, &[]);
    if let Some(about) = read_pdf("pdfinfo", &[], &pdf, &[]) {
        assert!(
            about.contains("Kubernetes compliance assessment"),
            "{about}"
        );
        assert!(
            about
                .lines()
                .any(|line| line.starts_with("Tagged:") && line.ends_with("yes"))
        );
    }
    if let Some(text) = read_pdf("pdftotext", &["-layout"], &pdf, &["-"]) {
        let place = |words: &str| text.rfind(words).unwrap_or_else(|| panic!("no {words}"));
        let parts = ["1 Scope", "2 Period", "3 Method", "4 Limits", "5 Results"].map(place);
        assert!(parts.is_sorted(), "{parts:?}");
        let pages = text.matches('\u{c}').count();
        assert!(text.contains(&format!("Page {pages} of {pages}")));
        let counts = &report["summary"]["findings"];
        let findings = format!(
            "{} critical, {} high, {} medium, {} low; {} accepted",
            counts["critical"], counts["high"], counts["medium"], counts["low"], counts["accepted"]
        );
        assert!(text.contains(&findings), "{findings}");
    }
}
