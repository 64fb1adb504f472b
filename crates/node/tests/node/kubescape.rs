//! Kubescape's own tests of nodes: what its sensor saw becomes a machine, its facts are judged by the controls that have
//! the same question, and where the verdict is another, the list says who is right and why.
//!
//! `PLIMSOLL_UPDATE=1` adds new differences to the list and drops those that are gone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_assess::{ControlStatus, Settings, assess};
use plimsoll_catalog::{Catalog, Control};
use plimsoll_document::{Format, Limits, Source, parse};
use plimsoll_inventory::{Inventory, KubernetesVersion};
use plimsoll_node::settings::documents;
use serde_json::{Value, json};

use crate::machines::Machine;

/// What their sensor's documents are, of which a machine can be made.
const KINDS: [&str; 4] = [
    "KubeletInfo",
    "ControlPlaneInfo",
    "KubeProxyInfo",
    "LinuxKernelVariables",
];

/// Where their documents have files, and the role that each has here.
const FILES: [(&str, &str); 14] = [
    ("/clientCAFile", "kubelet-client-ca"),
    ("/configFile", "kubelet-configuration"),
    ("/serviceFiles", "kubelet-service"),
    ("/APIServerInfo/specsFile", "kube-apiserver-manifest"),
    ("/APIServerInfo/auditPolicyFile", "audit-policy"),
    (
        "/APIServerInfo/encryptionProviderConfigFile",
        "encryption-configuration",
    ),
    (
        "/controllerManagerInfo/specsFile",
        "kube-controller-manager-manifest",
    ),
    (
        "/controllerManagerInfo/configFile",
        "controller-manager-kubeconfig",
    ),
    ("/schedulerInfo/specsFile", "kube-scheduler-manifest"),
    ("/schedulerInfo/configFile", "scheduler-kubeconfig"),
    ("/etcdConfigFile", "etcd-manifest"),
    ("/etcdDataDir", "etcd-data"),
    ("/adminConfigFile", "admin-kubeconfig"),
    ("/PKIDir", "pki-directory"),
];

#[test]
fn both_find_the_same_nodes_wrong_or_the_difference_is_listed() {
    let Some(folder) = suite() else {
        return;
    };
    let catalog = Catalog::built_in().unwrap();
    let mut compared = 0;
    let mut without_check = BTreeSet::new();
    let mut different: BTreeMap<String, String> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (id, expected, input) in cases(&folder) {
        let theirs: Vec<&str> = texts(&expected["controls"]);
        let ours = controls_like(&catalog, &theirs);
        if ours.is_empty() {
            without_check.extend(theirs.iter().map(ToString::to_string));
            continue;
        }
        compared += 1;
        seen.insert(id.clone());
        let fails = expected["failed"]
            .as_array()
            .is_some_and(|failed| !failed.is_empty());
        let inventory = inventory(&input);
        let mut details = Vec::new();
        for (their_id, controls) in ours {
            let is_exact = texts(&expected["exactForControls"]).contains(&their_id);
            let assessment = assess(
                &inventory,
                &controls,
                &[],
                Settings::at(KubernetesVersion::NEWEST),
            );
            let status = |status| {
                assessment
                    .controls
                    .iter()
                    .any(|result| result.status == status)
            };
            let ids: Vec<&str> = controls.iter().map(|control| control.id.as_str()).collect();
            let ids = ids.join(" ");
            let has_failed = status(ControlStatus::Failed);
            let reasons: BTreeSet<&str> = assessment
                .not_assessed
                .iter()
                .map(|part| &*part.reason)
                .collect();
            let reasons = reasons.into_iter().collect::<Vec<_>>().join(", ");
            if fails && !has_failed {
                details.push(format!("{their_id} {ids}: only theirs fails {reasons}"));
            } else if !fails && is_exact && has_failed {
                let message = assessment
                    .findings()
                    .first()
                    .map_or("", |finding| &finding.message);
                details.push(format!("{their_id} {ids}: only ours fails: {message}"));
            } else if !fails && is_exact && !status(ControlStatus::Passed) {
                details.push(format!(
                    "{their_id} {ids}: theirs passes, ours does not judge: {reasons}"
                ));
            }
        }
        if !details.is_empty() {
            different.insert(id, details.join("; ").replace('|', "/"));
        }
    }
    println!(
        "{compared} tests compared, {} differ; no check yet for {without_check:?}",
        different.len()
    );
    hold_against_list(&different, &seen);
}

/// The suite, where it is: beside the project, or where `PLIMSOLL_SHARED` says.
fn suite() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("PLIMSOLL_SHARED").map_or(beside, PathBuf::from);
    let folder = root.join("conformance/kubescape/host");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "the suite of Kubescape is missing"
    );
    println!("skipped: the suite of Kubescape is not there");
    None
}

/// Their tests that are of nodes: id, what is expected, and the documents.
fn cases(folder: &Path) -> Vec<(String, Value, Vec<Value>)> {
    let mut cases = Vec::new();
    for rule in folders(folder) {
        for test in folders(&folder.join(&rule)) {
            let path = folder.join(&rule).join(&test);
            let expected = std::fs::read_to_string(path.join("expected.json")).unwrap();
            let expected: Value = serde_json::from_str(&expected).unwrap();
            if expected["vacuous"] == true || expected["verdict"] == "unknown" {
                continue;
            }
            let input = std::fs::read(path.join("input.yaml")).unwrap();
            let input = documents("input.yaml", input).unwrap();
            let is_of_node = |document: &Value| KINDS.iter().any(|kind| document["kind"] == *kind);
            if input.iter().any(is_of_node) {
                cases.push((format!("{rule}/{test}"), expected, input));
            }
        }
    }
    assert!(cases.len() > 80, "only {} tests were found", cases.len());
    cases
}

fn folders(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = folders
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// Our controls that can be judged, by the control of theirs that they are like.
fn controls_like<'c, 't>(
    catalog: &'c Catalog,
    theirs: &[&'t str],
) -> BTreeMap<&'t str, Vec<&'c Control>> {
    let mut like: BTreeMap<&str, Vec<&Control>> = BTreeMap::new();
    for control in catalog
        .controls()
        .iter()
        .filter(|control| control.expect.is_some())
    {
        let aliases = control
            .aliases
            .iter()
            .filter(|alias| alias.tool == "kubescape");
        for id in aliases.flat_map(|alias| &alias.ids) {
            if let Some(their_id) = theirs.iter().find(|theirs| *theirs == id) {
                like.entry(their_id).or_default().push(control);
            }
        }
    }
    like
}

/// The machines that the documents are of, by their facts, and the other documents as they are.
fn inventory(input: &[Value]) -> Inventory {
    let mut of_nodes: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    let mut objects = Vec::new();
    for document in input {
        if KINDS.iter().any(|kind| document["kind"] == *kind) {
            let name = document["metadata"]["name"].as_str().unwrap_or("node");
            of_nodes.entry(name).or_default().push(document);
        } else {
            objects.push(document.clone());
        }
    }
    objects.extend(
        of_nodes
            .iter()
            .map(|(name, documents)| facts(name, documents)),
    );
    let text: Vec<String> = objects.iter().map(Value::to_string).collect();
    let source = Source::new("facts.json", text.join("\n"));
    let parsed = parse(&Arc::new(source), Format::Json, &Limits::default());
    assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    let mut builder = Inventory::builder();
    builder.add(&parsed);
    builder.finish()
}

/// The facts of a machine that their sensor would say this of. Processes and what their files hold are collected from a
/// machine made of files; owners and modes are taken over, as nobody but root can give files away.
fn facts(name: &str, documents: &[&Value]) -> Value {
    let machine = Machine::new(name);
    let mut id = 100;
    for document in documents {
        let data = &document["data"];
        for pointer in [
            "",
            "/APIServerInfo",
            "/controllerManagerInfo",
            "/schedulerInfo",
        ] {
            if let Some(line) = data
                .pointer(&format!("{pointer}/cmdLine"))
                .and_then(Value::as_str)
            {
                let words: Vec<&str> = line.split_ascii_whitespace().collect();
                // One of theirs has flags only.
                let is_bare = words.first().is_some_and(|word| word.starts_with('-'));
                let words = if is_bare {
                    [&["kubelet"], &words[..]].concat()
                } else {
                    words
                };
                id += 1;
                let line = absolute(&words);
                let line: Vec<&str> = line.iter().map(String::as_str).collect();
                machine.process(id, &line);
                // Some of theirs have a file without its path: it is the one that the flag names.
                let content = data.pointer("/configFile/content").and_then(Value::as_str);
                let named = absolute(&words)
                    .iter()
                    .rev()
                    .find_map(|word| word.strip_prefix("--config=/").map(str::to_owned));
                if let (Some(content), Some(path), "") = (content, named, pointer) {
                    machine.file(&path, 0o600, with_kind(base64(content)));
                }
            }
        }
        for (pointer, _) in FILES {
            let file = data.pointer(pointer);
            let content =
                file.and_then(|file| Some((file["path"].as_str()?, file["content"].as_str()?)));
            if let Some((path, content)) = content {
                let content = match pointer {
                    "/configFile" => with_kind(base64(content)),
                    _ => base64(content),
                };
                machine.file(path.trim_start_matches('/'), 0o600, content);
            }
        }
        // Variables are named by the last part; the source is the path.
        for variable in data.as_array().into_iter().flatten() {
            if let (Some(source), Some(value)) =
                (variable["source"].as_str(), variable["value"].as_str())
            {
                machine.file(source.trim_start_matches('/'), 0o644, value);
            }
        }
    }
    let mut facts = machine.value();
    facts["spec"]["files"] = documents
        .iter()
        .flat_map(|document| files(document))
        .collect();
    facts
}

/// The configuration of a kubelet. Some of theirs leave out what it is, which the kubelet would refuse.
fn with_kind(content: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(content).unwrap();
    if text.contains("kind") {
        text.into_bytes()
    } else if let Some(rest) = text.trim_start().strip_prefix('{') {
        format!("{{\"kind\": \"KubeletConfiguration\", {rest}").into_bytes()
    } else {
        format!("kind: KubeletConfiguration\n{text}").into_bytes()
    }
}

/// A command line whose configuration file has a path from the root; some of theirs are `--config=xxx`.
fn absolute(words: &[&str]) -> Vec<String> {
    let absolute = |word: &&str| match word.strip_prefix("--config=") {
        Some(path) => format!("--config=/{}", path.trim_start_matches('/')),
        None => (*word).to_owned(),
    };
    words.iter().map(absolute).collect()
}

/// The files of a document of theirs, as facts.
fn files(document: &Value) -> Vec<Value> {
    let data = &document["data"];
    let mut found: Vec<(&str, &Value)> = Vec::new();
    for (pointer, role) in FILES {
        let files = match data.pointer(pointer) {
            Some(Value::Array(files)) => files.as_slice(),
            Some(file) => std::slice::from_ref(file),
            None => &[],
        };
        found.extend(files.iter().map(|file| (role, file)));
    }
    let kubeconfig = if document["kind"] == "KubeProxyInfo" {
        "kube-proxy-kubeconfig"
    } else {
        "kubelet-kubeconfig"
    };
    found.extend(data.get("kubeConfigFile").map(|file| (kubeconfig, file)));
    for file in data["PKIFiles"].as_array().into_iter().flatten() {
        let is_key = file["path"]
            .as_str()
            .is_some_and(|path| path.ends_with(".key"));
        found.push((if is_key { "pki-key" } else { "pki-certificate" }, file));
    }
    found
        .into_iter()
        .filter_map(|(role, file)| fact(role, file))
        .collect()
}

fn fact(role: &str, file: &Value) -> Option<Value> {
    let mode = format!("{:04o}", file["permissions"].as_u64()?);
    let own = &file["ownership"];
    // Their tests tell owners by names, and leave the numbers as they are.
    let number = |name: &str, number: &str| match own[name].as_str() {
        Some("root") => json!(0),
        Some("noroot") => json!(1000),
        _ => own[number].clone(),
    };
    Some(json!({
        "role": role,
        "path": file["path"],
        "type": if role.ends_with("-directory") || role == "etcd-data" { "directory" } else { "file" },
        "mode": mode,
        "uid": number("username", "uid"),
        "owner": own["username"],
        "gid": number("groupname", "gid"),
        "group": own["groupname"],
    }))
}

fn base64(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text
        .bytes()
        .filter_map(|byte| alphabet.iter().position(|other| *other == byte));
    let bits: Vec<usize> = digits
        .flat_map(|digit| (0..6).rev().map(move |bit| digit >> bit & 1))
        .collect();
    let bytes = bits.chunks_exact(8);
    bytes
        .map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | *bit as u8))
        .collect()
}

/// Who can be right about a difference.
const RIGHT: [&str; 3] = ["ours", "theirs", "different question"];

fn hold_against_list(different: &BTreeMap<String, String>, seen: &BTreeSet<String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kubescape_differences.txt");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut listed: BTreeMap<String, (String, String)> = lines
        .map(|line| {
            let parts: Vec<&str> = line.splitn(3, '|').map(str::trim).collect();
            let [id, right, reason] = parts[..] else {
                panic!("three parts: {line}");
            };
            (id.to_owned(), (right.to_owned(), reason.to_owned()))
        })
        .collect();
    if std::env::var_os("PLIMSOLL_UPDATE").is_some() {
        listed.retain(|id, _| different.contains_key(id) || !seen.contains(id));
        for (id, detail) in different {
            let entry = || ("unclear".to_owned(), detail.clone());
            listed.entry(id.clone()).or_insert_with(entry);
        }
        let mut text = String::from(
            "# Where our verdict on a node is not that of a rule test of Kubescape.\n\
             # <rule>/<test> | ours, theirs or different question: who is right | why\n",
        );
        for (id, (right, reason)) in &listed {
            writeln!(text, "{id} | {right} | {reason}").unwrap();
        }
        std::fs::write(path, text).unwrap();
    }
    let mut wrong = Vec::new();
    for (id, detail) in different {
        match listed.get(id) {
            None => wrong.push(format!("{id} differs: {detail}")),
            Some((right, _)) if !RIGHT.contains(&right.as_str()) => {
                wrong.push(format!("{id}: who is right? {detail}"));
            }
            Some(_) => {}
        }
    }
    // Tests whose control has no check cannot differ, and may be listed.
    let gone = listed
        .keys()
        .filter(|id| seen.contains(*id) && !different.contains_key(*id));
    wrong.extend(gone.map(|id| format!("{id} is listed, and differs no longer")));
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
