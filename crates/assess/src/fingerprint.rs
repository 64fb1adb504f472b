//! What makes a finding the same in two scans.
//!
//! Not its line, its file, its message or its place in a list, which all change while nothing is wrong that was not
//! wrong before; but the control, the object, and the field, with list elements by their name. The object is known by
//! the name that its owner gave it, without the suffix that a controller or a tool adds anew each time.

use std::collections::HashMap;
use std::fmt;

use plimsoll_document::{Key, Node, Path, Segment};
use plimsoll_inventory::Object;
use sha2::{Digest, Sha256};

/// Identifies a finding in scans of the same objects at other times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    /// Of the control, the object and the field.
    base: [u8; 16],
    /// From 1, which of the findings that have these in common.
    ordinal: u32,
}

impl Fingerprint {
    pub(crate) fn new(control: &str, object: &Object, path: &Path) -> Fingerprint {
        let mut hash = Sha256::new();
        for part in [
            "1",
            control,
            object.kind(),
            object.namespace(),
            &stable_name(object),
            &stable_path(object.root(), path),
        ] {
            // With its length, parts cannot run into each other.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        // Rendered in several ways, an object is several.
        let origin = object.tree().source().origin();
        if let Some(variant) = origin.and_then(|origin| origin.variant.as_deref()) {
            hash.update((variant.len() as u64).to_le_bytes());
            hash.update(variant);
        }
        let mut base = [0; 16];
        for (to, from) in base.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        Fingerprint { base, ordinal: 1 }
    }

    /// Tells those apart that are the same otherwise, in their order.
    pub(crate) fn number<'f>(all: impl Iterator<Item = &'f mut Fingerprint>) {
        let mut seen: HashMap<[u8; 16], u32> = HashMap::new();
        for fingerprint in all {
            let count = seen.entry(fingerprint.base).or_insert(0);
            *count += 1;
            fingerprint.ordinal = *count;
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.base {
            write!(f, "{byte:02x}")?;
        }
        if self.ordinal > 1 {
            write!(f, "-{}", self.ordinal)?;
        }
        Ok(())
    }
}

/// Keys by which an element of a list is known, the first that it has.
const NAMES: [&str; 8] = [
    "name",
    "key",
    "mountPath",
    "containerPort",
    "port",
    "host",
    "ip",
    "path",
];

/// A path whose elements are known by name, and where they have none, are any.
fn stable_path(root: Node<'_>, path: &Path) -> String {
    let mut text = String::new();
    let mut here = Some(root);
    for segment in &path.segments {
        match segment {
            Segment::Key(key) => {
                text.push('.');
                text.push_str(key.name());
                here = here.and_then(|node| node.get(key));
            }
            Segment::Index(index) => {
                here = here
                    .filter(|node| node.is_list())
                    .and_then(|node| node.child(*index));
                text.push('[');
                if let Some(node) = here {
                    text.push_str(&name_of(node));
                }
                text.push(']');
            }
            Segment::Every => text.push_str("[]"),
        }
    }
    text
}

fn name_of(element: Node<'_>) -> String {
    if element.is_list() {
        return String::new();
    }
    if !element.is_map() {
        return plain(element);
    }
    NAMES
        .into_iter()
        .filter_map(|key| element.get_name(key))
        .find(|value| !value.is_map() && !value.is_list())
        .map_or_else(String::new, plain)
}

fn plain(scalar: Node<'_>) -> String {
    scalar
        .as_str()
        .map(str::to_owned)
        .or_else(|| scalar.as_int().map(|number| number.to_string()))
        .unwrap_or_default()
}

/// Characters that Kubernetes makes random suffixes of.
const RANDOM: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Characters that Kustomize makes content hashes of.
const KUSTOMIZE: &str = "bcdfghkmt2456789";

/// The name without what is made anew with every roll-out.
fn stable_name(object: &Object) -> String {
    let name = object.name();
    let label = |key: &str| {
        object
            .root()
            .get_name("metadata")?
            .get_name("labels")?
            .get(&Key::new(key))?
            .as_str()
    };
    let is_owned_by = |kind: &str| {
        object
            .root()
            .get_name("metadata")
            .and_then(|metadata| metadata.get_name("ownerReferences"))
            .is_some_and(|owners| {
                owners
                    .children()
                    .any(|owner| owner.get_name("kind").and_then(Node::as_str) == Some(kind))
            })
    };
    let generated = object
        .root()
        .get_name("metadata")
        .and_then(|metadata| metadata.get_name("generateName")?.as_str())
        .filter(|prefix| name.starts_with(prefix));
    let stable = match object.kind() {
        "Pod" | "ReplicaSet" => {
            // web-7d4b9c6f5d-x2x4z and web-7d4b9c6f5d, made of the Deployment web.
            if let Some(hash) = label("pod-template-hash").filter(|hash| !hash.is_empty()) {
                name.rfind(&format!("-{hash}")).map(|at| &name[..at])
            } else if is_owned_by("Job") {
                let job = generated.or_else(|| without_suffix(name, 5, RANDOM));
                job.map(|job| {
                    let job = job.trim_end_matches('-');
                    without_time(job).unwrap_or(job)
                })
            } else if is_owned_by("DaemonSet") || is_owned_by("ReplicaSet") {
                generated.or_else(|| without_suffix(name, 5, RANDOM))
            } else {
                generated
            }
        }
        // What a CronJob makes ends with the time at which it was due.
        "Job" if is_owned_by("CronJob") => without_time(name),
        "ConfigMap" | "Secret" => without_suffix(name, 10, KUSTOMIZE).or(generated),
        _ => generated,
    };
    stable.unwrap_or(name).trim_end_matches('-').to_owned()
}

fn without_suffix<'n>(name: &'n str, length: usize, of: &str) -> Option<&'n str> {
    let (stable, suffix) = name.rsplit_once('-')?;
    let is_suffix = suffix.len() == length && suffix.chars().all(|one| of.contains(one));
    is_suffix.then_some(stable)
}

/// A name without the minutes that a CronJob adds for the time at which a Job was due.
fn without_time(name: &str) -> Option<&str> {
    let (stable, time) = name.rsplit_once('-')?;
    (time.len() >= 8 && time.bytes().all(|digit| digit.is_ascii_digit())).then_some(stable)
}
