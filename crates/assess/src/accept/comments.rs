//! Comments of a source that begin with a word.

use plimsoll_document::Tree;

/// What stands after the word in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comment<'s> {
    /// Its line.
    pub(super) line: u32,
    /// The byte at which the word begins.
    pub(super) byte: u32,
    /// Whether nothing else is on its line before it.
    pub(super) alone: bool,
    /// The rest of its line.
    pub(super) text: &'s str,
}

/// All comments that begin with a word, in their order. JSON has none.
pub(super) fn starting_with<'s>(
    tree: &'s Tree,
    word: &'static str,
) -> impl Iterator<Item = Comment<'s>> {
    let source = tree.source();
    let text = if tree.is_json() { "" } else { source.text() };
    let mut last = 0;
    memchr::memmem::find_iter(text.as_bytes(), word).filter_map(move |start| {
        // What is looked at is next to the word or known by line: a line may be as long as the text, and full of words.
        let comment = text[..start].trim_end_matches([' ', '\t']);
        let mark = comment.strip_suffix('#')?.len();
        let line = source.position(start as u32).line;
        let is_first = std::mem::replace(&mut last, line) != line;
        let line_start = source.line_start(line)? as usize;
        let line_text = source.line(line)?;
        Some(Comment {
            line,
            byte: start as u32,
            alone: is_first && text[line_start..mark].trim().is_empty(),
            text: line_text.get(start + word.len() - line_start..)?,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_document::{Format, Limits, Source, parse};

    use super::*;

    fn found(text: &str, format: Format) -> Vec<(u32, bool, String)> {
        let source = Arc::new(Source::new("x", text));
        let tree = parse(&source, format, &Limits::default()).tree;
        starting_with(&tree, "word:")
            .map(|comment| (comment.line, comment.alone, comment.text.to_owned()))
            .collect()
    }

    #[test]
    fn only_what_follows_a_mark_is_a_comment() {
        let text =
            "a: 1 # word: one\n  #word: two # word: three\r\nb: word: no\n# x word: no\n#\tword:\n";
        assert_eq!(
            found(text, Format::Yaml),
            [
                (1, false, " one".to_owned()),
                (2, true, " two # word: three".to_owned()),
                (2, false, " three".to_owned()),
                (5, true, String::new()),
            ]
        );
        assert!(found(r##"{"a": "# word: one"}"##, Format::Json).is_empty());
    }

    #[test]
    fn a_line_full_of_comments_is_read_in_a_time_that_grows_with_it() {
        let text = format!("{}{}", " ".repeat(1 << 18), "# word: a ".repeat(1 << 15));
        let comments = found(&text, Format::Yaml);
        assert_eq!(comments.len(), 1 << 15);
        assert!(comments[0].1 && !comments[1].1);
    }
}
