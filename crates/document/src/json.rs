//! JSON to a tree.
//!
//! Strict RFC 8259, but for what `kubectl` is lenient about: a key may be there twice. A source may hold several
//! documents one after the other (NDJSON); after a broken one reading goes on at the next line that begins one.
//! The parser keeps its own stack, so depth costs no stack of the process.

mod list;

use std::sync::Arc;

use crate::builder::{Duplicate, KeyAt, ScalarValue, TreeBuilder};
use crate::parse::{Document, Limits, Parsed};
use crate::problem::{Problem, ProblemKind, Severity};
use crate::source::{Source, Span};
use crate::symbol::Symbol;

pub(crate) use list::parse as parse_list;

pub(crate) fn parse(source: &Arc<Source>, limits: &Limits) -> Parsed {
    Parser::of(source, limits).parse(source)
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    limits: &'t Limits,
    builder: TreeBuilder,
    stack: Vec<Open>,
    duplicates: Vec<Duplicate>,
    unescaped: String,
    /// Reads the list that opens at a place beside this tree and finds where it closes, if it can.
    beside: Option<&'t mut dyn FnMut(usize) -> Option<usize>>,
}

/// A container that is open.
struct Open {
    key: KeyAt,
    start: u32,
    /// Where its children begin among the pending nodes.
    opened: usize,
    is_map: bool,
}

/// Where and what went wrong.
type Result<T> = std::result::Result<T, (usize, ProblemKind)>;

impl<'t> Parser<'t> {
    fn new(source: &'t Source, limits: &'t Limits, nodes: usize) -> Parser<'t> {
        let text = source.text();
        Parser {
            text,
            bytes: text.as_bytes(),
            at: 0,
            limits,
            builder: TreeBuilder::of_json(nodes),
            stack: Vec::with_capacity(32),
            duplicates: Vec::new(),
            unescaped: String::new(),
            beside: None,
        }
    }

    /// A parser with room for all values of a source: Kubernetes JSON has one about every twenty bytes.
    fn of(source: &'t Source, limits: &'t Limits) -> Parser<'t> {
        Parser::new(source, limits, source.text().len() / 20 + 8)
    }

    /// All documents.
    fn parse(mut self, source: &Arc<Source>) -> Parsed {
        let mut documents = Vec::new();
        let mut problems = Vec::new();
        loop {
            self.skip_blanks();
            if self.at >= self.bytes.len() {
                break;
            }
            let index = documents.len() as u32;
            let start = self.at as u32;
            let result = self.document();
            self.report_duplicates(source, index, &mut problems);
            let root = match result {
                Ok(()) => self.builder.root(),
                Err((at, kind)) => {
                    self.builder.abandon();
                    self.stack.clear();
                    problems.push(Problem {
                        severity: Severity::Error,
                        kind,
                        position: source.position(at as u32),
                        document: index,
                    });
                    self.skip_to_next_document(at);
                    None
                }
            };
            documents.push(Document {
                index,
                root,
                span: Span {
                    start,
                    end: self.at.max(start as usize) as u32,
                },
            });
        }
        Parsed {
            tree: Arc::new(self.builder.finish(Arc::clone(source))),
            documents,
            items: Vec::new(),
            problems,
        }
    }

    fn report_duplicates(&mut self, source: &Source, document: u32, problems: &mut Vec<Problem>) {
        for duplicate in std::mem::take(&mut self.duplicates) {
            problems.push(Problem {
                severity: Severity::Warning,
                kind: ProblemKind::DuplicateKey {
                    key: self.builder.name(duplicate.symbol).to_owned(),
                    first: source.position(duplicate.first),
                },
                position: source.position(duplicate.second),
                document,
            });
        }
    }

    /// One value with all that is in it.
    fn document(&mut self) -> Result<()> {
        let mut key = KeyAt {
            symbol: Symbol::NONE,
            start: self.at as u32,
        };
        loop {
            // A value begins here.
            let opened = match self.peek() {
                b'{' => self.open(key, true)?,
                b'[' => self.open(key, false)?,
                _ => {
                    self.scalar(key)?;
                    false
                }
            };
            if !opened {
                // The value is complete: close every container that ends here.
                loop {
                    let Some(open) = self.stack.last() else {
                        return Ok(());
                    };
                    let is_map = open.is_map;
                    self.skip_blanks();
                    match (self.peek(), is_map) {
                        (b',', _) => {
                            self.at += 1;
                            self.skip_blanks();
                            self.count_nodes()?;
                            break;
                        }
                        (b'}', true) | (b']', false) => self.close(),
                        (_, true) => return Err(self.expected("',' or '}'")),
                        (_, false) => return Err(self.expected("',' or ']'")),
                    }
                }
            }
            key = match self.stack.last() {
                Some(open) if open.is_map => self.key()?,
                _ => KeyAt {
                    symbol: Symbol::NONE,
                    start: self.at as u32,
                },
            };
        }
    }

    /// Opens a container. `false` where it is empty and so closed at once.
    fn open(&mut self, key: KeyAt, is_map: bool) -> Result<bool> {
        if self.stack.len() >= self.limits.max_depth {
            return Err((self.at, ProblemKind::TooDeep(self.limits.max_depth)));
        }
        self.count_nodes()?;
        self.stack.push(Open {
            key,
            start: self.at as u32,
            opened: self.builder.open(),
            is_map,
        });
        self.at += 1;
        self.skip_blanks();
        if self.peek() == if is_map { b'}' } else { b']' }
            || self.beside.is_some() && self.read_beside()
        {
            self.close();
            return Ok(false);
        }
        Ok(true)
    }

    /// Refuses a source with more values than it may have.
    #[inline]
    fn count_nodes(&self) -> Result<()> {
        if self.builder.node_count() > self.limits.max_nodes {
            return Err((self.at, ProblemKind::TooManyNodes(self.limits.max_nodes)));
        }
        Ok(())
    }

    fn close(&mut self) {
        self.at += 1;
        let Some(open) = self.stack.pop() else {
            return;
        };
        let span = Span {
            start: open.start,
            end: self.at as u32,
        };
        if open.is_map {
            self.builder
                .close_map(open.opened, open.key, span, &mut self.duplicates);
        } else {
            self.builder.close_list(open.opened, open.key, span);
        }
    }

    #[inline]
    fn key(&mut self) -> Result<KeyAt> {
        let start = self.at;
        if self.peek() != b'"' {
            return Err(self.expected("a key in double quotes"));
        }
        let symbol = match self.string()? {
            ScalarValue::Source(span) => {
                let name = &self.text[span.start as usize..span.end as usize];
                self.builder.symbol(name)
            }
            _ => self.builder.symbol(&self.unescaped),
        };
        let symbol = symbol.ok_or((start, ProblemKind::TooManyKeys))?;
        self.skip_blanks();
        if self.peek() != b':' {
            return Err(self.expected("':' after the key"));
        }
        self.at += 1;
        self.skip_blanks();
        let start = start as u32;
        Ok(KeyAt { symbol, start })
    }

    #[inline]
    fn scalar(&mut self, key: KeyAt) -> Result<()> {
        let start = self.at;
        let value = match self.peek() {
            b'"' => {
                let value = self.string()?;
                let span = Span {
                    start: start as u32,
                    end: self.at as u32,
                };
                if let ScalarValue::Source(_) = value {
                    self.builder.scalar(key, span, value);
                } else {
                    let text = std::mem::take(&mut self.unescaped);
                    self.builder.scalar(key, span, ScalarValue::Decoded(&text));
                    self.unescaped = text;
                }
                return Ok(());
            }
            b't' => self.word("true", ScalarValue::Bool(true))?,
            b'f' => self.word("false", ScalarValue::Bool(false))?,
            b'n' => self.word("null", ScalarValue::Null)?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return Err(self.expected("a value")),
        };
        let span = Span {
            start: start as u32,
            end: self.at as u32,
        };
        self.builder.scalar(key, span, value);
        Ok(())
    }

    fn word(&mut self, word: &str, value: ScalarValue<'static>) -> Result<ScalarValue<'static>> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.expected("a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    /// A string at its opening quote. One with escapes is left in `unescaped`.
    #[inline]
    fn string(&mut self) -> Result<ScalarValue<'static>> {
        let start = self.at + 1;
        let end = start + find_special(&self.bytes[start..]);
        if self.bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(ScalarValue::Source(Span {
                start: start as u32,
                end: end as u32,
            }));
        }
        self.escaped_string(start, end)?;
        Ok(ScalarValue::Decoded(""))
    }

    #[cold]
    fn escaped_string(&mut self, start: usize, mut end: usize) -> Result<()> {
        self.unescaped.clear();
        let mut from = start;
        loop {
            self.unescaped.push_str(&self.text[from..end]);
            match self.bytes.get(end) {
                Some(b'"') => {
                    self.at = end + 1;
                    return Ok(());
                }
                Some(b'\\') => from = self.escape(end)?,
                Some(_) => {
                    let message = "a control character stands in a string; write it as an escape";
                    return Err((end, ProblemKind::Syntax(message.to_owned())));
                }
                None => {
                    let message = "the string is not closed".to_owned();
                    return Err((start - 1, ProblemKind::Syntax(message)));
                }
            }
            end = from + find_special(&self.bytes[from..]);
        }
    }

    /// The escape at this place: adds what it says and gives where it ends.
    fn escape(&mut self, at: usize) -> Result<usize> {
        let simple = match self.bytes.get(at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(at),
            _ => {
                let message = "there is no such escape".to_owned();
                return Err((at, ProblemKind::Syntax(message)));
            }
        };
        self.unescaped.push(simple);
        Ok(at + 2)
    }

    fn unicode_escape(&mut self, at: usize) -> Result<usize> {
        let first = self.four_digits(at)?;
        if (0xD800..0xDC00).contains(&first)
            && self.bytes.get(at + 6) == Some(&b'\\')
            && self.bytes.get(at + 7) == Some(&b'u')
        {
            let second = self.four_digits(at + 6)?;
            if (0xDC00..0xE000).contains(&second) {
                let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                self.unescaped
                    .push(char::from_u32(code).unwrap_or('\u{FFFD}'));
                return Ok(at + 12);
            }
        }
        // Half a surrogate pair becomes the replacement character, as Go reads it.
        self.unescaped
            .push(char::from_u32(first).unwrap_or('\u{FFFD}'));
        Ok(at + 6)
    }

    fn four_digits(&self, at: usize) -> Result<u32> {
        self.text
            .get(at + 2..at + 6)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or_else(|| {
                let message = "the escape '\\u' needs four hexadecimal digits".to_owned();
                (at, ProblemKind::Syntax(message))
            })
    }

    #[inline]
    fn number(&mut self) -> Result<ScalarValue<'static>> {
        let start = self.at;
        let mut at = start + usize::from(self.bytes[start] == b'-');
        let digits_start = at;
        let mut value = 0_u64;
        while let Some(digit @ b'0'..=b'9') = self.bytes.get(at) {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            at += 1;
        }
        let digits = at - digits_start;
        if digits == 0 || digits > 1 && self.bytes[digits_start] == b'0' {
            let message = "a number has no leading zero, and a digit after its sign".to_owned();
            return Err((start, ProblemKind::Syntax(message)));
        }
        if digits < 19 && !matches!(self.bytes.get(at), Some(b'.' | b'e' | b'E')) {
            self.at = at;
            let value = value as i64;
            return Ok(ScalarValue::Int(if digits_start > start {
                -value
            } else {
                value
            }));
        }
        self.other_number(start, at)
    }

    /// A number with a fraction or exponent, or of many digits. `at` is where the whole digits end.
    fn other_number(&mut self, start: usize, mut at: usize) -> Result<ScalarValue<'static>> {
        let digits = |mut at: usize| {
            while self.bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let missing = |at: usize| {
            let message = "a digit is missing in the number".to_owned();
            (at, ProblemKind::Syntax(message))
        };
        let mut is_whole = true;
        if self.bytes.get(at) == Some(&b'.') {
            is_whole = false;
            let end = digits(at + 1);
            if end == at + 1 {
                return Err(missing(end));
            }
            at = end;
        }
        if matches!(self.bytes.get(at), Some(b'e' | b'E')) {
            is_whole = false;
            let sign = usize::from(matches!(self.bytes.get(at + 1), Some(b'+' | b'-')));
            let end = digits(at + 1 + sign);
            if end == at + 1 + sign {
                return Err(missing(end));
            }
            at = end;
        }
        self.at = at;
        let text = &self.text[start..at];
        if is_whole {
            if let Ok(value) = text.parse::<i64>() {
                return Ok(ScalarValue::Int(value));
            }
            if let Ok(value) = text.parse::<u64>() {
                return Ok(ScalarValue::Uint(value));
            }
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(ScalarValue::Double(value)),
            _ => {
                let message = "the number is too large".to_owned();
                Err((start, ProblemKind::Syntax(message)))
            }
        }
    }

    /// The byte here, or 0 at the end: no token begins with 0.
    #[inline]
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    #[cold]
    fn expected(&self, what: &str) -> (usize, ProblemKind) {
        let message = match self.text[self.at.min(self.text.len())..].chars().next() {
            Some(found) => format!("expected {what}, found {found:?}"),
            None => format!("expected {what}, found the end of the file"),
        };
        (self.at, ProblemKind::Syntax(message))
    }

    /// Moves to the next line that begins with a brace: what follows a broken document can only be told apart there.
    fn skip_to_next_document(&mut self, broken: usize) {
        self.at = broken;
        while let Some(line_end) = memchr::memchr(b'\n', &self.bytes[self.at..]) {
            self.at += line_end + 1;
            if self.peek() == b'{' {
                return;
            }
        }
        self.at = self.bytes.len();
    }
}

/// How far it is to a quote, a backslash or a control character; to the end where there is none.
#[inline]
fn find_special(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut at = 0;
    while let Some(chunk) = bytes[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        // A byte is marked where subtracting borrows from its high bit: it equals the one looked for, or is below 0x20.
        let quote = word ^ (ONES * u64::from(b'"'));
        let backslash = word ^ (ONES * u64::from(b'\\'));
        let found = (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash)
            | (word.wrapping_sub(ONES * 0x20) & !word);
        let found = found & HIGH;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    bytes[at..]
        .iter()
        .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
        .map_or(bytes.len(), |found| at + found)
}
