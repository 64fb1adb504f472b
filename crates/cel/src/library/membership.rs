//! `in`, and elements by index or key.

use super::equality::{equal, find};
use crate::error::EvalError;
use crate::value::{Heap, Value};

/// `element in container`.
///
/// # Errors
/// A container that is no list or map.
pub(crate) fn contains<'a>(
    heap: Heap<'a>,
    container: Value<'a>,
    element: Value<'a>,
) -> Result<bool, EvalError<'a>> {
    if let Some(list) = container.as_list() {
        return Ok(list.iter().any(|other| equal(other, element)));
    }
    if let Some(map) = container.as_map() {
        return Ok(find(map, element).is_some());
    }
    Err(heap.no_such_overload("@in"))
}

/// The element of a list or value of a map; `None` where there is none.
///
/// # Errors
/// A container that is no list or map, an index that is no whole number, a key that no map can have.
pub(crate) fn element<'a>(
    heap: Heap<'a>,
    container: Value<'a>,
    index: Value<'a>,
) -> Result<Option<Value<'a>>, EvalError<'a>> {
    if let Some(list) = container.as_list() {
        let index = match index {
            Value::Int(index) => index,
            Value::Uint(index) => i64::try_from(index).unwrap_or(i64::MAX),
            Value::Double(index) if index.fract() == 0.0 && index.abs() < 9e15 => index as i64,
            _ => return Err(heap.no_such_overload("_[_]")),
        };
        let index = usize::try_from(index).ok();
        return Ok(index.and_then(|index| list.get(index)));
    }
    if let Some(map) = container.as_map() {
        return match index {
            Value::String(_)
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Uint(_)
            | Value::Double(_) => Ok(find(map, index)),
            _ => Err(heap.no_such_overload("_[_]")),
        };
    }
    match container {
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Uint(_)
        | Value::Double(_)
        | Value::String(_)
        | Value::Bytes(_) => Ok(None),
        _ => Err(heap.no_such_overload("_[_]")),
    }
}
