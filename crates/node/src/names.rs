//! The accounts and groups of a node.

use std::collections::BTreeMap;

use crate::facts::{Account, Unread};
use crate::root::Root;

/// Names of users and groups by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Names {
    users: BTreeMap<u32, String>,
    groups: BTreeMap<u32, String>,
}

/// A line of `/etc/passwd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    /// The name.
    pub name: String,
    /// The number.
    pub uid: u32,
    /// The home folder.
    pub home: String,
    /// The login shell.
    pub shell: String,
}

impl Names {
    /// The names that the node's own files give. Names of a directory service are not known.
    pub(crate) fn read(root: &Root) -> Names {
        let groups = root.read_value("/etc/group").unwrap_or_default();
        let groups = groups.lines().filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?.to_owned();
            Some((fields.nth(1)?.parse().ok()?, name))
        });
        let users = users(root)
            .into_iter()
            .rev()
            .map(|user| (user.uid, user.name));
        let mut names = Names {
            users: users.collect(),
            groups: BTreeMap::new(),
        };
        for (gid, name) in groups {
            names.groups.entry(gid).or_insert(name);
        }
        names
    }

    /// The name of a user; of several with one number, the first.
    pub(crate) fn user(&self, uid: u32) -> Option<&str> {
        self.users.get(&uid).map(String::as_str)
    }

    /// The name of a group.
    pub(crate) fn group(&self, gid: u32) -> Option<&str> {
        self.groups.get(&gid).map(String::as_str)
    }
}

/// The users of `/etc/passwd`, in its order.
pub(crate) fn users(root: &Root) -> Vec<User> {
    let text = root.read_value("/etc/passwd").unwrap_or_default();
    let user = |line: &str| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, uid, _, _, home, shell] = fields.as_slice() else {
            return None;
        };
        Some(User {
            name: (*name).to_owned(),
            uid: uid.parse().ok()?,
            home: (*home).to_owned(),
            shell: (*shell).trim().to_owned(),
        })
    };
    text.lines().filter_map(user).collect()
}

/// Shells that let nobody in.
const NO_SHELLS: [&str; 5] = ["nologin", "false", "true", "sync", "halt"];

/// Whether a user has a shell to sign in to. An empty one means `/bin/sh`.
fn has_login_shell(user: &User) -> bool {
    let program = user.shell.rsplit('/').next().unwrap_or_default();
    !NO_SHELLS.contains(&program) && program != "shutdown"
}

/// The accounts that have a login shell.
///
/// Of `/etc/shadow` only this is used: whether an account has a password at all. `None` where there are no accounts
/// to read.
pub(crate) fn accounts(root: &Root, unread: &mut Vec<Unread>) -> Option<Vec<Account>> {
    if let Err(error) = root.read_text("/etc/passwd") {
        unread.push(Unread::new("accounts", format!("/etc/passwd: {error}")));
        return None;
    }
    let shadow = root.read_text("/etc/shadow").ok();
    let accounts = users(root).into_iter().filter(has_login_shell).map(|user| {
        let has_password = shadow.as_deref().and_then(|text| {
            let mut lines = text.lines().map(|line| line.split(':'));
            let mut fields = lines.find_map(|mut fields| {
                (fields.next() == Some(user.name.as_str())).then_some(fields)
            })?;
            // Locked and disabled passwords start with ! or *; an empty one needs none to be typed.
            fields.next().map(|hash| !hash.starts_with(['!', '*']))
        });
        let keys = ["authorized_keys", "authorized_keys2"].map(|name| {
            let status = root.status(&format!("{}/.ssh/{name}", user.home));
            match status {
                Ok(status) => Some(status.size > 0),
                Err(error) if error.is_absence() => Some(false),
                Err(_) => None,
            }
        });
        let ways = [has_password, keys[0], keys[1]];
        let can_sign_in = if ways.contains(&Some(true)) {
            Some(true)
        } else if ways.contains(&None) {
            None
        } else {
            Some(false)
        };
        Account {
            name: user.name,
            uid: user.uid,
            shell: user.shell,
            can_sign_in,
        }
    });
    Some(accounts.collect())
}
