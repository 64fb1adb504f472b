//! Semantic versions, by the rules of semver.org 2.0.0.

use std::cmp::Ordering;

use super::operator_cost::{size, traversal};
use super::{Function, Object, unit_cost};
use crate::error::EvalError;
use crate::value::{Heap, Value};

/// A version.
#[derive(Debug, Clone, Copy)]
pub struct Semver<'a> {
    numbers: [u64; 3],
    pre_release: &'a str,
}

impl<'a> Semver<'a> {
    /// Reads `1.2.3-rc.1+build`.
    pub fn parse(text: &'a str) -> Option<Semver<'a>> {
        let (rest, build) = match text.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (text, None),
        };
        let (core, pre_release) = match rest.split_once('-') {
            Some((core, pre_release)) => (core, Some(pre_release)),
            None => (rest, None),
        };
        let mut parts = core.split('.');
        let mut number = || whole(parts.next()?);
        let numbers = [number()?, number()?, number()?];
        if parts.next().is_some() {
            return None;
        }
        let identifiers = |text: &str, numeric_zero: bool| {
            text.split('.').all(|part| {
                let characters = part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
                let leading_zero = !numeric_zero
                    && part.len() > 1
                    && part.starts_with('0')
                    && part.bytes().all(|byte| byte.is_ascii_digit());
                !part.is_empty() && characters && !leading_zero
            })
        };
        if pre_release.is_some_and(|text| !identifiers(text, false))
            || build.is_some_and(|text| !identifiers(text, true))
        {
            return None;
        }
        Some(Semver {
            numbers,
            pre_release: pre_release.unwrap_or(""),
        })
    }

    /// How two versions are ordered; what follows a plus sign does not count.
    pub fn precedence(&self, other: &Semver<'_>) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| {
            match (self.pre_release.is_empty(), other.pre_release.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_pre_releases(self.pre_release, other.pre_release),
            }
        })
    }
}

fn compare_pre_releases(left: &str, right: &str) -> Ordering {
    let mut left = left.split('.');
    let mut right = right.split('.');
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(one), Some(other)) => match (one.parse::<u64>(), other.parse::<u64>()) {
                (Ok(one), Ok(other)) => one.cmp(&other),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => one.cmp(other),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn whole(text: &str) -> Option<u64> {
    let well_formed = !text.is_empty()
        && text.bytes().all(|digit| digit.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'));
    well_formed.then(|| text.parse().ok())?
}

/// A version written loosely: a `v` before it, leading zeros, parts left out.
fn normalized(text: &str) -> String {
    let text = text.strip_prefix('v').unwrap_or(text);
    let core_end = text.find(['-', '+']).unwrap_or(text.len());
    let (core, rest) = text.split_at(core_end);
    let mut parts: Vec<&str> = core
        .split('.')
        .map(|part| {
            let trimmed = part.trim_start_matches('0');
            if trimmed.is_empty() && !part.is_empty() {
                "0"
            } else {
                trimmed
            }
        })
        .collect();
    // Only a version without pre-release or build may leave parts out.
    if rest.is_empty() {
        while parts.len() < 3 {
            parts.push("0");
        }
    }
    format!("{}{rest}", parts.join("."))
}

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("semver", false, semver, text_cost),
    Function::new("isSemver", false, is_semver, text_cost),
    Function::new("major", true, |h, a| number(h, a, 0), unit_cost),
    Function::new("minor", true, |h, a| number(h, a, 1), unit_cost),
    Function::new("patch", true, |h, a| number(h, a, 2), unit_cost),
];

fn text_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    arguments.first().map_or(1, |text| traversal(size(text)))
}

/// The text of a version, made strict where the second argument asks for it.
fn text_of<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
) -> std::result::Result<&'a str, EvalError<'a>> {
    match arguments {
        [Value::String(text)] | [Value::String(text), Value::Bool(false)] => Ok(text),
        [Value::String(text), Value::Bool(true)] => Ok(heap.str(&normalized(text))),
        _ => Err(heap.no_such_overload("semver")),
    }
}

fn semver<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let text = text_of(heap, arguments)?;
    Semver::parse(text)
        .map(|version| heap.object(Object::Semver(version)))
        .ok_or_else(|| heap.argument_error(&format!("{text:?} is no semantic version")))
}

fn is_semver<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::Bool(
        Semver::parse(text_of(heap, arguments)?).is_some(),
    ))
}

fn number<'a>(heap: Heap<'a>, arguments: &[Value<'a>], part: usize) -> Result<'a> {
    match arguments {
        [Value::Object(Object::Semver(version))] => Ok(Value::Int(version.numbers[part] as i64)),
        _ => Err(heap.no_such_overload("semver")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_the_specification_orders_them() {
        let ordered = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.10.0",
        ];
        for pair in ordered.windows(2) {
            let order = Semver::parse(pair[0])
                .unwrap()
                .precedence(&Semver::parse(pair[1]).unwrap());
            assert_eq!(order, Ordering::Less, "{pair:?}");
        }
        for refused in [
            "1", "1.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0+", "1.0.0.0",
        ] {
            assert!(Semver::parse(refused).is_none(), "{refused}");
        }
        for (loose, strict) in [
            ("v1.0", "1.0.0"),
            ("01.01.1", "1.1.1"),
            ("1", "1.0.0"),
            ("v1.2.3-rc.1", "1.2.3-rc.1"),
        ] {
            assert_eq!(normalized(loose), strict);
        }
    }
}
