//! Lists and maps in flow style, and all of JSON.

use plimsoll_document::Node;
use serde_json::Value as Json;

use crate::change::{Change, Refusal};
use crate::layout::{
    Slot, SlotValue, ends_line, has_comment, line_end, line_start, list_slots, map_slots, next_line,
};
use crate::plan::Plan;
use crate::style::{Quotes, inline, key, lines_of_json, quotes_of};
use crate::text_edit::TextEdit;

pub(crate) fn map<'t>(change: &mut Change<'t>, map: Node<'t>, plan: &Plan) -> Result<(), Refusal> {
    let slots = map_slots(map)?;
    let mut removed = vec![false; slots.len()];
    let mut added = Vec::new();
    for (name, below) in &plan.keys {
        match slots.iter().position(|(known, _)| known == name) {
            Some(at) if below.remove => removed[at] = true,
            Some(at) => change.slot(&slots[at].1, below, true, 0)?,
            None if map.get_name(name).is_some() => return Err(Refusal::Shared),
            None if below.remove => {}
            None => {
                let value = below.value_of_missing().ok_or(Refusal::NoElement)?;
                added.push((Some(name.as_str()), value));
            }
        }
    }
    let slots: Vec<Slot<'t>> = slots.into_iter().map(|(_, slot)| slot).collect();
    rewrite(change, map, &slots, &removed, &added)
}

pub(crate) fn list<'t>(
    change: &mut Change<'t>,
    list: Node<'t>,
    plan: &Plan,
) -> Result<(), Refusal> {
    let slots = list_slots(list)?;
    let mut removed = vec![false; slots.len()];
    for (at, below) in &plan.elements {
        let slot = slots.get(*at).ok_or(Refusal::NoElement)?;
        if below.remove {
            removed[*at] = true;
        } else {
            change.slot(slot, below, true, 0)?;
        }
    }
    let added: Vec<(Option<&str>, Json)> = plan
        .append
        .iter()
        .map(|value| (None, value.clone()))
        .collect();
    rewrite(change, list, &slots, &removed, &added)
}

/// How the entries or elements between two brackets are set apart.
struct Spacing {
    /// The column of each on a line of its own; `None` where they share a line.
    lines: Option<usize>,
    /// Between two on one line.
    separator: String,
    /// Between colon and value.
    compact: bool,
    quotes: Quotes,
}

fn rewrite<'t>(
    change: &mut Change<'t>,
    node: Node<'t>,
    slots: &[Slot<'t>],
    removed: &[bool],
    added: &[(Option<&str>, Json)],
) -> Result<(), Refusal> {
    let text = change.text;
    let spacing = spacing(change, node, slots);
    let kept = removed.iter().filter(|removed| !**removed).count();
    let (open, close) = (node.span().start as usize + 1, node.span().end as usize - 1);
    if kept == 0 && !slots.is_empty() {
        if has_comment(text, open..close) {
            return Err(Refusal::Comment);
        }
        if added.is_empty() {
            change.edits.push(TextEdit::delete(open, close));
            return Ok(());
        }
        let from = slots[0].start;
        let to = slots[slots.len() - 1].end;
        let texts = texts(change, added, &spacing);
        let joined = texts.join(&between(change, &spacing));
        change.edits.push(TextEdit::replace(from, to, joined));
        return Ok(());
    }
    remove(change, slots, removed)?;
    if added.is_empty() {
        return Ok(());
    }
    let texts = texts(change, added, &spacing);
    let joined = texts.join(&between(change, &spacing));
    let Some(last) = slots.last() else {
        return fill_empty(change, (open, close), &joined, &spacing);
    };
    let first = between(change, &spacing);
    let closes_on_line = line_end(text, last.end) >= close;
    let rest = last.end..line_end(text, last.end).min(close);
    let after = &text[rest.clone()];
    if spacing.lines.is_some() && !closes_on_line && has_comment(text, rest) {
        // The comment is about the last one: what is new comes on the line after it.
        if !after.trim_start().starts_with(',') {
            change.edits.push(TextEdit::insert(last.end, ","));
        }
        let at = line_end(text, last.end);
        let line = first.strip_prefix(',').unwrap_or(&first);
        change
            .edits
            .push(TextEdit::insert(at, format!("{line}{joined}")));
        return Ok(());
    }
    change
        .edits
        .push(TextEdit::insert(last.end, format!("{first}{joined}")));
    Ok(())
}

fn spacing(change: &Change<'_>, node: Node<'_>, slots: &[Slot<'_>]) -> Spacing {
    let text = change.text;
    let start = node.span().start as usize;
    let column = |at: usize| {
        let line = &text[line_start(text, at)..at];
        line.bytes().all(|byte| byte == b' ').then_some(line.len())
    };
    let indentation = {
        let line = &text[line_start(text, start)..];
        line.len() - line.trim_start_matches(' ').len()
    };
    let lines = match slots {
        [] if change.style.json && text.trim_end().contains('\n') => {
            Some(indentation + change.style.step)
        }
        [] => None,
        [only] => column(only.start),
        [.., last] => column(last.start),
    };
    let separator = match slots {
        [first, second, ..] if lines.is_none() => {
            let gap = &text[first.end..second.start];
            let is_plain = gap.starts_with(',') && gap[1..].bytes().all(|byte| byte == b' ');
            if is_plain {
                gap.to_owned()
            } else {
                ", ".to_owned()
            }
        }
        _ if change.style.json
            && !text.trim_end().contains('\n')
            && !text[start..].contains(": ") =>
        {
            ",".to_owned()
        }
        _ => ", ".to_owned(),
    };
    let compact = slots.iter().any(|slot| {
        let own = matches!(slot.value, SlotValue::Own(node) if node.span().start as usize == slot.header_end);
        node.is_map() && own
    }) || slots.is_empty() && separator == ",";
    let sample = slots.first().map_or(0, |slot| slot.start);
    let quotes = if change.style.json {
        Quotes::Double
    } else if slots.is_empty() {
        Quotes::Needed
    } else {
        quotes_of(&text[sample..])
    };
    Spacing {
        lines,
        separator,
        compact,
        quotes,
    }
}

fn between(change: &Change<'_>, spacing: &Spacing) -> String {
    match spacing.lines {
        Some(column) => format!(",{}{}", change.style.line_end, " ".repeat(column)),
        None => spacing.separator.clone(),
    }
}

fn texts(change: &Change<'_>, added: &[(Option<&str>, Json)], spacing: &Spacing) -> Vec<String> {
    let style = change.style;
    let space = if spacing.compact { "" } else { " " };
    added
        .iter()
        .map(|(name, value)| {
            let value = match spacing.lines {
                Some(column) if style.json => lines_of_json(value, column, style),
                _ => inline(value, spacing.quotes, style.json, spacing.compact),
            };
            match name {
                Some(name) => format!("{}:{space}{value}", key(name, spacing.quotes, style.json)),
                None => value,
            }
        })
        .collect()
}

fn fill_empty(
    change: &mut Change<'_>,
    (open, close): (usize, usize),
    joined: &str,
    spacing: &Spacing,
) -> Result<(), Refusal> {
    if has_comment(change.text, open..close) {
        return Err(Refusal::Comment);
    }
    let text = match spacing.lines {
        Some(column) => {
            let nl = change.style.line_end;
            let outer = " ".repeat(column.saturating_sub(change.style.step));
            format!("{nl}{}{joined}{nl}{outer}", " ".repeat(column))
        }
        None => joined.to_owned(),
    };
    change.edits.push(TextEdit::replace(open, close, text));
    Ok(())
}

/// Takes out some, but not all, of what is between the brackets.
fn remove(change: &mut Change<'_>, slots: &[Slot<'_>], removed: &[bool]) -> Result<(), Refusal> {
    let text = change.text;
    let mut at = 0;
    while at < slots.len() {
        if !removed[at] {
            at += 1;
            continue;
        }
        let from = at;
        while at < slots.len() && removed[at] {
            at += 1;
        }
        let range = if at == slots.len() {
            (slots[from - 1].end, slots[at - 1].end)
        } else {
            (slots[from].start, slots[at].start)
        };
        if !has_comment(text, range.0..range.1) {
            change.edits.push(TextEdit::delete(range.0, range.1));
            continue;
        }
        // Comments are about: only whole lines go, so that comments on lines of their own stay. A comma that is left
        // before the bracket is allowed in YAML, and only YAML has comments.
        for slot in &slots[from..at] {
            let comma = text[slot.end..].trim_start().starts_with(',');
            let line = line_start(text, slot.start);
            let alone = text[line..slot.start].bytes().all(|byte| byte == b' ');
            let after = text[slot.end..]
                .find(',')
                .filter(|_| comma)
                .map_or(slot.end, |found| slot.end + found + 1);
            if !alone || !ends_line(text, after) {
                return Err(Refusal::Comment);
            }
            change
                .edits
                .push(TextEdit::delete(line, next_line(text, after)));
        }
    }
    Ok(())
}
