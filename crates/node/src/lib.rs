//! The facts of a node: what runs there, how it is configured, and who may read its files.
//!
//! - [`collect()`] reads a machine through its [`Root`] and gives [`NodeFacts`]: processes, settings, files, kernel.
//! - [`from_configz`] makes facts of what the kubelet says of itself through the API server.
//! - [`manifest()`] is the Pod that collects them on each node.
//! - [`to_yaml`] writes facts for people.
//!
//! Nothing is changed, no program is run and no network is used. What may not be read is told in the facts, and
//! credentials are hidden before they leave this crate.

pub mod certificate;
mod collect;
mod component;
mod configz;
mod facts;
mod files;
mod flags;
mod hidden;
mod kernel;
mod listening;
mod machine;
mod manifest;
mod names;
mod process;
mod root;
mod services;
pub mod settings;
mod ssh;
mod storage;
mod yaml;

pub use collect::{Options, collect};
pub use configz::from_configz;
pub use facts::*;
pub use flags::Flags;
pub use hidden::{HIDDEN, hide_in_command};
pub use manifest::{Form, ManifestOptions, manifest};
pub use root::{Entries, FileType, MAX_BYTES, MAX_ENTRIES, ReadError, Root, Status};
pub use yaml::to_yaml;
