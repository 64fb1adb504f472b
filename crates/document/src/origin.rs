//! Where text comes from that stands in no file.

use crate::source::Position;

/// How a text came to be that a program made of files: a chart's template and its values, a kustomization's resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What made it: `helm` or `kustomize`.
    pub renderer: &'static str,
    /// The chart or kustomization, as the user named it.
    pub from: String,
    /// Which of several ways to render it this is: the value files. `None` where there is one way.
    pub variant: Option<String>,
    /// By line of the text (the first at 0): where it was written.
    lines: Vec<Option<Written>>,
}

/// Where a line of a rendered text was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The line in the file.
    pub line: u32,
    /// The column in the file; `None` where it is that of the text.
    pub column: Option<u32>,
    /// Whether the line stands there, and not only what it is a part of.
    pub exact: bool,
}

impl Origin {
    /// A text of this chart or kustomization, of whose lines no place is known.
    pub fn new(renderer: &'static str, from: impl Into<String>) -> Origin {
        Origin {
            renderer,
            from: from.into(),
            variant: None,
            lines: Vec::new(),
        }
    }

    /// With the places at which the lines of the text were written, from the first.
    #[must_use]
    pub fn with_lines(mut self, lines: Vec<Option<Written>>) -> Origin {
        self.lines = lines;
        self
    }

    /// The chart or kustomization and the way it was rendered: `charts/web with prod.yaml`.
    pub fn label(&self) -> String {
        match &self.variant {
            None => self.from.clone(),
            Some(variant) => format!("{} with {variant}", self.from),
        }
    }

    fn written(&self, position: Position) -> Option<Written> {
        let at = (position.line as usize).checked_sub(1)?;
        self.lines.get(at).copied().flatten()
    }

    pub(crate) fn written_at(&self, position: Position) -> Option<Position> {
        self.written(position).map(|written| Position {
            line: written.line,
            column: written.column.unwrap_or(position.column),
        })
    }

    pub(crate) fn is_as_written(&self, position: Position) -> bool {
        self.written(position).is_some_and(|written| written.exact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[test]
    fn a_place_of_rendered_text_is_that_of_the_file_where_it_is_known() {
        let lines = vec![
            None,
            Some(Written {
                line: 7,
                column: None,
                exact: true,
            }),
            Some(Written {
                line: 7,
                column: Some(1),
                exact: false,
            }),
        ];
        let origin = Origin::new("helm", "web").with_lines(lines);
        let source = Source::rendered("web/templates/a.yaml", "a: 1\nb: 2\nc: 3\n", origin);
        let at = |line| Position { line, column: 4 };
        assert_eq!(source.written_at(at(1)), None);
        assert_eq!(source.written_at(at(2)), Some(at(7)));
        assert_eq!(
            source.written_at(at(3)),
            Some(Position { line: 7, column: 1 })
        );
        assert_eq!(source.written_at(at(9)), None);
        let exact: Vec<bool> = (1..4).map(|line| source.is_as_written(at(line))).collect();
        assert_eq!(exact, [false, true, false]);
        let plain = Source::new("a.yaml", "a: 1\n");
        assert_eq!(plain.written_at(at(1)), Some(at(1)));
        assert!(plain.is_as_written(at(1)));
    }
}
