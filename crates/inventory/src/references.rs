//! Which objects a workload uses by name.

use foldhash::HashMap;

use plimsoll_document::Node;

use crate::index::namespace_or_default;
use crate::object::{Object, ObjectId};
use crate::pod_template::{containers, pod_template};
use crate::service_account::service_account_name;

/// Workloads by what they use: kind, namespace and name.
#[derive(Debug, Default)]
pub(crate) struct References {
    users: HashMap<(&'static str, String, String), Vec<ObjectId>>,
}

impl References {
    pub(crate) fn new(objects: &[Object], workloads: &[ObjectId]) -> References {
        let mut references = References::default();
        for id in workloads {
            let object = &objects[id.0 as usize];
            let Some(pod) = pod_template(object) else {
                continue;
            };
            let namespace = namespace_or_default(object.namespace());
            let mut used = used_by(pod);
            used.sort_unstable();
            used.dedup();
            for (kind, name) in used {
                let key = (kind, namespace.to_owned(), name.to_owned());
                references.users.entry(key).or_default().push(*id);
            }
        }
        references
    }

    /// The workloads that use an object.
    pub(crate) fn users(&self, kind: &str, namespace: &str, name: &str) -> &[ObjectId] {
        let kinds = [
            "ConfigMap",
            "PersistentVolumeClaim",
            "Secret",
            "ServiceAccount",
        ];
        let Some(kind) = kinds.into_iter().find(|known| *known == kind) else {
            return &[];
        };
        let key = (
            kind,
            namespace_or_default(namespace).to_owned(),
            name.to_owned(),
        );
        self.users.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// What a pod template uses: kind and name.
pub(crate) fn used_by(pod: Node<'_>) -> Vec<(&'static str, &str)> {
    let mut used = vec![("ServiceAccount", service_account_name(pod))];
    let Some(spec) = pod.get_name("spec") else {
        return used;
    };
    let mut add = |kind, name: Option<_>| used.extend(name.map(|name| (kind, name)));
    for volume in children(spec, "volumes") {
        add("Secret", name_in(volume, "secret", "secretName"));
        add("ConfigMap", name_in(volume, "configMap", "name"));
        add(
            "PersistentVolumeClaim",
            name_in(volume, "persistentVolumeClaim", "claimName"),
        );
        let sources = volume.get_name("projected");
        for source in sources
            .into_iter()
            .flat_map(|projected| children(projected, "sources"))
        {
            add("Secret", name_in(source, "secret", "name"));
            add("ConfigMap", name_in(source, "configMap", "name"));
        }
    }
    for pull in children(spec, "imagePullSecrets") {
        add("Secret", pull.get_name("name").and_then(Node::as_str));
    }
    for container in containers(pod) {
        for source in children(container, "envFrom") {
            add("Secret", name_in(source, "secretRef", "name"));
            add("ConfigMap", name_in(source, "configMapRef", "name"));
        }
        for variable in children(container, "env") {
            if let Some(from) = variable.get_name("valueFrom") {
                add("Secret", name_in(from, "secretKeyRef", "name"));
                add("ConfigMap", name_in(from, "configMapKeyRef", "name"));
            }
        }
    }
    used
}

fn children<'n>(node: Node<'n>, key: &str) -> impl Iterator<Item = Node<'n>> + use<'n> {
    node.get_name(key).into_iter().flat_map(Node::children)
}

fn name_in<'n>(node: Node<'n>, key: &str, name: &str) -> Option<&'n str> {
    node.get_name(key)?.get_name(name)?.as_str()
}
