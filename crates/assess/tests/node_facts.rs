//! What holds for every control on components and facts of nodes, whatever its page says.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod scan;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use plimsoll_assess::{Assessment, ControlStatus};
use plimsoll_catalog::{Control, Start, to_json};
use plimsoll_document::Segment;
use plimsoll_inventory::{Component, is_node_facts};
use proptest::prelude::*;
use scan::{CATALOG, inventory, scan};
use serde_json::{Value as Json, json};

const MINOR: u32 = 37;

/// The controls that judge facts of nodes.
fn controls() -> Vec<&'static Control> {
    CATALOG
        .controls()
        .iter()
        .filter(|control| control.expect.is_some() && control.judges_node_facts())
        .collect()
}

/// The objects of all examples of a control that fail.
fn failing(control: &Control) -> Vec<Json> {
    let examples = control.page.examples("Fails");
    let inventories: Vec<_> = examples
        .iter()
        .map(|example| inventory(&example.yaml))
        .collect();
    inventories
        .iter()
        .flat_map(plimsoll_inventory::Inventory::objects)
        .filter(|object| is_node_facts(object))
        .map(|object| to_json(object.root()))
        .collect()
}

fn scan_one<'c>(object: &Json, control: &'c Control) -> Assessment<'c> {
    scan(&object.to_string(), &[control], MINOR)
}

fn facts(name: &str, spec: &Json) -> Json {
    json!({"apiVersion": "node.plimsoll.dev/v1", "kind": "NodeFacts", "metadata": {"name": name}, "spec": spec})
}

fn pod(component: &str, command: &[String], args: &[String]) -> Json {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": component, "namespace": "kube-system"},
        "spec": {"containers": [{"name": component, "command": command, "args": args}]},
    })
}

fn node(name: &str, control_plane: bool) -> Json {
    let labels = if control_plane {
        json!({"node-role.kubernetes.io/control-plane": ""})
    } else {
        json!({})
    };
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}})
}

fn documents(objects: &[Json]) -> String {
    let texts: Vec<String> = objects.iter().map(Json::to_string).collect();
    texts.join("\n---\n")
}

/// What an assessment says: controls with messages of findings, and controls that were not assessed.
type Said = BTreeSet<(String, Option<String>)>;

fn said(assessment: &Assessment<'_>) -> Said {
    let id = |number: usize| assessment.controls[number].control.id.clone();
    let found = assessment
        .findings()
        .iter()
        .map(|finding| (id(finding.control), Some(finding.message.clone())));
    let missing = assessment
        .not_assessed
        .iter()
        .map(|missing| (id(missing.control), None));
    found.chain(missing).collect()
}

/// Flags that pages read, with values from their examples and others, by component.
static FLAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut words = BTreeSet::new();
    for control in controls() {
        for section in ["Passes", "Fails"] {
            for example in control.page.examples(section) {
                for object in inventory(&example.yaml).objects() {
                    gather(&to_json(object.root()), &mut words);
                }
            }
        }
    }
    words.into_iter().collect()
});

fn gather(value: &Json, words: &mut BTreeSet<String>) {
    match value {
        Json::String(text) if text.starts_with("--") => {
            words.insert(text.clone());
            if let Some((name, _)) = text.split_once('=') {
                words.extend([format!("{name}="), format!("{name}=true"), name.to_owned()]);
            }
        }
        Json::Array(elements) => elements.iter().for_each(|element| gather(element, words)),
        Json::Object(map) => map.values().for_each(|value| gather(value, words)),
        _ => {}
    }
}

fn command_line() -> impl Strategy<Value = Vec<String>> {
    let word = any::<prop::sample::Index>().prop_map(|at| FLAGS[at.index(FLAGS.len())].clone());
    prop::collection::vec(word, 0..12)
}

fn component() -> impl Strategy<Value = Component> {
    prop::sample::select(Component::ALL.to_vec())
}

/// Whether a word may stand anywhere: another flag with the same name, or a word that it would take as its value, would
/// mean something else after it.
fn is_alone(word: &str, words: &[String]) -> bool {
    let name = |word: &str| word.split('=').next().unwrap_or_default().replace('_', "-");
    words
        .iter()
        .filter(|other| name(other) == name(word))
        .count()
        == 1
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_pod_and_facts_with_one_command_line_say_the_same(
        component in component(), flags in command_line(), cut in any::<prop::sample::Index>(),
    ) {
        let name = component.name();
        let program = if component == Component::CriO { "crio" } else { name };
        let mut words = vec![format!("/usr/bin/{program}")];
        words.extend(flags);
        let of_facts = facts("node-1", &json!({"components": [{"name": name, "command": words}]}));
        let (command, args) = words.split_at(1 + cut.index(words.len()));
        let controls: Vec<&Control> = controls()
            .into_iter()
            .filter(|control| control.components().contains(&component))
            .filter(|control| control.each.iter().all(|each| each.start == Start::Components))
            // What else facts tell of a node no Pod does.
            .filter(|control| control.fact_parts().of_node.is_empty())
            .collect();
        let of_facts = scan(&of_facts.to_string(), &controls, MINOR);
        let of_pod = scan(&pod(name, command, args).to_string(), &controls, MINOR);
        prop_assert_eq!(said(&of_facts), said(&of_pod));
    }

    #[test]
    fn the_order_of_flags_with_other_names_means_nothing(
        component in component(), flags in command_line(), turn in any::<prop::sample::Index>(),
    ) {
        let controls = controls();
        let verdict = |flags: &[String]| {
            // A component that is told nothing may be told by other means.
            let mut words = vec![component.name().to_owned(), "--plimsoll-knows-no-such-flag=0".to_owned()];
            words.extend_from_slice(flags);
            let spec = json!({"components": [{"name": component.name(), "command": words}]});
            said(&scan(&facts("node-1", &spec).to_string(), &controls, MINOR))
        };
        let mut turned: Vec<String> = flags.iter().filter(|word| is_alone(word, &flags)).cloned().collect();
        let before = verdict(&turned);
        if !turned.is_empty() {
            let by = turn.index(turned.len());
            turned.rotate_left(by);
            turned.reverse();
        }
        turned.push("--plimsoll-knows-no-such-flag=1".to_owned());
        prop_assert_eq!(verdict(&turned), before);
    }
}

#[test]
fn what_could_not_be_read_is_never_passed() {
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for control in controls() {
        let path = &control.page.path;
        for object in failing(control) {
            for finding in scan_one(&object, control).findings() {
                let Some((part, at)) = part_of(&finding.path.segments) else {
                    continue;
                };
                let mut object = object.clone();
                let entry = &mut object["spec"][part.as_str()][at];
                let kept = ["name", "role", "path", "type"].map(|key| (key, entry[key].take()));
                let mut unread = json!({"unread": "permission denied"});
                for (key, value) in kept {
                    if !value.is_null() {
                        unread[key] = value;
                    }
                }
                *entry = unread;
                let assessment = scan_one(&object, control);
                let told = assessment
                    .not_assessed
                    .iter()
                    .any(|missing| missing.reason.contains("permission denied"));
                if !told {
                    wrong.push(format!(
                        "{path}: an unread entry of {part} is not told: {object}"
                    ));
                }
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 2);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The list below `spec` that a path leads into, and the element.
fn part_of(segments: &[Segment]) -> Option<(String, usize)> {
    match segments {
        [
            Segment::Key(spec),
            Segment::Key(part),
            Segment::Index(at),
            ..,
        ] if spec.name() == "spec" && ["components", "files"].contains(&part.name()) => {
            Some((part.name().to_owned(), *at))
        }
        _ => None,
    }
}

#[test]
fn parts_that_could_not_be_read_are_told() {
    for control in controls() {
        let path = &control.page.path;
        let mut parts: Vec<String> = control
            .each
            .iter()
            .filter_map(|each| match each.path.segments.as_slice() {
                [Segment::Key(spec), Segment::Key(part), ..]
                    if each.start == Start::Object && spec.name() == "spec" =>
                {
                    Some(part.name().to_owned())
                }
                _ => None,
            })
            .collect();
        if !control.components().is_empty() {
            parts.push("processes".to_owned());
        }
        for part in parts {
            let spec = json!({"unread": [{"part": part, "reason": "permission denied"}]});
            let assessment = scan_one(&facts("node-1", &spec), control);
            assert_eq!(
                assessment.controls[0].status,
                ControlStatus::NotAssessed,
                "{path}: {part}"
            );
            let reason = &assessment.not_assessed[0].reason;
            assert!(reason.ends_with("permission denied"), "{path}: {reason}");
            assert!(!assessment.not_assessed[0].is_error);
            // Nor is it a pass where the facts do not speak of it at all.
            let assessment = scan_one(&facts("node-1", &json!({})), control);
            assert_eq!(
                assessment.controls[0].status,
                ControlStatus::NotAssessed,
                "{path}: no {part}"
            );
        }
    }
}

#[test]
fn a_scan_without_facts_says_what_is_needed() {
    for control in controls() {
        for objects in [
            vec![json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})],
            vec![node("control-1", true), node("node-1", false)],
        ] {
            let assessment = scan(&documents(&objects), &[control], MINOR);
            let result = &assessment.controls[0];
            assert_eq!(result.status, ControlStatus::NotAssessed, "{}", control.id);
            let reason = result.reason.as_deref().unwrap_or_default();
            assert!(reason.ends_with("plimsoll node"), "{reason}");
            assert!(assessment.not_assessed.is_empty() && assessment.findings().is_empty());
        }
    }
}

/// Control ids, and the names of the objects on which they are not assessed.
fn lacking(objects: &[Json], ids: &[&str]) -> Vec<(String, String)> {
    let controls: Vec<&Control> = ids
        .iter()
        .flat_map(|id| CATALOG.find_controls(id).expect("the control exists"))
        .collect();
    let text = documents(objects);
    let inventory = inventory(&text);
    let assessment = scan(&text, &controls, MINOR);
    assessment
        .not_assessed
        .iter()
        .map(|missing| {
            let name = inventory.object(missing.object).name().to_owned();
            (controls[missing.control].id.clone(), name)
        })
        .collect()
}

#[test]
fn nodes_without_facts_are_told() {
    let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter()
            .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()))
            .collect()
    };
    let profiled = ["kube-apiserver".to_owned(), "--profiling=false".to_owned()];
    let of_control_1 = facts(
        "control-1",
        &json!({"components": [{"name": "kube-apiserver", "command": profiled}]}),
    );
    let nodes = [
        node("control-1", true),
        node("control-2", true),
        node("node-1", false),
    ];
    let with = |more: &[Json]| -> Vec<Json> { nodes.iter().chain(more).cloned().collect() };
    // The control plane runs on nodes that say so, the kubelet on all.
    let ids = ["API-015", "KUB-011"];
    assert_eq!(
        lacking(&with(std::slice::from_ref(&of_control_1)), &ids),
        pairs(&[
            ("API-015", "control-2"),
            ("KUB-011", "control-2"),
            ("KUB-011", "node-1")
        ])
    );
    // A Pod on the node tells of its API server.
    let mut mirror = pod("kube-apiserver", &profiled, &[]);
    mirror["spec"]["nodeName"] = "control-2".into();
    assert_eq!(
        lacking(&with(&[of_control_1.clone(), mirror.clone()]), &ids),
        pairs(&[("KUB-011", "control-2"), ("KUB-011", "node-1")])
    );
    assert_eq!(
        lacking(&with(&[mirror]), &["API-015"]),
        pairs(&[("API-015", "control-1")])
    );
    // Somebody else runs the control plane.
    let of_worker = facts(
        "node-1",
        &json!({"components": [{"name": "kubelet", "configuration": {}}]}),
    );
    assert_eq!(
        lacking(&[node("node-1", false), of_worker], &ids),
        pairs(&[("API-015", "cluster")])
    );
}

#[test]
fn facts_and_a_pod_of_the_same_process_are_judged_once() {
    let command = ["kube-apiserver".to_owned()];
    let control = CATALOG
        .find_controls("API-015")
        .expect("the control exists");
    let mut mirror = pod("kube-apiserver", &command, &[]);
    mirror["spec"]["nodeName"] = "control-1".into();
    let findings = |of_node: &str, component: Json| {
        let facts = facts(of_node, &json!({"components": [component]}));
        let text = documents(&[facts, mirror.clone()]);
        scan(&text, &control, MINOR).findings().len()
    };
    let read = json!({"name": "kube-apiserver", "command": command});
    assert_eq!(findings("control-1", read.clone()), 1);
    assert_eq!(findings("control-2", read), 2);
    // Of a component that could not be read the Pod tells more.
    let unread = json!({"name": "kube-apiserver", "unread": "permission denied"});
    assert_eq!(findings("control-1", unread), 1);
}

#[test]
fn pods_of_other_namespaces_and_programs_are_nothing_to_a_control() {
    let control = CATALOG
        .find_controls("API-015")
        .expect("the control exists");
    let count = |namespace: Json, command: &[&str]| {
        let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        let mut pod = pod("kube-apiserver", &command, &[]);
        pod["metadata"]["namespace"] = namespace;
        scan(&pod.to_string(), &control, MINOR).findings().len()
    };
    assert_eq!(count("kube-system".into(), &["/usr/bin/kube-apiserver"]), 1);
    assert_eq!(count(Json::Null, &["kube-apiserver"]), 1);
    assert_eq!(count("shop".into(), &["kube-apiserver"]), 0);
    assert_eq!(count("kube-system".into(), &["kube-apiserver-proxy"]), 0);
    assert_eq!(count("kube-system".into(), &[]), 0);
}

#[test]
fn a_finding_of_a_flag_points_at_the_word_and_stays_the_same() {
    let control = CATALOG
        .find_controls("API-015")
        .expect("the control exists");
    let find = |command: &[&str]| {
        let spec = json!({"components": [{"name": "kube-apiserver", "command": command}]});
        let text = facts("control-1", &spec).to_string();
        let findings = scan(&text, &control, MINOR).findings().to_vec();
        assert_eq!(findings.len(), 1);
        findings[0].clone()
    };
    let unset = find(&["kube-apiserver", "--v=2"]);
    assert_eq!(
        unset.path.to_string(),
        "spec.components[0].command.--profiling"
    );
    assert!(!unset.exists);
    let set = find(&["kube-apiserver", "--profiling=false", "--profiling", "true"]);
    assert_eq!(set.path.to_string(), "spec.components[0].command[2]");
    assert!(set.exists);
    assert_eq!(set.observed, "--profiling");
    assert_eq!(set.fingerprint, unset.fingerprint);
}

/// A control of a test's own.
fn control(lines: &str) -> Control {
    let text = format!(
        "---\nid: ABC-001\nseverity: low\nrisk: 3\nsince: 0.1.0\nneeds: node\nmessage: \"'wrong'\"\n{lines}\n---\n# Wrong\n"
    );
    Control::parse("controls/area/wrong.md", &text).unwrap_or_else(|error| panic!("{error}"))
}

fn reasons<'a>(assessment: &'a Assessment<'_>) -> Vec<&'a str> {
    let missing = assessment.not_assessed.iter();
    missing.map(|missing| &*missing.reason).collect()
}

#[test]
fn a_daemon_set_stands_for_the_pods_it_made() {
    let control = control(
        "applies: kube-proxy\neach: component\nexpect: \"'config' in flags\"\nfinds: flags[\"config\"]",
    );
    let template = pod("kube-proxy", &["kube-proxy".to_owned()], &[]);
    let set = json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"name": "kube-proxy", "namespace": "kube-system"},
        "spec": {"template": {"spec": template["spec"]}},
    });
    let mut made = template;
    made["metadata"]["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "kube-proxy", "controller": true}]);
    made["spec"]["nodeName"] = "node-1".into();
    let of = |name: &str| {
        facts(
            name,
            &json!({"components": [{"name": "kube-proxy", "command": ["kube-proxy", "--config=x"]}]}),
        )
    };
    let (first, second) = (node("node-1", false), node("node-2", false));
    let come_to = |objects: &[&Json]| {
        let objects: Vec<Json> = objects.iter().map(|object| (*object).clone()).collect();
        let assessment = scan(&documents(&objects), &[&control], MINOR);
        (assessment.findings().len(), assessment.not_assessed.len())
    };
    // The set is judged and not its Pods, and brings its program to every node.
    assert_eq!(come_to(&[&set, &made, &first, &second]), (1, 0));
    // The facts of one node say nothing of the other.
    assert_eq!(
        come_to(&[&set, &made, &first, &second, &of("node-1")]),
        (1, 0)
    );
    let all = [&set, &made, &first, &second, &of("node-1"), &of("node-2")];
    assert_eq!(come_to(&all), (0, 0));
}

#[test]
fn parts_and_command_lines_that_are_not_known_are_told() {
    let policy = control(
        "applies: kube-apiserver\neach: component\nwhen: \"'audit-policy-file' in flags\"\nexpect: item.?auditPolicy.?rules.orValue([]).size() > 0",
    );
    let rules = control(
        "applies: kube-apiserver\neach: component.auditPolicy.rules[*]\nexpect: item.level != 'None'\nfinds: [level, component.name]",
    );
    let profiling = CATALOG
        .find_controls("API-015")
        .expect("the control exists");
    let of_part = facts(
        "control-1",
        &json!({"components": [{
            "name": "kube-apiserver", "command": ["kube-apiserver", "--audit-policy-file=x", "--profiling=false"],
            "unreadParts": [{"part": "auditPolicy", "reason": "permission denied"}],
        }]}),
    );
    let told = ["auditPolicy of kube-apiserver could not be read: permission denied"];
    assert_eq!(reasons(&scan_one(&of_part, &policy)), told);
    assert_eq!(reasons(&scan_one(&of_part, &rules)), told);
    // What a control does not read is nothing to it.
    let assessment = scan_one(&of_part, profiling[0]);
    assert_eq!(assessment.controls[0].status, ControlStatus::Passed);
    let configured = facts(
        "control-1",
        &json!({"components": [{"name": "kube-apiserver", "auditPolicy": {"rules": [{"level": "None"}]}}]}),
    );
    assert_eq!(
        reasons(&scan_one(&configured, profiling[0])),
        ["the command line of kube-apiserver is not known"]
    );
    let findings = scan_one(&configured, &rules).findings().to_vec();
    assert_eq!(
        findings[0].path.to_string(),
        "spec.components[0].auditPolicy.rules[0].level"
    );
}

#[test]
fn components_and_kinds_are_judged_by_one_page() {
    let control = control(
        "applies: [kubelet, node.plimsoll.dev/NodeFacts]\neach: [component, 'object.spec.files[*]']\nwhen: has(item.command) || item.role == 'kubelet-configuration'\nexpect: has(item.command) && 'config' in flags",
    );
    let both = facts(
        "node-1",
        &json!({
            "components": [{"name": "kubelet", "command": ["kubelet"]}, {"name": "etcd", "command": ["etcd"]}],
            "files": [{"role": "kubelet-configuration", "path": "/x"}, {"role": "etcd-data", "path": "/y"}],
        }),
    );
    let found: Vec<String> = scan_one(&both, &control)
        .findings()
        .iter()
        .map(|finding| finding.path.to_string())
        .collect();
    assert_eq!(found, ["spec.components[0]", "spec.files[0]"]);
}
