//! What is wrong with an expression, and where.

use plimsoll_document::{Source, Span};
use unicode_width::UnicodeWidthChar;

/// The widest part of a line that a rendered diagnostic shows.
const LINE_WIDTH: usize = 120;
/// How much of a long line stays visible before the place that is pointed at.
const LEAD: usize = 60;

/// One mistake in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, for people; lower case, no final period.
    pub message: String,
    /// The bytes of the expression that are wrong; empty at its end.
    pub span: Span,
}

impl Diagnostic {
    /// A mistake at a place.
    pub fn new(message: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic {
            message: message.into(),
            span,
        }
    }

    /// Line and column in the expression, both from 1; columns count characters.
    pub fn line_and_column(&self, expression: &str) -> (usize, usize) {
        let position = Source::new("", expression).position(self.span.start);
        (position.line as usize, position.column as usize)
    }

    /// The place and the message, the line of the expression it is about, and a caret under each wrong character.
    /// A long line is cut around the place.
    pub fn render(&self, expression: &str) -> String {
        let source = Source::new("", expression);
        let position = source.position(self.span.start);
        let line = source.line(position.line).unwrap_or_default();
        let before = position.column as usize - 1;
        let marked = self.marked_characters(expression, line, before);

        let excerpt = Excerpt::around(line, before, marked);
        format!(
            "{position}: {}\n | {}\n | {:before$}{}",
            self.message,
            excerpt.text,
            "",
            "^".repeat(excerpt.marked),
            before = excerpt.before
        )
    }

    /// How many characters of the first line the span covers, at least one.
    fn marked_characters(&self, expression: &str, line: &str, before: usize) -> usize {
        let text = expression
            .get(self.span.start as usize..self.span.end as usize)
            .unwrap_or_default();
        let to_line_end = line.chars().count().saturating_sub(before);
        text.chars().count().min(to_line_end).max(1)
    }
}

/// A part of a line with the columns (in cells of a terminal) of what is marked in it.
struct Excerpt {
    text: String,
    before: usize,
    marked: usize,
}

impl Excerpt {
    fn around(line: &str, before: usize, marked: usize) -> Excerpt {
        let skip = if before + marked > LINE_WIDTH {
            before.saturating_sub(LEAD)
        } else {
            0
        };
        let mut excerpt = Excerpt {
            text: String::new(),
            before: 0,
            marked: 0,
        };
        if skip > 0 {
            excerpt.push('…', &mut 0);
            excerpt.before = 1;
        }
        for (at, character) in line.chars().enumerate().skip(skip) {
            if at - skip >= LINE_WIDTH {
                excerpt.push('…', &mut 0);
                break;
            }
            let mut width = 0;
            excerpt.push(character, &mut width);
            if at < before {
                excerpt.before += width;
            } else if at < before + marked {
                excerpt.marked += width;
            }
        }
        excerpt.marked = excerpt.marked.max(1);
        excerpt
    }

    fn push(&mut self, character: char, width: &mut usize) {
        // A tab or another control character would move the caret or the terminal.
        let shown = if character.is_control() {
            ' '
        } else {
            character
        };
        *width += shown.width().unwrap_or(0);
        self.text.push(shown);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(expression: &str, wrong: &str) -> String {
        let start = expression.find(wrong).unwrap() as u32;
        let span = Span {
            start,
            end: start + wrong.len() as u32,
        };
        Diagnostic::new("wrong", span).render(expression)
    }

    #[test]
    fn the_caret_is_under_the_characters() {
        assert_eq!(render("a + bc", "bc"), "1:5: wrong\n | a + bc\n |     ^^");
        assert_eq!(
            render("x\n  && bc(\n1)", "bc(\n1)"),
            "2:6: wrong\n |   && bc(\n |      ^^^"
        );
    }

    #[test]
    fn wide_characters_and_tabs_keep_the_caret_in_place() {
        assert_eq!(
            render("'日本' + b", "b"),
            "1:8: wrong\n | '日本' + b\n |          ^"
        );
        assert_eq!(render("\tb", "b"), "1:2: wrong\n |  b\n |  ^");
    }

    #[test]
    fn the_end_of_the_expression_can_be_pointed_at() {
        let span = Span { start: 3, end: 3 };
        assert_eq!(
            Diagnostic::new("more", span).render("a +"),
            "1:4: more\n | a +\n |    ^"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let expression = format!("{}wrong{}", "a".repeat(500), "b".repeat(500));
        let rendered = render(&expression, "wrong");
        let lines: Vec<&str> = rendered.lines().collect();
        assert_eq!(lines[0], "1:501: wrong");
        assert!(lines[1].starts_with(" | …aaa") && lines[1].ends_with("bbb…"));
        let caret = lines[2].find("^^^^^").unwrap();
        let text: String = lines[1].chars().skip(caret).take(5).collect();
        assert_eq!(text, "wrong");
    }
}
