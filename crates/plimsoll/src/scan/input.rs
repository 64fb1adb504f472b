//! From paths to an inventory.

use std::path::PathBuf;
use std::sync::Arc;

use plimsoll_document::{Limits, Parsed, Position, ProblemKind, Severity, Source};
use plimsoll_inventory::Inventory;
use plimsoll_report::{ScanError, ScanWarning, SourceSummary};
use plimsoll_sources::{Read, ReadError, find, read_all};

/// What was read.
pub(crate) struct Input {
    pub(crate) inventory: Inventory,
    pub(crate) sources: Vec<SourceSummary>,
    pub(crate) errors: Vec<ScanError>,
    pub(crate) warnings: Vec<ScanWarning>,
}

/// Finds, reads and parses what the user named.
pub(crate) fn gather(paths: &[PathBuf], strict: bool) -> Input {
    let found = find(paths);
    let mut errors: Vec<ScanError> = found.errors.into_iter().map(unreadable).collect();
    let mut warnings = Vec::new();
    let mut sources = Vec::new();
    let mut builder = Inventory::builder();
    for read in read_all(&found.files, &Limits::default()) {
        match read {
            Read::Failed(error) => errors.push(unreadable(error)),
            Read::NotText { path, problem } => errors.push(ScanError {
                file: path,
                position: Some(problem.position),
                message: problem.kind.to_string(),
                source: None,
            }),
            Read::Parsed(parsed) => {
                problems(&parsed, strict, &mut errors, &mut warnings);
                let (objects, skipped) = builder.add(&parsed);
                sources.push(SourceSummary {
                    location: parsed.tree.source().name().to_owned(),
                    documents: parsed.documents.len(),
                    objects,
                    skipped,
                });
            }
        }
    }
    let inventory = builder.finish();
    if strict {
        for skipped in inventory.skipped() {
            errors.push(ScanError {
                file: skipped.source.clone(),
                position: Some(Position {
                    line: skipped.line,
                    column: 1,
                }),
                message: format!("no Kubernetes object: {}", skipped.reason),
                source: None,
            });
        }
    }
    if inventory.objects().is_empty() && errors.is_empty() {
        // Nothing was looked at: that must not look like nothing is wrong.
        let paths: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        errors.push(ScanError {
            file: paths.join(", "),
            position: None,
            message: "no Kubernetes object was found".to_owned(),
            source: None,
        });
    }
    Input {
        inventory,
        sources,
        errors,
        warnings,
    }
}

fn unreadable(error: ReadError) -> ScanError {
    ScanError {
        file: error.path,
        position: None,
        message: error.reason,
        source: None,
    }
}

fn problems(
    parsed: &Parsed,
    strict: bool,
    errors: &mut Vec<ScanError>,
    warnings: &mut Vec<ScanWarning>,
) {
    let source: &Arc<Source> = parsed.tree.source();
    for problem in &parsed.problems {
        let is_strict_error = strict && matches!(problem.kind, ProblemKind::DuplicateKey { .. });
        if problem.severity == Severity::Error || is_strict_error {
            errors.push(ScanError {
                file: source.name().to_owned(),
                position: Some(problem.position),
                message: problem.kind.to_string(),
                source: Some(Arc::clone(source)),
            });
        } else {
            warnings.push(ScanWarning {
                file: source.name().to_owned(),
                position: problem.position,
                message: problem.kind.to_string(),
            });
        }
    }
}
