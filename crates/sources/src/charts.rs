//! Helm charts: their templates are no YAML before they are rendered.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use crate::archive;
use crate::find::is_manifest_name;
use crate::walk::without_dot;

/// The file that makes a folder a chart.
pub(crate) const DESCRIPTION: &str = "Chart.yaml";

/// Folders of a chart that are Helm's: templates, definitions that come with the rendering, charts it depends on, what
/// templates read, and values for tests.
const FOLDERS: &[&str] = &["templates", "crds", "charts", "files", "ci"];

/// A chart: a folder, or an archive that `helm package` made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// The folder or archive.
    pub path: PathBuf,
    /// What was scanned that the chart was met in. Links in the chart may lead here, and not further.
    pub boundary: PathBuf,
    /// Manifests in it that are read as they are if it is not rendered: its `crds`.
    pub files: Vec<PathBuf>,
}

impl Chart {
    /// Whether it is an archive.
    pub fn is_archive(&self) -> bool {
        archive::is_archive_name(&self.path) && self.path.is_file()
    }
}

/// Tells the files of charts from manifests, and remembers which charts there were.
#[derive(Debug, Default)]
pub(crate) struct Charts {
    /// By folder: the chart that it is in.
    known: HashMap<PathBuf, Option<PathBuf>>,
    /// By chart: where it was met, and its `crds`.
    met: BTreeMap<PathBuf, (PathBuf, BTreeSet<PathBuf>)>,
}

impl Charts {
    /// Whether a file is read by Helm and not by the API server. Then its chart is remembered. What else lies in a
    /// chart's folder is like any other file.
    pub(crate) fn claim(&mut self, file: &Path, boundary: &Path) -> bool {
        let chart = file.parent().and_then(|folder| self.chart_of(folder));
        let Some(chart) = chart else {
            return self.claim_archive(file, boundary);
        };
        let Ok(inside) = file.strip_prefix(&chart) else {
            return false;
        };
        let in_folder = inside.parent().unwrap_or(Path::new(""));
        let top = in_folder.iter().next().and_then(|name| name.to_str());
        let is_own = match top {
            None => is_description(file),
            Some(top) => FOLDERS.contains(&top),
        };
        if !is_own {
            return self.claim_archive(file, boundary);
        }
        let is_definition = top == Some("crds") && is_manifest_name(file);
        let outermost = outermost(chart.clone());
        let files = self.remember(&outermost, boundary);
        if is_definition && outermost == chart {
            files.insert(file.to_path_buf());
        }
        true
    }

    /// Whether a file is an archive of a chart; it is one by what is in it.
    pub(crate) fn claim_archive(&mut self, file: &Path, boundary: &Path) -> bool {
        let is_chart = archive::is_archive_name(file) && archive::holds_chart(file);
        if is_chart {
            self.remember(file, boundary);
        }
        is_chart
    }

    fn remember(&mut self, chart: &Path, boundary: &Path) -> &mut BTreeSet<PathBuf> {
        let here = Path::new(".");
        let path = if chart.as_os_str().is_empty() {
            here
        } else {
            chart
        };
        let (_, files) = self
            .met
            .entry(without_dot(path))
            .or_insert_with(|| (boundary.to_path_buf(), BTreeSet::new()));
        files
    }

    /// The nearest folder from this one upwards with a `Chart.yaml`.
    fn chart_of(&mut self, folder: &Path) -> Option<PathBuf> {
        if let Some(known) = self.known.get(folder) {
            return known.clone();
        }
        let chart = if folder.join(DESCRIPTION).is_file() {
            Some(folder.to_path_buf())
        } else {
            folder.parent().and_then(|above| self.chart_of(above))
        };
        self.known.insert(folder.to_path_buf(), chart.clone());
        chart
    }

    /// Every chart once, under the first of its names.
    pub(crate) fn finish(self) -> Vec<Chart> {
        let mut seen = BTreeSet::new();
        self.met
            .into_iter()
            .filter(|(path, _)| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())))
            .map(|(path, (boundary, files))| Chart {
                path,
                boundary,
                files: files.into_iter().collect(),
            })
            .collect()
    }
}

/// A chart in the `charts` folder of another is rendered with that one.
fn outermost(chart: PathBuf) -> PathBuf {
    let owner = chart
        .parent()
        .filter(|folder| folder.file_name().is_some_and(|name| name == "charts"))
        .and_then(Path::parent)
        .filter(|owner| owner.join(DESCRIPTION).is_file());
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
        DESCRIPTION | "Chart.lock" | "requirements.yaml" | "values.schema.json"
    ) || is_yaml && name.starts_with("values")
}
