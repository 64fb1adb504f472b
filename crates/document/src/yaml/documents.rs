//! Where documents begin and end.
//!
//! A line that begins with `---` and a blank, or is nothing else, begins a document, and one that begins with `...`
//! ends it: no scalar can hold such a line, so the cut is safe whatever the documents contain.

use crate::source::Span;

/// The documents of a text, markers and directives included. Text without content before the first marker or after an
/// end is no document.
pub(super) fn split(text: &str) -> Vec<Span> {
    let mut documents = Vec::new();
    let mut current = Current {
        start: 0,
        has_marker: false,
        has_content: false,
    };
    let mut at = 0;
    for line in lines(text) {
        let start = at;
        at += line.len();
        if is_marker(line, "---") {
            if current.has_marker || current.has_content {
                documents.push(current.until(start));
                current.start = start;
            }
            current.has_marker = true;
            current.has_content = false;
        } else if is_marker(line, "...") {
            if current.has_marker || current.has_content {
                documents.push(current.until(start));
            }
            current = Current {
                start: at,
                has_marker: false,
                has_content: false,
            };
        } else if !current.has_content && !is_blank(line) && !line.starts_with('%') {
            current.has_content = true;
        }
    }
    if current.has_marker || current.has_content {
        documents.push(current.until(text.len()));
    }
    documents
}

/// Lines with their ends, which are `\n`, `\r\n` or a lone `\r`.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let bytes = rest.as_bytes();
        let end = match memchr::memchr2(b'\n', b'\r', bytes) {
            None => rest.len(),
            Some(at) if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') => at + 2,
            Some(at) => at + 1,
        };
        let (line, after) = rest.split_at(end);
        rest = after;
        Some(line)
    })
}

struct Current {
    start: usize,
    has_marker: bool,
    /// Anything but comments, blanks and directives.
    has_content: bool,
}

impl Current {
    fn until(&self, end: usize) -> Span {
        Span {
            start: self.start as u32,
            end: end as u32,
        }
    }
}

fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<&str> {
        split(text)
            .into_iter()
            .map(|span| &text[span.start as usize..span.end as usize])
            .collect()
    }

    #[test]
    fn markers_cut_and_comments_before_the_first_are_no_document() {
        assert_eq!(
            parts("# licence\n---\na: 1\n---\nb: 2\n"),
            ["# licence\n---\na: 1\n", "---\nb: 2\n"]
        );
        assert_eq!(
            parts("a: 1\n--- # next\nb: 2"),
            ["a: 1\n", "--- # next\nb: 2"]
        );
        assert_eq!(parts("---\n---\na: 1"), ["---\n", "---\na: 1"]);
        assert_eq!(parts("a: 1\n...\n# end\n"), ["a: 1\n"]);
        assert_eq!(parts("%YAML 1.1\n---\na: 1\n"), ["%YAML 1.1\n---\na: 1\n"]);
        assert_eq!(parts("a: |\n  ---\n  b\n"), ["a: |\n  ---\n  b\n"]);
        assert_eq!(parts("----\n"), ["----\n"]);
        assert_eq!(parts("a: 1\r---\rb: 2"), ["a: 1\r", "---\rb: 2"]);
        assert!(parts("\n# nothing\n").is_empty());
    }
}
