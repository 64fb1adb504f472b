//! Which findings are the same.

use super::*;

fn found(fingerprint: &str, file: &str, line: u32) -> Found {
    Found {
        fingerprint: fingerprint.to_owned(),
        control: "TST-001".to_owned(),
        accepted: false,
        kind: "Deployment".to_owned(),
        namespace: String::new(),
        name: "web".to_owned(),
        file: file.to_owned(),
        source: file.to_owned(),
        line: Some(line),
        message: String::new(),
    }
}

#[test]
fn a_moved_line_is_the_same_finding() {
    let comparison = compare(&[found("a", "x.yaml", 3)], &[found("a", "x.yaml", 90)]);
    assert_eq!(comparison.same, [(0, 0)]);
    assert_eq!((comparison.added.len(), comparison.gone.len()), (0, 0));
}

#[test]
fn an_object_that_moves_to_another_file_takes_its_findings_with_it() {
    let old = [found("a", "x.yaml", 3), found("b", "x.yaml", 4)];
    let new = [found("a", "y.yaml", 1), found("b", "y.yaml", 2)];
    assert_eq!(compare(&old, &new).same, [(0, 0), (1, 1)]);
}

#[test]
fn an_object_of_the_same_name_elsewhere_is_another_one() {
    // The staging overlay is mended, and the same is wrong in production now.
    let old = [
        found("a", "staging.yaml", 3),
        found("b", "staging.yaml", 4),
        found("b-2", "production.yaml", 4),
    ];
    let new = [
        found("a", "production.yaml", 3),
        found("b", "production.yaml", 4),
        found("b-2", "staging.yaml", 4),
    ];
    let comparison = compare(&old, &new);
    assert_eq!(comparison.added, [0]);
    assert_eq!(comparison.gone, [0]);
    assert_eq!(comparison.same, [(2, 1), (1, 2)]);
}

#[test]
fn one_more_of_a_kind_is_one_new_finding() {
    let old = [found("a", "x.yaml", 3)];
    let new = [found("a", "x.yaml", 2), found("a-2", "x.yaml", 4)];
    let comparison = compare(&old, &new);
    assert_eq!((comparison.same.len(), comparison.added.len()), (1, 1));
    assert_eq!(compare(&new, &old).gone.len(), 1);
}
