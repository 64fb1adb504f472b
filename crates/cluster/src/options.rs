//! What the user wants of a cluster.

use std::path::PathBuf;
use std::time::Duration;

/// Which cluster, and what of it.
#[derive(Debug, Clone, Default)]
pub struct ClusterOptions {
    /// A kubeconfig. Without it those of `KUBECONFIG`, or the one in the home folder, or what a Pod is given.
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig; its current one, if not given.
    pub context: Option<String>,
    /// Only these namespaces, and nothing that is in none. Empty for the whole cluster.
    pub namespaces: Vec<String>,
    /// Leave Secrets out.
    pub without_secrets: bool,
    /// The namespace whose Pods print facts of nodes to their logs.
    pub node_facts: Option<String>,
    /// Ask every kubelet, through the API server, for its configuration.
    pub configz: bool,
    /// Bounds on time and size.
    pub bounds: Bounds,
}

/// Bounds on what an API server can make this program do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// For one request with its answer.
    pub request: Duration,
    /// For all of it.
    pub total: Duration,
    /// How many objects a page is asked to have.
    pub page: usize,
    /// Bytes of one answer.
    pub answer_bytes: usize,
    /// Bytes of everything that is kept.
    pub total_bytes: usize,
    /// Pages of one kind.
    pub pages: usize,
    /// How often a request that may succeed later is made again.
    pub retries: u32,
    /// The first wait before that; it doubles each time.
    pub wait: Duration,
    /// The longest wait that a server can ask for.
    pub longest_wait: Duration,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            request: Duration::from_secs(30),
            total: Duration::from_mins(30),
            page: 500,
            answer_bytes: 256 << 20,
            total_bytes: 4 << 30,
            pages: 100_000,
            retries: 4,
            wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
        }
    }
}
