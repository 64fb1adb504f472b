//! The list library of Kubernetes: order, sums, positions.

use std::cmp::Ordering;

use super::equality::equal;
use super::operator_cost::{count_chars, size, traversal};
use super::order::compare;
use super::{Function, arithmetic};
use crate::error::EvalError;
use crate::value::{Duration, Heap, ListView, Value};

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("isSorted", true, is_sorted, cost),
    Function::new("sum", true, sum, cost),
    // Where the type of the elements is known, the sum of none is of that type.
    Function::new("@sumOfUint", true, sum_of_uint, cost),
    Function::new("@sumOfDouble", true, sum_of_double, cost),
    Function::new("@sumOfDuration", true, sum_of_duration, cost),
    Function::new("min", true, min, cost),
    Function::new("max", true, max, cost),
    Function::new("includes", true, includes, cost),
];

/// One traversal of the list and of the texts in it.
pub(super) fn cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    let Some(target) = arguments.first() else {
        return 1;
    };
    let Some(list) = target.as_list() else {
        return traversal(size(target));
    };
    list.iter()
        .map(|element| match element {
            Value::String(text) => traversal(count_chars(text)),
            Value::Bytes(bytes) => traversal(bytes.len() as u64),
            _ => 1,
        })
        .sum()
}

fn list_of<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
    function: &'static str,
) -> std::result::Result<ListView<'a>, EvalError<'a>> {
    let list = arguments.first().and_then(|list| list.as_list());
    list.ok_or_else(|| heap.no_such_overload(function))
}

fn is_sorted<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let list = list_of(heap, arguments, "isSorted")?;
    let elements: Vec<Value<'a>> = list.iter().collect();
    for pair in elements.windows(2) {
        let order = compare(pair[0], pair[1]).ok_or_else(|| heap.no_such_overload("isSorted"))?;
        if order == Some(Ordering::Greater) {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn sum<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let list = list_of(heap, arguments, "sum")?;
    let zero = match list.get(0) {
        None | Some(Value::Int(_)) => Value::Int(0),
        Some(Value::Uint(_)) => Value::Uint(0),
        Some(Value::Double(_)) => Value::Double(0.0),
        Some(Value::Duration(_)) => Value::Duration(NO_TIME),
        Some(_) => return Err(heap.no_such_overload("sum")),
    };
    sum_from(heap, zero, list)
}

fn sum_of_uint<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    sum_from(heap, Value::Uint(0), list_of(heap, arguments, "sum")?)
}

fn sum_of_double<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    sum_from(heap, Value::Double(0.0), list_of(heap, arguments, "sum")?)
}

fn sum_of_duration<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let zero = Value::Duration(NO_TIME);
    sum_from(heap, zero, list_of(heap, arguments, "sum")?)
}

const NO_TIME: Duration = Duration {
    seconds: 0,
    nanos: 0,
};

fn sum_from<'a>(heap: Heap<'a>, zero: Value<'a>, list: ListView<'a>) -> Result<'a> {
    let mut total = zero;
    for element in list.iter() {
        total = arithmetic::add(heap, total, element)?;
    }
    Ok(total)
}

fn min<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    extreme(heap, arguments, "min", Ordering::Less)
}

fn max<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    extreme(heap, arguments, "max", Ordering::Greater)
}

fn extreme<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
    function: &'static str,
    wanted: Ordering,
) -> Result<'a> {
    let list = list_of(heap, arguments, function)?;
    let mut best = list
        .get(0)
        .ok_or_else(|| heap.argument_error(&format!("{function} called on empty list")))?;
    for element in list.iter() {
        let order = compare(element, best).ok_or_else(|| heap.no_such_overload(function))?;
        if order == Some(wanted) {
            best = element;
        }
    }
    Ok(best)
}

fn includes<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let [target, wanted] = arguments else {
        return Err(heap.no_such_overload("includes"));
    };
    // What is no list includes what it equals.
    let includes = match target.as_list() {
        Some(list) => list.iter().any(|element| equal(element, *wanted)),
        None => equal(*target, *wanted),
    };
    Ok(Value::Bool(includes))
}

/// `indexOf` of a list.
pub(super) fn index_of<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let list = list_of(heap, arguments, "indexOf")?;
    let wanted = arguments.get(1).copied().unwrap_or(Value::Null);
    let found = list.iter().position(|element| equal(element, wanted));
    Ok(Value::Int(found.map_or(-1, |at| at as i64)))
}

/// `lastIndexOf` of a list.
pub(super) fn last_index_of<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let list = list_of(heap, arguments, "lastIndexOf")?;
    let wanted = arguments.get(1).copied().unwrap_or(Value::Null);
    let found = list.iter().rposition(|element| equal(element, wanted));
    Ok(Value::Int(found.map_or(-1, |at| at as i64)))
}
