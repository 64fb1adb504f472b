//! From paths to an inventory.

use std::path::PathBuf;

use plimsoll_cluster::snapshot;
use plimsoll_document::{Limits, Position, ProblemKind, Severity};
use plimsoll_inventory::{Cause, Inventory, InventoryBuilder, KubernetesVersion};
use plimsoll_report::{ScanError, ScanWarning, SourceSummary};
use plimsoll_sources::Lists;

use crate::arguments::WorkArguments;
use crate::reading::{ReadSource, Rendering, problems, read};
use crate::scan::live;

/// What was read.
pub(crate) struct Input {
    pub(crate) inventory: Inventory,
    pub(crate) sources: Vec<SourceSummary>,
    pub(crate) errors: Vec<ScanError>,
    pub(crate) warnings: Vec<ScanWarning>,
}

/// What is being read.
pub(super) struct Gathering {
    pub(super) builder: InventoryBuilder,
    pub(super) sources: Vec<SourceSummary>,
    pub(super) errors: Vec<ScanError>,
    warnings: Vec<ScanWarning>,
    /// The version of the cluster that a snapshot is of.
    pub(super) kubernetes: Option<KubernetesVersion>,
}

/// Finds, reads and parses what the user named.
pub(crate) fn gather(
    paths: &[PathBuf],
    strict: bool,
    rendering: &Rendering,
    work: &WorkArguments,
) -> Input {
    Gathering::of_files(paths, strict, rendering, work).finish(paths, strict)
}

impl Gathering {
    /// Finds, renders, reads and parses files.
    pub(super) fn of_files(
        paths: &[PathBuf],
        strict: bool,
        rendering: &Rendering,
        work: &WorkArguments,
    ) -> Gathering {
        let reading = read(paths, rendering, work, Lists::InParts);
        let mut builder = Inventory::builder();
        builder.work_on(work.threads());
        let mut gathering = Gathering {
            builder,
            sources: Vec::new(),
            errors: reading.errors,
            warnings: reading.warnings,
            kubernetes: None,
        };
        for source in reading.sources {
            gathering.source(source, strict);
        }
        for (path, bytes) in reading.snapshots {
            gathering.snapshot(path, &bytes, &work.file_limits());
        }
        gathering
    }

    fn source(&mut self, read: ReadSource, strict: bool) {
        let is_error = |problem: &plimsoll_document::Problem| {
            problem.severity == Severity::Error
                || strict && matches!(problem.kind, ProblemKind::DuplicateKey { .. })
        };
        let mut summary = SourceSummary {
            kind: read.kind,
            location: read.location,
            variant: read.variant,
            cluster: None,
            documents: 0,
            objects: 0,
            skipped: 0,
        };
        for parsed in &read.texts {
            problems(parsed, is_error, &mut self.errors, &mut self.warnings);
            let (objects, skipped) = self.builder.add(parsed);
            summary.documents += parsed.documents.len();
            summary.objects += objects;
            summary.skipped += skipped;
        }
        self.sources.push(summary);
    }

    /// What a cluster was is said as of the cluster itself.
    fn snapshot(&mut self, path: String, bytes: &[u8], limits: &Limits) {
        let mut count = (0, 0);
        let read = snapshot::read(bytes, limits.max_bytes, |page| {
            live::add_page(page, &mut self.builder, &mut count);
        });
        match read {
            Ok((about, gaps)) => {
                let errors = live::add_gaps(&about, &gaps, &mut self.builder);
                self.errors.extend(errors);
                self.sources.push(live::summary(&about, &gaps, count));
                self.kubernetes = self.kubernetes.or(about.kubernetes);
            }
            Err(error) => self.errors.push(ScanError {
                file: path,
                position: None,
                message: error.to_string(),
                source: None,
            }),
        }
    }

    /// The inventory, with what is wrong with what was read.
    pub(super) fn finish(self, paths: &[PathBuf], strict: bool) -> Input {
        let mut errors = self.errors;
        let inventory = self.builder.finish();
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
        let is_explained = !errors.is_empty()
            || inventory
                .unread()
                .iter()
                .any(|unread| unread.cause == Cause::Failed);
        if inventory.objects().is_empty() && !is_explained {
            // Nothing was looked at: that must not look like nothing is wrong.
            errors.push(ScanError {
                file: named(paths),
                position: None,
                message: "no Kubernetes object was found".to_owned(),
                source: None,
            });
        }
        Input {
            inventory,
            sources: self.sources,
            errors,
            warnings: self.warnings,
        }
    }
}

/// What the user named, for messages.
pub(super) fn named(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    if paths.is_empty() {
        "the cluster".to_owned()
    } else {
        paths.join(", ")
    }
}
