//! From findings to edits in the user's own text, each of them proven.
//!
//! [`remedy`] takes what was read and a way to judge it, and gives new texts. It does no I/O.
//!
//! - `plan` gathers the edits of an object into one tree, so that edits that meet do not meet as text.
//! - `layout` finds where the parts of a map or list stand in the text: keys, dashes, colons, anchors, ends.
//! - `block` and `flow` turn a plan into edits of bytes, in the two styles of YAML; JSON is flow. `style` is how new
//!   text looks: as the text around it.
//! - `proof` holds what came out to what was meant, value by value, and `comparison` finding by finding;
//!   `faults` says whose fault it is where that fails.
//! - [`unified_diff`], [`json_patches`] and [`strategic_merge_patches`] show the outcome to those who do not want it
//!   written, or do not own the file.

mod block;
mod change;
mod comparison;
mod difference;
mod faults;
mod flow;
mod json_patch;
mod layout;
mod merge_patch;
mod outcome;
mod plan;
mod proof;
mod remedy;
mod style;
mod text_edit;

pub use change::{Refusal, change_object};
pub use difference::unified_diff;
pub use json_patch::json_patches;
pub use merge_patch::strategic_merge_patches;
pub use outcome::{FixedFinding, FixedSource, NotFixed, Outcome, Reason, Request, Scanned};
pub use plan::{Conflict, Plan};
pub use proof::{Unproven, prove};
pub use remedy::remedy;
pub use text_edit::{TextEdit, apply_edits};
