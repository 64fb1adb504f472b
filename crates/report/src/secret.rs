//! Source text as reports show it: without what stands in guarded places.
//!
//! Which places those are [`plimsoll_assess::guard`] says; the value that a finding observed is without secrets already.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use plimsoll_assess::Finding;
use plimsoll_assess::guard::{Guard, HIDDEN, guard};
use plimsoll_catalog::Control;
use plimsoll_document::{Node, Scalar, Segment, Source, Span};
use plimsoll_inventory::Object;

use crate::result::ScanResult;

/// How far from a finding its source is looked at, in bytes: more than an excerpt shows.
const NEIGHBOURHOOD: u32 = 4_096;

/// The places of sources that are not shown, found source by source.
#[derive(Debug)]
pub(crate) struct Hidden<'r> {
    objects: &'r [Object],
    source: Option<&'r Arc<Source>>,
    spans: Vec<Span>,
}

impl<'r> Hidden<'r> {
    pub(crate) fn new(result: &'r ScanResult<'_>) -> Hidden<'r> {
        Hidden {
            objects: result.inventory.objects(),
            source: None,
            spans: Vec::new(),
        }
    }

    /// What is not shown around the place of a finding. Several objects may stand in one line, so it is that of all.
    pub(crate) fn spans(&mut self, control: &Control, finding: &Finding) -> Vec<Span> {
        let at = finding.object.0 as usize;
        let object = &self.objects[at];
        if !self
            .source
            .is_some_and(|source| Arc::ptr_eq(source, object.tree().source()))
        {
            let source = object.tree().source();
            self.source = Some(source);
            self.spans.clear();
            // The objects of a source stand side by side.
            let is_of_source = |other: &&Object| Arc::ptr_eq(other.tree().source(), source);
            let before = self.objects[..at].iter().rev().take_while(is_of_source);
            let after = self.objects[at..].iter().take_while(is_of_source);
            for object in before.chain(after) {
                let mut keys = Vec::new();
                let root = object.root();
                gather(object, root, &mut keys, Guard::Suspect, &mut self.spans);
            }
            self.spans.sort_by_key(|span| (span.start, span.end));
            self.spans.dedup();
        }
        let place = finding.span.start;
        let first = self
            .spans
            .partition_point(|span| span.end < place.saturating_sub(NEIGHBOURHOOD));
        let last = place.saturating_add(NEIGHBOURHOOD);
        let mut spans: Vec<Span> = self.spans[first..]
            .iter()
            .take_while(|span| span.start <= last)
            .copied()
            .collect();
        let (node, depth) = finding.path.find(object.root());
        let mut keys = segments(&finding.path.segments[..depth]);
        if control.sensitive {
            gather(object, node, &mut keys, Guard::Unlikely, &mut spans);
            spans.sort_by_key(|span| span.start);
        } else if guard(object, &keys) == Guard::Suspect {
            // The control points at this very place for another reason.
            spans.retain(|span| *span != node.span());
        }
        spans
    }
}

/// The text between two bytes, without what is hidden.
pub(crate) fn masked<'t>(text: &'t str, range: Range<usize>, hidden: &[Span]) -> Cow<'t, str> {
    let first = hidden.partition_point(|span| span.end as usize <= range.start);
    let mut shown = String::new();
    let mut at = range.start;
    for span in &hidden[first..] {
        let (start, end) = (span.start as usize, span.end as usize);
        if start >= range.end {
            break;
        }
        if end <= at || start == end {
            continue;
        }
        shown.push_str(&text[at..start.max(at)]);
        shown.push_str(HIDDEN);
        at = end.min(range.end);
    }
    if shown.is_empty() {
        return Cow::Borrowed(&text[range]);
    }
    shown.push_str(&text[at..range.end]);
    Cow::Owned(shown)
}

/// Whether a source that could not be read may hold a Secret, so that no line of it is shown.
pub(crate) fn may_hold_secrets(source: &Source) -> bool {
    let written = source.text().match_indices("Secret");
    written.into_iter().any(|(at, _)| {
        let before = source.text()[..at].trim_end_matches(['"', '\'', ' ']);
        let before = before
            .strip_suffix(':')
            .map(|key| key.trim_end_matches(['"', '\'', ' ']));
        before.is_some_and(|before| before.ends_with("kind"))
    })
}

fn segments(path: &[Segment]) -> Vec<&str> {
    path.iter()
        .map(|segment| match segment {
            Segment::Key(key) => key.name(),
            Segment::Index(_) | Segment::Every => "*",
        })
        .collect()
}

/// The scalars at and below a node that are guarded at least so well.
fn gather<'t>(
    object: &Object,
    node: Node<'t>,
    keys: &mut Vec<&'t str>,
    least: Guard,
    spans: &mut Vec<Span>,
) {
    if node.is_map() {
        for (key, child) in node.entries() {
            keys.push(key);
            gather(object, child, keys, least, spans);
            keys.pop();
        }
    } else if node.is_list() {
        keys.push("*");
        for child in node.children() {
            gather(object, child, keys, least, spans);
        }
        keys.pop();
    } else if guard(object, keys) >= least
        && !matches!(node.scalar(), Scalar::Null | Scalar::Bool(_))
    {
        spans.push(node.span());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_cut_out() {
        let text = "a: one, b: two";
        let span = |start, end| Span { start, end };
        let hidden = [span(3, 6), span(11, 14)];
        assert_eq!(masked(text, 0..14, &hidden), "a: (hidden), b: (hidden)");
        assert_eq!(masked(text, 0..3, &hidden), "a: ");
        assert_eq!(masked(text, 4..11, &hidden), "(hidden), b: ");
        assert_eq!(masked(text, 6..9, &hidden), ", b");
    }

    #[test]
    fn sources_with_secrets_are_known_without_a_parser() {
        let may = |text: &str| may_hold_secrets(&Source::new("x", text));
        assert!(may("kind: Secret\n  bad") && may("{\"kind\" : \"Secret\", ,}"));
        assert!(!may("kind: SealedThing\nname: Secret") && !may("a: Secret"));
    }
}
