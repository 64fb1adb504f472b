//! `plimsoll node`: what it writes, and that it does nothing else.
#![cfg(target_os = "linux")]
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it did"
)]

use std::path::Path;
use std::process::{Command, Output};

fn plimsoll(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with a kubelet, its configuration, and a certificate of it.
fn machine() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let kubelet = "kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\nreadOnlyPort: 10255\n";
    for (path, text) in [
        ("etc/hostname", "Node-1\n"),
        ("etc/passwd", "root:x:0:0::/root:/bin/sh\n"),
        ("etc/kubelet.yaml", kubelet),
        ("proc/1/cmdline", "/sbin/init\0"),
        (
            "proc/7/cmdline",
            "kubelet\0--config=/etc/kubelet.yaml\0--token=hunter2\0",
        ),
        ("proc/sys/kernel/panic", "10\n"),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn one_line_of_json() {
    let machine = machine();
    let root = machine.path().to_str().unwrap();
    let output = plimsoll(&["node", "--root", root, "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let written = text(&output.stdout);
    assert_eq!(written.lines().count(), 1);
    assert!(!written.contains("hunter2"));
    let facts: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert_eq!(facts["metadata"]["name"], "node-1");
    let kubelet = &facts["spec"]["components"][0];
    assert_eq!(kubelet["configuration"]["readOnlyPort"], 10255);
    assert_eq!(facts["spec"]["kernel"]["parameters"]["kernel.panic"], "10");
    // What is missing is said where people see it, too.
    assert!(text(&output.stderr).contains("not read: storage: "));
}

#[test]
fn a_name_and_a_file_that_only_its_owner_reads() {
    use std::os::unix::fs::PermissionsExt;
    let machine = machine();
    let root = machine.path().to_str().unwrap();
    let file = machine.path().join("facts.yaml");
    let output = plimsoll(&[
        "node",
        "--root",
        root,
        "--name",
        "other",
        "--output",
        file.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty());
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.starts_with(
        "apiVersion: node.plimsoll.dev/v1\nkind: NodeFacts\nmetadata:\n  name: other\n"
    ));
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_cannot_be_done_is_said() {
    let output = plimsoll(&["node", "--root", "/nowhere"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        text(&output.stderr),
        "error: /nowhere cannot be read: there is no such file\n"
    );
    let machine = machine();
    let root = machine.path().to_str().unwrap();
    let output = plimsoll(&["node", "--root", root, "--output", "/nowhere/facts"]);
    assert_eq!(output.status.code(), Some(3));
    for wrong in [
        &["node", "--job", "n"][..],
        &["node", "--manifest", "--stay"],
        &["node", "--manifest", "--namespace", "A b"],
    ] {
        assert_eq!(plimsoll(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

/// The Pod of a DaemonSet must not end.
#[test]
fn it_stays_once_it_has_written() {
    use std::io::BufRead;
    let machine = machine();
    let root = machine.path().to_str().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["node", "--root", root, "--format=json", "--stay"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    std::io::BufReader::new(stdout)
        .read_line(&mut line)
        .unwrap();
    assert!(line.ends_with("}\n"));
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none(), "it ended");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The manifest asks for no more than it says: judged by the product's own controls.
#[test]
fn the_manifest_has_only_the_rights_that_it_explains() {
    for form in [&[][..], &["--job", "node-1.example.com"]] {
        let mut arguments = vec![
            "node",
            "--manifest",
            "--image",
            "registry.example.com/plimsoll:1",
        ];
        arguments.extend(form);
        let manifest = plimsoll(&arguments);
        assert_eq!(manifest.status.code(), Some(0));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("node.yaml");
        std::fs::write(&file, &manifest.stdout).unwrap();
        let scan = plimsoll(&["scan", file.to_str().unwrap(), "-o", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&scan.stdout).unwrap();
        let controls = report["controls"].as_array().unwrap();
        let mut severe: Vec<&str> = controls
            .iter()
            .filter(|control| control["status"] == "failed")
            .filter(|control| matches!(control["severity"].as_str(), Some("critical" | "high")))
            .map(|control| control["name"].as_str().unwrap())
            .collect();
        severe.sort_unstable();
        let expected = [
            // hostPath / and DAC_READ_SEARCH, held by root, and the level that admits them.
            "added-capability",
            "privileged-level-enforced",
            "root-equivalent-capability",
            "runs-as-uid-0",
            "sensitive-host-directory",
        ];
        assert_eq!(severe, expected, "{form:?}");
    }
}

/// The system calls of a run: nothing is written but the output, no socket is made and no program is run.
#[test]
fn it_only_reads() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: there is no strace");
        return;
    }
    let machine = machine();
    let folder = tempfile::tempdir().unwrap();
    let (trace, facts) = (folder.path().join("trace"), folder.path().join("facts"));
    for root in [machine.path(), Path::new("/")] {
        let status = Command::new("strace")
            .args(["-f", "-qq", "-e", "trace=file,network,process,desc", "-o"])
            .arg(&trace)
            .arg(env!("CARGO_BIN_EXE_plimsoll"))
            .args(["node", "--root"])
            .arg(root)
            .arg("--output")
            .arg(&facts)
            .output()
            .unwrap();
        if !status.status.success() {
            eprintln!("skipped: strace may not trace: {}", text(&status.stderr));
            return;
        }
        let trace = std::fs::read_to_string(&trace).unwrap();
        let own = facts.to_str().unwrap();
        let mut programs = 0;
        let mut opened = 0;
        for line in trace.lines() {
            let call = line
                .split_once(' ')
                .map_or(line, |(_, call)| call.trim_start());
            let name = call.split('(').next().unwrap();
            opened += usize::from(name == "openat");
            match name {
                "execve" | "execveat" => programs += 1,
                "openat" | "open" | "openat2" | "creat" => {
                    let writes = [
                        "O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND", "creat(",
                    ];
                    let is_written = writes.iter().any(|flag| call.contains(flag));
                    assert!(!is_written || call.contains(own), "{line}");
                    // Below the root nothing waits: files are opened so, all else only named.
                    let is_below = !call.starts_with("openat(AT_FDCWD");
                    let waits = !["O_NONBLOCK", "O_PATH"]
                        .iter()
                        .any(|flag| call.contains(flag));
                    assert!(!(is_below && waits), "{line}");
                }
                "socket" | "connect" | "bind" | "sendto" | "sendmsg" | "socketpair" => {
                    panic!("{line}")
                }
                "unlink" | "unlinkat" | "rename" | "renameat" | "renameat2" | "mkdir"
                | "mkdirat" | "link" | "linkat" | "symlink" | "symlinkat" | "chmod" | "fchmod"
                | "fchmodat" | "chown" | "fchown" | "fchownat" | "truncate" | "ftruncate"
                | "mknod" | "mknodat" | "mount" | "utimensat" | "setxattr" => panic!("{line}"),
                "kill" | "tgkill" | "ptrace" | "fork" | "vfork" => panic!("{line}"),
                _ => {}
            }
        }
        assert_eq!(programs, 1, "only itself is run");
        assert!(opened > 20, "the trace holds what was done:\n{trace}");
    }
}
