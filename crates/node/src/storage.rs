//! Swap, and the devices below the folders that hold data.

use crate::facts::{PendingUpdates, Storage, Swap, Unread};
use crate::machine::Machine;
use crate::process::{Mount, mount_of};
use crate::root::Root;

/// Folders that hold data of the cluster.
const FOLDERS: [&str; 4] = [
    "/",
    "/var/lib/containerd",
    "/var/lib/etcd",
    "/var/lib/kubelet",
];

/// How deep devices may lie on each other: encryption on a volume on an array on partitions.
const MAX_LAYERS: usize = 8;

/// Swap in use: `/dev/sda2 partition 1048576 0 -2` below a line of titles.
pub(crate) fn swap(root: &Root, unread: &mut Vec<Unread>) -> Option<Vec<Swap>> {
    let text = match root.read_text("/proc/swaps") {
        Ok(text) => text,
        // A kernel that can swap nothing has no such file, but has a /proc.
        Err(error) if error.is_absence() && root.is_there("/proc/sys") => return Some(Vec::new()),
        Err(error) => {
            unread.push(Unread::new("swap", format!("/proc/swaps: {error}")));
            return None;
        }
    };
    let swap = |line: &str| {
        let mut fields = line.split_ascii_whitespace();
        Some(Swap {
            device: fields.next()?.to_owned(),
            swap_type: fields.next()?.to_owned(),
            kilobytes: fields.next()?.parse().ok()?,
        })
    };
    Some(text.lines().skip(1).filter_map(swap).collect())
}

/// The devices below the folders that hold data, of those folders that there are.
pub(crate) fn storage(machine: &Machine<'_>, unread: &mut Vec<Unread>) -> Option<Vec<Storage>> {
    if machine.mounts.is_empty() {
        unread.push(Unread::new("storage", "/proc/1/mountinfo cannot be read"));
        return None;
    }
    let there = FOLDERS
        .iter()
        .filter(|folder| machine.root.is_there(folder));
    let storage = there.filter_map(|folder| {
        let mount = mount_of(&machine.mounts, folder)?;
        Some(Storage {
            path: (*folder).to_owned(),
            device: mount.source.clone(),
            encrypted: is_encrypted(machine.root, mount),
        })
    });
    Some(storage.collect())
}

/// Whether the device of a mount is encrypted by the node, itself or in each device below it. `None` for what is no
/// block device of this node: what lies in memory, or on another machine.
fn is_encrypted(root: &Root, mount: &Mount) -> Option<bool> {
    let by_number = format!("/sys/dev/block/{}", mount.device);
    if root.is_there(&by_number) {
        return layer_is_encrypted(root, &by_number, 0);
    }
    // Some file systems give numbers of their own; their device has a name still.
    let name = match root.link(&mount.source) {
        Ok(target) => target.rsplit('/').next().map(str::to_owned),
        Err(_) => mount.source.strip_prefix("/dev/").map(str::to_owned),
    }?;
    let by_name = format!("/sys/class/block/{name}");
    if root.is_there(&by_name) {
        layer_is_encrypted(root, &by_name, 0)
    } else {
        None
    }
}

fn layer_is_encrypted(root: &Root, device: &str, depth: usize) -> Option<bool> {
    if depth > MAX_LAYERS {
        return None;
    }
    let identifier = root.read_value(&format!("{device}/dm/uuid"));
    if identifier.is_some_and(|identifier| identifier.starts_with("CRYPT-")) {
        return Some(true);
    }
    let below = root.names(&format!("{device}/slaves"));
    if below.is_empty() {
        return Some(false);
    }
    // Half of an array in clear text is clear text.
    below.iter().try_fold(true, |encrypted, name| {
        let lower = format!("{device}/slaves/{name}");
        Some(encrypted && layer_is_encrypted(root, &lower, depth + 1)?)
    })
}

/// Updates that wait, from the files that the system's own tools leave; nothing is asked of a package manager.
pub(crate) fn pending_updates(root: &Root, unread: &mut Vec<Unread>) -> Option<PendingUpdates> {
    let notes = root.read_text("/var/lib/update-notifier/updates-available");
    let security = notes.ok().and_then(|text| {
        let mut lines = text.lines();
        let line = lines.find(|line| line.contains("security update"))?;
        line.split_ascii_whitespace().next()?.parse().ok()
    });
    let waits = ["/run/reboot-required", "/var/run/reboot-required"]
        .iter()
        .any(|path| root.is_there(path));
    // That the mark is not there says something only where somebody would set it.
    let is_marked = [
        "/usr/share/update-notifier/notify-reboot-required",
        "/etc/kernel/postinst.d/unattended-upgrades",
    ]
    .iter()
    .any(|path| root.is_there(path));
    let reboot_required = (waits || is_marked).then_some(waits);
    if security.is_none() && reboot_required.is_none() {
        let reason = "no file of the node says which updates wait";
        unread.push(Unread::new("pendingUpdates", reason));
        return None;
    }
    Some(PendingUpdates {
        security,
        reboot_required,
    })
}
