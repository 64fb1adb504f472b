//! All facts of a machine.

use std::collections::BTreeSet;

use crate::component::{self, Running};
use crate::facts::{API_VERSION, Collector, KIND, Metadata, NodeFacts, Spec, Unread};
use crate::machine::Machine;
use crate::names::{Names, accounts};
use crate::root::Root;
use crate::settings::get_text;
use crate::{files, kernel, listening, services, ssh, storage};

/// What the collector cannot know by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The name of the Node object; found out, if not given.
    pub name: Option<String>,
    /// The moment, RFC 3339.
    pub collected_at: String,
    /// The version of the program.
    pub version: String,
}

/// Collects the facts of the machine below a root. What cannot be read is told in the facts, and the rest goes on.
pub fn collect(root: &Root, options: &Options) -> NodeFacts {
    let mut unread = Vec::new();
    let machine = Machine::look(root, &mut unread);
    let names = Names::read(root);
    let components = component::find(&machine, &mut unread);
    let has_kubelet = components
        .iter()
        .any(|running| running.component.name == "kubelet");
    if machine.sees_processes && !has_kubelet {
        // There is no node without one. What else is not seen cannot be told then.
        let reason = "no kubelet is among the processes that are seen here: those of others are hidden, or this is no node";
        unread.push(Unread::new("processes", reason));
    }
    let files = files::read(&machine, &components, &names, &mut unread);
    let kernel = kernel::read(root, &mut unread);
    let swap = storage::swap(root, &mut unread);
    let listening = listening::read(&machine, &mut unread);
    let ssh = ssh::read(&machine, &mut unread);
    let time_synchronisation = services::time_synchronisation(&machine, &mut unread);
    let host_audit = services::host_audit(&machine, &mut unread);
    let integrity_monitoring = services::integrity_monitoring(&machine, &mut unread);
    let accounts = accounts(root, &mut unread);
    let storage = storage::storage(&machine, &mut unread);
    let pending_updates = storage::pending_updates(root, &mut unread);
    let name = node_name(root, options, &components);
    let mut told = BTreeSet::new();
    unread.retain(|unread| told.insert((unread.part.clone(), unread.reason.clone())));
    NodeFacts {
        api_version: API_VERSION,
        kind: KIND,
        metadata: Metadata { name },
        spec: Spec {
            collected_at: options.collected_at.clone(),
            collected_by: Some(Collector {
                version: options.version.clone(),
                uid: own_uid(),
            }),
            operating_system: Some(kernel::operating_system(root)),
            components: components
                .into_iter()
                .map(|running| running.component)
                .collect(),
            files: Some(files),
            kernel,
            swap,
            listening,
            ssh,
            time_synchronisation,
            host_audit,
            integrity_monitoring,
            accounts,
            storage,
            pending_updates,
            unread,
        },
    }
}

/// The name of the Node object: as given, as the kubelet's flag gives it, or as the machine's name makes it, which the
/// kubelet takes in lower case.
fn node_name(root: &Root, options: &Options, components: &[Running<'_>]) -> String {
    let from_flag = || {
        let mut kubelets = components
            .iter()
            .filter(|running| running.component.name == "kubelet");
        kubelets.find_map(|kubelet| kubelet.flags.text("hostname-override").map(str::to_owned))
    };
    let from_proxy = || {
        let mut proxies = components
            .iter()
            .filter(|running| running.component.name == "kube-proxy");
        proxies.find_map(|proxy| {
            let settings = proxy.component.configuration.as_ref()?;
            get_text(settings, &["hostnameOverride"]).map(str::to_owned)
        })
    };
    let from_machine = || {
        let name = root
            .read_value("/etc/hostname")
            .or_else(|| root.read_value("/proc/sys/kernel/hostname"))?;
        let name = name.trim().to_ascii_lowercase();
        (!name.is_empty()).then_some(name)
    };
    options
        .name
        .clone()
        .or_else(from_flag)
        .or_else(from_proxy)
        .or_else(from_machine)
        .unwrap_or_else(|| "unknown".to_owned())
}

#[cfg(target_os = "linux")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "other systems have no such number"
)]
fn own_uid() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

#[cfg(not(target_os = "linux"))]
fn own_uid() -> Option<u32> {
    None
}
