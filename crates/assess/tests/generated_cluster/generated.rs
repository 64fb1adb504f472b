//! The generated cluster with its truth.

use plimsoll_document::{Format, Limits, Source, parse};
use plimsoll_inventory::Inventory;
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::comparison::Part;
use crate::scan;

/// A generated cluster and what is known of it.
pub(crate) struct Generated {
    /// One object each, as JSON.
    pub(crate) lines: Vec<String>,
    pub(crate) truth: Json,
}

/// Runs the generator, but keeps only three of four objects of the kinds that others refer to. The generator counts
/// what is kept, so the truth is of what is left.
pub(crate) const WITH_GAPS: &str = r#"
import importlib.machinery, importlib.util, sys, zlib
sys.dont_write_bytecode = True
del sys.argv[0]
loader = importlib.machinery.SourceFileLoader("generator", sys.argv[0])
generator = importlib.util.module_from_spec(importlib.util.spec_from_loader("generator", loader))
loader.exec_module(generator)
referred = {"ServiceAccount", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "Service", "Ingress",
            "Secret", "ConfigMap", "NetworkPolicy", "PodDisruptionBudget", "HorizontalPodAutoscaler",
            "ResourceQuota", "LimitRange"}
everything = generator.generate
def with_gaps(arguments, sink):
    def keep(item):
        labels = item["metadata"].get("labels") or {}
        uid = item["metadata"]["uid"].encode()
        if item["kind"] in referred and "kubernetes.io/bootstrapping" not in labels and zlib.crc32(uid) % 4 == 0:
            return False
        return sink(item)
    return everything(arguments, keep)
generator.generate = with_gaps
generator.main()
"#;

/// Generates a cluster, with gaps or whole; `None` where the generator is not there.
pub(crate) fn generate(name: &str, with_gaps: bool, arguments: &[&str]) -> Option<Generated> {
    let generator = scan::shared("tools")?.join("gen-cluster");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder for the cluster");
    let file = folder.join("cluster.ndjson");
    let mut python = Command::new("python3");
    if with_gaps {
        python.args(["-c", WITH_GAPS]);
    }
    let status = python
        .arg(generator)
        .args(arguments)
        .args(["--format", "ndjson", "-o"])
        .arg(&file)
        .stdout(Stdio::null())
        .status()
        .expect("python3 runs");
    assert!(status.success(), "the generator failed: {status}");
    let read = |path: &Path| fs::read_to_string(path).expect("the generator wrote it");
    let lines = read(&file).lines().map(str::to_owned).collect();
    let truth = serde_json::from_str(&read(&folder.join("cluster.ndjson.truth.json")))
        .expect("the truth is JSON");
    fs::remove_dir_all(&folder).expect("the folder is ours");
    Some(Generated { lines, truth })
}

impl Generated {
    /// A part of the cluster, read as `kubectl get -o json` gives it.
    pub(crate) fn inventory(&self, part: Part) -> Inventory {
        let kept: Vec<&str> = self
            .lines
            .iter()
            .map(String::as_str)
            .filter(|line| part.has(line))
            .collect();
        let text = format!(
            r#"{{"apiVersion":"v1","kind":"List","items":[{}]}}"#,
            kept.join(",\n")
        );
        let source = Arc::new(Source::new("cluster.json", text));
        let parsed = parse(&source, Format::Json, &Limits::default());
        assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
        let mut builder = Inventory::builder();
        let (count, skipped) = builder.add(&parsed);
        assert_eq!((count, skipped), (kept.len(), 0), "{part:?}");
        builder.finish()
    }

    /// A number of the truth; what the generator never counted is 0.
    pub(crate) fn number(&self, place: &[&str]) -> u64 {
        place
            .iter()
            .try_fold(&self.truth, |here, key| here.get(key))
            .and_then(Json::as_u64)
            .unwrap_or_default()
    }

    /// The names that the truth has at a place.
    pub(crate) fn names(&self, place: &str) -> Vec<&str> {
        let here = self.truth[place].as_object().expect("the truth has it");
        here.keys().map(String::as_str).collect()
    }

    /// Where the truth has numbers, but for the arguments it was made with.
    pub(crate) fn numbers(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut pending = vec![(String::new(), &self.truth)];
        while let Some((place, here)) = pending.pop() {
            for (key, value) in here.as_object().into_iter().flatten() {
                if place.is_empty() && key == "arguments" {
                    continue;
                }
                let below = format!("{place} {key}").trim_start().to_owned();
                if value.is_object() {
                    pending.push((below, value));
                } else {
                    found.push(below);
                }
            }
        }
        found
    }
}
