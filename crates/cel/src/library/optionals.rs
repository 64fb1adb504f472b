//! Optionals. `or` and `orValue` are the evaluator's, since they leave out what is not needed.

use super::{Function, unit_cost};
use crate::error::{ErrorKind, EvalError};
use crate::value::{Heap, Value};

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("optional.of", false, of, unit_cost),
    Function::new("optional.none", false, none, unit_cost),
    Function::new(
        "optional.ofNonZeroValue",
        false,
        of_non_zero_value,
        unit_cost,
    ),
    Function::new("optional.unwrap", false, unwrap, unit_cost),
    Function::new("unwrapOpt", true, unwrap, unit_cost),
    Function::new("hasValue", true, has_value, unit_cost),
    Function::new("value", true, value, unit_cost),
];

fn of<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [value] => Ok(heap.some(*value)),
        _ => Err(heap.no_such_overload("optional.of")),
    }
}

fn none<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [] => Ok(Value::Optional(None)),
        _ => Err(heap.no_such_overload("optional.none")),
    }
}

fn of_non_zero_value<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [value] if is_zero(*value) => Ok(Value::Optional(None)),
        [value] => Ok(heap.some(*value)),
        _ => Err(heap.no_such_overload("optional.ofNonZeroValue")),
    }
}

/// Whether a value is what its type has by default.
fn is_zero(value: Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Int(value) => value == 0,
        Value::Uint(value) => value == 0,
        Value::Double(value) => value == 0.0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::Duration(duration) => duration.as_nanos() == 0,
        Value::Timestamp(at) => at.seconds == 0 && at.nanos == 0,
        Value::Optional(value) => value.is_none(),
        Value::Struct(object) => object.fields.is_empty(),
        Value::Type(_) | Value::Object(_) => false,
        Value::List(_) | Value::Map(_) | Value::Node(_) => {
            value
                .as_list()
                .is_some_and(super::super::value::ListView::is_empty)
                || value
                    .as_map()
                    .is_some_and(super::super::value::MapView::is_empty)
        }
    }
}

fn unwrap<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let list = match arguments {
        [list] => list.as_list(),
        _ => None,
    };
    let list = list.ok_or_else(|| heap.no_such_overload("optional.unwrap"))?;
    let mut values = Vec::new();
    for element in list.iter() {
        match element {
            Value::Optional(Some(value)) => values.push(*value),
            Value::Optional(None) => {}
            _ => return Err(heap.no_such_overload("optional.unwrap")),
        }
    }
    Ok(heap.list(&values))
}

fn has_value<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::Optional(value)] => Ok(Value::Bool(value.is_some())),
        _ => Err(heap.no_such_overload("hasValue")),
    }
}

fn value<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::Optional(Some(value))] => Ok(**value),
        [Value::Optional(None)] => Err(heap.error(ErrorKind::EmptyOptional)),
        _ => Err(heap.no_such_overload("value")),
    }
}
