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
        let is_blind = needs.iter().any(|(_, need)| *need == Need::Asked);
        let counts = if is_blind { Need::Asked } else { Need::Judged };
        let texts: Vec<String> = needs
            .iter()
            .filter(|(_, need)| *need == counts)
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

/// What a control needs a kind for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Its expressions ask for it.
    Asked,
    /// It judges objects of it.
    Judged,
    /// It says more where it is there, and says so itself where it is not.
    LookedAt,
}

/// The kinds that a control needs and that were not read.
fn missing<'i>(control: &Control, inventory: &'i Inventory) -> Vec<(&'i Unread, Need)> {
    if inventory.unread().is_empty() {
        return Vec::new();
    }
    let reads = control.reads();
    inventory
        .unread()
        .iter()
        .filter_map(|unread| {
            let (group, kind) = (&unread.group, &unread.kind);
            let is_asked = reads.asked.iter().any(|read| match &read.kinds {
                // What is asked for cannot be told before; it is when it is asked for.
                Kinds::All => unread.cause == Cause::Failed,
                kinds => kinds.contains(group, kind),
            });
            let is_judged = || reads.judged.iter().any(|kinds| kinds.contains(group, kind));
            let is_looked_at = || {
                let mut looked_at = reads.looked_at.iter();
                looked_at.any(|read| read.kinds.contains(group, kind))
            };
            let need = if is_asked {
                Need::Asked
            } else if unread.cause != Cause::LeftOut && is_judged() {
                Need::Judged
            } else if is_looked_at() {
                Need::LookedAt
            } else {
                return None;
            };
            Some((unread, need))
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
