//! What mutations need.

use super::Function;
use super::operator_cost::{size, traversal};
use crate::error::EvalError;
use crate::value::{Heap, Value};

pub(super) static FUNCTIONS: &[Function] = &[Function::new(
    "jsonpatch.escapeKey",
    false,
    escape_key,
    |arguments, _| arguments.first().map_or(1, |key| traversal(size(key))),
)];

/// A key as a segment of a JSON Pointer.
fn escape_key<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<Value<'a>, EvalError<'a>> {
    match arguments {
        [Value::String(key)] => Ok(heap.string(&key.replace('~', "~0").replace('/', "~1"))),
        _ => Err(heap.no_such_overload("jsonpatch.escapeKey")),
    }
}
