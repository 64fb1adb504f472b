//! The ports that are listened on.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::facts::{Listener, Unread};
use crate::machine::Machine;
use crate::root::{MAX_ENTRIES, Root};

/// The state of a TCP socket that listens, in `/proc/net/tcp`.
const LISTENING: &str = "0A";

/// The state of a UDP socket that is not connected.
const UNCONNECTED: &str = "07";

/// A line of `/proc/net/tcp` and its kin.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Socket {
    address: IpAddr,
    port: u16,
    inode: u64,
}

/// The ports that are listened on in the network of the host.
pub(crate) fn read(machine: &Machine<'_>, unread: &mut Vec<Unread>) -> Option<Vec<Listener>> {
    let mut sockets: Vec<(&'static str, Socket)> = Vec::new();
    let mut is_read = false;
    for (file, protocol, state) in [
        ("tcp", "tcp", LISTENING),
        ("tcp6", "tcp", LISTENING),
        ("udp", "udp", UNCONNECTED),
        ("udp6", "udp", UNCONNECTED),
    ] {
        if let Some(text) = table(machine.root, file) {
            is_read = true;
            let lines = text.lines().skip(1).filter_map(|line| socket(line, state));
            sockets.extend(lines.map(|socket| (protocol, socket)));
        }
    }
    if !is_read {
        unread.push(Unread::new("listening", "/proc has no tables of sockets"));
        return None;
    }
    let owners = owners(machine);
    let mut listeners: Vec<Listener> = sockets
        .into_iter()
        .map(|(protocol, socket)| Listener {
            protocol,
            address: socket.address.to_string(),
            port: socket.port,
            process: owners.get(&socket.inode).cloned(),
        })
        .collect();
    listeners.sort_unstable();
    listeners.dedup();
    Some(listeners)
}

/// A table of sockets: of the network of the first process, as `/proc/net` itself is that of whoever reads it.
fn table(root: &Root, file: &str) -> Option<String> {
    root.read_text(&format!("/proc/1/net/{file}"))
        .or_else(|_| root.read_text(&format!("/proc/net/{file}")))
        .ok()
}

/// A line: `0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 12345 1 ...`.
fn socket(line: &str, state: &str) -> Option<Socket> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let (local, own_state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
    if *own_state != state {
        return None;
    }
    let (address, port) = local.split_once(':')?;
    Some(Socket {
        address: self::address(address)?,
        port: u16::from_str_radix(port, 16).ok()?,
        inode: inode.parse().ok()?,
    })
}

/// An address: words of 32 bits in the byte order of the machine.
fn address(text: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        let word = u32::from_str_radix(text.get(at..at + 8)?, 16).ok()?;
        Some(word.to_ne_bytes())
    };
    match text.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(word(0)?))),
        32 => {
            let mut bytes = [0; 16];
            for (position, part) in bytes.chunks_exact_mut(4).enumerate() {
                part.copy_from_slice(&word(position * 8)?);
            }
            Some(IpAddr::V6(Ipv6Addr::from(bytes)))
        }
        _ => None,
    }
}

/// The program that holds each socket, by the socket's number, as far as the kernel shows it.
fn owners(machine: &Machine<'_>) -> BTreeMap<u64, String> {
    let mut owners = BTreeMap::new();
    for process in &machine.processes {
        let folder = format!("/proc/{}/fd", process.id);
        let Ok(entries) = machine.root.list(&folder, MAX_ENTRIES) else {
            continue;
        };
        for name in entries.names {
            let Ok(link) = machine.root.link(&format!("{folder}/{name}")) else {
                // The kernel hides all of a process or nothing.
                break;
            };
            let inode = link.strip_prefix("socket:[");
            let inode = inode.and_then(|rest| rest.strip_suffix(']')?.parse().ok());
            if let Some(inode) = inode {
                owners
                    .entry(inode)
                    .or_insert_with(|| process.program().to_owned());
            }
        }
    }
    owners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn lines_of_the_tables() {
        let line = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1";
        let read = socket(line, LISTENING).unwrap();
        assert_eq!(
            (read.address.to_string(), read.port, read.inode),
            ("127.0.0.1".to_owned(), 8080, 12345)
        );
        assert_eq!(socket(line, UNCONNECTED), None);
        let address = |text| address(text).map(|address| address.to_string());
        assert_eq!(
            address("00000000000000000000000001000000").as_deref(),
            Some("::1")
        );
        assert_eq!(
            address("B80D01200000000000000000010000FF").as_deref(),
            Some("2001:db8::ff00:1")
        );
        assert_eq!(address("éééé"), None);
        assert_eq!(socket("garbage", LISTENING), None);
    }
}
