//! From what a user named to files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::charts::Charts;
use crate::error::ReadError;
use crate::pattern::Pattern;
use crate::walk::{Met, walk, without_dot};

/// Files to read, and what went wrong on the way.
#[derive(Debug, Default)]
pub struct Found {
    /// Files, ordered, each there once, under the first of its names; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// What could not be looked at, ordered.
    pub errors: Vec<ReadError>,
}

/// Endings of manifests in a folder. A file that is named itself may have any ending.
const ENDINGS: &[&str] = &["yaml", "yml", "json", "ndjson", "jsonl"];

/// Finds the files of paths, folders and globs.
pub fn find(paths: &[PathBuf]) -> Found {
    let mut search = Search {
        may_repeat: paths.len() > 1,
        ..Search::default()
    };
    for path in paths {
        search.argument(path);
    }
    search.finish()
}

/// Whether a file in a folder is a manifest, by its ending.
pub(crate) fn is_manifest_name(path: &Path) -> bool {
    path.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| {
            ENDINGS
                .iter()
                .any(|known| ending.eq_ignore_ascii_case(known))
        })
}

#[derive(Default)]
struct Search {
    files: BTreeSet<PathBuf>,
    errors: BTreeSet<ReadError>,
    charts: Charts,
    /// Whether a file may have been met under several names.
    may_repeat: bool,
}

impl Search {
    fn argument(&mut self, path: &Path) {
        if path.as_os_str() == "-" {
            self.files.insert(path.to_path_buf());
            return;
        }
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.folder(path),
            // Whoever names a file means it: a pipe or a chart's template, too.
            Ok(_) => {
                self.files.insert(without_dot(path));
            }
            Err(error) => match Pattern::parse(path) {
                Some(Ok(pattern)) => self.glob(path, &pattern),
                Some(Err(reason)) => {
                    self.errors.insert(ReadError::new(path, reason));
                }
                None => {
                    self.errors.insert(ReadError::io(path, &error));
                }
            },
        }
    }

    fn folder(&mut self, root: &Path) {
        for met in walk(root) {
            match met {
                Met::File { path, linked } if is_manifest_name(&path) => self.file(path, linked),
                Met::Error(error) => {
                    self.errors.insert(error);
                }
                Met::File { .. } | Met::Folder(_) => {}
            }
        }
    }

    fn glob(&mut self, path: &Path, pattern: &Pattern) {
        let mut folders = Vec::new();
        let mut matched = false;
        for met in walk(&pattern.root) {
            match met {
                Met::File { path, linked } if pattern.matches(&path) => {
                    if pattern.names_an_ending() || is_manifest_name(&path) {
                        matched = true;
                        self.file(path, linked);
                    }
                }
                Met::Folder(path) if pattern.matches(&path) => folders.push(path),
                Met::Error(error) => {
                    self.errors.insert(error);
                }
                Met::File { .. } | Met::Folder(_) => {}
            }
        }
        if folders.is_empty() && !matched {
            self.errors
                .insert(ReadError::new(path, "nothing matches this glob"));
        }
        self.may_repeat |= folders.len() > 1;
        for folder in folders {
            self.folder(&folder);
        }
    }

    fn file(&mut self, path: PathBuf, linked: bool) {
        self.may_repeat |= linked;
        if !self.charts.claim(&path) {
            self.files.insert(path);
        }
    }

    fn finish(self) -> Found {
        let mut errors = self.errors;
        errors.extend(self.charts.errors());
        let files = if self.may_repeat {
            once_each(self.files)
        } else {
            self.files.into_iter().collect()
        };
        Found {
            files,
            errors: errors.into_iter().collect(),
        }
    }
}

/// Every file once, under the first of its names.
fn once_each(files: BTreeSet<PathBuf>) -> Vec<PathBuf> {
    let mut by_identity: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for file in files {
        // A file that has no real path is read under the name it was given, and fails there if it must.
        let identity = file.canonicalize().unwrap_or_else(|_| file.clone());
        by_identity.entry(identity).or_insert(file);
    }
    let mut files: Vec<PathBuf> = by_identity.into_values().collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests;
