//! Regular expressions as Go writes them.
//!
//! Both engines take linear time and nearly the same syntax; what differs is rewritten: `\d`, `\w`, `\s` and `\b` mean
//! ASCII in Go, `\Q..\E` quotes, `\C` and look-around do not exist.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use foldhash::HashMap;
use regex::{Regex, RegexBuilder};

use super::Function;
use super::operator_cost::{count_chars, size, traversal};
use super::required_text::Required;
use crate::error::EvalError;
use crate::value::{Heap, Value};

/// How large a compiled pattern may be, in bytes.
const SIZE_LIMIT: usize = 4 << 20;

/// Repetitions above this are refused, as Go does.
const MAX_REPEAT: u32 = 1_000;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("find", true, find, find_cost),
    Function::new("findAll", true, find_all, find_cost),
    Function::new("regex.replace", false, replace, find_cost),
    Function::new("regex.extract", false, extract, find_cost),
    Function::new("regex.extractAll", false, extract_all, find_cost),
];

/// Compiles a pattern in Go's syntax.
///
/// # Errors
/// Why it is none.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    let translated = translate(pattern)?;
    RegexBuilder::new(&translated)
        .size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                format!("the regular expression '{pattern}' is too large")
            }
            _ => format!("'{pattern}' is no regular expression"),
        })
}

/// A pattern that is compiled when a text is met that it may match: a scan meets few such of all its patterns.
#[derive(Debug)]
pub(crate) struct Pattern {
    text: Box<str>,
    required: OnceLock<Required>,
    /// How many texts were looked at without compiling it.
    looks: AtomicU32,
    compiled: OnceLock<Result<Arc<Regex>, String>>,
}

/// How many texts a pattern is asked of before it is compiled in any case: then it is the faster way.
const LOOKS: u32 = 32;

impl Pattern {
    pub(crate) fn new(text: &str) -> Pattern {
        Pattern {
            text: text.into(),
            required: OnceLock::new(),
            looks: AtomicU32::new(0),
            compiled: OnceLock::new(),
        }
    }

    /// Whether the pattern matches a part of a text.
    ///
    /// # Errors
    /// Why the pattern is no regular expression, where it was not looked at before.
    pub(crate) fn is_match(&self, text: &str) -> Result<bool, &str> {
        if self.compiled.get().is_none() && self.looks.fetch_add(1, Ordering::Relaxed) < LOOKS {
            let required = self.required.get_or_init(|| Required::by(&self.text));
            if !required.may_match(text) {
                return Ok(false);
            }
        }
        Ok(self.regex()?.is_match(text))
    }

    fn regex(&self) -> Result<&Arc<Regex>, &str> {
        self.compiled
            .get_or_init(|| compile(&self.text).map(Arc::new))
            .as_ref()
            .map_err(String::as_str)
    }
}

/// A pattern in the syntax of the regex crate.
fn translate(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(first) = rest.chars().next() {
        let length = first.len_utf8();
        if let Some(quoted) = rest.strip_prefix("\\Q").filter(|_| !in_class) {
            let (text, after) = quoted.split_once("\\E").unwrap_or((quoted, ""));
            out.push_str(&regex::escape(text));
            rest = after;
            continue;
        }
        match first {
            '\\' => {
                let Some(escaped) = rest[1..].chars().next() else {
                    return Err(format!("'{pattern}' ends with a backslash"));
                };
                escape(pattern, escaped, in_class, &mut out)?;
                rest = &rest[1 + escaped.len_utf8()..];
                continue;
            }
            '[' if in_class => {
                // Go knows `[:alpha:]`; any other bracket in a class is itself.
                if rest.starts_with("[:") && rest.contains(":]") {
                    out.push('[');
                } else {
                    out.push_str("\\[");
                }
            }
            '[' => {
                in_class = true;
                out.push('[');
                rest = &rest[1..];
                if let Some(after) = rest.strip_prefix('^') {
                    out.push('^');
                    rest = after;
                }
                // A bracket right after the opening one is itself.
                if let Some(after) = rest.strip_prefix(']') {
                    out.push_str("\\]");
                    rest = after;
                }
                continue;
            }
            ']' if in_class => {
                // `:]` ends a named class.
                if out.ends_with(':') && named_class_is_open(&out) {
                    out.push(']');
                } else {
                    in_class = false;
                    out.push(']');
                }
            }
            '&' | '~' | '-' if in_class && rest[length..].starts_with(first) && first != '-' => {
                // Doubled, these are operators of the regex crate.
                out.push('\\');
                out.push(first);
            }
            '-' if in_class && rest[length..].starts_with('-') => out.push_str("\\-"),
            '{' if !in_class => {
                check_repeat(pattern, rest)?;
                // A brace that is no repetition is itself in Go.
                if is_repeat(rest) {
                    out.push('{');
                } else {
                    out.push_str("\\{");
                }
            }
            '(' if rest.starts_with("(?=")
                || rest.starts_with("(?!")
                || rest.starts_with("(?<=")
                || rest.starts_with("(?<!") =>
            {
                return Err(format!(
                    "'{pattern}' looks around, which regular expressions here cannot"
                ));
            }
            other => out.push(other),
        }
        rest = &rest[length..];
    }
    Ok(out)
}

fn named_class_is_open(out: &str) -> bool {
    out.rfind("[:")
        .is_some_and(|at| !out[at..].contains(":]") && out.len() > at + 2)
}

fn escape(pattern: &str, escaped: char, in_class: bool, out: &mut String) -> Result<(), String> {
    match escaped {
        'd' => out.push_str(if in_class { "0-9" } else { "[0-9]" }),
        'w' => out.push_str(if in_class {
            "0-9A-Za-z_"
        } else {
            "[0-9A-Za-z_]"
        }),
        's' => out.push_str(if in_class {
            "\\t\\n\\x0C\\r "
        } else {
            "[\\t\\n\\x0C\\r ]"
        }),
        'D' => out.push_str("[^0-9]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        'S' => out.push_str("[^\\t\\n\\x0C\\r ]"),
        'b' if !in_class => out.push_str("(?-u:\\b)"),
        'B' if !in_class => out.push_str("(?-u:\\B)"),
        'C' | 'Z' | 'G' | 'R' | 'X' | 'K' | '1'..='9' => {
            return Err(format!(
                "'{pattern}' has the escape '\\{escaped}', which there is not"
            ));
        }
        other => {
            out.push('\\');
            out.push(other);
        }
    }
    Ok(())
}

fn is_repeat(text: &str) -> bool {
    repeat_bounds(text).is_some()
}

/// The bounds of a repetition `{2}`, `{2,}`, `{2,3}` that stands here.
fn repeat_bounds(text: &str) -> Option<(&str, &str)> {
    let (inner, _) = text.strip_prefix('{')?.split_once('}')?;
    let (low, high) = inner.split_once(',').unwrap_or((inner, inner));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!low.is_empty() && digits(low) && digits(high)).then_some((low, high))
}

fn check_repeat(pattern: &str, text: &str) -> Result<(), String> {
    let Some((low, high)) = repeat_bounds(text) else {
        return Ok(());
    };
    let too_many =
        |bound: &str| !bound.is_empty() && bound.parse().is_ok_and(|count: u32| count > MAX_REPEAT);
    if too_many(low) || too_many(high) || low.len() > 4 || high.len() > 4 {
        return Err(format!("'{pattern}' repeats more than {MAX_REPEAT} times"));
    }
    Ok(())
}

type Found<'a> = Result<Value<'a>, EvalError<'a>>;

fn find_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    match arguments {
        [Value::String(text), pattern, ..] => {
            traversal(count_chars(text) + 1) * size(pattern).div_ceil(4)
        }
        _ => 1,
    }
}

fn compiled<'a>(heap: Heap<'a>, pattern: &str) -> Result<Arc<Regex>, EvalError<'a>> {
    let pattern = in_time(heap, pattern)?;
    let regex = pattern.regex().cloned();
    regex.map_err(|reason| heap.argument_error(reason))
}

thread_local! {
    static KNOWN: RefCell<HashMap<String, Rc<Pattern>>> = RefCell::new(HashMap::default());
}

/// How many patterns are kept that are put together while an expression is evaluated.
const MOST_KNOWN: usize = 512;

/// A pattern that is put together while an expression is evaluated. To compile one takes longer than its cost says.
pub(super) fn in_time<'a>(heap: Heap<'a>, pattern: &str) -> Result<Rc<Pattern>, EvalError<'a>> {
    let pattern = known(pattern);
    if pattern.compiled.get().is_none() {
        heap.check_time()?;
    }
    Ok(pattern)
}

/// A pattern that was perhaps met before: a constant is looked at by the checker and then lowered, and one that is put
/// together while an expression is evaluated often comes again with the next object.
fn known(pattern: &str) -> Rc<Pattern> {
    KNOWN.with_borrow_mut(|known| {
        if let Some(pattern) = known.get(pattern) {
            return Rc::clone(pattern);
        }
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        let made = Rc::new(Pattern::new(pattern));
        known.insert(pattern.to_owned(), Rc::clone(&made));
        made
    })
}

/// The regular expression of a pattern. It is shared and not cloned: a clone starts with an empty automaton.
pub(crate) fn compile_cached(pattern: &str) -> Result<Arc<Regex>, String> {
    let known = known(pattern);
    known.regex().cloned().map_err(str::to_owned)
}

fn find<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Found<'a> {
    match arguments {
        [Value::String(text), Value::String(pattern)] => {
            let found = compiled(heap, pattern)?.find(text);
            Ok(Value::String(
                found.map_or("", |found| &text[found.range()]),
            ))
        }
        _ => Err(heap.no_such_overload("find")),
    }
}

fn find_all<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Found<'a> {
    let (text, pattern, limit) = match arguments {
        [Value::String(text), Value::String(pattern)] => (*text, *pattern, -1),
        [
            Value::String(text),
            Value::String(pattern),
            Value::Int(limit),
        ] => (*text, *pattern, *limit),
        _ => return Err(heap.no_such_overload("findAll")),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let found: Vec<Value<'a>> = compiled(heap, pattern)?
        .find_iter(text)
        .take(limit)
        .map(|found| Value::String(&text[found.range()]))
        .collect();
    Ok(heap.list(&found))
}

fn replace<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Found<'a> {
    let (text, pattern, to, limit) = match arguments {
        [
            Value::String(text),
            Value::String(pattern),
            Value::String(to),
        ] => (*text, *pattern, *to, -1),
        [
            Value::String(text),
            Value::String(pattern),
            Value::String(to),
            Value::Int(limit),
        ] => (*text, *pattern, *to, *limit),
        _ => return Err(heap.no_such_overload("regex.replace")),
    };
    if limit == 0 {
        return Ok(Value::String(text));
    }
    let pattern = compiled(heap, pattern)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut replaced = String::new();
    let mut last = 0;
    for captures in pattern.captures_iter(text).take(limit) {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        replaced.push_str(&text[last..whole.start()]);
        expand(heap, to, &captures, &mut replaced)?;
        super::arithmetic::check_size(heap, replaced.len())?;
        last = whole.end();
    }
    replaced.push_str(&text[last..]);
    Ok(heap.string(&replaced))
}

/// A replacement: `\1` is a group, `\\` a backslash.
fn expand<'a>(
    heap: Heap<'a>,
    to: &str,
    captures: &regex::Captures<'_>,
    out: &mut String,
) -> Result<(), EvalError<'a>> {
    let mut characters = to.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('\\') => out.push('\\'),
            Some(digit @ '0'..='9') => {
                let group = digit as usize - '0' as usize;
                if group >= captures.len() {
                    return Err(heap.argument_error(&format!("there is no group {group}")));
                }
                out.push_str(captures.get(group).map_or("", |group| group.as_str()));
                super::arithmetic::check_size(heap, out.len())?;
            }
            _ => return Err(heap.argument_error("a backslash comes before a digit or a backslash")),
        }
    }
    Ok(())
}

/// What a match gives: its one group, or all of it where there is none.
fn extracted<'a>(
    heap: Heap<'a>,
    text: &'a str,
    captures: &regex::Captures<'_>,
) -> Result<Option<&'a str>, EvalError<'a>> {
    if captures.len() > 2 {
        return Err(heap.argument_error("the pattern has more than one group"));
    }
    let group = captures.get(captures.len() - 1);
    Ok(group.map(|group| &text[group.range()]))
}

fn extract<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Found<'a> {
    let [Value::String(text), Value::String(pattern)] = arguments else {
        return Err(heap.no_such_overload("regex.extract"));
    };
    let Some(captures) = compiled(heap, pattern)?.captures(text) else {
        return Ok(Value::Optional(None));
    };
    let found = extracted(heap, text, &captures)?;
    Ok(found.map_or(Value::Optional(None), |found| {
        heap.some(Value::String(found))
    }))
}

fn extract_all<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Found<'a> {
    let [Value::String(text), Value::String(pattern)] = arguments else {
        return Err(heap.no_such_overload("regex.extractAll"));
    };
    let mut all = Vec::new();
    for captures in compiled(heap, pattern)?.captures_iter(text) {
        all.extend(extracted(heap, text, &captures)?.map(Value::String));
    }
    Ok(heap.list(&all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_go() {
        let matches = |pattern: &str, text: &str| compile(pattern).unwrap().is_match(text);
        // An Arabic digit, a long s, a non-breaking space.
        assert!(!matches(r"^\d$", "\u{0663}"));
        assert!(!matches(r"^\w$", "\u{017F}"));
        assert!(!matches(r"^\s$", "\u{00A0}"));
        assert!(matches(r"^[\d.]+$", "1.2"));
        assert!(matches(r"^\Qa.b\E$", "a.b"));
        assert!(!matches(r"^\Qa.b\E$", "axb"));
        assert!(matches(r"^[[:alpha:]]+$", "abc"));
        assert!(matches(r"^[]a]$", "]"));
        assert!(matches(r"^a{,2}$", "a{,2}"));
        assert!(matches(r"\bfoo\b", "a foo b"));
        assert!(matches(r"^[a&&b]$", "&"));
        assert!(matches(r"^\pL+$", "\u{e4}"));
        for refused in [
            r"(?=a)", r"(?<!a)b", r"\C", r"a\1", "(", "a{1001}", "[z-a]", "\\", "*a",
        ] {
            assert!(compile(refused).is_err(), "{refused}");
        }
    }
}
