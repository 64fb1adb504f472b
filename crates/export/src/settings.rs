//! What a user chooses of a policy.

use plimsoll_inventory::KubernetesVersion;
use serde_json::Value;

/// What a user chooses.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The version of the cluster: which functions of CEL there are, and which rules count.
    pub kubernetes: KubernetesVersion,
    /// What happens to an object that fails. Not empty; `Deny` and `Warn` do not go together.
    pub actions: Vec<Action>,
    /// What happens where a policy cannot be evaluated.
    pub failure_policy: FailurePolicy,
    /// Namespaces whose objects are not judged.
    pub excluded_namespaces: Vec<String>,
    /// A label selector for the namespaces whose objects are judged, as the Kubernetes API has it.
    pub namespace_selector: Option<Value>,
}

/// What happens to an object that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is refused.
    Deny,
    /// Whoever sent it is told.
    Warn,
    /// The audit event says so.
    Audit,
}

/// What happens where a policy cannot be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailurePolicy {
    /// The object counts as failed.
    Fail,
    /// The object is let through.
    Ignore,
}

impl Settings {
    /// The first Kubernetes minor in which the policies are part of the stable API.
    pub const FIRST_MINOR: u32 = 30;

    /// For a version, with what is chosen where nobody chooses: failing objects are refused, and so are those on which a
    /// policy has an error; `kube-system` is left alone.
    pub fn at(kubernetes: KubernetesVersion) -> Settings {
        Settings {
            kubernetes,
            actions: vec![Action::Deny],
            failure_policy: FailurePolicy::Fail,
            excluded_namespaces: vec!["kube-system".to_owned()],
            namespace_selector: None,
        }
    }
}

impl Action {
    /// As the API has it.
    pub fn name(self) -> &'static str {
        match self {
            Action::Deny => "Deny",
            Action::Warn => "Warn",
            Action::Audit => "Audit",
        }
    }
}

impl FailurePolicy {
    /// As the API has it.
    pub fn name(self) -> &'static str {
        match self {
            FailurePolicy::Fail => "Fail",
            FailurePolicy::Ignore => "Ignore",
        }
    }
}
