//! What a scalar is.
//!
//! `kubectl` reads YAML with a library of Go that follows YAML 1.1 where people rely on it: `yes` and `on` are
//! booleans, `0644` is octal, `1_000` a number; and then turns it into JSON, where `1.0` is `1`. Times and dates stay
//! strings. Every rule here was compared with that library, `sigs.k8s.io/yaml`.

use crate::base64::base64;
use crate::builder::ScalarValue;
use crate::source::Span;

/// A plain scalar without a tag. `span` is where its text stands, for strings.
pub(super) fn plain<'a>(text: &str, span: Span) -> Result<ScalarValue<'a>, &'static str> {
    let Some(first) = text.bytes().next() else {
        return Ok(ScalarValue::Null);
    };
    let other = ScalarValue::Source(span);
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => {
            Ok(word(text).unwrap_or(other))
        }
        b'.' => {
            if is_not_finite(text) {
                return Err("JSON has no such number");
            }
            Ok(float(text).unwrap_or(other))
        }
        b'0'..=b'9' | b'+' | b'-' => {
            if is_not_finite(text) {
                return Err("JSON has no such number");
            }
            Ok(number(text).unwrap_or(other))
        }
        _ => Ok(other),
    }
}

fn word<'a>(text: &str) -> Option<ScalarValue<'a>> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            ScalarValue::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            ScalarValue::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => ScalarValue::Null,
        _ => return None,
    })
}

fn is_not_finite(text: &str) -> bool {
    matches!(
        text,
        ".nan"
            | ".NaN"
            | ".NAN"
            | ".inf"
            | ".Inf"
            | ".INF"
            | "+.inf"
            | "+.Inf"
            | "+.INF"
            | "-.inf"
            | "-.Inf"
            | "-.INF"
    )
}

/// A number that begins with a digit or sign; `None` where the text is none.
fn number<'a>(text: &str) -> Option<ScalarValue<'a>> {
    let without_underscores;
    let digits = if text.contains('_') {
        without_underscores = text.replace('_', "");
        without_underscores.as_str()
    } else {
        text
    };
    whole(digits).or_else(|| float(digits))
}

/// A whole number as Go reads one with its base in front.
fn whole<'a>(text: &str) -> Option<ScalarValue<'a>> {
    let (negative, magnitude) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match magnitude.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &magnitude[2..]),
        [b'0', b'o' | b'O', ..] => (8, &magnitude[2..]),
        // The library reads a sign after `0b`, too.
        [b'0', b'b' | b'B', b'-', rest @ ..] if !negative && !rest.is_empty() => {
            let value = i64::from_str_radix(&magnitude[2..], 2).ok()?;
            return Some(ScalarValue::Int(value));
        }
        [b'0', b'b' | b'B', ..] => (2, &magnitude[2..]),
        [b'0', _, ..] => (8, &magnitude[1..]),
        _ => (10, magnitude),
    };
    if digits.is_empty() || digits.starts_with(['+', '-']) {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(value).map(ScalarValue::Int);
    }
    if let Ok(value) = i64::try_from(value) {
        return Some(ScalarValue::Int(value));
    }
    // A plus sign is right before a signed number only.
    (!text.starts_with('+')).then_some(ScalarValue::Uint(value))
}

/// A number with a point or exponent, or of too many digits. As JSON it may be a whole number again.
fn float<'a>(text: &str) -> Option<ScalarValue<'a>> {
    if !is_float(text) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    if !value.is_finite() {
        return None;
    }
    Some(json_number(value))
}

/// What a floating-point number is once it went through JSON.
pub(super) fn json_number<'a>(value: f64) -> ScalarValue<'a> {
    // 2^63 as a float is one past the largest int, and its negative is written with digits that are one past the least.
    let limit = 2_f64.powi(63);
    if value.fract() == 0.0 && value.abs() < limit {
        return ScalarValue::Int(value as i64);
    }
    ScalarValue::Double(value)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let all_digits = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    mantissa_fits && exponent_fits
}

/// A scalar with a tag of YAML's own, by the tag's name after the namespace.
pub(super) fn tagged<'a>(tag: &str, text: &str, span: Span) -> Result<ScalarValue<'a>, String> {
    let cannot = || format!("`{text}` is no !!{tag}");
    match tag {
        "str" | "timestamp" => Ok(ScalarValue::Source(span)),
        "null" | "bool" | "int" | "float" | "merge" => {
            let value = plain(text, span).map_err(str::to_owned)?;
            let fits = match (tag, value) {
                ("null", ScalarValue::Null)
                | ("bool", ScalarValue::Bool(_))
                | ("int", ScalarValue::Int(_) | ScalarValue::Uint(_))
                | ("float", ScalarValue::Int(_) | ScalarValue::Uint(_) | ScalarValue::Double(_)) => {
                    true
                }
                _ => tag == "merge",
            };
            if fits { Ok(value) } else { Err(cannot()) }
        }
        _ => Ok(ScalarValue::Source(span)),
    }
}

/// The text of `!!binary`: base64, line breaks allowed. `None` where it is none, or does not hold text.
pub(super) fn binary(text: &str) -> Option<String> {
    String::from_utf8(base64(text)?).ok()
}

/// A key as JSON has it, from a scalar that is no string; `None` for null, which can be no key.
pub(super) fn key_name(value: ScalarValue<'_>) -> Option<String> {
    Some(match value {
        ScalarValue::Bool(value) => value.to_string(),
        ScalarValue::Int(value) => value.to_string(),
        ScalarValue::Uint(value) => value.to_string(),
        ScalarValue::Double(value) => format!("{}", value as f32),
        _ => return None,
    })
}
