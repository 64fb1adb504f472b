//! Distributions that run the components of Kubernetes as parts of one process.
//!
//! Such a process has a command line of its own, and what it hands to its parts is in its memory. That the parts run is
//! known; how they are configured is not, and they are not judged.

use crate::facts::Component;
use crate::flags::Flags;
use crate::machine::Machine;

use super::Running;

/// What a server of such a distribution runs.
const SERVER: [&str; 5] = [
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
];

/// What an agent of it runs.
const AGENT: [&str; 2] = ["kubelet", "kube-proxy"];

/// Whether a command line is that of such a process, which distribution it is of, and what is in it.
fn parts_of(command: &[String]) -> Option<(&'static str, &'static [&'static str])> {
    let program = crate::process::program_of(command);
    let first = command.get(1).map_or("", String::as_str);
    match (program, first) {
        ("k3s" | "k3s-server", "server") | ("k3s-server", _) => Some(("k3s", &SERVER)),
        ("k3s" | "k3s-agent", "agent") | ("k3s-agent", _) => Some(("k3s", &AGENT)),
        ("kubelite", _) => {
            let is_worker = Flags::of(command).get("start-control-plane") == Some("false");
            Some(("MicroK8s", if is_worker { &AGENT } else { &SERVER }))
        }
        _ => None,
    }
}

/// The components inside such processes.
pub(super) fn components<'m>(machine: &'m Machine<'_>) -> Vec<Running<'m>> {
    let mut found = Vec::new();
    for process in &machine.processes {
        let Some((distribution, parts)) = parts_of(&process.command) else {
            continue;
        };
        if process.in_pod {
            continue;
        }
        for part in parts {
            let reason = format!(
                "it is part of the process of {distribution}, which shows neither its flags nor its settings"
            );
            found.push(Running {
                component: Component {
                    name: (*part).to_owned(),
                    from: "process",
                    command: Some(process.command.clone()),
                    unread: Some(reason),
                    ..Component::default()
                },
                flags: Flags::default(),
                files: machine.files_of(process),
            });
        }
        // Its own etcd is there where its data is.
        let data = "/var/lib/rancher/k3s/server/db/etcd";
        if distribution == "k3s" && machine.root.is_there(data) {
            let reason =
                "it is part of the process of k3s, which shows neither its flags nor its settings";
            found.push(Running {
                component: Component {
                    name: "etcd".to_owned(),
                    from: "process",
                    command: Some(process.command.clone()),
                    unread: Some(reason.to_owned()),
                    ..Component::default()
                },
                flags: Flags::default(),
                files: machine.files_of(process),
            });
        }
        // Later processes of the distribution are its own children.
        break;
    }
    found
}
