//! Reading below a root on Linux.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Dir, FileType as Kind, Mode, OFlags, Stat, fstat, openat, readlinkat};
use rustix::io::Errno;

use super::{Entries, FileType, MAX_BYTES, MAX_LINKS, ReadError, Status};

/// A folder that stands for the root of a machine or of a process.
#[derive(Debug)]
pub struct Root {
    folder: OwnedFd,
}

/// Where a path leads.
struct Found {
    /// The folder it is in; `None` where that is the root.
    parent: Option<OwnedFd>,
    /// Its name there, free of links; `.` for the root.
    name: String,
    stat: Stat,
}

/// Handles that name a place and open nothing.
const PLACE: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// What a file is read with: no link, no terminal, and no waiting.
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

impl From<Errno> for ReadError {
    fn from(errno: Errno) -> ReadError {
        match errno {
            // A part of the path that is a file hides nothing below it.
            Errno::NOENT | Errno::NOTDIR => ReadError::NotFound,
            Errno::ACCESS | Errno::PERM => ReadError::NotPermitted,
            other => ReadError::Other(other.into()),
        }
    }
}

fn file_type(stat: &Stat) -> FileType {
    match Kind::from_raw_mode(stat.st_mode) {
        Kind::RegularFile => FileType::File,
        Kind::Directory => FileType::Directory,
        Kind::Socket => FileType::Socket,
        _ => FileType::Other,
    }
}

fn must_be(expected: FileType, stat: &Stat) -> Result<(), ReadError> {
    let found = file_type(stat);
    if found == expected {
        Ok(())
    } else {
        Err(ReadError::OtherType { found, expected })
    }
}

impl Root {
    /// The root at this folder, which may be a link: whoever names it means what it leads to.
    pub fn open(path: &Path) -> Result<Root, ReadError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(Root { folder })
    }

    /// The root that a process sees, below `/proc` of this one. The kernel lets in who may trace the process.
    pub fn of_process(&self, process: u32) -> Result<Root, ReadError> {
        let found = self.find(&format!("/proc/{process}"))?;
        let parent = found.parent_of(self);
        let place = openat(
            parent,
            &found.name,
            PLACE | OFlags::DIRECTORY,
            Mode::empty(),
        )?;
        // This link is the kernel's own: it is followed to where the process is, whatever its text says.
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = openat(place.as_fd(), "root", flags, Mode::empty())?;
        Ok(Root { folder })
    }

    /// Follows a path to its end.
    fn find(&self, path: &str) -> Result<Found, ReadError> {
        let mut folders: Vec<OwnedFd> = Vec::new();
        let mut ahead: VecDeque<String> = path.split('/').map(str::to_owned).collect();
        let mut links = 0;
        let mut last = None;
        while let Some(name) = ahead.pop_front() {
            if name.is_empty() || name == "." {
                continue;
            }
            if name == ".." {
                folders.pop();
                continue;
            }
            let here = folders.last().map_or(self.folder.as_fd(), AsFd::as_fd);
            let place = openat(here, &name, PLACE, Mode::empty())?;
            let stat = fstat(&place)?;
            match Kind::from_raw_mode(stat.st_mode) {
                Kind::Symlink => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(ReadError::Links);
                    }
                    let target = readlinkat(&place, "", Vec::new())?;
                    let target = target.to_str().map_err(|_| ReadError::NotText)?;
                    if target.starts_with('/') {
                        folders.clear();
                    }
                    for part in target.rsplit('/') {
                        ahead.push_front(part.to_owned());
                    }
                }
                Kind::Directory => folders.push(place),
                _ => {
                    let is_end = ahead.iter().all(|part| part.is_empty() || part == ".");
                    if !is_end {
                        return Err(ReadError::NotFound);
                    }
                    last = Some((name, stat));
                    break;
                }
            }
        }
        let parent = folders.pop();
        if let Some((name, stat)) = last {
            return Ok(Found { parent, name, stat });
        }
        let place = parent.as_ref().map_or(self.folder.as_fd(), AsFd::as_fd);
        let stat = fstat(place)?;
        let name = ".".to_owned();
        Ok(Found { parent, name, stat })
    }

    /// What is known of a file without opening it; links are followed.
    pub fn status(&self, path: &str) -> Result<Status, ReadError> {
        let stat = self.find(path)?.stat;
        Ok(Status {
            file_type: file_type(&stat),
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            size: u64::try_from(stat.st_size).unwrap_or(0),
        })
    }

    /// The bytes of a regular file.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let found = self.find(path)?;
        let must_be_file = |stat: &Stat| must_be(FileType::File, stat);
        must_be_file(&found.stat)?;
        let file = openat(found.parent_of(self), &found.name, READ, Mode::empty())?;
        // The file may be another by now.
        must_be_file(&fstat(&file)?)?;
        let mut bytes = Vec::new();
        let bound = MAX_BYTES as u64 + 1;
        File::from(file).take(bound).read_to_end(&mut bytes)?;
        if bytes.len() > MAX_BYTES {
            return Err(ReadError::TooLarge);
        }
        Ok(bytes)
    }

    /// The entries of a folder, at most so many.
    pub fn list(&self, path: &str, most: usize) -> Result<Entries, ReadError> {
        let found = self.find(path)?;
        must_be(FileType::Directory, &found.stat)?;
        let flags = READ | OFlags::DIRECTORY;
        let folder = openat(found.parent_of(self), &found.name, flags, Mode::empty())?;
        let mut entries = Entries::default();
        for entry in Dir::new(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else {
                continue;
            };
            if name == "." || name == ".." {
                continue;
            }
            if entries.names.len() == most {
                entries.more = true;
                break;
            }
            entries.names.push(name.to_owned());
        }
        entries.names.sort_unstable();
        Ok(entries)
    }

    /// The text of a symbolic link, whose folder may be reached through links.
    pub fn link(&self, path: &str) -> Result<String, ReadError> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let found = self.find(folder)?;
        let parent = found.parent_of(self);
        let target = readlinkat(parent, name, Vec::new())?;
        target.into_string().map_err(|_| ReadError::NotText)
    }

    /// The number of the file system a file is on, as `/sys/dev/block` names it: `8:1`.
    pub fn device(&self, path: &str) -> Result<String, ReadError> {
        let device = self.find(path)?.stat.st_dev;
        let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
        Ok(format!("{major}:{minor}"))
    }
}

impl Found {
    fn parent_of<'f>(&'f self, root: &'f Root) -> BorrowedFd<'f> {
        self.parent
            .as_ref()
            .map_or(root.folder.as_fd(), AsFd::as_fd)
    }
}
