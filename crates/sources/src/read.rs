//! From files to documents, on all cores.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use plimsoll_document::{Format, Limits, Parsed, Problem, Source, parse};

use crate::find::ReadError;

/// What became of a file.
#[derive(Debug)]
pub enum Read {
    /// Its documents, perhaps with problems.
    Parsed(Parsed),
    /// It is no text.
    NotText {
        /// The file.
        path: String,
        /// Where and why.
        problem: Problem,
    },
    /// It could not be read.
    Failed(ReadError),
}

/// Reads and parses files. The results are in the order of the files.
pub fn read_all(files: &[PathBuf], limits: &Limits) -> Vec<Read> {
    let workers = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(files.len());
    if workers <= 1 {
        return files.iter().map(|file| read(file, limits)).collect();
    }
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut results: Vec<Option<Read>> = Vec::new();
    results.resize_with(files.len(), || None);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(at) else {
                        return;
                    };
                    // The receiver lives until all senders are gone.
                    if sender.send((at, read(file, limits))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (at, result) in receiver {
            results[at] = Some(result);
        }
    });
    results.into_iter().flatten().collect()
}

fn read(file: &Path, limits: &Limits) -> Read {
    let path = file.display().to_string();
    let failed = |reason: String| {
        Read::Failed(ReadError {
            path: path.clone(),
            reason,
        })
    };
    let bytes = if path == "-" {
        let mut bytes = Vec::new();
        match std::io::stdin().lock().read_to_end(&mut bytes) {
            Ok(_) => bytes,
            Err(error) => return failed(error.to_string()),
        }
    } else {
        match std::fs::metadata(file) {
            Ok(metadata) if metadata.len() > limits.max_bytes as u64 => {
                return failed(format!(
                    "the file has {} bytes, more than the limit of {}",
                    metadata.len(),
                    limits.max_bytes
                ));
            }
            Ok(_) => {}
            Err(error) => return failed(error.to_string()),
        }
        match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) => return failed(error.to_string()),
        }
    };
    match Source::from_bytes(path.clone(), bytes) {
        Ok(source) => {
            let format = Format::detect(&path, source.text());
            Read::Parsed(parse(&Arc::new(source), format, limits))
        }
        Err(problem) => Read::NotText { path, problem },
    }
}
