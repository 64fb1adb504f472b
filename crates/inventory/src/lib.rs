//! Kubernetes objects over documents.
//!
//! - [`Inventory`] holds every object of what was read, and says of everything else why it is none.
//! - [`Object`] is one object: its kind, name, namespace and tree.
//! - [`pod_template`] knows which kinds carry a pod template and where, and which lists hold containers.
//! - [`api_default`] knows what the API server fills in where a field is missing.
//! - [`contradictions`] knows which fields of a pod the API server refuses together.
//! - [`KubernetesVersion`] is what all of this depends on.
//!
//! How objects hang together is asked of the [`Inventory`], and by expressions through [`functions`]:
//!
//! - `index`: by kind, namespace and name; `selection`: by labels; `references`: by what a pod template names.
//! - `exposure`: what is reachable from outside; `network`: who reaches whom under `NetworkPolicies`.
//! - `rbac`: who may do what; `service_account`: as whom a workload runs, and whether it gets a token.
//!
//! - `reads`: which kinds a question looks at; `coverage`: which of a cluster were not read.
//! - `provider`: who runs the control plane; `cluster_scope`: which kinds live in no namespace.
//!
//! - `component`, `command_line`, `node_facts`: what runs on nodes, and what is known of it.
//!
//! Facts about Kubernetes live here, once.

mod api_default;
mod cluster_scope;
mod command_line;
mod component;
mod contradiction;
mod coverage;
mod exposure;
pub mod functions;
mod index;
mod inventory;
mod kubernetes_kinds;
mod kubernetes_version;
mod kustomization;
mod label_selector;
mod list_items;
mod named_selector;
mod network;
mod node_facts;
mod object;
mod object_type;
mod owners;
mod pod_template;
mod provider;
mod rbac;
mod reads;
mod references;
mod relations;
mod secret_values;
mod selection;
mod service_account;

pub use api_default::api_default;
pub use cluster_scope::is_cluster_scoped;
pub use command_line::{CommandLine, Flag};
pub use component::Component;
pub use contradiction::contradictions;
pub use coverage::{Cause, Unread};
pub use inventory::{
    CLUSTER_GROUP, CLUSTER_KIND, Inventory, InventoryBuilder, SkipReason, Skipped,
};
pub use kubernetes_kinds::{group_of_kind, group_that_is_shown, resource_of_kind};
pub use kubernetes_version::{KubernetesVersion, VersionError};
pub use named_selector::{LabelQuery, LabelQueryError};
pub use network::{Direction, Reach};
pub use node_facts::{
    NODE_FACTS_GROUP, NODE_FACTS_KIND, RunningComponent, can_run_components, is_control_plane_node,
    is_node_facts, unread, unread_parts,
};
pub use object::{Object, ObjectId};
pub use pod_template::{CONTAINER_LISTS, containers, pod_template, pod_template_path};
pub use provider::Provider;
pub use rbac::{ResourceRequest, Subject};
pub use reads::{Kinds, LOOKS, Looks, Place, Read, is_named_without_group};
pub use secret_values::HIDDEN_VALUE;
