//! What a scan of a part of the cluster found, counted as the truth counts.

use plimsoll_assess::Finding;
use plimsoll_document::{Node, Segment};
use plimsoll_inventory::{Inventory, Object, ObjectId};
use std::collections::{BTreeMap, BTreeSet};

use crate::comparison::{Set, Unit};
use crate::judges::{Judges, Places};

/// What was found in a part of the cluster.
pub(crate) struct Scanned<'s> {
    pub(crate) judges: &'s Judges,
    pub(crate) inventory: &'s Inventory,
    /// By the id of a control.
    pub(crate) findings: BTreeMap<&'s str, Vec<&'s Finding>>,
}

impl Scanned<'_> {
    pub(crate) fn places(&self, set: &Set, unit: Unit) -> Places {
        match set {
            Set::Control(_) | Set::Framework(_) | Set::Expression(..) => self
                .judges
                .ids(set, unit)
                .into_iter()
                .filter_map(|id| self.findings.get(id))
                .flatten()
                .filter_map(|finding| self.place(finding, unit))
                .collect(),
            Set::Roles(bindings) => self
                .places(bindings, unit)
                .into_iter()
                .filter_map(|(binding, _)| self.inventory.role_of(self.inventory.object(binding)))
                .filter(|role| !is_of_every_cluster(self.inventory.object(*role)))
                .map(|role| (role, String::new()))
                .collect(),
            Set::OfKind(kind, inner) => self
                .places(inner, unit)
                .into_iter()
                .filter(|(object, _)| self.inventory.object(*object).kind() == *kind)
                .collect(),
            Set::Or(left, right) => {
                let (mut left, right) = (self.places(left, unit), self.places(right, unit));
                let both: Vec<_> = left.intersection(&right).collect();
                assert!(both.is_empty(), "{set:?}: both have {both:?}");
                left.extend(right);
                left
            }
            Set::And(left, right) => &self.places(left, unit) & &self.places(right, unit),
            Set::Without(left, right) => &self.places(left, unit) - &self.places(right, unit),
        }
    }

    /// Where a finding is; `None` where it is about no container, and containers are counted.
    pub(crate) fn place(&self, finding: &Finding, unit: Unit) -> Option<(ObjectId, String)> {
        let text = match unit {
            Unit::Object => String::new(),
            Unit::Place => finding.path.to_string(),
            Unit::Container => container(finding)?,
            Unit::Subject => {
                let mut path = finding.path.clone();
                path.segments.pop();
                let (subject, _) = path.find(self.inventory.object(finding.object).root());
                ["kind", "namespace", "name"]
                    .map(|key| subject.get_name(key).and_then(Node::as_str))
                    .map(Option::unwrap_or_default)
                    .join("/")
            }
        };
        Some((finding.object, text))
    }

    /// How many there are, of all namespaces or of those that are not the system's.
    pub(crate) fn count(&self, places: &Places, unit: Unit, user_only: bool) -> u64 {
        let counted = places.iter().filter(|(object, _)| {
            let namespace = self.inventory.object(*object).namespace();
            !user_only || !["kube-system", "kube-public", "kube-node-lease"].contains(&namespace)
        });
        match unit {
            Unit::Object => {
                let objects: BTreeSet<ObjectId> = counted.map(|(object, _)| *object).collect();
                objects.len() as u64
            }
            Unit::Subject => {
                let subjects: BTreeSet<&String> = counted.map(|(_, subject)| subject).collect();
                subjects.len() as u64
            }
            Unit::Container | Unit::Place => counted.count() as u64,
        }
    }
}

/// The path of the container that a finding is about.
pub(crate) fn container(finding: &Finding) -> Option<String> {
    let mut path = finding.path.clone();
    let at = path.segments.iter().position(|segment| {
        matches!(segment, Segment::Key(key) if ["containers", "initContainers"].contains(&key.name()))
    })?;
    path.segments.truncate(at + 2);
    (path.segments.len() == at + 2).then(|| path.to_string())
}

/// Whether a role is one that the API server makes.
pub(crate) fn is_of_every_cluster(role: &Object) -> bool {
    let labels = role
        .root()
        .get_name("metadata")
        .and_then(|metadata| metadata.get_name("labels"));
    labels.is_some_and(|labels| labels.get_name("kubernetes.io/bootstrapping").is_some())
}
