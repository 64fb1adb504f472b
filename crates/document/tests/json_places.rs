//! Where the values of JSON stand: found from the text, they are where they were written.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use plimsoll_document::{Format, Limits, Node, Source, parse};
use proptest::prelude::*;

/// A value, as it is written.
#[derive(Debug, Clone)]
enum Written {
    Scalar(String),
    List(Vec<Written>),
    Map(Vec<(String, Written)>),
}

/// First byte of the key or value, and the bytes of the value.
type Place = (u32, u32, u32);

/// Writes values with blanks between all tokens, and notes where each stands.
struct Writer {
    text: String,
    blanks: Vec<&'static str>,
    next: usize,
    places: Vec<Place>,
}

impl Writer {
    fn blank(&mut self) {
        self.next += 1;
        self.text
            .push_str(self.blanks[self.next % self.blanks.len()]);
    }

    fn at(&self) -> u32 {
        self.text.len() as u32
    }

    fn value(&mut self, value: &Written, key_start: Option<u32>) {
        let start = self.at();
        let number = self.places.len();
        self.places.push((key_start.unwrap_or(start), start, 0));
        match value {
            Written::Scalar(text) => self.text.push_str(text),
            Written::List(elements) => {
                self.text.push('[');
                self.blank();
                for (at, element) in elements.iter().enumerate() {
                    self.comma(at);
                    self.value(element, None);
                    self.blank();
                }
                self.text.push(']');
            }
            Written::Map(entries) => {
                self.text.push('{');
                self.blank();
                for (at, (key, element)) in entries.iter().enumerate() {
                    self.comma(at);
                    let key_start = self.at();
                    self.text.push_str(&format!("\"k{at}{key}\""));
                    self.blank();
                    self.text.push(':');
                    self.blank();
                    self.value(element, Some(key_start));
                    self.blank();
                }
                self.text.push('}');
            }
        }
        self.places[number].2 = self.at();
    }

    fn comma(&mut self, at: usize) {
        if at > 0 {
            self.text.push(',');
            self.blank();
        }
    }
}

/// Places of a node and all below it, each before those below it.
fn places(node: Node<'_>, found: &mut Vec<Place>) {
    let span = node.span();
    found.push((node.start(), span.start, span.end));
    for child in node.children() {
        places(child, found);
    }
}

fn found(text: &str) -> Vec<Place> {
    let parsed = parse(
        &Arc::new(Source::new("x.json", text)),
        Format::Json,
        &Limits::default(),
    );
    let root = parsed.documents[0].root.expect("the text is JSON");
    let mut found = Vec::new();
    places(parsed.tree.node(root), &mut found);
    found
}

fn value() -> impl Strategy<Value = Written> {
    let scalars = [
        "null",
        "true",
        "false",
        "0",
        "-7",
        "2147483648",
        "18446744073709551615",
        "-1.5e+3",
        r#""""#,
        r#""text, {} [] : text""#,
        r#""\"""#,
        r#""ends with a backslash \\""#,
        r#""\u00e9 \\\" ä""#,
    ];
    let keys = ["", "x", r#"\""#, r"\\", r#"\\\":,"#, "ü"];
    let scalar = proptest::sample::select(scalars.to_vec());
    let leaf = scalar.prop_map(|text| Written::Scalar(text.to_owned()));
    leaf.prop_recursive(5, 60, 6, move |inner| {
        let key = proptest::sample::select(keys.to_vec()).prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Written::List),
            proptest::collection::vec((key, inner), 0..6).prop_map(Written::Map),
        ]
    })
}

proptest! {
    #[test]
    fn values_stand_where_they_were_written(
        value in value(),
        blanks in proptest::collection::vec(proptest::sample::select(vec!["", " ", "\n", "\t", "\r\n    "]), 1..7),
    ) {
        let mut writer = Writer { text: String::new(), blanks, next: 0, places: Vec::new() };
        writer.value(&value, None);
        prop_assert_eq!(found(&writer.text), writer.places, "{}", writer.text);
    }
}

#[test]
fn a_map_with_a_key_twice_stands_where_it_was_written() {
    // The later value of `a` takes the place of the earlier one, so that the first child stands last.
    let text = r#" { "x": {"a": 1, "b": [ ], "a": {"c": 2} } , "y": [{}] }"#;
    assert_eq!(
        found(text),
        [
            (1, 1, 56),
            (3, 8, 42),
            (27, 32, 40),
            (33, 38, 39),
            (17, 22, 25),
            (45, 50, 54),
            (51, 51, 53),
        ]
    );
}
