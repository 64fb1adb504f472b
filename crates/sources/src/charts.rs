//! Helm charts: their templates are no YAML before they are rendered.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use crate::error::ReadError;

/// Tells the files of charts from manifests, and remembers which charts there were.
#[derive(Debug, Default)]
pub(crate) struct Charts {
    /// By folder: the chart that it is in.
    known: HashMap<PathBuf, Option<PathBuf>>,
    met: BTreeSet<PathBuf>,
}

impl Charts {
    /// Whether a file is read by Helm and not by the API server: a template, the chart's description, its values. Then
    /// its chart is remembered. What else lies in a chart's folder, such as `crds`, is like any other file.
    pub(crate) fn claim(&mut self, file: &Path) -> bool {
        let Some(chart) = file.parent().and_then(|folder| self.chart_of(folder)) else {
            return false;
        };
        let Ok(inside) = file.strip_prefix(&chart) else {
            return false;
        };
        let in_folder = inside.parent().unwrap_or(Path::new(""));
        let is_template = in_folder.starts_with("templates");
        let is_own = in_folder.as_os_str().is_empty() && is_description(file);
        if !is_template && !is_own {
            return false;
        }
        self.met.insert(outermost(chart));
        true
    }

    /// The nearest folder from this one upwards with a `Chart.yaml`.
    fn chart_of(&mut self, folder: &Path) -> Option<PathBuf> {
        if let Some(known) = self.known.get(folder) {
            return known.clone();
        }
        let chart = if folder.join("Chart.yaml").is_file() {
            Some(folder.to_path_buf())
        } else {
            folder.parent().and_then(|above| self.chart_of(above))
        };
        self.known.insert(folder.to_path_buf(), chart.clone());
        chart
    }

    /// One error for each chart.
    pub(crate) fn errors(&self) -> impl Iterator<Item = ReadError> {
        let reason = "this Helm chart was not scanned, charts are not rendered by this version; render it with \
                      `helm template` and scan the output";
        self.met.iter().map(move |chart| {
            let here = Path::new(".");
            let folder = if chart.as_os_str().is_empty() {
                here
            } else {
                chart
            };
            ReadError::new(folder, reason)
        })
    }
}

/// A chart in the `charts` folder of another is rendered with that one.
fn outermost(chart: PathBuf) -> PathBuf {
    let owner = chart
        .parent()
        .filter(|folder| folder.file_name().is_some_and(|name| name == "charts"))
        .and_then(Path::parent)
        .filter(|owner| owner.join("Chart.yaml").is_file());
    match owner {
        Some(owner) => outermost(owner.to_path_buf()),
        None => chart,
    }
}

/// The files that describe a chart, and its values.
fn is_description(file: &Path) -> bool {
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    matches!(
        name,
        "Chart.yaml" | "Chart.lock" | "requirements.yaml" | "values.schema.json"
    ) || is_yaml && name.starts_with("values")
}
