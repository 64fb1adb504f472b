//! Which parts of the facts of a node a control reads. A part that is not there, or could not be read, must not look as if
//! nothing were wrong with it.

use plimsoll_document::Segment;

use crate::each::{Each, Start};

/// Fields of `spec` of node facts.
const OF_NODE: [&str; 12] = [
    "accounts",
    "files",
    "hostAudit",
    "integrityMonitoring",
    "kernel",
    "listening",
    "operatingSystem",
    "pendingUpdates",
    "ssh",
    "storage",
    "swap",
    "timeSynchronisation",
];

/// Fields of a component that are read from files which its flags name.
const OF_COMPONENT: [&str; 6] = [
    "admission",
    "auditPolicy",
    "authentication",
    "authorization",
    "configuration",
    "encryption",
];

/// The parts of node facts that a control reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FactParts {
    /// Fields of `spec`.
    pub of_node: Vec<&'static str>,
    /// Fields of a component.
    pub of_component: Vec<&'static str>,
}

impl FactParts {
    /// What `each` leads into, and what the expressions that decide read by its path.
    pub(crate) fn new(each: &[Each], expressions: [&str; 3]) -> FactParts {
        let is_in = |each: &Each, part: &str| match (each.start, each.path.segments.as_slice()) {
            (Start::Object, [Segment::Key(spec), Segment::Key(field), ..]) => {
                spec.name() == "spec" && field.name() == part
            }
            (Start::Components, [Segment::Key(field), ..]) => field.name() == part,
            _ => false,
        };
        let starts_in = |start: Start, part: &str| {
            each.iter()
                .any(|each| each.start == start && is_in(each, part))
        };
        let reads = |of: [&str; 2], part: &str| {
            let is_read = |text: &str| of.iter().any(|of| has_field_access(text, of, part));
            expressions.into_iter().any(is_read)
        };
        FactParts {
            of_node: OF_NODE
                .into_iter()
                .filter(|part| {
                    starts_in(Start::Object, part) || reads(["object.spec", "item.spec"], part)
                })
                .collect(),
            of_component: OF_COMPONENT
                .into_iter()
                .filter(|part| {
                    starts_in(Start::Components, part) || reads(["item", "component"], part)
                })
                .collect(),
        }
    }
}

/// Whether an expression reads a field: `item.auditPolicy`, `item.?auditPolicy`.
fn has_field_access(text: &str, of: &str, field: &str) -> bool {
    let is_name =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    text.match_indices(field).any(|(at, _)| {
        let Some(before) = text[..at].trim_end_matches('?').strip_suffix('.') else {
            return false;
        };
        // `object.?spec.?ssh` reads what `object.spec.ssh` does.
        let plain = before.replace(".?", ".");
        let start = plain.strip_suffix(of).map(str::as_bytes);
        start.is_some_and(|start| !is_name(start.last()) && start.last() != Some(&b'.'))
            && !is_name(text.as_bytes().get(at + field.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_are_read_are_found() {
        for (text, of, field, found) in [
            ("has(item.auditPolicy)", "item", "auditPolicy", true),
            ("item.?auditPolicy.rules", "item", "auditPolicy", true),
            ("object.?spec.?ssh.running", "object.spec", "ssh", true),
            ("item.auditPolicyFile == ''", "item", "auditPolicy", false),
            ("myitem.auditPolicy", "item", "auditPolicy", false),
            ("item.spec.auditPolicy", "item", "auditPolicy", false),
            ("object.item.auditPolicy", "item", "auditPolicy", false),
            ("'auditPolicy' in flags", "item", "auditPolicy", false),
        ] {
            assert_eq!(has_field_access(text, of, field), found, "{text}");
        }
    }

    #[test]
    fn parts_are_those_of_paths_and_expressions() {
        let each = |text: &str| vec![Each::parse(text).expect("a path")];
        let parts = FactParts::new(&each("object.spec.files[*]"), ["", "", "item.mode == ''"]);
        assert_eq!(parts.of_node, ["files"]);
        let parts = FactParts::new(
            &each("component.auditPolicy.rules[*]"),
            ["has(component.configuration)", "", "item.level == ''"],
        );
        assert_eq!(parts.of_component, ["auditPolicy", "configuration"]);
        assert!(parts.of_node.is_empty());
    }
}
