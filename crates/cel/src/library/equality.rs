//! `==`: values of different types are different, numbers are compared by value whatever their type.

use std::cmp::Ordering;

use super::order::compare_numbers;
use crate::value::{ListView, MapView, Value};

/// Whether two values are equal.
pub(crate) fn equal(left: Value<'_>, right: Value<'_>) -> bool {
    if let Some(ordering) = compare_numbers(left, right) {
        return ordering == Some(Ordering::Equal);
    }
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::String(left), Value::String(right)) => left == right,
        (Value::Bytes(left), Value::Bytes(right)) => left == right,
        (Value::Duration(left), Value::Duration(right)) => left == right,
        (Value::Timestamp(left), Value::Timestamp(right)) => left == right,
        (Value::Type(left), Value::Type(right)) => left == right,
        (Value::Optional(left), Value::Optional(right)) => match (left, right) {
            (Some(left), Some(right)) => equal(*left, *right),
            (left, right) => left.is_none() && right.is_none(),
        },
        (Value::Object(left), Value::Object(right)) => left.is_equal(right),
        (Value::Struct(left), Value::Struct(right)) => {
            left.type_name == right.type_name
                && left.fields.len() == right.fields.len()
                && left.fields.iter().all(|(name, value)| {
                    right
                        .fields
                        .iter()
                        .any(|(other, other_value)| other == name && equal(*other_value, *value))
                })
        }
        _ => equal_containers(left, right),
    }
}

fn equal_containers(left: Value<'_>, right: Value<'_>) -> bool {
    if let (Some(left), Some(right)) = (left.as_list(), right.as_list()) {
        return equal_lists(left, right);
    }
    if let (Some(left), Some(right)) = (left.as_map(), right.as_map()) {
        return equal_maps(left, right);
    }
    false
}

fn equal_lists(left: ListView<'_>, right: ListView<'_>) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right.iter())
            .all(|(left, right)| equal(left, right))
}

fn equal_maps(left: MapView<'_>, right: MapView<'_>) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .all(|(key, value)| find(right, key).is_some_and(|other| equal(value, other)))
}

/// The value under a key; numbers are found under an equal number of any type.
pub(crate) fn find<'a>(map: MapView<'a>, key: Value<'_>) -> Option<Value<'a>> {
    if let Value::String(key) = key {
        return map.get_str(key);
    }
    match map {
        // Keys of documents are strings.
        MapView::Node(_) => None,
        MapView::Entries(entries) => entries
            .iter()
            .find(|(other, _)| equal(*other, key))
            .map(|(_, value)| *value),
    }
}
