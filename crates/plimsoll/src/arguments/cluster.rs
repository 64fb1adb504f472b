//! Arguments that say which cluster is read, and what of it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use plimsoll_cluster::{Bounds, ClusterOptions};

const CLUSTER: &str = "Clusters";

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ClusterArguments {
    /// The context of the kubeconfig; its current one, if not given.
    #[arg(long, value_name = "NAME", help_heading = CLUSTER)]
    pub(crate) context: Option<String>,
    /// The kubeconfig; that of KUBECONFIG or ~/.kube/config, if not given, or in a Pod its own service account.
    #[arg(long, value_name = "FILE", help_heading = CLUSTER)]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Only this namespace, and nothing that is in none; may be given several times.
    #[arg(short, long, value_name = "NAME", value_delimiter = ',', help_heading = CLUSTER)]
    pub(crate) namespace: Vec<String>,
    /// Read no Secrets; what needs them is not assessed.
    #[arg(long, help_heading = CLUSTER)]
    pub(crate) without_secrets: bool,
    /// Read the facts of nodes from the logs of the Pods that print them, in this namespace (plimsoll, if not given).
    #[arg(
        long,
        value_name = "NAMESPACE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "plimsoll",
        help_heading = CLUSTER
    )]
    pub(crate) node_facts: Option<String>,
    /// Ask every kubelet for its configuration, through the API server. This takes the right to get nodes/proxy.
    #[arg(long, help_heading = CLUSTER)]
    pub(crate) configz: bool,
    /// Seconds for one request; 30, if not given.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = CLUSTER)]
    pub(crate) timeout: Option<u64>,
    /// Seconds for the whole cluster; 1800, if not given.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400), help_heading = CLUSTER)]
    pub(crate) total_timeout: Option<u64>,
}

impl ClusterArguments {
    /// An argument that says something of a cluster; `None` where none was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        [
            (self.context.is_some(), "--context"),
            (self.kubeconfig.is_some(), "--kubeconfig"),
            (!self.namespace.is_empty(), "--namespace"),
            (self.without_secrets, "--without-secrets"),
            (self.node_facts.is_some(), "--node-facts"),
            (self.configz, "--configz"),
            (self.timeout.is_some(), "--timeout"),
            (self.total_timeout.is_some(), "--total-timeout"),
        ]
        .into_iter()
        .find(|(is_given, _)| *is_given)
        .map(|(_, name)| name)
    }

    /// The same for the crate that reads clusters.
    pub(crate) fn options(&self) -> ClusterOptions {
        let seconds =
            |given: Option<u64>, otherwise: Duration| given.map_or(otherwise, Duration::from_secs);
        let bounds = Bounds::default();
        ClusterOptions {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            namespaces: self.namespace.clone(),
            without_secrets: self.without_secrets,
            node_facts: self.node_facts.clone(),
            configz: self.configz,
            bounds: Bounds {
                request: seconds(self.timeout, bounds.request),
                total: seconds(self.total_timeout, bounds.total),
                ..bounds
            },
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct SnapshotArguments {
    /// Where it goes. It is written as a whole or not at all, and only its owner may read it.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Only what the controls of this framework read; may be given several times.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) framework: Vec<String>,
    /// Only what this control reads; may be given several times.
    #[arg(long, value_name = "ID|NAME|ALIAS", value_delimiter = ',')]
    pub(crate) control: Vec<String>,
    /// Controls of your own, as for a scan.
    #[arg(long, value_name = "PATH")]
    pub(crate) controls: Vec<PathBuf>,
    /// The configuration, as for a scan.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) cluster: ClusterArguments,
}
