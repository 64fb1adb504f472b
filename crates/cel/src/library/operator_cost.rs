//! What operators cost, in the API server's units: work on text counts a tenth of its length, rounded up.

use crate::ast::BinaryOperator;
use crate::value::Value;

/// The size that costs are computed from: code points of a string, bytes, elements, entries; 1 for all else.
pub(crate) fn size(value: &Value<'_>) -> u64 {
    match value {
        Value::String(text) => count_chars(text),
        Value::Bytes(bytes) => bytes.len() as u64,
        Value::Optional(Some(value)) => size(value),
        other => {
            if let Some(list) = other.as_list() {
                list.len() as u64
            } else if let Some(map) = other.as_map() {
                map.len() as u64
            } else {
                1
            }
        }
    }
}

/// A tenth, rounded up: the cost of going through something of this size once.
pub(crate) fn traversal(size: u64) -> u64 {
    size.div_ceil(10)
}

/// Code points of a text.
#[inline]
pub(crate) fn count_chars(text: &str) -> u64 {
    if text.len() < 32 {
        return text.bytes().filter(|byte| (byte & 0xC0) != 0x80).count() as u64;
    }
    text.chars().count() as u64
}

/// `==` of two strings.
#[inline]
pub(crate) fn equal_strings(left: &str, right: &str) -> u64 {
    // The usual case is decided by length alone: up to ten code points cost 1.
    let shorter = left.len().min(right.len());
    if (1..=10).contains(&shorter) {
        return 1;
    }
    traversal(count_chars(left).min(count_chars(right)))
}

/// `==` and `!=`.
pub(crate) fn equal(left: &Value<'_>, right: &Value<'_>) -> u64 {
    traversal(size(left).min(size(right)))
}

/// `<` and its kin.
pub(crate) fn compare(left: &Value<'_>, right: &Value<'_>) -> u64 {
    match (left, right) {
        (Value::String(_), Value::String(_)) | (Value::Bytes(_), Value::Bytes(_)) => {
            equal(left, right)
        }
        _ => 1,
    }
}

/// `+` and its kin: a concatenation goes through both texts.
pub(crate) fn arithmetic(operator: BinaryOperator, left: &Value<'_>, right: &Value<'_>) -> u64 {
    match (operator, left, right) {
        (BinaryOperator::Add, Value::String(_), Value::String(_))
        | (BinaryOperator::Add, Value::Bytes(_), Value::Bytes(_)) => {
            traversal(size(left) + size(right))
        }
        _ => 1,
    }
}

/// `in`: a list is gone through, a map is looked up in.
pub(crate) fn membership(container: &Value<'_>) -> u64 {
    container.as_list().map_or(1, |list| list.len() as u64)
}

/// `matches`, by the text and the size of the pattern.
pub(crate) fn matches(text: &str, pattern_size: u64) -> u64 {
    traversal(count_chars(text) + 1) * pattern_size.div_ceil(4)
}
