//! From a plan to edits of bytes.

use plimsoll_document::{Format, Node};
use serde_json::Value as Json;
use thiserror::Error;

use crate::block;
use crate::flow;
use crate::layout::{Slot, SlotValue, has_comment, is_flow, text_end};
use crate::plan::{Plan, is_missing};
use crate::style::{Quotes, Style, inline, quotes_of};
use crate::text_edit::TextEdit;

/// Why an edit is not made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// An alias or merge key stands where the edit belongs, or an anchor that is used elsewhere.
    #[error("the value is shared with another place by an anchor, alias or merge key")]
    Shared,
    /// The place is of another kind than the edit.
    #[error("a {wanted} is needed at the place of the edit, and something else is there")]
    Kind {
        /// `map` or `list`.
        wanted: &'static str,
    },
    /// An element that there is none of.
    #[error("there is no such element")]
    NoElement,
    /// Something of the value's text would be lost.
    #[error("the value has a tag")]
    Tag,
    /// Text that is laid out in a way that is not edited.
    #[error("the text is laid out in a way that cannot be edited safely")]
    Layout,
    /// A comment would be lost.
    #[error("a comment stands where the edit belongs, and would be lost")]
    Comment,
    /// The object itself, which edits do not touch.
    #[error("the edit is of the whole object")]
    Whole,
}

/// What edits are gathered with.
pub(crate) struct Change<'t> {
    pub(crate) text: &'t str,
    pub(crate) style: Style,
    pub(crate) edits: Vec<TextEdit>,
}

/// The edits that carry out a plan on an object.
///
/// # Errors
/// Why they cannot be made.
pub fn change_object(
    object: Node<'_>,
    format: Format,
    plan: &Plan,
) -> Result<Vec<TextEdit>, Refusal> {
    if plan.set.is_some() || plan.remove || !object.is_map() {
        return Err(Refusal::Whole);
    }
    let mut change = Change {
        text: object.tree().source().text(),
        style: Style::of(object, format),
        edits: Vec::new(),
    };
    // The object has no slot of its own to which an empty map could be written: its kind stays.
    change.container(object, None, plan)?;
    Ok(change.edits)
}

impl<'t> Change<'t> {
    /// Changes a list or map; `slot` is the one that holds it.
    pub(crate) fn container(
        &mut self,
        node: Node<'t>,
        slot: Option<&Slot<'t>>,
        plan: &Plan,
    ) -> Result<(), Refusal> {
        let wants_list = !plan.elements.is_empty() || !plan.append.is_empty();
        if wants_list && !node.is_list() {
            return Err(Refusal::Kind { wanted: "list" });
        }
        if !plan.keys.is_empty() && !node.is_map() {
            return Err(Refusal::Kind { wanted: "map" });
        }
        match (is_flow(node), node.is_list()) {
            (true, true) => flow::list(self, node, plan),
            (true, false) => flow::map(self, node, plan),
            (false, true) => block::list(self, node, slot, plan),
            (false, false) => block::map(self, node, slot, plan),
        }
    }

    /// Changes the value of a slot that stays. `in_flow` says how the list or map around it is written, `column` where
    /// its keys stand.
    pub(crate) fn slot(
        &mut self,
        slot: &Slot<'t>,
        plan: &Plan,
        in_flow: bool,
        column: usize,
    ) -> Result<(), Refusal> {
        if slot.anchor.is_some_and(|name| self.is_used(name)) {
            return Err(Refusal::Shared);
        }
        let value = plan.value_of_missing();
        match slot.value {
            SlotValue::Merge => Err(Refusal::Shared),
            SlotValue::Alias { start } => match &plan.set {
                // The alias goes, and what it names stays.
                Some(value) => {
                    let text = inline(value, Quotes::Needed, self.style.json, false);
                    self.edits.push(TextEdit::replace(start, slot.end, text));
                    Ok(())
                }
                None => Err(Refusal::Shared),
            },
            SlotValue::Missing => {
                let value = value.ok_or(Refusal::NoElement)?;
                if slot.has_tag {
                    return Err(Refusal::Tag);
                }
                if in_flow {
                    let text = inline(&value, Quotes::Needed, self.style.json, false);
                    let text = format!(" {text}");
                    self.edits.push(TextEdit::insert(slot.header_end, text));
                    return Ok(());
                }
                block::fill(self, slot, &value, column)
            }
            SlotValue::Own(node) => {
                if plan.set.is_none() && !is_missing(node) {
                    return self.container(node, Some(slot), plan);
                }
                if slot.has_tag {
                    return Err(Refusal::Tag);
                }
                let value = value.ok_or(Refusal::NoElement)?;
                self.replace(slot, node, &value, in_flow, column)
            }
        }
    }

    fn replace(
        &mut self,
        slot: &Slot<'t>,
        node: Node<'t>,
        value: &Json,
        in_flow: bool,
        column: usize,
    ) -> Result<(), Refusal> {
        let (start, end) = (node.span().start as usize, text_end(node)?);
        let old = &self.text[start..end];
        let is_container = (node.is_list() || node.is_map()) && !is_flow(node);
        let on_one_line = !self.text[slot.header_end..start].contains(['\n', '\r']);
        if is_container {
            if has_comment(self.text, start..end) {
                return Err(Refusal::Comment);
            }
            if !on_one_line {
                block::remove_lines(self, start, end)?;
                return block::fill(self, slot, value, column);
            }
        }
        let is_block_value = matches!(value, Json::Object(map) if !map.is_empty())
            || matches!(value, Json::Array(list) if !list.is_empty());
        if is_block_value && is_missing(node) && !in_flow && !is_container {
            // `key: null` becomes `key:` with lines below.
            let blank = self.text[slot.header_end..start].len();
            self.edits
                .push(TextEdit::delete(start - blank.min(start), end));
            return block::fill(self, slot, value, column);
        }
        let text = inline(value, quotes_of(old), self.style.json, false);
        self.edits.push(TextEdit::replace(start, end, text));
        Ok(())
    }

    /// Whether an anchor is named by an alias anywhere in the text. That it may be in another document, or in a
    /// comment, only makes this more careful.
    fn is_used(&self, anchor: &str) -> bool {
        self.text
            .match_indices(anchor)
            .any(|(at, _)| self.text[..at].ends_with('*'))
    }
}
