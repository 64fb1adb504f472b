//! The values of literals.

use plimsoll_document::Span;

use crate::ast::Literal;
use crate::diagnostic::Diagnostic;

/// The value of a whole number, `0x` included.
pub(super) fn int(text: &str, negative: bool) -> Result<Literal, &'static str> {
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    u64::from_str_radix(digits, radix)
        .ok()
        .and_then(|magnitude| {
            if negative {
                0_i64.checked_sub_unsigned(magnitude)
            } else {
                i64::try_from(magnitude).ok()
            }
        })
        .map(Literal::Int)
        .ok_or(
            "the number is out of the range of int (-9223372036854775808 to 9223372036854775807)",
        )
}

/// The value of an unsigned number, its `u` included.
pub(super) fn uint(text: &str) -> Result<Literal, &'static str> {
    let digits = text.trim_end_matches(['u', 'U']);
    let value = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    value
        .map(Literal::Uint)
        .map_err(|_| "the number is out of the range of uint (0u to 18446744073709551615u)")
}

/// The value of a number with a fraction or exponent; one that is too great is refused, as the reference parser does.
pub(super) fn double(text: &str, negative: bool) -> Result<Literal, &'static str> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => {
            Ok(Literal::Double(if negative { -value } else { value }))
        }
        _ => Err("the number is out of the range of double"),
    }
}

/// The value of a string literal that stands at `start`, quotes and prefix included.
pub(super) fn string(text: &str, start: u32) -> Result<Literal, Diagnostic> {
    let content = content(text);
    if content.is_plain() {
        return Ok(Literal::String(content.text.to_owned()));
    }
    let mut out = String::with_capacity(content.text.len());
    content.decode(start, Escapes::Characters, |unit| match unit {
        Unit::Character(character) => out.push(character),
        Unit::Byte(byte) => out.push(char::from(byte)),
    })?;
    Ok(Literal::String(out))
}

/// The value of a bytes literal that stands at `start`, quotes and prefixes included.
pub(super) fn bytes(text: &str, start: u32) -> Result<Literal, Diagnostic> {
    let content = content(text);
    let mut out = Vec::with_capacity(content.text.len());
    content.decode(start, Escapes::Bytes, |unit| match unit {
        Unit::Character(character) => {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Unit::Byte(byte) => out.push(byte),
    })?;
    Ok(Literal::Bytes(out))
}

/// What stands between the quotes.
struct Content<'t> {
    text: &'t str,
    /// Bytes of the token before it.
    offset: usize,
    raw: bool,
}

/// What numeric escapes stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    /// Code points.
    Characters,
    /// Bytes, and the escapes for wide code points are not allowed.
    Bytes,
}

/// A decoded piece.
enum Unit {
    /// A character as it stands, or an escaped one.
    Character(char),
    /// An octal or `\x` escape.
    Byte(u8),
}

fn content(token: &str) -> Content<'_> {
    let prefix = token.find(['"', '\'']).unwrap_or_default();
    let raw = token[..prefix].contains(['r', 'R']);
    let quoted = &token[prefix..];
    let count = if quoted.len() >= 6 && (quoted.starts_with("'''") || quoted.starts_with("\"\"\""))
    {
        3
    } else {
        1
    };
    Content {
        text: &quoted[count..quoted.len() - count],
        offset: prefix + count,
        raw,
    }
}

impl Content<'_> {
    /// Whether the value is the text as it stands.
    fn is_plain(&self) -> bool {
        !self.text.contains('\r') && (self.raw || !self.text.contains('\\'))
    }

    /// Resolves escapes, and line ends to `\n`.
    fn decode(
        &self,
        start: u32,
        escapes: Escapes,
        mut put: impl FnMut(Unit),
    ) -> Result<(), Diagnostic> {
        let mut rest = self.text;
        while let Some(character) = rest.chars().next() {
            let at = self.text.len() - rest.len();
            match character {
                '\r' => {
                    rest = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
                    put(Unit::Character('\n'));
                }
                '\\' if !self.raw => {
                    let (unit, length) = escape(rest, escapes).map_err(|(message, length)| {
                        let start = start as usize + self.offset + at;
                        let span = Span {
                            start: start as u32,
                            end: (start + length) as u32,
                        };
                        Diagnostic::new(message, span)
                    })?;
                    put(unit);
                    rest = &rest[length..];
                }
                _ => {
                    put(Unit::Character(character));
                    rest = &rest[character.len_utf8()..];
                }
            }
        }
        Ok(())
    }
}

/// The escape that `text` begins with and how many bytes it takes, or what is wrong with how many bytes.
fn escape(text: &str, escapes: Escapes) -> Result<(Unit, usize), (String, usize)> {
    let Some(letter) = text[1..].chars().next() else {
        return Err(("a backslash escapes nothing".to_owned(), 1));
    };
    let simple = match letter {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0C',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0B',
        '\\' | '\'' | '"' | '`' | '?' => letter,
        'x' | 'X' => {
            let value = digits(text, 2, 2, 16)?;
            return Ok((Unit::Byte(value as u8), 4));
        }
        '0'..='3' => {
            let value = digits(text, 1, 3, 8)?;
            return Ok((Unit::Byte(value as u8), 4));
        }
        'u' | 'U' if escapes == Escapes::Bytes => {
            return Err((
                format!("\\{letter} cannot stand in bytes: use \\x or octal escapes"),
                2,
            ));
        }
        'u' | 'U' => {
            let count = if letter == 'u' { 4 } else { 8 };
            let value = digits(text, 2, count, 16)?;
            let length = 2 + count;
            return match char::from_u32(value) {
                Some(character) => Ok((Unit::Character(character), length)),
                None => Err((
                    format!("{} is not a Unicode character", &text[..length]),
                    length,
                )),
            };
        }
        '4'..='7' => {
            return Err((
                "an octal escape is three digits from \\000 to \\377".to_owned(),
                2,
            ));
        }
        _ => {
            return Err((
                format!(
                    "unknown escape '\\{letter}'; a backslash itself is written '\\\\', or use a raw string: r'...'"
                ),
                1 + letter.len_utf8(),
            ));
        }
    };
    Ok((Unit::Character(simple), 2))
}

/// The number of exactly `count` digits from `skip` on.
fn digits(text: &str, skip: usize, count: usize, radix: u32) -> Result<u32, (String, usize)> {
    let taken = text[skip..]
        .bytes()
        .take(count)
        .take_while(|byte| char::from(*byte).is_digit(radix))
        .count();
    if taken < count {
        let kind = if radix == 16 { "hexadecimal" } else { "octal" };
        return Err((
            format!("the escape '{}' needs {count} {kind} digits", &text[..2]),
            skip + taken,
        ));
    }
    u32::from_str_radix(&text[skip..skip + count], radix)
        .map_err(|_| ("escape out of range".to_owned(), skip + count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string_value(text: &str) -> String {
        match string(text, 0).unwrap() {
            Literal::String(value) => value,
            other => panic!("{other:?}"),
        }
    }

    fn bytes_value(text: &str) -> Vec<u8> {
        match bytes(text, 0).unwrap() {
            Literal::Bytes(value) => value,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers_have_the_range_of_their_type() {
        assert_eq!(int("9223372036854775808", true), Ok(Literal::Int(i64::MIN)));
        assert_eq!(int("0x8000000000000000", true), Ok(Literal::Int(i64::MIN)));
        assert!(int("9223372036854775809", true).is_err());
        assert!(int("9223372036854775808", false).is_err());
        assert_eq!(uint("0xFFFFFFFFFFFFFFFFu"), Ok(Literal::Uint(u64::MAX)));
        assert!(uint("18446744073709551616u").is_err());
        assert_eq!(double("1e308", true), Ok(Literal::Double(-1e308)));
        assert!(double("1e999", false).is_err());
    }

    #[test]
    fn escapes_are_code_points_in_strings_and_bytes_in_bytes() {
        assert_eq!(
            string_value(r"'\xff\377\u00e9\U0001F600\n\?\`'"),
            "ÿÿé😀\n?`"
        );
        assert_eq!(bytes_value(r"b'\xff\377é'"), b"\xff\xff\xc3\xa9");
    }

    #[test]
    fn raw_strings_have_no_escapes_and_line_ends_are_one() {
        assert_eq!(string_value(r"r'\n'"), r"\n");
        assert_eq!(string_value("'''a\r\nb\rc'''"), "a\nb\nc");
        assert_eq!(string_value("r'''a\r\nb'''"), "a\nb");
        assert_eq!(string_value("''"), "");
        assert_eq!(string_value("''''''"), "");
    }

    #[test]
    fn a_wrong_escape_is_pointed_at() {
        let wrong = |text: &str| {
            let diagnostic = string(text, 10).unwrap_err();
            (
                diagnostic.message,
                diagnostic.span.start,
                diagnostic.span.end,
            )
        };
        assert_eq!(wrong(r"'a\d'").1..wrong(r"'a\d'").2, 12..14);
        assert!(wrong(r"'\uD800'").0.contains("not a Unicode character"));
        assert!(wrong(r"'\U00110000'").0.contains("not a Unicode character"));
        assert_eq!(
            wrong(r"'\x4g'").0,
            r"the escape '\x' needs 2 hexadecimal digits"
        );
        assert_eq!(wrong(r"'\18'").0, r"the escape '\1' needs 3 octal digits");
        assert!(wrong(r"'\400'").0.contains("three digits"));
        assert!(
            bytes(r"b'\u00e9'", 0)
                .unwrap_err()
                .message
                .contains("cannot stand in bytes")
        );
    }
}
