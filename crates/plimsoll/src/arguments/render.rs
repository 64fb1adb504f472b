//! How charts and kustomizations are rendered, as it is typed.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Helm charts and kustomizations")]
pub(crate) struct RenderArguments {
    /// Scan files as they are written, and render nothing.
    #[arg(long)]
    pub(crate) no_render: bool,
    /// How long rendering one chart or kustomization may take; 60 seconds, if not given.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) render_time_limit: Option<u64>,
    /// Values for charts, in place of those that the configuration names; later files go before earlier ones.
    #[arg(long, value_name = "FILE")]
    pub(crate) helm_values: Vec<PathBuf>,
    /// A single value for charts; may be given several times.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) helm_set: Vec<String>,
    /// The name of the release; that of the chart, if not given.
    #[arg(long, value_name = "NAME")]
    pub(crate) helm_release: Option<String>,
    /// The namespace of the release.
    #[arg(long, value_name = "NAMESPACE")]
    pub(crate) helm_namespace: Option<String>,
    /// Scan what charts have for `helm test`, too.
    #[arg(long)]
    pub(crate) helm_tests: bool,
}
