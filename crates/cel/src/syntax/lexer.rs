//! Tokens.

use plimsoll_document::Span;

use super::literal;
use crate::ast::Literal;
use crate::diagnostic::Diagnostic;

/// A token and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// A name; `true`, `false`, `null` and `in` are tokens of their own.
    Name(String),
    /// A name in back quotes: only ever a field.
    QuotedName(String),
    Literal(Literal),
    /// A whole number too large for `int`: right only after a minus sign, and only if it is 2^63.
    IntMagnitude(u64),
    In,
    /// Punctuation and operators, as written.
    Symbol(&'static str),
    End,
}

/// Longest first, so that `<=` is not taken for `<`.
const SYMBOLS: &[&str] = &[
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ",", ".",
    "(", ")", "[", "]", "{", "}",
];

/// All tokens of an expression, the last one [`TokenKind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Diagnostic> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next()?;
        let is_end = token.kind == TokenKind::End;
        tokens.push(token);
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl Lexer<'_> {
    fn next(&mut self) -> Result<Token, Diagnostic> {
        self.skip_blanks();
        let start = self.at;
        let rest = &self.text[start..];
        let Some(first) = rest.chars().next() else {
            return Ok(self.token(start, TokenKind::End));
        };
        if let Some(token) = self.string(start)? {
            return Ok(token);
        }
        if first.is_ascii_digit() || (first == '.' && second_is_digit(rest)) {
            let (length, kind) = literal::number(rest)
                .map_err(|(length, message)| self.error(start, length, message))?;
            self.at += length;
            return Ok(self.token(start, kind));
        }
        if first.is_ascii_alphabetic() || first == '_' {
            self.at += rest
                .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
                .unwrap_or(rest.len());
            let name = &self.text[start..self.at];
            let kind = match name {
                "true" => TokenKind::Literal(Literal::Bool(true)),
                "false" => TokenKind::Literal(Literal::Bool(false)),
                "null" => TokenKind::Literal(Literal::Null),
                "in" => TokenKind::In,
                name => TokenKind::Name(name.to_owned()),
            };
            return Ok(self.token(start, kind));
        }
        if first == '`' {
            return self.quoted_name(start);
        }
        for symbol in SYMBOLS {
            if rest.starts_with(symbol) {
                self.at += symbol.len();
                return Ok(self.token(start, TokenKind::Symbol(symbol)));
            }
        }
        let message = match first {
            '=' => "unexpected '=': equality is written '=='".to_owned(),
            '&' | '|' => format!("unexpected '{first}': the operator is written '{first}{first}'"),
            other => format!("unexpected character {other:?}"),
        };
        Err(self.error(start, first.len_utf8(), message))
    }

    /// A string or bytes literal, if one starts here.
    fn string(&mut self, start: usize) -> Result<Option<Token>, Diagnostic> {
        let rest = &self.text[start..];
        let Some(prefix) = literal::StringPrefix::of(rest) else {
            return Ok(None);
        };
        let body = &rest[prefix.length..];
        let end = prefix.find_end(body).ok_or_else(|| {
            let first_line = body.lines().next().unwrap_or_default();
            self.error(
                start,
                prefix.length + first_line.len(),
                "the string is not closed".to_owned(),
            )
        })?;
        let content_start = start + prefix.length;
        let literal = literal::string(&body[..end], prefix)
            .map_err(|(at, length, message)| self.error(content_start + at, length, message))?;
        self.at = content_start + end + prefix.quote_length();
        Ok(Some(self.token(start, TokenKind::Literal(literal))))
    }

    fn quoted_name(&mut self, start: usize) -> Result<Token, Diagnostic> {
        let body = &self.text[start + 1..];
        let allowed = |character: char| {
            character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-' | '/' | ' ')
        };
        let end = body
            .find(|character| !allowed(character))
            .unwrap_or(body.len());
        if end == 0 || !body[end..].starts_with('`') {
            let message = "a name in back quotes holds letters, digits, '_', '.', '-', '/' and spaces, and ends with a back quote";
            return Err(self.error(start, end + 1, message.to_owned()));
        }
        self.at = start + end + 2;
        Ok(self.token(start, TokenKind::QuotedName(body[..end].to_owned())))
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']);
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn token(&self, start: usize, kind: TokenKind) -> Token {
        Token {
            kind,
            span: Span {
                start: start as u32,
                end: self.at as u32,
            },
        }
    }

    #[expect(
        clippy::unused_self,
        reason = "reads better at the call sites than a free function among methods"
    )]
    fn error(&self, start: usize, length: usize, message: String) -> Diagnostic {
        let span = Span {
            start: start as u32,
            end: (start + length.max(1)) as u32,
        };
        Diagnostic::new(message, span)
    }
}

fn second_is_digit(text: &str) -> bool {
    text.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
}
