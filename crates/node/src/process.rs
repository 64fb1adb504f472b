//! The processes of a node.

use crate::root::{MAX_ENTRIES, MAX_PROCESSES, ReadError, Root};

/// A process that has a command line; threads of the kernel have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    /// Its number.
    pub id: u32,
    /// Its command line; bytes that are not UTF-8 are replaced.
    pub command: Vec<String>,
    /// What it calls itself, 15 bytes at most.
    pub short_name: String,
    /// Whether it runs in a container of a Pod.
    pub in_pod: bool,
}

/// The processes, by number, and whether there are more than were read.
///
/// # Errors
/// Where `/proc` cannot be read, or shows no processes.
pub(crate) fn processes(root: &Root) -> Result<(Vec<Process>, bool), ReadError> {
    let entries = root.list("/proc", MAX_PROCESSES)?;
    let mut ids: Vec<u32> = entries
        .names
        .iter()
        .filter_map(|name| name.parse().ok())
        .collect();
    ids.sort_unstable();
    if ids.is_empty() {
        return Err(ReadError::NotFound);
    }
    let processes = ids.into_iter().filter_map(|id| process(root, id)).collect();
    Ok((processes, entries.more))
}

fn process(root: &Root, id: u32) -> Option<Process> {
    let bytes = root.read(&format!("/proc/{id}/cmdline")).ok()?;
    let command = words(&bytes);
    if command.is_empty() {
        return None;
    }
    let short_name = root.read_value(&format!("/proc/{id}/comm"));
    let groups = root.read_value(&format!("/proc/{id}/cgroup"));
    Some(Process {
        id,
        command,
        short_name: short_name.unwrap_or_default(),
        in_pod: groups.is_some_and(|groups| groups.contains("kubepods")),
    })
}

/// The words of a command line as `/proc` has it: each ends with a NUL. Programs that write their title over it leave
/// blanks between the words and NULs at its end.
fn words(bytes: &[u8]) -> Vec<String> {
    let end = bytes.iter().rposition(|byte| *byte != 0);
    let text = &bytes[..end.map_or(0, |end| end + 1)];
    if text.is_empty() {
        return Vec::new();
    }
    let mut words: Vec<String> = text
        .split(|byte| *byte == 0)
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    if let [only] = words.as_slice()
        && only.contains(' ')
    {
        words = only.split(' ').map(str::to_owned).collect();
    }
    words
}

impl Process {
    /// The name of the program: the last part of the path it was called by.
    pub(crate) fn program(&self) -> &str {
        program_of(&self.command)
    }
}

/// The name of a command line's program.
pub(crate) fn program_of(command: &[String]) -> &str {
    let first = command.first().map_or("", String::as_str);
    let name = first.rsplit('/').next().unwrap_or_default();
    // `sshd: /usr/sbin/sshd -D [listener]` is a title.
    name.trim_end_matches(':')
}

/// A mount of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount {
    /// The device number, `8:1`.
    pub device: String,
    /// What of the file system is mounted.
    pub root: String,
    /// Where.
    pub point: String,
    /// The kind of the file system.
    pub file_system: String,
    /// What it was mounted from.
    pub source: String,
}

/// The mounts of a process, in the order made. Anybody may read them, unlike the root of the process itself.
pub(crate) fn mounts(root: &Root, process: u32) -> Vec<Mount> {
    let text = root.read_value(&format!("/proc/{process}/mountinfo"));
    let text = text.unwrap_or_default();
    let mounts = text.lines().filter_map(mount);
    mounts.take(MAX_ENTRIES * 4).collect()
}

/// A line of mountinfo, proc(5): `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw`.
fn mount(line: &str) -> Option<Mount> {
    let (place, kind) = line.split_once(" - ")?;
    let place: Vec<&str> = place.split(' ').collect();
    let mut kind = kind.split(' ');
    let [_, _, device, root, point, ..] = place.as_slice() else {
        return None;
    };
    Some(Mount {
        device: (*device).to_owned(),
        root: unescaped(root),
        point: unescaped(point),
        file_system: kind.next()?.to_owned(),
        source: unescaped(kind.next()?),
    })
}

/// A path of mountinfo: blanks and the like are written as `\040`.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let octal = (byte == b'\\')
            .then(|| tail.get(..3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        bytes.push(octal.unwrap_or(byte));
        rest = octal.map_or(tail, |_| &tail[3..]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The mount that a path is on: of those at or above it, the deepest, and of several there the last.
pub(crate) fn mount_of<'m>(mounts: &'m [Mount], path: &str) -> Option<&'m Mount> {
    let covers = |mount: &&Mount| below(path, &mount.point).is_some();
    mounts
        .iter()
        .filter(covers)
        .max_by_key(|mount| mount.point.len())
}

/// What of a path is below a folder: empty, or with a slash at its start.
pub(crate) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let folder = folder.trim_end_matches('/');
    let rest = path.strip_prefix(folder)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// Where a path of one process lies for another: both see the same file system, at two places.
pub(crate) fn translate(from: &[Mount], to: &[Mount], path: &str) -> Option<String> {
    let mount = mount_of(from, path)?;
    let rest = below(path, &mount.point)?;
    let inside = format!("{}{rest}", mount.root.trim_end_matches('/'));
    let shows =
        |other: &&Mount| other.device == mount.device && below(&inside, &other.root).is_some();
    // Of several places the least deep: a file system's own mount, not one bound somewhere else.
    let host = to
        .iter()
        .filter(shows)
        .min_by_key(|other| other.root.len())?;
    let rest = below(&inside, &host.root)?;
    Some(format!("{}{rest}", host.point.trim_end_matches('/')))
}

/// Whether two processes have the same file system at their root.
pub(crate) fn share_root(one: &[Mount], other: &[Mount]) -> bool {
    let root = |mounts: &[Mount]| {
        mounts
            .iter()
            .rev()
            .find(|mount| mount.point == "/")
            .map(|mount| (mount.device.clone(), mount.root.clone()))
    };
    match (root(one), root(other)) {
        (Some(one), Some(other)) => one == other,
        // Not to be told; most are.
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_command_lines() {
        assert_eq!(words(b"kubelet\0--a=b\0"), ["kubelet", "--a=b"]);
        assert_eq!(
            words(b"sshd: /usr/sbin/sshd -D\0\0\0"),
            ["sshd:", "/usr/sbin/sshd", "-D"]
        );
        assert_eq!(words(b"a\0\0b\0"), ["a", "", "b"]);
        assert_eq!(words(b"\xff\xfe\0"), ["\u{fffd}\u{fffd}"]);
        assert_eq!(words(b"\0\0"), Vec::<String>::new());
    }

    #[test]
    fn a_path_in_a_container_is_found_on_the_host() {
        let parse = |text: &str| text.lines().filter_map(mount).collect::<Vec<_>>();
        let host = parse(
            "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /var/lib/kubelet rw - ext4 /dev/sda2 rw\n\
             3 1 8:1 /opt /mnt/with\\040blank rw - ext4 /dev/sda1 rw",
        );
        let container = parse(
            "9 0 0:50 / / rw - overlay overlay rw\n\
             10 9 8:2 /pods/u/volumes/kubernetes.io~configmap/kube-proxy /var/lib/kube-proxy ro - ext4 /dev/sda2 rw\n\
             11 9 8:1 /etc/kubernetes/pki /pki ro shared:1 - ext4 /dev/sda1 rw",
        );
        let found = |path| translate(&container, &host, path);
        let proxy =
            "/var/lib/kubelet/pods/u/volumes/kubernetes.io~configmap/kube-proxy/config.conf";
        assert_eq!(
            found("/var/lib/kube-proxy/config.conf").as_deref(),
            Some(proxy)
        );
        assert_eq!(
            found("/pki/ca.crt").as_deref(),
            Some("/etc/kubernetes/pki/ca.crt")
        );
        assert_eq!(found("/etc/image-own.conf"), None);
        assert_eq!(host[2].point, "/mnt/with blank");
        assert!(!share_root(&host, &container) && share_root(&host, &host));
    }
}
