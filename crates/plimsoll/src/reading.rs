//! From paths to documents: what is read as it is, and what is rendered first.

mod rendering;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_document::Parsed;
use plimsoll_report::{ScanError, ScanWarning, SourceKind};
use plimsoll_sources::{Found, Lists, Read, ReadError, find, read_all};

use crate::arguments::WorkArguments;

pub(crate) use rendering::Rendering;
use rendering::{Job, Rendered, render_all};

/// What was read.
#[derive(Default)]
pub(crate) struct Reading {
    /// In the order of their paths.
    pub(crate) sources: Vec<ReadSource>,
    /// Compressed files: what clusters were, by path.
    pub(crate) snapshots: Vec<(String, Vec<u8>)>,
    pub(crate) errors: Vec<ScanError>,
    pub(crate) warnings: Vec<ScanWarning>,
}

/// A file, or all that was rendered of a chart or kustomization.
pub(crate) struct ReadSource {
    pub(crate) kind: SourceKind,
    pub(crate) location: String,
    pub(crate) variant: Option<String>,
    pub(crate) texts: Vec<Parsed>,
}

/// Finds, renders, reads and parses what the user named.
pub(crate) fn read(
    paths: &[PathBuf],
    rendering: &Rendering,
    work: &WorkArguments,
    lists: Lists,
) -> Reading {
    let mut reading = Reading::default();
    let mut found = find(paths);
    if !rendering.is_on {
        found = found.unrendered();
    }
    reading.errors.extend(found.errors.iter().map(unreadable));
    let mut sources = reading.rendered(&mut found, rendering);
    let read = read_all(&found.files, &work.file_limits(), work.threads(), lists);
    for (path, read) in found.files.into_iter().zip(read) {
        if let Some(source) = reading.file(read) {
            sources.push((path, source));
        }
    }
    sources.sort_by(|(one, _), (other, _)| one.cmp(other));
    reading.sources = sources.into_iter().map(|(_, source)| source).collect();
    reading
}

impl Reading {
    fn file(&mut self, read: Read) -> Option<ReadSource> {
        match read {
            Read::Failed(error) => {
                self.errors.push(unreadable(&error));
                None
            }
            Read::Compressed { path, bytes } => {
                self.snapshots.push((path, bytes));
                None
            }
            Read::NotText { path, problem } => {
                self.errors.push(ScanError {
                    file: path,
                    position: Some(problem.position),
                    message: problem.kind.to_string(),
                    source: None,
                });
                None
            }
            Read::Parsed(parsed) => {
                let location = parsed.tree.source().name().to_owned();
                Some(ReadSource {
                    kind: if location == "-" {
                        SourceKind::Stdin
                    } else {
                        SourceKind::File
                    },
                    location,
                    variant: None,
                    texts: vec![parsed],
                })
            }
        }
    }

    /// Renders charts and kustomizations. What could not be rendered leaves files that are read as they are.
    fn rendered(&mut self, found: &mut Found, rendering: &Rendering) -> Vec<(PathBuf, ReadSource)> {
        let jobs = rendering.jobs(found);
        let results = render_all(rendering, &jobs);
        let mut sources = Vec::new();
        let (mut built, mut left) = (BTreeSet::new(), BTreeSet::new());
        for (job, result) in jobs.iter().zip(results) {
            match result {
                Ok(Rendered::Texts { texts, unsteady }) => {
                    built.extend(job.files().iter().cloned());
                    for file in unsteady {
                        let message = "rendered twice this is not the same, since it uses random values or the time: \
                                       what is found in it may change from scan to scan";
                        self.warn(file, message);
                    }
                    let source = ReadSource {
                        kind: job.kind(),
                        location: job.location(),
                        variant: job.variant(),
                        texts,
                    };
                    sources.push((job.path().to_path_buf(), source));
                }
                Ok(Rendered::Library(library)) => {
                    let message =
                        "this is a library chart: it has nothing to deploy, and was not rendered";
                    self.warnings.push(ScanWarning {
                        file: library.file.display().to_string(),
                        position: library.position,
                        message: message.to_owned(),
                    });
                }
                Err(mut message) => {
                    if job.kind() == SourceKind::Kustomize {
                        message.push_str("; its files were scanned as they are");
                    }
                    left.extend(job.files().iter().cloned());
                    self.errors.push(ScanError {
                        file: job.label(),
                        position: None,
                        message,
                        source: None,
                    });
                }
            }
        }
        let files = std::mem::take(&mut found.files).into_iter();
        let files: BTreeSet<PathBuf> = files.chain(left.difference(&built).cloned()).collect();
        found.files = files.into_iter().collect();
        sources
    }

    fn warn(&mut self, file: String, message: &str) {
        self.warnings.push(ScanWarning {
            file,
            position: None,
            message: message.to_owned(),
        });
    }
}

impl Job<'_> {
    fn label(&self) -> String {
        match self.variant() {
            Some(variant) => format!("{} with {variant}", self.location()),
            None => self.location(),
        }
    }
}

fn unreadable(error: &ReadError) -> ScanError {
    ScanError {
        file: error.path.clone(),
        position: None,
        message: error.reason.clone(),
        source: None,
    }
}

/// How many problems of one text are told one by one. A text may have one in every few bytes.
const MOST_TOLD: usize = 1_000;

/// What is wrong in a text: errors, and what is only odd.
pub(crate) fn problems(
    parsed: &Parsed,
    is_error: impl Fn(&plimsoll_document::Problem) -> bool,
    errors: &mut Vec<ScanError>,
    warnings: &mut Vec<ScanWarning>,
) {
    let source = parsed.tree.source();
    let is_rendered = source.origin().is_some();
    for problem in parsed.problems.iter().take(MOST_TOLD) {
        let position = source.written_at(problem.position);
        let message = if is_rendered {
            format!("as rendered: {}", problem.kind)
        } else {
            problem.kind.to_string()
        };
        let file = source.name().to_owned();
        if is_error(problem) {
            errors.push(ScanError {
                file,
                position,
                message,
                // The text that was rendered has other lines than the file.
                source: (!is_rendered).then(|| Arc::clone(source)),
            });
        } else {
            warnings.push(ScanWarning {
                file,
                position,
                message,
            });
        }
    }
    let untold = parsed.problems.get(MOST_TOLD..).unwrap_or_default();
    let (wrong, odd): (Vec<_>, Vec<_>) = untold.iter().partition(|problem| is_error(problem));
    let file = source.name().to_owned();
    if !wrong.is_empty() {
        errors.push(ScanError {
            file: file.clone(),
            position: None,
            message: format!("{} more errors are not told one by one", wrong.len()),
            source: None,
        });
    }
    if !odd.is_empty() {
        warnings.push(ScanWarning {
            file,
            position: None,
            message: format!("{} more warnings are not told one by one", odd.len()),
        });
    }
}

/// Whether two paths are of one file or folder.
fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
