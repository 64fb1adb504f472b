//! Comments of a source that begin with a word.

use plimsoll_document::Source;

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

/// All comments that begin with a word, in their order.
pub(super) fn starting_with<'s>(
    source: &'s Source,
    word: &'static str,
) -> impl Iterator<Item = Comment<'s>> {
    let text = source.text();
    memchr::memmem::find_iter(text.as_bytes(), word).filter_map(move |start| {
        let line_start = text[..start].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let before = &text[line_start..start];
        let mark = before.rfind('#')?;
        if !before[mark + 1..].trim().is_empty() {
            return None;
        }
        let rest = &text[start + word.len()..];
        Some(Comment {
            line: source.position(start as u32).line,
            byte: start as u32,
            alone: before[..mark].trim().is_empty(),
            text: &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())],
        })
    })
}
