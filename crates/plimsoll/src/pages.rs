//! Control pages of the user's own.

use std::path::{Path, PathBuf};

use crate::exit::Failure;

/// The pages at these paths and in these folders, with their texts, sorted by path.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<(String, String)>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            list(path, &mut files).map_err(|error| unreadable(path, &error))?;
        } else {
            files.push(path.clone());
        }
    }
    files.sort();
    files.dedup();
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
            Ok((file.display().to_string(), text))
        })
        .collect()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Unreadable {
        path: path.display().to_string(),
        reason: error.to_string(),
    }
}

fn list(folder: &Path, pages: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, pages)?;
        } else if path.extension().is_some_and(|ending| ending == "md") {
            pages.push(path);
        }
    }
    Ok(())
}
