//! Where nodes stand in the source.
//!
//! In JSON a node's place follows from where its text begins and from the brackets, colons and quotes around it: it is
//! found when somebody asks, which is once for a finding. YAML has too many ways to write a thing, so places are kept.

use std::ops::Range;

use crate::source::Span;
use crate::symbol::Symbol;
use crate::tree::{Node, NodeKind, RawNode};

/// Where the nodes of a tree stand.
#[derive(Clone, Debug)]
pub(crate) enum Places {
    /// By node.
    Kept(Vec<Place>),
    /// To be found in the JSON, but for these.
    Found(Odd),
}

/// Containers whose span does not follow from what is in them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Odd {
    /// Those whose first or last child is not what stands first or last in them: the number of the first child and the
    /// span, in ascending order.
    spans: Vec<(u32, Span)>,
    /// The list whose items are in other trees.
    beside: Option<Span>,
}

/// Where a node stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// First byte of the key (for a list element or a root, of the value).
    pub(crate) key_start: u32,
    /// The value.
    pub(crate) span: Span,
}

impl Places {
    /// Keeps the place of a node, if places are kept.
    #[inline]
    pub(crate) fn keep(&mut self, places: impl Iterator<Item = Place>) {
        if let Places::Kept(kept) = self {
            kept.extend(places);
        }
    }

    /// Notes the span of a container that does not follow from its children, the first of which has this number.
    pub(crate) fn note(&mut self, first: u32, span: Span) {
        if let Places::Found(odd) = self {
            odd.spans.push((first, span));
        }
    }

    /// Notes the span of a list whose items are in other trees.
    pub(crate) fn note_beside(&mut self, span: Span) {
        if let Places::Found(odd) = self {
            odd.beside = Some(span);
        }
    }

    /// Adds so many nodes that stand nowhere, and copies of others.
    pub(crate) fn add(&mut self, nowhere: Span, count: usize, copied: Range<usize>) {
        if let Places::Kept(kept) = self {
            let place = Place {
                key_start: nowhere.start,
                span: nowhere,
            };
            kept.extend(std::iter::repeat_n(place, count));
            kept.extend_from_within(copied);
        }
    }

    /// Forgets all nodes but so many.
    pub(crate) fn truncate(&mut self, nodes: usize) {
        match self {
            Places::Kept(kept) => kept.truncate(nodes),
            Places::Found(odd) => odd.spans.retain(|(first, _)| (*first as usize) < nodes),
        }
    }

    pub(crate) fn shrink_to_fit(&mut self) {
        match self {
            Places::Kept(kept) => kept.shrink_to_fit(),
            Places::Found(odd) => odd.spans.shrink_to_fit(),
        }
    }

    /// The bytes of a value.
    pub(crate) fn span(&self, node: Node<'_>) -> Span {
        match self {
            Places::Kept(kept) => kept[node.id().number() as usize].span,
            Places::Found(odd) => InJson::of(node, odd).span(node),
        }
    }

    /// The first byte of a key, or where there is none of the value.
    pub(crate) fn start(&self, node: Node<'_>) -> u32 {
        match self {
            Places::Kept(kept) => kept[node.id().number() as usize].key_start,
            Places::Found(odd) => InJson::of(node, odd).entry_start(node),
        }
    }
}

/// A text that was read as JSON without a mistake.
struct InJson<'t> {
    bytes: &'t [u8],
    odd: &'t Odd,
}

impl<'t> InJson<'t> {
    fn of(node: Node<'t>, odd: &'t Odd) -> InJson<'t> {
        InJson {
            bytes: node.tree().source().text().as_bytes(),
            odd,
        }
    }

    fn span(&self, node: Node<'_>) -> Span {
        let raw = node.raw();
        match node.kind() {
            NodeKind::List | NodeKind::Map => match self.known_span(raw) {
                Some(span) => span,
                None => Span {
                    start: self.container_start(node),
                    end: self.container_end(node),
                },
            },
            NodeKind::String if raw.is_wide() => node.tree().wide.texts[raw.low as usize].span,
            NodeKind::String => Span {
                start: raw.low - 1,
                end: raw.low + raw.high + 1,
            },
            _ if raw.is_wide() => node.tree().wide.numbers[raw.low as usize].span,
            // `null`, `true`, `false`, a whole number: as far as there are letters and digits.
            _ => {
                let text = &self.bytes[raw.low as usize..];
                let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
                let length = text.iter().take_while(|byte| is_part(byte)).count();
                Span {
                    start: raw.low,
                    end: raw.low + length as u32,
                }
            }
        }
    }

    fn known_span(&self, raw: &RawNode) -> Option<Span> {
        if raw.high == 0 {
            let is_this = |span: &Span| span.start == raw.low;
            if let Some(span) = self.odd.beside.filter(is_this) {
                return Some(span);
            }
            let close = raw.low + 1 + self.blanks(raw.low + 1);
            return Some(Span {
                start: raw.low,
                end: close + 1,
            });
        }
        let spans = &self.odd.spans;
        let at = spans.binary_search_by_key(&raw.low, |(first, _)| *first);
        Some(spans[at.ok()?].1)
    }

    /// The bracket before the first child.
    fn container_start(&self, node: Node<'_>) -> u32 {
        let inside = node.child(0).map_or(0, |first| self.entry_start(first));
        self.before_blanks(inside) - 1
    }

    /// Past the bracket after the last child.
    fn container_end(&self, node: Node<'_>) -> u32 {
        let last = node.child(node.len().saturating_sub(1));
        let inside = last.map_or(0, |last| self.span(last).end);
        inside + self.blanks(inside) + 1
    }

    fn value_start(&self, node: Node<'_>) -> u32 {
        let raw = node.raw();
        match node.kind() {
            NodeKind::List | NodeKind::Map => match self.known_span(raw) {
                Some(span) => span.start,
                None => self.container_start(node),
            },
            _ => self.span(node).start,
        }
    }

    fn entry_start(&self, node: Node<'_>) -> u32 {
        let start = self.value_start(node);
        let stands_nowhere = || {
            let raw = node.raw();
            let text = (node.kind() == NodeKind::String && raw.is_wide())
                .then(|| node.tree().wide.texts[raw.low as usize].span);
            text.is_some_and(|span| span.start == span.end)
        };
        if node.key_symbol() == Symbol::NONE || stands_nowhere() {
            return start;
        }
        let colon = self.before_blanks(start) - 1;
        let quote = self.before_blanks(colon) - 1;
        self.opening_quote(quote)
    }

    /// The quote that opens the string which ends with the quote at this place. One within it has an odd number of
    /// backslashes before it; the one that opens it has none.
    fn opening_quote(&self, closing: u32) -> u32 {
        let mut at = closing as usize;
        while let Some(quote) = memchr::memrchr(b'"', &self.bytes[..at]) {
            let before = self.bytes[..quote].iter().rev();
            let backslashes = before.take_while(|byte| **byte == b'\\').count();
            if backslashes % 2 == 0 {
                return quote as u32;
            }
            at = quote;
        }
        closing
    }

    /// How many blanks stand from here on.
    fn blanks(&self, at: u32) -> u32 {
        let rest = self.bytes[at as usize..].iter();
        rest.take_while(|byte| is_blank(**byte)).count() as u32
    }

    /// The end of what stands before the blanks that end here.
    fn before_blanks(&self, end: u32) -> u32 {
        let before = self.bytes[..end as usize].iter().rev();
        end - before.take_while(|byte| is_blank(**byte)).count() as u32
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}
