//! From files to documents, several at the same time.

use std::fs::{File, Metadata};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_document::{
    Format, Limits, Parsed, Problem, Source, Threads, in_parts, parse, parse_in_parts,
};

use crate::error::ReadError;

/// What became of a file.
#[derive(Debug)]
pub enum Read {
    /// Its documents, perhaps with problems.
    Parsed(Parsed),
    /// It is compressed: a snapshot of a cluster, perhaps.
    Compressed {
        /// The file.
        path: String,
        /// What it holds, as it is.
        bytes: Vec<u8>,
    },
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

/// How a file is read that is a long list of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// Into one tree, as it is written.
    Whole,
    /// Into trees of some objects each, on several threads.
    InParts,
}

/// Reads and parses files. The results are in the order of the files.
pub fn read_all(files: &[PathBuf], limits: &Limits, threads: Threads, lists: Lists) -> Vec<Read> {
    // Files differ in size: each is a part of its own.
    in_parts(
        threads,
        files,
        1,
        || (),
        |(), part| -> Vec<Read> {
            let read = |file: &PathBuf| read(file, limits, threads, lists);
            part.iter().map(read).collect()
        },
    )
    .into_iter()
    .flatten()
    .collect()
}

/// How a file begins that gzip or the like has written. No text does.
const COMPRESSED: [u8; 2] = [0x1f, 0x8b];

fn read(file: &Path, limits: &Limits, threads: Threads, lists: Lists) -> Read {
    let path = file.display().to_string();
    let bytes = match bytes_of(file, limits.max_bytes, threads) {
        Ok(bytes) => bytes,
        Err(error) => return Read::Failed(error),
    };
    if bytes.starts_with(&COMPRESSED) {
        return Read::Compressed { path, bytes };
    }
    match Source::from_bytes(path.clone(), bytes) {
        Ok(source) => {
            let format = Format::detect(&path, source.text());
            let source = Arc::new(source);
            Read::Parsed(match lists {
                Lists::Whole => parse(&source, format, limits),
                Lists::InParts => parse_in_parts(&source, format, limits, threads),
            })
        }
        Err(problem) => Read::NotText { path, problem },
    }
}

/// The bytes of a file, or of standard input. Never more than the limit is held: a pipe does not tell its size before.
fn bytes_of(file: &Path, limit: usize, threads: Threads) -> Result<Vec<u8>, ReadError> {
    let failed = |error: std::io::Error| ReadError::io(file, &error);
    let mut bytes = Vec::new();
    let most = limit as u64 + 1;
    if file.as_os_str() == "-" {
        let input = std::io::stdin().lock();
        input.take(most).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let input = File::open(file).map_err(failed)?;
        if let Ok(metadata) = input.metadata() {
            if let Some(bytes) = read_in_pieces(&input, &metadata, limit, threads) {
                return Ok(bytes);
            }
            let size = metadata.len().min(most);
            bytes.reserve_exact(usize::try_from(size).unwrap_or_default() + 1);
        }
        input.take(most).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() > limit {
        let reason = format!(
            "it has more than {limit} bytes, the limit of a file; --file-size-limit allows more"
        );
        return Err(ReadError::new(file, reason));
    }
    Ok(bytes)
}

/// Larger files are read on several threads.
const LARGE: u64 = 16 << 20;

/// The bytes of a large file; `None` where they are to be had in one piece only.
#[cfg(unix)]
fn read_in_pieces(
    file: &File,
    metadata: &Metadata,
    limit: usize,
    threads: Threads,
) -> Option<Vec<u8>> {
    use std::os::unix::fs::FileExt;

    let size = usize::try_from(metadata.len()).ok()?;
    if threads == Threads::ONE || !metadata.is_file() || metadata.len() < LARGE || size > limit {
        return None;
    }
    let mut bytes = vec![0; size];
    let piece = size.div_ceil(threads.count());
    let is_read = std::thread::scope(|scope| {
        let pieces = bytes.chunks_mut(piece).enumerate().map(|(at, piece_of)| {
            let start = (at * piece) as u64;
            scope.spawn(move || file.read_exact_at(piece_of, start).is_ok())
        });
        let pieces: Vec<_> = pieces.collect();
        pieces
            .into_iter()
            .all(|piece| piece.join().unwrap_or(false))
    });
    // A file that another program writes to meanwhile is read from its beginning.
    let ends_there = || matches!(file.read_at(&mut [0], metadata.len()), Ok(0));
    (is_read && ends_there()).then_some(bytes)
}

#[cfg(not(unix))]
fn read_in_pieces(_: &File, _: &Metadata, _: usize, _: Threads) -> Option<Vec<u8>> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_files_and_name_what_failed() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Vec::new();
        for at in 0..40 {
            let path = folder.path().join(format!("{at:02}.yaml"));
            match at {
                7 => {}
                9 => std::fs::write(&path, b"a: caf\xe9\n").unwrap(),
                11 => std::fs::write(&path, "x".repeat(101)).unwrap(),
                _ => std::fs::write(&path, "a: 1\n".repeat(at % 3)).unwrap(),
            }
            files.push(path);
        }
        let limits = Limits {
            max_bytes: 100,
            ..Limits::default()
        };
        let results = read_all(&files, &limits, Threads::available(), Lists::Whole);
        assert_eq!(results.len(), files.len());
        for (at, (result, file)) in results.iter().zip(&files).enumerate() {
            let name = file.display().to_string();
            match result {
                Read::Parsed(parsed) => assert_eq!(parsed.tree.source().name(), name),
                Read::NotText { path, problem } => {
                    assert_eq!((at, path), (9, &name));
                    assert_eq!(problem.position.column, 7);
                }
                Read::Compressed { path, .. } => panic!("{path}"),
                Read::Failed(error) => {
                    assert_eq!(error.path, name);
                    let reason = match at {
                        7 => "no such file",
                        11 => "more than 100 bytes",
                        _ => panic!("{error}"),
                    };
                    assert!(error.reason.contains(reason), "{error}");
                }
            }
        }
    }

    #[test]
    fn a_large_file_is_read_as_it_is_on_any_number_of_threads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large");
        let text: Vec<u8> = (0..LARGE as u32 / 4 + 7)
            .flat_map(u32::to_le_bytes)
            .collect();
        std::fs::write(&path, &text).unwrap();
        for count in [1, 2, 3, 8] {
            let threads = Threads::new(std::num::NonZero::new(count).unwrap());
            assert!(
                bytes_of(&path, text.len(), threads).unwrap() == text,
                "{count}"
            );
            let error = bytes_of(&path, text.len() - 1, threads).unwrap_err();
            assert!(error.reason.contains("the limit of a file"), "{error}");
        }
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let results = read_all(
            &[folder.path().to_path_buf()],
            &Limits::default(),
            Threads::ONE,
            Lists::InParts,
        );
        assert!(matches!(&results[..], [Read::Failed(_)]));
    }
}
