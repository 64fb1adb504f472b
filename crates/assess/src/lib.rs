//! The pure function from inventory and controls to findings and score.
//!
//! [`assess`] does no I/O and knows no clock: the same inventory, controls and settings give the same assessment. The
//! binary, and whatever else judges objects later, calls this one function, so they cannot disagree.
//!
//! - `judge` evaluates one control on one object, item by item; `judged` all of them on all, on several threads.
//! - `node_facts` says where a control on nodes cannot be judged, since facts of them are missing.
//! - `finding` turns an item that failed into a [`Finding`]: path, place, observed value, edits.
//! - `observed` is the value that a finding shows, without secrets; [`guard`] says where those stand.
//! - [`Exception`] is what somebody accepts; `accept` finds it in a file or a manifest, [`Glob`] is how it names objects.
//! - [`Fingerprint`] is what makes a finding the same in two scans.
//! - `framework_result` turns results of controls, and what people attest, into states of requirements.
//! - `gap` is what a control needs of a cluster and was not read.
//! - [`score`] turns results into numbers; `gain` says what fixing a control would add to them.
//! - `examples` holds a page to its examples.

mod accept;
mod assessment;
mod attestation;
mod examples;
mod exception;
mod finding;
mod fingerprint;
mod framework_result;
mod gain;
mod gap;
mod glob;
pub mod guard;
mod judge;
mod judged;
mod node_facts;
mod observed;
mod plan;
pub mod score;

pub use accept::Tool;
pub use assessment::{
    Assessment, ControlResult, ControlStatus, NotAssessed, Settings, Tally, assess,
};
pub use attestation::{Attestation, AttestationState, Covers};
pub use examples::{Mismatch, check_examples};
pub use exception::{
    DEFAULT_DAYS, Exception, ExceptionResult, ExceptionState, ExceptionType, MOST_DAYS, Origin,
    Selector,
};
pub use finding::{Acceptance, Finding, FindingStatus, Flaw, PlannedEdit};
pub use fingerprint::Fingerprint;
pub use framework_result::{Exposure, FrameworkResult, RequirementResult, RequirementStatus};
pub use gain::Gain;
pub use gap::unread_but_needed;
pub use glob::{Glob, GlobError};
pub use plan::select_controls;
