//! Lists and maps in block style.

use plimsoll_document::Node;
use serde_json::Value as Json;

use crate::change::{Change, Refusal};
use crate::layout::{
    Slot, SlotValue, ends_line, has_comment, is_flow, line_end, line_start, list_slots, map_slots,
    next_line,
};
use crate::plan::Plan;
use crate::style::{below_key, block_element, block_entry};
use crate::text_edit::TextEdit;

pub(crate) fn map<'t>(
    change: &mut Change<'t>,
    map: Node<'t>,
    slot: Option<&Slot<'t>>,
    plan: &Plan,
) -> Result<(), Refusal> {
    let slots = map_slots(map)?;
    let column = column_of(change.text, slots.iter().map(|(_, slot)| slot))?;
    let mut removed = vec![false; slots.len()];
    let mut added: Vec<(&str, Json)> = Vec::new();
    for (key, below) in &plan.keys {
        let found = slots.iter().position(|(known, _)| known == key);
        match found {
            Some(at) if below.remove => removed[at] = true,
            Some(at) => change.slot(&slots[at].1, below, false, column)?,
            // It comes in by `<<`: a value of its own goes before it, but a part of one is shared.
            None if map.get_name(key).is_some() => match &below.set {
                Some(value) => added.push((key, value.clone())),
                None => return Err(Refusal::Shared),
            },
            None if below.remove => {}
            None => {
                let value = below.value_of_missing().ok_or(Refusal::NoElement)?;
                added.push((key, value));
            }
        }
    }
    let style = change.style;
    let slots: Vec<Slot<'t>> = slots.into_iter().map(|(_, slot)| slot).collect();
    let added: Vec<String> = added
        .iter()
        .map(|(key, value)| block_entry(column, key, value, style))
        .collect();
    rewrite(change, &slots, &removed, &added, column, slot, map)
}

pub(crate) fn list<'t>(
    change: &mut Change<'t>,
    list: Node<'t>,
    slot: Option<&Slot<'t>>,
    plan: &Plan,
) -> Result<(), Refusal> {
    let slots = list_slots(list)?;
    let first = slots.first().ok_or(Refusal::Layout)?;
    let column = first.start - line_start(change.text, first.start);
    let mut removed = vec![false; slots.len()];
    for (at, below) in &plan.elements {
        let slot = slots.get(*at).ok_or(Refusal::NoElement)?;
        if below.remove {
            removed[*at] = true;
        } else {
            change.slot(slot, below, false, column)?;
        }
    }
    let style = change.style;
    let in_braces = list.children().next_back().is_some_and(is_flow);
    let added: Vec<String> = plan
        .append
        .iter()
        .map(|value| block_element(column, value, in_braces, style))
        .collect();
    rewrite(change, &slots, &removed, &added, column, slot, list)
}

/// The column of the keys of a map: that of a key which has its line for itself, where there is one.
fn column_of<'s>(
    text: &str,
    slots: impl Iterator<Item = &'s Slot<'s>> + Clone,
) -> Result<usize, Refusal> {
    let before = |slot: &Slot<'_>| &text[line_start(text, slot.start)..slot.start];
    let mut lines = slots.clone().map(before);
    if let Some(line) = lines.find(|line| line.bytes().all(|byte| byte == b' ')) {
        return Ok(line.len());
    }
    let first = slots.map(before).next().ok_or(Refusal::Layout)?;
    if first.bytes().all(|byte| matches!(byte, b' ' | b'-')) {
        Ok(first.len())
    } else {
        Err(Refusal::Layout)
    }
}

/// Takes entries or elements out, and puts lines after the last.
fn rewrite<'t>(
    change: &mut Change<'t>,
    slots: &[Slot<'t>],
    removed: &[bool],
    added: &[String],
    column: usize,
    holder: Option<&Slot<'t>>,
    node: Node<'t>,
) -> Result<(), Refusal> {
    if removed.iter().all(|removed| *removed) {
        let empty = if node.is_list() { "[]" } else { "{}" };
        return remove_all(change, slots, added, holder, empty);
    }
    let mut at = 0;
    while at < slots.len() {
        if !removed[at] {
            at += 1;
            continue;
        }
        let slot = &slots[at];
        if has_line_for_itself(change.text, slot) {
            remove_lines(change, slot.start, slot.end)?;
            at += 1;
            continue;
        }
        // The first, on the line of the dash before it: what follows it moves up.
        let kept = (at..slots.len()).find(|at| !removed[*at]);
        let kept = &slots[kept.ok_or(Refusal::Layout)?];
        if has_comment(change.text, slot.start..kept.start) {
            return Err(Refusal::Comment);
        }
        change.edits.push(TextEdit::delete(slot.start, kept.start));
        at += 1;
        while at < slots.len() && removed[at] {
            at += 1;
        }
    }
    if added.is_empty() {
        return Ok(());
    }
    let last = slots.last().ok_or(Refusal::Layout)?;
    insert_lines(change, last, column, &added.concat())
}

/// Nothing is left: the list or map becomes an empty one, or holds only what is new.
fn remove_all<'t>(
    change: &mut Change<'t>,
    slots: &[Slot<'t>],
    added: &[String],
    holder: Option<&Slot<'t>>,
    empty: &str,
) -> Result<(), Refusal> {
    let (first, last) = slots.first().zip(slots.last()).ok_or(Refusal::Layout)?;
    let holder = holder.ok_or(Refusal::Whole)?;
    let text = change.text;
    if !text[holder.header_end..first.start].contains(['\n', '\r']) {
        // It begins on the line of its dash.
        if !added.is_empty() {
            return Err(Refusal::Layout);
        }
        if has_comment(text, first.start..last.end) {
            return Err(Refusal::Comment);
        }
        change
            .edits
            .push(TextEdit::replace(first.start, last.end, empty));
        return Ok(());
    }
    if added.is_empty() {
        let empty = format!(" {empty}");
        change
            .edits
            .push(TextEdit::insert(holder.header_end, empty));
    } else {
        insert_at(change, next_line(text, last.end), &added.concat());
    }
    for slot in slots {
        remove_lines(change, slot.start, slot.end)?;
    }
    Ok(())
}

fn has_line_for_itself(text: &str, slot: &Slot<'_>) -> bool {
    text[line_start(text, slot.start)..slot.start]
        .bytes()
        .all(|byte| byte == b' ')
}

/// Deletes the lines from one byte to another, which must hold nothing else but a comment at the end.
pub(crate) fn remove_lines(
    change: &mut Change<'_>,
    start: usize,
    end: usize,
) -> Result<(), Refusal> {
    let text = change.text;
    if !ends_line(text, end) {
        return Err(Refusal::Layout);
    }
    let mut from = line_start(text, start);
    let to = next_line(text, end);
    if to == text.len() && !text.ends_with(['\n', '\r']) {
        // A text without a line end at its end stays one.
        from = text[..from].trim_end_matches(['\n', '\r']).len();
    }
    change.edits.push(TextEdit::delete(from, to));
    Ok(())
}

/// Inserts lines after a slot, behind the comments that are indented deeper than `column` and so belong to it.
fn insert_lines(
    change: &mut Change<'_>,
    last: &Slot<'_>,
    column: usize,
    lines: &str,
) -> Result<(), Refusal> {
    let text = change.text;
    if !ends_line(text, last.end) {
        return Err(Refusal::Layout);
    }
    let keeps_blank_lines = ends_with_kept_blank_lines(text, last);
    let mut at = next_line(text, last.end);
    while at < text.len() {
        let line = &text[at..line_end(text, at)];
        let content = line.trim_start_matches(' ');
        let is_inner_comment = content.starts_with('#') && line.len() - content.len() > column;
        let is_kept_blank = content.is_empty() && keeps_blank_lines;
        if !is_inner_comment && !is_kept_blank {
            break;
        }
        at = next_line(text, at);
    }
    insert_at(change, at, lines);
    Ok(())
}

/// Inserts lines where a line begins, or at the end of a text whose last line has no end.
fn insert_at(change: &mut Change<'_>, at: usize, lines: &str) {
    let text = change.text;
    let edit = if at == text.len() && !text.ends_with(['\n', '\r']) {
        let nl = change.style.line_end;
        let lines = lines.strip_suffix(nl).unwrap_or(lines);
        TextEdit::insert(at, format!("{nl}{lines}"))
    } else {
        TextEdit::insert(at, lines)
    };
    change.edits.push(edit);
}

/// Whether the last value within a slot is a block scalar to which the blank lines after it belong.
fn ends_with_kept_blank_lines(text: &str, slot: &Slot<'_>) -> bool {
    let SlotValue::Own(mut node) = slot.value else {
        return false;
    };
    while let Some(last) = node.children().max_by_key(|child| child.start()) {
        node = last;
    }
    let value = &text[node.span().start as usize..node.span().end as usize];
    let header = value.lines().next().unwrap_or_default();
    let header = header.split('#').next().unwrap_or_default();
    value.starts_with(['|', '>']) && header.contains('+')
}

/// Writes a value after the colon or dash of a slot that has none. `column` is that of the key or dash.
pub(crate) fn fill(
    change: &mut Change<'_>,
    slot: &Slot<'_>,
    value: &Json,
    column: usize,
) -> Result<(), Refusal> {
    let text = change.text;
    let below = below_key(column, value, change.style);
    let nl = change.style.line_end;
    match below.strip_prefix(nl) {
        None => {
            let below = below.trim_end_matches(['\n', '\r']).to_owned();
            change.edits.push(TextEdit::insert(slot.header_end, below));
            Ok(())
        }
        Some(_) if text.as_bytes().get(slot.start) == Some(&b'-') => Err(Refusal::Layout),
        Some(lines) => {
            let lines = lines.to_owned();
            insert_at(change, next_line(text, slot.header_end), &lines);
            Ok(())
        }
    }
}
