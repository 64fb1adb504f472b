//! What is asked for, and what comes of it.

use std::collections::HashSet;
use std::sync::Arc;

use plimsoll_assess::{Assessment, PlannedEdit};
use plimsoll_document::{Position, Source};
use plimsoll_inventory::{Inventory, ObjectId};
use serde_json::Value as Json;
use thiserror::Error;

use crate::change::Refusal;
use crate::proof::Unproven;

/// Objects and what is wrong with them.
#[derive(Debug)]
pub struct Scanned<'c> {
    /// The objects of all sources, in order.
    pub inventory: Inventory,
    /// By every control there is: an edit must not make a finding of any other.
    pub assessment: Assessment<'c>,
}

/// What is to be fixed.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// Ids of the controls whose findings are to be fixed.
    pub controls: &'r HashSet<String>,
    /// Whether edits may change how a workload behaves.
    pub allow_unsafe: bool,
    /// Whether the controls were asked for by name. Then a fix may bring a control into play that did not apply
    /// before and is less severe: that a namespace has a level at last, but does not pin its version.
    pub by_name: bool,
    /// Whether objects that were rendered are edited as they were rendered. There is no file that such an edit could be
    /// written to: it is for patches that are laid over what is rendered.
    pub rendered: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Sources whose text changes, in order.
    pub sources: Vec<FixedSource>,
    /// What is fixed, in the order of the findings.
    pub fixed: Vec<FixedFinding>,
    /// What is not, in order.
    pub not_fixed: Vec<NotFixed>,
    /// Every object that changes, as it was and as it is, in order.
    pub objects: Vec<(Json, Json)>,
}

/// A source whose text changes.
#[derive(Debug)]
pub struct FixedSource {
    /// As it was read.
    pub before: Arc<Source>,
    /// As it is to be.
    pub after: String,
}

/// A finding that the edits mend.
#[derive(Debug, Clone)]
pub struct FixedFinding {
    /// The control's id.
    pub control: String,
    /// The source.
    pub file: String,
    /// Where it was.
    pub position: Position,
    /// The number of the object in the inventory.
    pub object: ObjectId,
    /// What was wrong.
    pub message: String,
    /// The edits.
    pub edits: Vec<PlannedEdit>,
}

/// A finding that stays.
#[derive(Debug, Clone)]
pub struct NotFixed {
    /// The control's id.
    pub control: String,
    /// The source; empty for what stands in none.
    pub file: String,
    /// Where it is, where that is known.
    pub position: Option<Position>,
    /// The kind and name of the object.
    pub object: String,
    /// What is wrong.
    pub message: String,
    /// Why it stays.
    pub reason: Reason,
    /// What would mend it.
    pub edits: Vec<PlannedEdit>,
}

/// Why a finding is not fixed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Reason {
    /// Only a person can choose what to put there.
    #[error("a person has to choose: {0}")]
    Input(String),
    /// No edit is known that would be right everywhere.
    #[error(
        "there is no edit that would be right everywhere; `plimsoll explain` says what to do by hand"
    )]
    ByHand,
    /// The edit may change how a workload behaves.
    #[error("the edit may change how the workload behaves; --unsafe makes it")]
    Unsafe,
    /// Another edit at the same place was made.
    #[error("another edit is made at this place")]
    Conflict,
    /// It cannot be made in this text.
    #[error("{0}")]
    Refused(Refusal),
    /// It cannot be made so that nothing else changes.
    #[error("{0}")]
    Unproven(Unproven),
    /// It does not help.
    #[error("the finding would still be there")]
    Remains,
    /// It makes another finding.
    #[error("there would be a new finding: {control} {message}")]
    New {
        /// Its control.
        control: String,
        /// What would be wrong.
        message: String,
    },
    /// The API server would not take the object any more.
    #[error("the API server would refuse it: {0}")]
    Invalid(&'static str),
    /// It makes something unknown.
    #[error("a control could no longer be judged")]
    Unknown,
    /// Its text is made of other files.
    #[error(
        "{by} renders it from {from}: the template or its values have to change there; --as kustomize prints a patch for what is rendered"
    )]
    Rendered {
        /// What renders it.
        by: &'static str,
        /// Of what.
        from: String,
    },
    /// What it is about does not stand in what was read.
    #[error("it is not in a file")]
    NoFile,
}
