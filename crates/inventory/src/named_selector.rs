//! Label selectors as people type them: `app=web,tier in (front, back),!legacy`.

use thiserror::Error;

use crate::label_selector::labels;
use crate::object::Object;

/// What labels an object must have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelQuery(Vec<Requirement>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Missing,
}

/// Text that is no label selector.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "'{0}' is no label selector; write it as kubectl does: app=web,tier in (front,back),!legacy"
)]
pub struct LabelQueryError(String);

impl LabelQuery {
    /// Reads a selector in the syntax of `kubectl --selector`.
    ///
    /// # Errors
    /// Text of another form.
    pub fn parse(text: &str) -> Result<LabelQuery, LabelQueryError> {
        let refused = || LabelQueryError(text.to_owned());
        let mut requirements = Vec::new();
        for part in split(text) {
            requirements.push(requirement(part.trim()).ok_or_else(refused)?);
        }
        Ok(LabelQuery(requirements))
    }

    /// Whether an object has them.
    pub fn selects(&self, object: &Object) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let label = labels(object.root());
        self.0.iter().all(|requirement| {
            let value = label(&requirement.key);
            let is_among =
                |values: &[String]| value.is_some_and(|value| values.iter().any(|of| of == value));
            match &requirement.test {
                Test::In(values) => is_among(values),
                Test::NotIn(values) => !is_among(values),
                Test::Exists => value.is_some(),
                Test::Missing => value.is_none(),
            }
        })
    }
}

/// The parts between commas that stand in no brackets.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut is_inside = false;
    text.split(move |character| {
        match character {
            '(' => is_inside = true,
            ')' => is_inside = false,
            _ => {}
        }
        character == ',' && !is_inside
    })
}

fn requirement(part: &str) -> Option<Requirement> {
    let of = |key: &str, test: Test| {
        let key = key.trim();
        let is_key = !key.is_empty()
            && key
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._/".contains(c));
        is_key.then(|| Requirement {
            key: key.to_owned(),
            test,
        })
    };
    let one = |value: &str| vec![value.trim().to_owned()];
    if let Some(list) = part.strip_suffix(')') {
        let (left, list) = list.split_once('(')?;
        let values = list
            .split(',')
            .map(|value| value.trim().to_owned())
            .collect();
        let (key, operator) = left.trim_end().rsplit_once(' ')?;
        return match operator {
            "in" => of(key, Test::In(values)),
            "notin" => of(key, Test::NotIn(values)),
            _ => None,
        };
    }
    if let Some((key, value)) = part.split_once("!=") {
        return of(key, Test::NotIn(one(value)));
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return of(key, Test::In(one(value)));
    }
    match part.strip_prefix('!') {
        Some(key) => of(key, Test::Missing),
        None => of(part, Test::Exists),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_read_as_kubectl_reads_them() {
        let texts = |values: &[&str]| values.iter().map(ToString::to_string).collect();
        let parsed =
            LabelQuery::parse("app=web, tier in (a, b),env!=dev,x.y/z,!old,k notin (c),e==f")
                .unwrap();
        let read: Vec<(&str, Test)> = parsed
            .0
            .iter()
            .map(|requirement| (requirement.key.as_str(), requirement.test.clone()))
            .collect();
        assert_eq!(
            read,
            [
                ("app", Test::In(texts(&["web"]))),
                ("tier", Test::In(texts(&["a", "b"]))),
                ("env", Test::NotIn(texts(&["dev"]))),
                ("x.y/z", Test::Exists),
                ("old", Test::Missing),
                ("k", Test::NotIn(texts(&["c"]))),
                ("e", Test::In(texts(&["f"]))),
            ]
        );
        for broken in ["", "=", "a b", "a in b", "a like (b)", "a,,b", "!"] {
            assert!(LabelQuery::parse(broken).is_err(), "{broken}");
        }
    }
}
