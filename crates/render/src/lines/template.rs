//! The lines of a template, and what each brings into what is rendered (Go `text/template`).

use std::ops::Range;

/// What a line of a template brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'t> {
    /// Its text, as it is.
    Literal(&'t str),
    /// This text, and then what is made.
    Start(&'t str),
    /// Nothing.
    Silent,
    /// Perhaps any number of lines.
    Any,
    /// It separates documents.
    Separator,
}

/// A line of a template.
#[derive(Debug, Clone)]
pub(super) struct Line<'t> {
    pub(super) kind: Kind<'t>,
    /// Whether what is made on it may go on over lines of its own.
    pub(super) is_open: bool,
    /// The branches that it stands in, outermost first.
    pub(super) branches: Vec<Branch>,
}

/// A branch of a condition or loop: the number of the block, and of the branch in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Branch {
    block: usize,
    number: usize,
}

/// A template, line by line.
#[derive(Debug)]
pub(super) struct Template<'t> {
    pub(super) lines: Vec<Line<'t>>,
}

/// Functions that make several lines.
const MANY_LINES: &[&str] = &["indent", "toYaml", "toPretty", "toToml", "Files"];

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Open,
    Else,
    End,
    Nothing,
    Print { many: bool },
}

struct Action {
    bytes: Range<usize>,
    does: Does,
    /// Whether it takes blanks and line ends after it along.
    trims_after: bool,
    /// Whether it opens a definition, which brings nothing where it stands.
    defines: bool,
}

impl<'t> Template<'t> {
    pub(super) fn parse(text: &'t str) -> Template<'t> {
        let actions = actions(text);
        let mut lines = Vec::new();
        let mut branches: Vec<Branch> = Vec::new();
        let (mut blocks, mut definitions) = (0, 0_usize);
        let mut opened_definitions: Vec<bool> = Vec::new();
        let mut next = 0;
        let mut start = 0;
        // Where an action reaches to that began on a line before.
        let mut busy_until = 0;
        // Whether the line's start was taken along by the action before it.
        let mut trimmed = false;
        for line in text.split_inclusive('\n') {
            let end = start + line.len();
            let content = line.trim_end();
            let began = branches.clone();
            let is_inside = busy_until > start;
            let was_defined = definitions > 0;
            let mut own: Vec<&Action> = Vec::new();
            while let Some(action) = actions.get(next).filter(|action| action.bytes.start < end) {
                own.push(action);
                busy_until = action.bytes.end;
                match action.does {
                    Does::Open => {
                        blocks += 1;
                        branches.push(Branch {
                            block: blocks,
                            number: 0,
                        });
                        opened_definitions.push(action.defines);
                        definitions += usize::from(action.defines);
                    }
                    Does::Else => {
                        if let Some(last) = branches.last_mut() {
                            last.number += 1;
                        }
                    }
                    Does::End => {
                        branches.pop();
                        if opened_definitions.pop() == Some(true) {
                            definitions -= 1;
                        }
                    }
                    Does::Nothing | Does::Print { .. } => {}
                }
                next += 1;
            }
            let is_defined = was_defined || definitions > 0;
            let kind = if is_defined {
                Kind::Silent
            } else if is_inside {
                inside(text, start..end, busy_until, &own)
            } else {
                kind(text, start..start + content.len(), &own, trimmed)
            };
            let is_open = own
                .iter()
                .any(|action| matches!(action.does, Does::Print { many: true }));
            lines.push(Line {
                kind,
                is_open: is_open && !is_defined,
                // A line that opens or closes a block stands outside of it.
                branches: if branches.len() < began.len() {
                    branches.clone()
                } else {
                    began
                },
            });
            let is_blank = content.is_empty() && own.is_empty();
            if let Some(last) = own.last() {
                trimmed = last.trims_after && text[last.bytes.end.min(end)..end].trim().is_empty();
            } else if !is_blank && !is_inside {
                trimmed = false;
            }
            start = end;
        }
        Template { lines }
    }
}

/// A line that begins within an action.
fn inside<'t>(text: &str, line: Range<usize>, busy_until: usize, own: &[&Action]) -> Kind<'t> {
    let rest = text
        .get(busy_until.min(line.end)..line.end)
        .unwrap_or_default();
    let is_silent = own.iter().all(|action| action.does == Does::Nothing);
    // What the action that began before prints is counted where it began.
    if rest.trim().is_empty() && is_silent {
        Kind::Silent
    } else {
        Kind::Any
    }
}

fn kind<'t>(text: &'t str, line: Range<usize>, own: &[&Action], trimmed: bool) -> Kind<'t> {
    let content = &text[line.clone()];
    let Some(first) = own.first() else {
        return if content.starts_with("---") {
            Kind::Separator
        } else if content.trim().is_empty() {
            Kind::Silent
        } else if trimmed {
            Kind::Any
        } else {
            Kind::Literal(content)
        };
    };
    let before = &text[line.start..first.bytes.start.min(line.end)];
    if !before.trim().is_empty() {
        // A comment in front may hide what is made.
        let is_clear = !trimmed && !before.trim_start().starts_with('#');
        return if is_clear {
            Kind::Start(before.trim_end())
        } else {
            Kind::Any
        };
    }
    let mut at = line.start;
    let mut is_silent = true;
    for action in own {
        let between = text.get(at..action.bytes.start).unwrap_or_default();
        is_silent &= between.trim().is_empty() && !matches!(action.does, Does::Print { .. });
        at = action.bytes.end;
    }
    is_silent &= text
        .get(at.min(line.end)..line.end)
        .unwrap_or_default()
        .trim()
        .is_empty();
    if is_silent { Kind::Silent } else { Kind::Any }
}

/// The actions of a template. What is not closed reaches to the end.
fn actions(text: &str) -> Vec<Action> {
    let bytes = text.as_bytes();
    let mut actions = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("{{") {
        let start = at + found;
        let mut inner = start + 2;
        if bytes.get(inner) == Some(&b'-')
            && bytes.get(inner + 1).is_some_and(u8::is_ascii_whitespace)
        {
            inner += 1;
        }
        let end = if text[inner..].trim_start().starts_with("/*") {
            let close = text[inner..].find("*/").map(|close| inner + close + 2);
            close.and_then(|close| text[close..].find("}}").map(|end| close + end))
        } else {
            end_of(bytes, inner)
        };
        let content_end = end.unwrap_or(text.len());
        let content = &text[inner.min(content_end)..content_end];
        let trims_after = content
            .strip_suffix('-')
            .is_some_and(|rest| rest.ends_with([' ', '\t', '\n', '\r']));
        let content = content.trim_end_matches('-').trim();
        let (does, defines) = meaning(content);
        let close = end.map_or(text.len(), |end| end + 2);
        actions.push(Action {
            bytes: start..close,
            does,
            trims_after,
            defines,
        });
        at = close;
    }
    actions
}

/// Where an action is closed: not within a text in quotes.
fn end_of(bytes: &[u8], from: usize) -> Option<usize> {
    let mut quote = None;
    let mut at = from;
    while at < bytes.len() {
        let byte = bytes[at];
        match quote {
            Some(b'`') if byte == b'`' => quote = None,
            Some(b'`') => {}
            Some(_) if byte == b'\\' => at += 1,
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if matches!(byte, b'"' | b'\'' | b'`') => quote = Some(byte),
            None if bytes[at..].starts_with(b"}}") => return Some(at),
            None => {}
        }
        at += 1;
    }
    None
}

fn meaning(content: &str) -> (Does, bool) {
    let word = content
        .split(|character: char| character.is_whitespace() || character == '(')
        .next()
        .unwrap_or_default();
    let does = match word {
        "if" | "with" | "range" | "define" => Does::Open,
        "block" => Does::Open,
        "else" => Does::Else,
        "end" => Does::End,
        "" | "break" | "continue" => Does::Nothing,
        _ if content.starts_with("/*") || is_assignment(content) => Does::Nothing,
        _ => Does::Print {
            many: MANY_LINES.iter().any(|function| content.contains(function)),
        },
    };
    (does, word == "define")
}

/// `$name := ...`, `$name = ...`
fn is_assignment(content: &str) -> bool {
    let Some(rest) = content.strip_prefix('$') else {
        return false;
    };
    let name_end = rest
        .find(|character: char| !character.is_alphanumeric() && character != '_')
        .unwrap_or(rest.len());
    let after = rest[name_end..].trim_start();
    after.starts_with(":=") || after.starts_with('=') && !after.starts_with("==")
}
