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

/// How many objects of a long source are gathered at a time.
const WINDOW: usize = 256;

/// The places of sources that are not shown, found as findings come: in the order of their objects. Of a long source only
/// a part is looked at, then.
#[derive(Debug)]
pub(crate) struct Hidden<'r> {
    objects: &'r [Object],
    /// The objects for which all places around them are known.
    window: Range<usize>,
    spans: Vec<Span>,
}

impl<'r> Hidden<'r> {
    pub(crate) fn new(result: &'r ScanResult<'_>) -> Hidden<'r> {
        Hidden {
            objects: result.inventory.objects(),
            window: 0..0,
            spans: Vec::new(),
        }
    }

    /// Gathers what is not shown around some objects, this one the first.
    fn gather(&mut self, at: usize) {
        let source = self.objects[at].tree().source();
        let is_of_source = |other: &&Object| Arc::ptr_eq(other.tree().source(), source);
        // The objects of a source stand side by side, and in JSON they do so in the text, too: an alias of YAML stands
        // where its anchor does.
        let all_before = self.objects[..at].iter().rev().take_while(is_of_source);
        let all_after = self.objects[at..].iter().take_while(is_of_source);
        let (before, after): (Vec<&Object>, Vec<&Object>) = if self.objects[at].tree().is_json() {
            let start = self.objects[at].root().span().start;
            let reaches =
                |other: &&Object| other.root().span().end.saturating_add(NEIGHBOURHOOD) >= start;
            let mut after: Vec<&Object> = all_after.clone().take(WINDOW).collect();
            self.window = at..at + after.len();
            let end = after.last().map_or(start, |last| last.root().span().end);
            let is_reached =
                |other: &&Object| other.root().span().start <= end.saturating_add(NEIGHBOURHOOD);
            after.extend(all_after.skip(WINDOW).take_while(is_reached));
            (all_before.take_while(reaches).collect(), after)
        } else {
            let (before, after): (Vec<_>, Vec<_>) = (all_before.collect(), all_after.collect());
            self.window = at - before.len()..at + after.len();
            (before, after)
        };
        self.spans.clear();
        for object in before.into_iter().chain(after) {
            let mut keys = Vec::new();
            let root = object.root();
            gather(object, root, &mut keys, Guard::Suspect, &mut self.spans);
        }
        self.spans.sort_by_key(|span| (span.start, span.end));
        self.spans.dedup();
    }

    /// What is not shown around the place of a finding. Several objects may stand in one line, so it is that of all.
    pub(crate) fn spans(&mut self, control: &Control, finding: &Finding) -> Vec<Span> {
        let at = finding.object.0 as usize;
        let object = &self.objects[at];
        if !self.window.contains(&at) {
            self.gather(at);
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
    use plimsoll_document::{Format, Limits, parse};
    use plimsoll_inventory::Inventory;

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
    fn what_is_hidden_around_an_object_does_not_depend_on_how_many_are_gathered() {
        let secret = |number: usize| {
            let value = "x".repeat(number * 37 % 6_000);
            format!(
                r#"{{"apiVersion":"v1","kind":"Secret","metadata":{{"name":"s{number}"}},"data":{{"a":"{value}","b":"y"}}}}"#
            )
        };
        let secrets: Vec<String> = (0..3 * WINDOW + 11).map(secret).collect();
        let list = format!(
            r#"{{"apiVersion":"v1","kind":"List","items":[{}]}}"#,
            secrets.join(",")
        );
        let parsed = parse(
            &Arc::new(Source::new("x.json", list)),
            Format::Json,
            &Limits::default(),
        );
        let mut builder = Inventory::builder();
        builder.add(&parsed);
        let inventory = builder.finish();
        let objects = inventory.objects();
        assert_eq!(objects.len(), secrets.len());
        let mut all = Vec::new();
        for object in objects {
            let mut keys = Vec::new();
            gather(object, object.root(), &mut keys, Guard::Suspect, &mut all);
        }
        assert_eq!(all.len(), 2 * secrets.len());
        let mut hidden = Hidden {
            objects,
            window: 0..0,
            spans: Vec::new(),
        };
        for (at, object) in objects.iter().enumerate() {
            if !hidden.window.contains(&at) {
                hidden.gather(at);
                assert_eq!(hidden.window.start, at);
            }
            let Span { start, end } = object.root().span();
            let is_near = |span: &&Span| {
                span.end + NEIGHBOURHOOD >= start && span.start <= end + NEIGHBOURHOOD
            };
            let near: Vec<&Span> = hidden.spans.iter().filter(is_near).collect();
            assert_eq!(near, all.iter().filter(is_near).collect::<Vec<_>>(), "{at}");
        }
    }

    #[test]
    fn sources_with_secrets_are_known_without_a_parser() {
        let may = |text: &str| may_hold_secrets(&Source::new("x", text));
        assert!(may("kind: Secret\n  bad") && may("{\"kind\" : \"Secret\", ,}"));
        assert!(!may("kind: SealedThing\nname: Secret") && !may("a: Secret"));
    }
}
