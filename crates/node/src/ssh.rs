//! The SSH server and its configuration.

use serde_json::{Map, Value};

use crate::facts::{Settings, Ssh, SshMatch, Unread};
use crate::machine::Machine;
use crate::root::{ReadError, Root};

/// How deep `Include` may nest, as in sshd.
const MAX_DEPTH: usize = 16;

/// How many files `Include` may lead to.
const MAX_FILES: usize = 256;

/// Keywords that add up; of all others the first counts, as the manual page of `sshd_config` says.
const LISTS: [&str; 10] = [
    "acceptenv",
    "allowgroups",
    "allowusers",
    "denygroups",
    "denyusers",
    "hostcertificate",
    "hostkey",
    "listenaddress",
    "port",
    "setenv",
];

/// What is known of the SSH server.
pub(crate) fn read(machine: &Machine<'_>, unread: &mut Vec<Unread>) -> Option<Ssh> {
    let path = "/etc/ssh/sshd_config";
    let running = machine.sees_processes.then(|| machine.runs("sshd"));
    let mut reading = Reading {
        root: machine.root,
        files: 0,
        ssh: Ssh {
            running,
            ..Ssh::default()
        },
    };
    let mut settings = Map::new();
    match reading.file(path, 0, &mut settings, &mut None) {
        Ok(()) => reading.ssh.settings = Some(settings),
        // Without a server there is no configuration to miss.
        Err(error) if error.is_absence() && running != Some(true) => {}
        Err(error) => unread.push(Unread::new("ssh", format!("{path}: {error}"))),
    }
    let is_known = reading.ssh.running.is_some() || reading.ssh.settings.is_some();
    is_known.then_some(reading.ssh)
}

struct Reading<'r> {
    root: &'r Root,
    files: usize,
    ssh: Ssh,
}

impl Reading<'_> {
    /// Reads a file into the settings for all, or where a `Match` block is open, into that. A block that the file opens
    /// ends with it.
    fn file(
        &mut self,
        path: &str,
        depth: usize,
        settings: &mut Settings,
        block: &mut Option<usize>,
    ) -> Result<(), ReadError> {
        self.files += 1;
        if depth > MAX_DEPTH || self.files > MAX_FILES {
            return Err(ReadError::Links);
        }
        let bytes = self.root.read(path)?;
        if bytes.contains(&0) {
            return Err(ReadError::NotText);
        }
        let text = String::from_utf8_lossy(&bytes);
        let outer = *block;
        for line in text.lines() {
            let Some((keyword, arguments)) = line_of(line) else {
                continue;
            };
            match keyword.as_str() {
                "include" => {
                    for pattern in arguments.split_ascii_whitespace() {
                        for path in self.included(pattern) {
                            self.file(&path, depth + 1, settings, block)?;
                        }
                    }
                }
                "match" => {
                    let lower = arguments.to_ascii_lowercase();
                    *block = if lower == "all" && outer.is_none() {
                        // For everybody again.
                        None
                    } else {
                        self.ssh.matched.push(SshMatch {
                            criteria: arguments,
                            settings: Map::new(),
                        });
                        Some(self.ssh.matched.len() - 1)
                    };
                }
                _ => {
                    let into = match block {
                        Some(position) => &mut self.ssh.matched[*position].settings,
                        None => &mut *settings,
                    };
                    put(into, keyword, arguments);
                }
            }
        }
        *block = outer;
        Ok(())
    }

    /// The files that a pattern of `Include` means, in lexical order. One without a path is in `/etc/ssh`.
    fn included(&self, pattern: &str) -> Vec<String> {
        let pattern = pattern.trim_matches('"');
        let pattern = if pattern.starts_with('/') {
            pattern.to_owned()
        } else {
            format!("/etc/ssh/{pattern}")
        };
        let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", &pattern));
        match name.split_once('*') {
            Some((start, end)) => {
                let names = self.root.names(folder).into_iter().filter(|name| {
                    name.len() >= start.len() + end.len()
                        && name.starts_with(start)
                        && name.ends_with(end)
                        && !name.starts_with('.')
                });
                names.map(|name| format!("{folder}/{name}")).collect()
            }
            None if self.root.is_there(&pattern) => vec![pattern],
            None => Vec::new(),
        }
    }
}

/// The keyword of a line, in lower case, and what follows; `None` for comments and empty lines.
fn line_of(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end = line.find(|character: char| character.is_ascii_whitespace() || character == '=');
    let (keyword, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start().strip_prefix('=').unwrap_or(rest).trim();
    // A comment at the end of a line needs a blank before it.
    let rest = rest.split(" #").next().unwrap_or_default().trim();
    let rest = rest
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(rest);
    (!rest.is_empty()).then(|| (keyword.to_ascii_lowercase(), rest.to_owned()))
}

fn put(settings: &mut Settings, keyword: String, arguments: String) {
    if LISTS.contains(&keyword.as_str())
        && let Some(Value::String(before)) = settings.get_mut(&keyword)
    {
        before.push(' ');
        before.push_str(&arguments);
        return;
    }
    settings.entry(keyword).or_insert_with(|| arguments.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let read = |line| line_of(line).map(|(keyword, rest)| format!("{keyword}|{rest}"));
        assert_eq!(
            read("PermitRootLogin no").as_deref(),
            Some("permitrootlogin|no")
        );
        assert_eq!(read("  Port=22 # why").as_deref(), Some("port|22"));
        assert_eq!(
            read("Banner = \"/etc/issue\"").as_deref(),
            Some("banner|/etc/issue")
        );
        assert_eq!(read("# PermitRootLogin yes"), None);
        assert_eq!(read("UsePAM"), None);
    }
}
