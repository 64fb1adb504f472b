//! What is wrong with a text.

use thiserror::Error;

use crate::source::Position;

/// Something wrong with a source, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub kind: ProblemKind,
    /// Line and column in the source.
    pub position: Position,
    /// The document of the source it is in, from 0.
    pub document: u32,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The document is read, perhaps not as its author meant it.
    Warning,
    /// The document, or what follows in it, is not read.
    Error,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A map states a key twice; the later one counts, as it does for `kubectl`.
    #[error("the key \"{key}\" is stated before, at {first}; the later value counts")]
    DuplicateKey {
        /// The key.
        key: String,
        /// Where it is stated first.
        first: Position,
    },
    /// The text does not follow the grammar.
    #[error("{0}")]
    Syntax(String),
    /// The text is not UTF-8.
    #[error("the byte 0x{0:02X} is not UTF-8 text")]
    NotUtf8(u8),
    /// The text has a NUL: it is no text.
    #[error("the file is binary")]
    Binary,
    /// The source is too large.
    #[error("the file has {bytes} bytes, more than the limit of {limit}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Lists and maps nest too deeply.
    #[error("lists and maps nest deeper than {0} levels")]
    TooDeep(usize),
    /// The document has too many nodes.
    #[error("the document has more than {0} values")]
    TooManyNodes(usize),
    /// Aliases expand to too many nodes.
    #[error("aliases expand to more than {0} values")]
    TooManyAliasNodes(usize),
    /// Too many different keys in one source.
    #[error("there are too many different keys")]
    TooManyKeys,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.position, self.kind)
    }
}
