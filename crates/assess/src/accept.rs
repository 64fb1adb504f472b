//! Findings that a user accepted, in the manifest itself.
//!
//! The annotation `plimsoll.dev/ignore: "PSC-001 reason"` on an object or its pod template accepts a control's findings
//! in it; several stand on lines of their own. A comment `# plimsoll:ignore PSC-001 reason` accepts the findings of the
//! control on its line, or on the next one where it stands alone.

use std::sync::Arc;

use plimsoll_catalog::Control;
use plimsoll_document::{Key, Node, Source};

use crate::finding::Finding;
use crate::judge::Subject;

const ANNOTATION: &str = "plimsoll.dev/ignore";
const COMMENT: &str = "plimsoll:ignore ";

/// Finds the reasons for which findings are accepted. Findings come source by source, and each is searched for comments
/// once, however many findings it has.
#[derive(Default)]
pub(crate) struct Accepting {
    source: Option<Arc<Source>>,
    comments: Vec<Comment>,
}

/// What stands after the mark in a comment.
struct Comment {
    line: u32,
    /// Whether nothing else is on its line.
    alone: bool,
    text: String,
}

impl Accepting {
    /// The reason for which a finding is accepted.
    pub(crate) fn reason(
        &mut self,
        control: &Control,
        subject: &Subject<'_>,
        finding: &Finding,
    ) -> Option<String> {
        let key = Key::new(ANNOTATION);
        let annotation = |node: Node<'_>| {
            let text = node
                .get_name("metadata")?
                .get_name("annotations")?
                .get(&key)?
                .as_str()?;
            text.lines().find_map(|line| reason_in(control, line))
        };
        annotation(subject.object)
            .or_else(|| subject.pod.and_then(annotation))
            .or_else(|| {
                self.in_comment(
                    control,
                    subject.object.tree().source(),
                    finding.position.line,
                )
            })
    }

    fn in_comment(&mut self, control: &Control, source: &Arc<Source>, line: u32) -> Option<String> {
        if !self
            .source
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, source))
        {
            self.comments = comments(source);
            self.source = Some(Arc::clone(source));
        }
        let on = |line: u32| {
            let at = self.comments.partition_point(|comment| comment.line < line);
            self.comments[at..]
                .iter()
                .take_while(move |comment| comment.line == line)
        };
        on(line)
            .chain(on(line.checked_sub(1)?).filter(|comment| comment.alone))
            .find_map(|comment| reason_in(control, &comment.text))
    }
}

/// All comments of a source that accept something, by line.
fn comments(source: &Source) -> Vec<Comment> {
    let text = source.text();
    let mut comments = Vec::new();
    let mut seen = 0;
    for at in memchr::memmem::find_iter(text.as_bytes(), COMMENT) {
        let line = source.position(at as u32).line;
        // What follows the first one of a line is its reason.
        if line == seen {
            continue;
        }
        seen = line;
        let start = text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let after = &text[at + COMMENT.len()..];
        let after = &after[..after.find(['\n', '\r']).unwrap_or(after.len())];
        let before = &text[start..at];
        let Some(mark) = before.rfind('#') else {
            continue;
        };
        if before[mark + 1..].trim().is_empty() {
            comments.push(Comment {
                line,
                alone: before[..mark].trim().is_empty(),
                text: after.to_owned(),
            });
        }
    }
    comments
}

/// The reason in `PSC-001 reason`, where that is this control; an exception without a reason is none.
fn reason_in(control: &Control, text: &str) -> Option<String> {
    let (name, reason) = text.trim().split_once(char::is_whitespace)?;
    let named = name.eq_ignore_ascii_case(&control.id) || name.eq_ignore_ascii_case(&control.name);
    let reason = reason.trim();
    (named && !reason.is_empty()).then(|| reason.to_owned())
}
