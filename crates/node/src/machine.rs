//! The machine as its components see it: which processes there are, and where the paths of their flags lie.

use std::cell::OnceCell;

use crate::facts::{Settings, Unread};
use crate::process::{Mount, Process, below, mounts, processes, share_root, translate};
use crate::root::{FileType, MAX_ENTRIES, MAX_PROCESSES, ReadError, Root, Status};
use crate::settings::{SettingsError, read_toml, read_yaml};

/// The machine that is read.
#[derive(Debug)]
pub(crate) struct Machine<'r> {
    /// Its file system.
    pub root: &'r Root,
    /// What runs on it; empty where that cannot be seen.
    pub processes: Vec<Process>,
    /// Whether processes can be seen at all.
    pub sees_processes: bool,
    /// Mounts of its first process.
    pub mounts: Vec<Mount>,
}

impl<'r> Machine<'r> {
    /// Looks at the processes of a machine.
    pub(crate) fn look(root: &'r Root, unread: &mut Vec<Unread>) -> Machine<'r> {
        let (processes, sees_processes) = match processes(root) {
            Ok((processes, more)) => {
                if more {
                    let reason = format!("there are more than {MAX_PROCESSES}");
                    unread.push(Unread::new("processes", reason));
                }
                (processes, true)
            }
            Err(error) => {
                let reason = match error {
                    ReadError::NotFound => "there is no /proc with processes in it".to_owned(),
                    other => format!("/proc: {other}"),
                };
                unread.push(Unread::new("processes", reason));
                (Vec::new(), false)
            }
        };
        Machine {
            root,
            processes,
            sees_processes,
            mounts: mounts(root, 1),
        }
    }

    /// Whether a program of this name runs.
    pub(crate) fn runs(&self, program: &str) -> bool {
        self.processes
            .iter()
            .any(|process| process.program() == program)
    }

    /// The files as a process sees them.
    pub(crate) fn files_of(&self, process: &Process) -> Files<'_> {
        let own = mounts(self.root, process.id);
        let is_on_host = if own.is_empty() {
            !process.in_pod
        } else {
            share_root(&own, &self.mounts)
        };
        let view = if is_on_host {
            View::Host
        } else {
            View::Process(process.id, own)
        };
        Files {
            root: self.root,
            host: &self.mounts,
            view,
            own: OnceCell::new(),
        }
    }

    /// The files as a container of a static Pod sees them: a folder of the host for each of its mounts.
    pub(crate) fn files_of_volumes(&self, volumes: Vec<(String, String)>) -> Files<'_> {
        Files {
            root: self.root,
            host: &self.mounts,
            view: View::Volumes(volumes),
            own: OnceCell::new(),
        }
    }
}

/// Through whose eyes paths are meant.
#[derive(Debug)]
enum View {
    Host,
    Process(u32, Vec<Mount>),
    /// Mount path and folder of the host.
    Volumes(Vec<(String, String)>),
}

/// Files by the paths that a component has for them.
#[derive(Debug)]
pub(crate) struct Files<'m> {
    root: &'m Root,
    host: &'m [Mount],
    view: View,
    /// The root of the process, opened when it is first asked for.
    own: OnceCell<Option<Root>>,
}

impl Files<'_> {
    /// Where a component's path lies on the host; `None` for what is in its image only.
    pub(crate) fn on_host(&self, path: &str) -> Option<String> {
        if !path.starts_with('/') {
            return None;
        }
        match &self.view {
            View::Host => Some(path.to_owned()),
            View::Process(_, own) => translate(own, self.host, path),
            View::Volumes(volumes) => {
                let covers = |(point, _): &&(String, String)| below(path, point).is_some();
                let deepest = volumes.iter().filter(covers);
                let (point, folder) = deepest.max_by_key(|(point, _)| point.len())?;
                let rest = below(path, point)?;
                Some(format!("{}{rest}", folder.trim_end_matches('/')))
            }
        }
    }

    /// The root and the path to read a component's path with.
    fn place(&self, path: &str) -> Result<(&Root, String), SettingsError> {
        let malformed = |reason: &str| SettingsError::Malformed(path.to_owned(), reason.to_owned());
        if !path.starts_with('/') {
            return Err(malformed(
                "the path is relative to a folder that is not known",
            ));
        }
        if let Some(host) = self.on_host(path) {
            return Ok((self.root, host));
        }
        let View::Process(process, _) = self.view else {
            return Err(malformed("the file is in the image of the container"));
        };
        let own = self.own.get_or_init(|| self.root.of_process(process).ok());
        match own {
            Some(own) => Ok((own, path.to_owned())),
            None => Err(malformed(
                "the file is in a container that the collector may not look into",
            )),
        }
    }

    /// Reads a configuration in YAML or JSON, of this kind where one is given.
    pub(crate) fn read_yaml(
        &self,
        path: &str,
        kind: Option<&'static str>,
    ) -> Result<Settings, SettingsError> {
        let (root, path) = self.place(path)?;
        read_yaml(root, &path, kind)
    }

    /// Reads a configuration in TOML.
    pub(crate) fn read_toml(&self, path: &str) -> Result<Settings, SettingsError> {
        let (root, path) = self.place(path)?;
        read_toml(root, &path)
    }

    /// The names in a folder; none where it is not there.
    ///
    /// # Errors
    /// A folder that is there and cannot be read, or has too many entries.
    pub(crate) fn names(&self, path: &str) -> Result<Vec<String>, SettingsError> {
        let (root, place) = self.place(path)?;
        match root.list(&place, MAX_ENTRIES) {
            Ok(entries) if entries.more => Err(SettingsError::Malformed(
                path.to_owned(),
                format!("it has more than {MAX_ENTRIES} entries"),
            )),
            Ok(entries) => Ok(entries.names),
            Err(error) if error.is_absence() => Ok(Vec::new()),
            Err(error) => Err(SettingsError::Unreadable(path.to_owned(), error)),
        }
    }

    /// Whether a path is a folder, and no link to one.
    pub(crate) fn is_folder(&self, path: &str) -> bool {
        self.place(path).is_ok_and(|(root, path)| {
            let is_folder = |status: Status| status.file_type == FileType::Directory;
            root.link(&path).is_err() && root.status(&path).is_ok_and(is_folder)
        })
    }
}
