//! Text for terminals: colours, widths, and characters that must not reach one.

use std::fmt::Write;

use plimsoll_catalog::Severity;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How text for people looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Colours.
    pub paint: Paint,
    /// Columns of the terminal.
    pub width: usize,
}

/// Colours, or none.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    /// Whether there are any.
    pub colour: bool,
}

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// What stands out.
    pub fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// What stays in the background.
    pub fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    /// What is right.
    pub fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    /// What mends something.
    pub fn hint(self, text: &str) -> String {
        self.with("36", text)
    }

    /// What is wrong.
    pub fn bad(self, text: &str) -> String {
        self.with("1;31", text)
    }

    /// By severity.
    pub fn severity(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Critical => "1;31",
            Severity::High => "31",
            Severity::Medium => "33",
            Severity::Low => "34",
        };
        self.with(code, text)
    }
}

/// Text from outside, with control characters written out: they could move the cursor or change colours.
pub fn printable(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => safe.push(' '),
            other if other.is_control() || is_direction(other) => {
                let _ = write!(safe, "\\u{{{:x}}}", other as u32);
            }
            other => safe.push(other),
        }
    }
    safe
}

/// Whether a text has nothing but letters, digits and signs of one column each, as nearly all do.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Characters that turn the direction of text around.
fn is_direction(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// How many columns a text takes.
pub fn columns(text: &str) -> usize {
    if is_plain(text) {
        text.len()
    } else {
        text.width()
    }
}

/// The text, cut to so many columns; what was cut off is shown by `...`.
pub fn cut(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut width = 0;
    for character in text.chars() {
        let wide = UnicodeWidthChar::width(character).unwrap_or(0);
        if width + wide + 3 > most {
            break;
        }
        width += wide;
        cut.push(character);
    }
    cut.push_str("...");
    cut
}

/// Words in lines of so many columns.
pub fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else {
            break;
        };
        if !line.is_empty() && columns(line) + 1 + columns(word) > most {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// As [`wrap`]; words longer than a line, such as paths, are cut: before a dot, where there is one.
pub fn wrap_words(text: &str, most: usize) -> Vec<String> {
    let most = most.max(2);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut rest = word;
        while let Some(line) = lines.last_mut() {
            let gap = usize::from(!line.is_empty());
            let room = most.saturating_sub(columns(line) + gap);
            let end = if columns(rest) <= room {
                rest.len()
            } else if columns(rest) <= most {
                0
            } else {
                let at_dot = last_dot(rest, room);
                if at_dot == 0 && gap == 0 {
                    fitting(rest, room)
                } else {
                    at_dot
                }
            };
            if end > 0 {
                line.push_str(&" "[..gap]);
                line.push_str(&rest[..end]);
                rest = &rest[end..];
            }
            if rest.is_empty() {
                break;
            }
            lines.push(String::new());
        }
    }
    lines
}

/// How many bytes fit into so many columns.
fn fitting(text: &str, room: usize) -> usize {
    let mut width = 0;
    text.char_indices()
        .find(|(_, character)| {
            width += UnicodeWidthChar::width(*character).unwrap_or(0);
            width > room
        })
        .map_or(text.len(), |(at, _)| at)
}

/// Where the last dot stands that fits into so many columns; 0 where there is none.
fn last_dot(text: &str, room: usize) -> usize {
    text[..fitting(text, room)].rfind('.').unwrap_or(0)
}

/// `1 object`, `2 objects`.
pub fn counted(count: usize, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(
            printable("a\u{1b}[31mb\u{202e}c\td"),
            "a\\u{1b}[31mb\\u{202e}c d"
        );
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(cut("日本語テキスト", 10), "日本語...");
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap_words("日本語テキスト", 10), ["日本語テキ", "スト"]);
    }

    #[test]
    fn long_paths_go_on_after_a_dot() {
        let text = "set spec.template.spec.containers[0].image to x";
        let lines = ["set spec.template", ".spec.containers[0]", ".image to x"];
        assert_eq!(wrap_words(text, 20), lines);
        assert_eq!(wrap_words("", 20), [""]);
    }
}
