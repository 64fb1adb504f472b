//! Where a finding points, and what mends it.

use plimsoll_document::{Path, Segment};
use serde_json::Value;

use crate::front_matter::FrontMatter;
use crate::packed::Packed;
use crate::page::PageError;

/// Where a path starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The item.
    Item,
    /// The container that the item is, or is in.
    Container,
    /// The component that the item is, or is in.
    Component,
    /// The word of the component's command line that sets a flag.
    Flags,
    /// The pod template.
    Pod,
    /// The object.
    Object,
}

/// A place, relative to an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where it starts.
    pub anchor: Anchor,
    /// What comes after.
    pub path: Path,
}

/// A change to an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: EditKind,
}

/// What an edit does.
#[derive(Debug, Clone, PartialEq)]
pub enum EditKind {
    /// Sets a field, making what is missing above it.
    Set(Value),
    /// Removes a field or element.
    Remove,
    /// Adds to a list, making it where it is missing.
    Append(Value),
}

impl Place {
    /// Reads `securityContext.privileged`, `pod.spec.hostPID`, `flags["profiling"]`, `.`.
    fn parse(text: &str) -> Result<Place, String> {
        let path = Path::parse(text).map_err(|error| error.to_string())?;
        let mut segments = path.segments;
        let anchor = match segments.first() {
            Some(Segment::Key(key)) => match key.name() {
                "item" => Some(Anchor::Item),
                "container" => Some(Anchor::Container),
                "component" => Some(Anchor::Component),
                "flags" => Some(Anchor::Flags),
                "pod" => Some(Anchor::Pod),
                "object" => Some(Anchor::Object),
                _ => None,
            },
            _ => None,
        };
        if anchor.is_some() {
            segments.remove(0);
        }
        if segments.contains(&Segment::Every) {
            return Err(format!("path '{text}' names one place, so it has no [*]"));
        }
        Ok(Place {
            anchor: anchor.unwrap_or(Anchor::Item),
            path: Path { segments },
        })
    }
}

/// Reads `finds`; the item itself where the page has none.
pub(crate) fn finds<'p>(
    front: &FrontMatter<'p>,
    root: Packed<'p>,
    judges_components: bool,
) -> Result<Vec<Place>, PageError> {
    let mut finds = Vec::new();
    for text in front.texts(root, "finds")? {
        let place = Place::parse(text).map_err(|message| front.error(root, message))?;
        if place.anchor == Anchor::Flags && (!judges_components || place.path.segments.len() != 1) {
            let message = format!(
                "'{text}': a flag is flags[\"its-name\"], and only what 'each: component' judges has flags"
            );
            return Err(front.error(root, message));
        }
        finds.push(place);
    }
    if finds.is_empty() {
        finds.push(Place {
            anchor: Anchor::Item,
            path: Path::default(),
        });
    }
    Ok(finds)
}

/// Reads `fix`.
pub(crate) fn edits(front: &FrontMatter<'_>) -> Result<Vec<Edit>, PageError> {
    let Some(list) = front.get("fix") else {
        return Ok(Vec::new());
    };
    let mut edits = Vec::new();
    for edit in list.children() {
        let place = |key: &str| -> Result<Option<Place>, PageError> {
            match front.text(edit, key)? {
                None => Ok(None),
                Some(text) => match Place::parse(text) {
                    Ok(place) if place.anchor != Anchor::Flags => Ok(Some(place)),
                    Ok(_) => Err(front.error(edit, "a flag is no place of an edit")),
                    Err(message) => Err(front.error(edit, message)),
                },
            }
        };
        let value = |key: &str| -> Result<Value, PageError> {
            edit.get(key)
                .map(Packed::to_json)
                .ok_or_else(|| front.error(edit, format!("'{key}' is missing")))
        };
        front.only_keys(edit, &["set", "to", "remove", "append", "value"])?;
        let (place, kind) = if let Some(place) = place("set")? {
            (place, EditKind::Set(value("to")?))
        } else if let Some(place) = place("remove")? {
            (place, EditKind::Remove)
        } else if let Some(place) = place("append")? {
            (place, EditKind::Append(value("value")?))
        } else {
            return Err(front.error(edit, "an edit is one of set, remove and append"));
        };
        edits.push(Edit { place, kind });
    }
    Ok(edits)
}
