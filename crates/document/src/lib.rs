//! Text to one immutable tree with spans.
//!
//! JSON and YAML become a [`Tree`]: nodes in one arena, keys as numbers, every node with its bytes in the source and
//! hence its line and column. Scalars, merge keys and duplicate keys resolve as `kubectl` resolves them.
//!
//! - [`Source`] holds a text and its name and turns bytes into lines and columns.
//! - [`Tree`] and [`Node`] are what everything else reads.
//! - [`Symbol`] and [`Key`] are keys as numbers: a compiled policy looks a field up by comparing integers.

mod kubernetes_names;
mod source;
mod symbol;
mod tree;

pub use source::{Position, Source, Span};
pub use symbol::{Key, Symbol};
pub use tree::{Node, NodeId, NodeKind, Scalar, Tree};
