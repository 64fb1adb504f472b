//! What is accepted, and what is to be said of exceptions.

use plimsoll_assess::{ExceptionState, Finding};

use crate::result::ScanResult;
use crate::text::counted;

/// Why a finding is accepted: the reason, and for one of an exceptions file who answers for it and until when.
pub(crate) fn reason(result: &ScanResult<'_>, finding: &Finding, reason: &str) -> String {
    let exception = finding
        .exception
        .and_then(|number| result.assessment.exceptions.get(number));
    let Some(exception) = exception else {
        return reason.to_owned();
    };
    let mut notes = Vec::new();
    if let Some(owner) = &exception.owner {
        notes.push(format!("{} by {owner}", exception.kind.name()));
    }
    if let plimsoll_assess::Origin::Tool(tool) = exception.origin {
        notes.push(format!("for {}", tool.name()));
    }
    if let Some(expires) = &exception.expires {
        notes.push(format!("until {expires}"));
    }
    if notes.is_empty() {
        reason.to_owned()
    } else {
        format!("{reason} ({})", notes.join(", "))
    }
}

/// All exceptions in one line; `None` where there are none.
pub(crate) fn summary(result: &ScanResult<'_>) -> Option<String> {
    let all = &result.assessment.exceptions;
    if all.is_empty() {
        return None;
    }
    let count = |is: &dyn Fn(&plimsoll_assess::ExceptionResult) -> bool| {
        all.iter().filter(|exception| is(exception)).count()
    };
    let mut text = format!(
        "{} accept {}",
        count(&|exception| exception.accepted > 0),
        counted(result.assessment.accepted_findings(), "finding")
    );
    let rest = [
        (
            count(&|one| one.state == ExceptionState::Expired),
            "expired",
        ),
        (
            count(&|one| one.state == ExceptionState::NotYet),
            "not yet in force",
        ),
        (count(&|one| one.state == ExceptionState::Broken), "broken"),
        (
            count(&|one| one.is_unused() && one.state == ExceptionState::InForce),
            "unused",
        ),
        (count(&|one| one.over_wide.is_some()), "over-wide"),
    ];
    for (count, what) in rest {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    Some(text)
}
