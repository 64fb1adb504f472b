//! Which kinds live in no namespace.

/// Kinds of Kubernetes and of well-known projects that live in no namespace, and whose names do not say so.
const KINDS: &[&str] = &[
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ComponentStatus",
    "CustomResourceDefinition",
    "DeviceClass",
    "FlowSchema",
    "GatewayClass",
    "IPAddress",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "NodeFacts",
    "PersistentVolume",
    "PodSecurityPolicy",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ResourceSlice",
    "RuntimeClass",
    "ServiceCIDR",
    "StorageClass",
    "StorageVersion",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "VolumeAttributesClass",
    "VolumeSnapshotClass",
];

/// Whether objects of a kind live in no namespace. `ClusterRole` and the like say so by their name.
pub fn is_cluster_scoped(kind: &str) -> bool {
    kind.starts_with("Cluster") || KINDS.binary_search(&kind).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_searched() {
        assert!(KINDS.is_sorted());
        assert!(is_cluster_scoped("Node") && is_cluster_scoped("ClusterRole"));
        assert!(!is_cluster_scoped("Pod") && !is_cluster_scoped("Role"));
    }
}
