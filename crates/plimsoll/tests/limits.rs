//! What a scan may take: time and memory of controls, sizes and shapes of files. Whatever hits a limit is named, and the
//! rest is scanned.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// A folder with a control of the user's own that judges the variables of Pods by this expression, and manifests.
fn folder(expect: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let page = format!(
        "---\nid: OUR-001\nseverity: high\nrisk: 7\nsince: 0.1.0\napplies: workloads\nneeds: manifest\n\
         each: containers\nexpect: >-\n  {expect}\nmessage: \"'these variables are not ours'\"\n---\n\
         # Variables\n\nOurs only.\n"
    );
    let controls = folder.path().join("our-controls");
    let manifests = folder.path().join("deploy");
    for path in [&controls, &manifests] {
        fs::create_dir(path).expect("a folder");
    }
    fs::write(controls.join("variables.md"), page).expect("a page");
    // The large one is judged first.
    fs::write(manifests.join("a.json"), pod("large", 1_500).to_string()).expect("a manifest");
    fs::write(manifests.join("b.json"), pod("small", 2).to_string()).expect("a manifest");
    folder
}

fn pod(name: &str, variables: usize) -> Value {
    let variable = |number| json!({"name": format!("A{number}"), "value": "x"});
    let variables: Vec<Value> = (0..variables).map(variable).collect();
    let container = json!({"name": "main", "image": "web:1", "env": variables});
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container]}})
}

fn scan(folder: &Path, arguments: &[&str]) -> (i32, Value, String) {
    let output = plimsoll(folder, arguments);
    let report = serde_json::from_slice(&output.stdout).expect("a report");
    let said = String::from_utf8(output.stderr).expect("text");
    (output.status.code().expect("a code"), report, said)
}

fn plimsoll(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["scan", "deploy", "-o", "json"])
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CONFIG_HOME", folder)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

/// The control and the object are named, the control is not passed there, and everything else is judged.
fn assert_not_assessed(folder: &Path, arguments: &[&str], reason: &str) {
    let (code, report, said) = scan(folder, arguments);
    assert_eq!(code, 3, "{said}");
    let errors = report["errors"].as_array().expect("errors");
    let message = format!("OUR-001 could not be assessed on Pod large: OUR-001: {reason}");
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0]["message"], message);
    assert_eq!(errors[0]["location"]["file"], "deploy/a.json");
    assert!(said.contains(&message), "{said}");

    let controls = report["controls"].as_array().expect("controls");
    let ours = controls
        .iter()
        .find(|control| control["id"] == "OUR-001")
        .expect("ours");
    assert_eq!(ours["status"], "notAssessed");
    assert_eq!(
        ours["objects"],
        json!({"passed": 1, "failed": 0, "accepted": 0, "notAssessed": 1})
    );
    // Other controls find what is wrong with both.
    for name in ["large", "small"] {
        let findings = report["findings"].as_array().expect("findings");
        let found = findings
            .iter()
            .any(|finding| finding["object"]["name"] == name);
        assert!(found, "{name}");
    }
}

const CUBED: &str =
    "item.env.all(a, item.env.all(b, item.env.all(c, a.name + b.name + c.name != '')))";
const SQUARED: &str = "item.env.map(a, item.env.map(b, a.name + b.name)).size() > 0";

#[test]
fn a_control_that_takes_too_long_is_not_assessed() {
    let folder = folder(CUBED);
    let arguments = ["--controls", "our-controls", "--control-time-limit", "1"];
    assert_not_assessed(
        folder.path(),
        &arguments,
        "it took more than 1 s; --control-time-limit allows more",
    );
}

#[test]
fn a_control_that_takes_too_much_memory_is_not_assessed() {
    let folder = folder(SQUARED);
    let reason = "it needs more than 1 MiB of memory; --control-memory-limit allows more";
    let limit = ["--controls", "our-controls", "--control-memory-limit", "1"];
    assert_not_assessed(folder.path(), &limit, reason);
    // Likewise on one thread, and as the configuration says.
    assert_not_assessed(folder.path(), &[&limit[..], &["-j", "1"]].concat(), reason);
    let configuration = "controls: [our-controls]\ncontrol-memory-limit: 1\n";
    fs::write(folder.path().join("plimsoll.yaml"), configuration).expect("a configuration");
    assert_not_assessed(folder.path(), &[], reason);
    // A flag wins.
    let (code, report, said) = scan(folder.path(), &["--control-memory-limit", "1024"]);
    assert_eq!((code, &report["errors"]), (0, &json!([])), "{said}");
}

/// Doubled thirty times, a text of one letter has a gigabyte, and has cost next to nothing.
#[test]
fn a_text_that_doubles_is_limited_too() {
    let doubled = ".map(text, text + text)".repeat(30);
    let expect = format!("item.env.size() < 10 || ['x']{doubled}[0].size() > 0");
    let folder = folder(&expect);
    let arguments = ["--controls", "our-controls", "--control-memory-limit", "16"];
    assert_not_assessed(
        folder.path(),
        &arguments,
        "it needs more than 16 MiB of memory; --control-memory-limit allows more",
    );
}

#[test]
fn a_limit_is_a_number_that_makes_sense() {
    let folder = folder("true");
    for arguments in [
        ["--threads", "0"],
        ["--threads", "1025"],
        ["--control-time-limit", "0"],
        ["--control-memory-limit", "-1"],
        ["--file-size-limit", "4096"],
        ["--file-size-limit", "1G"],
    ] {
        let output = plimsoll(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    fs::write(folder.path().join("plimsoll.yaml"), "threads: 0\n").expect("a configuration");
    let output = plimsoll(folder.path(), &[]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains("a number of threads is expected, from 1 to 1024"),
        "{said}"
    );
}

/// A document that is refused is an error with its file and line; what stands beside it is scanned.
#[test]
fn hostile_documents_are_named_and_the_rest_is_scanned() {
    let folder = folder("true");
    let hostile = folder.path().join("deploy");
    let good = pod("good", 1).to_string();
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (number, name) in ('b'..='j').enumerate() {
        let before = char::from(b'a' + number as u8);
        bomb.push_str(&format!(
            "{name}: &{name} [{}]\n",
            vec![format!("*{before}"); 10].join(", ")
        ));
    }
    for (name, text) in [
        ("bomb.yaml", format!("{good}\n---\n{bomb}---\n{good}\n")),
        ("deep.json", "[".repeat(100_000)),
        (
            "deep.yaml",
            format!("{good}\n---\n{}\n", "- ".repeat(100_000)),
        ),
        (
            "large.json",
            format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20)),
        ),
    ] {
        fs::write(hostile.join(name), text).expect("a file");
    }
    let (code, report, said) = scan(folder.path(), &["--file-size-limit", "1"]);
    assert_eq!(code, 3, "{said}");
    let errors = report["errors"].as_array().expect("errors");
    let expected = [
        (
            "deploy/bomb.yaml",
            Some(8),
            "aliases expand to more than 1000000 values",
        ),
        (
            "deploy/deep.json",
            Some(1),
            "lists and maps nest deeper than 255 levels",
        ),
        (
            "deploy/deep.yaml",
            Some(3),
            "lists and maps nest deeper than 255 levels",
        ),
        (
            "deploy/large.json",
            None,
            "it has more than 1048576 bytes, the limit of a file; --file-size-limit allows more",
        ),
    ];
    for (file, line, words) in expected {
        let error = errors
            .iter()
            .find(|error| error["location"]["file"] == file);
        let error = error.unwrap_or_else(|| panic!("{file} is not named: {errors:?}"));
        assert_eq!(error["location"]["line"].as_u64(), line, "{error}");
        let message = error["message"].as_str().expect("text");
        assert!(message.contains(words), "{error}");
    }
    assert_eq!(errors.len(), expected.len(), "{errors:?}");
    // Two of this test, two beside the bomb and one before the deep list.
    assert_eq!(report["summary"]["objects"], 5);
}

/// A text may have something wrong in every few bytes; the report does not grow with it.
#[test]
fn many_problems_of_a_file_are_counted() {
    let folder = folder("true");
    let text = format!(
        "{}\n---\ndata:\n{}{}",
        pod("good", 1),
        "  a: 1\n".repeat(3_001),
        "---\na: [\n".repeat(2_000)
    );
    fs::write(folder.path().join("deploy/many.yaml"), text).expect("a file");
    let (code, report, said) = scan(folder.path(), &[]);
    assert_eq!(code, 3);
    assert_eq!(report["summary"]["objects"], 3);
    let errors = report["errors"].as_array().expect("errors");
    let messages: Vec<&str> = errors
        .iter()
        .filter_map(|error| error["message"].as_str())
        .collect();
    assert_eq!(messages, ["2000 more errors are not told one by one"]);
    assert_eq!(errors[0]["location"]["file"], "deploy/many.yaml");
    let warnings = report["warnings"].as_array().expect("warnings");
    assert_eq!(warnings.len(), 1_001);
    assert!(
        said.contains("2000 more warnings are not told one by one"),
        "{}",
        said.len()
    );
}
