//! Controls as policies that the API server itself enforces: `ValidatingAdmissionPolicy` and its binding.
//!
//! [`export`] makes a [`Policy`] of a control, or says why the API server could not enforce it ([`Refusal`]). A policy
//! says of an object what a scan says of its manifest; what could not keep to that is refused.
//!
//! - `kinds` are the kinds that the API server serves, as its rules name them.
//! - `rewrite` puts the API server's names in the place of a page's: `pod` becomes `variables.pod`.
//! - `reads` finds what an expression looks at, and with it what is not there yet, or not as written, on admission.
//! - `reach` says in which kinds a control judges anything.
//! - `items` turns `each` into lists, and `shape` items and expressions into variables and validations.
//! - `update` says which updates are judged.
//! - `compiled` is a policy as the API server compiles it; `large` says how big an object may be before the API server's limit on cost is reached.
//! - `yaml` writes policies as people read them.

mod compiled;
mod constant;
mod items;
mod kinds;
mod large;
mod policy;
mod reach;
mod reads;
mod refusal;
mod rewrite;
mod selector;
mod settings;
mod shape;
mod update;
mod yaml;

pub use policy::{Policy, export};
pub use refusal::Refusal;
pub use selector::{SelectorError, label_selector};
pub use settings::{Action, FailurePolicy, Settings};
