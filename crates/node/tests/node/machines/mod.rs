//! Machines made of files: folders that stand for the root of a node.

pub(crate) mod kinds;

use std::fmt::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use plimsoll_node::{NodeFacts, Options, Root, collect};
use serde_json::Value;

/// A folder that stands for the root of a node.
pub(crate) struct Machine {
    pub(crate) folder: tempfile::TempDir,
}

impl Machine {
    /// A machine with the files that every Linux has.
    pub(crate) fn new(name: &str) -> Machine {
        let machine = Machine {
            folder: tempfile::tempdir().unwrap(),
        };
        machine.file("etc/hostname", 0o644, format!("{name}\n"));
        let release =
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n";
        machine.file("usr/lib/os-release", 0o644, release);
        machine.link("etc/os-release", "../usr/lib/os-release");
        let passwd =
            "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n";
        machine.file("etc/passwd", 0o644, passwd);
        machine.file("etc/group", 0o644, "root:x:0:\ndaemon:x:1:\n");
        machine.file("etc/shadow", 0o640, "root:$6$x$abcdef:19000:0:99999:7:::\n");
        machine.file("proc/sys/kernel/osrelease", 0o444, "6.1.0-28-amd64\n");
        machine.file("proc/sys/kernel/panic", 0o644, "0\n");
        machine.file(
            "proc/swaps",
            0o444,
            "Filename\tType\tSize\tUsed\tPriority\n",
        );
        machine.process(1, &["/sbin/init"]);
        machine
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file of this mode, and the folders it is in.
    pub(crate) fn file(&self, path: &str, mode: u32, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        // An earlier one may be closed to whoever runs the test.
        let _ = std::fs::remove_file(&path);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    }

    pub(crate) fn directory(&self, path: &str, mode: u32) {
        let path = self.path(path);
        std::fs::create_dir_all(&path).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    }

    pub(crate) fn link(&self, path: &str, target: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    /// A process of the host with this command line.
    pub(crate) fn process(&self, id: u32, command: &[&str]) {
        let mut line = command.join("\0");
        line.push('\0');
        self.file(&format!("proc/{id}/cmdline"), 0o444, line);
        let name = command[0].rsplit('/').next().unwrap();
        let name: String = name.chars().take(15).collect();
        self.file(&format!("proc/{id}/comm"), 0o444, format!("{name}\n"));
        self.file(&format!("proc/{id}/cgroup"), 0o444, "0::/system.slice\n");
        self.mounts(id, &[("8:1", "/", "/", "ext4", "/dev/sda1")]);
    }

    /// A process in a container of a Pod. Its root is an overlay; these folders of the host are mounted in it.
    pub(crate) fn container(&self, id: u32, command: &[&str], mounts: &[(&str, &str)]) {
        self.process(id, command);
        let group = "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope\n";
        self.file(&format!("proc/{id}/cgroup"), 0o444, group);
        let mut table = vec![("0:90", "/", "/", "overlay", "overlay")];
        table.extend(
            mounts
                .iter()
                .map(|(host, own)| ("8:1", *host, *own, "ext4", "/dev/sda1")),
        );
        self.mounts(id, &table);
    }

    /// The mounts of a process: device, root, point, kind and source.
    pub(crate) fn mounts(&self, id: u32, mounts: &[(&str, &str, &str, &str, &str)]) {
        let mut text = String::new();
        for (number, (device, root, point, kind, source)) in mounts.iter().enumerate() {
            writeln!(
                text,
                "{number} 0 {device} {root} {point} rw,relatime shared:1 - {kind} {source} rw"
            )
            .unwrap();
        }
        self.file(&format!("proc/{id}/mountinfo"), 0o444, text);
    }

    pub(crate) fn root(&self) -> Root {
        Root::open(self.folder.path()).unwrap()
    }

    pub(crate) fn facts(&self) -> NodeFacts {
        let options = Options {
            name: None,
            collected_at: "2026-11-26T05:00:00Z".to_owned(),
            version: "0.1.0".to_owned(),
        };
        collect(&self.root(), &options)
    }

    /// The facts as they are written, with what differs from one tester to the next made the same: files belong to
    /// whoever runs the test, and here to root.
    pub(crate) fn value(&self) -> Value {
        let mut value = serde_json::to_value(self.facts()).unwrap();
        let spec = value["spec"].as_object_mut().unwrap();
        spec["collectedBy"]["uid"] = 0.into();
        spec["operatingSystem"]["architecture"] = "x86_64".into();
        for file in spec["files"].as_array_mut().unwrap() {
            let file = file.as_object_mut().unwrap();
            if file.contains_key("uid") {
                // The names are not known of everybody: all four go, and come back in their place.
                let known = ["role", "path", "type", "mode"];
                let (first, rest): (Vec<_>, Vec<_>) = std::mem::take(file)
                    .into_iter()
                    .filter(|(key, _)| !["uid", "owner", "gid", "group"].contains(&key.as_str()))
                    .partition(|(key, _)| known.contains(&key.as_str()));
                file.extend(first);
                file.insert("uid".to_owned(), 0.into());
                file.insert("owner".to_owned(), "root".into());
                file.insert("gid".to_owned(), 0.into());
                file.insert("group".to_owned(), "root".into());
                file.extend(rest);
            }
        }
        value
    }

    /// The facts in YAML.
    pub(crate) fn shown(&self) -> String {
        plimsoll_node::to_yaml(&self.value())
    }
}

/// A component of facts.
pub(crate) fn component<'v>(facts: &'v Value, name: &str) -> &'v Value {
    let components = facts["spec"]["components"].as_array().unwrap();
    let found = components
        .iter()
        .find(|component| component["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {components:#?}"))
}

/// The files of a role, by path.
pub(crate) fn paths<'v>(facts: &'v Value, role: &str) -> Vec<&'v str> {
    let files = facts["spec"]["files"].as_array().unwrap();
    let of_role = files
        .iter()
        .filter(|file| file["role"] == role && file.get("missing").is_none());
    of_role.map(|file| file["path"].as_str().unwrap()).collect()
}

/// Why parts of the facts were not read.
pub(crate) fn unread(facts: &Value) -> String {
    let unread = facts["spec"].get("unread").and_then(Value::as_array);
    let text = |part: &Value, key: &str| part[key].as_str().unwrap().to_owned();
    let parts = unread.map_or(&[][..], Vec::as_slice).iter();
    let lines: Vec<String> = parts
        .map(|part| format!("{}: {}", text(part, "part"), text(part, "reason")))
        .collect();
    lines.join("\n")
}
