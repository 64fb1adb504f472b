//! Which kinds carry a pod template, and which lists of a pod hold containers.

use plimsoll_document::{Node, Symbol};

use crate::object::Object;

/// Kinds with a pod template: API group, kind, and where the template stands. The template of a Pod is the Pod itself.
pub(crate) const POD_TEMPLATES: &[(&str, &str, &[&str])] = &[
    ("", "Pod", &[]),
    ("", "PodTemplate", &["template"]),
    ("", "ReplicationController", &["spec", "template"]),
    ("apps", "Deployment", &["spec", "template"]),
    ("apps", "ReplicaSet", &["spec", "template"]),
    ("apps", "StatefulSet", &["spec", "template"]),
    ("apps", "DaemonSet", &["spec", "template"]),
    ("batch", "Job", &["spec", "template"]),
    (
        "batch",
        "CronJob",
        &["spec", "jobTemplate", "spec", "template"],
    ),
    // Groups in which these kinds stood before; manifests of them are still about.
    ("extensions", "Deployment", &["spec", "template"]),
    ("extensions", "ReplicaSet", &["spec", "template"]),
    ("extensions", "DaemonSet", &["spec", "template"]),
    // Kinds of other projects whose field is a PodTemplateSpec.
    ("argoproj.io", "Rollout", &["spec", "template"]),
    (
        "apps.openshift.io",
        "DeploymentConfig",
        &["spec", "template"],
    ),
    (
        "keda.sh",
        "ScaledJob",
        &["spec", "jobTargetRef", "template"],
    ),
];

/// The lists of containers of a pod, in the order in which they are judged (Kubernetes API: `PodSpec`). Sidecars are
/// init containers with `restartPolicy: Always`.
pub const CONTAINER_LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// Where a kind has its pod template; `None` for a kind without one.
pub fn pod_template_path(group: &str, kind: &str) -> Option<&'static [&'static str]> {
    POD_TEMPLATES
        .iter()
        .find(|(of_group, of_kind, _)| *of_kind == kind && *of_group == group)
        .map(|(_, _, path)| *path)
}

/// The pod template of an object: a map with `metadata` and `spec`. `None` for a kind without one, or where the object
/// does not state it.
pub fn pod_template(object: &Object) -> Option<Node<'_>> {
    let mut node = object.root();
    for key in object.pod_template_path()? {
        node = node.get_name(key)?;
    }
    node.is_map().then_some(node)
}

/// All containers of a pod template, of every list.
pub fn containers(pod: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    const LISTS: [Symbol; 3] = [
        Symbol::of(CONTAINER_LISTS[0]),
        Symbol::of(CONTAINER_LISTS[1]),
        Symbol::of(CONTAINER_LISTS[2]),
    ];
    let spec = pod.get_symbol(const { Symbol::of("spec") });
    LISTS
        .into_iter()
        .filter_map(move |list| spec?.get_symbol(list))
        .flat_map(Node::children)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_count() {
        assert_eq!(
            pod_template_path("apps", "Deployment"),
            Some(&["spec", "template"][..])
        );
        assert_eq!(pod_template_path("example.com", "Deployment"), None);
        assert_eq!(pod_template_path("serving.knative.dev", "Service"), None);
        assert!(pod_template_path("batch", "CronJob").is_some_and(|path| path.len() == 4));
    }
}
