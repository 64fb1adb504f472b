//! The kubelet's effective settings.
//!
//! As the kubelet makes them (`cmd/kubelet/app/server.go`): the file of `--config`, or without it the defaults of the
//! time before there was one; over it the drop-ins of `--config-dir` in the order of their names; over all the flags.

use serde_json::{Map, Value, json};

use crate::facts::Settings;
use crate::flags::Flags;
use crate::machine::Files;
use crate::root::MAX_ENTRIES;
use crate::settings::{SettingsError, get, merge, set};

/// How the text of a flag becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Bool,
    Int,
    Text,
    /// A list, separated by commas; given twice, they add up.
    List,
    /// `key=value` pairs, separated by commas, of texts.
    Pairs,
    /// `key<value` pairs: thresholds of eviction.
    Thresholds,
    /// `key=value` pairs of booleans: feature gates, merged with those of the file.
    Gates,
}

/// Flags of the kubelet that set a field of its configuration (`cmd/kubelet/app/options/options.go`).
const FLAGS: &[(&str, &[&str], Form)] = &[
    ("address", &["address"], Form::Text),
    (
        "allowed-unsafe-sysctls",
        &["allowedUnsafeSysctls"],
        Form::List,
    ),
    (
        "anonymous-auth",
        &["authentication", "anonymous", "enabled"],
        Form::Bool,
    ),
    (
        "authentication-token-webhook",
        &["authentication", "webhook", "enabled"],
        Form::Bool,
    ),
    (
        "authentication-token-webhook-cache-ttl",
        &["authentication", "webhook", "cacheTTL"],
        Form::Text,
    ),
    ("authorization-mode", &["authorization", "mode"], Form::Text),
    (
        "authorization-webhook-cache-authorized-ttl",
        &["authorization", "webhook", "cacheAuthorizedTTL"],
        Form::Text,
    ),
    (
        "authorization-webhook-cache-unauthorized-ttl",
        &["authorization", "webhook", "cacheUnauthorizedTTL"],
        Form::Text,
    ),
    ("cgroup-driver", &["cgroupDriver"], Form::Text),
    ("cgroup-root", &["cgroupRoot"], Form::Text),
    ("cgroups-per-qos", &["cgroupsPerQOS"], Form::Bool),
    (
        "client-ca-file",
        &["authentication", "x509", "clientCAFile"],
        Form::Text,
    ),
    ("cluster-dns", &["clusterDNS"], Form::List),
    ("cluster-domain", &["clusterDomain"], Form::Text),
    (
        "container-log-max-files",
        &["containerLogMaxFiles"],
        Form::Int,
    ),
    (
        "container-log-max-size",
        &["containerLogMaxSize"],
        Form::Text,
    ),
    (
        "container-runtime-endpoint",
        &["containerRuntimeEndpoint"],
        Form::Text,
    ),
    (
        "contention-profiling",
        &["enableContentionProfiling"],
        Form::Bool,
    ),
    ("cpu-cfs-quota", &["cpuCFSQuota"], Form::Bool),
    ("cpu-cfs-quota-period", &["cpuCFSQuotaPeriod"], Form::Text),
    ("cpu-manager-policy", &["cpuManagerPolicy"], Form::Text),
    (
        "enable-controller-attach-detach",
        &["enableControllerAttachDetach"],
        Form::Bool,
    ),
    (
        "enable-debugging-handlers",
        &["enableDebuggingHandlers"],
        Form::Bool,
    ),
    ("enable-server", &["enableServer"], Form::Bool),
    (
        "enforce-node-allocatable",
        &["enforceNodeAllocatable"],
        Form::List,
    ),
    ("event-burst", &["eventBurst"], Form::Int),
    ("event-qps", &["eventRecordQPS"], Form::Int),
    ("eviction-hard", &["evictionHard"], Form::Thresholds),
    (
        "eviction-max-pod-grace-period",
        &["evictionMaxPodGracePeriod"],
        Form::Int,
    ),
    (
        "eviction-minimum-reclaim",
        &["evictionMinimumReclaim"],
        Form::Pairs,
    ),
    (
        "eviction-pressure-transition-period",
        &["evictionPressureTransitionPeriod"],
        Form::Text,
    ),
    ("eviction-soft", &["evictionSoft"], Form::Thresholds),
    (
        "eviction-soft-grace-period",
        &["evictionSoftGracePeriod"],
        Form::Pairs,
    ),
    ("fail-swap-on", &["failSwapOn"], Form::Bool),
    ("feature-gates", &["featureGates"], Form::Gates),
    ("file-check-frequency", &["fileCheckFrequency"], Form::Text),
    ("hairpin-mode", &["hairpinMode"], Form::Text),
    ("healthz-bind-address", &["healthzBindAddress"], Form::Text),
    ("healthz-port", &["healthzPort"], Form::Int),
    ("http-check-frequency", &["httpCheckFrequency"], Form::Text),
    (
        "image-gc-high-threshold",
        &["imageGCHighThresholdPercent"],
        Form::Int,
    ),
    (
        "image-gc-low-threshold",
        &["imageGCLowThresholdPercent"],
        Form::Int,
    ),
    (
        "image-service-endpoint",
        &["imageServiceEndpoint"],
        Form::Text,
    ),
    ("iptables-drop-bit", &["iptablesDropBit"], Form::Int),
    (
        "iptables-masquerade-bit",
        &["iptablesMasqueradeBit"],
        Form::Int,
    ),
    ("kube-api-burst", &["kubeAPIBurst"], Form::Int),
    ("kube-api-content-type", &["contentType"], Form::Text),
    ("kube-api-qps", &["kubeAPIQPS"], Form::Int),
    ("kube-reserved", &["kubeReserved"], Form::Pairs),
    ("kube-reserved-cgroup", &["kubeReservedCgroup"], Form::Text),
    ("kubelet-cgroups", &["kubeletCgroups"], Form::Text),
    (
        "local-storage-capacity-isolation",
        &["localStorageCapacityIsolation"],
        Form::Bool,
    ),
    (
        "make-iptables-util-chains",
        &["makeIPTablesUtilChains"],
        Form::Bool,
    ),
    ("manifest-url", &["staticPodURL"], Form::Text),
    ("max-open-files", &["maxOpenFiles"], Form::Int),
    ("max-pods", &["maxPods"], Form::Int),
    (
        "memory-manager-policy",
        &["memoryManagerPolicy"],
        Form::Text,
    ),
    (
        "node-status-max-images",
        &["nodeStatusMaxImages"],
        Form::Int,
    ),
    (
        "node-status-update-frequency",
        &["nodeStatusUpdateFrequency"],
        Form::Text,
    ),
    ("oom-score-adj", &["oomScoreAdj"], Form::Int),
    ("pod-cidr", &["podCIDR"], Form::Text),
    ("pod-manifest-path", &["staticPodPath"], Form::Text),
    ("pod-max-pids", &["podPidsLimit"], Form::Int),
    ("pods-per-core", &["podsPerCore"], Form::Int),
    ("port", &["port"], Form::Int),
    (
        "protect-kernel-defaults",
        &["protectKernelDefaults"],
        Form::Bool,
    ),
    ("provider-id", &["providerID"], Form::Text),
    ("read-only-port", &["readOnlyPort"], Form::Int),
    ("register-node", &["registerNode"], Form::Bool),
    ("registry-burst", &["registryBurst"], Form::Int),
    ("registry-qps", &["registryPullQPS"], Form::Int),
    ("reserved-cpus", &["reservedSystemCPUs"], Form::Text),
    ("resolv-conf", &["resolvConf"], Form::Text),
    ("rotate-certificates", &["rotateCertificates"], Form::Bool),
    (
        "rotate-server-certificates",
        &["serverTLSBootstrap"],
        Form::Bool,
    ),
    (
        "runtime-request-timeout",
        &["runtimeRequestTimeout"],
        Form::Text,
    ),
    ("seccomp-default", &["seccompDefault"], Form::Bool),
    (
        "serialize-image-pulls",
        &["serializeImagePulls"],
        Form::Bool,
    ),
    (
        "streaming-connection-idle-timeout",
        &["streamingConnectionIdleTimeout"],
        Form::Text,
    ),
    ("sync-frequency", &["syncFrequency"], Form::Text),
    ("system-cgroups", &["systemCgroups"], Form::Text),
    ("system-reserved", &["systemReserved"], Form::Pairs),
    (
        "system-reserved-cgroup",
        &["systemReservedCgroup"],
        Form::Text,
    ),
    ("tls-cert-file", &["tlsCertFile"], Form::Text),
    ("tls-cipher-suites", &["tlsCipherSuites"], Form::List),
    ("tls-min-version", &["tlsMinVersion"], Form::Text),
    ("tls-private-key-file", &["tlsPrivateKeyFile"], Form::Text),
    (
        "topology-manager-policy",
        &["topologyManagerPolicy"],
        Form::Text,
    ),
    (
        "topology-manager-scope",
        &["topologyManagerScope"],
        Form::Text,
    ),
    ("volume-plugin-dir", &["volumePluginDir"], Form::Text),
    (
        "volume-stats-agg-period",
        &["volumeStatsAggPeriod"],
        Form::Text,
    ),
];

/// What a drop-in must be, and what the file is.
const KIND: &str = "KubeletConfiguration";

/// How many folders of drop-ins are followed; the kubelet has no bound.
const MAX_FOLDERS: usize = 64;

/// The effective settings of a kubelet with these flags.
///
/// # Errors
/// A file that a flag names and that cannot be read, or that the kubelet would refuse.
pub(crate) fn configuration(flags: &Flags, files: &Files<'_>) -> Result<Settings, SettingsError> {
    let mut settings = match flags.text("config") {
        Some(path) => files.read_yaml(path, Some(KIND))?,
        None => legacy_defaults(),
    };
    if let Some(folder) = flags.text("config-dir") {
        for path in drop_ins(files, folder)? {
            merge(&mut settings, files.read_yaml(&path, Some(KIND))?);
        }
    }
    overlay(&mut settings, flags);
    Ok(settings)
}

/// What counts where no file does: the defaults of the command line from before there was a file, which are laxer than
/// those of the file (`applyLegacyDefaults`).
pub(crate) fn legacy_defaults() -> Settings {
    let mut settings = Map::new();
    let enabled = ["authentication", "anonymous", "enabled"];
    set(&mut settings, &enabled, json!(true));
    let webhook = ["authentication", "webhook", "enabled"];
    set(&mut settings, &webhook, json!(false));
    set(
        &mut settings,
        &["authorization", "mode"],
        json!("AlwaysAllow"),
    );
    set(&mut settings, &["readOnlyPort"], json!(10255));
    settings
}

/// The drop-ins of a folder and of those in it: files that end in `.conf`, in lexical order. Links to files count, links
/// to folders do not.
fn drop_ins(files: &Files<'_>, folder: &str) -> Result<Vec<String>, SettingsError> {
    let mut found = Vec::new();
    let mut folders = 0;
    let mut ahead = vec![folder.trim_end_matches('/').to_owned()];
    while let Some(path) = ahead.pop() {
        if files.is_folder(&path) {
            folders += 1;
            // A stack gives back the last first.
            let names = files.names(&path)?.into_iter().rev();
            ahead.extend(names.map(|name| format!("{path}/{name}")));
        } else if path.ends_with(".conf") {
            found.push(path);
        }
        if folders > MAX_FOLDERS || found.len() > MAX_ENTRIES {
            let reason = "it has too many drop-ins and folders of them".to_owned();
            return Err(SettingsError::Malformed(folder.to_owned(), reason));
        }
    }
    Ok(found)
}

/// Lays the flags over the settings.
pub(crate) fn overlay(settings: &mut Settings, flags: &Flags) {
    for (name, path, form) in FLAGS {
        let Some(text) = flags.get(name) else {
            continue;
        };
        let items = || {
            let all = flags.all(name).iter().flat_map(|value| value.split(','));
            all.map(str::trim).filter(|item| !item.is_empty())
        };
        let pairs = |separator: char, value: fn(&str) -> Value| {
            let pairs = items().filter_map(|item| item.split_once(separator));
            let pairs = pairs.map(|(key, text)| (key.trim().to_owned(), value(text.trim())));
            pairs.collect::<Settings>()
        };
        let value = match form {
            Form::Bool => boolean(text),
            Form::Int => text
                .parse::<i64>()
                .map_or_else(|_| text.into(), Value::from),
            Form::Text => text.into(),
            Form::List => items().map(Value::from).collect(),
            Form::Pairs => pairs('=', text_value).into(),
            Form::Thresholds => pairs('<', text_value).into(),
            Form::Gates => {
                let mut gates = match get(settings, path) {
                    Some(Value::Object(gates)) => gates.clone(),
                    _ => Map::new(),
                };
                gates.extend(pairs('=', boolean));
                gates.into()
            }
        };
        set(settings, path, value);
    }
}

fn text_value(text: &str) -> Value {
    text.into()
}

/// A boolean as the components read one (`strconv.ParseBool`).
fn boolean(text: &str) -> Value {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Value::Bool(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Value::Bool(false),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests;
