//! What is wrong with an expression, and where.

use std::fmt::Write;

use plimsoll_document::Span;

/// A mistake in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong: lower case at the start, no full stop.
    pub message: String,
    /// Where, in bytes of the expression.
    pub span: Span,
}

impl Diagnostic {
    /// A mistake at this place.
    pub fn new(message: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic {
            message: message.into(),
            span,
        }
    }

    /// Line and column in the expression, both from 1; columns count characters.
    pub fn line_and_column(&self, text: &str) -> (usize, usize) {
        let before = text.get(..self.span.start as usize).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[line_start..].chars().count() + 1)
    }

    /// The message, its place, and the line of the expression with the characters marked.
    pub fn render(&self, text: &str) -> String {
        let (line, column) = self.line_and_column(text);
        let source = text.lines().nth(line - 1).unwrap_or_default();
        let marked = text
            .get(self.span.start as usize..self.span.end as usize)
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            .max(1);
        let mut rendered = format!("{line}:{column}: {}\n", self.message);
        let shown: String = source
            .chars()
            .map(|character| if character == '\t' { ' ' } else { character })
            .collect();
        let _ = writeln!(rendered, " | {shown}");
        let _ = write!(
            rendered,
            " | {}{}",
            " ".repeat(column - 1),
            "^".repeat(marked)
        );
        rendered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_carets_stand_under_the_characters() {
        let text = "a &&\n  'ü' + 1";
        let start = text.find('1').unwrap() as u32;
        let span = Span {
            start,
            end: start + 1,
        };
        let rendered = Diagnostic::new("a number", span).render(text);
        assert_eq!(rendered, "2:9: a number\n |   'ü' + 1\n |         ^");
    }
}
