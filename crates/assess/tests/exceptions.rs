//! Exceptions accept what they say and nothing else: the cases that other scanners get wrong, and what other tools'
//! annotations and comments mean.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking"
)]

mod scan;

use jiff::Timestamp;
use plimsoll_assess::{
    Assessment, Exception, ExceptionState, ExceptionType, Finding, FindingStatus, Glob, Selector,
    Settings, Tool, assess,
};
use plimsoll_catalog::Control;
use plimsoll_inventory::KubernetesVersion;
use scan::{CATALOG, inventory};

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: prod-web
  namespace: shop
  labels: {team: blue}
  annotations: {team: red, environment: dev}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      hostNetwork: true
      initContainers:
        - {name: prepare, image: 'a:1', securityContext: {privileged: true}}
      containers:
        - {name: web, image: 'a:1', securityContext: {privileged: true}}
        - {name: log-shipper, image: 'a:1', securityContext: {privileged: true}}
";

fn globs(patterns: &[&str]) -> Vec<Glob> {
    let read = |pattern: &&str| Glob::parse(pattern).expect("a pattern");
    patterns.iter().map(read).collect()
}

fn at(moment: &str) -> Timestamp {
    moment.parse().expect("a moment")
}

fn exception(selector: Selector) -> Exception {
    Exception {
        controls: vec!["PSC-001".to_owned()],
        selector,
        kind: ExceptionType::RiskAccepted,
        reason: "it has to".to_owned(),
        owner: "Jane".to_owned(),
        approver: "John".to_owned(),
        created: "2026-01-01".to_owned(),
        expires: "2026-03-31T14:30Z".to_owned(),
        from: at("2026-01-01T00:00:00Z"),
        until: at("2026-03-31T14:30:00Z"),
        file: "exceptions.yaml".to_owned(),
        line: 2,
    }
}

fn controls(names: &[&str]) -> Vec<&'static Control> {
    let find = |name: &&str| {
        let found = CATALOG.find_controls(name);
        found.unwrap_or_else(|unknown| panic!("{unknown}"))[0]
    };
    names.iter().map(find).collect()
}

fn scan_with(
    yaml: &str,
    names: &[&str],
    exceptions: &[Exception],
    compat: &[Tool],
    now: &str,
) -> Assessment<'static> {
    let settings = Settings {
        exceptions,
        compat,
        now: at(now),
        ..Settings::at(KubernetesVersion::NEWEST)
    };
    assess(&inventory(yaml), &controls(names), &[], settings)
}

fn is_accepted(finding: &Finding) -> bool {
    finding.status != FindingStatus::Failed
}

/// Paths of the findings that are accepted.
fn accepted(assessment: &Assessment<'_>) -> Vec<String> {
    let findings = assessment
        .findings()
        .iter()
        .filter(|finding| is_accepted(finding));
    findings.map(|finding| finding.path.to_string()).collect()
}

const DURING: &str = "2026-02-01T00:00:00Z";

#[test]
fn a_selector_means_what_it_says() {
    let all = Selector::default();
    let name = |patterns: &[&str]| Selector {
        name: globs(patterns),
        ..all.clone()
    };
    let label = |key: &str, value: &str| Selector {
        labels: vec![(key.to_owned(), globs(&[value]).remove(0))],
        ..all.clone()
    };
    for (case, selector, count) in [
        ("no selector is every object", all.clone(), 3),
        ("a name is the whole name", name(&["prod"]), 0),
        ("nor is its end one", name(&["web"]), 0),
        ("two names are no halves", name(&["prod-a", "web"]), 0),
        ("one of several holds", name(&["prod-a", "prod-w*"]), 3),
        ("a dot is a dot", name(&["prod.web"]), 0),
        ("capitals count", name(&["Prod-web"]), 0),
        ("a label", label("team", "blue"), 3),
        ("an annotation is no label", label("team", "red"), 0),
        (
            "also where no label has the key",
            label("environment", "dev"),
            0,
        ),
        (
            "the label of the pod is not the object's",
            label("tier", "front"),
            0,
        ),
        (
            "a namespace",
            Selector {
                namespace: globs(&["shop"]),
                ..all.clone()
            },
            3,
        ),
        (
            "a namespace is the whole name",
            Selector {
                namespace: globs(&["sho", "hop"]),
                ..all.clone()
            },
            0,
        ),
        (
            "no namespace is not every one",
            Selector {
                namespace: globs(&[""]),
                ..all.clone()
            },
            0,
        ),
        (
            "another kind of the same name",
            Selector {
                kind: globs(&["StatefulSet"]),
                ..name(&["prod-web"])
            },
            0,
        ),
        (
            "one container",
            Selector {
                container: globs(&["log-*"]),
                ..all.clone()
            },
            1,
        ),
        (
            "an init container",
            Selector {
                container: globs(&["prepare"]),
                ..all.clone()
            },
            1,
        ),
    ] {
        let assessment = scan_with(WEB, &["PSC-001"], &[exception(selector)], &[], DURING);
        assert_eq!(accepted(&assessment).len(), count, "{case}");
        assert_eq!(assessment.findings().len(), 3, "{case}");
        assert_eq!(assessment.exceptions[0].findings.len(), count, "{case}");
        assert_eq!(assessment.exceptions[0].is_unused(), count == 0, "{case}");
    }
}

#[test]
fn only_the_control_that_is_named_is_accepted() {
    let all = exception(Selector::default());
    let assessment = scan_with(
        WEB,
        &["PSC-001", "PSC-004"],
        std::slice::from_ref(&all),
        &[],
        DURING,
    );
    assert_eq!(accepted(&assessment).len(), 3);
    assert_eq!(assessment.findings().len(), 4, "host-network stands");
    // A finding of the pod is in no container.
    let of_container = Exception {
        controls: vec!["PSC-004".to_owned()],
        selector: Selector {
            container: globs(&["*"]),
            ..Selector::default()
        },
        ..all.clone()
    };
    let assessment = scan_with(WEB, &["PSC-004"], &[of_container], &[], DURING);
    assert!(accepted(&assessment).is_empty());
    // What was not assessed cannot be said to be unused.
    let assessment = scan_with(WEB, &["PSC-004"], &[all], &[], DURING);
    assert!(!assessment.exceptions[0].is_unused());
}

#[test]
fn an_exception_ends_to_the_minute() {
    for (now, state) in [
        ("2025-12-31T23:59:59Z", ExceptionState::NotYet),
        ("2026-01-01T00:00:00Z", ExceptionState::InForce),
        ("2026-03-31T14:29:59Z", ExceptionState::InForce),
        ("2026-03-31T14:30:00Z", ExceptionState::Expired),
        ("2027-01-01T00:00:00Z", ExceptionState::Expired),
    ] {
        let all = [exception(Selector {
            name: globs(&["prod-web"]),
            ..Selector::default()
        })];
        let assessment = scan_with(WEB, &["PSC-001"], &all, &[], now);
        let holds = state == ExceptionState::InForce;
        assert_eq!(assessment.exceptions[0].state, state, "{now}");
        assert_eq!(
            accepted(&assessment).len(),
            if holds { 3 } else { 0 },
            "{now}"
        );
        // An expired one still says what it was for.
        assert_eq!(assessment.exceptions[0].findings.len(), 3, "{now}");
        assert_eq!(
            assessment.exceptions[0].complaints().is_empty(),
            holds,
            "{now}"
        );
    }
}

#[test]
fn what_is_accepted_stays_in_the_report_and_in_the_floor() {
    let without = scan_with(WEB, &["PSC-001"], &[], &[], DURING);
    let with = scan_with(
        WEB,
        &["PSC-001"],
        &[exception(Selector::default())],
        &[],
        DURING,
    );
    assert_eq!(with.findings().len(), without.findings().len());
    assert!((with.score.floor - without.score.floor).abs() < 1e-9);
    assert!(with.score.compliance > without.score.compliance);
    assert_eq!(with.controls[0].tally.accepted, 1);
    let same = |left: &Assessment<'_>, right: &Assessment<'_>| {
        let prints = |assessment: &Assessment<'_>| -> Vec<String> {
            let findings = assessment.findings().iter();
            findings
                .map(|finding| finding.fingerprint.to_string())
                .collect()
        };
        prints(left) == prints(right)
    };
    assert!(same(&with, &without), "accepting changes no fingerprint");
}

#[test]
fn the_first_of_two_accepts_and_the_other_is_told_to_add_nothing() {
    let narrow = exception(Selector {
        name: globs(&["prod-web"]),
        ..Selector::default()
    });
    let wide = exception(Selector {
        name: globs(&["*"]),
        ..Selector::default()
    });
    let assessment = scan_with(WEB, &["PSC-001"], &[narrow, wide], &[], DURING);
    let [first, second] = &assessment.exceptions[..] else {
        panic!("two exceptions");
    };
    assert_eq!((first.accepted, second.accepted), (3, 0));
    assert!(first.complaints().is_empty(), "{:?}", first.complaints());
    let complaints = second.complaints().join("; ");
    assert!(complaints.contains("adds nothing"), "{complaints}");
    assert!(complaints.contains("over-wide"), "{complaints}");
}

#[test]
fn what_a_manifest_accepts_is_listed_even_where_it_is_unused_or_broken() {
    let yaml = WEB
        .replace(
            "annotations: {team: red",
            "annotations: {plimsoll.dev/ignore: \"PSC-001 needs devices\\nPSC-004 \\nPSC-999 no such one\\nPSC-002 not shared\", team: red",
        )
        .replace("hostNetwork: true", "hostNetwork: true # plimsoll:ignore PSC-004 the network plug-in");
    let assessment = scan_with(&yaml, &["PSC-001", "PSC-002", "PSC-004"], &[], &[], DURING);
    assert_eq!(accepted(&assessment).len(), 4);
    let said: Vec<(String, usize, String)> = assessment
        .exceptions
        .iter()
        .map(|one| {
            (
                one.controls.join(", "),
                one.accepted,
                one.complaints().join("; "),
            )
        })
        .collect();
    let text = |text: &str| text.to_owned();
    assert_eq!(
        said,
        [
            (text("PSC-004"), 1, text("")),
            (text("PSC-001"), 3, text("")),
            (text("PSC-004"), 0, text("no reason is given")),
            (text("PSC-999"), 0, text("there is no control 'PSC-999'")),
            (
                text("PSC-002"),
                0,
                text("unused: it is for nothing that was found")
            ),
        ]
    );
}

/// What a tool accepts by an annotation of the object, or of its pod template.
struct Case {
    tool: Tool,
    annotation: &'static str,
    in_template: bool,
    accepted: &'static [&'static str],
}

const fn case(tool: Tool, annotation: &'static str, accepted: &'static [&'static str]) -> Case {
    Case {
        tool,
        annotation,
        in_template: false,
        accepted,
    }
}

const fn in_template(
    tool: Tool,
    annotation: &'static str,
    accepted: &'static [&'static str],
) -> Case {
    Case {
        in_template: true,
        ..case(tool, annotation, accepted)
    }
}

const CASES: &[Case] = &[
    case(
        Tool::Checkov,
        "checkov.io/skip1: CKV_K8S_16=needs devices",
        &["PSC-001"],
    ),
    case(Tool::Checkov, "checkov.io/skip2: CKV_K8S_16", &["PSC-001"]),
    case(
        Tool::Checkov,
        "bridgecrew.io/skip1: CKV_K8S_16=why",
        &["PSC-001"],
    ),
    case(Tool::Checkov, "checkov.io/skip1: CKV_K8S_1", &[]),
    in_template(Tool::Checkov, "checkov.io/skip1: CKV_K8S_16", &[]),
    case(
        Tool::KubeLinter,
        "ignore-check.kube-linter.io/privileged-container: why",
        &["PSC-001"],
    ),
    case(
        Tool::KubeLinter,
        "kube-linter.io/ignore-all: why",
        &["PSC-001", "PSC-004", "PSC-028"],
    ),
    case(
        Tool::KubeLinter,
        "ignore-check.kube-linter.io/privileged: why",
        &[],
    ),
    in_template(
        Tool::KubeLinter,
        "ignore-check.kube-linter.io/host-network: why",
        &[],
    ),
    case(
        Tool::KubeScore,
        "kube-score/ignore: 'x, container-security-context-readonlyrootfilesystem'",
        &["PSC-028"],
    ),
    case(
        Tool::KubeScore,
        "kube-score/ignore: '*'",
        &["PSC-001", "PSC-028"],
    ),
    case(
        Tool::KubeScore,
        "kube-score/skip: 'true'",
        &["PSC-001", "PSC-028"],
    ),
    case(Tool::KubeScore, "kube-score/skip: 'false'", &[]),
    in_template(
        Tool::KubeScore,
        "kube-score/ignore: container-security-context-privileged",
        &["PSC-001"],
    ),
    case(
        Tool::Polaris,
        "polaris.fairwinds.com/hostNetworkSet-exempt: 'true'",
        &["PSC-004"],
    ),
    case(
        Tool::Polaris,
        "polaris.fairwinds.com/hostNetworkSet-exempt: 'false'",
        &[],
    ),
    case(
        Tool::Polaris,
        "polaris.fairwinds.com/exempt: 'TRUE'",
        &["PSC-001", "PSC-004", "PSC-028"],
    ),
    in_template(Tool::Polaris, "polaris.fairwinds.com/exempt: 'true'", &[]),
    case(
        Tool::Kubescape,
        "kubescape.io/skip-controls: 'C-0041, C-0057'",
        &["PSC-001", "PSC-004"],
    ),
    case(
        Tool::Kubescape,
        "kubescape.io/skip-controls: C-0057\n    kubescape.io/skip-expiry: '2026-02-01T00:00:00Z'",
        &[],
    ),
    case(
        Tool::Kubescape,
        "kubescape.io/skip-controls: C-0057\n    kubescape.io/skip-expiry: '2026-02-01T00:01:00Z'",
        &["PSC-001"],
    ),
    case(
        Tool::Kubescape,
        "kubescape.io/skip-controls: C-0057\n    kubescape.io/skip-expiry: 'soon'",
        &[],
    ),
    case(
        Tool::Terrascan,
        "runterrascan.io/skip: '[{\"rule\": \"AC_K8S_0046\", \"comment\": \"why\"}]'",
        &["PSC-001"],
    ),
    case(
        Tool::Terrascan,
        "runterrascan.io/skip: '[{\"rule\": \"AC-K8-NS-PO-M-0164\"}]'",
        &["PSC-004"],
    ),
    case(Tool::Terrascan, "runterrascan.io/skip: AC_K8S_0046", &[]),
    case(
        Tool::Datree,
        "datree.skip/CONTAINERS_INCORRECT_PRIVILEGED_VALUE_TRUE: why",
        &["PSC-001"],
    ),
    in_template(
        Tool::Datree,
        "datree.skip/CONTAINERS_INCORRECT_PRIVILEGED_VALUE_TRUE: why",
        &[],
    ),
    case(Tool::Trivy, "trivy: ignore", &[]),
];

fn accepted_controls(assessment: &Assessment<'_>) -> Vec<String> {
    let mut ids: Vec<String> = assessment
        .findings()
        .iter()
        .filter(|finding| is_accepted(finding))
        .map(|finding| assessment.controls[finding.control].control.id.clone())
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

fn annotated(annotation: &str, in_template: bool) -> String {
    let (object, template) = if in_template {
        (
            String::new(),
            format!(
                "      annotations:\n        {}\n",
                annotation.replace("\n    ", "\n        ")
            ),
        )
    } else {
        (format!("  annotations:\n    {annotation}\n"), String::new())
    };
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n{object}spec:\n  template:\n    metadata:\n      name: web\n{template}    spec:\n      hostNetwork: true\n      containers:\n        - name: web\n          image: a:1\n          securityContext:\n            privileged: true\n"
    )
}

#[test]
fn annotations_of_other_tools_mean_what_they_mean_there() {
    let asked = ["PSC-001", "PSC-004", "PSC-028"];
    for Case {
        tool,
        annotation,
        in_template,
        accepted,
    } in CASES
    {
        let yaml = annotated(annotation, *in_template);
        let assessment = scan_with(&yaml, &asked, &[], &[*tool], DURING);
        assert_eq!(accepted_controls(&assessment), *accepted, "{annotation}");
        assert_eq!(
            assessment
                .exceptions
                .iter()
                .map(|one| one.accepted)
                .sum::<usize>(),
            assessment.accepted_findings()
        );
        // Nobody honours what nobody asked to be honoured.
        let others: Vec<Tool> = Tool::ALL
            .into_iter()
            .filter(|other| other != tool)
            .collect();
        let assessment = scan_with(&yaml, &asked, &[], &others, DURING);
        assert!(assessment.exceptions.is_empty(), "{annotation}");
    }
}

#[test]
fn comments_of_other_tools_mean_what_they_mean_there() {
    let base = annotated("a: b", false);
    let asked = ["PSC-001", "PSC-004", "PSC-028"];
    let with = |from: &str, to: &str, tool: Tool| {
        let yaml = base.replace(from, to);
        assert_ne!(yaml, base);
        let assessment = scan_with(&yaml, &asked, &[], &[tool], DURING);
        accepted_controls(&assessment)
    };
    let privileged = "            privileged: true";
    for id in ["AVD-KSV-0017", "KSV-0017", "KSV017", "avd-ksv-0017"] {
        let text = format!("{privileged} #trivy:ignore:{id} why");
        assert_eq!(with(privileged, &text, Tool::Trivy), ["PSC-001"], "{id}");
    }
    let host = "      hostNetwork: true";
    let trivy = |to: &str| with(host, to, Tool::Trivy);
    assert_eq!(
        trivy(&format!("      # trivy:ignore:KSV-0009\n{host}")),
        ["PSC-004"]
    );
    assert!(trivy(&format!("{host} # trivy:ignore:KSV-0017")).is_empty());
    assert!(trivy(&format!("      # trivy:ignore:KSV-0009\n\n{host}")).is_empty());
    assert_eq!(
        trivy(&format!("{host} # trivy:ignore:KSV-0009:exp:2026-02-02")),
        ["PSC-004"]
    );
    assert!(trivy(&format!("{host} # trivy:ignore:KSV-0009:exp:2026-02-01")).is_empty());
    assert!(trivy(&format!("{host} # trivy:ignore:*")).is_empty());
    // On a block it is for all in it, and several stand above each other.
    let block = "# trivy:ignore:KSV-0009\n# trivy:ignore:KSV-0017\napiVersion";
    assert_eq!(
        with("apiVersion", block, Tool::Trivy),
        ["PSC-001", "PSC-004"]
    );
    let spec = "    # trivy:ignore:KSV-0009\n    spec:";
    assert_eq!(with("    spec:", spec, Tool::Trivy), ["PSC-004"]);
    // Checkov's are for the whole object they stand in.
    let checkov = "metadata:\n  # checkov:skip=CKV_K8S_16:why\n  name";
    assert_eq!(
        with("metadata:\n  name", checkov, Tool::Checkov),
        ["PSC-001"]
    );
    // What stands in a text is no comment.
    let text = "  annotations:\n    note: |\n      # checkov:skip=CKV_K8S_16:why\n";
    assert!(with("  annotations:\n", text, Tool::Checkov).is_empty());
}

#[test]
fn a_comment_is_for_one_of_several_objects() {
    let one = annotated("a: b", false);
    let two = format!(
        "{}---\n{}",
        one,
        one.replace(
            "metadata:\n  name: web",
            "metadata:\n  # checkov:skip=CKV_K8S_16:why\n  name: api"
        )
    );
    let assessment = scan_with(&two, &["PSC-001"], &[], &[Tool::Checkov], DURING);
    assert_eq!(assessment.findings().len(), 2);
    let statuses: Vec<bool> = assessment.findings().iter().map(is_accepted).collect();
    assert_eq!(statuses, [false, true]);
}
