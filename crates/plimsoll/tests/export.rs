//! `plimsoll export` as people call it.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn plimsoll(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(arguments)
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_control_becomes_a_policy_and_its_binding() {
    let output = plimsoll(&["export", "vap", "C-0057", "--kubernetes-version", "1.34"]);
    let (yaml, errors) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert_eq!(errors, "");
    for part in [
        "kind: ValidatingAdmissionPolicy\n",
        "kind: ValidatingAdmissionPolicyBinding\n",
        "  name: plimsoll-psc-001-privileged-container\n",
        "    plimsoll.dev/severity: critical\n",
        "  failurePolicy: Fail\n",
        "  validationActions: [Deny]\n",
        "          values: [kube-system]\n",
    ] {
        assert!(yaml.contains(part), "{part}\n{yaml}");
    }
    assert_eq!(yaml.matches("---\n").count(), 2);
}

#[test]
fn what_was_chosen_is_in_the_policy() {
    let output = plimsoll(&[
        "export",
        "vap",
        "privileged-container",
        "--action",
        "audit,warn",
        "--failure-policy",
        "ignore",
        "--namespace-selector",
        "team=web",
        "--exclude-namespace",
        "",
        "-o",
        "json",
    ]);
    let (json, errors) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let json: Value = serde_json::from_str(&json).unwrap();
    let exported = &json["exported"][0];
    assert_eq!(exported["policy"]["spec"]["failurePolicy"], "Ignore");
    let binding = &exported["binding"]["spec"];
    assert_eq!(
        binding["validationActions"],
        serde_json::json!(["Audit", "Warn"])
    );
    let expressions = serde_json::json!([{"key": "team", "operator": "In", "values": ["web"]}]);
    assert_eq!(
        binding["matchResources"]["namespaceSelector"]["matchExpressions"],
        expressions
    );
}

#[test]
fn a_named_control_that_has_no_policy_is_an_error() {
    let output = plimsoll(&["export", "vap", "PSC-001", "NOD-001"]);
    let (yaml, errors) = texts(&output);
    assert_eq!(output.status.code(), Some(3));
    assert!(yaml.contains("plimsoll-psc-001"), "the others are written");
    assert!(
        errors.contains(
            "error: NOD-001 kubernetes-out-of-support cannot be exported: it reads status"
        ),
        "{errors}"
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (arguments, says) in [
        (&["--action", "deny,warn"][..], "not together"),
        (
            &["--kubernetes-version", "1.29"],
            "has no ValidatingAdmissionPolicy",
        ),
        (&["--namespace-selector", "a b"], "is no label selector"),
        (
            &["no-such-control"],
            "there is no control 'no-such-control'",
        ),
    ] {
        let output = plimsoll(&[&["export", "vap"], arguments].concat());
        let (yaml, errors) = texts(&output);
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(yaml.is_empty() && errors.contains(says), "{errors}");
    }
}

#[test]
fn the_list_has_every_control_with_its_reason() {
    for minor in [30, 34, 37] {
        let version = format!("1.{minor}");
        let output = plimsoll(&[
            "export",
            "vap",
            "--list",
            "-o",
            "json",
            "--kubernetes-version",
            &version,
        ]);
        let (json, errors) = texts(&output);
        assert_eq!(output.status.code(), Some(0), "{errors}");
        let json: Value = serde_json::from_str(&json).unwrap();
        let exported = json["exported"].as_array().unwrap();
        let refused = json["notExported"].as_array().unwrap();
        let all = plimsoll(&["controls", "-o", "json"]);
        let all: Value = serde_json::from_str(&texts(&all).0).unwrap();
        assert_eq!(
            exported.len() + refused.len(),
            all.as_array().unwrap().len()
        );
        assert!(exported.len() >= 90, "{} for {version}", exported.len());
        for entry in refused {
            assert!(!entry["message"].as_str().unwrap().is_empty(), "{entry}");
        }
    }
}

#[test]
fn parameters_of_the_configuration_are_in_the_policy() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("plimsoll.yaml");
    std::fs::write(&config, "parameters:\n  requiredLabels: [team, \"it's\"]\n").unwrap();
    let output = plimsoll(&[
        "export",
        "vap",
        "required-labels-missing",
        "--config",
        config.to_str().unwrap(),
    ]);
    let (yaml, errors) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(
        yaml.contains(
            "    - name: requiredLabels\n      expression: |-\n        ['team', 'it\\'s']\n"
        ),
        "{yaml}"
    );
}
