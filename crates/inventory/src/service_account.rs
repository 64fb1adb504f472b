//! As which service account the Pods of a workload run, and whether its token is mounted.

use plimsoll_document::Node;

use crate::index::Index;
use crate::object::{Object, ObjectId};
use crate::pod_template::pod_template;

/// The name of the service account that a pod template names (K8s API: `PodSpec.serviceAccountName`, default `default`;
/// `serviceAccount` is its old name).
pub(crate) fn service_account_name(pod: Node<'_>) -> &str {
    let field = |name: &str| {
        pod.get_name("spec")
            .and_then(|spec| spec.get_name(name))
            .and_then(Node::as_str)
            .filter(|name| !name.is_empty())
    };
    field("serviceAccountName")
        .or_else(|| field("serviceAccount"))
        .unwrap_or("default")
}

/// The service account of a workload, where it is in the inventory.
pub(crate) fn service_account(
    workload: &Object,
    objects: &[Object],
    index: &Index,
) -> Option<ObjectId> {
    let name = service_account_name(pod_template(workload)?);
    index.find("ServiceAccount", workload.namespace(), name, objects)
}

/// Whether Pods of a workload get a token of their service account: the Pod decides, where it does not the service
/// account does, and the default is that they do (K8s: `ServiceAccount` admission).
pub(crate) fn mounts_token(workload: &Object, objects: &[Object], index: &Index) -> bool {
    let field = |of: Node<'_>| {
        of.get_name("automountServiceAccountToken")
            .and_then(Node::as_bool)
    };
    let by_pod = pod_template(workload)
        .and_then(|pod| pod.get_name("spec"))
        .and_then(field);
    by_pod
        .or_else(|| {
            let account = service_account(workload, objects, index)?;
            field(objects[account.0 as usize].root())
        })
        .unwrap_or(true)
}
