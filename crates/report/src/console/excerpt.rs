//! A line of a manifest with a place in it marked.

use plimsoll_document::{Source, Span};

use crate::secret::masked;
use crate::text::{columns, cut, is_plain, printable};

/// How far from the place a line is looked at: a file of one long line must not be copied for each finding.
const REACH: usize = 600;

/// Columns that are kept at least before a place that lies far to the right.
const BEFORE: usize = 24;

/// Whether the blanks at the start of a line are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Indentation {
    /// They matter: the line does not parse.
    Kept,
    /// They only take room.
    Dropped,
}

/// A line and where it is marked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The line, cut to the room there is.
    pub(crate) line: String,
    /// Columns before the mark.
    pub(crate) indent: usize,
    /// Columns of the mark, one at least.
    pub(crate) length: usize,
}

impl Excerpt {
    /// The line where a span starts, without what is hidden. The mark ends with the line.
    pub(crate) fn new(
        source: &Source,
        span: Span,
        hidden: &[Span],
        indentation: Indentation,
        room: usize,
    ) -> Excerpt {
        let text = source.text();
        let at = floor(text, (span.start as usize).min(text.len()));
        let end = floor(text, (span.end as usize).clamp(at, text.len()));
        let (start, begins) = line_start(text, at);
        let stop = line_end(text, at);
        let marked = at + text[at..end.min(stop)].trim_end().len();
        let before = masked(text, start..at, hidden);
        let before = match indentation {
            Indentation::Dropped if begins => before.trim_start(),
            _ => &before,
        };
        let after = masked(text, marked..stop, hidden);

        let mut before = printable(before);
        let marked = printable(&masked(text, at..marked, hidden));
        let length = columns(&marked).max(1);
        // A place that would be cut off, or of which little would be seen, moves to the left.
        let wanted = length.min(room / 2);
        if columns(&before) + wanted > room || !begins {
            let most = BEFORE.max(room / 3).min(room.saturating_sub(wanted));
            if columns(&before) > most {
                before = format!("...{}", last_columns(&before, most.saturating_sub(3)));
            }
        }
        let indent = columns(&before);
        let line = cut(
            &format!("{before}{marked}{}", printable(after.trim_end())),
            room,
        );
        Excerpt {
            line,
            indent,
            length: length.min(room.saturating_sub(indent)).max(1),
        }
    }
}

/// Where the line of a byte starts, and whether that is within reach.
fn line_start(text: &str, at: usize) -> (usize, bool) {
    let from = floor(text, at.saturating_sub(REACH));
    match text[from..at].rfind(['\n', '\r']) {
        Some(end) => (from + end + 1, true),
        None => (from, from == 0),
    }
}

fn line_end(text: &str, at: usize) -> usize {
    let to = floor(text, (at + REACH).min(text.len()));
    text[at..to].find(['\n', '\r']).map_or(to, |end| at + end)
}

/// The nearest boundary of characters at or before a byte.
fn floor(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// The end of a text, of so many columns.
fn last_columns(text: &str, most: usize) -> &str {
    if is_plain(text) {
        return &text[text.len().saturating_sub(most)..];
    }
    let mut start = text.len();
    for (at, _) in text.char_indices().rev() {
        if columns(&text[at..]) > most {
            break;
        }
        start = at;
    }
    &text[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, place: &str, room: usize) -> String {
        let start = text.find(place).unwrap() as u32;
        let span = Span {
            start,
            end: start + place.len() as u32,
        };
        let excerpt = Excerpt::new(
            &Source::new("x", text),
            span,
            &[],
            Indentation::Dropped,
            room,
        );
        format!(
            "{}\n{}{}",
            excerpt.line,
            " ".repeat(excerpt.indent),
            "^".repeat(excerpt.length)
        )
    }

    #[test]
    fn a_line_loses_its_indentation() {
        let text = "a:\r\n    - name: web   # ours\r\n  b: 1\r\n";
        assert_eq!(
            marked(text, "name: web", 40),
            "- name: web   # ours\n  ^^^^^^^^^"
        );
        assert_eq!(marked(text, "a:", 40), "a:\n^^");
    }

    #[test]
    fn a_mark_ends_with_its_line() {
        assert_eq!(marked("a: |\n  x\n  y\n", "a: |\n  x", 40), "a: |\n^^^^");
    }

    #[test]
    fn wide_characters_and_control_characters_keep_the_mark_in_place() {
        assert_eq!(marked("日本: x", "x", 40), "日本: x\n      ^");
        assert_eq!(
            marked("a\u{1b}[0m: x", "x", 40),
            "a\\u{1b}[0m: x\n            ^"
        );
    }

    #[test]
    fn a_place_far_to_the_right_moves_into_sight() {
        let text = format!(
            "{{{}\"privileged\":true{}}}",
            "\"a\":1,".repeat(500),
            ",\"b\":2".repeat(500)
        );
        let shown = marked(&text, "\"privileged\":true", 60);
        let (line, mark) = shown.split_once('\n').unwrap();
        assert!(line.starts_with("...") && line.ends_with("..."), "{shown}");
        assert_eq!(columns(line), 60, "{shown}");
        let at = mark.find('^').unwrap();
        assert_eq!(&line[at..mark.len()], "\"privileged\":true", "{shown}");
        // A mark that does not fit ends with the room.
        assert_eq!(
            marked(&format!("k: {}", "v".repeat(90)), &"v".repeat(90), 20)
                .lines()
                .map(columns)
                .max(),
            Some(20)
        );
    }
}
