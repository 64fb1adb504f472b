//! What a control needs and was not read.

use plimsoll_catalog::Control;
use plimsoll_inventory::{Cause, Inventory, Kinds, Unread};

/// What was not read for a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gap {
    /// What, and why.
    pub(crate) reason: String,
    /// Whether its expressions ask for it. Then nothing can be said of any object; else it can of those that were read.
    pub(crate) is_blind: bool,
}

impl Gap {
    /// The gap of a control; `None` where all it needs is there.
    pub(crate) fn of(control: &Control, inventory: &Inventory) -> Option<Gap> {
        let needs = missing(control, inventory);
        let is_blind = needs.iter().any(|(_, is_asked)| *is_asked);
        let texts: Vec<String> = needs
            .iter()
            .filter(|(_, is_asked)| *is_asked == is_blind)
            .map(|(unread, _)| format!("{}: {}", unread.name(), unread.reason))
            .collect();
        let (first, rest) = texts.split_first()?;
        let more = match rest.len() {
            0 => String::new(),
            count => format!("; and {count} more kinds"),
        };
        Some(Gap {
            reason: format!("needs {first}{more}"),
            is_blind,
        })
    }
}

/// The kinds that a control needs and that were not read, with whether its expressions ask for them.
fn missing<'i>(control: &Control, inventory: &'i Inventory) -> Vec<(&'i Unread, bool)> {
    if inventory.unread().is_empty() {
        return Vec::new();
    }
    let reads = control.reads();
    inventory
        .unread()
        .iter()
        .filter_map(|unread| {
            let is_asked = reads.asked.iter().any(|read| match &read.kinds {
                // What is asked for cannot be told before; it is when it is asked for.
                Kinds::All => unread.cause == Cause::Failed,
                kinds => kinds.contains(&unread.group, &unread.kind),
            });
            let is_judged = || {
                let mut kinds = reads.judged.iter();
                unread.cause != Cause::LeftOut
                    && kinds.any(|kinds| kinds.contains(&unread.group, &unread.kind))
            };
            (is_asked || is_judged()).then_some((unread, is_asked))
        })
        .collect()
}

/// The kinds that were asked for by one of these controls and could not be had. What the user left out is not among
/// them.
pub fn unread_but_needed<'i>(controls: &[&Control], inventory: &'i Inventory) -> Vec<&'i Unread> {
    let mut found: Vec<&Unread> = controls
        .iter()
        .flat_map(|control| missing(control, inventory))
        .map(|(unread, _)| unread)
        .filter(|unread| unread.cause != Cause::Narrowed)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
