//! Findings that a user accepted, in the manifest itself.
//!
//! The annotation `plimsoll.dev/ignore: "PSC-001 reason"` on an object or its pod template accepts a control's findings
//! in it; several stand on lines of their own. A comment `# plimsoll:ignore PSC-001 reason` accepts the findings of the
//! control on its line, or on the next one where it stands alone.

use plimsoll_catalog::Control;
use plimsoll_document::{Key, Node, Source};

use crate::finding::Finding;
use crate::judge::Subject;

const ANNOTATION: &str = "plimsoll.dev/ignore";
const COMMENT: &str = "plimsoll:ignore ";

/// The reason for which a finding is accepted.
pub(crate) fn reason(
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
    if let Some(reason) = annotation(subject.object).or_else(|| subject.pod.and_then(annotation)) {
        return Some(reason);
    }
    in_comment(
        control,
        subject.object.tree().source(),
        finding.position.line,
    )
}

fn in_comment(control: &Control, source: &Source, line: u32) -> Option<String> {
    let comment = |line: u32| {
        let text = source.line(line)?;
        let (before, after) = text.split_once(COMMENT)?;
        let mark = before.rfind('#')?;
        before[mark + 1..]
            .trim()
            .is_empty()
            .then(|| (before[..mark].trim().is_empty(), after))
    };
    if let Some((_, text)) = comment(line)
        && let Some(reason) = reason_in(control, text)
    {
        return Some(reason);
    }
    match comment(line.checked_sub(1)?) {
        Some((true, text)) => reason_in(control, text),
        _ => None,
    }
}

/// The reason in `PSC-001 reason`, where that is this control; an exception without a reason is none.
fn reason_in(control: &Control, text: &str) -> Option<String> {
    let (name, reason) = text.trim().split_once(char::is_whitespace)?;
    let named = name.eq_ignore_ascii_case(&control.id) || name.eq_ignore_ascii_case(&control.name);
    let reason = reason.trim();
    (named && !reason.is_empty()).then(|| reason.to_owned())
}
