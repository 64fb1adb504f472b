//! `math.*`: not in Kubernetes, but in other dialects.

use std::cmp::Ordering;

use super::order::compare_numbers;
use super::{Function, unit_cost};
use crate::error::{ErrorKind, EvalError};
use crate::value::{Heap, Value};

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("math.greatest", false, greatest, unit_cost),
    Function::new("math.least", false, least, unit_cost),
    Function::new(
        "math.ceil",
        false,
        |h, a| double(h, a, f64::ceil),
        unit_cost,
    ),
    Function::new(
        "math.floor",
        false,
        |h, a| double(h, a, f64::floor),
        unit_cost,
    ),
    Function::new(
        "math.round",
        false,
        |h, a| double(h, a, f64::round),
        unit_cost,
    ),
    Function::new(
        "math.trunc",
        false,
        |h, a| double(h, a, f64::trunc),
        unit_cost,
    ),
    Function::new(
        "math.isInf",
        false,
        |h, a| test(h, a, f64::is_infinite),
        unit_cost,
    ),
    Function::new(
        "math.isNaN",
        false,
        |h, a| test(h, a, f64::is_nan),
        unit_cost,
    ),
    Function::new(
        "math.isFinite",
        false,
        |h, a| test(h, a, f64::is_finite),
        unit_cost,
    ),
    Function::new("math.sqrt", false, square_root, unit_cost),
    Function::new("math.abs", false, absolute, unit_cost),
    Function::new("math.sign", false, sign, unit_cost),
    Function::new(
        "math.bitAnd",
        false,
        |h, a| bits(h, a, |x, y| x & y),
        unit_cost,
    ),
    Function::new(
        "math.bitOr",
        false,
        |h, a| bits(h, a, |x, y| x | y),
        unit_cost,
    ),
    Function::new(
        "math.bitXor",
        false,
        |h, a| bits(h, a, |x, y| x ^ y),
        unit_cost,
    ),
    Function::new("math.bitNot", false, bit_not, unit_cost),
    Function::new(
        "math.bitShiftLeft",
        false,
        |h, a| shift(h, a, true),
        unit_cost,
    ),
    Function::new(
        "math.bitShiftRight",
        false,
        |h, a| shift(h, a, false),
        unit_cost,
    ),
];

fn greatest<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    extreme(heap, arguments, Ordering::Greater)
}

fn least<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    extreme(heap, arguments, Ordering::Less)
}

/// The first of the arguments, or of the elements of the one list, that no other surpasses.
fn extreme<'a>(heap: Heap<'a>, arguments: &[Value<'a>], wanted: Ordering) -> Result<'a> {
    let refused = || heap.no_such_overload("math.greatest");
    let elements: Vec<Value<'a>> = match arguments {
        [list] if list.as_list().is_some() => list
            .as_list()
            .map(|list| list.iter().collect())
            .unwrap_or_default(),
        arguments => arguments.to_vec(),
    };
    let mut best = *elements
        .first()
        .ok_or_else(|| heap.argument_error("math.greatest() and math.least() need a number"))?;
    compare_numbers(best, best).ok_or_else(refused)?;
    for element in &elements[1..] {
        if compare_numbers(*element, best).ok_or_else(refused)? == Some(wanted) {
            best = *element;
        }
    }
    Ok(best)
}

fn double<'a>(heap: Heap<'a>, arguments: &[Value<'a>], apply: fn(f64) -> f64) -> Result<'a> {
    match arguments {
        [Value::Double(value)] => Ok(Value::Double(apply(*value))),
        _ => Err(heap.no_such_overload("math")),
    }
}

fn test<'a>(heap: Heap<'a>, arguments: &[Value<'a>], apply: fn(f64) -> bool) -> Result<'a> {
    match arguments {
        [Value::Double(value)] => Ok(Value::Bool(apply(*value))),
        _ => Err(heap.no_such_overload("math")),
    }
}

fn square_root<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::Double(value)] => Ok(Value::Double(value.sqrt())),
        [Value::Int(value)] => Ok(Value::Double((*value as f64).sqrt())),
        [Value::Uint(value)] => Ok(Value::Double((*value as f64).sqrt())),
        _ => Err(heap.no_such_overload("math.sqrt")),
    }
}

fn absolute<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::Double(value)] => Ok(Value::Double(value.abs())),
        [Value::Uint(value)] => Ok(Value::Uint(*value)),
        [Value::Int(value)] => value
            .checked_abs()
            .map(Value::Int)
            .ok_or_else(|| heap.error(ErrorKind::Overflow("int"))),
        _ => Err(heap.no_such_overload("math.abs")),
    }
}

fn sign<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::Double(value)] if value.is_nan() || *value == 0.0 => Ok(Value::Double(*value)),
        [Value::Double(value)] => Ok(Value::Double(value.signum())),
        [Value::Uint(value)] => Ok(Value::Uint(u64::from(*value > 0))),
        [Value::Int(value)] => Ok(Value::Int(value.signum())),
        _ => Err(heap.no_such_overload("math.sign")),
    }
}

fn bits<'a>(heap: Heap<'a>, arguments: &[Value<'a>], apply: fn(u64, u64) -> u64) -> Result<'a> {
    match arguments {
        [Value::Int(left), Value::Int(right)] => {
            Ok(Value::Int(apply(*left as u64, *right as u64) as i64))
        }
        [Value::Uint(left), Value::Uint(right)] => Ok(Value::Uint(apply(*left, *right))),
        _ => Err(heap.no_such_overload("math.bit")),
    }
}

fn bit_not<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::Int(value)] => Ok(Value::Int(!value)),
        [Value::Uint(value)] => Ok(Value::Uint(!value)),
        _ => Err(heap.no_such_overload("math.bitNot")),
    }
}

/// Shifts; to the right zeros come in, also for a negative number.
fn shift<'a>(heap: Heap<'a>, arguments: &[Value<'a>], left: bool) -> Result<'a> {
    let (value, by) = match arguments {
        [Value::Int(value), Value::Int(by)] => (*value as u64, *by),
        [Value::Uint(value), Value::Int(by)] => (*value, *by),
        _ => return Err(heap.no_such_overload("math.bitShift")),
    };
    if by < 0 {
        return Err(heap.argument_error(&format!("a shift by a negative count: {by}")));
    }
    let by = u32::try_from(by).unwrap_or(u32::MAX);
    let shifted = if left {
        value.checked_shl(by)
    } else {
        value.checked_shr(by)
    };
    let shifted = shifted.unwrap_or(0);
    Ok(match arguments[0] {
        Value::Int(_) => Value::Int(shifted as i64),
        _ => Value::Uint(shifted),
    })
}
