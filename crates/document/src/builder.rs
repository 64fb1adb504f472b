//! From the events of a parser to a tree.
//!
//! Open containers keep their children on a stack; when one closes, they move to the arena side by side. So children
//! always come before their parent, and the nodes below one child before those below the next.

use std::sync::Arc;

use crate::source::{Source, Span};
use crate::symbol::{KNOWN, Symbol, SymbolTable, hash_name};
use crate::tree::{DECODED, NodeId, NodeKind, RawNode, Tree};

/// A tree that is being built.
pub(crate) struct TreeBuilder {
    nodes: Vec<RawNode>,
    /// Closed nodes whose parent is still open.
    pending: Vec<RawNode>,
    decoded: String,
    own_keys: Vec<Box<str>>,
    own_table: Option<SymbolTable>,
}

/// A scalar's value, ready to be stored.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ScalarValue<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    /// A string that stands in the source as it is.
    Source(Span),
    /// Any other string.
    Decoded(&'a str),
}

/// A key and where it stands; for a list element or a root, where the value stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyAt {
    pub(crate) symbol: Symbol,
    pub(crate) start: u32,
}

/// A key that was stated before in the same map; the later one counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Duplicate {
    pub(crate) symbol: Symbol,
    /// Where the one stands that no longer counts.
    pub(crate) first: u32,
    /// Where the one stands that counts.
    pub(crate) second: u32,
}

/// How many children are compared pair by pair before a sort is cheaper.
const FEW: usize = 24;

impl TreeBuilder {
    pub(crate) fn with_capacity(nodes: usize) -> TreeBuilder {
        TreeBuilder {
            nodes: Vec::with_capacity(nodes),
            pending: Vec::with_capacity(64),
            decoded: String::new(),
            own_keys: Vec::new(),
            own_table: None,
        }
    }

    /// The symbol of a key: a known one, one given before, or a new one. `None` where there are too many.
    #[inline]
    pub(crate) fn symbol(&mut self, name: &str) -> Option<Symbol> {
        let hash = hash_name(name.as_bytes());
        if let Some(symbol) = KNOWN.find_hashed(name.as_bytes(), hash) {
            return Some(symbol);
        }
        self.own_symbol(name, hash)
    }

    fn own_symbol(&mut self, name: &str, hash: u32) -> Option<Symbol> {
        let known = Symbol::known_count();
        let table = self.own_table.get_or_insert_with(SymbolTable::small);
        let keys = &self.own_keys;
        let found = table.find(hash, |symbol| {
            *keys[(symbol.index() - known) as usize] == *name
        });
        if found.is_some() {
            return found;
        }
        let index = known + self.own_keys.len() as u32;
        if index >= Symbol::LIMIT {
            return None;
        }
        let symbol = Symbol::from_index(index);
        table.insert(hash, symbol);
        self.own_keys.push(name.into());
        Some(symbol)
    }

    /// How many nodes there are, those that still wait for their parent included.
    pub(crate) fn node_count(&self) -> usize {
        self.nodes.len() + self.pending.len()
    }

    /// Where a container's children will begin: to be given back when it closes.
    #[inline]
    pub(crate) fn open(&self) -> usize {
        self.pending.len()
    }

    /// Adds a scalar.
    #[inline]
    pub(crate) fn scalar(&mut self, key: KeyAt, span: Span, value: ScalarValue<'_>) {
        let (kind, low, high) = match value {
            ScalarValue::Null => (NodeKind::Null as u32, 0, 0),
            ScalarValue::Bool(value) => (NodeKind::Bool as u32, u32::from(value), 0),
            ScalarValue::Int(value) => {
                let bits = value as u64;
                (NodeKind::Int as u32, bits as u32, (bits >> 32) as u32)
            }
            ScalarValue::Uint(bits) => (NodeKind::Uint as u32, bits as u32, (bits >> 32) as u32),
            ScalarValue::Double(value) => {
                let bits = value.to_bits();
                (NodeKind::Double as u32, bits as u32, (bits >> 32) as u32)
            }
            ScalarValue::Source(text) => {
                (NodeKind::String as u32, text.start, text.end - text.start)
            }
            ScalarValue::Decoded(text) => {
                let start = self.decoded.len() as u32;
                self.decoded.push_str(text);
                (NodeKind::String as u32 | DECODED, start, text.len() as u32)
            }
        };
        self.pending.push(RawNode {
            key_and_tag: key.symbol.index() << 8 | kind,
            key_start: key.start,
            start: span.start,
            end: span.end,
            low,
            high,
        });
    }

    /// Closes a list whose children began at `opened`.
    #[inline]
    pub(crate) fn close_list(&mut self, opened: usize, key: KeyAt, span: Span) {
        self.close(opened, key, span, NodeKind::List);
    }

    /// Closes a map. Of a key that is there more than once the last one stays, in the first one's place; each that
    /// went is reported.
    #[inline]
    pub(crate) fn close_map(
        &mut self,
        opened: usize,
        key: KeyAt,
        span: Span,
        duplicates: &mut Vec<Duplicate>,
    ) {
        let children = &self.pending[opened..];
        // One bit for the lower bits of each symbol: only where two keys share one can there be a duplicate.
        let mut seen = 0_u64;
        let mut maybe = false;
        for child in children {
            let bit = 1_u64 << (child.key_and_tag >> 8 & 63);
            maybe |= seen & bit != 0;
            seen |= bit;
        }
        if maybe {
            self.remove_duplicates(opened, duplicates);
        }
        self.close(opened, key, span, NodeKind::Map);
    }

    fn remove_duplicates(&mut self, opened: usize, duplicates: &mut Vec<Duplicate>) {
        let children = &self.pending[opened..];
        let any = if children.len() <= FEW {
            (1..children.len()).any(|at| {
                children[..at]
                    .iter()
                    .any(|other| other.symbol() == children[at].symbol())
            })
        } else {
            let mut symbols: Vec<Symbol> = children.iter().map(RawNode::symbol).collect();
            symbols.sort_unstable();
            symbols.windows(2).any(|pair| pair[0] == pair[1])
        };
        if !any {
            return;
        }
        let mut places: std::collections::HashMap<Symbol, usize> = std::collections::HashMap::new();
        let mut kept: Vec<RawNode> = Vec::with_capacity(children.len());
        for child in children {
            match places.entry(child.symbol()) {
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(kept.len());
                    kept.push(*child);
                }
                std::collections::hash_map::Entry::Occupied(place) => {
                    let earlier = &mut kept[*place.get()];
                    duplicates.push(Duplicate {
                        symbol: child.symbol(),
                        first: earlier.key_start,
                        second: child.key_start,
                    });
                    *earlier = *child;
                }
            }
        }
        self.pending.truncate(opened);
        self.pending.extend_from_slice(&kept);
    }

    fn close(&mut self, opened: usize, key: KeyAt, span: Span, kind: NodeKind) {
        let first = self.nodes.len() as u32;
        let count = (self.pending.len() - opened) as u32;
        self.nodes.extend_from_slice(&self.pending[opened..]);
        self.pending.truncate(opened);
        self.pending.push(RawNode {
            key_and_tag: key.symbol.index() << 8 | kind as u32,
            key_start: key.start,
            start: span.start,
            end: span.end,
            low: first,
            high: count,
        });
    }

    /// Moves the one node that is pending to the arena: the root of a document.
    pub(crate) fn root(&mut self) -> Option<NodeId> {
        let root = self.pending.pop()?;
        debug_assert!(self.pending.is_empty(), "a document has one root");
        self.pending.clear();
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(root);
        Some(id)
    }

    /// Where the arena ends, to come back to.
    pub(crate) fn mark(&self) -> (usize, usize) {
        (self.nodes.len(), self.decoded.len())
    }

    /// Forgets everything since a mark.
    pub(crate) fn rewind(&mut self, (nodes, decoded): (usize, usize)) {
        self.nodes.truncate(nodes);
        self.decoded.truncate(decoded);
        self.pending.clear();
    }

    /// Forgets everything that is pending: the document is broken.
    pub(crate) fn abandon(&mut self) {
        self.pending.clear();
    }

    /// Takes back the node that was added last and has no parent yet.
    pub(crate) fn take_last(&mut self) -> Option<RawNode> {
        self.pending.pop()
    }

    /// The text of a scalar, as a key has it; `None` for a container or null.
    pub(crate) fn text_of(&self, source: &Source, node: RawNode) -> Option<String> {
        let bits = u64::from(node.high) << 32 | u64::from(node.low);
        Some(match node.kind() {
            NodeKind::Bool => (node.low != 0).to_string(),
            NodeKind::Int => (bits as i64).to_string(),
            NodeKind::Uint => bits.to_string(),
            NodeKind::Double => f64::from_bits(bits).to_string(),
            NodeKind::String => {
                let range = node.low as usize..(node.low + node.high) as usize;
                let text = if node.key_and_tag & DECODED == 0 {
                    source.text()
                } else {
                    &self.decoded
                };
                text.get(range)?.to_owned()
            }
            NodeKind::Null | NodeKind::List | NodeKind::Map => return None,
        })
    }

    /// The node that was added last and has no parent yet.
    pub(crate) fn last(&self) -> Option<RawNode> {
        self.pending.last().copied()
    }

    /// Adds a copy of a closed node and all below it under another key. Gives the count of nodes copied, or `None`
    /// where that would be more than `budget`.
    pub(crate) fn copy(&mut self, node: RawNode, key: KeyAt, budget: usize) -> Option<usize> {
        let mut left = budget;
        self.copy_below(node, key, &mut left)?;
        Some(budget - left)
    }

    fn copy_below(&mut self, node: RawNode, key: KeyAt, left: &mut usize) -> Option<()> {
        *left = left.checked_sub(1)?;
        let mut copy = node;
        copy.key_and_tag = key.symbol.index() << 8 | node.key_and_tag & 0xff;
        copy.key_start = key.start;
        if matches!(node.kind(), NodeKind::List | NodeKind::Map) {
            let opened = self.pending.len();
            for child in node.low..node.low + node.high {
                let child = self.nodes[child as usize];
                let key = KeyAt {
                    symbol: child.symbol(),
                    start: child.key_start,
                };
                self.copy_below(child, key, left)?;
            }
            let span = Span {
                start: node.start,
                end: node.end,
            };
            self.close(opened, key, span, node.kind());
            return Some(());
        }
        self.pending.push(copy);
        Some(())
    }

    /// The children of a closed container.
    pub(crate) fn children_of(&self, node: RawNode) -> Vec<RawNode> {
        self.nodes[node.low as usize..(node.low + node.high) as usize].to_vec()
    }

    /// The name of a symbol.
    pub(crate) fn name(&self, symbol: Symbol) -> &str {
        if let Some(name) = symbol.known_name() {
            return name;
        }
        let own = symbol.index().wrapping_sub(Symbol::known_count()) as usize;
        self.own_keys.get(own).map_or("", |name| name)
    }

    /// The tree.
    pub(crate) fn finish(mut self, source: Arc<Source>) -> Tree {
        // A tree is kept for long, and some thousand of them where a cluster is read page by page.
        self.nodes.shrink_to_fit();
        self.decoded.shrink_to_fit();
        Tree {
            source,
            nodes: self.nodes,
            decoded: self.decoded,
            own_keys: self.own_keys,
        }
    }
}
