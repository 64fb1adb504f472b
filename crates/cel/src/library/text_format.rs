//! `'%s'.format([...])`.

use std::fmt::Write;

use super::conversions::double_text;
use crate::error::EvalError;
use crate::value::{Heap, Value};

type Formatted<'a, T> = std::result::Result<T, EvalError<'a>>;

/// How many digits a precision may ask for.
const MAX_PRECISION: usize = 1_000;

pub(super) fn format<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Formatted<'a, Value<'a>> {
    let [Value::String(text), list] = arguments else {
        return Err(heap.no_such_overload("format"));
    };
    let list = list
        .as_list()
        .ok_or_else(|| heap.no_such_overload("format"))?;
    let mut formatted = String::new();
    let mut next = 0;
    let mut rest = *text;
    while let Some(at) = rest.find('%') {
        formatted.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            formatted.push('%');
            rest = after;
            continue;
        }
        let (precision, after) = precision(heap, rest)?;
        let Some(clause) = after.chars().next() else {
            return Err(heap.argument_error("a '%' at the end of the format says nothing"));
        };
        let value = list.get(next).ok_or_else(|| {
            heap.argument_error(&std::format!(
                "index {next} out of range: the list is too short"
            ))
        })?;
        next += 1;
        clause_text(heap, clause, precision, value, &mut formatted)?;
        super::arithmetic::check_size(heap, formatted.len())?;
        rest = &after[clause.len_utf8()..];
    }
    formatted.push_str(rest);
    Ok(heap.string(&formatted))
}

/// A precision such as `.3`, if one stands here, and the text after it.
fn precision<'a, 't>(heap: Heap<'a>, text: &'t str) -> Formatted<'a, (Option<usize>, &'t str)> {
    let Some(digits) = text.strip_prefix('.') else {
        return Ok((None, text));
    };
    let end = digits
        .find(|digit: char| !digit.is_ascii_digit())
        .unwrap_or(digits.len());
    let precision = digits[..end]
        .parse()
        .ok()
        .filter(|precision| *precision <= MAX_PRECISION)
        .ok_or_else(|| heap.argument_error("the precision is no number up to 1000"))?;
    Ok((Some(precision), &digits[end..]))
}

fn clause_text<'a>(
    heap: Heap<'a>,
    clause: char,
    precision: Option<usize>,
    value: Value<'a>,
    out: &mut String,
) -> Formatted<'a, ()> {
    let refused = |what: &str| {
        heap.argument_error(&std::format!(
            "error during formatting: {what}, was given {}",
            value.type_name()
        ))
    };
    match clause {
        's' => string_clause(heap, value, out),
        'd' => match value {
            Value::Int(number) => push(out, format_args!("{number}")),
            Value::Uint(number) => push(out, format_args!("{number}")),
            Value::Double(number) if !number.is_finite() => {
                push(out, format_args!("{}", not_finite(number)))
            }
            _ => Err(refused("decimal clause can only be used on integers")),
        },
        'f' => match fraction(value) {
            Some(number) if number.is_finite() => {
                push(out, format_args!("{number:.0$}", precision.unwrap_or(6)))
            }
            Some(number) => push(out, format_args!("{}", not_finite(number))),
            None => Err(refused("fixed-point clause can only be used on doubles")),
        },
        'e' => match fraction(value) {
            Some(number) if number.is_finite() => {
                let text = std::format!("{number:.0$e}", precision.unwrap_or(6));
                let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                let exponent: i32 = exponent.parse().unwrap_or(0);
                let sign = if exponent < 0 { '-' } else { '+' };
                push(out, format_args!("{mantissa}e{sign}{:02}", exponent.abs()))
            }
            Some(number) => push(out, format_args!("{}", not_finite(number))),
            None => Err(refused("scientific clause can only be used on doubles")),
        },
        'b' => match value {
            Value::Bool(value) => push(out, format_args!("{}", u8::from(value))),
            Value::Int(number) => push(
                out,
                format_args!("{}{:b}", minus(number), number.unsigned_abs()),
            ),
            Value::Uint(number) => push(out, format_args!("{number:b}")),
            _ => Err(refused(
                "only integers and bools can be formatted as binary",
            )),
        },
        'o' => match value {
            Value::Int(number) => push(
                out,
                format_args!("{}{:o}", minus(number), number.unsigned_abs()),
            ),
            Value::Uint(number) => push(out, format_args!("{number:o}")),
            _ => Err(refused("octal clause can only be used on integers")),
        },
        'x' | 'X' => {
            let text = match value {
                Value::Int(number) => {
                    std::format!("{}{:x}", minus(number), number.unsigned_abs())
                }
                Value::Uint(number) => std::format!("{number:x}"),
                Value::String(text) => hexadecimal(text.as_bytes()),
                Value::Bytes(bytes) => hexadecimal(bytes),
                _ => {
                    let what = "only integers, byte buffers, and strings can be formatted as hex";
                    return Err(refused(what));
                }
            };
            let text = if clause == 'X' {
                text.to_uppercase()
            } else {
                text
            };
            out.push_str(&text);
            Ok(())
        }
        other => Err(heap.argument_error(&std::format!(
            "could not parse formatting clause: unrecognized formatting clause \"{other}\""
        ))),
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every clause gives a result, this one always the good one"
)]
fn push<'a>(out: &mut String, text: std::fmt::Arguments<'_>) -> Formatted<'a, ()> {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
    Ok(())
}

fn minus(number: i64) -> &'static str {
    if number < 0 { "-" } else { "" }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The number that `%f` and `%e` write.
fn fraction(value: Value<'_>) -> Option<f64> {
    match value {
        Value::Double(number) => Some(number),
        Value::Int(number) => Some(number as f64),
        Value::Uint(number) => Some(number as f64),
        _ => None,
    }
}

fn not_finite(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// `%s`: any value as text, lists and maps with all that is in them.
fn string_clause<'a>(heap: Heap<'a>, value: Value<'a>, out: &mut String) -> Formatted<'a, ()> {
    match value {
        Value::String(text) => out.push_str(text),
        Value::Bool(value) => return push(out, format_args!("{value}")),
        Value::Int(number) => return push(out, format_args!("{number}")),
        Value::Uint(number) => return push(out, format_args!("{number}")),
        Value::Double(number) if number.is_finite() => {
            out.push_str(&double_text(number));
        }
        Value::Double(number) => out.push_str(not_finite(number)),
        Value::Bytes(bytes) => out.push_str(&String::from_utf8_lossy(bytes)),
        Value::Duration(duration) => out.push_str(&duration.to_seconds_text()),
        Value::Timestamp(at) => out.push_str(&at.to_text()),
        Value::Null => out.push_str("null"),
        Value::Type(name) => out.push_str(name),
        _ => {
            if let Some(list) = value.as_list() {
                out.push('[');
                for (at, element) in list.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    string_clause(heap, element, out)?;
                    // One value may stand in a list many times.
                    super::arithmetic::check_size(heap, out.len())?;
                }
                out.push(']');
            } else if let Some(map) = value.as_map() {
                let mut entries = Vec::with_capacity(map.len());
                let mut size = 0;
                for (key, value) in map.iter() {
                    let mut entry = String::new();
                    string_clause(heap, key, &mut entry)?;
                    entry.push_str(": ");
                    string_clause(heap, value, &mut entry)?;
                    size += entry.len();
                    super::arithmetic::check_size(heap, size)?;
                    entries.push(entry);
                }
                // Maps have no order; sorted, the text is the same every time.
                entries.sort();
                return push(out, format_args!("{{{}}}", entries.join(", ")));
            } else {
                let message = std::format!(
                    "error during formatting: string clause can only be used on strings, bools, bytes, ints, \
                     doubles, maps, lists, types, durations, and timestamps, was given {}",
                    value.type_name()
                );
                return Err(heap.argument_error(&message));
            }
        }
    }
    Ok(())
}
