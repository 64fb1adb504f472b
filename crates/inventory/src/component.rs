//! The programs of Kubernetes that run on nodes, and how a command line names them.

use plimsoll_document::{Node, NodeKind};

/// A program of Kubernetes, or one under it, that runs on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// `kube-apiserver`
    KubeApiserver,
    /// `kube-controller-manager`
    KubeControllerManager,
    /// `kube-scheduler`
    KubeScheduler,
    /// `etcd`
    Etcd,
    /// `kubelet`
    Kubelet,
    /// `kube-proxy`
    KubeProxy,
    /// `containerd`
    Containerd,
    /// `cri-o`, whose program is called `crio`
    CriO,
    /// `dockerd`
    Dockerd,
}

impl Component {
    /// All of them.
    pub const ALL: [Component; 9] = [
        Component::KubeApiserver,
        Component::KubeControllerManager,
        Component::KubeScheduler,
        Component::Etcd,
        Component::Kubelet,
        Component::KubeProxy,
        Component::Containerd,
        Component::CriO,
        Component::Dockerd,
    ];

    /// As control pages and node facts call it.
    pub fn name(self) -> &'static str {
        match self {
            Component::KubeApiserver => "kube-apiserver",
            Component::KubeControllerManager => "kube-controller-manager",
            Component::KubeScheduler => "kube-scheduler",
            Component::Etcd => "etcd",
            Component::Kubelet => "kubelet",
            Component::KubeProxy => "kube-proxy",
            Component::Containerd => "containerd",
            Component::CriO => "cri-o",
            Component::Dockerd => "dockerd",
        }
    }

    /// The component of this name.
    pub fn parse(name: &str) -> Option<Component> {
        Component::ALL
            .into_iter()
            .find(|component| component.name() == name)
    }

    /// Whether it is a part of the control plane, and so runs on some nodes only.
    pub fn is_control_plane(self) -> bool {
        matches!(
            self,
            Component::KubeApiserver
                | Component::KubeControllerManager
                | Component::KubeScheduler
                | Component::Etcd
        )
    }

    /// The component whose program this is: the path of a file, or its name.
    pub fn of_program(program: &str) -> Option<Component> {
        match base_name(program) {
            "crio" => Some(Component::CriO),
            name => Component::parse(name),
        }
    }

    /// The component that a container runs.
    pub fn of_container(container: Node<'_>) -> Option<Component> {
        program_and_rest(container).and_then(|(program, _)| Component::of_program(program))
    }
}

/// Programs that start the one that is named after them and their own flags: `go-runner` of the Kubernetes project's
/// images, the usual init programs, and `hyperkube`, which was all programs of Kubernetes in one.
const STARTERS: [&str; 4] = ["go-runner", "tini", "dumb-init", "hyperkube"];

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The words of a command line, in order: `command`, then `args`.
pub(crate) fn words(holder: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    ["command", "args"]
        .into_iter()
        .filter_map(move |list| holder.get_name(list))
        .filter(|list| list.kind() == NodeKind::List)
        .flat_map(Node::children)
}

/// The program that a command line runs, and the words after it.
pub(crate) fn program_and_rest(holder: Node<'_>) -> Option<(&str, impl Iterator<Item = Node<'_>>)> {
    let mut words = words(holder);
    let mut program = words.next()?.as_str()?;
    while STARTERS.contains(&base_name(program)) {
        program = words
            .by_ref()
            .filter_map(Node::as_str)
            .find(|word| !word.starts_with('-'))?;
    }
    Some((program, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_their_file() {
        for component in Component::ALL {
            assert_eq!(Component::parse(component.name()), Some(component));
        }
        for (program, component) in [
            (
                "/usr/local/bin/kube-apiserver",
                Some(Component::KubeApiserver),
            ),
            ("etcd", Some(Component::Etcd)),
            ("/usr/bin/crio", Some(Component::CriO)),
            ("/bin/sh", None),
            ("", None),
        ] {
            assert_eq!(Component::of_program(program), component, "{program}");
        }
    }
}
