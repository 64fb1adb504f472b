//! What number and string tokens say.

use super::lexer::TokenKind;
use crate::ast::Literal;

/// A number at the start of `text`: its length and token, or the length of what is wrong and the message.
pub(super) fn number(text: &str) -> Result<(usize, TokenKind), (usize, String)> {
    let bytes = text.as_bytes();
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        let length = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
        if length == 0 {
            return Err((
                2,
                "a hexadecimal number needs a digit after '0x'".to_owned(),
            ));
        }
        return whole(text, &digits[..length], 16, 2 + length);
    }
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let mut end = digits(0);
    let mut is_double = false;
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        is_double = true;
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            is_double = true;
            end += 1 + sign + exponent;
        }
    }
    if !is_double {
        return whole(text, &text[..end], 10, end);
    }
    let value: f64 = text[..end]
        .parse()
        .map_err(|_| (end, "not a number".to_owned()))?;
    if value.is_infinite() {
        return Err((end, "the number is too large for a double".to_owned()));
    }
    Ok((end, TokenKind::Literal(Literal::Double(value))))
}

/// A whole number of these digits that end at `end`; a `u` may follow.
fn whole(
    text: &str,
    digits: &str,
    radix: u32,
    end: usize,
) -> Result<(usize, TokenKind), (usize, String)> {
    let unsigned = matches!(text.as_bytes().get(end), Some(b'u' | b'U'));
    let end = end + usize::from(unsigned);
    let value = u64::from_str_radix(digits, radix);
    let kind = match (unsigned, value) {
        (true, Ok(value)) => TokenKind::Literal(Literal::Uint(value)),
        (true, Err(_)) => return Err((end, "the number is too large for a uint".to_owned())),
        (false, Ok(value)) => i64::try_from(value)
            .map_or(TokenKind::IntMagnitude(value), |value| {
                TokenKind::Literal(Literal::Int(value))
            }),
        (false, Err(_)) => return Err((end, "the number is too large for an int".to_owned())),
    };
    Ok((end, kind))
}

/// How a string literal begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct StringPrefix {
    /// Bytes before the content: letters and quotes.
    pub(super) length: usize,
    quote: u8,
    triple: bool,
    raw: bool,
    bytes: bool,
}

impl StringPrefix {
    /// The prefix at the start of `text`, if a string literal starts there.
    pub(super) fn of(text: &str) -> Option<StringPrefix> {
        let bytes = text.as_bytes();
        let (mut raw, mut is_bytes, mut at) = (false, false, 0);
        loop {
            match bytes.get(at)? {
                b'r' | b'R' if !raw => raw = true,
                b'b' | b'B' if !is_bytes => is_bytes = true,
                quote @ (b'\'' | b'"') => {
                    let triple = bytes[at..].starts_with(&[*quote; 3]);
                    return Some(StringPrefix {
                        length: at + if triple { 3 } else { 1 },
                        quote: *quote,
                        triple,
                        raw,
                        bytes: is_bytes,
                    });
                }
                _ => return None,
            }
            at += 1;
        }
    }

    pub(super) fn quote_length(self) -> usize {
        if self.triple { 3 } else { 1 }
    }

    /// Where the content ends in `body`, the text after the prefix.
    pub(super) fn find_end(self, body: &str) -> Option<usize> {
        let bytes = body.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'\\' if !self.raw => at += 2,
                b'\n' | b'\r' if !self.triple => return None,
                byte if byte == self.quote => {
                    if !self.triple || bytes[at..].starts_with(&[byte; 3]) {
                        return Some(at);
                    }
                    at += 1;
                }
                _ => at += 1,
            }
        }
        None
    }
}

/// What a string literal's content says, or where and why it says nothing: offset, length and message.
pub(super) fn string(
    content: &str,
    prefix: StringPrefix,
) -> Result<Literal, (usize, usize, String)> {
    if prefix.raw || !content.contains(['\\', '\r']) {
        return Ok(if prefix.bytes {
            Literal::Bytes(content.as_bytes().to_vec())
        } else {
            Literal::String(content.to_owned())
        });
    }
    let mut unescaped = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some(first) = rest.chars().next() {
        let at = content.len() - rest.len();
        if first != '\\' {
            // Line ends count as one newline, however they are written.
            if first == '\r' {
                unescaped.push(b'\n');
                rest = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
                continue;
            }
            let length = first.len_utf8();
            unescaped.extend_from_slice(&rest.as_bytes()[..length]);
            rest = &rest[length..];
            continue;
        }
        let length = escape(rest, prefix.bytes, &mut unescaped)
            .map_err(|(length, message)| (at, length, message))?;
        rest = &rest[length..];
    }
    if prefix.bytes {
        return Ok(Literal::Bytes(unescaped));
    }
    String::from_utf8(unescaped)
        .map(Literal::String)
        .map_err(|_| (0, content.len(), "the string is not UTF-8".to_owned()))
}

/// The escape at the start of `text`: appends what it says and gives its length.
fn escape(text: &str, bytes: bool, out: &mut Vec<u8>) -> Result<usize, (usize, String)> {
    let letter = text[1..].chars().next().unwrap_or(' ');
    let simple = match letter {
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0c,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 0x0b,
        '\\' | '\'' | '"' | '`' | '?' => letter as u8,
        'x' | 'X' => return numbered(text, 2, 2, 16, bytes, out),
        'u' if !bytes => return numbered(text, 2, 4, 16, bytes, out),
        'U' if !bytes => return numbered(text, 2, 8, 16, bytes, out),
        '0'..='3' => return numbered(text, 1, 3, 8, bytes, out),
        'u' | 'U' => {
            return Err((2, "a bytes literal has no '\\u' escapes".to_owned()));
        }
        other => {
            return Err((
                1 + other.len_utf8(),
                format!("there is no escape '\\{other}'"),
            ));
        }
    };
    out.push(simple);
    Ok(2)
}

/// An escape of `count` digits that start at `from`.
fn numbered(
    text: &str,
    from: usize,
    count: usize,
    radix: u32,
    bytes: bool,
    out: &mut Vec<u8>,
) -> Result<usize, (usize, String)> {
    let end = from + count;
    let value = text
        .get(from..end)
        .filter(|digits| digits.chars().all(|digit| digit.is_digit(radix)))
        .and_then(|digits| u32::from_str_radix(digits, radix).ok())
        .ok_or_else(|| (2, format!("the escape needs {count} digits")))?;
    if bytes {
        // In bytes, `\x` and octal escapes name a byte: two hexadecimal and three octal digits below 4 fit one.
        out.push(value as u8);
        return Ok(end);
    }
    let character = char::from_u32(value)
        .ok_or_else(|| (end, format!("there is no character U+{value:04X}")))?;
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(end)
}
