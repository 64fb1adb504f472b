//! Edits in words.

use plimsoll_assess::{Finding, PlannedEdit};
use plimsoll_catalog::EditKind;
use plimsoll_document::{Path, Segment};

use crate::text::{columns, printable, wrap_words};

/// An edit in words, in two parts between which a line may end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EditText {
    /// `set spec.hostPID`
    pub(crate) what: String,
    /// `to false`; may be empty.
    pub(crate) how: String,
}

impl EditText {
    fn new(kind: &EditKind, place: &str) -> EditText {
        let (what, how) = match kind {
            EditKind::Set(value) => (format!("set {place}"), format!("to {value}")),
            EditKind::Remove => (format!("remove {place}"), String::new()),
            EditKind::Append(value) => (format!("add {value}"), format!("to {place}")),
        };
        EditText { what, how }
    }

    /// The text on one line.
    pub(crate) fn whole(&self) -> String {
        format!("{} {}", self.what, self.how).trim_end().to_owned()
    }

    /// The text in lines of so many columns.
    pub(crate) fn lines(&self, most: usize) -> Vec<String> {
        let what = printable(&self.what);
        let whole = printable(&self.whole());
        if columns(&whole) > most && columns(&what) <= most && !self.how.is_empty() {
            let mut lines = vec![what];
            lines.extend(wrap_words(&printable(&self.how), most));
            return lines;
        }
        wrap_words(&whole, most)
    }
}

/// The edits of several findings in as few words as they can be said: what differs in one index only is said once, as
/// `containers[0,2]`.
pub(crate) fn edit_texts(findings: &[&Finding]) -> Vec<EditText> {
    let mut merged: Vec<Merged<'_>> = Vec::new();
    for edit in findings.iter().flat_map(|finding| &finding.edits) {
        if !merged.iter_mut().any(|other| other.take_in(edit)) {
            merged.push(Merged::new(edit));
        }
    }
    merged
        .iter()
        .map(|edit| EditText::new(&edit.first.kind, &edit.place()))
        .collect()
}

/// Edits of the same kind at places that differ in one index at most.
struct Merged<'e> {
    first: &'e PlannedEdit,
    /// The segment in which they differ.
    at: Option<usize>,
    indices: Vec<usize>,
}

impl<'e> Merged<'e> {
    fn new(edit: &'e PlannedEdit) -> Merged<'e> {
        Merged {
            first: edit,
            at: None,
            indices: Vec::new(),
        }
    }

    /// Whether the edit could be taken in.
    fn take_in(&mut self, edit: &PlannedEdit) -> bool {
        let (mine, other) = (&self.first.path.segments, &edit.path.segments);
        if edit.kind != self.first.kind || mine.len() != other.len() {
            return false;
        }
        let mut differing = (0..mine.len()).filter(|at| mine[*at] != other[*at]);
        let (Some(at), None) = (differing.next(), differing.next()) else {
            // The same place: nothing more to say.
            return mine == other;
        };
        let (Segment::Index(first), Segment::Index(index)) = (&mine[at], &other[at]) else {
            return false;
        };
        if self.at.is_some_and(|known| known != at) {
            return false;
        }
        if self.indices.is_empty() {
            self.indices.push(*first);
        }
        self.at = Some(at);
        if !self.indices.contains(index) {
            self.indices.push(*index);
        }
        true
    }

    fn place(&self) -> String {
        let segments = &self.first.path.segments;
        let Some(at) = self.at else {
            return self.first.path.to_string();
        };
        let of = |segments: &[Segment]| {
            Path {
                segments: segments.to_vec(),
            }
            .to_string()
        };
        let indices: Vec<String> = self.indices.iter().map(ToString::to_string).collect();
        // An index before the rest makes it begin with the dot or bracket that belongs there.
        let mut rest = vec![Segment::Index(0)];
        rest.extend_from_slice(&segments[at + 1..]);
        let rest = of(&rest);
        let rest = rest.strip_prefix("[0]").unwrap_or(&rest);
        format!("{}[{}]{rest}", of(&segments[..at]), indices.join(","))
    }
}
