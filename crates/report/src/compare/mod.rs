//! Two reports: which findings are the same, which are new, and which are gone.
//!
//! - `past` reads a JSON report, and makes of a scan what such a report would say.
//! - `difference` says what got better and what got worse; `text` shows it.

mod difference;
mod past;
mod text;

use std::collections::{BTreeMap, HashSet};

pub use difference::{Change, Difference, ScoreChange};
pub use past::{Found, PastReport, ReportError, Standing};
pub use text::render;

/// How the findings of two reports go together, by their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// In both: the old number and the new one.
    pub same: Vec<(usize, usize)>,
    /// In the new one only.
    pub added: Vec<usize>,
    /// In the old one only.
    pub gone: Vec<usize>,
}

/// What a finding has in common with others that may be the same: fingerprints that differ in their ordinal only.
fn base(found: &Found) -> &str {
    let fingerprint = &found.fingerprint;
    fingerprint
        .split_once('-')
        .map_or(fingerprint.as_str(), |(base, _)| base)
}

/// The object of a finding, in its file.
type Place<'f> = (&'f str, &'f str, &'f str, &'f str);

fn place<'f>(object: &'f Found, file: &'f str) -> Place<'f> {
    (file, &object.kind, &object.namespace, &object.name)
}

/// Finds out which findings are the same.
///
/// A finding is the same where control, object and field are, in the same file. In another file it is the same only where
/// the object went from the one file to the other: an object of the same name elsewhere, such as in the overlay of another
/// environment, is another object.
pub fn compare(old: &[Found], new: &[Found]) -> Comparison {
    let old_places: HashSet<Place<'_>> =
        old.iter().map(|found| place(found, &found.file)).collect();
    let new_places: HashSet<Place<'_>> =
        new.iter().map(|found| place(found, &found.file)).collect();
    let mut waiting: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, found) in old.iter().enumerate() {
        waiting.entry(base(found)).or_default().push(at);
    }
    let mut comparison = Comparison::default();
    let mut unmatched = Vec::new();
    for (at, found) in new.iter().enumerate() {
        let candidates = waiting.entry(base(found)).or_default();
        match candidates
            .iter()
            .position(|old_at| old[*old_at].file == found.file)
        {
            Some(position) => comparison.same.push((candidates.remove(position), at)),
            None => unmatched.push(at),
        }
    }
    for at in unmatched {
        let found = &new[at];
        let candidates = waiting.entry(base(found)).or_default();
        let moved = candidates.iter().position(|old_at| {
            let before = &old[*old_at];
            !new_places.contains(&place(before, &before.file))
                && !old_places.contains(&place(found, &found.file))
        });
        match moved {
            Some(position) => comparison.same.push((candidates.remove(position), at)),
            None => comparison.added.push(at),
        }
    }
    comparison.gone = waiting.into_values().flatten().collect();
    comparison.gone.sort_unstable();
    comparison.same.sort_unstable_by_key(|(_, new)| *new);
    comparison
}

#[cfg(test)]
mod tests;
