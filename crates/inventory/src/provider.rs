//! Who runs the control plane.

use plimsoll_document::Node;

use crate::inventory::Inventory;

/// A provider of managed clusters, who runs the control plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// Amazon Elastic Kubernetes Service.
    Eks,
    /// Google Kubernetes Engine.
    Gke,
    /// Azure Kubernetes Service.
    Aks,
}

impl Provider {
    /// As it is called.
    pub fn name(self) -> &'static str {
        match self {
            Provider::Eks => "Amazon EKS",
            Provider::Gke => "Google GKE",
            Provider::Aks => "Azure AKS",
        }
    }
}

impl Inventory {
    /// The provider whose nodes these are; `None` where nothing says so. A node in a provider's cloud is not enough:
    /// one may run a cluster of one's own there.
    pub fn provider(&self) -> Option<Provider> {
        self.nodes()
            .iter()
            .find_map(|id| provider_of(self.object(*id).root()))
    }
}

fn provider_of(node: Node<'_>) -> Option<Provider> {
    let version = node
        .get_name("status")
        .and_then(|status| status.get_name("nodeInfo"))
        .and_then(|info| info.get_name("kubeletVersion"))
        .and_then(Node::as_str)
        .unwrap_or_default();
    let labels = node
        .get_name("metadata")
        .and_then(|metadata| metadata.get_name("labels"));
    let has_label = |start: &str| {
        labels.is_some_and(|labels| labels.entries().any(|(key, _)| key.starts_with(start)))
    };
    if version.contains("-eks-") || has_label("eks.amazonaws.com/") {
        Some(Provider::Eks)
    } else if version.contains("-gke.") || has_label("cloud.google.com/gke-") {
        Some(Provider::Gke)
    } else if has_label("kubernetes.azure.com/") {
        Some(Provider::Aks)
    } else {
        None
    }
}
