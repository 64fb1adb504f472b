//! From what a user named to files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::archive;
use crate::charts::{Chart, Charts, DESCRIPTION};
use crate::error::ReadError;
use crate::kustomizations::{self, Kustomization, is_kustomization_name};
use crate::pattern::Pattern;
use crate::walk::{Met, walk, without_dot};

/// Files to read, and what went wrong on the way.
#[derive(Debug, Default)]
pub struct Found {
    /// Files, ordered, each there once, under the first of its names; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// Helm charts, ordered. None of their templates is among the files.
    pub charts: Vec<Chart>,
    /// Kustomizations that nothing else that was found builds on, ordered. None of their files is among the files.
    pub kustomizations: Vec<Kustomization>,
    /// What could not be looked at, ordered.
    pub errors: Vec<ReadError>,
}

impl Found {
    /// What there is to read where nothing is rendered: the files of kustomizations as they are. A chart has next to
    /// nothing that can be read: each is an error.
    #[must_use]
    pub fn unrendered(mut self) -> Found {
        let reason = "this Helm chart was not scanned, since nothing is rendered; scan what `helm template` prints of \
                      it, or name the chart in .plimsollignore";
        let mut files: BTreeSet<PathBuf> = self.files.into_iter().collect();
        for chart in self.charts {
            self.errors.push(ReadError::new(&chart.path, reason));
            files.extend(chart.files);
        }
        let of_kustomizations = self.kustomizations.into_iter();
        files.extend(of_kustomizations.flat_map(|kustomization| kustomization.files));
        self.errors.sort();
        Found {
            files: files.into_iter().collect(),
            errors: self.errors,
            ..Found::default()
        }
    }
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
            Ok(_) => self.named(&without_dot(path)),
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

    /// A file that was named. That of a chart or kustomization stands for what it describes.
    fn named(&mut self, path: &Path) {
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let is_chart = path.file_name().is_some_and(|name| name == DESCRIPTION)
            && self.charts.claim(path, &folder)
            || self.charts.claim_archive(path, &folder);
        if !is_chart {
            self.files.insert(path.to_path_buf());
        }
    }

    fn folder(&mut self, root: &Path) {
        for met in walk(root) {
            match met {
                Met::File { path, linked } if is_looked_at(&path) => self.file(path, linked, root),
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
                    if pattern.names_an_ending() || is_looked_at(&path) {
                        matched = true;
                        self.file(path, linked, &pattern.root);
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

    fn file(&mut self, path: PathBuf, linked: bool, boundary: &Path) {
        self.may_repeat |= linked;
        let is_plain = !archive::is_archive_name(&path) || is_manifest_name(&path);
        if !self.charts.claim(&path, boundary) && is_plain {
            self.files.insert(path);
        }
    }

    fn finish(self) -> Found {
        let mut files = if self.may_repeat {
            once_each(self.files)
        } else {
            self.files
        };
        let kustomizations = kustomizations::claim(&mut files);
        Found {
            files: files.into_iter().collect(),
            charts: self.charts.finish(),
            kustomizations,
            errors: self.errors.into_iter().collect(),
        }
    }
}

/// Whether a file in a folder may be a manifest, a kustomization or a packed chart, by its name.
fn is_looked_at(path: &Path) -> bool {
    is_manifest_name(path) || is_kustomization_name(path) || archive::is_archive_name(path)
}

/// Every file once, under the first of its names.
fn once_each(files: BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let mut by_identity: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for file in files {
        // A file that has no real path is read under the name it was given, and fails there if it must.
        let identity = file.canonicalize().unwrap_or_else(|_| file.clone());
        by_identity.entry(identity).or_insert(file);
    }
    by_identity.into_values().collect()
}

#[cfg(test)]
mod tests;
