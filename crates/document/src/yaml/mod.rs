//! YAML to a tree.
//!
//! - `block` reads the YAML that manifests are written in, fast; it gives up on anything unusual.
//! - `documents` cuts the text into documents, so that a broken one does not take the others with it.
//! - `events` turns the events of the parser crate into nodes: anchors, aliases, merge keys, tags.
//! - `scalar` says what a plain scalar is, by the rules of `kubectl`.

mod block;
mod documents;
mod events;
mod scalar;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::builder::TreeBuilder;
use crate::parse::{Document, Limits, Parsed};
use crate::source::Source;

pub(crate) fn parse(source: &Arc<Source>, limits: &Limits) -> Parsed {
    parse_with(source, limits, true)
}

/// Parses; without `direct`, everything by the full parser.
fn parse_with(source: &Arc<Source>, limits: &Limits, direct: bool) -> Parsed {
    let text = source.text();
    // Manifests have a value about every twenty bytes.
    let mut builder = TreeBuilder::with_places(text.len() / 20 + 8);
    let mut problems = Vec::new();
    let mut documents = Vec::new();
    let mut alias_budget = limits.max_alias_nodes;
    for (index, span) in documents::split(text).into_iter().enumerate() {
        let index = index as u32;
        let mut reader = events::Reader {
            source,
            limits,
            span,
            document: index,
            builder: &mut builder,
            problems: &mut problems,
            alias_budget: &mut alias_budget,
        };
        let root = if direct {
            reader.read()
        } else {
            reader.read_events()
        };
        documents.push(Document { index, root, span });
    }
    Parsed {
        tree: Arc::new(builder.finish(Arc::clone(source))),
        documents,
        items: Vec::new(),
        problems,
    }
}
