//! Text to trees: the way in.

use std::path::Path;
use std::sync::Arc;

use crate::problem::Problem;
use crate::source::{Source, Span};
use crate::symbol::Symbol;
use crate::threads::Threads;
use crate::tree::{Node, NodeId, Tree};
use crate::{json, yaml};

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// YAML, which JSON mostly is too.
    Yaml,
    /// JSON: one document, or several one after the other.
    Json,
}

/// Bounds on the work that a text can make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Size of a source in bytes.
    pub max_bytes: usize,
    /// How deep lists and maps may nest.
    pub max_depth: usize,
    /// How many values a source may have.
    pub max_nodes: usize,
    /// How many values the aliases of a source may expand to.
    pub max_alias_nodes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_bytes: 2 << 30,
            max_depth: 255,
            max_nodes: 200_000_000,
            max_alias_nodes: 1_000_000,
        }
    }
}

/// What a source holds.
#[derive(Debug)]
pub struct Parsed {
    /// All nodes.
    pub tree: Arc<Tree>,
    /// The documents, in order.
    pub documents: Vec<Document>,
    /// The items of the list that the one document is, in order, where they were read beside it: the list itself is
    /// empty then. See [`parse_in_parts`].
    pub items: Vec<ListPart>,
    /// What is wrong, in order.
    pub problems: Vec<Problem>,
}

/// Some items of a list, in a tree of their own.
#[derive(Debug)]
pub struct ListPart {
    /// Their nodes.
    pub tree: Arc<Tree>,
    /// The items, in order.
    pub items: Vec<NodeId>,
}

/// One document of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Document {
    /// Its place in the source, from 0.
    pub index: u32,
    /// Its root; `None` where the document is empty or broken.
    pub root: Option<NodeId>,
    /// Where it stands.
    pub span: Span,
}

impl Format {
    /// The format of a text: by the ending of its name where that tells, else by its first character.
    pub fn detect(name: &str, text: &str) -> Format {
        let extension = Path::new(name)
            .extension()
            .and_then(|ending| ending.to_str());
        match extension {
            Some("json" | "ndjson" | "jsonl") => Format::Json,
            Some("yaml" | "yml") => Format::Yaml,
            _ if text.trim_start().starts_with('{') => Format::Json,
            _ => Format::Yaml,
        }
    }
}

/// Reads all documents of a source.
pub fn parse(source: &Arc<Source>, format: Format, limits: &Limits) -> Parsed {
    match format {
        Format::Json => json::parse(source, limits),
        Format::Yaml => yaml::parse(source, limits),
    }
}

/// Reads all documents of a source. Where that is one long list of objects in JSON, as `kubectl get -o json` writes it,
/// its items are read on several threads, each into the tree of its part.
pub fn parse_in_parts(
    source: &Arc<Source>,
    format: Format,
    limits: &Limits,
    threads: Threads,
) -> Parsed {
    let in_parts = match format {
        Format::Json => json::parse_list(source, limits, threads),
        Format::Yaml => None,
    };
    in_parts.unwrap_or_else(|| parse(source, format, limits))
}

pub(crate) const ITEMS: Symbol = Symbol::of("items");

/// The items of a list of objects: of a map with `apiVersion` and a `kind` such as `List` or `PodList`.
pub fn list_items(root: Node<'_>) -> Option<Node<'_>> {
    let text = |key: Symbol| root.get_symbol(key).and_then(Node::as_str);
    text(const { Symbol::of("apiVersion") })?;
    let is_list = text(const { Symbol::of("kind") })?.ends_with("List");
    let items = is_list.then(|| root.get_symbol(ITEMS))??;
    items.is_list().then_some(items)
}
