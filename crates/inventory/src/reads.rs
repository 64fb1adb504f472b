//! Which kinds something reads: what a scan has to ask a cluster for, and what it cannot say without.

use crate::index::is_kubernetes_group;
use crate::kubernetes_kinds::group_of_kind;
use crate::pod_template::POD_TEMPLATES;

/// Objects that a control reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Read {
    /// Which kinds.
    pub kinds: Kinds,
    /// Of which namespaces.
    pub place: Place,
}

/// A kind, or several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kinds {
    /// This one.
    One {
        /// Its group; empty for the core group.
        group: String,
        /// The kind.
        kind: String,
    },
    /// All of a group.
    Group(String),
    /// Whatever there is: what is read cannot be told before.
    All,
}

/// Where objects are read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Everywhere at once.
    Everywhere,
    /// In a namespace that follows from what is judged.
    Somewhere,
    /// In this namespace.
    Namespace(String),
}

impl Kinds {
    /// Reads `Kind` for one of Kubernetes' own, `group/Kind` for any.
    pub fn named(name: &str) -> Kinds {
        let (group, kind) = match name.rsplit_once('/') {
            Some((group, kind)) => (group, kind),
            None => (group_of_kind(name).unwrap_or_default(), name),
        };
        Kinds::One {
            group: group.to_owned(),
            kind: kind.to_owned(),
        }
    }

    /// Every kind with a pod template.
    pub fn workloads() -> impl Iterator<Item = Kinds> {
        POD_TEMPLATES.iter().map(|(group, kind, _)| Kinds::One {
            group: (*group).to_owned(),
            kind: (*kind).to_owned(),
        })
    }

    /// Whether a kind is among them.
    pub fn contains(&self, group: &str, kind: &str) -> bool {
        match self {
            Kinds::One {
                group: of_group,
                kind: of_kind,
            } => of_kind == kind && of_group == group,
            Kinds::Group(of_group) => of_group == group,
            Kinds::All => true,
        }
    }
}

/// What a function of `cluster` looks at beside its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// At nothing.
    Nowhere,
    /// At objects of these kinds, and has an answer without them, too.
    AtIfThere(&'static [&'static str]),
    /// At objects of these kinds.
    At(&'static [&'static str]),
    /// At every kind with a pod template.
    AtWorkloads,
    /// At every kind with a pod template, and where it is asked of an Ingress or route, at these.
    AtWorkloadsBehind(&'static [&'static str]),
    /// At the kind that the argument of this number names, in the namespace that the next one names.
    AtArgument(usize),
    /// At the kind that the argument of this number names, in the namespace of what it is asked of.
    AtArgumentNearby(usize),
}

const BINDINGS: &[&str] = &["ClusterRoleBinding", "RoleBinding"];
const ROLES: &[&str] = &["ClusterRole", "Role"];
const RBAC: &[&str] = &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];
/// Ingresses and routes, and the Services that they lead to.
const ENTRANCES: &[&str] = &[
    "GRPCRoute",
    "HTTPRoute",
    "Ingress",
    "Service",
    "TCPRoute",
    "TLSRoute",
    "UDPRoute",
];

/// By function of `cluster`: what it looks at. Both what a scan asks a cluster for and what it cannot say follow from
/// this table.
pub static LOOKS: &[(&str, Looks)] = &[
    ("objects", Looks::AtArgument(0)),
    ("find", Looks::AtArgument(0)),
    ("isWhole", Looks::AtIfThere(&["Node"])),
    ("namespaceName", Looks::Nowhere),
    ("namespaceOf", Looks::At(&["Namespace"])),
    ("workloads", Looks::AtWorkloads),
    ("workloadsOf", Looks::AtWorkloadsBehind(&["Service"])),
    ("selecting", Looks::AtArgumentNearby(1)),
    ("pod", Looks::Nowhere),
    ("containers", Looks::Nowhere),
    ("hasValues", Looks::Nowhere),
    ("serviceAccountName", Looks::Nowhere),
    ("serviceAccount", Looks::At(&["ServiceAccount"])),
    ("mountsToken", Looks::At(&["ServiceAccount"])),
    ("exposedBy", Looks::At(ENTRANCES)),
    ("isIsolated", Looks::At(&["NetworkPolicy"])),
    ("deniesByDefault", Looks::At(&["NetworkPolicy"])),
    ("reach", Looks::At(&["Namespace", "NetworkPolicy"])),
    ("rules", Looks::At(ROLES)),
    ("role", Looks::At(ROLES)),
    ("bindings", Looks::At(BINDINGS)),
    ("grants", Looks::At(ROLES)),
    ("grantsPath", Looks::At(ROLES)),
    ("bindingsFor", Looks::At(BINDINGS)),
    ("can", Looks::At(RBAC)),
    ("canSomewhere", Looks::At(RBAC)),
];

/// Whether a kind can be named without its group.
pub fn is_named_without_group(group: &str) -> bool {
    is_kubernetes_group(group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::FUNCTIONS;

    #[test]
    fn every_function_says_what_it_looks_at() {
        let functions: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
        let named: Vec<&str> = LOOKS.iter().map(|(name, _)| *name).collect();
        for name in &functions {
            let count = named.iter().filter(|other| *other == name).count();
            assert_eq!(count, 1, "{name}");
        }
        assert_eq!(functions.len(), named.len());
    }
}
