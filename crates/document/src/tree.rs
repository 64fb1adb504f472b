//! The tree: nodes in one arena, children side by side.

use std::sync::Arc;

use crate::places::Places;
use crate::source::{Position, Source, Span};
use crate::symbol::{Key, Symbol};

/// All documents of one source, as one immutable arena of nodes.
///
/// The children of a map or list lie side by side, so looking up a key is a scan over numbers and indexing a list is
/// one addition. Strings without escapes are not copied: they point into the source.
#[derive(Debug)]
pub struct Tree {
    pub(crate) source: Arc<Source>,
    pub(crate) nodes: Vec<RawNode>,
    /// Where the nodes stand.
    pub(crate) places: Places,
    /// Scalars for which a node has no room.
    pub(crate) wide: Wide,
    /// Strings that are not the source's own bytes: unescaped, folded, stripped of indentation.
    pub(crate) decoded: String,
    /// Names of the keys that are not known Kubernetes names: symbol number less the count of known ones.
    pub(crate) own_keys: Vec<Box<str>>,
}

/// A node's number in its tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The node of this number.
    pub fn new(number: u32) -> NodeId {
        NodeId(number)
    }

    /// The number.
    pub fn number(self) -> u32 {
        self.0
    }
}

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum NodeKind {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`; in YAML also `yes`, `on` and their kin.
    Bool,
    /// A whole number that fits 64 bits with sign.
    Int,
    /// A whole number above that, up to 64 bits without sign.
    Uint,
    /// Any other number.
    Double,
    /// A string.
    String,
    /// A list.
    List,
    /// A map, its keys all strings and each there once.
    Map,
}

/// Set in the tag of a node whose value is in [`Wide`].
pub(crate) const WIDE: u32 = 0x80;

/// A node as stored: 12 bytes, since a cluster has millions of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawNode {
    /// Symbol in the upper 24 bits, kind and flags in the lower 8.
    pub(crate) key_and_tag: u32,
    /// Containers: index of the first child; where they are empty, and for other scalars, the first byte in the source.
    /// Strings: the first byte of the text in the source. Wide scalars: their number among those of their kind.
    pub(crate) low: u32,
    /// Containers: count of children. Strings: length of the text. Booleans and whole numbers: the value.
    pub(crate) high: u32,
}

/// Scalars for which a node has no room.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wide {
    /// Strings that do not stand in the source as they are.
    pub(crate) texts: Vec<WideText>,
    /// Numbers that are no whole ones of 32 bits.
    pub(crate) numbers: Vec<WideNumber>,
}

/// A string in `Tree::decoded`, and the span of what says it in the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WideText {
    pub(crate) span: Span,
    pub(crate) at: u32,
    pub(crate) length: u32,
}

/// The bits of a number, and its span in the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WideNumber {
    pub(crate) span: Span,
    pub(crate) bits: u64,
}

impl RawNode {
    #[inline]
    pub(crate) fn kind(&self) -> NodeKind {
        match self.key_and_tag & 0x7 {
            0 => NodeKind::Null,
            1 => NodeKind::Bool,
            2 => NodeKind::Int,
            3 => NodeKind::Uint,
            4 => NodeKind::Double,
            5 => NodeKind::String,
            6 => NodeKind::List,
            _ => NodeKind::Map,
        }
    }

    #[inline]
    pub(crate) fn symbol(&self) -> Symbol {
        Symbol::from_index(self.key_and_tag >> 8)
    }

    #[inline]
    pub(crate) fn is_wide(&self) -> bool {
        self.key_and_tag & WIDE != 0
    }
}

/// A node with its tree: what everything outside this crate reads.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    id: NodeId,
}

/// A node's value, one level deep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'t> {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A signed whole number.
    Int(i64),
    /// A whole number over `i64::MAX`.
    Uint(u64),
    /// A floating-point number.
    Double(f64),
    /// A string.
    String(&'t str),
    /// A list: its node has the elements.
    List,
    /// A map: its node has the entries.
    Map,
}

impl Tree {
    /// The source the tree was read from.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Whether the source was read as JSON, which has no comments.
    pub fn is_json(&self) -> bool {
        matches!(self.places, Places::Found(_))
    }

    /// The node of this number.
    ///
    /// # Panics
    /// Where the number is another tree's and past this one's end.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        assert!((id.0 as usize) < self.nodes.len(), "node of another tree");
        Node { tree: self, id }
    }

    /// The nodes in a container. One that is empty has no first child.
    #[inline]
    fn children_of(&self, container: &RawNode) -> &[RawNode] {
        let range = container.low as usize..container.low as usize + container.high as usize;
        self.nodes.get(range).unwrap_or_default()
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// A copy of the tree in which some maps begin with more entries, whose values are strings. The new nodes stand
    /// where their map begins, and say nothing of the source. A key that the map has already is not looked for.
    #[must_use]
    pub fn with_entries<const N: usize>(&self, entries: &[(NodeId, [(&str, &str); N])]) -> Tree {
        let mut tree = Tree {
            source: Arc::clone(&self.source),
            nodes: self.nodes.clone(),
            places: self.places.clone(),
            wide: self.wide.clone(),
            decoded: self.decoded.clone(),
            own_keys: self.own_keys.clone(),
        };
        for (map, texts) in entries {
            let Some(raw) = self.nodes.get(map.0 as usize).copied() else {
                continue;
            };
            if raw.kind() != NodeKind::Map {
                continue;
            }
            let first = tree.nodes.len() as u32;
            let span = self.node(*map).span();
            let nowhere = Span {
                start: span.start,
                end: span.start,
            };
            for (key, value) in texts {
                let symbol = tree.symbol(key);
                let number = tree.wide.texts.len() as u32;
                tree.wide.texts.push(WideText {
                    span: nowhere,
                    at: tree.decoded.len() as u32,
                    length: value.len() as u32,
                });
                tree.decoded.push_str(value);
                tree.nodes.push(RawNode {
                    key_and_tag: symbol.index() << 8 | NodeKind::String as u32 | WIDE,
                    low: number,
                    high: 0,
                });
            }
            let own = self.node(*map).child_range();
            let own = own.start as usize..own.end as usize;
            tree.places.add(nowhere, N, own.clone());
            tree.places.note(first, span);
            tree.nodes.extend_from_slice(&self.nodes[own]);
            let changed = &mut tree.nodes[map.0 as usize];
            changed.low = first;
            changed.high = raw.high + N as u32;
        }
        tree
    }

    /// The symbol of a key, given a number here where it has none yet.
    fn symbol(&mut self, key: &str) -> Symbol {
        if let Some(symbol) = Symbol::known(key) {
            return symbol;
        }
        let known = Symbol::known_count();
        let own = self.own_keys.iter().position(|own| **own == *key);
        let own = own.unwrap_or_else(|| {
            self.own_keys.push(key.into());
            self.own_keys.len() - 1
        });
        Symbol::from_index(known + own as u32)
    }

    /// The name of a symbol of this tree; empty for [`Symbol::NONE`].
    pub fn name(&self, symbol: Symbol) -> &str {
        if let Some(name) = symbol.known_name() {
            return name;
        }
        let own = symbol.index().wrapping_sub(Symbol::known_count()) as usize;
        self.own_keys.get(own).map_or("", |name| name)
    }
}

impl<'t> Node<'t> {
    /// The tree.
    #[inline]
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    /// The number.
    #[inline]
    pub fn id(self) -> NodeId {
        self.id
    }

    #[inline]
    pub(crate) fn raw(self) -> &'t RawNode {
        &self.tree.nodes[self.id.0 as usize]
    }

    /// What the node is.
    #[inline]
    pub fn kind(self) -> NodeKind {
        self.raw().kind()
    }

    /// The value, one level deep.
    #[inline]
    pub fn scalar(self) -> Scalar<'t> {
        let raw = self.raw();
        match raw.kind() {
            NodeKind::Null => Scalar::Null,
            NodeKind::Bool => Scalar::Bool(raw.high != 0),
            NodeKind::Int if raw.is_wide() => Scalar::Int(self.wide_number(raw) as i64),
            NodeKind::Int => Scalar::Int(i64::from(raw.high as i32)),
            NodeKind::Uint => Scalar::Uint(self.wide_number(raw)),
            NodeKind::Double => Scalar::Double(f64::from_bits(self.wide_number(raw))),
            NodeKind::String => Scalar::String(self.string_of(raw)),
            NodeKind::List => Scalar::List,
            NodeKind::Map => Scalar::Map,
        }
    }

    #[inline]
    fn string_of(self, raw: &RawNode) -> &'t str {
        let (text, at, length) = if raw.is_wide() {
            let wide = self.tree.wide.texts[raw.low as usize];
            (self.tree.decoded.as_str(), wide.at, wide.length)
        } else {
            (self.tree.source.text(), raw.low, raw.high)
        };
        text.get(at as usize..at as usize + length as usize)
            .unwrap_or_default()
    }

    fn wide_number(self, raw: &RawNode) -> u64 {
        self.tree.wide.numbers[raw.low as usize].bits
    }

    /// The string, or `None` for any other kind.
    #[inline]
    pub fn as_str(self) -> Option<&'t str> {
        let raw = self.raw();
        (raw.kind() == NodeKind::String).then(|| self.string_of(raw))
    }

    /// The boolean, or `None` for any other kind.
    pub fn as_bool(self) -> Option<bool> {
        match self.scalar() {
            Scalar::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The whole number, or `None` for any other kind or one that does not fit.
    pub fn as_int(self) -> Option<i64> {
        match self.scalar() {
            Scalar::Int(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the node is a map.
    pub fn is_map(self) -> bool {
        self.kind() == NodeKind::Map
    }

    /// Whether the node is a list.
    pub fn is_list(self) -> bool {
        self.kind() == NodeKind::List
    }

    /// How many elements or entries there are; 0 for a scalar.
    #[inline]
    pub fn len(self) -> usize {
        let raw = self.raw();
        match raw.kind() {
            NodeKind::List | NodeKind::Map => raw.high as usize,
            _ => 0,
        }
    }

    /// Whether there is no element or entry.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(crate) fn child_range(self) -> std::ops::Range<u32> {
        let raw = self.raw();
        match raw.kind() {
            NodeKind::List | NodeKind::Map => raw.low..raw.low + raw.high,
            _ => 0..0,
        }
    }

    /// The elements of a list or the values of a map, in the order of the source; nothing for a scalar.
    #[inline]
    pub fn children(
        self,
    ) -> impl ExactSizeIterator<Item = Node<'t>> + DoubleEndedIterator + use<'t> {
        let tree = self.tree;
        self.child_range().map(move |index| Node {
            tree,
            id: NodeId(index),
        })
    }

    /// The child at this place, from 0.
    #[inline]
    pub fn child(self, index: usize) -> Option<Node<'t>> {
        let range = self.child_range();
        (index < range.len()).then(|| Node {
            tree: self.tree,
            id: NodeId(range.start + index as u32),
        })
    }

    /// The entries of a map as keys and values; nothing for any other kind.
    pub fn entries(self) -> impl ExactSizeIterator<Item = (&'t str, Node<'t>)> + use<'t> {
        let range = if self.is_map() {
            self.child_range()
        } else {
            0..0
        };
        let tree = self.tree;
        range.map(move |index| {
            let node = Node {
                tree,
                id: NodeId(index),
            };
            (node.key(), node)
        })
    }

    /// The value under a key of a map; `None` where there is none or this is no map.
    #[inline]
    pub fn get(self, key: &Key) -> Option<Node<'t>> {
        if key.symbol() == Symbol::NONE {
            self.get_own(key.name())
        } else {
            self.get_symbol(key.symbol())
        }
    }

    /// The value under a known symbol.
    #[inline]
    pub fn get_symbol(self, symbol: Symbol) -> Option<Node<'t>> {
        let raw = self.raw();
        if raw.kind() != NodeKind::Map {
            return None;
        }
        let children = self.tree.children_of(raw);
        let wanted = symbol.index() << 8;
        let found = children
            .iter()
            .position(|child| child.key_and_tag & !0xff == wanted)?;
        Some(Node {
            tree: self.tree,
            id: NodeId(raw.low + found as u32),
        })
    }

    /// The value under a name that is known only when it is looked up.
    pub fn get_name(self, name: &str) -> Option<Node<'t>> {
        match Symbol::known(name) {
            Some(symbol) => self.get_symbol(symbol),
            None => self.get_own(name),
        }
    }

    fn get_own(self, name: &str) -> Option<Node<'t>> {
        let known = Symbol::known_count();
        let raw = self.raw();
        if raw.kind() != NodeKind::Map {
            return None;
        }
        let children = self.tree.children_of(raw);
        let found = children.iter().position(|child| {
            let own = child.symbol().index().wrapping_sub(known) as usize;
            self.tree
                .own_keys
                .get(own)
                .is_some_and(|key| **key == *name)
        })?;
        Some(Node {
            tree: self.tree,
            id: NodeId(raw.low + found as u32),
        })
    }

    /// The key under which a map holds the node; empty for a list element or a root.
    pub fn key(self) -> &'t str {
        self.tree.name(self.raw().symbol())
    }

    /// The key's symbol; [`Symbol::NONE`] for a list element or a root.
    #[inline]
    pub fn key_symbol(self) -> Symbol {
        self.raw().symbol()
    }

    /// The bytes of the value in the source, quotes included.
    pub fn span(self) -> Span {
        self.tree.places.span(self)
    }

    /// The first byte of the node as a person sees it: of its key where it has one, else of the value.
    pub fn start(self) -> u32 {
        self.tree.places.start(self)
    }

    /// Line and column of [`Node::start`].
    pub fn position(self) -> Position {
        self.tree.source.position(self.start())
    }

    /// The place of a child among the children, from 0.
    pub(crate) fn index_of(self, child: Node<'_>) -> usize {
        child.id.0.wrapping_sub(self.child_range().start) as usize
    }

    /// Where the node is in memory: no two nodes of all trees that there are have the same.
    pub fn address(self) -> usize {
        std::ptr::from_ref(self.raw()) as usize
    }

    /// Whether two nodes are one node of one tree.
    pub fn is_same(self, other: Node<'_>) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }

    /// The nodes from this one down to `descendant`, both ends included; `None` where it is not in this subtree.
    pub fn path_to(self, descendant: Node<'_>) -> Option<Vec<Node<'t>>> {
        if !std::ptr::eq(self.tree, descendant.tree) {
            return None;
        }
        let mut path = vec![self];
        let mut here = self;
        while here.id != descendant.id {
            // Nodes are stored before their parents, those below one child before those below the next, so a
            // descendant that is no child lies below the child whose own children end first after it.
            let range = here.child_range();
            let next = if range.contains(&descendant.id.0) {
                descendant.id
            } else {
                let child = here
                    .children()
                    .filter(|child| !child.is_empty())
                    .filter(|child| child.child_range().end > descendant.id.0)
                    .min_by_key(|child| child.child_range().end)?;
                child.id
            };
            here = Node {
                tree: self.tree,
                id: next,
            };
            path.push(here);
        }
        Some(path)
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.scalar() {
            Scalar::Null => f.write_str("null"),
            Scalar::Bool(value) => write!(f, "{value}"),
            Scalar::Int(value) => write!(f, "{value}"),
            Scalar::Uint(value) => write!(f, "{value}"),
            Scalar::Double(value) => write!(f, "{value:?}"),
            Scalar::String(value) => write!(f, "{value:?}"),
            Scalar::List => f.debug_list().entries(self.children()).finish(),
            Scalar::Map => f.debug_map().entries(self.entries()).finish(),
        }
    }
}
