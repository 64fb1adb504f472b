//! What renders.

use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_document::{Source, Threads};

use crate::error::RenderError;
use crate::{helm, kustomize};

/// Makes documents of charts and kustomizations. It gets what was found to be safe, and fetches nothing.
pub trait Renderer: Sync {
    /// The documents of a chart, each with its file as Helm names it: `web/templates/service.yaml`, where `web` is the
    /// name of the chart and not of its folder.
    ///
    /// # Errors
    /// A chart that Helm would not install with these options.
    fn chart(&self, chart: &Path, options: &ChartOptions) -> Result<Vec<Document>, RenderError>;

    /// The documents of a kustomization's folder, each with the real path of its file where that is known.
    ///
    /// # Errors
    /// A kustomization that Kustomize would not build.
    fn kustomization(&self, folder: &Path) -> Result<Vec<Document>, RenderError>;
}

/// What was rendered of one file, documents and all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The file that it was made of.
    pub file: Option<PathBuf>,
    /// YAML.
    pub text: String,
}

/// How a chart is rendered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChartOptions {
    /// The release; the name of the chart, if not given.
    pub release: Option<String>,
    /// The namespace it goes to.
    pub namespace: Option<String>,
    /// The version of Kubernetes, `1.34`.
    pub kubernetes: String,
    /// Files of values; later ones go before earlier ones.
    pub values: Vec<PathBuf>,
    /// Single values, `image.tag=1.2`; they go before files.
    pub set: Vec<String>,
    /// Whether objects come along that are for `helm test` only.
    pub tests: bool,
}

/// What a program may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long it may run.
    pub time: Duration,
    /// How many bytes it may print.
    pub bytes: usize,
    /// How many bytes of memory it may have (Linux).
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            time: Duration::from_mins(1),
            bytes: 256 << 20,
            memory: 8 << 30,
        }
    }
}

/// Renders with the programs that people have for it.
#[derive(Debug, Clone, Default)]
pub struct Programs {
    /// Helm; `helm` on the `PATH`, if not given.
    pub helm: Option<PathBuf>,
    /// Kustomize or kubectl; `kustomize` or else `kubectl` on the `PATH`, if not given.
    pub kustomize: Option<PathBuf>,
    /// What they may take.
    pub limits: Limits,
    /// How many of them may run at the same time; as many as there are processors, if not given.
    pub threads: Threads,
}

impl Renderer for Programs {
    fn chart(&self, chart: &Path, options: &ChartOptions) -> Result<Vec<Document>, RenderError> {
        helm::template(self.helm.as_deref(), chart, options, &self.limits)
    }

    fn kustomization(&self, folder: &Path) -> Result<Vec<Document>, RenderError> {
        kustomize::build(
            self.kustomize.as_deref(),
            folder,
            &self.limits,
            self.threads,
        )
    }
}

/// What came of a chart or kustomization.
#[derive(Debug, Default)]
pub struct Rendering {
    /// The texts, one for each file, ordered by file.
    pub sources: Vec<Source>,
    /// Files whose text would be another one the next time.
    pub unsteady: Vec<String>,
}
