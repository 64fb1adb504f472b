//! What is to be read of a cluster.

use std::collections::BTreeSet;

use plimsoll_inventory::{Cause, Kinds, Place, Read, Unread, group_that_is_shown};

use crate::discovery::ServedKind;
use crate::options::ClusterOptions;

/// What controls read: no more is asked of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Kinds whose objects are judged.
    pub judged: BTreeSet<Kinds>,
    /// Objects that expressions ask for.
    pub asked: BTreeSet<Read>,
}

/// Kinds that change all the time and say little: they are read where an expression asks for them, and not only to be
/// judged. Beside them, copies of templates that their owners have.
const LEFT_OUT: &[(&str, &str)] = &[
    ("", "Event"),
    ("events.k8s.io", "Event"),
    ("apps", "ControllerRevision"),
    ("coordination.k8s.io", "Lease"),
    ("coordination.k8s.io", "LeaseCandidate"),
];

/// Why those are left out.
const LEFT_OUT_REASON: &str =
    "it changes all the time, and is read only where a control asks for it";

/// Where the objects of a kind are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    /// In all namespaces, or those that the user named.
    All,
    /// In these only.
    Namespaces(Vec<String>),
}

/// A kind and where it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) kind: ServedKind,
    /// Namespaces, one request after the other; `None` for a request for all of them.
    pub(crate) namespaces: Option<Vec<String>>,
}

impl Wanted {
    /// Adds what goes with what is there: an object is judged at the one that made it, so who reads Pods reads what
    /// makes them.
    pub fn complete(&mut self) {
        let made = ["Pod", "ReplicaSet", "Job", "ReplicationController"].map(Kinds::named);
        let mut places: BTreeSet<Place> = self
            .asked
            .iter()
            .filter(|read| made.contains(&read.kinds))
            .map(|read| read.place.clone())
            .collect();
        if self.judged.iter().any(|kinds| made.contains(kinds)) {
            places.insert(Place::Somewhere);
        }
        for place in places {
            self.asked.extend(Kinds::workloads().map(|kinds| Read {
                kinds,
                place: place.clone(),
            }));
        }
    }

    /// Where a kind is read.
    ///
    /// # Errors
    /// Why it is not.
    pub(crate) fn reach(&self, group: &str, kind: &str) -> Result<Reach, Cause> {
        let is_left_out = LEFT_OUT.contains(&(group, kind));
        let is_judged = self.judged.iter().any(|kinds| kinds.contains(group, kind));
        if is_judged && !is_left_out {
            return Ok(Reach::All);
        }
        let mut namespaces: Vec<String> = Vec::new();
        let asked = self.asked.iter().filter(|read| match &read.kinds {
            Kinds::All => !is_left_out,
            kinds => kinds.contains(group, kind),
        });
        for read in asked {
            match &read.place {
                Place::Namespace(name) => namespaces.push(name.clone()),
                Place::Everywhere | Place::Somewhere => return Ok(Reach::All),
            }
        }
        namespaces.sort();
        namespaces.dedup();
        match (namespaces.is_empty(), is_left_out) {
            (false, _) => Ok(Reach::Namespaces(namespaces)),
            (true, true) => Err(Cause::LeftOut),
            (true, false) => Err(Cause::NotAsked),
        }
    }

    /// Whether a kind is wanted.
    pub fn names(&self, group: &str, kind: &str) -> bool {
        self.reach(group, kind).is_ok()
    }

    /// Every single kind that is named.
    pub(crate) fn named(&self) -> BTreeSet<(&str, &str)> {
        let asked = self.asked.iter().map(|read| &read.kinds);
        self.judged
            .iter()
            .chain(asked)
            .filter_map(|kinds| match kinds {
                Kinds::One { group, kind } => Some((group.as_str(), kind.as_str())),
                Kinds::Group(_) | Kinds::All => None,
            })
            .collect()
    }

    /// Everything that is wanted, as not read, for one reason.
    pub fn unread(&self, reason: &str) -> Vec<Unread> {
        self.named()
            .into_iter()
            .map(|(group, kind)| unread(group, kind, reason, Cause::Failed))
            .collect()
    }

    /// What is read of the kinds that a server has, in the order in which that is done, and what is not.
    pub(crate) fn plan(
        &self,
        served: &[ServedKind],
        options: &ClusterOptions,
    ) -> (Vec<Task>, Vec<Unread>) {
        let mut tasks = Vec::new();
        let mut left = Vec::new();
        for kind in served {
            let (group, name) = (kind.group.as_str(), kind.kind.as_str());
            let is_only_shown = group_that_is_shown(group, name).is_some_and(|shown| {
                served
                    .iter()
                    .any(|other| other.group == shown && other.kind == name)
            });
            if is_only_shown {
                continue;
            }
            let reach = match self.reach(group, name) {
                Ok(reach) => reach,
                Err(cause) => {
                    let reason = match cause {
                        Cause::LeftOut => LEFT_OUT_REASON,
                        _ => "no control that the cluster was read for asks for it",
                    };
                    left.push(unread(group, name, reason, cause));
                    continue;
                }
            };
            if options.without_secrets && group.is_empty() && name == "Secret" {
                let reason = "Secrets were left out (--without-secrets)";
                left.push(unread(group, name, reason, Cause::Narrowed));
                continue;
            }
            let is_namespace = group.is_empty() && name == "Namespace";
            if !options.namespaces.is_empty() && !kind.is_namespaced && !is_namespace {
                let reason = format!(
                    "it is in no namespace, and only {} was read",
                    options.namespaces.join(", ")
                );
                left.push(unread(group, name, &reason, Cause::Narrowed));
                continue;
            }
            tasks.push(Task {
                namespaces: namespaces(reach, &options.namespaces),
                kind: kind.clone(),
            });
        }
        (tasks, left)
    }
}

fn namespaces(reach: Reach, wanted: &[String]) -> Option<Vec<String>> {
    match reach {
        Reach::All if wanted.is_empty() => None,
        Reach::All => Some(wanted.to_vec()),
        Reach::Namespaces(names) if wanted.is_empty() => Some(names),
        Reach::Namespaces(names) => Some(
            names
                .into_iter()
                .filter(|name| wanted.contains(name))
                .collect(),
        ),
    }
}

pub(crate) fn unread(group: &str, kind: &str, reason: &str, cause: Cause) -> Unread {
    Unread {
        group: group.to_owned(),
        kind: kind.to_owned(),
        reason: reason.to_owned(),
        cause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(group: &str, kind: &str, is_namespaced: bool) -> ServedKind {
        ServedKind {
            group: group.to_owned(),
            kind: kind.to_owned(),
            version: "v1".to_owned(),
            resource: kind.to_lowercase(),
            is_namespaced,
        }
    }

    fn wanted(judged: &[&str], asked: &[(&str, Place)]) -> Wanted {
        Wanted {
            judged: judged.iter().map(|name| Kinds::named(name)).collect(),
            asked: asked
                .iter()
                .map(|(name, place)| Read {
                    kinds: Kinds::named(name),
                    place: place.clone(),
                })
                .collect(),
        }
    }

    #[test]
    fn only_what_is_wanted_is_read_and_every_object_once() {
        let kube_system = Place::Namespace("kube-system".to_owned());
        let wanted = wanted(
            &[
                "Secret",
                "Ingress",
                "extensions/Ingress",
                "events.k8s.io/Event",
            ],
            &[("Lease", kube_system), ("Node", Place::Everywhere)],
        );
        let kinds = [
            served("", "Event", true),
            served("", "Node", false),
            served("", "Pod", true),
            served("", "Secret", true),
            served("coordination.k8s.io", "Lease", true),
            served("events.k8s.io", "Event", true),
            served("extensions", "Ingress", true),
            served("networking.k8s.io", "Ingress", true),
        ];
        let tasks = |options: &ClusterOptions| -> Vec<String> {
            let (tasks, _) = wanted.plan(&kinds, options);
            tasks
                .iter()
                .map(|task| match &task.namespaces {
                    None => task.kind.path(None),
                    Some(names) => names
                        .iter()
                        .map(|name| task.kind.path(Some(name)))
                        .collect(),
                })
                .collect()
        };
        let everything = ClusterOptions::default();
        assert_eq!(
            tasks(&everything),
            [
                "/api/v1/node",
                "/api/v1/secret",
                "/apis/coordination.k8s.io/v1/namespaces/kube-system/lease",
                "/apis/networking.k8s.io/v1/ingress",
            ]
        );
        let (_, left) = wanted.plan(&kinds, &everything);
        let causes: Vec<(&str, Cause)> = left
            .iter()
            .map(|unread| (unread.kind.as_str(), unread.cause))
            .collect();
        assert_eq!(
            causes,
            [("Pod", Cause::NotAsked), ("Event", Cause::LeftOut)]
        );

        let narrow = ClusterOptions {
            namespaces: vec!["shop".to_owned()],
            without_secrets: true,
            ..ClusterOptions::default()
        };
        assert_eq!(
            tasks(&narrow),
            ["", "/apis/networking.k8s.io/v1/namespaces/shop/ingress"]
        );
        let (_, left) = wanted.plan(&kinds, &narrow);
        let narrowed: Vec<&str> = left
            .iter()
            .filter(|unread| unread.cause == Cause::Narrowed)
            .map(|unread| unread.kind.as_str())
            .collect();
        assert_eq!(narrowed, ["Node", "Secret"]);
    }

    #[test]
    fn who_reads_pods_reads_what_makes_them() {
        let mut wanted = wanted(&["Pod"], &[]);
        wanted.complete();
        assert!(wanted.reach("apps", "Deployment").is_ok());
        assert!(wanted.reach("apps", "ControllerRevision").is_err());
    }
}
