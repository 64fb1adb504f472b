//! Random objects in random styles, and random edits: what was meant changes, and nothing else.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

#[path = "fixing/writer.rs"]
mod writer;

use std::collections::HashMap;
use std::sync::Arc;

use plimsoll_assess::PlannedEdit;
use plimsoll_catalog::{EditKind, to_json};
use plimsoll_document::{Format, Key, Limits, Parsed, Path, Segment, Source, parse};
use plimsoll_remedy::{Plan, apply_edits, change_object, prove};
use proptest::prelude::*;
use serde_json::Value as Json;
use writer::{Dice, write};

fn parsed(text: &str, format: Format) -> Parsed {
    parse(&Arc::new(Source::new("", text)), format, &Limits::default())
}

/// All places of a value.
fn places(value: &Json, path: &Path, places: &mut Vec<Path>) {
    let mut below = |segment: Segment, value: &Json| {
        let path = path.join(&[segment]);
        places.push(path.clone());
        self::places(value, &path, places);
    };
    match value {
        Json::Object(map) => {
            for (key, value) in map {
                below(Segment::Key(Key::new(key)), value);
            }
        }
        Json::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                below(Segment::Index(at), value);
            }
        }
        _ => {}
    }
}

fn edit(object: &Json, dice: &mut Dice) -> PlannedEdit {
    let mut all = Vec::new();
    places(object, &Path::default(), &mut all);
    let place = all[dice.below(all.len())].clone();
    let key = |name: &str| Segment::Key(Key::new(name));
    match dice.below(5) {
        0 => PlannedEdit {
            path: place,
            kind: EditKind::Remove,
        },
        1 => PlannedEdit {
            path: place,
            kind: EditKind::Set(dice.value(1)),
        },
        2 => PlannedEdit {
            path: place.join(&[key("new"), key("p.q/r")]),
            kind: EditKind::Set(dice.value(2)),
        },
        3 => PlannedEdit {
            path: place.join(&[key("a")]),
            kind: EditKind::Append(dice.value(1)),
        },
        _ => PlannedEdit {
            path: place,
            kind: EditKind::Append(dice.value(1)),
        },
    }
}

/// `.a.0`, as comments name places.
fn dotted(path: &Path) -> String {
    let segments = path.segments.iter().map(|segment| match segment {
        Segment::Key(key) => format!(".{}", key.name()),
        Segment::Index(index) => format!(".{index}"),
        Segment::Every => String::new(),
    });
    segments.collect()
}

/// The places that comments of a text name.
fn comments(text: &str) -> Vec<&str> {
    text.match_indices("# at ")
        .map(|(at, mark)| {
            let rest = &text[at + mark.len()..];
            &rest[..rest.find(". ").unwrap_or(rest.len())]
        })
        .collect()
}

fn check(seed: u64) -> Result<bool, TestCaseError> {
    let mut dice = Dice(seed);
    let mut object = loop {
        if let value @ Json::Object(_) = dice.value(4)
            && value.as_object().is_some_and(|map| !map.is_empty())
        {
            break value;
        }
    };
    let is_json = dice.one_in(6);
    let text = match (is_json, dice.one_in(2)) {
        (true, true) => object.to_string(),
        (true, false) => serde_json::to_string_pretty(&object).expect("text"),
        (false, _) => write(&object, &mut dice),
    };
    let format = if is_json { Format::Json } else { Format::Yaml };
    let before = parsed(&text, format);
    prop_assert!(before.problems.is_empty(), "{:?}\n{text}", before.problems);
    let root = before.tree.node(before.documents[0].root.expect("a root"));
    prop_assert_eq!(&to_json(root), &object, "{}", text);
    let mut plan = Plan::default();
    let mut edits = Vec::new();
    for _ in 0..=dice.below(3) {
        let edit = edit(&object, &mut dice);
        if plan.add(root, std::slice::from_ref(&edit)).is_ok() {
            edits.push(edit);
        }
    }
    object.take();
    let Ok(changes) = change_object(root, format, &plan) else {
        return Ok(false);
    };
    let Some(after) = apply_edits(&text, changes) else {
        return Ok(false);
    };
    let shown = || format!("{edits:?}\n{text}\n--- became\n{after}");
    let new = parsed(&after, format);
    let plans = HashMap::from([(root.id(), plan.clone())]);
    if let Err(unproven) = prove(&before, &new, &plans) {
        return Err(TestCaseError::fail(format!("{unproven}: {}", shown())));
    }
    // Comments that stand at no edited place are all there.
    let concerned = |place: &str| {
        edits.iter().any(|edit| {
            let path = dotted(&edit.path);
            let is_below = place
                .strip_prefix(&path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            is_below && !matches!(edit.kind, EditKind::Append(_))
        })
    };
    let left: Vec<&str> = comments(&after);
    for place in comments(&text) {
        let is_there = left.contains(&place);
        prop_assert!(is_there || concerned(place), "{place} is gone: {}", shown());
    }
    // Line ends are of one kind, and the last line has one where it had one.
    let windows = |text: &str| text.matches("\r\n").count();
    if text.contains('\n') {
        let all_windows = windows(&text) == text.matches('\n').count();
        let is_kept = if all_windows {
            windows(&after) == after.matches('\n').count()
        } else {
            windows(&after) == 0
        };
        prop_assert!(is_kept, "line ends: {}", shown());
        prop_assert_eq!(text.ends_with('\n'), after.ends_with('\n'), "{}", shown());
    }
    // Carrying out nothing changes nothing.
    let none = change_object(root, format, &Plan::default());
    prop_assert_eq!(none.map(|edits| edits.len()), Ok(0));
    Ok(!plan.is_empty())
}

#[test]
fn only_what_is_meant_changes() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 6_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let edited = std::cell::Cell::new(0);
    let result = runner.run(&any::<u64>(), |seed| {
        if check(seed)? {
            edited.set(edited.get() + 1);
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    // Edits that make no sense at their place are refused, and most others are not.
    assert!(edited.get() > 2_000, "only {} edits", edited.get());
}
