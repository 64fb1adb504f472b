//! The files of a folder.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use crate::error::ReadError;
use crate::find::is_manifest_name;

/// Folders in which version control keeps its own. Other hidden files are looked at like any.
const REPOSITORIES: &[&str] = &[".git", ".hg", ".svn", ".jj"];

/// What a walk meets.
pub(crate) enum Met {
    File {
        path: PathBuf,
        /// Whether a symbolic link led here, so that the file may be met again under another name.
        linked: bool,
    },
    Folder(PathBuf),
    Error(ReadError),
}

/// Everything below a folder but what `.plimsollignore` leaves out. Links are followed, but not to folders that hold the
/// link itself: what is there is met anyway.
pub(crate) fn walk(root: &Path) -> impl Iterator<Item = Met> {
    let start = if root.as_os_str().is_empty() {
        Path::new(".")
    } else {
        root
    };
    WalkBuilder::new(start)
        .standard_filters(false)
        .parents(true)
        .follow_links(true)
        .add_custom_ignore_filename(".plimsollignore")
        .filter_entry(|entry| !is_repository(entry) && !leads_back(entry))
        .build()
        .flat_map(|entry| match entry {
            Ok(entry) => of_entry(&entry),
            Err(problem) => of_problem(problem, None),
        })
}

fn of_entry(entry: &DirEntry) -> Vec<Met> {
    // A broken line of an ignore file comes with the folder that the file is in.
    let mut met: Vec<Met> = entry
        .error()
        .map(|problem| of_problem(problem.clone(), Some(entry.path())))
        .unwrap_or_default();
    let path = without_dot(entry.path());
    let linked = entry.path_is_symlink();
    match entry.file_type() {
        Some(kind) if kind.is_dir() => met.push(Met::Folder(path)),
        Some(kind) if kind.is_file() => met.push(Met::File { path, linked }),
        // Sockets, pipes and devices in a folder are no manifests.
        _ => {}
    }
    met
}

fn of_problem(problem: ignore::Error, near: Option<&Path>) -> Vec<Met> {
    match problem {
        // A loop leads to what is met anyway.
        ignore::Error::Loop { .. } => Vec::new(),
        ignore::Error::WithDepth { err, .. } => of_problem(*err, near),
        ignore::Error::WithPath { path, err } => of_problem(*err, Some(&path)),
        ignore::Error::Partial(problems) => problems
            .into_iter()
            .flat_map(|problem| of_problem(problem, near))
            .collect(),
        ignore::Error::Io(error) => {
            let path = without_dot(near.unwrap_or(Path::new(".")));
            // A link to nowhere concerns us where a manifest should be.
            if error.kind() == ErrorKind::NotFound && !is_manifest_name(&path) {
                return Vec::new();
            }
            vec![Met::Error(ReadError::io(&path, &error))]
        }
        other => {
            let path = without_dot(near.unwrap_or(Path::new(".plimsollignore")));
            vec![Met::Error(ReadError::new(&path, other.to_string()))]
        }
    }
}

fn is_repository(entry: &DirEntry) -> bool {
    entry
        .file_name()
        .to_str()
        .is_some_and(|name| REPOSITORIES.contains(&name))
}

/// Whether a link leads to a folder that holds the link.
fn leads_back(entry: &DirEntry) -> bool {
    if !entry.path_is_symlink() {
        return false;
    }
    let (Ok(target), Some(Ok(holder))) = (
        entry.path().canonicalize(),
        entry.path().parent().map(holder_of),
    ) else {
        return false;
    };
    holder.starts_with(target)
}

fn holder_of(folder: &Path) -> std::io::Result<PathBuf> {
    let here = Path::new(".");
    let folder = if folder.as_os_str().is_empty() {
        here
    } else {
        folder
    };
    folder.canonicalize()
}

/// `./a.yaml` is shown as `a.yaml`.
pub(crate) fn without_dot(path: &Path) -> PathBuf {
    match path.strip_prefix(".") {
        Ok(rest) if !rest.as_os_str().is_empty() => rest.to_path_buf(),
        _ => path.to_path_buf(),
    }
}
