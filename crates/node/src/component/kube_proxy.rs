//! The effective settings of kube-proxy.
//!
//! With a file its flags do not count, but for the name of the node (`cmd/kube-proxy/app/options.go`).

use serde_json::{Map, Value};

use crate::facts::Settings;
use crate::flags::Flags;
use crate::machine::Files;
use crate::settings::{SettingsError, set};

/// Flags that set a text of the configuration.
const TEXTS: &[(&str, &[&str])] = &[
    ("bind-address", &["bindAddress"]),
    ("healthz-bind-address", &["healthzBindAddress"]),
    ("metrics-bind-address", &["metricsBindAddress"]),
    ("kubeconfig", &["clientConnection", "kubeconfig"]),
    ("proxy-mode", &["mode"]),
    ("cluster-cidr", &["clusterCIDR"]),
    ("detect-local-mode", &["detectLocalMode"]),
];

/// Flags that set a boolean.
const BOOLEANS: &[(&str, &[&str])] = &[
    ("profiling", &["enableProfiling"]),
    ("bind-address-hard-fail", &["bindAddressHardFail"]),
    ("masquerade-all", &["iptables", "masqueradeAll"]),
    (
        "iptables-localhost-nodeports",
        &["iptables", "localhostNodePorts"],
    ),
];

/// The effective settings of a kube-proxy with these flags.
///
/// # Errors
/// A file that a flag names and that cannot be read.
pub(crate) fn configuration(flags: &Flags, files: &Files<'_>) -> Result<Settings, SettingsError> {
    let mut settings = if let Some(path) = flags.text("config") {
        files.read_yaml(path, Some("KubeProxyConfiguration"))?
    } else {
        of_flags(flags)
    };
    if let Some(name) = flags.text("hostname-override") {
        set(&mut settings, &["hostnameOverride"], name.into());
    }
    Ok(settings)
}

/// The settings that flags make where there is no file.
fn of_flags(flags: &Flags) -> Settings {
    let mut settings = Map::new();
    for (name, path) in TEXTS {
        if let Some(text) = flags.get(name) {
            set(&mut settings, path, text.into());
        }
    }
    for (name, path) in BOOLEANS {
        if let Some(text) = flags.get(name) {
            set(&mut settings, path, Value::Bool(text == "true"));
        }
    }
    if let Some(ranges) = flags.text("nodeport-addresses") {
        let ranges = ranges.split(',').map(Value::from).collect();
        set(&mut settings, &["nodePortAddresses"], ranges);
    }
    settings
}
