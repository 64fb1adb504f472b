//! From paths to an inventory.

use std::path::PathBuf;
use std::sync::Arc;

use plimsoll_cluster::snapshot;
use plimsoll_document::{Limits, Parsed, Position, ProblemKind, Severity, Source};
use plimsoll_inventory::{Cause, Inventory, InventoryBuilder, KubernetesVersion};
use plimsoll_report::{ScanError, ScanWarning, SourceSummary};
use plimsoll_sources::{Read, ReadError, find, read_all};

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
pub(crate) fn gather(paths: &[PathBuf], strict: bool) -> Input {
    Gathering::of_files(paths, strict).finish(paths, strict)
}

impl Gathering {
    /// Finds, reads and parses files.
    pub(super) fn of_files(paths: &[PathBuf], strict: bool) -> Gathering {
        let found = find(paths);
        let mut gathering = Gathering {
            builder: Inventory::builder(),
            sources: Vec::new(),
            errors: found.errors.into_iter().map(unreadable).collect(),
            warnings: Vec::new(),
            kubernetes: None,
        };
        for read in read_all(&found.files, &Limits::default()) {
            gathering.add(read, strict);
        }
        gathering
    }

    fn add(&mut self, read: Read, strict: bool) {
        match read {
            Read::Failed(error) => self.errors.push(unreadable(error)),
            Read::NotText { path, problem } => self.errors.push(ScanError {
                file: path,
                position: Some(problem.position),
                message: problem.kind.to_string(),
                source: None,
            }),
            Read::Compressed { path, bytes } => self.snapshot(path, &bytes),
            Read::Parsed(parsed) => {
                problems(&parsed, strict, &mut self.errors, &mut self.warnings);
                let (objects, skipped) = self.builder.add(&parsed);
                self.sources.push(SourceSummary {
                    location: parsed.tree.source().name().to_owned(),
                    documents: parsed.documents.len(),
                    objects,
                    skipped,
                    cluster: None,
                });
            }
        }
    }

    /// What a cluster was is said as of the cluster itself.
    fn snapshot(&mut self, path: String, bytes: &[u8]) {
        let mut count = (0, 0);
        let read = snapshot::read(bytes, Limits::default().max_bytes, |page| {
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
                    position: Some(Position {
                        line: skipped.line,
                        column: 1,
                    }),
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
