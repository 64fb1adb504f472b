//! Which file has which role, from the flags and settings of the components first, then from the defaults of kubeadm and
//! of well-known distributions.

use super::{Listing, MAX_DEPTH};
use crate::component::{Running, manifest_folders, runtime, static_pod};
use crate::names::users;
use crate::settings::get_text;

/// Manifests of the control plane: component, role, kubeadm's name of the file.
const MANIFESTS: [(&str, &str); 4] = [
    ("kube-apiserver", "kube-apiserver-manifest"),
    (
        "kube-controller-manager",
        "kube-controller-manager-manifest",
    ),
    ("kube-scheduler", "kube-scheduler-manifest"),
    ("etcd", "etcd-manifest"),
];

/// Folders with the keys and certificates of a control plane.
const PKI: [&str; 5] = [
    "/etc/kubernetes/pki",
    "/etc/kubernetes/ssl",
    "/var/lib/minikube/certs",
    "/var/lib/rancher/k3s/server/tls",
    "/var/lib/rancher/rke2/server/tls",
];

/// Flags of control plane components that name a certificate, and those that name a key.
const CERTIFICATE_FLAGS: [&str; 14] = [
    "client-ca-file",
    "cert-file",
    "cluster-signing-cert-file",
    "etcd-cafile",
    "etcd-certfile",
    "kubelet-certificate-authority",
    "kubelet-client-certificate",
    "peer-cert-file",
    "peer-trusted-ca-file",
    "proxy-client-cert-file",
    "requestheader-client-ca-file",
    "root-ca-file",
    "tls-cert-file",
    "trusted-ca-file",
];
const KEY_FLAGS: [&str; 10] = [
    "cluster-signing-key-file",
    "etcd-keyfile",
    "key-file",
    "kubelet-client-key",
    "peer-key-file",
    "proxy-client-key-file",
    "service-account-key-file",
    "service-account-private-key-file",
    "service-account-signing-key-file",
    "tls-private-key-file",
];

/// Whether a name is that of a certificate or of a key; public keys are neither secret nor certificates.
fn pki_role(name: &str) -> Option<&'static str> {
    if name.ends_with(".crt") || name.ends_with(".cert") {
        Some("pki-certificate")
    } else if name.ends_with(".key") || name.ends_with("-key.pem") {
        Some("pki-key")
    } else if name.ends_with(".pem") {
        Some("pki-certificate")
    } else {
        None
    }
}

/// The same for the folder of the kubelet, whose `.pem` files hold a key beside the certificate.
fn kubelet_pki_role(name: &str) -> Option<&'static str> {
    if name.ends_with(".crt") {
        Some("kubelet-certificate")
    } else if name.ends_with(".key") || name.ends_with(".pem") {
        Some("kubelet-key")
    } else {
        None
    }
}

fn named<'c, 'm>(
    components: &'c [Running<'m>],
    name: &str,
) -> impl Iterator<Item = &'c Running<'m>> {
    components
        .iter()
        .filter(move |running| running.component.name == name)
}

/// The paths on the host that a flag of a component names.
fn flag_paths(running: &Running<'_>, flag: &str) -> Vec<String> {
    let values = running.flags.all(flag).iter();
    let paths = values.flat_map(|value| value.split(','));
    paths
        .filter_map(|path| running.files.on_host(path))
        .collect()
}

pub(super) fn control_plane(listing: &mut Listing<'_>, components: &[Running<'_>]) {
    let folders = manifest_folders(components);
    let mut manifests = Vec::new();
    for folder in &folders {
        listing.if_there("static-pod-directory", folder);
        // What cannot be read there is told where the components are looked for.
        manifests.extend(
            static_pod::read(listing.root, folder).map_or(Vec::new(), |read| read.components),
        );
    }
    for (component, role) in MANIFESTS {
        let mut paths = manifests
            .iter()
            .filter(|pod| pod.component == component)
            .map(|pod| pod.path.as_str())
            .peekable();
        if paths.peek().is_none() {
            listing.always(role, &format!("/etc/kubernetes/manifests/{component}.yaml"));
        }
        for path in paths {
            listing.always(role, path);
        }
    }
    for (component, role, default, others) in [
        (
            "kube-scheduler",
            "scheduler-kubeconfig",
            "/etc/kubernetes/scheduler.conf",
            [
                "/var/lib/rancher/k3s/server/cred/scheduler.kubeconfig",
                "/var/lib/rancher/rke2/server/cred/scheduler.kubeconfig",
            ],
        ),
        (
            "kube-controller-manager",
            "controller-manager-kubeconfig",
            "/etc/kubernetes/controller-manager.conf",
            [
                "/var/lib/rancher/k3s/server/cred/controller.kubeconfig",
                "/var/lib/rancher/rke2/server/cred/controller.kubeconfig",
            ],
        ),
    ] {
        let found: Vec<String> = named(components, component)
            .flat_map(|running| flag_paths(running, "kubeconfig"))
            .collect();
        if found.is_empty() {
            listing.always(role, default);
        }
        for path in found.iter().map(String::as_str).chain(others) {
            listing.if_there(role, path);
        }
    }
    listing.always("admin-kubeconfig", "/etc/kubernetes/admin.conf");
    for path in [
        "/etc/kubernetes/super-admin.conf",
        "/etc/rancher/k3s/k3s.yaml",
        "/etc/rancher/rke2/rke2.yaml",
        "/var/lib/k0s/pki/admin.conf",
    ] {
        listing.if_there("admin-kubeconfig", path);
    }
    etcd(listing, components);
    listing.always("pki-directory", PKI[0]);
    for folder in PKI {
        listing.if_there("pki-directory", folder);
        listing.folder(folder, MAX_DEPTH, &pki_role);
    }
    for (component, _) in MANIFESTS {
        for running in named(components, component) {
            let by_flags = [
                ("pki-certificate", &CERTIFICATE_FLAGS[..]),
                ("pki-key", &KEY_FLAGS),
            ];
            for (role, flags) in by_flags {
                for path in flags.iter().flat_map(|flag| flag_paths(running, flag)) {
                    // A public key may stand where a key does: kubeadm's sa.pub.
                    if !path.ends_with(".pub") {
                        listing.always(role, &path);
                    }
                }
            }
        }
    }
    for running in named(components, "kube-apiserver") {
        for (flag, role) in [
            ("audit-log-path", "audit-log"),
            ("audit-policy-file", "audit-policy"),
            ("encryption-provider-config", "encryption-configuration"),
        ] {
            for path in flag_paths(running, flag) {
                listing.always(role, &path);
            }
        }
    }
    for component in ["kube-apiserver", "kube-controller-manager", "kubelet"] {
        for running in named(components, component) {
            for path in flag_paths(running, "cloud-config") {
                listing.always("cloud-credential", &path);
            }
        }
    }
}

fn etcd(listing: &mut Listing<'_>, components: &[Running<'_>]) {
    let mut found = Vec::new();
    for running in named(components, "etcd") {
        let settings = running.component.configuration.as_ref();
        let from_file = settings.and_then(|settings| get_text(settings, &["data-dir"]));
        found.extend(from_file.and_then(|path| running.files.on_host(path)));
        if settings.is_none() {
            found.extend(flag_paths(running, "data-dir"));
        }
    }
    if found.is_empty() {
        found.push("/var/lib/etcd".to_owned());
    }
    for path in found {
        listing.always("etcd-data", &path);
    }
    for path in [
        "/var/lib/rancher/k3s/server/db/etcd",
        "/var/lib/rancher/rke2/server/db/etcd",
    ] {
        listing.if_there("etcd-data", path);
    }
}

pub(super) fn kubelet(listing: &mut Listing<'_>, components: &[Running<'_>]) {
    for folder in [
        "/etc/systemd/system",
        "/run/systemd/system",
        "/usr/lib/systemd/system",
        "/lib/systemd/system",
    ] {
        // Where /lib is a link to /usr/lib the units are there once.
        if folder == "/lib/systemd/system" && listing.root.link("/lib").is_ok() {
            continue;
        }
        for unit in [
            "kubelet",
            "k3s",
            "k3s-agent",
            "rke2-server",
            "rke2-agent",
            "k0scontroller",
            "k0sworker",
        ] {
            listing.if_there("kubelet-service", &format!("{folder}/{unit}.service"));
            let drop_ins = format!("{folder}/{unit}.service.d");
            listing.folder(&drop_ins, 0, &|name| {
                name.ends_with(".conf").then_some("kubelet-service")
            });
        }
    }
    let mut found = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    let [kubeconfigs, configurations, authorities, folders] = &mut found;
    for running in named(components, "kubelet") {
        kubeconfigs.extend(flag_paths(running, "kubeconfig"));
        configurations.extend(flag_paths(running, "config"));
        folders.extend(flag_paths(running, "cert-dir"));
        for folder in flag_paths(running, "config-dir") {
            listing.folder(&folder, MAX_DEPTH, &|name| {
                name.ends_with(".conf").then_some("kubelet-configuration")
            });
        }
        if let Some(settings) = &running.component.configuration {
            let path = ["authentication", "x509", "clientCAFile"];
            let path = get_text(settings, &path);
            authorities.extend(path.and_then(|path| running.files.on_host(path)));
            for (key, role) in [
                ("tlsCertFile", "kubelet-certificate"),
                ("tlsPrivateKeyFile", "kubelet-key"),
            ] {
                if let Some(path) =
                    get_text(settings, &[key]).and_then(|path| running.files.on_host(path))
                {
                    listing.always(role, &path);
                }
            }
        }
    }
    for (role, found, default) in [
        (
            "kubelet-kubeconfig",
            kubeconfigs,
            "/etc/kubernetes/kubelet.conf",
        ),
        (
            "kubelet-configuration",
            configurations,
            "/var/lib/kubelet/config.yaml",
        ),
        (
            "kubelet-client-ca",
            authorities,
            "/etc/kubernetes/pki/ca.crt",
        ),
    ] {
        if found.is_empty() {
            found.push(default.to_owned());
        }
        for path in found.iter() {
            listing.always(role, path);
        }
    }
    for path in [
        "/var/lib/rancher/k3s/agent/kubelet.kubeconfig",
        "/var/lib/rancher/rke2/agent/kubelet.kubeconfig",
    ] {
        listing.if_there("kubelet-kubeconfig", path);
    }
    for path in [
        "/var/lib/rancher/k3s/agent/client-ca.crt",
        "/var/lib/rancher/rke2/agent/client-ca.crt",
    ] {
        listing.if_there("kubelet-client-ca", path);
    }
    for folder in [
        "/var/lib/rancher/k3s/agent/etc/kubelet.conf.d",
        "/var/lib/rancher/rke2/agent/etc/kubelet.conf.d",
    ] {
        listing.folder(folder, 0, &|name| {
            name.ends_with(".conf").then_some("kubelet-configuration")
        });
    }
    folders.push("/var/lib/kubelet/pki".to_owned());
    for folder in folders.iter() {
        listing.folder(folder, 0, &kubelet_pki_role);
    }
}

pub(super) fn kube_proxy(listing: &mut Listing<'_>, components: &[Running<'_>]) {
    for running in named(components, "kube-proxy") {
        let settings = running.component.configuration.as_ref();
        let path =
            settings.and_then(|settings| get_text(settings, &["clientConnection", "kubeconfig"]));
        if let Some(path) = path.and_then(|path| running.files.on_host(path)) {
            listing.always("kube-proxy-kubeconfig", &path);
        }
    }
    for path in [
        "/etc/kubernetes/kube-proxy.conf",
        "/etc/kubernetes/kube-proxy.kubeconfig",
        "/etc/kubernetes/proxy.conf",
        "/var/lib/kube-proxy/kubeconfig",
        "/var/lib/kube-proxy/kubeconfig.conf",
        "/var/lib/rancher/k3s/agent/kubeproxy.kubeconfig",
        "/var/lib/rancher/rke2/agent/kubeproxy.kubeconfig",
    ] {
        listing.if_there("kube-proxy-kubeconfig", path);
    }
}

pub(super) fn runtime(listing: &mut Listing<'_>, components: &[Running<'_>]) {
    let mut networks = vec![
        "/etc/cni/net.d".to_owned(),
        "/var/lib/rancher/k3s/agent/etc/cni/net.d".to_owned(),
    ];
    for running in components {
        let Some(settings) = &running.component.configuration else {
            continue;
        };
        let folders = runtime::network_folders(settings);
        networks.extend(
            folders
                .iter()
                .filter_map(|folder| running.files.on_host(folder)),
        );
        let endpoint = get_text(settings, &["containerRuntimeEndpoint"]);
        let socket = endpoint.and_then(|endpoint| endpoint.strip_prefix("unix://"));
        if let Some(socket) = socket {
            listing.always("runtime-socket", socket);
        }
        let address = get_text(settings, &["grpc", "address"]);
        if let Some(address) = address.filter(|address| address.starts_with('/')) {
            listing.if_there("runtime-socket", address);
        }
    }
    for running in named(components, "kubelet") {
        networks.extend(flag_paths(running, "cni-conf-dir"));
    }
    for folder in networks {
        // Whatever lies there: some plugins keep a kubeconfig beside their configuration.
        listing.folder(&folder, 0, &|name| {
            (!name.starts_with('.')).then_some("cni-configuration")
        });
    }
    for path in [
        "/run/containerd/containerd.sock",
        "/run/crio/crio.sock",
        "/run/docker.sock",
        "/run/cri-dockerd.sock",
        "/run/k3s/containerd/containerd.sock",
    ] {
        listing.if_there("runtime-socket", path);
    }
    for running in components {
        let flags: &[&str] = match running.component.name.as_str() {
            "containerd" | "cri-o" => &["config", "c"],
            "dockerd" => &["config-file"],
            _ => continue,
        };
        for path in flags.iter().flat_map(|flag| flag_paths(running, flag)) {
            listing.always("runtime-configuration", &path);
        }
    }
    for path in [
        "/etc/containerd/config.toml",
        "/etc/crio/crio.conf",
        "/etc/docker/daemon.json",
        "/var/lib/rancher/k3s/agent/etc/containerd/config.toml",
        "/var/lib/rancher/rke2/agent/etc/containerd/config.toml",
    ] {
        listing.if_there("runtime-configuration", path);
    }
    for folder in ["/etc/crio/crio.conf.d", "/etc/containerd/conf.d"] {
        listing.folder(folder, 0, &|_| Some("runtime-configuration"));
    }
}

pub(super) fn host(listing: &mut Listing<'_>) {
    for path in [
        "/etc/chrony.conf",
        "/etc/chrony/chrony.conf",
        "/etc/ntp.conf",
        "/etc/ntpsec/ntp.conf",
        "/etc/systemd/timesyncd.conf",
    ] {
        listing.if_there("time-configuration", path);
    }
    for folder in [
        "/etc/chrony.d",
        "/etc/chrony/conf.d",
        "/etc/chrony/sources.d",
        "/etc/systemd/timesyncd.conf.d",
    ] {
        listing.folder(folder, 0, &|_| Some("time-configuration"));
    }
    for path in [
        "/etc/kubernetes/azure.json",
        "/etc/kubernetes/cloud-config",
        "/etc/kubernetes/cloud.conf",
        "/etc/gce.conf",
    ] {
        listing.if_there("cloud-credential", path);
    }
    listing.if_there("ssh-configuration", "/etc/ssh/sshd_config");
    listing.folder("/etc/ssh/sshd_config.d", 0, &|_| Some("ssh-configuration"));
    listing.if_there("sysctl-configuration", "/etc/sysctl.conf");
    for folder in ["/etc/sysctl.d", "/run/sysctl.d", "/usr/lib/sysctl.d"] {
        listing.folder(folder, 0, &|name| {
            name.ends_with(".conf").then_some("sysctl-configuration")
        });
    }
    for user in users(listing.root) {
        // Homes that hold nothing: of accounts of services.
        if !user.home.starts_with('/')
            || matches!(user.home.as_str(), "/" | "/nonexistent" | "/dev/null")
        {
            continue;
        }
        listing.if_there("user-kubeconfig", &format!("{}/.kube/config", user.home));
        for name in [
            ".aws/credentials",
            ".azure/msal_token_cache.json",
            ".config/gcloud/application_default_credentials.json",
        ] {
            listing.if_there("cloud-credential", &format!("{}/{name}", user.home));
        }
    }
}
