//! The YAML that manifests are written in, read directly.
//!
//! Block maps and lists, plain and quoted scalars on one line, literal block scalars, flow collections on one line, and
//! comments: that is nearly every manifest, and it can be read several times faster than by a parser for all of YAML.
//! On anything else (anchors, tags, escapes, scalars over several lines, tabs, other than ASCII ...) [`read`] gives up
//! for the whole document, and the events of the full parser are read instead. Both give the same tree; a test over
//! thousands of documents compares them.

mod lines;

use super::scalar;
use crate::builder::{Duplicate, KeyAt, ScalarValue, TreeBuilder};
use crate::parse::Limits;
use crate::source::Span;
use crate::symbol::Symbol;

/// Reads a document. `None` where it has something that is not read here; the builder then holds parts of it, which
/// are to be abandoned.
pub(super) fn read(
    text: &str,
    span: Span,
    limits: &Limits,
    builder: &mut TreeBuilder,
    duplicates: &mut Vec<Duplicate>,
) -> Option<()> {
    let bytes = text.as_bytes().get(..span.end as usize)?;
    let mut reader = Reader {
        text,
        bytes,
        at: span.start as usize,
        line_start: span.start as usize,
        depth: 0,
        max_depth: limits.max_depth.min(100),
        max_nodes: limits.max_nodes,
        builder,
        duplicates,
        block: String::new(),
    };
    reader.document()
}

struct Reader<'r> {
    text: &'r str,
    bytes: &'r [u8],
    /// At the first character of the content that comes next; at the end of the text where there is none.
    at: usize,
    line_start: usize,
    depth: usize,
    max_depth: usize,
    max_nodes: usize,
    builder: &'r mut TreeBuilder,
    duplicates: &'r mut Vec<Duplicate>,
    /// The text of the block scalar that is read.
    block: String,
}

impl Reader<'_> {
    fn document(&mut self) -> Option<()> {
        if self.bytes[self.at..].starts_with(b"---") {
            self.at += 3;
            self.end_of_line()?;
        } else {
            self.next_content_from(self.at)?;
            if self.column() == 0 && self.bytes[self.at..].starts_with(b"---") {
                self.at += 3;
                self.end_of_line()?;
            }
        }
        if self.at >= self.bytes.len() {
            return None;
        }
        let key = KeyAt {
            symbol: Symbol::NONE,
            start: self.at as u32,
        };
        let column = self.column();
        self.block_node(key, column)?;
        (self.at >= self.bytes.len()).then_some(())
    }

    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(b'\n')
    }

    fn column(&self) -> usize {
        self.at - self.line_start
    }

    /// Whether content of at least one column deeper comes next.
    fn is_deeper_than(&self, column: usize) -> bool {
        self.at < self.bytes.len() && self.column() > column
    }

    /// What stands at the end of a line: nothing, or a comment. Then moves to the next content.
    fn end_of_line(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek() == b' ' {
            self.at += 1;
        }
        match self.peek() {
            b'\n' => {}
            b'\r' if self.bytes.get(self.at + 1) == Some(&b'\n') => {}
            // A comment stands apart from what is before it.
            b'#' if self.at > start || self.at == self.line_start => {}
            _ => return None,
        }
        self.skip_line();
        self.next_content_from(self.at)
    }

    fn skip_line(&mut self) {
        self.at = memchr::memchr(b'\n', &self.bytes[self.at.min(self.bytes.len())..])
            .map_or(self.bytes.len(), |found| self.at + found + 1);
    }

    /// Moves to the first line from here on that holds more than blanks and a comment.
    fn next_content_from(&mut self, line: usize) -> Option<()> {
        self.at = line;
        loop {
            self.line_start = self.at;
            while self.bytes.get(self.at) == Some(&b' ') {
                self.at += 1;
            }
            match self.bytes.get(self.at) {
                None => return Some(()),
                Some(b'\n') => self.at += 1,
                Some(b'\r') if self.bytes.get(self.at + 1) == Some(&b'\n') => self.at += 2,
                Some(b'#') => self.skip_line(),
                Some(b'\t' | b'%' | b'\r') => return None,
                Some(_) => return Some(()),
            }
        }
    }

    /// A list or map in block style that begins here.
    fn block_node(&mut self, key: KeyAt, column: usize) -> Option<()> {
        self.depth += 1;
        if self.depth > self.max_depth {
            return None;
        }
        if self.is_dash() {
            self.list(key, column)?;
        } else {
            self.map(key, column)?;
        }
        self.depth -= 1;
        Some(())
    }

    /// Whether `- ` or a dash at the end of the line stands here.
    fn is_dash(&self) -> bool {
        self.peek() == b'-'
            && matches!(
                self.bytes.get(self.at + 1),
                None | Some(b' ' | b'\n' | b'\r')
            )
    }

    fn list(&mut self, key: KeyAt, column: usize) -> Option<()> {
        let start = self.at as u32;
        let opened = self.builder.open();
        while self.at < self.bytes.len() && self.column() == column && self.is_dash() {
            self.at += 1;
            while self.peek() == b' ' {
                self.at += 1;
            }
            let element = |at: usize| KeyAt {
                symbol: Symbol::NONE,
                start: at as u32,
            };
            if matches!(self.peek(), b'\n' | b'\r' | b'#') {
                self.end_of_line()?;
                if !self.is_deeper_than(column) {
                    return None;
                }
                let inner = self.column();
                if !self.is_dash() && self.key_end().is_none() {
                    return None;
                }
                self.block_node(element(self.at), inner)?;
            } else if self.is_dash() || self.key_end().is_some() {
                let inner = self.column();
                self.block_node(element(self.at), inner)?;
            } else {
                self.value(element(self.at), column)?;
            }
        }
        // Deeper content, or a key where a dash belongs, is a mistake that the full parser explains.
        if self.is_deeper_than(column) {
            return None;
        }
        let end = self.builder.last().map_or(start, |last| last.span().end);
        self.builder.close_list(opened, key, Span { start, end });
        Some(())
    }

    fn map(&mut self, key: KeyAt, column: usize) -> Option<()> {
        let start = self.at as u32;
        let opened = self.builder.open();
        loop {
            let entry = self.key()?;
            let value_start = self.at;
            while self.peek() == b' ' {
                self.at += 1;
            }
            if matches!(self.peek(), b'\n' | b'\r' | b'#') {
                if self.peek() == b'#' && self.at == value_start {
                    return None;
                }
                self.end_of_line()?;
                let is_nested = self.is_deeper_than(column)
                    || self.at < self.bytes.len() && self.column() == column && self.is_dash();
                if is_nested {
                    let inner = self.column();
                    if !self.is_dash() && self.key_end().is_none() {
                        return None;
                    }
                    self.block_node(entry, inner)?;
                } else {
                    let span = Span {
                        start: entry.start,
                        end: entry.start,
                    };
                    self.builder.scalar(entry, span, ScalarValue::Null);
                }
            } else if self.at == value_start {
                return None;
            } else {
                self.value(entry, column)?;
            }
            if self.at >= self.bytes.len() || self.column() < column {
                break;
            }
            if self.column() > column || self.is_dash() {
                return None;
            }
        }
        let end = self.builder.last().map_or(start, |last| last.span().end);
        self.builder
            .close_map(opened, key, Span { start, end }, self.duplicates);
        Some(())
    }

    /// Where the key ends that stands here, before its colon; `None` where there is none, or one not read here.
    fn key_end(&self) -> Option<usize> {
        let first = self.peek();
        if first == b'"' || first == b'\'' {
            let end = self.quoted_end(self.at)?;
            return self.is_colon(end).then_some(end);
        }
        if !(first.is_ascii_alphanumeric() || matches!(first, b'_' | b'/' | b'.' | b'$')) {
            return None;
        }
        let mut at = self.at;
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'a'..=b'z'
                | b'A'..=b'Z'
                | b'0'..=b'9'
                | b'_'
                | b'-'
                | b'.'
                | b'/'
                | b'$'
                | b'('
                | b')' => {
                    at += 1;
                }
                b':' if self.is_colon(at) => return Some(at),
                b':' => at += 1,
                _ => return None,
            }
        }
        None
    }

    /// Whether a colon that parts key and value stands at this place.
    fn is_colon(&self, at: usize) -> bool {
        self.bytes.get(at) == Some(&b':')
            && matches!(self.bytes.get(at + 1), None | Some(b' ' | b'\n' | b'\r'))
    }

    /// Reads a key and its colon.
    fn key(&mut self) -> Option<KeyAt> {
        let end = self.key_end()?;
        let start = self.at;
        let name = if matches!(self.peek(), b'"' | b'\'') {
            self.text.get(start + 1..end - 1)?
        } else {
            let name = self.text.get(start..end)?;
            // `on`, `0644`, `1.5`: keys that are no strings.
            let span = Span::default();
            if !matches!(scalar::plain(name, span), Ok(ScalarValue::Source(_))) {
                return None;
            }
            name
        };
        self.at = end + 1;
        Some(KeyAt {
            symbol: self.builder.symbol(name)?,
            start: start as u32,
        })
    }

    /// One past the closing quote of a quoted scalar that begins here, on one line and without escapes.
    fn quoted_end(&self, at: usize) -> Option<usize> {
        let quote = *self.bytes.get(at)?;
        for (length, byte) in self.bytes[at + 1..].iter().enumerate() {
            match byte {
                byte if *byte == quote => {
                    let end = at + 1 + length + 1;
                    // A doubled single quote is an escape.
                    return (self.bytes.get(end) != Some(&quote)).then_some(end);
                }
                b'\\' if quote == b'"' => return None,
                b'\t' | 0x20..=0x7e => {}
                _ => return None,
            }
        }
        None
    }

    /// A scalar or flow collection that begins here and ends on this line, or a block scalar. `column` is that of the
    /// map or list around it.
    fn value(&mut self, key: KeyAt, column: usize) -> Option<()> {
        self.count_nodes()?;
        match self.peek() {
            b'"' | b'\'' => {
                match self.quoted_end(self.at) {
                    Some(end) => self.quoted(key, end),
                    None => self.quoted_over_lines(key, column)?,
                }
                self.end_of_line()?;
            }
            b'|' => return self.literal(key, column),
            b'[' | b'{' => {
                self.flow(key, 0)?;
                self.end_of_line()?;
            }
            _ => {
                let start = self.at;
                let end = self.plain(start)?;
                self.at = end;
                self.end_of_line()?;
                if self.is_deeper_than(column) {
                    self.plain_over_lines(key, column, (start, end))?;
                    self.end_of_line()?;
                } else {
                    self.add_plain(key, start, end)?;
                }
            }
        }
        // Deeper content after a scalar would be its continuation.
        (!self.is_deeper_than(column)).then_some(())
    }

    /// More values than there may be are a mistake that the full parser explains.
    fn count_nodes(&self) -> Option<()> {
        (self.builder.node_count() <= self.max_nodes).then_some(())
    }

    fn quoted(&mut self, key: KeyAt, end: usize) {
        let span = Span {
            start: self.at as u32,
            end: end as u32,
        };
        let inner = Span {
            start: span.start + 1,
            end: span.end - 1,
        };
        self.builder.scalar(key, span, ScalarValue::Source(inner));
        self.at = end;
    }

    /// Where a plain scalar of one line ends that begins here.
    fn plain(&self, start: usize) -> Option<usize> {
        let begins = match self.peek() {
            b'-' => !matches!(self.bytes.get(start + 1), None | Some(b' ' | b'\n' | b'\r')),
            b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|'
            | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' => false,
            byte => byte.is_ascii_graphic(),
        };
        if begins { self.plain_end(start) } else { None }
    }

    /// Where the part of a plain scalar ends that stands on this line.
    fn plain_end(&self, start: usize) -> Option<usize> {
        let mut end = start;
        let mut at = start;
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'\n' | b'\r' => break,
                b'#' if self.bytes[at - 1] == b' ' => break,
                b':' if self.is_colon(at) => return None,
                b' ' => at += 1,
                0x21..=0x7e => {
                    at += 1;
                    end = at;
                }
                _ => {
                    at += self.letter(at)?.len_utf8();
                    end = at;
                }
            }
        }
        Some(end)
    }

    /// The character at a place, of those beyond ASCII that mean nothing to any reader of YAML.
    fn letter(&self, at: usize) -> Option<char> {
        let letter = self.text.get(at..)?.chars().next()?;
        let is_usual = matches!(letter, '\u{a1}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}'
            | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..);
        is_usual.then_some(letter)
    }

    fn add_plain(&mut self, key: KeyAt, start: usize, end: usize) -> Option<()> {
        let span = Span {
            start: start as u32,
            end: end as u32,
        };
        let text = self.text.get(start..end)?;
        let value = scalar::plain(text, span).ok()?;
        self.builder.scalar(key, span, value);
        Some(())
    }

    /// A flow collection on one line.
    fn flow(&mut self, key: KeyAt, depth: usize) -> Option<()> {
        if depth > 20 {
            return None;
        }
        let start = self.at as u32;
        let is_map = self.peek() == b'{';
        let close = if is_map { b'}' } else { b']' };
        let opened = self.builder.open();
        self.at += 1;
        self.skip_spaces();
        while self.peek() != close {
            self.count_nodes()?;
            let entry = if is_map {
                let entry = self.key()?;
                if self.peek() != b' ' {
                    return None;
                }
                self.skip_spaces();
                entry
            } else {
                KeyAt {
                    symbol: Symbol::NONE,
                    start: self.at as u32,
                }
            };
            match self.peek() {
                b'"' | b'\'' => {
                    let end = self.quoted_end(self.at)?;
                    self.quoted(entry, end);
                }
                b'[' | b'{' => self.flow(entry, depth + 1)?,
                _ => self.flow_plain(entry)?,
            }
            self.skip_spaces();
            if self.peek() == b',' {
                self.at += 1;
                self.skip_spaces();
            } else if self.peek() != close {
                return None;
            }
        }
        self.at += 1;
        let span = Span {
            start,
            end: self.at as u32,
        };
        if is_map {
            self.builder.close_map(opened, key, span, self.duplicates);
        } else {
            self.builder.close_list(opened, key, span);
        }
        Some(())
    }

    fn skip_spaces(&mut self) {
        while self.peek() == b' ' {
            self.at += 1;
        }
    }

    /// A plain scalar within a flow collection, of the characters that mean nothing else there.
    fn flow_plain(&mut self, key: KeyAt) -> Option<()> {
        let start = self.at;
        let first = self.peek();
        if !(first.is_ascii_alphanumeric()
            || matches!(first, b'_' | b'/' | b'.' | b'*' | b'-' | b'+'))
            || first == b'*'
        {
            return None;
        }
        while matches!(
            self.peek(),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'/' | b'+' | b'=' | b'@' | b'%' | b'$'
        ) {
            self.at += 1;
        }
        if first == b'-' && self.at == start + 1
            || !matches!(self.peek(), b' ' | b',' | b']' | b'}')
        {
            return None;
        }
        // `a b` is one scalar of two words.
        let end = self.at;
        self.skip_spaces();
        if !matches!(self.peek(), b',' | b']' | b'}') {
            return None;
        }
        self.add_plain(key, start, end)
    }
}
