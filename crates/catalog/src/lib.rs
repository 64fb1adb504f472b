//! Controls and frameworks.
//!
//! - [`Page`] is a Markdown file cut into front matter, prose and examples.
//! - [`Control`] is what a page says: what it applies to, its compiled expressions, its edits, its evidence.
//! - [`Framework`] is a list of requirements.
//! - [`Catalog`] holds all of them and finds them by id, name and alias.
//!
//! What is in the project's `controls` and `frameworks` folders is part of the binary.

mod applies;
mod catalog;
mod control;
mod each;
mod expression;
mod fact_parts;
mod framework;
mod front_matter;
mod pack;
mod packed;
mod page;
mod parameters;
mod place;
mod reads;
mod reference;

pub use applies::{Applies, Kind};
pub use catalog::{Catalog, ParameterError, Unknown};
pub use control::{Alias, Control, Evidence, MinorRange, Needs, Severity, slots};
pub use each::{Each, Start};
pub use expression::Expression;
pub use fact_parts::FactParts;
pub use framework::{Duty, Framework, Report, Requirement, RequirementKind};
pub use front_matter::{PageText, to_json};
pub use page::{Example, Page, PageError};
pub use parameters::{Parameter, Parameters};
pub use place::{Anchor, Edit, EditKind, Place};
pub use reads::Reads;
