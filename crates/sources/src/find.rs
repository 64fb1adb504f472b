//! From what a user named to files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use ignore::WalkBuilder;
use thiserror::Error;

use crate::charts;

/// Files to read, and what went wrong on the way.
#[derive(Debug, Default)]
pub struct Found {
    /// Files, ordered, each there once; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// What could not be looked at.
    pub errors: Vec<ReadError>,
}

/// Something that was asked for and could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{path}: {reason}")]
pub struct ReadError {
    /// What.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Endings of manifests in a folder. A file that is named itself may have any ending.
const ENDINGS: &[&str] = &["yaml", "yml", "json", "ndjson", "jsonl"];

/// Folders in which version control keeps its own. Other hidden files are looked at like any.
const REPOSITORIES: &[&str] = &[".git", ".hg", ".svn", ".jj"];

/// Finds the files of paths, folders and globs.
pub fn find(paths: &[PathBuf]) -> Found {
    let mut files = BTreeSet::new();
    let mut errors = Vec::new();
    let mut charts = BTreeSet::new();
    for path in paths {
        if path.as_os_str() == "-" || path.is_file() {
            files.insert(path.clone());
        } else if path.is_dir() {
            walk(path, None, &mut files, &mut charts, &mut errors);
        } else if let Some((root, pattern)) = glob_of(path) {
            let before = files.len();
            walk(&root, Some(&pattern), &mut files, &mut charts, &mut errors);
            if files.len() == before {
                errors.push(error(path, "no file matches"));
            }
        } else {
            errors.push(error(path, "there is no such file or folder"));
        }
    }
    for chart in charts {
        let reason = "this Helm chart was not scanned: charts are not rendered yet; render it with `helm template` and \
                      scan the output";
        errors.push(error(&chart, reason));
    }
    Found {
        files: files.into_iter().collect(),
        errors,
    }
}

fn error(path: &Path, reason: impl Into<String>) -> ReadError {
    ReadError {
        path: path.display().to_string(),
        reason: reason.into(),
    }
}

/// The folder where a glob starts, and the glob; `None` for a path without wildcards or with a broken one.
fn glob_of(path: &Path) -> Option<(PathBuf, globset::GlobMatcher)> {
    let text = path.to_str()?;
    if !text.contains(['*', '?', '[', '{']) {
        return None;
    }
    let matcher = GlobBuilder::new(text)
        .literal_separator(true)
        .build()
        .ok()?
        .compile_matcher();
    let root: PathBuf = path
        .components()
        .take_while(|part| {
            !part
                .as_os_str()
                .to_string_lossy()
                .contains(['*', '?', '[', '{'])
        })
        .collect();
    let root = if root.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        root
    };
    Some((root, matcher))
}

fn walk(
    root: &Path,
    pattern: Option<&globset::GlobMatcher>,
    files: &mut BTreeSet<PathBuf>,
    charts: &mut BTreeSet<PathBuf>,
    errors: &mut Vec<ReadError>,
) {
    let walker = WalkBuilder::new(root)
        .standard_filters(false)
        .filter_entry(|entry| {
            !REPOSITORIES.contains(&entry.file_name().to_str().unwrap_or_default())
        })
        .add_custom_ignore_filename(".plimsollignore")
        .build();
    for entry in walker {
        let entry = match entry {
            Ok(entry) => entry,
            Err(problem) => {
                errors.push(error(root, problem.to_string()));
                continue;
            }
        };
        let path = entry.path();
        if !entry
            .file_type()
            .is_some_and(|kind| kind.is_file() || kind.is_symlink() && path.is_file())
        {
            continue;
        }
        let wanted = match pattern {
            Some(pattern) => {
                pattern.is_match(path)
                    || path
                        .strip_prefix(".")
                        .is_ok_and(|path| pattern.is_match(path))
            }
            None => path
                .extension()
                .and_then(|ending| ending.to_str())
                .is_some_and(|ending| ENDINGS.contains(&ending)),
        };
        if !wanted || charts::is_chart_file(path) {
            continue;
        }
        match charts::chart_of_template(path) {
            Some(chart) => {
                charts.insert(chart);
            }
            None => {
                files.insert(path.to_path_buf());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn folders_globs_and_charts_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (path, text) in [
            ("a.yaml", "a: 1"),
            ("b/c.yml", "a: 1"),
            ("b/notes.txt", "no"),
            (".git/config.yaml", "no"),
            ("ignored/x.yaml", "no"),
            (".plimsollignore", "ignored/\n"),
            ("chart/Chart.yaml", "name: chart"),
            ("chart/values.yaml", "a: 1"),
            ("chart/templates/deployment.yaml", "{{ no }}"),
            ("chart/crds/crd.yaml", "a: 1"),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let names = |found: &Found| -> Vec<String> {
            found
                .files
                .iter()
                .map(|file| file.strip_prefix(root).unwrap().display().to_string())
                .collect()
        };
        let found = find(&[root.to_path_buf()]);
        assert_eq!(names(&found), ["a.yaml", "b/c.yml", "chart/crds/crd.yaml"]);
        assert_eq!(found.errors.len(), 1);
        assert!(
            found.errors[0].reason.contains("Helm chart"),
            "{}",
            found.errors[0]
        );
        let found = find(&[root.join("b").join("*.yml"), root.join("b/notes.txt")]);
        assert_eq!(names(&found), ["b/c.yml", "b/notes.txt"]);
        let found = find(&[root.join("missing"), root.join("*.toml")]);
        assert_eq!(found.errors.len(), 2);
    }
}
