//! The components that run on a node, each with its command line and its effective settings.

pub(crate) mod api_server;
pub(crate) mod embedded;
pub(crate) mod kube_proxy;
pub(crate) mod kubelet;
pub(crate) mod runtime;
pub(crate) mod static_pod;

use crate::facts::{Component, Settings, Unread};
use crate::flags::Flags;
use crate::hidden::{hide_in_command, hide_in_settings};
use crate::machine::{Files, Machine};
use crate::process::{Process, program_of};
use crate::settings::SettingsError;
use static_pod::StaticPod;

/// Components and the programs that they are.
const PROGRAMS: [(&str, &str); 9] = [
    ("kube-apiserver", "kube-apiserver"),
    ("kube-controller-manager", "kube-controller-manager"),
    ("kube-scheduler", "kube-scheduler"),
    ("etcd", "etcd"),
    ("kubelet", "kubelet"),
    ("kube-proxy", "kube-proxy"),
    ("containerd", "containerd"),
    ("crio", "cri-o"),
    ("dockerd", "dockerd"),
];

/// Components that are never in a container of a Pod: what calls itself so there is something else.
const OF_THE_HOST: [&str; 4] = ["kubelet", "containerd", "cri-o", "dockerd"];

/// Programs that run the program of a container and stay out of its way.
const WRAPPERS: [&str; 3] = ["go-runner", "tini", "dumb-init"];

/// A command line without a wrapper before it: from the word that names a component.
pub(crate) fn without_wrapper(command: &[String]) -> &[String] {
    if !WRAPPERS.contains(&program_of(command)) {
        return command;
    }
    let is_own = |word: &String| component_of(std::slice::from_ref(word)).is_some();
    let start = command.iter().position(is_own);
    start.map_or(command, |start| &command[start..])
}

/// The component that a command line runs.
pub(crate) fn component_of(command: &[String]) -> Option<&'static str> {
    let program = match program_of(command) {
        // One binary for all of them: the first argument says which.
        "hyperkube" => command.get(1).map_or("", String::as_str),
        program => program,
    };
    let found = PROGRAMS.iter().find(|(name, _)| *name == program);
    found.map(|(_, component)| *component)
}

/// A component with what else is known of it here: its flags, and its files.
#[derive(Debug)]
pub(crate) struct Running<'m> {
    /// What is written.
    pub component: Component,
    /// Its flags, credentials included.
    pub flags: Flags,
    /// Its files.
    pub files: Files<'m>,
}

/// Finds the components and reads what configures them.
pub(crate) fn find<'m>(machine: &'m Machine<'_>, unread: &mut Vec<Unread>) -> Vec<Running<'m>> {
    let mut found: Vec<Running<'m>> = Vec::new();
    for process in &machine.processes {
        let Some(name) = component_of(&process.command) else {
            continue;
        };
        if process.in_pod && OF_THE_HOST.contains(&name) {
            continue;
        }
        // Workers of one program have its command line.
        let is_known = found.iter().any(|running| {
            running.component.name == name
                && running.component.command.as_ref() == Some(&process.command)
        });
        if !is_known {
            found.push(of_process(machine, process, name));
        }
    }
    found.extend(embedded::components(machine));
    for pod in static_pods(machine, &found, unread) {
        let from_process = found
            .iter_mut()
            .find(|running| running.component.name == pod.component);
        match from_process {
            Some(running) => {
                let version = &mut running.component.version;
                *version = version.take().or(pod.version);
                running.component.env = pod.env;
            }
            None => found.push(of_static_pod(machine, pod)),
        }
    }
    for running in &mut found {
        configure(running);
        hide(&mut running.component);
    }
    let order = |running: &Running<'_>| {
        let name = &running.component.name;
        PROGRAMS.iter().position(|(_, component)| component == name)
    };
    found.sort_by_key(order);
    found
}

fn of_process<'m>(machine: &'m Machine<'_>, process: &Process, name: &str) -> Running<'m> {
    Running {
        component: Component {
            name: name.to_owned(),
            from: "process",
            command: Some(process.command.clone()),
            ..Component::default()
        },
        flags: Flags::of(&process.command),
        files: machine.files_of(process),
    }
}

fn of_static_pod<'m>(machine: &'m Machine<'_>, pod: StaticPod) -> Running<'m> {
    let flags = Flags::of(&pod.command);
    let is_plain = component_of(&pod.command) == Some(pod.component);
    let unread = (!is_plain).then(|| "its manifest runs it through another program".to_owned());
    Running {
        component: Component {
            name: pod.component.to_owned(),
            from: "static-pod",
            version: pod.version,
            command: Some(pod.command),
            env: pod.env,
            unread,
            ..Component::default()
        },
        flags,
        files: machine.files_of_volumes(pod.volumes),
    }
}

/// The components that manifests of static Pods run.
fn static_pods(
    machine: &Machine<'_>,
    found: &[Running<'_>],
    unread: &mut Vec<Unread>,
) -> Vec<StaticPod> {
    let mut pods = Vec::new();
    for folder in manifest_folders(found) {
        match static_pod::read(machine.root, &folder) {
            Ok(read) => {
                pods.extend(read.components);
                unread.extend(read.unread);
            }
            Err(error) => {
                unread.push(Unread::new("static-pods", format!("{folder}: {error}")));
            }
        }
    }
    pods
}

/// The folders from which the kubelet of this node runs static Pods.
pub(crate) fn manifest_folders(found: &[Running<'_>]) -> Vec<String> {
    let kubelets = found
        .iter()
        .filter(|running| running.component.name == "kubelet");
    let mut folders: Vec<String> = kubelets
        .filter_map(|kubelet| {
            let settings = match &kubelet.component.configuration {
                Some(settings) => settings.clone(),
                None => kubelet::configuration(&kubelet.flags, &kubelet.files).ok()?,
            };
            crate::settings::get_text(&settings, &["staticPodPath"]).map(str::to_owned)
        })
        .map(|folder| folder.trim_end_matches('/').to_owned())
        .collect();
    for folder in [
        "/etc/kubernetes/manifests",
        "/var/lib/rancher/rke2/agent/pod-manifests",
    ] {
        if !folders.iter().any(|known| known == folder) {
            folders.push(folder.to_owned());
        }
    }
    folders
}

/// Reads the configuration of a component.
fn configure(running: &mut Running<'_>) {
    let Running {
        component,
        flags,
        files,
    } = running;
    if component.unread.is_some() {
        return;
    }
    match component.name.as_str() {
        "kubelet" => put(component, kubelet::configuration(flags, files)),
        "kube-proxy" => put(component, kube_proxy::configuration(flags, files)),
        "kube-apiserver" => api_server::read(component, flags, files),
        "kube-scheduler" => {
            if let Some(path) = flags.text("config") {
                put(
                    component,
                    files.read_yaml(path, Some("KubeSchedulerConfiguration")),
                );
            }
        }
        "etcd" => {
            if let Some(path) = flags.text("config-file") {
                // With a file etcd pays no heed to its other flags, so without the file nothing is known of it.
                match files.read_yaml(path, None) {
                    Ok(settings) => component.configuration = Some(settings),
                    Err(error) => component.unread = Some(error.to_string()),
                }
            }
        }
        "containerd" => runtime::containerd(component, flags, files),
        "cri-o" => runtime::cri_o(component, flags, files),
        "dockerd" => runtime::dockerd(component, flags, files),
        _ => {}
    }
}

/// Puts its settings into a component, or why there are none. Its flags are known still, and what they alone decide.
fn put(component: &mut Component, settings: Result<Settings, SettingsError>) {
    match settings {
        Ok(settings) => component.configuration = Some(settings),
        Err(error) => {
            let part = Unread::new("configuration", error);
            component.unread_parts.push(part);
        }
    }
}

/// Hides the credentials of a component.
pub(crate) fn hide(component: &mut Component) {
    if let Some(command) = &mut component.command {
        hide_in_command(command);
    }
    for variable in &mut component.env {
        let mut pair = Settings::new();
        pair.insert(variable.name.clone(), variable.value.clone().into());
        hide_in_settings(&mut pair);
        if let Some(value) = pair.get(&variable.name).and_then(|value| value.as_str()) {
            value.clone_into(&mut variable.value);
        }
    }
    let parts = [
        &mut component.configuration,
        &mut component.audit_policy,
        &mut component.encryption,
        &mut component.admission,
        &mut component.authentication,
        &mut component.authorization,
    ];
    for settings in parts.into_iter().flatten() {
        hide_in_settings(settings);
    }
}
