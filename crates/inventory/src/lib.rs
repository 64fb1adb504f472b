//! Kubernetes objects over documents.
//!
//! - [`Inventory`] holds every object of what was read, and says of everything else why it is none.
//! - [`Object`] is one object: its kind, name, namespace and tree.
//! - [`pod_template`] knows which kinds carry a pod template and where, and which lists hold containers.
//! - [`api_default`] knows what the API server fills in where a field is missing.
//! - [`KubernetesVersion`] is what all of this depends on.
//!
//! Facts about Kubernetes live here, once.

mod api_default;
mod inventory;
mod kubernetes_version;
mod object;
mod owners;
mod pod_template;

pub use api_default::api_default;
pub use inventory::{Inventory, InventoryBuilder, SkipReason, Skipped};
pub use kubernetes_version::{KubernetesVersion, VersionError};
pub use object::{Object, ObjectId};
pub use pod_template::{CONTAINER_LISTS, containers, pod_template, pod_template_path};
