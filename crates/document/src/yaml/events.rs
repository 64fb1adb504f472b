//! Events to nodes.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Options, Parser, ScalarStyle, StructureStyle, Tag};

use super::{block, scalar};
use crate::builder::{Duplicate, KeyAt, Placed, ScalarValue, TreeBuilder};
use crate::parse::Limits;
use crate::problem::{Problem, ProblemKind, Severity};
use crate::source::{Source, Span};
use crate::symbol::Symbol;
use crate::tree::{NodeId, NodeKind};

/// Reads one document.
pub(super) struct Reader<'r> {
    pub(super) source: &'r Arc<Source>,
    pub(super) limits: &'r Limits,
    pub(super) span: Span,
    pub(super) document: u32,
    pub(super) builder: &'r mut TreeBuilder,
    pub(super) problems: &'r mut Vec<Problem>,
    /// How many nodes aliases may still expand to, in all documents of the source.
    pub(super) alias_budget: &'r mut usize,
}

/// A list or map that is open.
struct Open {
    is_map: bool,
    is_flow: bool,
    key: KeyAt,
    start: u32,
    /// Where its children begin among the pending nodes.
    opened: usize,
    anchor: usize,
    /// In a map: the key whose value comes next.
    next_key: Option<NextKey>,
    has_merge: bool,
}

#[derive(Clone, Copy)]
struct NextKey {
    key: KeyAt,
    is_merge: bool,
}

/// What ends the reading of a document: where, and why.
type Failure = (u32, ProblemKind);

/// What is read so far.
struct State<'t> {
    text: &'t str,
    stack: Vec<Open>,
    anchors: HashMap<usize, Placed>,
    duplicates: Vec<Duplicate>,
}

impl Reader<'_> {
    /// The document's root; `None` where it is empty or broken.
    pub(super) fn read(&mut self) -> Option<NodeId> {
        let source = Arc::clone(self.source);
        let mark = self.builder.mark();
        let mut duplicates = Vec::new();
        let text = source.text();
        if block::read(text, self.span, self.limits, self.builder, &mut duplicates).is_some() {
            self.report_duplicates(duplicates);
            return self.builder.root();
        }
        self.builder.rewind(mark);
        self.read_events()
    }

    /// Likewise, by the events of the full parser.
    pub(super) fn read_events(&mut self) -> Option<NodeId> {
        let source = Arc::clone(self.source);
        let text = source.slice(self.span);
        let mut state = State {
            text,
            stack: Vec::new(),
            anchors: HashMap::new(),
            duplicates: Vec::new(),
        };
        let result = self.events(&mut state);
        self.report_duplicates(std::mem::take(&mut state.duplicates));
        match result {
            Ok(()) => {
                // A document of nothing but comments is empty, and not null.
                let is_empty = self.builder.last().is_none_or(|root| {
                    root.kind() == NodeKind::Null && root.span().start == root.span().end
                });
                if is_empty {
                    self.builder.abandon();
                    return None;
                }
                self.builder.root()
            }
            Err((at, kind)) => {
                self.builder.abandon();
                self.problems.push(Problem {
                    severity: Severity::Error,
                    kind,
                    position: self.source.position(at),
                    document: self.document,
                });
                None
            }
        }
    }

    fn report_duplicates(&mut self, duplicates: Vec<Duplicate>) {
        for duplicate in duplicates {
            self.problems.push(Problem {
                severity: Severity::Warning,
                kind: ProblemKind::DuplicateKey {
                    key: self.builder.name(duplicate.symbol).to_owned(),
                    first: self.source.position(duplicate.first),
                },
                position: self.source.position(duplicate.second),
                document: self.document,
            });
        }
    }

    fn events(&mut self, state: &mut State<'_>) -> Result<(), Failure> {
        let mut options = Options::default();
        // Another crate of the tree may turn them on, and too many of them end a parse.
        options.emit_comments = false;
        options.flow_nesting_limit = self.limits.max_depth;
        options.block_nesting_limit = self.limits.max_depth;
        let text = state.text;
        let mut parser = Parser::new_from_str_with_options(text, options);
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| {
                let at = error.marker().byte_offset().unwrap_or(0);
                let kind = match &*error.info() {
                    TOO_DEEP => ProblemKind::TooDeep(self.limits.max_depth),
                    message => ProblemKind::Syntax(explain(text, at, message)),
                };
                (self.absolute(at), kind)
            })?;
            let range = span.byte_range().unwrap_or_default();
            let span = Span {
                start: self.absolute(range.start),
                end: self.absolute(range.end),
            };
            match event {
                Event::Scalar(value, style, anchor, tag) => {
                    self.scalar(state, &value, style, anchor, tag.as_deref(), span)?;
                }
                Event::SequenceStart(style, anchor, _) => {
                    self.open(state, false, style == StructureStyle::Flow, anchor, span)?;
                }
                Event::MappingStart(style, anchor, _) => {
                    self.open(state, true, style == StructureStyle::Flow, anchor, span)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(state, span)?,
                Event::Alias(anchor) => self.alias(state, anchor, span)?,
                // The text was cut where documents begin; that the parser sees another is a mistake in it.
                Event::DocumentStart(..) if self.builder.last().is_some() => {
                    let message = "another document begins without a line of '---'".to_owned();
                    return Err((span.start, ProblemKind::Syntax(message)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn absolute(&self, at: usize) -> u32 {
        self.span.start + at as u32
    }

    fn scalar(
        &mut self,
        state: &mut State<'_>,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Failure> {
        let is_plain = style == ScalarStyle::Plain;
        let is_merge = is_plain && text == "<<" && tag.is_none();
        // An empty scalar has no text of its own.
        let text = if span.start == span.end && is_plain {
            ""
        } else {
            text
        };
        let syntax = |message: String| (span.start, ProblemKind::Syntax(message));
        let core_tag = tag.and_then(|tag| tag.suffix_in_namespace("tag:yaml.org,2002:"));
        let decoded;
        let value = match (core_tag.as_deref(), tag) {
            (Some("binary"), _) => {
                decoded = scalar::binary(text)
                    .ok_or_else(|| syntax("!!binary does not hold base64 of text".to_owned()))?;
                ScalarValue::Decoded(&decoded)
            }
            (Some(tag), _) => scalar::tagged(tag, text, span).map_err(syntax)?,
            (None, None) if is_plain => {
                scalar::plain(text, span).map_err(|m| syntax(m.to_owned()))?
            }
            _ => ScalarValue::Source(span),
        };
        if self.expects_key(state) {
            return self.key(state, text, value, is_merge, anchor, span);
        }
        let value = match value {
            ScalarValue::Source(_) => self.string(text, style, span),
            other => other,
        };
        let span = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => self.block_scalar(span),
            _ => span,
        };
        self.count_nodes(span)?;
        let key = self.next_key(state, span.start);
        let span = match value {
            // Nothing stands where a value is left out, so its place is that of its key.
            ScalarValue::Null if span.start == span.end => Span {
                start: key.start,
                end: key.start,
            },
            _ => span,
        };
        self.builder.scalar(key, span, value);
        self.after_value(state, anchor, span)
    }

    /// Refuses a source with more values than it may have.
    fn count_nodes(&self, span: Span) -> Result<(), Failure> {
        if self.builder.node_count() > self.limits.max_nodes {
            return Err((span.start, ProblemKind::TooManyNodes(self.limits.max_nodes)));
        }
        Ok(())
    }

    /// A string: where it stands in the source, if it stands there as it is.
    fn string<'a>(&self, text: &'a str, style: ScalarStyle, span: Span) -> ScalarValue<'a> {
        let in_source = match style {
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Span {
                start: span.start + 1,
                end: span.end.saturating_sub(1).max(span.start + 1),
            },
            _ => span,
        };
        if self.source.slice(in_source) == text {
            ScalarValue::Source(in_source)
        } else {
            ScalarValue::Decoded(text)
        }
    }

    #[expect(
        clippy::unused_self,
        reason = "asked beside the other questions about where the reading stands"
    )]
    fn expects_key(&self, state: &State<'_>) -> bool {
        state
            .stack
            .last()
            .is_some_and(|open| open.is_map && open.next_key.is_none())
    }

    fn key(
        &mut self,
        state: &mut State<'_>,
        text: &str,
        value: ScalarValue<'_>,
        is_merge: bool,
        anchor: usize,
        span: Span,
    ) -> Result<(), Failure> {
        let name = match value {
            ScalarValue::Source(_) => text.to_owned(),
            ScalarValue::Decoded(text) => text.to_owned(),
            other => scalar::key_name(other).ok_or_else(|| {
                let message = "null cannot be a key; put it in quotes".to_owned();
                (span.start, ProblemKind::Syntax(message))
            })?,
        };
        let symbol = self
            .builder
            .symbol(&name)
            .ok_or((span.start, ProblemKind::TooManyKeys))?;
        if anchor != 0 {
            // The anchor of a key can be used as a value elsewhere: keep the scalar for it.
            let key = KeyAt {
                symbol: Symbol::NONE,
                start: span.start,
            };
            self.builder.scalar(key, span, ScalarValue::Decoded(&name));
            if let Some(node) = self.builder.take_last() {
                state.anchors.insert(anchor, node);
            }
        }
        if let Some(open) = state.stack.last_mut() {
            open.next_key = Some(NextKey {
                key: KeyAt {
                    symbol,
                    start: span.start,
                },
                is_merge,
            });
        }
        Ok(())
    }

    /// The key of the value that comes now: of a list's element or a root none, but its place.
    #[expect(
        clippy::unused_self,
        reason = "asked beside the other questions about where the reading stands"
    )]
    fn next_key(&self, state: &State<'_>, start: u32) -> KeyAt {
        match state.stack.last().and_then(|open| open.next_key) {
            Some(next) => next.key,
            None => KeyAt {
                symbol: Symbol::NONE,
                start,
            },
        }
    }

    fn open(
        &mut self,
        state: &mut State<'_>,
        is_map: bool,
        is_flow: bool,
        anchor: usize,
        span: Span,
    ) -> Result<(), Failure> {
        if self.expects_key(state) {
            let message = "a list or map cannot be a key; a template in braces goes in quotes";
            return Err((span.start, ProblemKind::Syntax(message.to_owned())));
        }
        self.count_nodes(span)?;
        if state.stack.len() >= self.limits.max_depth {
            return Err((span.start, ProblemKind::TooDeep(self.limits.max_depth)));
        }
        let start = if is_map || is_flow {
            span.start
        } else {
            self.first_dash(span.start)
        };
        let key = self.next_key(state, start);
        state.stack.push(Open {
            is_map,
            is_flow,
            key,
            start,
            opened: self.builder.open(),
            anchor,
            next_key: None,
            has_merge: false,
        });
        Ok(())
    }

    fn close(&mut self, state: &mut State<'_>, span: Span) -> Result<(), Failure> {
        let Some(open) = state.stack.pop() else {
            return Ok(());
        };
        let span = Span {
            start: open.start,
            end: if open.is_flow {
                span.end
            } else {
                // A block ends with its last child; the parser counts blank lines and comments after it to it.
                self.builder
                    .last()
                    .map_or(open.start, |last| last.span().end)
            },
        };
        if open.is_map {
            let mut duplicates = Vec::new();
            self.builder
                .close_map(open.opened, open.key, span, &mut duplicates);
            // What a merge brings is there to be overridden.
            if !open.has_merge {
                state.duplicates.append(&mut duplicates);
            }
        } else {
            self.builder.close_list(open.opened, open.key, span);
        }
        self.after_value(state, open.anchor, span)
    }

    /// The span of a block scalar: from its indicator, and without the blanks after it. The parser lets it begin with
    /// the text, on a line below the indicator's.
    fn block_scalar(&self, span: Span) -> Span {
        let text = self.source.text();
        let before = text[..span.start as usize].trim_end();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let header = &before[line_start..];
        let indicator = header.match_indices(['|', '>']).find(|(at, _)| {
            let follows_blank = header[..*at].ends_with(' ');
            let rest = header[at + 1..]
                .trim_start_matches(|c: char| matches!(c, '+' | '-') || c.is_ascii_digit());
            follows_blank && (rest.is_empty() || rest.starts_with(' '))
        });
        let length = self.source.slice(span).trim_end().len() as u32;
        let start = match indicator {
            Some((at, _)) => (line_start + at) as u32,
            None => span.start,
        };
        // An empty scalar ends with its indicator.
        let end = if length == 0 {
            before.len() as u32
        } else {
            span.start + length
        };
        Span { start, end }
    }

    /// Where a list in block style begins: at its first dash. A list that is not indented, the parser lets begin at its
    /// first element.
    fn first_dash(&self, start: u32) -> u32 {
        let text = &self.source.text()[..start as usize];
        let before = text.trim_end_matches(' ');
        if before.ends_with('-') && !self.source.text()[start as usize..].starts_with("- ") {
            return before.len() as u32 - 1;
        }
        start
    }

    fn alias(&mut self, state: &mut State<'_>, anchor: usize, span: Span) -> Result<(), Failure> {
        let Some(node) = state.anchors.get(&anchor).copied() else {
            let message = "the alias stands within the value that it names".to_owned();
            return Err((span.start, ProblemKind::Syntax(message)));
        };
        if self.expects_key(state) {
            let name = self.builder.text_of(self.source, node).ok_or_else(|| {
                let message = "a list or map cannot be a key".to_owned();
                (span.start, ProblemKind::Syntax(message))
            })?;
            return self.key(state, &name, ScalarValue::Source(span), false, 0, span);
        }
        let key = self.next_key(state, span.start);
        self.copy(node, key, span)?;
        self.after_value(state, 0, span)
    }

    fn copy(&mut self, node: Placed, key: KeyAt, span: Span) -> Result<(), Failure> {
        let Some(copied) = self.builder.copy(node, key, *self.alias_budget) else {
            let limit = self.limits.max_alias_nodes;
            return Err((span.start, ProblemKind::TooManyAliasNodes(limit)));
        };
        *self.alias_budget -= copied;
        Ok(())
    }

    /// After a value is complete: remembers its anchor, merges it where its key was `<<`.
    fn after_value(
        &mut self,
        state: &mut State<'_>,
        anchor: usize,
        span: Span,
    ) -> Result<(), Failure> {
        if anchor != 0
            && let Some(node) = self.builder.last()
        {
            state.anchors.insert(anchor, node);
        }
        let Some(open) = state.stack.last_mut() else {
            return Ok(());
        };
        let Some(next) = open.next_key.take() else {
            return Ok(());
        };
        if next.is_merge {
            open.has_merge = true;
            return self.merge(next.key, span);
        }
        Ok(())
    }

    /// Puts the entries of the value of `<<` in its place. What comes later in the map overrides them, and they
    /// override what came before; of a list of maps the first wins.
    fn merge(&mut self, key: KeyAt, span: Span) -> Result<(), Failure> {
        let refused = || {
            let message = "the value of the merge key '<<' is a map or a list of maps".to_owned();
            (span.start, ProblemKind::Syntax(message))
        };
        let value = self.builder.take_last().ok_or_else(refused)?;
        let maps = match value.kind() {
            NodeKind::Map => vec![value],
            NodeKind::List => {
                let mut maps = self.builder.children_of(value);
                maps.reverse();
                maps
            }
            _ => return Err(refused()),
        };
        for map in maps {
            if map.kind() != NodeKind::Map {
                return Err(refused());
            }
            for entry in self.builder.children_of(map) {
                let entry_key = KeyAt {
                    symbol: entry.symbol(),
                    start: key.start,
                };
                self.copy(entry, entry_key, span)?;
            }
        }
        Ok(())
    }
}

/// What the parser says where lists and maps nest deeper than its options allow.
const TOO_DEEP: &str = "recursion limit exceeded";

/// The parser's message, or a clearer one for the mistakes that people make most.
fn explain(text: &str, at: usize, message: &str) -> String {
    let line_start = text[..floor(text, at)]
        .rfind('\n')
        .map_or(0, |found| found + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let indentation: &str = &line[..line.len() - line.trim_start().len()];
    if indentation.contains('\t') {
        return format!("a tab indents this line; YAML wants spaces ({message})");
    }
    if line.contains("{{") {
        return format!("this looks like a template that was not rendered ({message})");
    }
    message.to_owned()
}

/// The nearest start of a character at or before this byte.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
