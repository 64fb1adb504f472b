//! `+`, `-`, `*`, `/`, `%` and the sign.

use crate::error::{ErrorKind, EvalError};
use crate::value::{Duration, Heap, Timestamp, Value};

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

/// Concatenations larger than this are refused: the cost limit alone would not keep memory bounded.
const MAX_BYTES: usize = 64 << 20;

pub(crate) fn add<'a>(heap: Heap<'a>, left: Value<'a>, right: Value<'a>) -> Result<'a> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => int(heap, left.checked_add(right)),
        (Value::Uint(left), Value::Uint(right)) => uint(heap, left.checked_add(right)),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left + right)),
        (Value::String(left), Value::String(right)) => {
            check_size(heap, left.len() + right.len())?;
            Ok(Value::String(heap.concat(left, right)))
        }
        (Value::Bytes(left), Value::Bytes(right)) => {
            check_size(heap, left.len() + right.len())?;
            Ok(heap.bytes(&[left, right].concat()))
        }
        (Value::Duration(left), Value::Duration(right)) => duration(heap, left.checked_add(right)),
        (Value::Timestamp(at), Value::Duration(by))
        | (Value::Duration(by), Value::Timestamp(at)) => timestamp(heap, at.checked_add(by)),
        _ => match (left.as_list(), right.as_list()) {
            (Some(first), Some(second)) => {
                check_size(heap, (first.len() + second.len()) * size_of::<Value<'_>>())?;
                let elements: Vec<Value<'a>> = first.iter().chain(second.iter()).collect();
                Ok(heap.list(&elements))
            }
            _ => Err(heap.no_such_overload("_+_")),
        },
    }
}

pub(crate) fn subtract<'a>(heap: Heap<'a>, left: Value<'a>, right: Value<'a>) -> Result<'a> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => int(heap, left.checked_sub(right)),
        (Value::Uint(left), Value::Uint(right)) => uint(heap, left.checked_sub(right)),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left - right)),
        (Value::Duration(left), Value::Duration(right)) => {
            let negated = right.checked_negate();
            duration(heap, negated.and_then(|right| left.checked_add(right)))
        }
        (Value::Timestamp(at), Value::Duration(by)) => {
            timestamp(heap, by.checked_negate().and_then(|by| at.checked_add(by)))
        }
        (Value::Timestamp(left), Value::Timestamp(right)) => duration(heap, left.since(right)),
        _ => Err(heap.no_such_overload("_-_")),
    }
}

pub(crate) fn multiply<'a>(heap: Heap<'a>, left: Value<'a>, right: Value<'a>) -> Result<'a> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => int(heap, left.checked_mul(right)),
        (Value::Uint(left), Value::Uint(right)) => uint(heap, left.checked_mul(right)),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left * right)),
        _ => Err(heap.no_such_overload("_*_")),
    }
}

pub(crate) fn divide<'a>(heap: Heap<'a>, left: Value<'a>, right: Value<'a>) -> Result<'a> {
    match (left, right) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
            Err(heap.error(ErrorKind::DivisionByZero))
        }
        (Value::Int(left), Value::Int(right)) => int(heap, left.checked_div(right)),
        (Value::Uint(left), Value::Uint(right)) => uint(heap, left.checked_div(right)),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left / right)),
        _ => Err(heap.no_such_overload("_/_")),
    }
}

pub(crate) fn modulo<'a>(heap: Heap<'a>, left: Value<'a>, right: Value<'a>) -> Result<'a> {
    match (left, right) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
            Err(heap.error(ErrorKind::DivisionByZero))
        }
        (Value::Int(left), Value::Int(right)) => int(heap, left.checked_rem(right)),
        (Value::Uint(left), Value::Uint(right)) => uint(heap, left.checked_rem(right)),
        _ => Err(heap.no_such_overload("_%_")),
    }
}

pub(crate) fn negate<'a>(heap: Heap<'a>, operand: Value<'a>) -> Result<'a> {
    match operand {
        Value::Int(value) => int(heap, value.checked_neg()),
        Value::Double(value) => Ok(Value::Double(-value)),
        _ => Err(heap.no_such_overload("-_")),
    }
}

fn int(heap: Heap<'_>, value: Option<i64>) -> Result<'_> {
    value
        .map(Value::Int)
        .ok_or_else(|| heap.error(ErrorKind::Overflow("int")))
}

fn uint(heap: Heap<'_>, value: Option<u64>) -> Result<'_> {
    value
        .map(Value::Uint)
        .ok_or_else(|| heap.error(ErrorKind::Overflow("uint")))
}

fn duration(heap: Heap<'_>, value: Option<Duration>) -> Result<'_> {
    value
        .map(Value::Duration)
        .ok_or_else(|| heap.error(ErrorKind::Overflow("duration")))
}

fn timestamp(heap: Heap<'_>, value: Option<Timestamp>) -> Result<'_> {
    value
        .map(Value::Timestamp)
        .ok_or_else(|| heap.error(ErrorKind::Overflow("timestamp")))
}

/// That something of this size may be made.
pub(crate) fn check_size(heap: Heap<'_>, bytes: usize) -> std::result::Result<(), EvalError<'_>> {
    if bytes > MAX_BYTES {
        return Err(heap.argument_error("the result is larger than 64 MiB"));
    }
    heap.check_room(bytes)
}
