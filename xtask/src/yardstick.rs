//! What a scan is measured against: reading the same bytes, and nothing else, on one core.
//!
//! JSON is read into `serde_json`'s values, YAML into the events of the parser that the product falls back on.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value;

use crate::Result;

/// Files to read, and how many bytes they have.
pub(crate) struct Input {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) bytes: u64,
}

impl Input {
    /// A file, or all manifests below a directory.
    pub(crate) fn of(path: &Path) -> Result<Input> {
        let mut input = Input {
            files: Vec::new(),
            bytes: 0,
        };
        input.add(path)?;
        input.files.sort();
        Ok(input)
    }

    fn add(&mut self, path: &Path) -> Result<()> {
        if path.is_dir() {
            for entry in fs::read_dir(path)? {
                let below = entry?.path();
                if below.is_dir() || is_yaml(&below) || is_json(&below) {
                    self.add(&below)?;
                }
            }
            return Ok(());
        }
        self.bytes += fs::metadata(path)?.len();
        self.files.push(path.to_path_buf());
        Ok(())
    }
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| endings.contains(&ending))
}

fn is_yaml(path: &Path) -> bool {
    has_ending(path, &["yaml", "yml"])
}

fn is_json(path: &Path) -> bool {
    has_ending(path, &["json"])
}

/// Seconds that reading takes, without reading from the disk. What cannot be read is left at its first mistake.
pub(crate) fn read(path: &str) -> Result<String> {
    let input = Input::of(Path::new(path))?;
    let texts: Vec<(bool, Vec<u8>)> = input
        .files
        .iter()
        .map(|file| Ok((is_json(file), fs::read(file)?)))
        .collect::<Result<_>>()?;
    let started = Instant::now();
    let mut values = Vec::new();
    let mut events = 0;
    for (is_json, bytes) in &texts {
        if *is_json {
            values.push(serde_json::from_slice::<Value>(bytes).ok());
        } else if let Ok(text) = std::str::from_utf8(bytes) {
            let mut parser = granit_parser::Parser::new_from_str(text);
            while let Some(Ok(_)) = parser.next_event() {
                events += 1;
            }
        }
    }
    let taken = started.elapsed().as_secs_f64();
    if values.is_empty() && events == 0 {
        return Err(format!("{path}: nothing to read").into());
    }
    Ok(taken.to_string())
}
