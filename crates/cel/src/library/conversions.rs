//! From one type to another, and `size` and `type`.

use super::operator_cost::{size as size_of_value, traversal};
use super::{Function, Object, unit_cost};
use crate::error::{ErrorKind, EvalError};
use crate::value::{Duration, Heap, Timestamp, Value};

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("size", false, size, unit_cost),
    Function::new("size", true, size, unit_cost),
    Function::new("type", false, type_of, unit_cost),
    Function::new("dyn", false, dynamic, unit_cost),
    Function::new("bool", false, to_bool, unit_cost),
    Function::new("int", false, to_int, unit_cost),
    Function::new("uint", false, to_uint, unit_cost),
    Function::new("double", false, to_double, unit_cost),
    Function::new("string", false, to_string, text_cost),
    Function::new("bytes", false, to_bytes, text_cost),
    Function::new("duration", false, to_duration, unit_cost),
    Function::new("timestamp", false, to_timestamp, unit_cost),
];

/// Conversions between text and bytes go through them once.
fn text_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    match arguments {
        [value @ (Value::String(_) | Value::Bytes(_))] => traversal(size_of_value(value)),
        _ => 1,
    }
}

fn size<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [value @ (Value::String(_) | Value::Bytes(_))] => {
            Ok(Value::Int(size_of_value(value) as i64))
        }
        [value] if value.as_list().is_some() || value.as_map().is_some() => {
            Ok(Value::Int(size_of_value(value) as i64))
        }
        _ => Err(heap.no_such_overload("size")),
    }
}

fn type_of<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [value] => Ok(Value::Type(value.type_name())),
        _ => Err(heap.no_such_overload("type")),
    }
}

fn dynamic<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [value] => Ok(*value),
        _ => Err(heap.no_such_overload("dyn")),
    }
}

fn to_bool<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::Bool(value)] => Ok(Value::Bool(*value)),
        [Value::String(text)] => match *text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
            _ => Err(heap.conversion_error(&format!("cannot convert {text:?} to bool"))),
        },
        _ => Err(heap.no_such_overload("bool")),
    }
}

fn to_int<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let value = match arguments {
        [Value::Int(value)] => Some(*value),
        [Value::Uint(value)] => i64::try_from(*value).ok(),
        // The largest int is no double: the bounds are the doubles next to them.
        [Value::Double(value)] if *value > -(2_f64.powi(63)) && *value < 2_f64.powi(63) => {
            Some(*value as i64)
        }
        [Value::Double(_)] => None,
        [Value::String(text)] => {
            return parse_go_int(text)
                .map(Value::Int)
                .ok_or_else(|| heap.conversion_error(&format!("cannot convert {text:?} to int")));
        }
        [Value::Timestamp(at)] => Some(at.seconds),
        [Value::Duration(duration)] => i64::try_from(duration.as_nanos()).ok(),
        _ => return Err(heap.no_such_overload("int")),
    };
    value
        .map(Value::Int)
        .ok_or_else(|| heap.error(ErrorKind::Overflow("int")))
}

/// A whole number as Go reads it in base ten: a sign may stand before it.
fn parse_go_int(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn to_uint<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let value = match arguments {
        [Value::Uint(value)] => Some(*value),
        [Value::Int(value)] => u64::try_from(*value).ok(),
        [Value::Double(value)] if *value >= 0.0 && *value < 2_f64.powi(64) => Some(*value as u64),
        [Value::Double(_)] => None,
        [Value::String(text)] => {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            return Some(*text)
                .filter(|_| digits)
                .and_then(|text| text.parse().ok())
                .map(Value::Uint)
                .ok_or_else(|| heap.conversion_error(&format!("cannot convert {text:?} to uint")));
        }
        _ => return Err(heap.no_such_overload("uint")),
    };
    value
        .map(Value::Uint)
        .ok_or_else(|| heap.error(ErrorKind::Overflow("uint")))
}

fn to_double<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::Double(value)] => Ok(Value::Double(*value)),
        [Value::Int(value)] => Ok(Value::Double(*value as f64)),
        [Value::Uint(value)] => Ok(Value::Double(*value as f64)),
        [Value::String(text)] => text
            .parse()
            .map(Value::Double)
            .map_err(|_| heap.conversion_error(&format!("cannot convert {text:?} to double"))),
        _ => Err(heap.no_such_overload("double")),
    }
}

fn to_string<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(match arguments {
        [Value::String(text)] => Value::String(text),
        [Value::Bool(value)] => Value::String(if *value { "true" } else { "false" }),
        [Value::Int(value)] => heap.string(&value.to_string()),
        [Value::Uint(value)] => heap.string(&value.to_string()),
        [Value::Double(value)] => heap.string(&double_text(*value)),
        [Value::Bytes(bytes)] => match std::str::from_utf8(bytes) {
            Ok(text) => Value::String(text),
            Err(_) => return Err(heap.conversion_error("the bytes are no UTF-8 text")),
        },
        [Value::Duration(duration)] => heap.string(&duration.to_seconds_text()),
        [Value::Timestamp(at)] => heap.string(&at.to_text()),
        [Value::Object(object)] => match object {
            Object::Ip(address) => heap.string(&address.to_string()),
            Object::Cidr(network) => heap.string(&network.to_string()),
            _ => return Err(heap.no_such_overload("string")),
        },
        _ => return Err(heap.no_such_overload("string")),
    })
}

/// A double as Go writes it with `strconv.FormatFloat(value, 'g', -1, 64)`.
pub(super) fn double_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..21).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

fn to_bytes<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::Bytes(bytes)] => Ok(Value::Bytes(bytes)),
        [Value::String(text)] => Ok(Value::Bytes(text.as_bytes())),
        _ => Err(heap.no_such_overload("bytes")),
    }
}

fn to_duration<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let value = match arguments {
        [Value::Duration(value)] => Some(*value),
        [Value::Int(nanos)] => Duration::from_nanos(i128::from(*nanos)),
        [Value::String(text)] => {
            return Duration::parse(text)
                .map(Value::Duration)
                .ok_or_else(|| heap.conversion_error(&format!("{text:?} is no duration")));
        }
        _ => return Err(heap.no_such_overload("duration")),
    };
    value
        .map(Value::Duration)
        .ok_or_else(|| heap.error(ErrorKind::Overflow("duration")))
}

fn to_timestamp<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let value = match arguments {
        [Value::Timestamp(value)] => Some(*value),
        [Value::Int(seconds)] => Timestamp::from_seconds(*seconds, 0),
        [Value::String(text)] => {
            return Timestamp::parse(text)
                .map(Value::Timestamp)
                .ok_or_else(|| heap.conversion_error(&format!("{text:?} is no timestamp")));
        }
        _ => return Err(heap.no_such_overload("timestamp")),
    };
    value
        .map(Value::Timestamp)
        .ok_or_else(|| heap.error(ErrorKind::Overflow("timestamp")))
}
