//! Scalars that go over several lines, or hold escapes: literal blocks, and plain ones and those in quotes that go on.
//!
//! In the latter a line end is a space, and each blank line after it a line end (YAML 1.2: line folding). What is less usual
//! than that is left to the full parser.

use super::Reader;
use crate::builder::{KeyAt, ScalarValue};
use crate::source::Span;

impl Reader<'_> {
    /// A plain scalar whose first line stands here, and that goes on below it, deeper than `column`.
    pub(super) fn plain_over_lines(
        &mut self,
        key: KeyAt,
        column: usize,
        (start, first_end): (usize, usize),
    ) -> Option<()> {
        let mut text = std::mem::take(&mut self.block);
        text.clear();
        text.push_str(self.text.get(start..first_end)?);
        let mut end = first_end;
        self.at = first_end;
        while let Some(line_ends) = self.continued(column)? {
            fold(&mut text, line_ends);
            let from = self.at;
            end = self.plain_end(from)?;
            text.push_str(self.text.get(from..end)?);
            self.at = end;
        }
        let span = Span {
            start: start as u32,
            end: end as u32,
        };
        self.builder.scalar(key, span, ScalarValue::Decoded(&text));
        self.block = text;
        self.at = end;
        Some(())
    }

    /// Moves to the content of the next line where that is deeper than `column`, and tells how many line ends lie between.
    fn continued(&mut self, column: usize) -> Option<Option<usize>> {
        let mut line_ends = 0;
        loop {
            while self.peek() == b' ' {
                self.at += 1;
            }
            match self.bytes.get(self.at) {
                None => return Some(None),
                Some(b'\r') if self.bytes.get(self.at + 1) == Some(&b'\n') => self.at += 2,
                Some(b'\n') => self.at += 1,
                // A comment ends the scalar.
                Some(b'#') => return Some(None),
                Some(b'\t' | b'\r') => return None,
                Some(_) if line_ends == 0 => return Some(None),
                Some(_) => {
                    let is_deeper = self.column() > column;
                    return Some(is_deeper.then_some(line_ends));
                }
            }
            line_ends += 1;
            self.line_start = self.at;
        }
    }

    /// A scalar in quotes that the reader of one line did not read.
    pub(super) fn quoted_over_lines(&mut self, key: KeyAt, column: usize) -> Option<()> {
        let start = self.at;
        let quote = self.peek();
        let mut text = std::mem::take(&mut self.block);
        text.clear();
        // What was written as an escape is no blank at the end of a line.
        let mut kept = 0;
        self.at += 1;
        loop {
            let byte = *self.bytes.get(self.at)?;
            match byte {
                b'\'' if quote == b'\'' && self.bytes.get(self.at + 1) == Some(&b'\'') => {
                    text.push('\'');
                    self.at += 2;
                }
                _ if byte == quote => {
                    self.at += 1;
                    break;
                }
                b'\\' if quote == b'"' => {
                    let (character, length) = escape(self.text.get(self.at..)?)?;
                    text.push(character);
                    self.at += length;
                    kept = text.len();
                }
                b'\n' | b'\r' => {
                    let content = text[kept..].trim_end_matches([' ', '\t']).len();
                    text.truncate(kept + content);
                    let line_ends = self.next_line_in_quotes(column)?;
                    fold(&mut text, line_ends);
                    kept = text.len();
                }
                b'\t' | 0x20..=0x7e => {
                    text.push(char::from(byte));
                    self.at += 1;
                }
                _ => {
                    let letter = self.letter(self.at)?;
                    text.push(letter);
                    self.at += letter.len_utf8();
                }
            }
        }
        let span = Span {
            start: start as u32,
            end: self.at as u32,
        };
        self.builder.scalar(key, span, ScalarValue::Decoded(&text));
        self.block = text;
        Some(())
    }

    /// `|`, `|-` or `|+` and the lines below it.
    pub(super) fn literal(&mut self, key: KeyAt, column: usize) -> Option<()> {
        let start = self.at as u32;
        self.at += 1;
        let chomping = self.peek();
        if matches!(chomping, b'-' | b'+') {
            self.at += 1;
        }
        while self.peek() == b' ' {
            self.at += 1;
        }
        if self.peek() == b'\r' {
            self.at += 1;
        }
        if self.peek() != b'\n' {
            return None;
        }
        self.skip_line();
        self.block.clear();
        let mut indent = None;
        let mut content_end = start + 1;
        let mut blank_lines = 0;
        loop {
            let line = self.at;
            let line_end = memchr::memchr(b'\n', &self.bytes[line..])
                .map_or(self.bytes.len(), |found| line + found);
            if line >= self.bytes.len() {
                break;
            }
            let content = &self.bytes[line..line_end];
            let content = content.strip_suffix(b"\r").unwrap_or(content);
            let spaces = content.iter().take_while(|byte| **byte == b' ').count();
            if spaces == content.len() {
                // A blank line that is deeper than the text belongs to it, which only the full parser sorts out.
                if indent.is_none_or(|indent| spaces > indent) && spaces > 0 {
                    return None;
                }
                blank_lines += 1;
            } else {
                let indent = *indent.get_or_insert(spaces);
                if indent <= column {
                    return None;
                }
                if spaces < indent {
                    break;
                }
                if !content.is_ascii() || content.iter().any(|byte| *byte < 0x20 && *byte != b'\t')
                {
                    return None;
                }
                for _ in 0..blank_lines {
                    self.block.push('\n');
                }
                blank_lines = 0;
                let from = line + indent;
                self.block
                    .push_str(self.text.get(from..line + content.len())?);
                self.block.push('\n');
                content_end = (line + content.trim_ascii_end().len()) as u32;
            }
            self.at = (line_end + 1).min(self.bytes.len());
        }
        // The end of the file within the last line, or a scalar without any, is for the full parser.
        if indent.is_none() || self.at >= self.bytes.len() && self.bytes.last() != Some(&b'\n') {
            return None;
        }
        match chomping {
            b'-' => {
                self.block.pop();
            }
            b'+' => {
                for _ in 0..blank_lines {
                    self.block.push('\n');
                }
            }
            _ => {}
        }
        let text = std::mem::take(&mut self.block);
        let span = Span {
            start,
            end: content_end,
        };
        self.builder.scalar(key, span, ScalarValue::Decoded(&text));
        self.block = text;
        self.next_content_from(self.at)?;
        (!self.is_deeper_than(column)).then_some(())
    }

    /// Moves from a line end within quotes to the next content, and tells how many line ends lie between.
    fn next_line_in_quotes(&mut self, column: usize) -> Option<usize> {
        let mut line_ends = 0;
        loop {
            match self.bytes.get(self.at)? {
                b' ' => self.at += 1,
                b'\n' => {
                    self.at += 1;
                    line_ends += 1;
                    self.line_start = self.at;
                }
                b'\r' if self.bytes.get(self.at + 1) == Some(&b'\n') => self.at += 1,
                b'\t' | b'\r' => return None,
                _ => return (self.column() > column).then_some(line_ends),
            }
        }
    }
}

fn fold(text: &mut String, line_ends: usize) {
    if line_ends == 1 {
        text.push(' ');
    } else {
        text.extend(std::iter::repeat_n('\n', line_ends - 1));
    }
}

/// What the escape at the start of a text stands for, and how long it is; `None` for the unusual ones.
fn escape(text: &str) -> Option<(char, usize)> {
    let digits = match text.as_bytes().get(1)? {
        b'"' => return Some(('"', 2)),
        b'\\' => return Some(('\\', 2)),
        b'/' => return Some(('/', 2)),
        b'n' => return Some(('\n', 2)),
        b't' => return Some(('\t', 2)),
        b'r' => return Some(('\r', 2)),
        b'x' => 2,
        b'u' => 4,
        _ => return None,
    };
    let digits = text.get(2..2 + digits)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let code = u32::from_str_radix(digits, 16).ok()?;
    Some((char::from_u32(code)?, 2 + digits.len()))
}
