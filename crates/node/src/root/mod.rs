//! The folder that stands for the machine, and reading below it.
//!
//! Everything is read through [`Root`]. It never leaves the folder: a symbolic link is followed by hand, an absolute one
//! from the root, and `..` stops there. Folders are opened one inside the other by their handle, so that nobody can put
//! a link in the way between a look and a read: some of what is read belongs to containers. Only regular files are
//! opened, so that nothing waits on a pipe or wakes a device. Nothing is written, and sizes are bounded.

use std::io;

use thiserror::Error;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

#[cfg(target_os = "linux")]
pub use linux::Root;
#[cfg(not(target_os = "linux"))]
pub use other::Root;

/// How many bytes of a file are read at most.
pub const MAX_BYTES: usize = 8 << 20;

/// How many entries of a folder are read at most.
pub const MAX_ENTRIES: usize = 4096;

/// How many processes are looked at at most.
pub(crate) const MAX_PROCESSES: usize = 65_536;

/// How many symbolic links one path may lead through, as in the kernel.
const MAX_LINKS: usize = 40;

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileType {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A Unix socket.
    Socket,
    /// A pipe or a device.
    Other,
}

impl FileType {
    /// The name in node facts.
    pub fn name(self) -> &'static str {
        match self {
            FileType::File => "file",
            FileType::Directory => "directory",
            FileType::Socket => "socket",
            FileType::Other => "other",
        }
    }

    /// What people call it.
    fn words(self) -> &'static str {
        match self {
            FileType::File => "file",
            FileType::Directory => "folder",
            FileType::Socket => "socket",
            FileType::Other => "pipe or device",
        }
    }
}

/// What is known of a file without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// What it is.
    pub file_type: FileType,
    /// Permission bits with set-user-ID, set-group-ID and sticky: `0o7777` at most.
    pub mode: u32,
    /// The number of its owner.
    pub uid: u32,
    /// The number of its group.
    pub gid: u32,
    /// Its size in bytes; 0 for files of `/proc`.
    pub size: u64,
}

/// The entries of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries {
    /// Their names, sorted; those that are not UTF-8 are left out.
    pub names: Vec<String>,
    /// Whether there are more than were read.
    pub more: bool,
}

/// Why something could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is not there.
    #[error("there is no such file")]
    NotFound,
    /// The collector may not.
    #[error("permission denied")]
    NotPermitted,
    /// It is something else than what it should be.
    #[error("it is a {}, where a {} is expected", .found.words(), .expected.words())]
    OtherType {
        /// What it is.
        found: FileType,
        /// What it should be.
        expected: FileType,
    },
    /// It is larger than what is read.
    #[error("it is larger than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
    /// Its links lead nowhere.
    #[error("it leads through more than {MAX_LINKS} links")]
    Links,
    /// It is not UTF-8 text.
    #[error("it is no UTF-8 text")]
    NotText,
    /// Nodes run Linux, and nothing else can be read.
    #[error("the facts of a node can be read on Linux only")]
    NotLinux,
    /// Anything else.
    #[error("{0}")]
    Other(io::Error),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        match error.kind() {
            io::ErrorKind::NotFound => ReadError::NotFound,
            io::ErrorKind::PermissionDenied => ReadError::NotPermitted,
            _ => ReadError::Other(error),
        }
    }
}

impl ReadError {
    /// Whether it says no more than that there is no such file.
    pub fn is_absence(&self) -> bool {
        matches!(self, ReadError::NotFound)
    }
}

impl Root {
    /// The text of a file.
    pub fn read_text(&self, path: &str) -> Result<String, ReadError> {
        String::from_utf8(self.read(path)?).map_err(|_| ReadError::NotText)
    }

    /// The text of a file of one line or value, as those of `/proc` and `/sys`; `None` where it cannot be read.
    pub fn read_value(&self, path: &str) -> Option<String> {
        let text = self.read_text(path).ok()?;
        Some(text.trim_end_matches(['\n', '\0']).to_owned())
    }

    /// Whether there is something at this path that may be seen.
    pub fn is_there(&self, path: &str) -> bool {
        self.status(path).is_ok()
    }

    /// The names in a folder; none where it is not there or may not be read.
    pub fn names(&self, path: &str) -> Vec<String> {
        self.list(path, MAX_ENTRIES)
            .map(|entries| entries.names)
            .unwrap_or_default()
    }
}
