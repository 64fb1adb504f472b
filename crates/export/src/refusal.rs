//! Why a control is no admission policy.

use thiserror::Error;

/// Why the API server could not enforce a control, or not as a scan judges it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The control has no check.
    #[error("it has no check: {0}")]
    NotAssessable(String),
    /// It is for other Kubernetes versions.
    #[error("it is not for Kubernetes 1.{0}")]
    Version(u32),
    /// It asks for other objects.
    #[error("it asks for other objects of the cluster, and an admission policy sees one object")]
    Cluster,
    /// It judges a component of the control plane or a node by its settings.
    #[error(
        "it judges how a component of the control plane or of a node is set, which is no object"
    )]
    Components,
    /// No kind that it applies to goes through admission policies.
    #[error("{0}")]
    Kinds(String),
    /// It reads what the API server sets itself.
    #[error("it reads {0}, which is not what the user wrote by the time an object is admitted")]
    ServerSet(String),
    /// It uses what CEL has in a later version only.
    #[error("its CEL is not that of policies for Kubernetes 1.{minor}: {reason}")]
    Functions {
        /// The version of the cluster.
        minor: u32,
        /// What the checker says.
        reason: String,
    },
    /// It costs too much on a large object.
    #[error(
        "it costs {cost} units on a large object, and the API server ends an expression at {limit}: large objects \
         would be refused for their size"
    )]
    Cost {
        /// What it costs.
        cost: u64,
        /// The limit.
        limit: u64,
    },
    /// It is written in a way that has no form in an admission policy.
    #[error("{0}")]
    Form(String),
}

impl Refusal {
    /// The reason in a word, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Refusal::NotAssessable(_) => "not-assessable",
            Refusal::Version(_) => "version",
            Refusal::Cluster => "cluster",
            Refusal::Components => "components",
            Refusal::Kinds(_) => "kinds",
            Refusal::ServerSet(_) => "server-set",
            Refusal::Functions { .. } => "functions",
            Refusal::Cost { .. } => "cost",
            Refusal::Form(_) => "form",
        }
    }
}
