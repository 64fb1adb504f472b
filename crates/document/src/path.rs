//! Places in a document as people write them: `spec.containers[1].image`, `metadata.annotations["a.b/c"]`.

use std::fmt;

use thiserror::Error;

use crate::symbol::Key;
use crate::tree::Node;

/// A place below some node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path {
    /// From the node down.
    pub segments: Vec<Segment>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// The value under a key.
    Key(Key),
    /// An element, from 0.
    Index(usize),
    /// `[*]`: every element.
    Every,
}

/// A path that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathError {
    /// A bracket without its end, or with something else in it than a number, `*` or a quoted key.
    #[error("in path '{path}': a bracket holds a number, * or a key in double quotes")]
    Bracket {
        /// The path.
        path: String,
    },
    /// Two dots in a row, or one at the end.
    #[error("in path '{path}': a name is missing")]
    Name {
        /// The path.
        path: String,
    },
}

impl Path {
    /// Reads a path. The empty text and `.` are the node itself.
    ///
    /// # Errors
    /// Text of another form.
    pub fn parse(text: &str) -> Result<Path, PathError> {
        let mut segments = Vec::new();
        let mut rest = if text == "." { "" } else { text };
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix('[') {
                let (segment, after) = bracket(inner).ok_or_else(|| PathError::Bracket {
                    path: text.to_owned(),
                })?;
                segments.push(segment);
                rest = after;
            } else {
                let name_start = rest.strip_prefix('.').filter(|_| !segments.is_empty());
                let names = name_start.unwrap_or(rest);
                let end = names.find(['.', '[']).unwrap_or(names.len());
                if end == 0 {
                    return Err(PathError::Name {
                        path: text.to_owned(),
                    });
                }
                segments.push(Segment::Key(Key::new(&names[..end])));
                rest = &names[end..];
                if rest == "." {
                    return Err(PathError::Name {
                        path: text.to_owned(),
                    });
                }
            }
        }
        Ok(Path { segments })
    }

    /// The node at this place below `node`, and how many segments lead to it: all of them where the place exists,
    /// else those to the nearest node above.
    pub fn find<'t>(&self, node: Node<'t>) -> (Node<'t>, usize) {
        let mut here = node;
        for (at, segment) in self.segments.iter().enumerate() {
            let next = match segment {
                Segment::Key(key) => here.get(key),
                Segment::Index(index) if here.is_list() => here.child(*index),
                Segment::Index(_) | Segment::Every => None,
            };
            match next {
                Some(next) => here = next,
                None => return (here, at),
            }
        }
        (here, self.segments.len())
    }

    /// This path, followed by another.
    #[must_use]
    pub fn join(&self, below: &[Segment]) -> Path {
        let mut segments = self.segments.clone();
        segments.extend_from_slice(below);
        Path { segments }
    }
}

/// The path from one node down to another; `None` where the second is not below the first.
pub fn path_of(root: Node<'_>, node: Node<'_>) -> Option<Path> {
    let nodes = root.path_to(node)?;
    let segments = nodes
        .windows(2)
        .map(|pair| {
            if pair[0].is_map() {
                Segment::Key(Key::new(pair[1].key()))
            } else {
                Segment::Index(pair[0].index_of(pair[1]))
            }
        })
        .collect();
    Some(Path { segments })
}

/// What stands in brackets, and the text after them.
fn bracket(inner: &str) -> Option<(Segment, &str)> {
    if let Some(quoted) = inner.strip_prefix('"') {
        let mut key = String::new();
        let mut characters = quoted.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    let rest = quoted[at + 1..].strip_prefix(']')?;
                    return Some((Segment::Key(Key::new(&key)), rest));
                }
                '\\' => key.push(characters.next()?.1),
                other => key.push(other),
            }
        }
        return None;
    }
    let (content, rest) = inner.split_once(']')?;
    if content == "*" {
        return Some((Segment::Every, rest));
    }
    Some((Segment::Index(content.parse().ok()?), rest))
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Every => f.write_str("[*]")?,
                Segment::Key(key) if is_plain(key.name()) => {
                    if at > 0 {
                        f.write_str(".")?;
                    }
                    f.write_str(key.name())?;
                }
                Segment::Key(key) => {
                    f.write_str("[\"")?;
                    for character in key.name().chars() {
                        if matches!(character, '"' | '\\') {
                            f.write_str("\\")?;
                        }
                        write!(f, "{character}")?;
                    }
                    f.write_str("\"]")?;
                }
            }
        }
        Ok(())
    }
}

/// Whether a key can stand without quotes.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_they_are_written() {
        for text in [
            "spec.containers[1].image",
            "metadata.annotations[\"a.b/c\"]",
            "spec.volumes[*].hostPath",
            "[0][1]",
            "a[\"say \\\"hi\\\"\"].b",
            "",
        ] {
            assert_eq!(Path::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Path::parse(".").unwrap(), Path::default());
        for broken in ["a..b", "a.", "a[", "a[x]", "a[\"b]", ".a"] {
            assert!(Path::parse(broken).is_err(), "{broken}");
        }
    }
}
