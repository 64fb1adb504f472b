//! All there is to say of a scan.

use std::sync::Arc;

use plimsoll_assess::Assessment;
use plimsoll_document::{Position, Source};
use plimsoll_inventory::Inventory;

/// What a scan came to.
#[derive(Debug)]
pub struct ScanResult<'c> {
    /// The version of the program.
    pub version: &'static str,
    /// What was read, in order.
    pub sources: Vec<SourceSummary>,
    /// The objects.
    pub inventory: Inventory,
    /// What was found.
    pub assessment: Assessment<'c>,
    /// What could not be read or assessed.
    pub errors: Vec<ScanError>,
    /// What was read, but perhaps not as it was meant.
    pub warnings: Vec<ScanWarning>,
    /// The gates that were asked for.
    pub gates: Vec<GateResult>,
    /// When, RFC 3339.
    pub generated_at: String,
    /// How long it took.
    pub duration_ms: f64,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// Standard input.
    Stdin,
    /// A file.
    File,
    /// A Helm chart.
    Helm,
    /// A kustomization.
    Kustomize,
    /// A cluster, live or in a snapshot.
    Cluster,
}

impl SourceKind {
    /// As reports name it.
    pub fn name(self) -> &'static str {
        match self {
            SourceKind::Stdin => "stdin",
            SourceKind::File => "file",
            SourceKind::Helm => "helm",
            SourceKind::Kustomize => "kustomize",
            SourceKind::Cluster => "cluster",
        }
    }
}

/// A file, standard input, a cluster, or a chart or kustomization that was rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSummary {
    /// What it is.
    pub kind: SourceKind,
    /// Its path, or `-`; of a cluster what it is called.
    pub location: String,
    /// Which of several ways it was rendered in: the value files.
    pub variant: Option<String>,
    /// What there is to say of a cluster.
    pub cluster: Option<ClusterSummary>,
    /// How many documents it holds.
    pub documents: usize,
    /// How many objects.
    pub objects: usize,
    /// How many documents are no Kubernetes object.
    pub skipped: usize,
}

/// A cluster that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterSummary {
    /// `v1.34.1`, as the server says it.
    pub server_version: String,
    /// The only namespaces that were read; empty where all were.
    pub namespaces: Vec<String>,
    /// Kinds that the cluster has and that were left out, since they change all the time and say little.
    pub left_out: Vec<String>,
}

/// Something asked for that could not be read or assessed.
#[derive(Debug, Clone)]
pub struct ScanError {
    /// The file, folder or chart.
    pub file: String,
    /// The place, where it is known.
    pub position: Option<Position>,
    /// What is wrong.
    pub message: String,
    /// The text, where a look at the place helps.
    pub source: Option<Arc<Source>>,
}

/// A place that was read, but perhaps not as it was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanWarning {
    /// The file.
    pub file: String,
    /// The place, where it is known.
    pub position: Option<Position>,
    /// What is odd.
    pub message: String,
}

/// A gate, and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateResult {
    /// As it was asked for: `--fail-on high`.
    pub gate: String,
    /// Whether it holds.
    pub holds: bool,
    /// What was held against it: `2 critical and 3 high findings`.
    pub reason: String,
}
