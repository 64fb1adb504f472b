//! Where the parts of lists and maps stand in the text.
//!
//! A node of the tree knows where its value is. To edit one must know more: where its key or dash stands, whether an
//! anchor or a tag comes before the value, whether the value is an alias, and where all of it ends.

use plimsoll_document::Node;

use crate::change::Refusal;
use crate::plan::is_missing;

/// An entry of a map, or an element of a list, as it stands in the text.
#[derive(Clone, Copy)]
pub(crate) struct Slot<'t> {
    /// The first byte: of the key, of the dash, or in a flow list of the value.
    pub(crate) start: usize,
    /// One past the colon or dash, and past the anchor and tag after it: a value may begin here.
    pub(crate) header_end: usize,
    /// The anchor of the value.
    pub(crate) anchor: Option<&'t str>,
    /// Whether the value has a tag.
    pub(crate) has_tag: bool,
    /// The value.
    pub(crate) value: SlotValue<'t>,
    /// One past the last byte.
    pub(crate) end: usize,
}

/// What stands where the value belongs.
#[derive(Clone, Copy)]
pub(crate) enum SlotValue<'t> {
    /// The value.
    Own(Node<'t>),
    /// Nothing: null by omission.
    Missing,
    /// `*name`, from its asterisk on.
    Alias {
        /// The asterisk.
        start: usize,
    },
    /// The key is `<<`: the entries of other maps come in here.
    Merge,
}

/// What comes before a value.
struct Gap<'t> {
    tokens_end: usize,
    anchor: Option<&'t str>,
    has_tag: bool,
    /// Where an alias begins and ends.
    alias: Option<(usize, usize)>,
}

/// Whether a list or map is written in brackets.
pub(crate) fn is_flow(node: Node<'_>) -> bool {
    let text = node.tree().source().text();
    let first = text.as_bytes().get(node.span().start as usize);
    matches!(first, Some(b'{' | b'[')) && (node.is_map() || node.is_list())
}

/// The entries of a map by their keys, in the order of the text. The key of a slot of `<<` is `<<`.
pub(crate) fn map_slots<'t>(map: Node<'t>) -> Result<Vec<(&'t str, Slot<'t>)>, Refusal> {
    let text = map.tree().source().text();
    let mut children: Vec<(&'t str, Node<'t>)> = map.entries().collect();
    children.sort_by_key(|(_, child)| child.start());
    let mut slots: Vec<(&'t str, Slot<'t>)> = Vec::with_capacity(children.len());
    let span = (map.span().start as usize, is_flow(map));
    for (key, child) in children {
        let start = child.start() as usize;
        let is_merge = text[start..].starts_with("<<") && key != "<<";
        if is_merge {
            if slots.last().is_none_or(|(_, last)| last.start != start) {
                slots.push(("<<", merge_slot(text, start)?));
            }
            continue;
        }
        if start < span.0 {
            return Err(Refusal::Shared);
        }
        slots.push((key, entry_slot(text, child, span.1)?));
    }
    Ok(slots)
}

/// The elements of a list in the order of the text.
pub(crate) fn list_slots(list: Node<'_>) -> Result<Vec<Slot<'_>>, Refusal> {
    let text = list.tree().source().text();
    let mut slots = Vec::with_capacity(list.len());
    if is_flow(list) {
        for child in list.children() {
            let start = child.start() as usize;
            // An element that is an alias stands where the alias does; what it stands for, elsewhere.
            let slot = if text.as_bytes().get(start) == Some(&b'*') {
                let end = start + token_length(&text[start..]);
                Slot {
                    start,
                    header_end: start,
                    anchor: None,
                    has_tag: false,
                    value: SlotValue::Alias { start },
                    end,
                }
            } else {
                let before = flow_properties(text, start);
                Slot {
                    start: before.0,
                    header_end: start,
                    anchor: before.1,
                    has_tag: before.2,
                    value: SlotValue::Own(child),
                    end: text_end(child)?,
                }
            };
            slots.push(slot);
        }
        return Ok(slots);
    }
    let mut at = list.span().start as usize;
    for (index, child) in list.children().enumerate() {
        if index > 0 {
            at = next_content(text, at).ok_or(Refusal::Layout)?;
        }
        if text.as_bytes().get(at) != Some(&b'-') {
            return Err(Refusal::Layout);
        }
        let slot = value_slot(text, at, at + 1, child, child.start() as usize)?;
        at = slot.end;
        slots.push(slot);
    }
    Ok(slots)
}

/// Where the text of a value ends.
pub(crate) fn text_end(node: Node<'_>) -> Result<usize, Refusal> {
    if node.is_empty() || is_flow(node) {
        return Ok(node.span().end as usize);
    }
    if node.is_list() {
        // Only the last element counts, but an alias there ends elsewhere than its value.
        let last = node.children().next_back().ok_or(Refusal::Layout)?;
        let inside = last.span().start >= node.span().start && last.span().end <= node.span().end;
        let text = node.tree().source().text();
        if text.as_bytes().get(last.start() as usize) != Some(&b'*')
            && inside
            && last.span().start != last.span().end
        {
            return text_end(last);
        }
        return list_slots(node)?
            .last()
            .map(|slot| slot.end)
            .ok_or(Refusal::Layout);
    }
    let text = node.tree().source().text();
    let last = node
        .entries()
        .max_by_key(|(_, child)| child.start())
        .ok_or(Refusal::Layout)?;
    let start = last.1.start() as usize;
    if text[start..].starts_with("<<") && last.0 != "<<" {
        return Ok(merge_slot(text, start)?.end);
    }
    Ok(entry_slot(text, last.1, false)?.end)
}

fn entry_slot<'t>(text: &'t str, child: Node<'t>, in_flow: bool) -> Result<Slot<'t>, Refusal> {
    let start = child.start() as usize;
    let colon = colon_after(text, start, in_flow).ok_or(Refusal::Layout)?;
    value_slot(text, start, colon + 1, child, start)
}

/// The slot of a value after its colon or dash. `missing_at` is where the span of a value lies that is not there.
fn value_slot<'t>(
    text: &'t str,
    start: usize,
    after: usize,
    child: Node<'t>,
    missing_at: usize,
) -> Result<Slot<'t>, Refusal> {
    let span = child.span();
    let (value_start, value_end) = (span.start as usize, span.end as usize);
    let is_missing = is_missing(child) && value_start == value_end && value_start == missing_at;
    let gap = gap(
        text,
        after,
        if is_missing {
            line_end(text, after)
        } else {
            text.len()
        },
    );
    let slot = |value, end, header_end| Slot {
        start,
        header_end,
        anchor: gap.anchor,
        has_tag: gap.has_tag,
        value,
        end,
    };
    if let Some((alias, end)) = gap.alias {
        return Ok(slot(SlotValue::Alias { start: alias }, end, alias));
    }
    if is_missing {
        return Ok(slot(SlotValue::Missing, gap.tokens_end, gap.tokens_end));
    }
    if value_start < after {
        return Err(Refusal::Shared);
    }
    Ok(slot(
        SlotValue::Own(child),
        text_end(child)?,
        gap.tokens_end,
    ))
}

fn merge_slot(text: &str, start: usize) -> Result<Slot<'_>, Refusal> {
    let colon = colon_after(text, start, false).ok_or(Refusal::Layout)?;
    let gap = gap(text, colon + 1, text.len());
    let end = if let Some((_, end)) = gap.alias {
        end
    } else {
        // A list of aliases in brackets: no alias has a bracket in its name.
        let rest = text[gap.tokens_end..].trim_start();
        let open = text.len() - rest.len();
        let length = rest.starts_with('[').then(|| rest.find(']')).flatten();
        open + length.ok_or(Refusal::Layout)? + 1
    };
    Ok(Slot {
        start,
        header_end: gap.tokens_end,
        anchor: None,
        has_tag: false,
        value: SlotValue::Merge,
        end,
    })
}

/// Reads over blanks, comments, anchors and tags.
fn gap(text: &str, from: usize, limit: usize) -> Gap<'_> {
    let bytes = text.as_bytes();
    let mut found = Gap {
        tokens_end: from,
        anchor: None,
        has_tag: false,
        alias: None,
    };
    let mut at = from;
    while at < limit {
        match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            b'#' if at > from && bytes[at - 1].is_ascii_whitespace() => at = line_end(text, at),
            b'&' => {
                let end = at + token_length(&text[at..]);
                found.anchor = text.get(at + 1..end);
                found.tokens_end = end;
                at = end;
            }
            b'!' => {
                at += token_length(&text[at..]);
                found.has_tag = true;
                found.tokens_end = at;
            }
            b'*' => {
                found.alias = Some((at, at + token_length(&text[at..])));
                return found;
            }
            _ => return found,
        }
    }
    found
}

/// Anchor and tag before an element of a flow list: where they begin, and what they are.
fn flow_properties(text: &str, start: usize) -> (usize, Option<&str>, bool) {
    let mut found = (start, None, false);
    loop {
        let before = text[..found.0].trim_end_matches([' ', '\t', '\n', '\r']);
        let token_start = before
            .rfind([' ', '\t', '\n', '\r', '[', ',', '{'])
            .map_or(0, |at| at + 1);
        let token = &before[token_start..];
        if let Some(name) = token.strip_prefix('&') {
            found = (token_start, Some(name), found.2);
        } else if token.starts_with('!') {
            found = (token_start, found.1, true);
        } else {
            return found;
        }
    }
}

/// How long an anchor, alias or tag is.
fn token_length(text: &str) -> usize {
    text.find([' ', '\t', '\n', '\r', ',', '[', ']', '{', '}'])
        .unwrap_or(text.len())
}

/// The colon that ends the key that begins here.
fn colon_after(text: &str, start: usize, in_flow: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = start;
    if let Some(quote @ (b'"' | b'\'')) = bytes.get(start) {
        at = quoted_end(bytes, start, *quote)?;
        // After a quoted key, blanks may come before the colon.
        while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            at += 1;
        }
        return (bytes.get(at) == Some(&b':')).then_some(at);
    }
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => return None,
            b'#' if at > start && matches!(bytes[at - 1], b' ' | b'\t') => return None,
            b':' => match bytes.get(at + 1) {
                None | Some(b' ' | b'\t' | b'\n' | b'\r') => return Some(at),
                Some(b',' | b'[' | b']' | b'{' | b'}') if in_flow => return Some(at),
                _ => {}
            },
            b',' | b'}' if in_flow => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

fn quoted_end(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'\\' if quote == b'"' => at += 2,
            byte if *byte == quote => {
                if quote == b'\'' && bytes.get(at + 1) == Some(&quote) {
                    at += 2;
                } else {
                    return Some(at + 1);
                }
            }
            _ => at += 1,
        }
    }
}

/// The first byte of the line that this one is on.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |found| found + 1)
}

/// Where the line ends that this byte is on, before its line end.
pub(crate) fn line_end(text: &str, at: usize) -> usize {
    text[at..]
        .find(['\n', '\r'])
        .map_or(text.len(), |found| at + found)
}

/// The first byte of the next line.
pub(crate) fn next_line(text: &str, at: usize) -> usize {
    let end = line_end(text, at);
    let rest = &text[end..];
    end + if rest.starts_with("\r\n") {
        2
    } else {
        usize::from(!rest.is_empty())
    }
}

/// Whether nothing but blanks and a comment comes on this line.
pub(crate) fn ends_line(text: &str, at: usize) -> bool {
    let rest = &text[at..line_end(text, at)];
    let content = rest.trim_start_matches([' ', '\t']);
    content.is_empty() || content.starts_with('#') && (content.len() < rest.len() || at == 0)
}

/// The first byte, on a later line, that is neither blank nor in a comment.
fn next_content(text: &str, at: usize) -> Option<usize> {
    if !ends_line(text, at) {
        return None;
    }
    let mut line = next_line(text, at);
    while line < text.len() {
        let content = &text[line..line_end(text, line)];
        let trimmed = content.trim_start_matches([' ', '\t']);
        if !trimmed.is_empty() && !trimmed.starts_with('#') {
            return Some(line + content.len() - trimmed.len());
        }
        line = next_line(text, line);
    }
    None
}

/// Whether a part of the text, which begins outside of quotes, has a comment.
pub(crate) fn has_comment(text: &str, range: std::ops::Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let mut at = range.start;
    while at < range.end {
        let begins = at == 0
            || bytes[at - 1].is_ascii_whitespace()
            || matches!(bytes[at - 1], b'[' | b'{' | b',' | b':');
        match bytes[at] {
            b'#' if at == 0 || bytes[at - 1].is_ascii_whitespace() => return true,
            quote @ (b'"' | b'\'') if begins => match quoted_end(bytes, at, quote) {
                Some(end) => at = end,
                None => return true,
            },
            _ => at += 1,
        }
    }
    false
}
