//! The kernel: its parameters, and what guards it.

use serde_json::{Map, Value};

use crate::facts::{AppArmor, Kernel, OperatingSystem, SeLinux, Settings, Unread};
use crate::root::Root;

/// Parameters that hardening guides and Kubernetes ask for, by the names of sysctl(8). Those that differ from one namespace
/// to the next, such as `kernel.pid_max`, are left out; those of the network are looked at apart.
const PARAMETERS: &[&str] = &[
    "dev.tty.ldisc_autoload",
    "fs.inotify.max_user_instances",
    "fs.inotify.max_user_watches",
    "fs.protected_fifos",
    "fs.protected_hardlinks",
    "fs.protected_regular",
    "fs.protected_symlinks",
    "fs.suid_dumpable",
    "kernel.core_pattern",
    "kernel.dmesg_restrict",
    "kernel.io_uring_disabled",
    "kernel.keys.root_maxbytes",
    "kernel.keys.root_maxkeys",
    "kernel.kexec_load_disabled",
    "kernel.kptr_restrict",
    "kernel.modules_disabled",
    "kernel.panic",
    "kernel.panic_on_oops",
    "kernel.perf_event_paranoid",
    "kernel.randomize_va_space",
    "kernel.sysrq",
    "kernel.threads-max",
    "kernel.unprivileged_bpf_disabled",
    "kernel.unprivileged_userns_clone",
    "kernel.apparmor_restrict_unprivileged_userns",
    "kernel.yama.ptrace_scope",
    "net.bridge.bridge-nf-call-ip6tables",
    "net.bridge.bridge-nf-call-iptables",
    "net.core.bpf_jit_harden",
    "net.ipv4.conf.all.accept_redirects",
    "net.ipv4.conf.all.accept_source_route",
    "net.ipv4.conf.all.forwarding",
    "net.ipv4.conf.all.log_martians",
    "net.ipv4.conf.all.route_localnet",
    "net.ipv4.conf.all.rp_filter",
    "net.ipv4.conf.all.secure_redirects",
    "net.ipv4.conf.all.send_redirects",
    "net.ipv4.conf.default.accept_redirects",
    "net.ipv4.conf.default.accept_source_route",
    "net.ipv4.conf.default.log_martians",
    "net.ipv4.conf.default.rp_filter",
    "net.ipv4.conf.default.secure_redirects",
    "net.ipv4.conf.default.send_redirects",
    "net.ipv4.icmp_echo_ignore_broadcasts",
    "net.ipv4.icmp_ignore_bogus_error_responses",
    "net.ipv4.ip_forward",
    "net.ipv4.tcp_rfc1337",
    "net.ipv4.tcp_syncookies",
    "net.ipv6.conf.all.accept_ra",
    "net.ipv6.conf.all.accept_redirects",
    "net.ipv6.conf.all.accept_source_route",
    "net.ipv6.conf.all.disable_ipv6",
    "net.ipv6.conf.all.forwarding",
    "net.ipv6.conf.default.accept_ra",
    "net.ipv6.conf.default.accept_redirects",
    "net.ipv6.conf.default.accept_source_route",
    "user.max_user_namespaces",
    "vm.max_map_count",
    "vm.mmap_min_addr",
    "vm.overcommit_memory",
    "vm.panic_on_oom",
    "vm.swappiness",
    "vm.unprivileged_userfaultfd",
];

/// Reads what is known of the kernel.
pub(crate) fn read(root: &Root, unread: &mut Vec<Unread>) -> Option<Kernel> {
    if !root.is_there("/proc/sys/kernel") {
        unread.push(Unread::new("kernel", "there is no /proc/sys"));
        return None;
    }
    let secure_boot = secure_boot(root);
    Some(Kernel {
        parameters: parameters(root, unread),
        security_modules: root
            .read_value("/sys/kernel/security/lsm")
            .map(|text| text.split(',').map(str::to_owned).collect()),
        app_armor: app_armor(root),
        se_linux: se_linux(root),
        lockdown: root
            .read_value("/sys/kernel/security/lockdown")
            .and_then(|text| chosen(&text).map(str::to_owned)),
        secure_boot,
    })
}

/// The parameters that there are.
fn parameters(root: &Root, unread: &mut Vec<Unread>) -> Settings {
    let sees_network = sees_network_of_host(root);
    if !sees_network {
        let reason =
            "net.* are those of the container that the facts were collected in, and left out";
        unread.push(Unread::new("kernel.parameters.net", reason));
    }
    let mut parameters = Map::new();
    for name in PARAMETERS {
        if name.starts_with("net.") && !sees_network {
            continue;
        }
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        if let Some(value) = root.read_value(&path) {
            parameters.insert((*name).to_owned(), Value::from(value.replace('\t', " ")));
        }
    }
    parameters
}

/// Whether the parameters of the network that the kernel shows are those of the host.
///
/// The kernel shows every reader those of its own network, also where it reads the host's `/proc`. Two networks that have
/// the same addresses and routes are one.
fn sees_network_of_host(root: &Root) -> bool {
    let table = |process: &str| root.read(&format!("/proc/{process}/net/fib_trie")).ok();
    match (table("1"), table("self")) {
        (Some(host), Some(own)) => host == own,
        // A folder that is no living /proc has no such link: what is in it is what there is.
        _ => true,
    }
}

/// The one of several words that is in brackets.
fn chosen(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('[')?;
    rest.split_once(']').map(|(word, _)| word)
}

fn app_armor(root: &Root) -> Option<AppArmor> {
    if !root.is_there("/sys/kernel/security") && !root.is_there("/sys/module") {
        return None;
    }
    let enabled = root.read_value("/sys/module/apparmor/parameters/enabled");
    if enabled.as_deref() != Some("Y") {
        return Some(AppArmor {
            enabled: false,
            profiles: None,
            enforcing: None,
        });
    }
    let profiles = root.read_value("/sys/kernel/security/apparmor/profiles");
    let count = |end: &str| {
        let profiles = profiles.as_deref()?;
        Some(profiles.lines().filter(|line| line.ends_with(end)).count())
    };
    Some(AppArmor {
        enabled: true,
        profiles: count(""),
        enforcing: count("(enforce)"),
    })
}

fn se_linux(root: &Root) -> Option<SeLinux> {
    if !root.is_there("/sys/fs") && !root.is_there("/sys/kernel") {
        return None;
    }
    let mode = match root.read_value("/sys/fs/selinux/enforce").as_deref() {
        Some("1") => "enforcing",
        Some(_) => "permissive",
        None => "disabled",
    };
    Some(SeLinux { mode })
}

/// The variable of the firmware that says whether it runs only what is signed: four bytes of attributes, then one.
const SECURE_BOOT: &str =
    "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

fn secure_boot(root: &Root) -> Option<bool> {
    match root.read(SECURE_BOOT) {
        Ok(bytes) => bytes.get(4).map(|byte| *byte == 1),
        // Firmware of the kind before has no such thing.
        Err(error) if error.is_absence() => {
            let is_old = root.is_there("/sys/firmware") && !root.is_there("/sys/firmware/efi");
            is_old.then_some(false)
        }
        Err(_) => None,
    }
}

/// What the node runs.
pub(crate) fn operating_system(root: &Root) -> OperatingSystem {
    let release = root
        .read_value("/etc/os-release")
        .or_else(|| root.read_value("/usr/lib/os-release"));
    let field = |name: &str| {
        let lines = release.as_deref()?.lines();
        let mut values = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        values
            .next()
            .map(|value| value.trim().trim_matches(['"', '\'']).to_owned())
    };
    OperatingSystem {
        id: field("ID"),
        version: field("VERSION_ID"),
        kernel: root.read_value("/proc/sys/kernel/osrelease"),
        architecture: Some(std::env::consts::ARCH.to_owned()),
    }
}
