//! Kinds by name: their group, and what the API calls their resource.

/// Kinds of Kubernetes, and of the APIs that its own groups define beside it: group and kind.
const KINDS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "Namespace",
            "Node",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
    ),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    (
        "apps",
        &[
            "ControllerRevision",
            "DaemonSet",
            "Deployment",
            "ReplicaSet",
            "StatefulSet",
        ],
    ),
    ("autoscaling", &["HorizontalPodAutoscaler"]),
    ("batch", &["CronJob", "Job"]),
    (
        "certificates.k8s.io",
        &[
            "CertificateSigningRequest",
            "ClusterTrustBundle",
            "PodCertificateRequest",
        ],
    ),
    ("coordination.k8s.io", &["Lease", "LeaseCandidate"]),
    ("discovery.k8s.io", &["EndpointSlice"]),
    (
        "flowcontrol.apiserver.k8s.io",
        &["FlowSchema", "PriorityLevelConfiguration"],
    ),
    (
        "gateway.networking.k8s.io",
        &[
            "BackendTLSPolicy",
            "GRPCRoute",
            "Gateway",
            "GatewayClass",
            "HTTPRoute",
            "ReferenceGrant",
            "TCPRoute",
            "TLSRoute",
            "UDPRoute",
        ],
    ),
    (
        "networking.k8s.io",
        &[
            "IPAddress",
            "Ingress",
            "IngressClass",
            "NetworkPolicy",
            "ServiceCIDR",
        ],
    ),
    ("node.k8s.io", &["RuntimeClass"]),
    ("policy", &["PodDisruptionBudget", "PodSecurityPolicy"]),
    (
        "rbac.authorization.k8s.io",
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
    ),
    (
        "resource.k8s.io",
        &[
            "DeviceClass",
            "ResourceClaim",
            "ResourceClaimTemplate",
            "ResourceSlice",
        ],
    ),
    ("scheduling.k8s.io", &["PriorityClass"]),
    (
        "snapshot.storage.k8s.io",
        &[
            "VolumeSnapshot",
            "VolumeSnapshotClass",
            "VolumeSnapshotContent",
        ],
    ),
    (
        "storage.k8s.io",
        &[
            "CSIDriver",
            "CSINode",
            "CSIStorageCapacity",
            "StorageClass",
            "VolumeAttachment",
            "VolumeAttributesClass",
        ],
    ),
];

/// Resources that are called otherwise than the rule has it.
const RESOURCES: &[(&str, &str)] = &[
    ("Endpoints", "endpoints"),
    ("SecurityContextConstraints", "securitycontextconstraints"),
];

/// Groups that show objects of another group under a second name. Who reads both counts each object twice.
const VIEWS: &[(&str, &str, &str)] = &[
    ("extensions", "DaemonSet", "apps"),
    ("extensions", "Deployment", "apps"),
    ("extensions", "Ingress", "networking.k8s.io"),
    ("extensions", "NetworkPolicy", "networking.k8s.io"),
    ("extensions", "PodSecurityPolicy", "policy"),
    ("extensions", "ReplicaSet", "apps"),
    ("", "Event", "events.k8s.io"),
    (
        "authorization.openshift.io",
        "ClusterRole",
        "rbac.authorization.k8s.io",
    ),
    (
        "authorization.openshift.io",
        "ClusterRoleBinding",
        "rbac.authorization.k8s.io",
    ),
    (
        "authorization.openshift.io",
        "Role",
        "rbac.authorization.k8s.io",
    ),
    (
        "authorization.openshift.io",
        "RoleBinding",
        "rbac.authorization.k8s.io",
    ),
    (
        "projectcalico.org",
        "GlobalNetworkPolicy",
        "crd.projectcalico.org",
    ),
    (
        "projectcalico.org",
        "NetworkPolicy",
        "crd.projectcalico.org",
    ),
];

/// The group of a kind that is named without one; `None` for a kind that is not Kubernetes' own.
pub fn group_of_kind(kind: &str) -> Option<&'static str> {
    KINDS
        .iter()
        .find(|(_, kinds)| kinds.contains(&kind))
        .map(|(group, _)| *group)
}

/// The group that has the same objects under their own name, where this group only shows them.
pub fn group_that_is_shown(group: &str, kind: &str) -> Option<&'static str> {
    VIEWS
        .iter()
        .find(|(of_group, of_kind, _)| *of_group == group && *of_kind == kind)
        .map(|(_, _, shown)| *shown)
}

/// What the API calls the objects of a kind: `networkpolicies`. A rule of English that nearly every kind follows;
/// discovery knows better, where a cluster can be asked.
pub fn resource_of_kind(kind: &str) -> String {
    if let Some((_, resource)) = RESOURCES.iter().find(|(of, _)| *of == kind) {
        return (*resource).to_owned();
    }
    let name = kind.to_ascii_lowercase();
    let before_last = name.chars().rev().nth(1).unwrap_or_default();
    match name.chars().last() {
        Some('s' | 'x') => name + "es",
        Some('h') if matches!(before_last, 'c' | 's') => name + "es",
        Some('y') if !"aeiou".contains(before_last) => name[..name.len() - 1].to_owned() + "ies",
        _ => name + "s",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_their_group_and_resource() {
        for (kind, group, resource) in [
            ("Pod", "", "pods"),
            ("Endpoints", "", "endpoints"),
            ("NetworkPolicy", "networking.k8s.io", "networkpolicies"),
            ("Ingress", "networking.k8s.io", "ingresses"),
            ("IngressClass", "networking.k8s.io", "ingressclasses"),
            ("Gateway", "gateway.networking.k8s.io", "gateways"),
            ("IPAddress", "networking.k8s.io", "ipaddresses"),
            ("ServiceCIDR", "networking.k8s.io", "servicecidrs"),
        ] {
            assert_eq!(group_of_kind(kind), Some(group));
            assert_eq!(resource_of_kind(kind), resource);
        }
        assert_eq!(group_of_kind("Rollout"), None);
        assert_eq!(resource_of_kind("Patch"), "patches");
    }

    #[test]
    fn a_group_that_only_shows_objects_names_the_other() {
        let shown = group_that_is_shown("extensions", "Ingress");
        assert_eq!(shown, Some("networking.k8s.io"));
        assert_eq!(group_that_is_shown("networking.k8s.io", "Ingress"), None);
    }
}
