use proptest::prelude::*;

use super::*;
use crate::parse::{Format, parse};
use crate::tree::Node;

/// A node as it can be compared: its key, its place, its value, what is below it.
fn shown(node: Node<'_>) -> String {
    let below: Vec<String> = node.children().map(shown).collect();
    let Span { start, end } = node.span();
    let value = if below.is_empty() {
        format!("{node:?}")
    } else {
        below.join(", ")
    };
    format!("{}@{} {start}..{end} ({value})", node.key(), node.start())
}

/// What a text holds: its items one after the other, the rest of the list, problems.
fn whole(text: &str) -> (Vec<String>, Vec<Problem>) {
    let source = Arc::new(Source::new("x.json", text));
    let parsed = parse(&source, Format::Json, &Limits::default());
    let root = parsed.documents[0].root.map(|root| parsed.tree.node(root));
    let items = root.and_then(list_items);
    let mut all: Vec<String> = items
        .into_iter()
        .flat_map(Node::children)
        .map(shown)
        .collect();
    let others = root.into_iter().flat_map(Node::children);
    all.extend(others.filter(|child| child.key() != "items").map(shown));
    all.extend(items.map(|items| format!("{:?} {}", items.span(), items.start())));
    (all, parsed.problems)
}

/// The same, read in pieces, and how many they were; `None` where it was read in one.
fn in_pieces(text: &str, size: usize) -> Option<(Vec<String>, Vec<Problem>, usize)> {
    let source = Arc::new(Source::new("x.json", text));
    let threads = Threads::new(std::num::NonZero::new(3).unwrap());
    let parsed = parse_in_pieces(&source, &Limits::default(), threads, size)?;
    if parsed.items.is_empty() {
        let expected = parse(&source, Format::Json, &Limits::default());
        assert_eq!(parsed.documents, expected.documents, "{text}");
        assert_eq!(parsed.problems, expected.problems, "{text}");
        return None;
    }
    let mut all = Vec::new();
    for part in &parsed.items {
        all.extend(part.items.iter().map(|item| shown(part.tree.node(*item))));
    }
    let root = parsed.documents[0].root.map(|root| parsed.tree.node(root));
    let others = root.into_iter().flat_map(Node::children);
    all.extend(others.filter(|child| child.key() != "items").map(shown));
    let items = root.and_then(list_items);
    all.extend(items.map(|items| format!("{:?} {}", items.span(), items.start())));
    Some((all, parsed.problems, parsed.items.len()))
}

fn list(items: &[String], separator: &str) -> String {
    let items = items.join(separator);
    format!(
        r#" {{"apiVersion": "v1","metadata":{{}},"items":[ {items} ] , "kind" : "List","x":[1]}} "#
    )
}

fn item(number: usize) -> String {
    let owner = r#"{"apiVersion":"v1","kind":"Node"}"#;
    format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"pod-{number}","x":"\u00e9\"}},{{\"apiVersion\"","own{number}":1{number}000000000,"ownerReferences":[{owner}]}},"spec":{{}}}}"#
    )
}

fn items(count: usize) -> Vec<String> {
    (0..count).map(item).collect()
}

#[track_caller]
fn same(text: &str, size: usize, least: usize) {
    let (expected, expected_problems) = whole(text);
    let (found, problems, pieces) = in_pieces(text, size).expect("the text can be read in pieces");
    assert_eq!(found, expected);
    assert_eq!(problems, expected_problems);
    assert!(pieces >= least, "{pieces} pieces of {least}");
}

#[test]
fn a_list_in_pieces_is_the_list() {
    for separator in [",", " ,\n  ", ",\r\n\t"] {
        same(&list(&items(50), separator), 700, 10);
    }
}

#[test]
fn a_seam_within_an_item_is_no_cut() {
    // Two owners stand as side by side as two items do: where such a place is met, nothing may be cut there.
    let mut all = items(40);
    let owner = r#"{"apiVersion":"v1"}"#;
    all[20] = format!(
        r#"{{"apiVersion":"v1","owners":[{}]}}"#,
        [owner; 60].join(",")
    );
    let text = list(&all, ",");
    assert_eq!(in_pieces(&text, 500), None);
    assert_eq!(whole(&text).0.len(), 40 + 5);
}

#[test]
fn a_key_that_is_there_twice_is_told_in_the_same_order() {
    let mut all = items(30);
    for number in [3, 17, 29] {
        all[number] = r#"{"apiVersion":"v1","a":1,"b":2,"a":3}"#.to_owned();
    }
    let text = list(&all, ",").replace(r#""x":[1]"#, r#""x":[1],"kind":"PodList""#);
    same(&text, 700, 5);
    assert_eq!(whole(&text).1.len(), 4);
}

#[test]
fn whatever_is_no_list_or_has_a_mistake_is_read_in_one_piece() {
    let good = list(&items(50), ",");
    let refused = [
        good.replace(r#""List""#, r#""Pod""#),
        good.replace(r#""pod-17""#, "pod-17"),
        good.replace(
            r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"pod-17""#,
            "{",
        ),
        good.replacen(" ] ", " , ] ", 1),
        good.replacen(" ] ", " ", 1),
        good.replace(r#""x":[1]"#, r#""items":[]"#),
        format!("{good}{good}"),
        format!("{good} x"),
    ];
    for text in refused {
        assert_eq!(in_pieces(&text, 700), None, "{text}");
    }
    for text in [
        "[1,2]",
        "{}",
        "",
        r#"{"a":{"items":[{},{}]}}"#,
        "{\"a\":1}\n{\"b\":2}\n",
    ] {
        assert_eq!(in_pieces(text, 0), None, "{text}");
    }
}

#[test]
fn limits_are_those_of_the_whole() {
    let deep = format!(
        r#"{{"apiVersion":"v1","x":{}1{}}}"#,
        "[".repeat(253),
        "]".repeat(253)
    );
    let mut all = items(30);
    all[20] = deep;
    let text = list(&all, ",");
    assert_eq!(in_pieces(&text, 700), None);
    let expected = whole(&text).1;
    assert!(
        matches!(
            &expected[..],
            [Problem {
                kind: ProblemKind::TooDeep(255),
                ..
            }]
        ),
        "{expected:?}"
    );
    let few = Limits {
        max_nodes: 100,
        ..Limits::default()
    };
    let source = Arc::new(Source::new("x.json", list(&items(30), ",")));
    let two = Threads::new(std::num::NonZero::new(2).unwrap());
    assert!(parse_in_pieces(&source, &few, two, 700).is_none());
}

proptest! {
    #[test]
    fn wherever_it_is_cut_it_is_the_same(
        numbers in proptest::collection::vec(0_usize..3_000, 2..60),
        size in 1_usize..2_000,
        separator in proptest::sample::select(vec![",", " , ", ",\n        "]),
    ) {
        let items: Vec<String> = numbers.into_iter().map(item).collect();
        let text = list(&items, separator);
        if let Some((found, problems, _)) = in_pieces(&text, size) {
            prop_assert_eq!((found, problems), whole(&text));
        } else {
            // Texts that are too short for two pieces are not cut.
            prop_assert!(text.len() < 2 * size, "{} bytes, pieces of {}", text.len(), size);
        }
    }
}
