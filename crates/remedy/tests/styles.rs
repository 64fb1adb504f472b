//! Texts as people write them: only what is meant changes.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod fixing;

use fixing::fixed;
use plimsoll_remedy::{Reason, Refusal};

/// The text that fixing these controls makes.
fn after(text: &str, controls: &[&str]) -> String {
    let name = if text.trim_start().starts_with('{') {
        "a.json"
    } else {
        "a.yaml"
    };
    let (made, outcome) = fixed(name, text, controls);
    let left: Vec<String> = outcome
        .not_fixed
        .iter()
        .map(|left| format!("{} {}: {}", left.control, left.message, left.reason))
        .collect();
    assert!(left.is_empty(), "{}\n{text}", left.join("\n"));
    made
}

fn refusal(text: &str, controls: &[&str]) -> Vec<Reason> {
    let (made, outcome) = fixed("a.yaml", text, controls);
    assert_eq!(made, text);
    outcome
        .not_fixed
        .into_iter()
        .map(|left| left.reason)
        .collect()
}

/// A Pod whose container has these lines.
fn pod(container: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: registry.example.com/web:1\n{container}"
    )
}

const PRIVILEGED: &[&str] = &["PSC-001"];

fn control(name: &str) -> &'static str {
    fixing::CATALOG
        .find_controls(name)
        .expect("a control")
        .first()
        .map(|control| control.id.as_str())
        .expect("one")
}

#[test]
fn a_value_changes_and_nothing_around_it() {
    for (line, wanted) in [
        ("privileged: true", "privileged: false"),
        ("privileged:    yes  # why", "privileged:    false  # why"),
        ("\"privileged\" : on", "\"privileged\" : false"),
        (
            "privileged:\n        # below\n        true",
            "privileged:\n        # below\n        false",
        ),
    ] {
        let text = |line: &str| {
            pod(&format!(
                "    securityContext:\n      {line}\n      runAsUser: 0o17 # odd\n"
            ))
        };
        assert_eq!(after(&text(line), PRIVILEGED), text(wanted));
    }
    for (line, wanted) in [
        ("{privileged: true}", "{privileged: false}"),
        ("{ 'privileged': true , }", "{ 'privileged': false , }"),
        (
            "{\n      # c\n      privileged: true # d\n    }",
            "{\n      # c\n      privileged: false # d\n    }",
        ),
    ] {
        let text = |line: &str| pod(&format!("    securityContext: {line}\n"));
        assert_eq!(after(&text(line), PRIVILEGED), text(wanted));
    }
}

#[test]
fn line_ends_and_a_missing_last_one_stay() {
    let text = pod("    securityContext:\n      privileged: true");
    assert_eq!(after(&text, PRIVILEGED), text.replace("true", "false"));
    let windows = text.replace('\n', "\r\n");
    assert_eq!(
        after(&windows, PRIVILEGED),
        windows.replace("true", "false")
    );
    let escalation = control("privilege-escalation-allowed");
    let text = pod("    tty: false");
    assert_eq!(
        after(&text, &[escalation]),
        format!("{text}\n    securityContext:\n      allowPrivilegeEscalation: false")
    );
    let windows = text.replace('\n', "\r\n");
    assert_eq!(
        after(&windows, &[escalation]),
        format!("{windows}\r\n    securityContext:\r\n      allowPrivilegeEscalation: false")
    );
}

#[test]
fn what_is_missing_is_put_where_it_belongs() {
    let escalation = control("privilege-escalation-allowed");
    let made = |container: &str| after(&pod(container), &[escalation]);
    for (before, wanted) in [
        (
            "    securityContext:\n",
            "    securityContext:\n      allowPrivilegeEscalation: false\n",
        ),
        (
            "    securityContext: # none\n    tty: false\n",
            "    securityContext: # none\n      allowPrivilegeEscalation: false\n    tty: false\n",
        ),
        (
            "    securityContext: null\n",
            "    securityContext:\n      allowPrivilegeEscalation: false\n",
        ),
        (
            "    securityContext: {}\n",
            "    securityContext: {allowPrivilegeEscalation: false}\n",
        ),
        (
            "    securityContext: {runAsUser: 5,}\n",
            "    securityContext: {runAsUser: 5, allowPrivilegeEscalation: false,}\n",
        ),
        (
            "    securityContext: {\n      runAsUser: 5 # who\n    }\n",
            "    securityContext: {\n      runAsUser: 5, # who\n      allowPrivilegeEscalation: false\n    }\n",
        ),
        (
            "    securityContext:\n        # deep\n        runAsUser: 5\n        # end\n    # after\n",
            "    securityContext:\n        # deep\n        runAsUser: 5\n        allowPrivilegeEscalation: false\n        # end\n    # after\n",
        ),
        (
            "    command:\n    - sh\n      # about sh\n    # about what follows\n",
            "    command:\n    - sh\n      # about sh\n    securityContext:\n      allowPrivilegeEscalation: false\n    # about what follows\n",
        ),
        (
            "    args:\n    - |+\n      text\n\n  # end\n",
            "    args:\n    - |+\n      text\n\n    securityContext:\n      allowPrivilegeEscalation: false\n  # end\n",
        ),
    ] {
        assert_eq!(made(before), pod(wanted), "{before}");
    }
}

#[test]
fn elements_come_and_go_in_the_style_of_their_list() {
    let added = control("capability-beyond-net-bind-service");
    let dropped = control("capabilities-not-dropped");
    let made = |controls: &[&str], list: &str| {
        after(
            &pod(&format!(
                "    securityContext:\n      capabilities:\n{list}"
            )),
            controls,
        )
    };
    let text = |list: &str| {
        pod(&format!(
            "    securityContext:\n      capabilities:\n{list}"
        ))
    };
    for (before, wanted) in [
        (
            "        add: [CHOWN, NET_BIND_SERVICE, FOWNER]\n",
            "        add: [NET_BIND_SERVICE]\n",
        ),
        (
            "        add: [ CHOWN, FOWNER ] # x\n",
            "        add: [] # x\n",
        ),
        (
            "        add:\n        - CHOWN # one\n        # two\n        - FOWNER\n        drop: [ALL]\n",
            "        add: []\n        # two\n        drop: [ALL]\n",
        ),
        (
            "        add:\n          - NET_BIND_SERVICE\n          - CHOWN",
            "        add:\n          - NET_BIND_SERVICE",
        ),
        (
            "        add: [\n          CHOWN, # one\n          NET_BIND_SERVICE, # two\n          FOWNER # three\n        ]\n",
            "        add: [\n          NET_BIND_SERVICE, # two\n        ]\n",
        ),
    ] {
        assert_eq!(made(&[added], before), text(wanted), "{before}");
    }
    for (before, wanted) in [
        (
            "        drop: [\"NET_RAW\"]\n",
            "        drop: [\"NET_RAW\", \"ALL\"]\n",
        ),
        (
            "        drop:\n        - NET_RAW\n        # end\n",
            "        drop:\n        - NET_RAW\n        - ALL\n        # end\n",
        ),
        ("        drop: []\n", "        drop: [ALL]\n"),
        (
            "        add: []\n",
            "        add: []\n        drop:\n        - ALL\n",
        ),
    ] {
        assert_eq!(made(&[dropped], before), text(wanted), "{before}");
    }
}

#[test]
fn what_is_shared_is_refused_and_what_is_not_is_fixed() {
    let shared = pod(
        "    securityContext: &context\n      privileged: true\n  - name: other\n    image: registry.example.com/web:1\n    securityContext: *context\n",
    );
    assert_eq!(
        refusal(&shared, PRIVILEGED),
        [
            Reason::Refused(Refusal::Shared),
            Reason::Refused(Refusal::Shared)
        ]
    );
    let merged = pod(
        "    securityContext: &context\n      privileged: true\n      runAsUser: 5\n  - name: other\n    image: registry.example.com/web:1\n    securityContext:\n      <<: *context\n",
    );
    // What comes in by a merge key is overridden beside it; what it names stays as it is.
    let (made, outcome) = fixed("a.yaml", &merged, PRIVILEGED);
    assert_eq!(made, format!("{merged}      privileged: false\n"));
    assert_eq!(outcome.not_fixed.len(), 1);
    // A value of its own beside a merge key, and an anchor that nobody uses.
    let own = pod("    securityContext: &context\n      privileged: true\n");
    assert_eq!(after(&own, PRIVILEGED), own.replace("true", "false"));
    let alias = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations: {x: &yes \"true\"}\nspec:\n  hostPID: &flag true\n  hostIPC: *flag\n  containers: []\n";
    let ipc = control("host-ipc");
    assert_eq!(after(alias, &[ipc]), alias.replace("*flag", "false"));
}

#[test]
fn json_stays_json() {
    let escalation = control("privilege-escalation-allowed");
    let compact = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"web","image":"a:1"}]}}"#;
    assert_eq!(
        after(compact, &[escalation]),
        compact.replace(
            r#""a:1""#,
            r#""a:1","securityContext":{"allowPrivilegeEscalation":false}"#
        )
    );
    let pretty = "{\n    \"apiVersion\": \"v1\",\n    \"kind\": \"Pod\",\n    \"metadata\": {\"name\": \"web\"},\n    \"spec\": {\n        \"containers\": [\n            {\n                \"name\": \"web\"\n            }\n        ]\n    }\n}\n";
    assert_eq!(
        after(pretty, &[escalation]),
        pretty.replace(
            "\"name\": \"web\"\n",
            "\"name\": \"web\",\n                \"securityContext\": {\n                    \"allowPrivilegeEscalation\": false\n                }\n"
        )
    );
}

#[test]
fn several_documents_and_lists_keep_what_is_not_concerned() {
    let escalation = control("privilege-escalation-allowed");
    let first = "# licence\n---\n# no object\nkey: value\n...\n---\n";
    let pod = pod("");
    let text = format!(
        "{first}{pod}---\nkind: List\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {{name: b}}\n  spec: {{containers: [{{name: b, image: 'b:1'}}]}}\n"
    );
    let wanted = format!(
        "{first}{pod}    securityContext:\n      allowPrivilegeEscalation: false\n---\nkind: List\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {{name: b}}\n  spec: {{containers: [{{name: b, image: 'b:1', securityContext: {{allowPrivilegeEscalation: false}}}}]}}\n"
    );
    assert_eq!(after(&text, &[escalation]), wanted);
}

#[test]
fn what_the_api_server_would_refuse_is_not_made() {
    let escalation = control("privilege-escalation-allowed");
    let text = pod("    securityContext:\n      privileged: true\n");
    let reasons = refusal(&text, &[escalation]);
    assert!(matches!(&reasons[..], [Reason::Invalid(_)]), "{reasons:?}");
    // Both together are sound.
    let made = after(&text, &["PSC-001", escalation]);
    assert!(made.ends_with("privileged: false\n      allowPrivilegeEscalation: false\n"));
}
