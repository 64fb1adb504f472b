//! What the manifest itself accepts.
//!
//! The annotation `plimsoll.dev/ignore: "PSC-001 reason"` on an object or its pod template accepts a control's findings
//! in it; several stand on lines of their own. A comment `# plimsoll:ignore PSC-001 reason` accepts the findings of the
//! control on its line, or on the next one where it stands alone.

use plimsoll_document::{Key, Node, Tree};

use crate::accept::comments::starting_with;
use crate::accept::{Covers, Mark};
use crate::exception::Origin;

const ANNOTATION: &str = "plimsoll.dev/ignore";
const COMMENT: &str = "plimsoll:ignore ";

/// Adds what the annotations of an object and its pod template accept.
pub(super) fn annotations(object: Node<'_>, pod: Option<Node<'_>>, marks: &mut Vec<Mark>) {
    let key = Key::new(ANNOTATION);
    for node in [Some(object), pod].into_iter().flatten() {
        let annotation = node
            .get_name("metadata")
            .and_then(|metadata| metadata.get_name("annotations")?.get(&key));
        let Some(annotation) = annotation else {
            continue;
        };
        let line = annotation.position().line;
        let text = annotation.as_str().unwrap_or_default();
        for text in text.lines().filter(|text| !text.trim().is_empty()) {
            marks.push(mark(Origin::Annotation, text, Covers::Object, line));
        }
    }
}

/// All comments of a source that accept something, by the line they are for.
pub(super) fn comments(tree: &Tree) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for comment in starting_with(tree, COMMENT) {
        // What follows the first one of a line is its reason.
        if marks.last().is_some_and(|last| last.line == comment.line) {
            continue;
        }
        let target = comment.line + u32::from(comment.alone);
        let covers = Covers::Line(target);
        marks.push(mark(Origin::Comment, comment.text, covers, comment.line));
    }
    marks.sort_by_key(|mark| match mark.covers {
        Covers::Line(line) | Covers::Node(line) => line,
        Covers::Object => 0,
    });
    marks
}

/// What `PSC-001 reason` accepts; an exception without a reason is none.
fn mark(origin: Origin, text: &str, covers: Covers, line: u32) -> Mark {
    let text = text.trim();
    let (name, reason) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let mark = Mark {
        covers,
        ..Mark::on_object(origin, vec![name.to_owned()], reason, line)
    };
    if reason.trim().is_empty() {
        mark.broken("no reason is given")
    } else {
        mark
    }
}
