//! What a finding keeps when its manifest changes elsewhere.
//!
//! Hashed are the control, the object and the path, in which elements of lists go by their names: a line that moves, a
//! container that is put before another or a file that is renamed makes no new finding.

use std::collections::HashMap;
use std::fmt::Write;

use plimsoll_assess::Finding;
use plimsoll_document::{Node, Segment};
use plimsoll_inventory::Object;
use sha2::{Digest, Sha256};

use crate::result::ScanResult;

/// The version of what is hashed, for formats that name it.
pub const VERSION: &str = "plimsoll/v1";

/// One for each finding, in the order of the result, and no two the same: findings that nothing but their order tells
/// apart are counted.
pub fn fingerprints(result: &ScanResult<'_>) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let of = |finding: &Finding| {
        let control = result.assessment.controls[finding.control].control;
        let object = &result.inventory.objects()[finding.object.0 as usize];
        let identity = identity(&control.id, object, finding);
        let count = seen.entry(identity.clone()).or_default();
        *count += 1;
        hash(&format!("{identity}\n{count}"))
    };
    result.assessment.findings.iter().map(of).collect()
}

/// What tells a finding from others. No part of it can hold a line end but by being quoted.
fn identity(control: &str, object: &Object, finding: &Finding) -> String {
    let parts = [
        control,
        object.group(),
        object.kind(),
        object.namespace(),
        object.name(),
        &place(object, finding),
    ];
    format!("{parts:?}")
}

/// The path with names for the elements of lists; those without a name go without a number, too.
fn place(object: &Object, finding: &Finding) -> String {
    let mut here = Some(object.root());
    let mut text = String::new();
    for segment in &finding.path.segments {
        match segment {
            Segment::Key(key) => {
                here = here.and_then(|node| node.get(key));
                let _ = write!(text, "/{:?}", key.name());
            }
            Segment::Index(index) => {
                here = here.and_then(|node| node.child(*index));
                let name = here.and_then(|node| node.get_name("name")?.as_str());
                let _ = write!(text, "/{:?}", name.unwrap_or_default());
            }
            Segment::Every => here = None::<Node<'_>>,
        }
    }
    text
}

fn hash(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
