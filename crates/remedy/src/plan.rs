//! All edits of one object as a tree.
//!
//! Paths of edits are those of the object as it was found, and the tree keeps them so: that one element goes moves no
//! other edit's place. Two edits below a field that is missing make that field once.

use plimsoll_assess::PlannedEdit;
use plimsoll_catalog::EditKind;
use plimsoll_document::{Node, NodeKind, Path, Segment};
use serde_json::{Map, Value as Json};

/// What is to become of a value and what is below it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    pub(crate) set: Option<Json>,
    pub(crate) remove: bool,
    /// By key, in the order in which they were asked for.
    pub(crate) keys: Vec<(String, Plan)>,
    /// By index, ascending.
    pub(crate) elements: Vec<(usize, Plan)>,
    pub(crate) append: Vec<Json>,
}

/// Two edits that cannot both be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another edit is made at this place")]
pub struct Conflict;

impl Plan {
    /// Takes in the edits of a finding: all of them, or none.
    ///
    /// # Errors
    /// An edit contradicts one that is in the plan. Two that say the same are one.
    pub fn add(&mut self, object: Node<'_>, edits: &[PlannedEdit]) -> Result<(), Conflict> {
        let mut extended = self.clone();
        for edit in edits {
            // What is not there need not be removed.
            if edit.kind == EditKind::Remove && !exists(object, &edit.path) {
                continue;
            }
            extended.add_one(&edit.path.segments, &edit.kind)?;
        }
        *self = extended;
        Ok(())
    }

    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        *self == Plan::default()
    }

    fn add_one(&mut self, segments: &[Segment], kind: &EditKind) -> Result<(), Conflict> {
        let Some((first, rest)) = segments.split_first() else {
            return self.add_here(kind);
        };
        // A place is a map to one edit and a list to another only by a mistake.
        let is_other_kind = match first {
            Segment::Key(_) => !self.elements.is_empty() || !self.append.is_empty(),
            Segment::Index(_) | Segment::Every => !self.keys.is_empty(),
        };
        if self.set.is_some() || self.remove || is_other_kind {
            return Err(Conflict);
        }
        let below = match first {
            Segment::Key(key) => entry(&mut self.keys, &key.name().to_owned()),
            Segment::Index(index) => entry(&mut self.elements, index),
            Segment::Every => return Err(Conflict),
        };
        below.add_one(rest, kind)?;
        self.elements.sort_by_key(|(index, _)| *index);
        Ok(())
    }

    fn add_here(&mut self, kind: &EditKind) -> Result<(), Conflict> {
        let is_leaf = self.keys.is_empty() && self.elements.is_empty();
        match kind {
            EditKind::Set(value) => {
                let fits = self.set.as_ref().is_none_or(|set| set == value);
                if !fits || self.remove || !is_leaf || !self.append.is_empty() {
                    return Err(Conflict);
                }
                self.set = Some(value.clone());
            }
            EditKind::Remove => {
                if self.set.is_some() || !is_leaf || !self.append.is_empty() {
                    return Err(Conflict);
                }
                self.remove = true;
            }
            EditKind::Append(value) => {
                if self.set.is_some() || self.remove || !self.keys.is_empty() {
                    return Err(Conflict);
                }
                if !self.append.contains(value) {
                    self.append.push(value.clone());
                }
            }
        }
        Ok(())
    }

    /// The value that the plan makes where there is none; `None` where it speaks of elements, which then are missing.
    pub(crate) fn value_of_missing(&self) -> Option<Json> {
        if let Some(value) = &self.set {
            return Some(value.clone());
        }
        if !self.elements.is_empty() {
            return None;
        }
        if !self.append.is_empty() {
            return Some(Json::Array(self.append.clone()));
        }
        let mut map = Map::new();
        for (key, below) in &self.keys {
            if !below.remove {
                map.insert(key.clone(), below.value_of_missing()?);
            }
        }
        Some(Json::Object(map))
    }

    /// Where a place of the object stands once the plan is carried out; `None` where it is removed.
    pub(crate) fn moved(&self, path: &Path) -> Option<Path> {
        let mut segments = Vec::with_capacity(path.segments.len());
        let mut here = Some(self);
        for segment in &path.segments {
            if here.is_some_and(|plan| plan.remove) {
                return None;
            }
            let (moved, below) = match (segment, here) {
                (Segment::Key(key), Some(plan)) => {
                    let below = plan.keys.iter().find(|(name, _)| name == key.name());
                    (segment.clone(), below.map(|(_, below)| below))
                }
                (Segment::Index(index), Some(plan)) => {
                    let before = plan
                        .elements
                        .iter()
                        .filter(|(at, below)| at < index && below.remove)
                        .count();
                    let below = plan.elements.iter().find(|(at, _)| at == index);
                    (
                        Segment::Index(index - before),
                        below.map(|(_, below)| below),
                    )
                }
                (segment, _) => (segment.clone(), None),
            };
            segments.push(moved);
            here = below;
        }
        // A place that is removed itself is still a place: it may be missed there.
        Some(Path { segments })
    }
}

fn entry<'p, K: Clone + PartialEq>(list: &'p mut Vec<(K, Plan)>, key: &K) -> &'p mut Plan {
    let found = list.iter().position(|(known, _)| known == key);
    let at = found.unwrap_or_else(|| {
        list.push((key.clone(), Plan::default()));
        list.len() - 1
    });
    &mut list[at].1
}

fn exists(object: Node<'_>, path: &Path) -> bool {
    path.find(object).1 == path.segments.len()
}

/// Whether a value counts as missing: the API server drops what is null.
pub(crate) fn is_missing(node: Node<'_>) -> bool {
    node.kind() == NodeKind::Null
}
