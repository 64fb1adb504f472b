//! Text with a name, and positions in it.

use std::fmt;
use std::sync::OnceLock;

use crate::problem::{Problem, ProblemKind, Severity};

/// The text that trees were read from.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    line_starts: OnceLock<Vec<u32>>,
}

/// A half-open range of bytes in a source.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A place for people: both count from 1; a column counts characters, not bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Source {
    /// A source of this name (a path, or `-` for standard input) and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        Source {
            name: name.into(),
            text: text.into(),
            line_starts: OnceLock::new(),
        }
    }

    /// A source of the bytes of a file. A byte order mark at the start is dropped.
    ///
    /// # Errors
    /// Bytes that are no UTF-8, or that are not text at all.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Source, Problem> {
        let name = name.into();
        let bytes = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
            Some(rest) => rest.to_vec(),
            None => bytes,
        };
        let refused = |at: usize, kind, valid: &[u8]| {
            let before = String::from_utf8_lossy(&valid[..at]).into_owned();
            let end = before.len() as u32;
            Problem {
                severity: Severity::Error,
                kind,
                position: Source::new("", before).position(end),
                document: 0,
            }
        };
        match String::from_utf8(bytes) {
            Ok(text) => match memchr::memchr(0, text.as_bytes()) {
                Some(at) => Err(refused(at, ProblemKind::Binary, text.as_bytes())),
                None => Ok(Source::new(name, text)),
            },
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let bytes = error.as_bytes();
                let has_nul = memchr::memchr(0, bytes).is_some();
                let kind = if has_nul {
                    ProblemKind::Binary
                } else {
                    ProblemKind::NotUtf8(bytes[at])
                };
                Err(refused(at, kind, bytes))
            }
        }
    }

    /// The name, as the user gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span; empty where the span is not within the text or cuts a character.
    pub fn slice(&self, span: Span) -> &str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    /// Line and column of a byte. A byte past the end is at the end.
    pub fn position(&self, byte: u32) -> Position {
        let starts = self.line_starts();
        let byte = (byte as usize).min(self.text.len());
        let line = starts.partition_point(|start| *start as usize <= byte);
        let start = starts[line - 1] as usize;
        let column = self.text.as_bytes()[start..byte]
            .iter()
            .filter(|byte| (**byte & 0xC0) != 0x80)
            .count();
        Position {
            line: line as u32,
            column: column as u32 + 1,
        }
    }

    /// The byte at a place; `None` past the last line. A column past its line's end is at that end.
    pub fn byte_at(&self, position: Position) -> Option<u32> {
        let line = self.line(position.line)?;
        let start = self.line_starts()[position.line as usize - 1];
        let before = position.column.saturating_sub(1) as usize;
        let within = line
            .char_indices()
            .nth(before)
            .map_or(line.len(), |(at, _)| at);
        Some(start + within as u32)
    }

    /// The text of a line (from 1) without its line end; `None` past the last line.
    pub fn line(&self, line: u32) -> Option<&str> {
        let starts = self.line_starts();
        let index = (line as usize).checked_sub(1)?;
        let start = *starts.get(index)? as usize;
        let end = starts
            .get(index + 1)
            .map_or(self.text.len(), |next| *next as usize);
        Some(self.text[start..end].trim_end_matches(['\n', '\r']))
    }

    /// Where each line starts; found at first use. A line ends with `\n`, `\r\n` or a lone `\r`, as in YAML.
    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut starts = vec![0];
            for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
                if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
                    continue;
                }
                starts.push(at as u32 + 1);
            }
            starts
        })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_know_all_line_ends() {
        let source = Source::new("x.yaml", "a: ü1\r\nb: 2\rc: 3\n");
        let at = |needle| source.position(source.text().find(needle).unwrap() as u32);
        assert_eq!(at("1"), Position { line: 1, column: 5 });
        assert_eq!(at("2"), Position { line: 2, column: 4 });
        assert_eq!(at("c"), Position { line: 3, column: 1 });
        assert_eq!(source.position(1_000).line, 4);
        for byte in [0, 3, 8, 13] {
            assert_eq!(source.byte_at(source.position(byte)), Some(byte));
        }
        let past_the_end = Position {
            line: 1,
            column: 99,
        };
        assert_eq!(source.byte_at(past_the_end), Some(6));
        assert_eq!(source.byte_at(Position { line: 9, column: 1 }), None);
        assert_eq!(source.line(1), Some("a: ü1"));
        assert_eq!(source.line(2), Some("b: 2"));
        assert_eq!(source.line(9), None);
    }
}
