//! The files that matter on a node: who owns them, who may read them, and what certificates say.

mod roles;

use std::collections::BTreeSet;

use crate::certificate;
use crate::component::Running;
use crate::facts::{FileFact, Unread};
use crate::machine::Machine;
use crate::names::Names;
use crate::root::{FileType, MAX_ENTRIES, Root, Status};

/// How many files are listed at most.
const MAX_FILES: usize = 4 * MAX_ENTRIES;

/// How deep a folder of certificates is followed.
const MAX_DEPTH: usize = 4;

/// The files of a node, by role and path.
pub(crate) fn read(
    machine: &Machine<'_>,
    components: &[Running<'_>],
    names: &Names,
    unread: &mut Vec<Unread>,
) -> Vec<FileFact> {
    let mut listing = Listing {
        root: machine.root,
        names,
        files: Vec::new(),
        seen: BTreeSet::new(),
        unread,
    };
    roles::control_plane(&mut listing, components);
    roles::kubelet(&mut listing, components);
    roles::kube_proxy(&mut listing, components);
    roles::runtime(&mut listing, components);
    roles::host(&mut listing);
    let mut files = listing.files;
    files.sort_by(|one, other| (one.role, &one.path).cmp(&(other.role, &other.path)));
    files
}

/// The facts of one file, found at its path.
pub(crate) fn fact(root: &Root, names: &Names, role: &'static str, path: &str) -> FileFact {
    let mut fact = FileFact {
        role,
        path: path.to_owned(),
        ..FileFact::default()
    };
    match root.status(path) {
        Ok(status) => {
            describe(&mut fact, status, names);
            if status.file_type == FileType::File && may_hold_certificate(role) {
                add_certificate(&mut fact, root);
            }
        }
        Err(error) if error.is_absence() => fact.missing = true,
        Err(error) => fact.unread = Some(error.to_string()),
    }
    fact
}

fn describe(fact: &mut FileFact, status: Status, names: &Names) {
    fact.file_type = Some(status.file_type.name());
    fact.mode = Some(format!("{:04o}", status.mode));
    fact.uid = Some(status.uid);
    fact.gid = Some(status.gid);
    fact.owner = names.user(status.uid).map(str::to_owned);
    fact.group = names.group(status.gid).map(str::to_owned);
}

/// Roles of files that are read for what their certificates say; no others are opened for that.
fn may_hold_certificate(role: &str) -> bool {
    matches!(
        role,
        "pki-certificate" | "kubelet-certificate" | "kubelet-client-ca"
    )
}

fn add_certificate(fact: &mut FileFact, root: &Root) {
    // Where it cannot be read, owner and mode are known still.
    let Ok(bytes) = root.read(&fact.path) else {
        return;
    };
    if let Some((certificate, digest)) = certificate::read(&bytes) {
        fact.certificate = Some(certificate);
        fact.sha256 = Some(digest);
    }
}

/// Files as they are found.
struct Listing<'l> {
    root: &'l Root,
    names: &'l Names,
    files: Vec<FileFact>,
    seen: BTreeSet<(&'static str, String)>,
    unread: &'l mut Vec<Unread>,
}

impl Listing<'_> {
    /// Lists a file, also where it is not there.
    fn always(&mut self, role: &'static str, path: &str) {
        let path = path.trim_end_matches('/');
        if self.files.len() >= MAX_FILES || !self.seen.insert((role, path.to_owned())) {
            return;
        }
        self.files.push(fact(self.root, self.names, role, path));
    }

    /// Lists a file unless it is not there.
    fn if_there(&mut self, role: &'static str, path: &str) {
        let is_absent = |error: crate::root::ReadError| error.is_absence();
        if !self.root.status(path).is_err_and(is_absent) {
            self.always(role, path);
        }
    }

    /// The names in a folder; a folder that is there and cannot be read is told.
    fn entries(&mut self, folder: &str) -> Vec<String> {
        let bound = |folder: &str| {
            let reason = format!("{folder} has more than {MAX_ENTRIES} entries");
            Unread::new("files-beyond-bounds", reason)
        };
        match self.root.list(folder, MAX_ENTRIES) {
            Ok(entries) => {
                if entries.more {
                    self.unread.push(bound(folder));
                }
                entries.names
            }
            Err(error) => {
                if !error.is_absence() {
                    let reason = format!("{folder}: {error}");
                    self.unread.push(Unread::new("folder", reason));
                }
                Vec::new()
            }
        }
    }

    /// Lists the files of a folder that `role` gives one; folders in it are followed so deep.
    fn folder(&mut self, folder: &str, depth: usize, role: &dyn Fn(&str) -> Option<&'static str>) {
        let folder = folder.trim_end_matches('/');
        for name in self.entries(folder) {
            let path = format!("{folder}/{name}");
            let is_folder = self
                .root
                .status(&path)
                .is_ok_and(|status| status.file_type == FileType::Directory);
            if is_folder {
                // A link to a folder may lead round; what it leads to is listed where it is, if it matters.
                if depth > 0 && self.root.link(&path).is_err() {
                    self.folder(&path, depth - 1, role);
                }
            } else if let Some(role) = role(&name) {
                self.always(role, &path);
            }
        }
    }
}
