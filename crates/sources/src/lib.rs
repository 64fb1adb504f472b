//! Where manifests come from: files, folders, globs, standard input.
//!
//! - [`find`] turns what a user named into files, in an order that does not depend on the machine or on how they were
//!   named.
//! - [`read_all`] reads and parses them on all cores.
//!
//! What cannot be read is an error with its path and reason, and the rest goes on.

mod charts;
mod error;
mod find;
mod pattern;
mod read;
mod walk;

pub use error::ReadError;
pub use find::{Found, find};
pub use read::{Read, read_all};
