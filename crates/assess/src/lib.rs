//! The pure function from inventory and controls to findings and score.
//!
//! [`assess`] does no I/O and knows no clock: the same inventory, controls and settings give the same assessment. The
//! binary, and whatever else judges objects later, calls this one function, so they cannot disagree.
//!
//! - `judge` evaluates one control on one object, item by item.
//! - `finding` turns an item that failed into a [`Finding`]: path, place, observed value, edits.
//! - `accept` knows where a user has accepted a finding.
//! - [`score`] turns results into numbers.

mod accept;
mod assessment;
mod finding;
mod judge;
mod plan;
pub mod score;

pub use assessment::{
    Assessment, ControlResult, ControlStatus, FrameworkResult, NotAssessed, RequirementResult,
    RequirementStatus, Settings, Tally, assess,
};
pub use finding::{Finding, FindingStatus, PlannedEdit};
pub use plan::select_controls;
