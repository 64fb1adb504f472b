//! Strings. Positions and lengths count code points.

use super::arithmetic::check_size;
use super::operator_cost::{count_chars, size, traversal};
use super::regex as go_regex;
use super::text_format::format;
use super::{Function, operator_cost, unit_cost};
use crate::error::EvalError;
use crate::value::{Heap, Value};

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("contains", true, contains, contains_cost),
    Function::new("startsWith", true, starts_with, argument_cost),
    Function::new("endsWith", true, ends_with, argument_cost),
    Function::new("matches", true, matches, matches_cost),
    Function::new("matches", false, matches, matches_cost),
    Function::new("charAt", true, char_at, unit_cost),
    Function::new("indexOf", true, index_of, search_cost),
    Function::new("lastIndexOf", true, last_index_of, search_cost),
    Function::new("@strictIndexOf", true, strict_index_of, search_cost),
    Function::new(
        "@strictLastIndexOf",
        true,
        strict_last_index_of,
        search_cost,
    ),
    Function::new("lowerAscii", true, lower_ascii, once_cost),
    Function::new("upperAscii", true, upper_ascii, once_cost),
    Function::new("trim", true, trim, once_cost),
    Function::new("replace", true, replace, twice_cost),
    Function::new("split", true, split, twice_cost),
    Function::new("substring", true, substring, once_cost),
    Function::new("reverse", true, reverse, reverse_cost),
    Function::new("join", true, join, join_cost),
    Function::new("format", true, format, once_cost),
    Function::new("strings.quote", false, quote, once_cost),
];

/// The target is gone through once.
fn once_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    arguments
        .first()
        .map_or(1, |target| traversal(size(target)))
}

/// The argument is gone through once.
fn argument_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    arguments
        .get(1)
        .map_or(1, |argument| traversal(size(argument)))
}

/// The target is gone through twice: to find and to copy.
fn twice_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    arguments
        .first()
        .map_or(1, |target| size(target).div_ceil(5))
}

fn contains_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    match arguments {
        [target, part, ..] => traversal(size(target)) * traversal(size(part)),
        _ => 1,
    }
}

/// `indexOf` of a string, or of a list.
fn search_cost(arguments: &[Value<'_>], result: &Value<'_>) -> u64 {
    match arguments.first() {
        Some(target) if target.as_list().is_some() => {
            super::kubernetes_lists::cost(arguments, result)
        }
        _ => once_cost(arguments, result),
    }
}

/// `reverse` of a string, or of a list.
fn reverse_cost(arguments: &[Value<'_>], result: &Value<'_>) -> u64 {
    match arguments.first() {
        Some(target) if target.as_list().is_some() => super::lists::output_cost(arguments, result),
        _ => once_cost(arguments, result),
    }
}

fn join_cost(_arguments: &[Value<'_>], result: &Value<'_>) -> u64 {
    traversal(size(result)) * 2
}

fn matches_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    match arguments {
        [Value::String(text), pattern] => operator_cost::matches(text, size(pattern)),
        _ => 1,
    }
}

fn contains<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text), Value::String(part)] => Ok(Value::Bool(text.contains(*part))),
        _ => Err(heap.no_such_overload("contains")),
    }
}

fn starts_with<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text), Value::String(part)] => Ok(Value::Bool(text.starts_with(*part))),
        _ => Err(heap.no_such_overload("startsWith")),
    }
}

fn ends_with<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text), Value::String(part)] => Ok(Value::Bool(text.ends_with(*part))),
        _ => Err(heap.no_such_overload("endsWith")),
    }
}

fn matches<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text), Value::String(pattern)] => {
            let pattern = go_regex::in_time(heap, pattern)?;
            let is_match = pattern
                .is_match(text)
                .map_err(|reason| heap.argument_error(reason))?;
            Ok(Value::Bool(is_match))
        }
        _ => Err(heap.no_such_overload("matches")),
    }
}

/// The byte at which the code point of this index starts; the end counts, too.
fn byte_of(text: &str, index: i64) -> Option<usize> {
    let index = usize::try_from(index).ok()?;
    if text.is_ascii() {
        return (index <= text.len()).then_some(index);
    }
    text.char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .nth(index)
}

fn out_of_range(heap: Heap<'_>, index: i64) -> EvalError<'_> {
    heap.argument_error(&std::format!("index out of range: {index}"))
}

fn char_at<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text), Value::Int(index)] => {
            let at = byte_of(text, *index).ok_or_else(|| out_of_range(heap, *index))?;
            let end = text[at..]
                .chars()
                .next()
                .map_or(at, |found| at + found.len_utf8());
            Ok(Value::String(&text[at..end]))
        }
        _ => Err(heap.no_such_overload("charAt")),
    }
}

fn index_of<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let (text, part, from) = match arguments {
        [Value::String(text), Value::String(part)] => (*text, *part, 0),
        [Value::String(text), Value::String(part), Value::Int(from)] => (*text, *part, *from),
        [list, _] if list.as_list().is_some() => {
            return super::kubernetes_lists::index_of(heap, arguments);
        }
        _ => return Err(heap.no_such_overload("indexOf")),
    };
    if part.is_empty() {
        return Ok(Value::Int(from));
    }
    // A start past the end finds nothing; a negative one is a mistake.
    let Some(start) = byte_of(text, from) else {
        return if from < 0 {
            Err(out_of_range(heap, from))
        } else {
            Ok(Value::Int(-1))
        };
    };
    Ok(Value::Int(text[start..].find(part).map_or(-1, |found| {
        count_chars(&text[..start + found]) as i64
    })))
}

fn last_index_of<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let (text, part, from) = match arguments {
        [Value::String(text), Value::String(part)] => (*text, *part, None),
        [Value::String(text), Value::String(part), Value::Int(from)] => (*text, *part, Some(*from)),
        [list, _] if list.as_list().is_some() => {
            return super::kubernetes_lists::last_index_of(heap, arguments);
        }
        _ => return Err(heap.no_such_overload("lastIndexOf")),
    };
    let length = count_chars(text) as i64;
    let Some(from) = from else {
        if part.is_empty() {
            return Ok(Value::Int(length));
        }
        return Ok(Value::Int(
            text.rfind(part)
                .map_or(-1, |found| count_chars(&text[..found]) as i64),
        ));
    };
    if part.is_empty() {
        return Ok(Value::Int(from));
    }
    if from < 0 {
        return Err(out_of_range(heap, from));
    }
    if from >= length {
        return Ok(Value::Int(-1));
    }
    // The part may begin at `from` at the latest.
    let start = byte_of(text, from).unwrap_or(text.len());
    let found = text
        .char_indices()
        .take_while(|(at, _)| *at <= start)
        .filter(|(at, _)| text[*at..].starts_with(part))
        .last();
    Ok(Value::Int(
        found.map_or(-1, |(at, _)| count_chars(&text[..at]) as i64),
    ))
}

/// `indexOf` and `lastIndexOf` by the letter of the language's extension: a start past the end is a mistake, where
/// Kubernetes finds nothing.
fn strict_index_of<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    check_start(heap, arguments)?;
    index_of(heap, arguments)
}

fn strict_last_index_of<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    check_start(heap, arguments)?;
    last_index_of(heap, arguments)
}

fn check_start<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
) -> std::result::Result<(), EvalError<'a>> {
    match arguments {
        [Value::String(text), _, Value::Int(from)] if *from > count_chars(text) as i64 => {
            Err(out_of_range(heap, *from))
        }
        _ => Ok(()),
    }
}

fn lower_ascii<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text)] => Ok(heap.string(&text.to_ascii_lowercase())),
        _ => Err(heap.no_such_overload("lowerAscii")),
    }
}

fn upper_ascii<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text)] => Ok(heap.string(&text.to_ascii_uppercase())),
        _ => Err(heap.no_such_overload("upperAscii")),
    }
}

fn trim<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text)] => Ok(Value::String(text.trim())),
        _ => Err(heap.no_such_overload("trim")),
    }
}

fn replace<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let (text, from, to, count) = match arguments {
        [Value::String(text), Value::String(from), Value::String(to)] => (*text, *from, *to, -1),
        [
            Value::String(text),
            Value::String(from),
            Value::String(to),
            Value::Int(count),
        ] => (*text, *from, *to, *count),
        _ => return Err(heap.no_such_overload("replace")),
    };
    let found = if from.is_empty() {
        text.len() + 1
    } else {
        text.len() / from.len()
    };
    let most = usize::try_from(count).unwrap_or(usize::MAX).min(found);
    check_size(
        heap,
        text.len().saturating_add(most.saturating_mul(to.len())),
    )?;
    Ok(heap.string(&text.replacen(from, to, most)))
}

fn split<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let (text, separator, limit) = match arguments {
        [Value::String(text), Value::String(separator)] => (*text, *separator, -1),
        [
            Value::String(text),
            Value::String(separator),
            Value::Int(limit),
        ] => (*text, *separator, *limit),
        _ => return Err(heap.no_such_overload("split")),
    };
    if limit == 0 {
        return Ok(heap.list(&[]));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    check_size(heap, text.len().saturating_mul(8))?;
    let parts: Vec<Value<'a>> = if separator.is_empty() {
        split_characters(text, limit)
    } else {
        text.splitn(limit, separator).map(Value::String).collect()
    };
    Ok(heap.list(&parts))
}

/// One part for each character, the last one holding the rest.
fn split_characters(text: &str, limit: usize) -> Vec<Value<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if parts.len() + 1 == limit {
            parts.push(Value::String(rest));
            break;
        }
        let (part, after) = rest.split_at(first.len_utf8());
        parts.push(Value::String(part));
        rest = after;
    }
    parts
}

fn substring<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let (text, start, end) = match arguments {
        [Value::String(text), Value::Int(start)] => (*text, *start, count_chars(text) as i64),
        [Value::String(text), Value::Int(start), Value::Int(end)] => (*text, *start, *end),
        _ => return Err(heap.no_such_overload("substring")),
    };
    if start > end {
        let message = std::format!("invalid substring range: start {start}, end {end}");
        return Err(heap.argument_error(&message));
    }
    let from = byte_of(text, start).ok_or_else(|| out_of_range(heap, start))?;
    let to = byte_of(text, end).ok_or_else(|| out_of_range(heap, end))?;
    Ok(Value::String(&text[from..to]))
}

fn reverse<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text)] => {
            let reversed: String = text.chars().rev().collect();
            Ok(heap.string(&reversed))
        }
        [list] if list.as_list().is_some() => super::lists::reverse(heap, arguments),
        _ => Err(heap.no_such_overload("reverse")),
    }
}

fn join<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let (list, separator) = match arguments {
        [list] => (list, ""),
        [list, Value::String(separator)] => (list, *separator),
        _ => return Err(heap.no_such_overload("join")),
    };
    let list = list
        .as_list()
        .ok_or_else(|| heap.no_such_overload("join"))?;
    let mut joined = String::new();
    for (at, element) in list.iter().enumerate() {
        let Value::String(part) = element else {
            return Err(heap.no_such_overload("join"));
        };
        if at > 0 {
            joined.push_str(separator);
        }
        joined.push_str(part);
        check_size(heap, joined.len())?;
    }
    Ok(heap.string(&joined))
}

fn quote<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let [Value::String(text)] = arguments else {
        return Err(heap.no_such_overload("strings.quote"));
    };
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    Ok(heap.string(&quoted))
}
