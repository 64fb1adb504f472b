//! Pages on components say what they may say, and a mistake in one says what to do.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use plimsoll_catalog::{Anchor, Applies, Control, PageError};
use plimsoll_inventory::Component;

const PAGE: &str = "---
id: ABC-001
severity: low
risk: 3
since: 0.1.0
applies: kube-apiserver
needs: node
each: component
expect: flags[?'profiling'].orValue('true') == 'false'
finds: flags[\"profiling\"]
message: item.name + ' is wrong'
---
# Wrong
";

/// The page with one line changed.
fn parse(from: &str, to: &str) -> Result<Control, PageError> {
    assert!(PAGE.contains(from), "{from}");
    Control::parse("controls/area/wrong.md", &PAGE.replace(from, to))
}

#[test]
fn components_are_named_alone_in_lists_and_beside_kinds() {
    let control = parse("risk: 3", "risk: 3").expect("the page is right");
    assert_eq!(control.components(), [Component::KubeApiserver]);
    assert_eq!(control.finds[0].anchor, Anchor::Flags);
    assert!(control.judges_node_facts() && !control.applies_to("", "Pod"));
    let control = parse(
        "applies: kube-apiserver",
        "applies: [kubelet, cri-o, node.plimsoll.dev/NodeFacts]",
    )
    .expect("the page is right");
    assert_eq!(control.components(), [Component::Kubelet, Component::CriO]);
    assert!(control.applies_to("node.plimsoll.dev", "NodeFacts"));
    assert_eq!(control.applies.words(), "kubelet, cri-o, NodeFacts");
    let control = parse("each: component", "each: component.auditPolicy.rules[*]");
    assert_eq!(
        control
            .expect("the page is right")
            .fact_parts()
            .of_component,
        ["auditPolicy"]
    );
    assert_ne!(
        parse("risk: 3", "risk: 2")
            .expect("the page is right")
            .applies,
        Applies::Workloads
    );
}

#[test]
fn mistakes_say_what_to_do() {
    for (from, to, said) in [
        (
            "kube-apiserver",
            "kube-apisever",
            "components are kube-apiserver, ",
        ),
        (
            "kube-apiserver",
            "[workloads, etcd]",
            "'workloads' stands alone",
        ),
        (
            "applies: kube-apiserver",
            "applies: [Pod]",
            "needs the name of a component in 'applies'",
        ),
        ("each: component", "each: object", "'each: component'"),
        (
            "each: component",
            "each: components",
            "object, pod, containers or component",
        ),
        (
            "each: component",
            "each: [component, containers]",
            "'applies: workloads'",
        ),
        ("needs: node", "needs: cluster", "'needs: node'"),
        ("flags[\"profiling\"]", "flags", "flags[\"its-name\"]"),
        ("flags[\"profiling\"]", "flags.a.b", "flags[\"its-name\"]"),
        (
            "flags[?'profiling'].orValue('true')",
            "pod.name",
            "'applies: workloads'",
        ),
        (
            "orValue('true') == 'false'",
            "orValue(true)",
            "orValue(bool)",
        ),
        (
            "since: 0.1.0",
            "since: 0.1.0\nfix:\n  - {remove: command}",
            "By hand",
        ),
    ] {
        let error = parse(from, to).expect_err(to).to_string();
        assert!(error.contains(said), "{to}: {error}");
    }
    let workloads = PAGE
        .replace("applies: kube-apiserver", "applies: workloads")
        .replace("needs: node", "needs: manifest")
        .replace("each: component", "each: pod")
        .replace("finds: flags[\"profiling\"]\n", "");
    let error = Control::parse("controls/area/wrong.md", &workloads).expect_err("no flags");
    assert!(
        error.to_string().contains("'applies' names a component"),
        "{error}"
    );
    let with_fix = workloads.replace(
        "expect: flags[?'profiling'].orValue('true') == 'false'",
        "expect: 'true'\nfix:\n  - {remove: flags.x}",
    );
    let error = Control::parse("controls/area/wrong.md", &with_fix).expect_err("no place");
    assert!(
        error.to_string().contains("a flag is no place of an edit"),
        "{error}"
    );
    let of_nodes = workloads
        .replace("applies: workloads", "applies: [/Node]")
        .replace("needs: manifest", "needs: node")
        .replace("each: pod", "each: object")
        .replace("flags[?'profiling'].orValue('true') == 'false'", "'true'");
    let error = Control::parse("controls/area/wrong.md", &of_nodes).expect_err("no facts");
    assert!(error.to_string().contains("'needs: cluster'"), "{error}");
}
