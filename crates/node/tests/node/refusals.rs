//! Machines that lie, break and hide: nothing is followed out of the root, nothing waits, and what is not read is told.

use std::os::unix::ffi::OsStrExt;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::machines::kinds::{hardened_control_plane, worker};
use crate::machines::{Machine, component, unread};
use plimsoll_node::{FileType, MAX_BYTES, MAX_ENTRIES, ReadError, Root};

fn pipe(machine: &Machine, path: &str) {
    let path = machine.path(path);
    let _ = std::fs::remove_file(&path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
}

/// Garbage in each file, links that lead nowhere, pipes, and bytes that are no text.
fn broken() -> Machine {
    let machine = hardened_control_plane();
    for path in [
        "var/lib/kubelet/config.yaml",
        "etc/kubernetes/audit/policy.yaml",
        "etc/kubernetes/manifests/kube-apiserver.yaml",
        "etc/containerd/config.toml",
        "etc/ssh/sshd_config",
        "etc/passwd",
        "etc/group",
        "etc/kubernetes/pki/ca.crt",
        "proc/1/mountinfo",
        "proc/swaps",
        "proc/1/net/tcp",
        "sys/kernel/security/lockdown",
    ] {
        machine.file(path, 0o644, b"\xff\xfe: [}{ \0\x01 : : \n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----");
    }
    for (path, target) in [
        ("etc/kubernetes/manifests/dangling.yaml", "/nowhere"),
        ("etc/kubernetes/manifests/loop.yaml", "loop.yaml"),
        ("etc/kubernetes/pki/round", "../pki"),
        ("etc/cni/net.d/loop", "/etc/cni/net.d/loop"),
    ] {
        machine.link(path, target);
    }
    for path in [
        "etc/kubernetes/enc.yaml",
        "etc/kubernetes/manifests/pipe.yaml",
        "etc/kubernetes/pki/pipe.crt",
        "proc/1003/cmdline",
        "etc/shadow",
    ] {
        pipe(&machine, path);
    }
    machine.file(
        "proc/700/cmdline",
        0o444,
        b"/usr/bin/kubelet\0--config=/var/lib/kubelet/config.yaml\0--\xff\xfe=\xc3\x28\0",
    );
    machine.file(
        "etc/kubernetes/admission.yaml",
        0o600,
        vec![b'#'; MAX_BYTES + 1],
    );
    let odd = machine
        .path("etc/kubernetes/manifests")
        .join(std::ffi::OsStr::from_bytes(b"\xff.yaml"));
    std::fs::write(odd, "a: b").unwrap();
    machine
}

#[test]
fn a_broken_machine() {
    let machine = broken();
    let start = Instant::now();
    insta::assert_snapshot!(machine.shown());
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "it waited for something"
    );
}

/// Folders where files are expected, and files where folders are.
#[test]
fn a_machine_upside_down() {
    let machine = Machine::new("odd");
    for path in [
        "var/lib/kubelet/config.yaml",
        "etc/containerd/config.toml",
        "etc/ssh/sshd_config",
        "etc/kubernetes/admin.conf",
    ] {
        machine.directory(path, 0o755);
    }
    for path in [
        "etc/kubernetes/manifests",
        "etc/kubernetes/pki",
        "etc/cni/net.d",
        "var/lib/etcd",
    ] {
        machine.file(path, 0o644, "");
    }
    machine.process(700, &["kubelet", "--config=/var/lib/kubelet/config.yaml"]);
    machine.process(500, &["containerd"]);
    insta::assert_snapshot!(machine.shown());
}

#[test]
fn an_empty_folder_is_no_machine() {
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine { folder };
    let facts = machine.value();
    assert_eq!(facts["metadata"]["name"], "unknown");
    assert_eq!(facts["spec"]["components"], serde_json::json!([]));
    for part in [
        "processes",
        "kernel",
        "swap",
        "listening",
        "timeSynchronisation",
        "hostAudit",
        "integrityMonitoring",
        "accounts",
        "storage",
        "pendingUpdates",
    ] {
        assert!(unread(&facts).contains(&format!("{part}: ")), "{part}");
    }
}

/// Modes hold for all but root, who runs the tests of many machines; then there is nothing to see.
#[test]
fn what_may_not_be_read_is_told() {
    let machine = worker();
    for path in ["var/lib/kubelet/config.yaml", "etc/passwd"] {
        machine.file(path, 0o000, "secret");
    }
    machine.directory("etc/cni/net.d", 0o000);
    if std::fs::read(machine.path("etc/passwd")).is_ok() {
        eprintln!("skipped: root may read everything");
        return;
    }
    let facts = machine.value();
    let kubelet = component(&facts, "kubelet");
    let reason = "/var/lib/kubelet/config.yaml: permission denied";
    assert_eq!(kubelet["unreadParts"][0]["reason"], reason);
    assert_eq!(kubelet.get("configuration"), None);
    assert!(unread(&facts).contains("accounts: /etc/passwd: permission denied"));
    assert!(unread(&facts).contains("folder: /etc/cni/net.d: permission denied"));
    machine.directory("etc/cni/net.d", 0o755);
}

/// The facts name nothing outside of the root, wherever links point.
#[test]
fn links_stay_inside() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "outside").unwrap();
    let machine = Machine::new("inside");
    machine.file("inside/file", 0o644, "inside");
    let up = format!(
        "{}{}",
        "../".repeat(40),
        outside.path().join("secret").display()
    );
    let away = outside.path().display().to_string();
    for (path, target) in [
        ("absolute", "/inside/file"),
        ("up", "../../../../inside/file"),
        ("folder", "/inside"),
        ("away/out", away.as_str()),
        ("away/secret", up.as_str()),
        ("a/loop", "../b/loop"),
        ("b/loop", "../a/loop"),
        ("trailing", "/inside/"),
    ] {
        machine.link(path, target);
    }
    let root = machine.root();
    for path in [
        "/absolute",
        "/up",
        "/folder/file",
        "/folder/../inside/./file",
        "/trailing/file",
        "//inside//file",
    ] {
        assert_eq!(root.read_text(path).unwrap(), "inside", "{path}");
    }
    for path in [
        "/away/out/secret",
        "/away/secret",
        "/inside/file/x",
        "/../../../../etc/hostname/x",
    ] {
        assert!(
            matches!(root.read(path), Err(ReadError::NotFound)),
            "{path}"
        );
    }
    assert!(matches!(root.read("/a/loop"), Err(ReadError::Links)));
    assert!(
        root.read_text("/../../etc/hostname")
            .unwrap()
            .starts_with("inside")
    );
}

#[test]
fn only_files_are_opened_and_only_so_much_of_them() {
    let machine = Machine::new("bounds");
    let root = machine.root();
    pipe(&machine, "pipe");
    assert!(matches!(
        root.read("/pipe"),
        Err(ReadError::OtherType {
            found: FileType::Other,
            ..
        })
    ));
    assert!(matches!(
        root.read("/etc"),
        Err(ReadError::OtherType {
            found: FileType::Directory,
            ..
        })
    ));
    assert!(matches!(
        root.list("/etc/passwd", 9),
        Err(ReadError::OtherType {
            found: FileType::File,
            ..
        })
    ));
    machine.file("huge", 0o644, vec![b' '; MAX_BYTES + 1]);
    assert!(matches!(root.read("/huge"), Err(ReadError::TooLarge)));
    machine.file("fits", 0o644, vec![b' '; MAX_BYTES]);
    assert_eq!(root.read("/fits").unwrap().len(), MAX_BYTES);
    // The device files of the machine that the tests run on.
    let own = Root::open(std::path::Path::new("/")).unwrap();
    assert!(matches!(
        own.read("/dev/zero"),
        Err(ReadError::OtherType {
            found: FileType::Other,
            ..
        })
    ));
}

#[test]
fn a_folder_with_too_much_in_it() {
    let machine = worker();
    for number in 0..=MAX_ENTRIES {
        machine.file(&format!("etc/cni/net.d/{number}"), 0o600, "");
    }
    let facts = machine.value();
    let told = format!("/etc/cni/net.d has more than {MAX_ENTRIES} entries");
    assert!(unread(&facts).contains(&told), "{}", unread(&facts));
}
