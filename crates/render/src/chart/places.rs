//! From the names that Helm has for the files of a chart to the files.

use std::fs;
use std::path::{Component, Path, PathBuf};

use plimsoll_sources::Chart;

/// What is read of a template to find lines in it, in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// The files of a chart.
pub(super) struct Tree<'c> {
    chart: &'c Chart,
    is_archive: bool,
}

impl<'c> Tree<'c> {
    pub(super) fn new(chart: &'c Chart) -> Tree<'c> {
        Tree {
            chart,
            is_archive: chart.is_archive(),
        }
    }

    /// The file to show for one that Helm names; where there is none, the one that describes the chart.
    pub(super) fn shown(&self, named: Option<&Path>) -> PathBuf {
        if self.is_archive {
            return self.chart.path.clone();
        }
        self.real(named)
            .unwrap_or_else(|| below(&self.chart.path, Path::new("Chart.yaml")))
    }

    /// The text of the file that all of these are, where it is one.
    pub(super) fn template<'n>(
        &self,
        mut named: impl Iterator<Item = Option<&'n Path>>,
    ) -> Option<String> {
        let first = named.next()??;
        if self.is_archive || named.any(|other| other != Some(first)) {
            return None;
        }
        let file = self.real(Some(first))?;
        if file.metadata().ok()?.len() > MOST_BYTES {
            return None;
        }
        fs::read_to_string(file).ok()
    }

    /// The file that Helm means. It starts names with the chart's own name, whatever the folder is called, and charts
    /// that this one needs are below `charts`, by name: that may be a folder of another name, or an archive.
    fn real(&self, named: Option<&Path>) -> Option<PathBuf> {
        let inside: PathBuf = named?.components().skip(1).collect();
        let is_plain = inside
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !is_plain || inside.as_os_str().is_empty() {
            return None;
        }
        let file = below(&self.chart.path, &inside);
        file.is_file().then_some(file)
    }
}

/// A path below a folder, as the user would name it.
pub(super) fn below(folder: &Path, inside: &Path) -> PathBuf {
    if folder == Path::new(".") {
        inside.to_path_buf()
    } else {
        folder.join(inside)
    }
}
