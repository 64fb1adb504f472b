//! Kubescape's own rule tests: where we have a control like one of theirs, both find the same objects wrong, or the
//! difference is listed with who is right and why.
//!
//! `PLIMSOLL_UPDATE=1` adds new differences to the list, drops those that are gone, and writes the table of the book.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod scan;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_assess::{Assessment, Settings, assess};
use plimsoll_catalog::{Catalog, Control};
use plimsoll_inventory::{CLUSTER_KIND, Inventory, KubernetesVersion, ObjectId};
use scan::inventory;
use serde_json::{Value, json};

/// What a test of theirs is known by: `<rule>/<test>`.
type TestId = String;

/// Kind, namespace and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    kind: String,
    namespace: String,
    name: String,
}

impl Identity {
    fn new(kind: &str, namespace: &str, name: &str) -> Identity {
        // Objects without a namespace come to lie in `default`; theirs say it sometimes.
        let namespace = if namespace == "default" {
            ""
        } else {
            namespace
        };
        Identity {
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    fn of(value: &Value) -> Identity {
        let text = |key: &str| value[key].as_str().unwrap_or_default();
        Identity::new(text("kind"), text("namespace"), text("name"))
    }

    fn text(&self) -> String {
        let Identity {
            kind,
            namespace,
            name,
        } = self;
        if namespace.is_empty() {
            return format!("{kind} {name}");
        }
        format!("{kind} {namespace}/{name}")
    }
}

/// A test of theirs.
struct Case {
    id: TestId,
    /// The controls of theirs that hold the rule under test.
    controls: Vec<String>,
    /// Those that hold this rule alone.
    exact: Vec<String>,
    failed: Vec<Failed>,
    configuration: Value,
    yaml: String,
}

/// An object that fails by their rule.
struct Failed {
    object: Identity,
    /// Objects that stand for it: what it is joined with, or those it cannot be told from.
    alike: Vec<Identity>,
    /// Whether a real scan of theirs would report it.
    in_scope: bool,
}

#[test]
fn both_find_the_same_objects_wrong_or_the_difference_is_listed() {
    let Some(folder) = scan::suite("kubescape") else {
        return;
    };
    let cases = cases(&folder);
    let comparison = compare(&cases);
    println!("{}", comparison.summary(cases.len()));

    let update = std::env::var_os("PLIMSOLL_UPDATE").is_some();
    let mut listed = read_list();
    if update {
        listed.retain(|id, _| comparison.different.contains_key(id));
        for (id, detail) in &comparison.different {
            listed.entry(id.clone()).or_insert_with(|| Difference {
                right: "unclear".to_owned(),
                reason: detail.clone(),
            });
        }
        write_list(&listed);
    }

    let mut wrong = Vec::new();
    for (id, detail) in &comparison.different {
        match listed.get(id) {
            None => wrong.push(format!("{id} differs: {detail}")),
            Some(difference) if !RIGHT.contains(&difference.right.as_str()) => {
                wrong.push(format!("{id}: who is right? {detail}"));
            }
            Some(_) => (),
        }
    }
    for id in listed.keys() {
        if !comparison.different.contains_key(id) {
            wrong.push(format!("{id} is listed, and differs no longer"));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));

    let chapter = fs::read_to_string(chapter_path()).expect("the chapter of the book");
    let generated = generated_part(&comparison, &listed, cases.len());
    let current = with_generated_part(&chapter, &generated);
    if update {
        fs::write(chapter_path(), current).expect("the chapter is written");
    } else {
        assert!(
            chapter == current,
            "docs/src/kubescape.md is not what PLIMSOLL_UPDATE=1 would write"
        );
    }

    let same_question = comparison.compared.len() - count_right(&listed, "different question");
    let agreeing = comparison.compared.len() - comparison.different.len();
    assert!(cases.len() > 500, "only {} tests were found", cases.len());
    assert!(agreeing > 300, "only {agreeing} tests agree");
    assert!(
        agreeing * 100 >= same_question * 95,
        "{agreeing} of {same_question} tests that ask the same agree"
    );
}

/// What came out of all tests.
#[derive(Default)]
struct Comparison {
    /// The tests for which we have controls: theirs, with ours by id.
    compared: BTreeMap<TestId, BTreeMap<String, Vec<String>>>,
    /// Those with other verdicts, and what is other.
    different: BTreeMap<TestId, String>,
    /// Of those that agree, the ones in which something is wrong.
    both_found: usize,
}

impl Comparison {
    fn summary(&self, tests: usize) -> String {
        format!(
            "{tests} tests, {} with a control of ours, {} differ",
            self.compared.len(),
            self.different.len()
        )
    }
}

fn compare(cases: &[Case]) -> Comparison {
    let mut catalog = Catalog::built_in().unwrap_or_else(|error| panic!("{error}"));
    let mut comparison = Comparison::default();
    for case in cases {
        catalog
            .set_parameters(&parameters(&case.configuration))
            .expect("parameters that there are");
        let ours = controls_like(&catalog, &case.controls);
        if ours.is_empty() {
            continue;
        }
        let details = differences(case, &ours);
        if !details.is_empty() {
            let details = details.join("; ").replace('|', "/");
            comparison.different.insert(case.id.clone(), details);
        } else if case.failed.iter().any(|failed| failed.in_scope) {
            comparison.both_found += 1;
        }
        let ids = ours.into_iter().map(|(theirs, ours)| {
            let ours = ours.into_iter().map(|control| control.id.clone());
            (theirs, ours.collect())
        });
        comparison.compared.insert(case.id.clone(), ids.collect());
    }
    comparison
}

/// Who can be right about a difference.
const RIGHT: [&str; 3] = ["ours", "theirs", "different question"];

/// A difference that is known.
struct Difference {
    right: String,
    reason: String,
}

fn count_right(listed: &BTreeMap<TestId, Difference>, right: &str) -> usize {
    listed
        .values()
        .filter(|difference| difference.right == right)
        .count()
}

fn list_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kubescape_differences.txt")
}

fn read_list() -> BTreeMap<TestId, Difference> {
    fs::read_to_string(list_path())
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.splitn(3, '|').map(|part| part.trim().to_owned());
            let mut part = || {
                parts
                    .next()
                    .unwrap_or_else(|| panic!("three parts: {line}"))
            };
            let id = part();
            let difference = Difference {
                right: part(),
                reason: part(),
            };
            (id, difference)
        })
        .collect()
}

fn write_list(listed: &BTreeMap<TestId, Difference>) {
    let mut text = String::from(
        "# Where our verdict is not that of a rule test of Kubescape.\n\
         # <rule>/<test> | ours, theirs or different question: who is right | why\n",
    );
    for (id, Difference { right, reason }) in listed {
        writeln!(text, "{id} | {right} | {reason}").expect("a string takes it");
    }
    fs::write(list_path(), text).expect("the list is written");
}

fn chapter_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/kubescape.md")
}

/// What stands between these lines of the chapter is written by this test.
const GENERATED: [&str; 2] = ["<!-- written by a test -->\n", "<!-- end -->\n"];

fn with_generated_part(chapter: &str, generated: &str) -> String {
    let [start, end] = GENERATED;
    let (before, rest) = chapter.split_once(start).expect("the start of the part");
    let (_, after) = rest.split_once(end).expect("the end of the part");
    format!("{before}{start}{generated}{end}{after}")
}

/// The numbers, and a table of the differences.
fn generated_part(
    comparison: &Comparison,
    listed: &BTreeMap<TestId, Difference>,
    tests: usize,
) -> String {
    let compared = comparison.compared.len();
    let agreeing = compared - comparison.different.len();
    let [ours, theirs, other] = RIGHT.map(|right| count_right(listed, right));
    let share = |of: usize| format!("{:.1} %", agreeing as f64 * 100.0 / of as f64);
    let mut text = format!(
        "\n| Tests | |\n|---|---:|\n\
         | On Kubernetes objects, with a known outcome | {tests} |\n\
         | For a control that Plimsoll has as well | {compared} |\n\
         | Same verdict | {agreeing} |\n\
         | Of these, something is wrong and both find it | {} |\n\
         | Different: a different question | {other} |\n\
         | Different: Plimsoll is right | {ours} |\n\
         | Different: Kubescape is right | {theirs} |\n\
         | Same verdict, of all that were compared | {} |\n\
         | Same verdict, where both ask the same | {} |\n\n\
         | Test | Controls | Who is right | Why |\n|---|---|---|---|\n",
        comparison.both_found,
        share(compared),
        share(compared - other),
    );
    for (id, Difference { right, reason }) in listed {
        let controls: Vec<String> = comparison
            .compared
            .get(id)
            .into_iter()
            .flatten()
            .map(|(theirs, ours)| format!("{theirs}: {}", ours.join(", ")))
            .collect();
        let right = match right.as_str() {
            "ours" => "Plimsoll",
            "theirs" => "Kubescape",
            other => other,
        };
        let controls = controls.join("; ");
        writeln!(text, "| `{id}` | {controls} | {right} | {reason} |").expect("a string takes it");
    }
    text.push('\n');
    text
}

/// Our controls by the control of theirs that they are like.
fn controls_like<'c>(
    catalog: &'c Catalog,
    theirs: &[String],
) -> BTreeMap<String, Vec<&'c Control>> {
    let mut like: BTreeMap<String, Vec<&Control>> = BTreeMap::new();
    for control in catalog.controls() {
        for alias in control
            .aliases
            .iter()
            .filter(|alias| alias.tool == "kubescape")
        {
            for id in alias.ids.iter().filter(|id| theirs.contains(id)) {
                if control.expect.is_some() {
                    like.entry(id.clone()).or_default().push(control);
                }
            }
        }
    }
    like
}

/// Their rules take what they are given for the whole cluster. Ours know a whole cluster by its nodes, and say of less
/// that they cannot assess what may be missing; so each input gets a node.
const NODE: &str = "{apiVersion: v1, kind: Node, metadata: {name: node-of-the-test}}\n";

/// Where our verdicts are not theirs, in words.
fn differences(case: &Case, ours: &BTreeMap<String, Vec<&Control>>) -> Vec<String> {
    let inventory = inventory(&format!("{}\n---\n{NODE}", case.yaml));
    let mut details = Vec::new();
    for (theirs, controls) in ours {
        let assessment = assess(
            &inventory,
            controls,
            &[],
            Settings::at(KubernetesVersion::NEWEST),
        );
        let found = found(&inventory, &assessment);
        let names: Vec<&str> = controls.iter().map(|control| control.id.as_str()).collect();
        let names = names.join(" ");
        for failed in case.failed.iter().filter(|failed| failed.in_scope) {
            let alike = failed.alike.iter().any(|object| found.contains(object));
            if !alike && !found.contains(&failed.object) {
                let reasons: BTreeSet<&str> = assessment
                    .not_assessed
                    .iter()
                    .map(|not_assessed| &*not_assessed.reason)
                    .collect();
                details.push(format!(
                    "{theirs} {names}: only theirs: {} {}",
                    failed.object.text(),
                    reasons.into_iter().collect::<Vec<_>>().join(", ")
                ));
            }
        }
        if !case.exact.contains(theirs) {
            continue;
        }
        let expected: BTreeSet<&Identity> = case
            .failed
            .iter()
            .flat_map(|failed| std::iter::once(&failed.object).chain(&failed.alike))
            .collect();
        for object in found.iter().filter(|object| !expected.contains(object)) {
            let message = assessment
                .findings()
                .iter()
                .find(|finding| identity(&inventory, finding.object) == *object)
                .map_or("", |finding| &finding.message);
            details.push(format!(
                "{theirs} {names}: only ours: {}: {message}",
                object.text()
            ));
        }
    }
    details
}

fn found(inventory: &Inventory, assessment: &Assessment<'_>) -> BTreeSet<Identity> {
    assessment
        .findings()
        .iter()
        .map(|finding| identity(inventory, finding.object))
        .filter(|object| object.kind != CLUSTER_KIND && object.name != "node-of-the-test")
        .collect()
}

fn identity(inventory: &Inventory, object: ObjectId) -> Identity {
    let object = inventory.object(object);
    Identity::new(object.kind(), object.namespace(), object.name())
}

/// Our parameters, as the configuration of theirs has them.
fn parameters(configuration: &Value) -> BTreeMap<String, Value> {
    let inputs = &configuration["postureControlInputs"];
    let list = |name: &str| inputs[name].as_array().cloned().unwrap_or_default();
    let mut parameters = BTreeMap::new();
    for (theirs, ours) in SAME_LISTS {
        parameters.insert(ours.to_owned(), Value::Array(list(theirs)));
    }
    let mut forbidden = list("publicRegistries");
    forbidden.extend(list("untrustedRegistries"));
    parameters.insert("forbiddenRegistries".to_owned(), forbidden.into());
    let limit = |name: &str, default: &str| {
        list(name)
            .first()
            .cloned()
            .unwrap_or_else(|| default.into())
    };
    parameters.insert(
        "sandboxLimits".to_owned(),
        json!({
            "cpu": limit("sandbox_cpu_limit_max", "8"),
            "memory": limit("sandbox_memory_limit_max", "32Gi"),
        }),
    );
    parameters
}

/// Lists that mean the same in both: theirs, ours.
const SAME_LISTS: [(&str, &str); 3] = [
    ("imageRepositoryAllowList", "allowedRegistries"),
    ("floatingImageTags", "floatingTags"),
    ("hardenedSandboxRuntimeClasses", "sandboxRuntimeClasses"),
];

/// All tests of theirs whose input is made of Kubernetes objects, and whose outcome is known.
fn cases(folder: &Path) -> Vec<Case> {
    let defaults = read_json(&folder.join("config-defaults.json"));
    let mut cases = Vec::new();
    for rule in folders(folder) {
        if rule == "host" {
            continue;
        }
        for test in folders(&folder.join(&rule)) {
            let path = folder.join(&rule).join(&test);
            let expected = read_json(&path.join("expected.json"));
            if expected["vacuous"] == true || expected["verdict"] == "unknown" {
                continue;
            }
            let mut configuration = defaults.clone();
            if path.join("data.json").is_file() {
                override_inputs(&mut configuration, &read_json(&path.join("data.json")));
            }
            let objects = |value: &Value| -> Vec<Identity> {
                value
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(Identity::of)
                    .collect()
            };
            let failed = expected["failed"].as_array().into_iter().flatten();
            cases.push(Case {
                id: format!("{rule}/{test}"),
                controls: texts(&expected["controls"]),
                exact: texts(&expected["exactForControls"]),
                failed: failed
                    .map(|failed| {
                        let alike = ["related", "relatedFindings", "candidates"]
                            .iter()
                            .flat_map(|name| objects(&failed[*name]))
                            .collect();
                        Failed {
                            object: Identity::of(failed),
                            alike,
                            in_scope: failed["inScope"] != false,
                        }
                    })
                    .collect(),
                configuration,
                yaml: fs::read_to_string(path.join("input.yaml")).expect("an input"),
            });
        }
    }
    cases
}

/// The inputs of a test stand in place of the defaults, one by one.
fn override_inputs(configuration: &mut Value, own: &Value) {
    let inputs = own["postureControlInputs"]
        .as_object()
        .into_iter()
        .flatten();
    for (name, value) in inputs {
        configuration["postureControlInputs"][name] = value.clone();
    }
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn read_json(path: &Path) -> Value {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn folders(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(path)
        .expect("a folder")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
