//! What must hold whatever is scanned: a verdict depends on the object, and on nothing around it.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod scan;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use plimsoll_catalog::{Control, Needs};
use proptest::prelude::*;
use scan::{CATALOG, scan};

/// Every example that is one object, of every page that judges an object by itself; each under a name of its own.
static EXAMPLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut examples = Vec::new();
    for control in alone() {
        for section in ["Passes", "Fails"] {
            for example in control.page.examples(section) {
                // What names an owner is not judged beside it.
                if example.yaml.contains("\n---") || example.yaml.contains("ownerReferences") {
                    continue;
                }
                let name = format!("\n  name: example-{}\n", examples.len());
                let Some(start) = example.yaml.find("\n  name: ") else {
                    continue;
                };
                let end = start + 1 + example.yaml[start + 1..].find('\n').expect("a line ends");
                examples.push(format!(
                    "{}{name}{}",
                    &example.yaml[..start],
                    &example.yaml[end + 1..]
                ));
            }
        }
    }
    examples
});

/// The controls that judge an object by itself.
fn alone() -> impl Iterator<Item = &'static Control> {
    CATALOG
        .controls()
        .iter()
        .filter(|control| control.needs == Needs::Manifest)
}

/// By object: control, path and message of what was found.
type Verdicts = BTreeMap<String, Vec<(usize, String, String)>>;

fn verdicts(yaml: &str) -> Verdicts {
    let controls: Vec<&Control> = alone().collect();
    let inventory = scan::inventory(yaml);
    let assessment = scan(yaml, &controls, 37);
    let mut verdicts: Verdicts = inventory
        .judged()
        .map(|(_, object)| (format!("{} {}", object.kind(), object.name()), Vec::new()))
        .collect();
    for finding in assessment.findings() {
        let object = &inventory.objects()[finding.object.0 as usize];
        let found = (
            finding.control,
            finding.path.to_string(),
            finding.message.clone(),
        );
        verdicts
            .get_mut(&format!("{} {}", object.kind(), object.name()))
            .expect("findings are about judged objects")
            .push(found);
    }
    verdicts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn neither_order_nor_company_changes_a_verdict(
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..12), shuffled in any::<prop::sample::Index>(),
    ) {
        let mut numbers: Vec<usize> = picks.iter().map(|pick| pick.index(EXAMPLES.len())).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let alone: Verdicts = numbers.iter().flat_map(|number| verdicts(&EXAMPLES[*number])).collect();
        let together: Vec<&str> = numbers.iter().map(|number| EXAMPLES[*number].as_str()).collect();
        prop_assert_eq!(&verdicts(&together.join("---\n")), &alone);
        let mut other_order = together;
        let turn = shuffled.index(other_order.len());
        other_order.rotate_left(turn);
        other_order.reverse();
        prop_assert_eq!(&verdicts(&other_order.join("---\n")), &alone);
    }
}

#[test]
fn a_list_and_documents_of_their_own_are_the_same() {
    for example in EXAMPLES.iter() {
        let lines: Vec<&str> = example.lines().collect();
        let indented = format!(
            "    {}
",
            lines.join(
                "
    "
            )
        );
        let list = format!("apiVersion: v1\nkind: List\nitems:\n  -\n{indented}");
        assert_eq!(verdicts(&list), verdicts(example), "{example}");
    }
}

#[test]
fn what_a_controller_made_is_reported_at_the_controller() {
    let owner = "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata:\n  name: web\n  uid: u1\nspec:\n  template:\n    spec:\n      hostPID: true\n      containers: []\n";
    let pod = |uid: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web-1\n  ownerReferences:\n    - {{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: {uid}, controller: true}}\nspec:\n  hostPID: true\n  containers: []\n"
        )
    };
    let judged = |yaml: &str| scan::inventory(yaml).judged().count();
    assert_eq!(judged(&format!("{owner}---\n{}", pod("u1"))), 1);
    // Another owner of the same name, and one that is not there: the Pod stands for itself.
    assert_eq!(judged(&format!("{owner}---\n{}", pod("u2"))), 2);
    assert_eq!(judged(&pod("u1")), 1);
}

#[test]
fn a_finding_can_be_accepted_with_a_reason_only() {
    let control = CATALOG
        .find_controls("host-pid")
        .expect("the control exists");
    let pod = |spec: &str, annotation: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  annotations: {{{annotation}}}\nspec:\n  {spec}\n"
        )
    };
    let accepted = |yaml: &str| scan(yaml, &control, 37).accepted_findings();
    assert_eq!(accepted(&pod("hostPID: true", "")), 0);
    assert_eq!(
        accepted(&pod(
            "hostPID: true   # plimsoll:ignore PSC-002 reads processes",
            ""
        )),
        1
    );
    assert_eq!(
        accepted(&pod(
            "# plimsoll:ignore host-pid reads processes\n  hostPID: true",
            ""
        )),
        1
    );
    assert_eq!(
        accepted(&pod(
            "hostPID: true",
            "plimsoll.dev/ignore: \"PSC-002 reads processes\""
        )),
        1
    );
    // Without a reason, for another control, or somewhere else it does not count.
    assert_eq!(
        accepted(&pod("hostPID: true   # plimsoll:ignore PSC-002", "")),
        0
    );
    assert_eq!(
        accepted(&pod(
            "hostPID: true   # plimsoll:ignore PSC-003 reads processes",
            ""
        )),
        0
    );
    assert_eq!(
        accepted(&pod(
            "hostPID: true\n  # plimsoll:ignore PSC-002 reads processes",
            ""
        )),
        0
    );
}

#[test]
fn a_value_of_a_wrong_type_is_not_assessed_and_never_passed() {
    let control = CATALOG
        .find_controls("PSC-001")
        .expect("the control exists");
    let yaml = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n    - name: a\n      securityContext: {privileged: \"yes\"}\n";
    let assessment = scan(yaml, &control, 37);
    assert_eq!(assessment.not_assessed.len(), 1);
    assert_eq!(
        assessment.controls[0].status,
        plimsoll_assess::ControlStatus::NotAssessed
    );
    // Null is what the API server drops: the default counts.
    let yaml = yaml.replace("\"yes\"", "null");
    assert_eq!(
        scan(&yaml, &control, 37).controls[0].status,
        plimsoll_assess::ControlStatus::Passed
    );
}

#[test]
fn no_finding_shows_a_secret() {
    let yaml = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{\"stringData\":{\"password\":\"hunter2-hunter2\"}}'\nstringData:\n  password: hunter2-hunter2\ndata:\n  other: aHVudGVyMi1odW50ZXIy\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\ndata:\n  db.password: hunter2-hunter2\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec:\n  containers:\n    - name: web\n      image: web\n      args: [--password=hunter2-hunter2]\n      env:\n        - {name: DB_PASSWORD, value: hunter2-hunter2}\n";
    let controls: Vec<&Control> = CATALOG.controls().iter().collect();
    let assessment = scan(yaml, &controls, 37);
    let of_secrets = assessment
        .findings()
        .iter()
        .filter(|finding| controls[finding.control].area == "secrets")
        .count();
    assert!(of_secrets > 3, "only {of_secrets}");
    for finding in assessment.findings() {
        let shown = format!("{} {}", finding.observed, finding.message);
        let id = &controls[finding.control].id;
        assert!(
            !shown.contains("hunter2") && !shown.contains("aHVudGVyMi"),
            "{id}: {shown}"
        );
    }
}
