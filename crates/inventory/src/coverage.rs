//! What of a cluster was not read, so that nothing is said of it.

use std::collections::HashMap;

use crate::index::is_kubernetes_group;
use crate::inventory::Inventory;

/// A kind whose objects were not read, though the cluster may have some.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unread {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// Why not.
    pub reason: String,
    /// What kind of reason that is.
    pub cause: Cause,
}

/// Why a kind was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// It could not be read.
    Failed,
    /// No control that was asked for reads it.
    NotAsked,
    /// It changes all the time and says little; it is read only where an expression asks for it.
    LeftOut,
    /// The user wanted less to be read.
    Narrowed,
}

impl Cause {
    /// All.
    pub const ALL: [Cause; 4] = [
        Cause::Failed,
        Cause::NotAsked,
        Cause::LeftOut,
        Cause::Narrowed,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Failed => "failed",
            Cause::NotAsked => "notAsked",
            Cause::LeftOut => "leftOut",
            Cause::Narrowed => "narrowed",
        }
    }
}

impl Unread {
    /// `NetworkPolicies` are named by their kind, and those of other groups with their group.
    pub fn name(&self) -> String {
        if is_kubernetes_group(&self.group) {
            self.kind.clone()
        } else {
            format!("{}/{}", self.group, self.kind)
        }
    }
}

/// What was not read. Empty for files: what they hold is all there is.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    pub(crate) unread: Vec<Unread>,
    /// By `Kind` for Kubernetes' own, and by `group/Kind` for all.
    by_name: HashMap<String, usize>,
    /// The only namespaces that were read.
    pub(crate) namespaces: Option<Vec<String>>,
}

impl Coverage {
    pub(crate) fn add(&mut self, unread: Unread) {
        let number = self.unread.len();
        let full = format!("{}/{}", unread.group, unread.kind);
        self.by_name.entry(full).or_insert(number);
        if is_kubernetes_group(&unread.group) {
            self.by_name.entry(unread.kind.clone()).or_insert(number);
        }
        self.unread.push(unread);
    }
}

impl Inventory {
    /// The kinds that were not read.
    pub fn unread(&self) -> &[Unread] {
        &self.coverage().unread
    }

    /// The only namespaces that were read; `None` where all were.
    pub fn namespaces_read(&self) -> Option<&[String]> {
        self.coverage().namespaces.as_deref()
    }

    /// Why nothing can be said of a kind, which is `Kind` for one of Kubernetes' own and `group/Kind` for any.
    pub fn unread_kind(&self, kind: &str) -> Option<&Unread> {
        let number = self.coverage().by_name.get(kind)?;
        self.coverage().unread.get(*number)
    }

    /// Whether objects of a namespace were read.
    pub fn is_namespace_read(&self, namespace: &str) -> bool {
        let name = crate::index::namespace_or_default(namespace);
        self.coverage()
            .namespaces
            .as_ref()
            .is_none_or(|read| read.iter().any(|of| of == name))
    }
}
