//! Text to tokens.

use plimsoll_document::Span;

use crate::diagnostic::Diagnostic;

/// A piece of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: TokenKind,
    /// Where it stands.
    pub(super) span: Span,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name, reserved words included.
    Name,
    /// A name in back quotes.
    QuotedName,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
    /// `in`
    In,
    /// Digits, or `0x` and hexadecimal digits.
    Int,
    /// The same with `u` behind.
    Uint,
    /// Digits with a fraction, an exponent or both.
    Double,
    /// A string literal in any form, quotes and prefix included.
    String,
    /// A bytes literal in any form, quotes and prefixes included.
    Bytes,
    /// `==`
    EqualEqual,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `&&`
    AndAnd,
    /// `||`
    OrOr,
    /// `[`
    LeftBracket,
    /// `]`
    RightBracket,
    /// `{`
    LeftBrace,
    /// `}`
    RightBrace,
    /// `(`
    LeftParenthesis,
    /// `)`
    RightParenthesis,
    /// `.`
    Dot,
    /// `,`
    Comma,
    /// `-`
    Minus,
    /// `!`
    Exclamation,
    /// `?`
    Question,
    /// `:`
    Colon,
    /// `+`
    Plus,
    /// `*`
    Star,
    /// `/`
    Slash,
    /// `%`
    Percent,
    /// Nothing is left.
    End,
}

/// The tokens of a text, the last one [`TokenKind::End`]. The text must be below 4 GiB.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Diagnostic> {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
    };
    let mut tokens = Vec::with_capacity(text.len() / 3 + 1);
    loop {
        let token = lexer.next()?;
        tokens.push(token);
        if token.kind == TokenKind::End {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

impl Lexer<'_> {
    fn next(&mut self) -> Result<Token, Diagnostic> {
        self.skip_blanks();
        let start = self.at;
        let Some(byte) = self.peek(0) else {
            return Ok(self.token(TokenKind::End, start));
        };
        let kind = match byte {
            b'"' | b'\'' => self.string(start, TokenKind::String)?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => match self.literal_prefix() {
                Some((length, kind)) => {
                    self.at += length;
                    self.string(start, kind)?
                }
                None => self.name(start),
            },
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_some_and(|next| next.is_ascii_digit()) => self.number(),
            b'`' => self.quoted_name(start)?,
            _ => self.punctuation(start)?,
        };
        Ok(self.token(kind, start))
    }

    fn token(&self, kind: TokenKind, start: usize) -> Token {
        Token {
            kind,
            span: span(start, self.at),
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// White space and comments.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek(0) {
                Some(b' ' | b'\t' | b'\r' | b'\n' | b'\x0C') => self.at += 1,
                Some(b'/') if self.peek(1) == Some(b'/') => {
                    let rest = &self.bytes[self.at..];
                    let length = rest.iter().position(|byte| *byte == b'\n');
                    self.at += length.unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    /// The letters before a quote that make it a raw string or bytes: how many, and which of the two it is.
    fn literal_prefix(&self) -> Option<(usize, TokenKind)> {
        let is_quote = |ahead| matches!(self.peek(ahead), Some(b'"' | b'\''));
        match self.peek(0)? {
            b'r' | b'R' if is_quote(1) => Some((1, TokenKind::String)),
            b'b' | b'B' if is_quote(1) => Some((1, TokenKind::Bytes)),
            b'b' | b'B' if matches!(self.peek(1), Some(b'r' | b'R')) && is_quote(2) => {
                Some((2, TokenKind::Bytes))
            }
            _ => None,
        }
    }

    /// A literal from its opening quote on; escapes are looked at later, only stepped over here.
    fn string(&mut self, start: usize, kind: TokenKind) -> Result<TokenKind, Diagnostic> {
        let raw = self.bytes[start..self.at]
            .iter()
            .any(|byte| byte.eq_ignore_ascii_case(&b'r'));
        let quote = self.bytes[self.at];
        let triple = self.peek(1) == Some(quote) && self.peek(2) == Some(quote);
        let opening = self.at;
        self.at += if triple { 3 } else { 1 };
        loop {
            match self.peek(0) {
                Some(b'\\') if !raw => {
                    self.at += 1;
                    self.at += self.text[self.at..]
                        .chars()
                        .next()
                        .map_or(0, char::len_utf8);
                }
                Some(byte) if byte == quote => {
                    if !triple {
                        self.at += 1;
                        return Ok(kind);
                    }
                    if self.peek(1) == Some(quote) && self.peek(2) == Some(quote) {
                        self.at += 3;
                        return Ok(kind);
                    }
                    self.at += 1;
                }
                Some(b'\n' | b'\r') if !triple => {
                    return Err(unclosed(start, opening + 1, "before the end of the line"));
                }
                Some(_) => self.at += 1,
                None => {
                    let length = if triple { 3 } else { 1 };
                    return Err(unclosed(start, opening + length, "before the end"));
                }
            }
        }
    }

    fn name(&mut self, start: usize) -> TokenKind {
        while self.peek(0).is_some_and(is_name_part) {
            self.at += 1;
        }
        match &self.text[start..self.at] {
            "true" => TokenKind::True,
            "false" => TokenKind::False,
            "null" => TokenKind::Null,
            "in" => TokenKind::In,
            _ => TokenKind::Name,
        }
    }

    fn quoted_name(&mut self, start: usize) -> Result<TokenKind, Diagnostic> {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'`' if self.at == start + 1 => {
                    return Err(Diagnostic::new(
                        "a field in back quotes needs a name",
                        span(start, self.at + 1),
                    ));
                }
                b'`' => {
                    self.at += 1;
                    return Ok(TokenKind::QuotedName);
                }
                _ if is_name_part(byte) || matches!(byte, b'.' | b'-' | b'/' | b' ') => {
                    self.at += 1;
                }
                b'\n' | b'\r' => break,
                _ => {
                    let (character, span) = self.character();
                    return Err(Diagnostic::new(
                        format!(
                            "{character:?} cannot stand in back quotes: letters, digits, '_', '.', '-', '/' and space can"
                        ),
                        span,
                    ));
                }
            }
        }
        Err(Diagnostic::new(
            "the back quote is not closed before the end of the line",
            span(start, start + 1),
        ))
    }

    fn number(&mut self) -> TokenKind {
        if self.peek(0) == Some(b'0')
            && self.peek(1) == Some(b'x')
            && self.peek(2).is_some_and(|digit| digit.is_ascii_hexdigit())
        {
            self.at += 2;
            self.skip_while(|byte| byte.is_ascii_hexdigit());
            return self.unsigned_suffix();
        }
        let mut double = false;
        self.skip_digits();
        if self.peek(0) == Some(b'.') && self.peek(1).is_some_and(|digit| digit.is_ascii_digit()) {
            double = true;
            self.at += 1;
            self.skip_digits();
        }
        if matches!(self.peek(0), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.peek(1), Some(b'+' | b'-')));
            if self
                .peek(1 + sign)
                .is_some_and(|digit| digit.is_ascii_digit())
            {
                double = true;
                self.at += 1 + sign;
                self.skip_digits();
            }
        }
        if double {
            return TokenKind::Double;
        }
        self.unsigned_suffix()
    }

    fn unsigned_suffix(&mut self) -> TokenKind {
        if matches!(self.peek(0), Some(b'u' | b'U')) {
            self.at += 1;
            return TokenKind::Uint;
        }
        TokenKind::Int
    }

    fn skip_digits(&mut self) {
        self.skip_while(|byte| byte.is_ascii_digit());
    }

    fn skip_while(&mut self, accept: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&accept) {
            self.at += 1;
        }
    }

    fn punctuation(&mut self, start: usize) -> Result<TokenKind, Diagnostic> {
        let next = self.peek(1);
        let (kind, length) = match self.bytes[start] {
            b'=' if next == Some(b'=') => (TokenKind::EqualEqual, 2),
            b'!' if next == Some(b'=') => (TokenKind::NotEqual, 2),
            b'<' if next == Some(b'=') => (TokenKind::LessOrEqual, 2),
            b'>' if next == Some(b'=') => (TokenKind::GreaterOrEqual, 2),
            b'&' if next == Some(b'&') => (TokenKind::AndAnd, 2),
            b'|' if next == Some(b'|') => (TokenKind::OrOr, 2),
            b'<' => (TokenKind::Less, 1),
            b'>' => (TokenKind::Greater, 1),
            b'[' => (TokenKind::LeftBracket, 1),
            b']' => (TokenKind::RightBracket, 1),
            b'{' => (TokenKind::LeftBrace, 1),
            b'}' => (TokenKind::RightBrace, 1),
            b'(' => (TokenKind::LeftParenthesis, 1),
            b')' => (TokenKind::RightParenthesis, 1),
            b'.' => (TokenKind::Dot, 1),
            b',' => (TokenKind::Comma, 1),
            b'-' => (TokenKind::Minus, 1),
            b'!' => (TokenKind::Exclamation, 1),
            b'?' => (TokenKind::Question, 1),
            b':' => (TokenKind::Colon, 1),
            b'+' => (TokenKind::Plus, 1),
            b'*' => (TokenKind::Star, 1),
            b'/' => (TokenKind::Slash, 1),
            b'%' => (TokenKind::Percent, 1),
            byte => {
                let (character, span) = self.character();
                let hint = match byte {
                    b'=' => "; equality is written '=='",
                    b'&' => "; and is written '&&'",
                    b'|' => "; or is written '||'",
                    _ => "",
                };
                return Err(Diagnostic::new(
                    format!("unexpected character {character:?}{hint}"),
                    span,
                ));
            }
        };
        self.at += length;
        Ok(kind)
    }

    /// The character here, whole.
    fn character(&self) -> (char, Span) {
        let character = self.text[self.at..].chars().next().unwrap_or_default();
        (character, span(self.at, self.at + character.len_utf8()))
    }
}

fn unclosed(start: usize, end: usize, before: &str) -> Diagnostic {
    Diagnostic::new(
        format!("the quote is not closed {before}"),
        span(start, end),
    )
}

fn is_name_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn span(start: usize, end: usize) -> Span {
    Span {
        start: start as u32,
        end: end as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of the tokens without the end.
    fn split(text: &str) -> Vec<(TokenKind, &str)> {
        let mut tokens: Vec<_> = tokens(text)
            .unwrap()
            .into_iter()
            .map(|token| {
                let text = &text[token.span.start as usize..token.span.end as usize];
                (token.kind, text)
            })
            .collect();
        assert_eq!(tokens.pop().unwrap().0, TokenKind::End);
        tokens
    }

    fn error(text: &str) -> (String, u32) {
        let diagnostic = tokens(text).unwrap_err();
        (diagnostic.message, diagnostic.span.start)
    }

    #[test]
    fn numbers_take_as_much_as_they_can() {
        use TokenKind::{Dot, Double, Int, Minus, Name, Uint};
        assert_eq!(split("0x1Fu"), [(Uint, "0x1Fu")]);
        assert_eq!(split("0xg"), [(Int, "0"), (Name, "xg")]);
        assert_eq!(split("1."), [(Int, "1"), (Dot, ".")]);
        assert_eq!(split(".5e-3"), [(Double, ".5e-3")]);
        assert_eq!(split("1e"), [(Int, "1"), (Name, "e")]);
        assert_eq!(split("1e-"), [(Int, "1"), (Name, "e"), (Minus, "-")]);
        assert_eq!(split("1.5u"), [(Double, "1.5"), (Name, "u")]);
        assert_eq!(split("12U"), [(Uint, "12U")]);
    }

    #[test]
    fn strings_end_at_their_own_quote() {
        use TokenKind::{Bytes, Name, String};
        assert_eq!(split(r#""a\"b""#), [(String, r#""a\"b""#)]);
        assert_eq!(split(r"r'\'"), [(String, r"r'\'")]);
        assert_eq!(split("'''a'b\n'''"), [(String, "'''a'b\n'''")]);
        assert_eq!(split("bR'x'"), [(Bytes, "bR'x'")]);
        assert_eq!(split("rb'x'"), [(Name, "rb"), (String, "'x'")]);
        assert_eq!(split("''''''"), [(String, "''''''")]);
        assert_eq!(
            error("1 + 'ab\n'"),
            (
                "the quote is not closed before the end of the line".into(),
                4
            )
        );
        assert_eq!(
            error("'''a''"),
            ("the quote is not closed before the end".into(), 0)
        );
        assert_eq!(
            error(r"'a\"),
            ("the quote is not closed before the end".into(), 0)
        );
    }

    #[test]
    fn comments_and_blanks_part_tokens() {
        use TokenKind::{Int, Plus};
        assert_eq!(
            split("1// one\r\n\x0C+//\n 2 //"),
            [(Int, "1"), (Plus, "+"), (Int, "2")]
        );
    }

    #[test]
    fn back_quotes_hold_few_characters() {
        assert_eq!(
            split("`a.b-c/d e`"),
            [(TokenKind::QuotedName, "`a.b-c/d e`")]
        );
        assert!(error("a.``").0.contains("needs a name"));
        assert_eq!(error("a.`bé`").1, 4);
        assert!(error("a.`b").0.contains("not closed"));
    }

    #[test]
    fn an_unknown_character_is_told_with_a_hint() {
        assert_eq!(
            error("a = b"),
            (
                "unexpected character '='; equality is written '=='".into(),
                2
            )
        );
        assert_eq!(error("a é"), ("unexpected character 'é'".into(), 2));
    }
}
