//! The kinds that the API server serves itself, as rules of policies name them.

use plimsoll_catalog::{Applies, Control};

use crate::reach::judges;
use crate::refusal::Refusal;

/// A kind that goes through admission policies.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Served {
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) kind: &'static str,
    /// The resource, and its subresources that change what is judged.
    pub(crate) resources: &'static [&'static str],
}

const fn served(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    resources: &'static [&'static str],
) -> Served {
    Served {
        group,
        version,
        kind,
        resources,
    }
}

/// Source: the API reference of Kubernetes 1.30 to 1.37; each version here is served in all of them. Kinds of
/// `authentication.k8s.io` and `authorization.k8s.io` are left out, for they are never stored, and so are those of
/// `admissionregistration.k8s.io`, which no policy is asked about.
const SERVED: &[Served] = &[
    served("", "v1", "Pod", &["pods", "pods/ephemeralcontainers"]),
    served("", "v1", "PodTemplate", &["podtemplates"]),
    served(
        "",
        "v1",
        "ReplicationController",
        &["replicationcontrollers"],
    ),
    served("apps", "v1", "Deployment", &["deployments"]),
    served("apps", "v1", "ReplicaSet", &["replicasets"]),
    served("apps", "v1", "StatefulSet", &["statefulsets"]),
    served("apps", "v1", "DaemonSet", &["daemonsets"]),
    served("batch", "v1", "Job", &["jobs"]),
    served("batch", "v1", "CronJob", &["cronjobs"]),
    served("", "v1", "Service", &["services"]),
    served("", "v1", "ServiceAccount", &["serviceaccounts"]),
    served("", "v1", "ConfigMap", &["configmaps"]),
    served("", "v1", "Secret", &["secrets"]),
    served("", "v1", "Namespace", &["namespaces"]),
    served("", "v1", "Node", &["nodes"]),
    served("", "v1", "PersistentVolume", &["persistentvolumes"]),
    served(
        "",
        "v1",
        "PersistentVolumeClaim",
        &["persistentvolumeclaims"],
    ),
    served("", "v1", "Endpoints", &["endpoints"]),
    served("", "v1", "LimitRange", &["limitranges"]),
    served("", "v1", "ResourceQuota", &["resourcequotas"]),
    served("apps", "v1", "ControllerRevision", &["controllerrevisions"]),
    served(
        "autoscaling",
        "v2",
        "HorizontalPodAutoscaler",
        &["horizontalpodautoscalers"],
    ),
    served(
        "apiregistration.k8s.io",
        "v1",
        "APIService",
        &["apiservices"],
    ),
    served(
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        &["customresourcedefinitions"],
    ),
    served(
        "certificates.k8s.io",
        "v1",
        "CertificateSigningRequest",
        &["certificatesigningrequests"],
    ),
    served("coordination.k8s.io", "v1", "Lease", &["leases"]),
    served(
        "discovery.k8s.io",
        "v1",
        "EndpointSlice",
        &["endpointslices"],
    ),
    served(
        "flowcontrol.apiserver.k8s.io",
        "v1",
        "FlowSchema",
        &["flowschemas"],
    ),
    served(
        "flowcontrol.apiserver.k8s.io",
        "v1",
        "PriorityLevelConfiguration",
        &["prioritylevelconfigurations"],
    ),
    served("networking.k8s.io", "v1", "Ingress", &["ingresses"]),
    served(
        "networking.k8s.io",
        "v1",
        "IngressClass",
        &["ingressclasses"],
    ),
    served(
        "networking.k8s.io",
        "v1",
        "NetworkPolicy",
        &["networkpolicies"],
    ),
    served("node.k8s.io", "v1", "RuntimeClass", &["runtimeclasses"]),
    served(
        "policy",
        "v1",
        "PodDisruptionBudget",
        &["poddisruptionbudgets"],
    ),
    served("rbac.authorization.k8s.io", "v1", "Role", &["roles"]),
    served(
        "rbac.authorization.k8s.io",
        "v1",
        "ClusterRole",
        &["clusterroles"],
    ),
    served(
        "rbac.authorization.k8s.io",
        "v1",
        "RoleBinding",
        &["rolebindings"],
    ),
    served(
        "rbac.authorization.k8s.io",
        "v1",
        "ClusterRoleBinding",
        &["clusterrolebindings"],
    ),
    served(
        "scheduling.k8s.io",
        "v1",
        "PriorityClass",
        &["priorityclasses"],
    ),
    served("storage.k8s.io", "v1", "CSIDriver", &["csidrivers"]),
    served("storage.k8s.io", "v1", "StorageClass", &["storageclasses"]),
    served(
        "storage.k8s.io",
        "v1",
        "VolumeAttachment",
        &["volumeattachments"],
    ),
];

/// What of a control's kinds a policy can be for.
#[derive(Debug)]
pub(crate) struct Kinds {
    /// These.
    pub(crate) served: Vec<&'static Served>,
    /// Kinds that policies cannot judge, as the page names them.
    pub(crate) left_out: Vec<String>,
}

impl Kinds {
    /// Of a control.
    pub(crate) fn of(control: &Control) -> Result<Kinds, Refusal> {
        let served: Vec<&'static Served> = SERVED
            .iter()
            .filter(|served| control.applies_to(served.group, served.kind))
            .collect();
        let mut judged = Vec::new();
        for served in &served {
            if judges(control, served.kind)? {
                judged.push(*served);
            }
        }
        let unjudged = judged.len() < served.len();
        let left_out: Vec<String> = match &control.applies {
            // The kinds of others make Pods and ReplicaSets, which are judged.
            Applies::Workloads => Vec::new(),
            Applies::Components(..) => return Err(Refusal::Components),
            Applies::Kinds(kinds) => kinds
                .iter()
                .filter(|(group, kind)| !is_covered(group.as_deref(), kind))
                .map(|(group, kind)| match group.as_deref() {
                    None | Some("") => kind.clone(),
                    Some(group) => format!("{group}/{kind}"),
                })
                .collect(),
        };
        if judged.is_empty() && unjudged {
            let reason = "it judges nothing in the kinds that admission policies are for";
            return Err(Refusal::Kinds(reason.to_owned()));
        }
        if judged.is_empty() {
            return Err(Refusal::Kinds(why_none(&left_out)));
        }
        Ok(Kinds {
            served: judged,
            left_out,
        })
    }
}

/// Whether objects of a kind are judged by a policy that names the served kinds.
fn is_covered(group: Option<&str>, kind: &str) -> bool {
    SERVED
        .iter()
        .any(|served| {
            served.kind == kind
                && group.is_none_or(|group| {
                    // Groups in which these kinds stood before; no API server has them any more.
                    group == served.group || group == "extensions"
                })
        })
        // Made of other kinds that are judged: ReplicaSets and Pods.
        || (group == Some("argoproj.io") && kind == "Rollout")
}

fn why_none(kinds: &[String]) -> String {
    let list = kinds.join(", ");
    if kinds
        .iter()
        .all(|kind| kind.starts_with("admissionregistration.k8s.io/"))
    {
        return format!("the API server asks no admission policy about {list}");
    }
    if kinds.iter().all(|kind| kind.starts_with("plimsoll.dev/")) {
        return "it judges a node or the cluster as a whole, which nobody creates as an object"
            .to_owned();
    }
    format!(
        "its kinds ({list}) are custom resources, whose fields, types and nulls the cluster's own definitions decide"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_with_a_pod_template_are_all_served() {
        let with_template: Vec<&str> = SERVED
            .iter()
            .filter(|served| {
                plimsoll_inventory::pod_template_path(served.group, served.kind).is_some()
            })
            .map(|served| served.kind)
            .collect();
        assert_eq!(with_template.len(), 9, "{with_template:?}");
    }
}
