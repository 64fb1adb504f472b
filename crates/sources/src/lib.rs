//! Where manifests come from: files, folders, globs, standard input; Helm charts and kustomizations among them.
//!
//! - [`find`] turns what a user named into files, in an order that does not depend on the machine or on how they were
//!   named. The files of charts and kustomizations are told from manifests; others render them.
//! - [`read_all`] reads and parses them, several at the same time.
//!
//! What cannot be read is an error with its path and reason, and the rest goes on.

mod archive;
mod charts;
mod error;
mod find;
mod kustomizations;
mod pattern;
mod read;
mod walk;

pub use charts::Chart;
pub use error::ReadError;
pub use find::{Found, find};
pub use kustomizations::{Kustomization, file_in as kustomization_in};
pub use read::{Lists, Read, read_all};
