//! Text to one immutable tree with spans.
//!
//! JSON and YAML become a [`Tree`]: nodes in one arena, keys as numbers, every node with its bytes in the source and
//! hence its line and column. Scalars, merge keys and duplicate keys resolve as `kubectl` resolves them.
//!
//! - [`parse()`] is the way in: a [`Source`] and its [`Format`] to [`Parsed`] documents and [`Problem`]s;
//!   [`parse_in_parts`] does it on several threads.
//! - [`Source`] holds a text and its name and turns bytes into lines and columns; [`Origin`] says of what a text was
//!   rendered that stands in no file.
//! - [`Tree`] and [`Node`] are what everything else reads.
//! - [`Symbol`] and [`Key`] are keys as numbers: a compiled policy looks a field up by comparing integers.
//! - [`Path`] is how people name a place: `spec.containers[1].image`.
//! - [`Threads`] and [`in_parts`] divide work, here and in all crates that build on this one.

mod base64;
mod builder;
mod json;
mod kubernetes_names;
mod origin;
mod parse;
mod path;
mod places;
mod problem;
mod source;
mod symbol;
mod threads;
mod tree;
mod yaml;

pub use base64::base64;
pub use origin::{Origin, Written};
pub use parse::{Document, Format, Limits, ListPart, Parsed, list_items, parse, parse_in_parts};
pub use path::{Path, PathError, Segment, path_of};
pub use problem::{Problem, ProblemKind, Severity};
pub use source::{Position, Source, Span};
pub use symbol::{Key, Symbol};
pub use threads::{Threads, in_parts};
pub use tree::{Node, NodeId, NodeKind, Scalar, Tree};
