//! What is known of a cluster before its objects.

use plimsoll_inventory::KubernetesVersion;

/// Which cluster was read, and what of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// What it is called: a context, or the host of its server.
    pub location: String,
    /// `v1.34.1`, as the server says it.
    pub server_version: String,
    /// The same as a number; `None` where the server says something else.
    pub kubernetes: Option<KubernetesVersion>,
    /// The only namespaces that were read; empty where all were.
    pub namespaces: Vec<String>,
}
