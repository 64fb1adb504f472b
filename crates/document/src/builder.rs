//! From the events of a parser to a tree.
//!
//! Open containers keep their children on a stack; when one closes, they move to the arena side by side. So children
//! always come before their parent, and the nodes below one child before those below the next.

use std::sync::Arc;

use crate::places::{Odd, Place, Places};
use crate::source::{Source, Span};
use crate::symbol::{KNOWN, Symbol, SymbolTable, hash_name};
use crate::tree::{NodeId, NodeKind, RawNode, Tree, WIDE, Wide, WideNumber, WideText};

/// A tree that is being built.
pub(crate) struct TreeBuilder {
    nodes: Vec<RawNode>,
    places: Places,
    wide: Wide,
    /// Closed nodes whose parent is still open.
    pending: Vec<Placed>,
    decoded: String,
    own_keys: Vec<Box<str>>,
    own_table: Option<SymbolTable>,
}

/// A node and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    node: RawNode,
    place: Place,
}

impl Placed {
    pub(crate) fn kind(&self) -> NodeKind {
        self.node.kind()
    }

    pub(crate) fn symbol(&self) -> Symbol {
        self.node.symbol()
    }

    /// Where its value stands.
    pub(crate) fn span(&self) -> Span {
        self.place.span
    }
}

/// How far a builder has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    nodes: usize,
    decoded: usize,
    texts: usize,
    numbers: usize,
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
    /// A builder that finds places in JSON when they are asked for.
    pub(crate) fn of_json(nodes: usize) -> TreeBuilder {
        TreeBuilder::new(nodes, Places::Found(Odd::default()))
    }

    /// A builder that keeps the place of each node.
    pub(crate) fn with_places(nodes: usize) -> TreeBuilder {
        TreeBuilder::new(nodes, Places::Kept(Vec::with_capacity(nodes)))
    }

    fn new(nodes: usize, places: Places) -> TreeBuilder {
        TreeBuilder {
            nodes: Vec::with_capacity(nodes),
            places,
            wide: Wide::default(),
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
        let (tag, low, high) = match value {
            ScalarValue::Null => (NodeKind::Null as u32, span.start, 0),
            ScalarValue::Bool(value) => (NodeKind::Bool as u32, span.start, u32::from(value)),
            ScalarValue::Int(value) => match i32::try_from(value) {
                Ok(value) => (NodeKind::Int as u32, span.start, value as u32),
                Err(_) => self.wide_number(NodeKind::Int, span, value as u64),
            },
            ScalarValue::Uint(bits) => self.wide_number(NodeKind::Uint, span, bits),
            ScalarValue::Double(value) => self.wide_number(NodeKind::Double, span, value.to_bits()),
            ScalarValue::Source(text) => {
                (NodeKind::String as u32, text.start, text.end - text.start)
            }
            ScalarValue::Decoded(text) => {
                let number = self.wide.texts.len() as u32;
                self.wide.texts.push(WideText {
                    span,
                    at: self.decoded.len() as u32,
                    length: text.len() as u32,
                });
                self.decoded.push_str(text);
                (NodeKind::String as u32 | WIDE, number, 0)
            }
        };
        self.push(key, span, tag, low, high);
    }

    #[cold]
    fn wide_number(&mut self, kind: NodeKind, span: Span, bits: u64) -> (u32, u32, u32) {
        let number = self.wide.numbers.len() as u32;
        self.wide.numbers.push(WideNumber { span, bits });
        (kind as u32 | WIDE, number, 0)
    }

    #[inline]
    fn push(&mut self, key: KeyAt, span: Span, tag: u32, low: u32, high: u32) {
        self.pending.push(Placed {
            node: RawNode {
                key_and_tag: key.symbol.index() << 8 | tag,
                low,
                high,
            },
            place: Place {
                key_start: key.start,
                span,
            },
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
            let bit = 1_u64 << (child.node.key_and_tag >> 8 & 63);
            maybe |= seen & bit != 0;
            seen |= bit;
        }
        if maybe && self.remove_duplicates(opened, duplicates) {
            self.places.note(self.nodes.len() as u32, span);
        }
        self.close(opened, key, span, NodeKind::Map);
    }

    /// Whether there were any.
    fn remove_duplicates(&mut self, opened: usize, duplicates: &mut Vec<Duplicate>) -> bool {
        let children = &self.pending[opened..];
        let any = if children.len() <= FEW {
            (1..children.len()).any(|at| {
                children[..at]
                    .iter()
                    .any(|other| other.symbol() == children[at].symbol())
            })
        } else {
            let mut symbols: Vec<Symbol> = children.iter().map(Placed::symbol).collect();
            symbols.sort_unstable();
            symbols.windows(2).any(|pair| pair[0] == pair[1])
        };
        if !any {
            return false;
        }
        let mut places: std::collections::HashMap<Symbol, usize> = std::collections::HashMap::new();
        let mut kept: Vec<Placed> = Vec::with_capacity(children.len());
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
                        first: earlier.place.key_start,
                        second: child.place.key_start,
                    });
                    *earlier = *child;
                }
            }
        }
        self.pending.truncate(opened);
        self.pending.extend_from_slice(&kept);
        true
    }

    fn close(&mut self, opened: usize, key: KeyAt, span: Span, kind: NodeKind) {
        let count = (self.pending.len() - opened) as u32;
        // A container without children begins where its own text does.
        let low = if count == 0 {
            span.start
        } else {
            self.nodes.len() as u32
        };
        let children = self.pending[opened..].iter();
        self.nodes.extend(children.clone().map(|child| child.node));
        self.places.keep(children.map(|child| child.place));
        self.pending.truncate(opened);
        self.push(key, span, kind as u32, low, count);
    }

    /// Notes that the items of a list are in other trees.
    pub(crate) fn read_beside(&mut self, list: Span) {
        self.places.note_beside(list);
    }

    /// Moves the one node that is pending to the arena: the root of a document.
    pub(crate) fn root(&mut self) -> Option<NodeId> {
        let root = self.pending.pop()?;
        debug_assert!(self.pending.is_empty(), "a document has one root");
        self.pending.clear();
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(root.node);
        self.places.keep(std::iter::once(root.place));
        Some(id)
    }

    /// Where the arena ends, to come back to.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            nodes: self.nodes.len(),
            decoded: self.decoded.len(),
            texts: self.wide.texts.len(),
            numbers: self.wide.numbers.len(),
        }
    }

    /// Forgets everything since a mark.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.nodes.truncate(mark.nodes);
        self.places.truncate(mark.nodes);
        self.decoded.truncate(mark.decoded);
        self.wide.texts.truncate(mark.texts);
        self.wide.numbers.truncate(mark.numbers);
        self.pending.clear();
    }

    /// Forgets everything that is pending: the document is broken.
    pub(crate) fn abandon(&mut self) {
        self.pending.clear();
    }

    /// Takes back the node that was added last and has no parent yet.
    pub(crate) fn take_last(&mut self) -> Option<Placed> {
        self.pending.pop()
    }

    /// The text of a scalar, as a key has it; `None` for a container or null.
    pub(crate) fn text_of(&self, source: &Source, node: Placed) -> Option<String> {
        let raw = node.node;
        let bits = || self.wide.numbers[raw.low as usize].bits;
        Some(match node.kind() {
            NodeKind::Bool => (raw.high != 0).to_string(),
            NodeKind::Int if raw.is_wide() => (bits() as i64).to_string(),
            NodeKind::Int => (raw.high as i32).to_string(),
            NodeKind::Uint => bits().to_string(),
            NodeKind::Double => f64::from_bits(bits()).to_string(),
            NodeKind::String if raw.is_wide() => {
                let wide = self.wide.texts[raw.low as usize];
                let range = wide.at as usize..(wide.at + wide.length) as usize;
                self.decoded.get(range)?.to_owned()
            }
            NodeKind::String => {
                let range = raw.low as usize..(raw.low + raw.high) as usize;
                source.text().get(range)?.to_owned()
            }
            NodeKind::Null | NodeKind::List | NodeKind::Map => return None,
        })
    }

    /// The node that was added last and has no parent yet.
    pub(crate) fn last(&self) -> Option<Placed> {
        self.pending.last().copied()
    }

    /// Adds a copy of a closed node and all below it under another key. Gives the count of nodes copied, or `None`
    /// where that would be more than `budget`.
    pub(crate) fn copy(&mut self, node: Placed, key: KeyAt, budget: usize) -> Option<usize> {
        let mut left = budget;
        self.copy_below(node, key, &mut left)?;
        Some(budget - left)
    }

    fn copy_below(&mut self, placed: Placed, key: KeyAt, left: &mut usize) -> Option<()> {
        *left = left.checked_sub(1)?;
        let Placed { node, place } = placed;
        if matches!(node.kind(), NodeKind::List | NodeKind::Map) {
            let opened = self.pending.len();
            for child in self.children_of(placed) {
                let key = KeyAt {
                    symbol: child.symbol(),
                    start: child.place.key_start,
                };
                self.copy_below(child, key, left)?;
            }
            self.close(opened, key, place.span, node.kind());
            return Some(());
        }
        let tag = node.key_and_tag & 0xff;
        self.push(key, place.span, tag, node.low, node.high);
        Some(())
    }

    /// The children of a closed container; none where places are not kept.
    pub(crate) fn children_of(&self, container: Placed) -> Vec<Placed> {
        let range =
            container.node.low as usize..(container.node.low + container.node.high) as usize;
        let nodes = self.nodes.get(range.clone()).unwrap_or_default();
        let places = match &self.places {
            Places::Kept(places) => places.get(range).unwrap_or_default(),
            Places::Found(_) => &[],
        };
        nodes
            .iter()
            .zip(places)
            .map(|(node, place)| Placed {
                node: *node,
                place: *place,
            })
            .collect()
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
        self.places.shrink_to_fit();
        self.decoded.shrink_to_fit();
        Tree {
            source,
            nodes: self.nodes,
            places: self.places,
            wide: self.wide,
            decoded: self.decoded,
            own_keys: self.own_keys,
        }
    }
}
