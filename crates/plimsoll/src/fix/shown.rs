//! What people read of a fix.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal};

use plimsoll_assess::PlannedEdit;
use plimsoll_catalog::{Catalog, EditKind};
use plimsoll_remedy::{NotFixed, Outcome, Reason};
use plimsoll_report::text::{Paint, counted, printable};

/// A diff: as it is where a tool reads it, coloured and with control characters written out where a person does.
pub(super) fn diff(diff: &str, paint: Paint) -> String {
    if !io::stdout().is_terminal() && !paint.colour {
        return diff.to_owned();
    }
    let mut shown = String::new();
    for line in diff.lines() {
        let text = printable(line.strip_suffix('\r').unwrap_or(line));
        let text = match line.as_bytes().first() {
            _ if line.starts_with("--- ") || line.starts_with("+++ ") => paint.bold(&text),
            Some(b'+') => paint.good(&text),
            Some(b'-') => paint.bad(&text),
            Some(b'@') => paint.hint(&text),
            _ => text,
        };
        shown.push_str(&text);
        shown.push('\n');
    }
    shown
}

/// What was done, and what stays and why.
pub(super) fn summary(
    outcome: &Outcome,
    catalog: &Catalog,
    refused: Option<&BTreeSet<String>>,
    quiet: bool,
) -> Vec<String> {
    let mut lines = Vec::new();
    if !quiet {
        lines.extend(not_fixed(&outcome.not_fixed, catalog));
    }
    let done = if refused.is_some() {
        "fixed"
    } else {
        "can be fixed"
    };
    let is_refused = |file: &str| refused.is_some_and(|refused| refused.contains(file));
    let (stuck, fixed): (Vec<&str>, Vec<&str>) = outcome
        .fixed
        .iter()
        .map(|fixed| fixed.file.as_str())
        .partition(|file| is_refused(file));
    let files: BTreeSet<&str> = fixed.iter().copied().collect();
    lines.push(format!(
        "{} {done} in {}, {} stay",
        counted(fixed.len(), "finding"),
        counted(files.len(), "file"),
        outcome.not_fixed.len() + stuck.len()
    ));
    if let Some(refused) = refused.filter(|refused| !refused.is_empty()) {
        lines.push(format!(
            "incomplete: {} could not be written",
            counted(refused.len(), "file")
        ));
    }
    lines
}

/// An edit for people to make.
fn advice(edit: &PlannedEdit) -> String {
    let text = match &edit.kind {
        EditKind::Set(value) => format!("{}: {value}", edit.path),
        EditKind::Append(value) => format!("{}: add {value}", edit.path),
        EditKind::Remove => format!("{}: remove it", edit.path),
    };
    format!("        {}", printable(&text))
}

/// By control and reason, the most severe first.
fn not_fixed(findings: &[NotFixed], catalog: &Catalog) -> Vec<String> {
    let order: BTreeMap<&str, usize> = {
        let mut controls: Vec<_> = catalog.controls().iter().collect();
        controls.sort_by_key(|control| std::cmp::Reverse(control.risk));
        let ids = controls.into_iter().map(|control| control.id.as_str());
        ids.enumerate().map(|(at, id)| (id, at)).collect()
    };
    let mut groups: BTreeMap<(usize, String), Vec<&NotFixed>> = BTreeMap::new();
    for finding in findings {
        let at = order
            .get(finding.control.as_str())
            .copied()
            .unwrap_or_default();
        let group = (at, finding.reason.to_string());
        groups.entry(group).or_default().push(finding);
    }
    let names: BTreeMap<&str, &str> = catalog
        .controls()
        .iter()
        .map(|control| (control.id.as_str(), control.name.as_str()))
        .collect();
    let mut lines = Vec::new();
    for ((_, reason), group) in groups {
        let Some(first) = group.first() else {
            continue;
        };
        let name = names
            .get(first.control.as_str())
            .copied()
            .unwrap_or_default();
        lines.push(format!("{} {name}: {}", first.control, printable(&reason)));
        for finding in group {
            let position = finding
                .position
                .map_or_else(String::new, |position| format!(":{position}"));
            let line = format!(
                "    {}{position}  {}: {}",
                finding.file, finding.object, finding.message
            );
            lines.push(printable(&line));
            if matches!(finding.reason, Reason::Rendered { .. }) {
                lines.extend(finding.edits.iter().map(advice));
            }
        }
    }
    lines
}
