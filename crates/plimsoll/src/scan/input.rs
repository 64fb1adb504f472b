//! From paths to an inventory.

use std::path::PathBuf;

use plimsoll_document::{Position, ProblemKind, Severity};
use plimsoll_inventory::Inventory;
use plimsoll_report::{ScanError, ScanWarning, SourceSummary};

use crate::reading::{Rendering, problems, read};

/// What was read.
pub(crate) struct Input {
    pub(crate) inventory: Inventory,
    pub(crate) sources: Vec<SourceSummary>,
    pub(crate) errors: Vec<ScanError>,
    pub(crate) warnings: Vec<ScanWarning>,
}

/// Finds, reads and parses what the user named.
pub(crate) fn gather(paths: &[PathBuf], strict: bool, rendering: &Rendering) -> Input {
    let reading = read(paths, rendering);
    let (mut errors, mut warnings) = (reading.errors, reading.warnings);
    let mut sources = Vec::new();
    let mut builder = Inventory::builder();
    let is_error = |problem: &plimsoll_document::Problem| {
        problem.severity == Severity::Error
            || strict && matches!(problem.kind, ProblemKind::DuplicateKey { .. })
    };
    for read in reading.sources {
        let mut summary = SourceSummary {
            kind: read.kind,
            location: read.location,
            variant: read.variant,
            documents: 0,
            objects: 0,
            skipped: 0,
        };
        for parsed in &read.texts {
            problems(parsed, is_error, &mut errors, &mut warnings);
            let (objects, skipped) = builder.add(parsed);
            summary.documents += parsed.documents.len();
            summary.objects += objects;
            summary.skipped += skipped;
        }
        sources.push(summary);
    }
    let inventory = builder.finish();
    if strict {
        for skipped in inventory.skipped() {
            errors.push(ScanError {
                file: skipped.source.clone(),
                position: skipped.line.map(|line| Position { line, column: 1 }),
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
