//! Edits of bytes.

/// A piece of a text, and what takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// What takes its place.
    pub text: String,
}

impl TextEdit {
    pub(crate) fn insert(at: usize, text: impl Into<String>) -> TextEdit {
        TextEdit::replace(at, at, text)
    }

    pub(crate) fn delete(start: usize, end: usize) -> TextEdit {
        TextEdit::replace(start, end, "")
    }

    pub(crate) fn replace(start: usize, end: usize, text: impl Into<String>) -> TextEdit {
        TextEdit {
            start,
            end,
            text: text.into(),
        }
    }
}

/// The text with all edits made; `None` where two of them overlap, or one is not within the text. What is inserted at
/// one place comes in the order of the edits.
pub fn apply_edits(text: &str, mut edits: Vec<TextEdit>) -> Option<String> {
    edits.sort_by_key(|edit| (edit.start, edit.end));
    let mut made = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in &edits {
        if edit.end < edit.start || edit.start < at {
            return None;
        }
        made.push_str(text.get(at..edit.start)?);
        text.get(edit.start..edit.end)?;
        made.push_str(&edit.text);
        at = edit.end;
    }
    made.push_str(text.get(at..)?);
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_made_from_left_to_right_and_never_overlap() {
        let made = |edits: Vec<TextEdit>| apply_edits("abcdef", edits);
        let edits = vec![
            TextEdit::delete(4, 5),
            TextEdit::insert(2, "1"),
            TextEdit::insert(2, "2"),
            TextEdit::replace(2, 3, "C"),
        ];
        assert_eq!(made(edits).as_deref(), Some("ab12Cdf"));
        assert_eq!(
            made(vec![TextEdit::delete(1, 3), TextEdit::delete(2, 4)]),
            None
        );
        assert_eq!(made(vec![TextEdit::delete(5, 9)]), None);
    }
}
