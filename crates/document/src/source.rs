//! Text with a name, and positions in it.

use std::fmt;
use std::sync::OnceLock;

use crate::origin::Origin;
use crate::problem::{Problem, ProblemKind, Severity};

/// The text that trees were read from.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    /// Where the text is not that of the file, but was made of it.
    origin: Option<Origin>,
    line_starts: OnceLock<Vec<u32>>,
    character_counts: OnceLock<Vec<u32>>,
}

/// How many bytes lie between two entries of `character_counts`. A column costs no more than reading so many bytes
/// twice: a List written in one line has as many findings as one written in a million.
const COUNTED_BYTES: usize = 4096;

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
            origin: None,
            line_starts: OnceLock::new(),
            character_counts: OnceLock::new(),
        }
    }

    /// A source of text that a program made of the file of this name.
    pub fn rendered(name: impl Into<String>, text: impl Into<String>, origin: Origin) -> Source {
        Source {
            origin: Some(origin),
            ..Source::new(name, text)
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

    /// Where the text comes from, if it is not that of the file.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Where in the file of this name stands what is at a place of the text: that place, unless the text was made of the
    /// file; then what is known of it.
    pub fn written_at(&self, position: Position) -> Option<Position> {
        match &self.origin {
            None => Some(position),
            Some(origin) => origin.written_at(position),
        }
    }

    /// Whether the line of a place stands in the file of this name as it stands in the text.
    pub fn is_as_written(&self, position: Position) -> bool {
        self.origin
            .as_ref()
            .is_none_or(|origin| origin.is_as_written(position))
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
        let column = if byte - start <= COUNTED_BYTES {
            characters(&self.text.as_bytes()[start..byte])
        } else {
            self.characters_before(byte) - self.characters_before(start)
        };
        Position {
            line: line as u32,
            column: column as u32 + 1,
        }
    }

    /// The byte at a place; `None` past the last line. A column past its line's end is at that end.
    pub fn byte_at(&self, position: Position) -> Option<u32> {
        let line = self.line(position.line)?;
        let start = self.line_starts()[position.line as usize - 1];
        let mut before = position.column.saturating_sub(1) as usize;
        let mut skipped = 0;
        if before > COUNTED_BYTES {
            let wanted = self.characters_before(start as usize) + before;
            let counts = self.character_counts();
            let reached = counts.partition_point(|count| *count as usize <= wanted);
            let at = (reached.saturating_sub(1) * COUNTED_BYTES).min(self.text.len());
            // Onto the next character: a count may fall into the middle of one.
            let at = (at..=self.text.len()).find(|at| self.text.is_char_boundary(*at))?;
            if at > start as usize {
                skipped = (at - start as usize).min(line.len());
                before = wanted - self.characters_before(start as usize + skipped);
            }
        }
        let within = line[skipped..]
            .char_indices()
            .nth(before)
            .map_or(line.len(), |(at, _)| skipped + at);
        Some(start + within as u32)
    }

    /// How many characters begin before a byte.
    fn characters_before(&self, byte: usize) -> usize {
        let entry = byte / COUNTED_BYTES;
        self.character_counts()[entry] as usize
            + characters(&self.text.as_bytes()[entry * COUNTED_BYTES..byte])
    }

    /// How many characters begin before every so many bytes; found at first use.
    fn character_counts(&self) -> &[u32] {
        self.character_counts.get_or_init(|| {
            let mut counts = vec![0];
            let mut sum = 0;
            for chunk in self.text.as_bytes().chunks(COUNTED_BYTES) {
                sum += characters(chunk) as u32;
                counts.push(sum);
            }
            counts
        })
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

    /// The first byte of a line (from 1); `None` past the last line.
    pub fn line_start(&self, line: u32) -> Option<u32> {
        let index = (line as usize).checked_sub(1)?;
        self.line_starts().get(index).copied()
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

/// How many characters begin in these bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
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
    #[test]
    fn places_in_a_long_line_are_the_same_as_in_short_ones() {
        let line = "ä:日, ".repeat(4_000);
        let source = Source::new("x.json", format!("first\n{line}\nlast {line}"));
        let text = source.text();
        let boundaries = (0..text.len()).filter(|at| text.is_char_boundary(*at));
        for byte in boundaries.step_by(97).chain([6, 8]) {
            let Some(start) = text[..byte].rfind('\n').map(|end| end + 1) else {
                continue;
            };
            let position = source.position(byte as u32);
            let column = text[start..byte].chars().count() as u32 + 1;
            assert_eq!(position.column, column, "at {byte}");
            assert_eq!(source.byte_at(position), Some(byte as u32), "at {byte}");
        }
        let end = Position {
            line: 2,
            column: u32::MAX,
        };
        assert_eq!(source.byte_at(end), Some(6 + line.len() as u32));
    }
}
