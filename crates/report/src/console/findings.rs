//! Findings, by object.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use plimsoll_assess::{Finding, FindingStatus};
use plimsoll_catalog::{Control, Severity};
use plimsoll_document::{Node, Path, Span, in_parts};
use plimsoll_inventory::Object;

use crate::console::edits::{EditText, edit_texts};
use crate::console::exceptions;
use crate::console::excerpt::{Excerpt, Indentation};
use crate::result::ScanResult;
use crate::secret::Hidden;
use crate::text::{Look, columns, cut, printable, wrap, wrap_words};
use crate::words;

/// Columns before ids, messages and the bar before an excerpt.
const GUTTER: usize = 12;

/// How many places of one control in one object are shown in full.
const MOST_PLACES: usize = 4;

/// How many objects a thread writes at a time.
const PART: usize = 256;

/// Writes the findings of every object that has any.
pub(crate) fn write(result: &ScanResult<'_>, look: Look, out: &mut String) {
    let mut by_object: BTreeMap<u32, Vec<&Finding>> = BTreeMap::new();
    for finding in result.assessment.findings() {
        by_object.entry(finding.object.0).or_default().push(finding);
    }
    let by_object: Vec<(u32, Vec<&Finding>)> = by_object.into_iter().collect();
    let texts = in_parts(
        result.assessment.threads(),
        &by_object,
        PART,
        || Hidden::new(result),
        |hidden, objects| {
            let mut text = String::new();
            for (id, findings) in objects {
                let object = &result.inventory.objects()[*id as usize];
                heading(object, look, &mut text);
                for group in groups(result, findings) {
                    group.write(object, hidden, look, &mut text);
                }
                text.push('\n');
            }
            text
        },
    );
    for text in texts {
        out.push_str(&text);
    }
}

fn heading(object: &Object, look: Look, out: &mut String) {
    let name = if object.namespace().is_empty() {
        object.name().to_owned()
    } else {
        format!("{}/{}", object.namespace(), object.name())
    };
    let what = printable(&format!("{} {name}", object.kind()));
    // What is found about the cluster itself stands in no file.
    let place = words::line_place(object, object.root().position()).unwrap_or_default();
    let place = printable(&place);
    let _ = writeln!(
        out,
        "{}  {}",
        look.paint.bold(&what),
        look.paint.dim(&place)
    );
}

/// What one control found in one object.
struct Group<'r> {
    control: &'r Control,
    /// Those that stand.
    failed: Vec<&'r Finding>,
    /// Those that somebody accepted, with the reason.
    accepted: Vec<(&'r Finding, String)>,
}

/// Worst first, then by place.
fn groups<'r>(result: &'r ScanResult<'_>, findings: &[&'r Finding]) -> Vec<Group<'r>> {
    let mut by_control: BTreeMap<usize, Group<'r>> = BTreeMap::new();
    for &finding in findings {
        let group = by_control.entry(finding.control).or_insert_with(|| Group {
            control: result.assessment.controls[finding.control].control,
            failed: Vec::new(),
            accepted: Vec::new(),
        });
        match &finding.status {
            FindingStatus::Failed => group.failed.push(finding),
            FindingStatus::Accepted(why) => {
                let reason = exceptions::reason(result, finding, why);
                group.accepted.push((finding, reason));
            }
        }
    }
    let mut groups: Vec<Group<'r>> = by_control.into_values().collect();
    for group in &mut groups {
        group.failed.sort_by_key(|finding| finding.position);
    }
    groups.sort_by_key(|group| {
        let first = group.failed.first().map(|finding| finding.position);
        // What is accepted altogether comes last.
        (first.is_none(), Reverse(group.control.severity), first)
    });
    groups
}

impl Group<'_> {
    fn write(&self, object: &Object, hidden: &mut Hidden<'_>, look: Look, out: &mut String) {
        self.heading(look, out);
        let mut said = None;
        for (at, finding) in self.failed.iter().take(MOST_PLACES).enumerate() {
            say(&finding.message, &mut said, look, out);
            let mark = Mark::new(object, finding);
            // Several findings at one place are marked once, below the last message.
            let next = self.failed.get(at + 1).filter(|_| at + 1 < MOST_PLACES);
            let again = next.is_some_and(|next| Mark::new(object, next) == mark);
            if !again {
                let hidden = hidden.spans(self.control, finding);
                mark.write(object, finding, &hidden, self.control.severity, look, out);
            }
        }
        self.rest(object, look, out);
        if !self.failed.is_empty() {
            self.fix(look, out);
        }
        let room = look.width.saturating_sub(GUTTER + 2);
        for (finding, reason) in &self.accepted {
            say(&finding.message, &mut said, look, out);
            let reason = match words::written(object, finding.position) {
                Some(at) => format!("line {}: {reason}", at.line),
                None => (*reason).clone(),
            };
            let mut label = "accepted";
            for line in wrap(&printable(&reason), room) {
                gutter(label, &look.paint.good(label), &line, look, out);
                label = "";
            }
        }
    }

    fn heading(&self, look: Look, out: &mut String) {
        let Control {
            severity, id, name, ..
        } = self.control;
        let word = look
            .paint
            .severity(*severity, &format!("{:<8}", severity.name()));
        let _ = writeln!(out, "  {word}  {}  {name}", look.paint.bold(id));
    }

    /// Places beyond those that are shown.
    fn rest(&self, object: &Object, look: Look, out: &mut String) {
        let rest = self.failed.get(MOST_PLACES..).unwrap_or_default();
        if rest.is_empty() {
            return;
        }
        let at = words::more(object, rest);
        let at = if at.is_empty() { at } else { format!(", {at}") };
        let text = format!("and {} more{at}", rest.len());
        for line in wrap(&text, look.width.saturating_sub(GUTTER)) {
            let _ = writeln!(out, "{:GUTTER$}{}", "", look.paint.dim(&line));
        }
    }

    fn fix(&self, look: Look, out: &mut String) {
        let room = look.width.saturating_sub(GUTTER + 2);
        let mut texts = edit_texts(&self.failed);
        if let Some(input) = &self.control.input {
            texts.push(EditText {
                what: format!("choose {input}"),
                how: String::new(),
            });
        }
        for text in texts {
            let mut label = "fix";
            for line in text.lines(room) {
                gutter(label, &look.paint.hint(label), &line, look, out);
                label = "";
            }
        }
    }
}

/// A message, unless the one before said the same.
fn say<'f>(message: &'f str, said: &mut Option<&'f str>, look: Look, out: &mut String) {
    if *said == Some(message) {
        return;
    }
    for line in wrap_words(&printable(message), look.width.saturating_sub(GUTTER)) {
        let _ = writeln!(out, "{:GUTTER$}{line}", "");
    }
    *said = Some(message);
}

/// What is marked of a finding.
#[derive(PartialEq, Eq)]
struct Mark {
    span: Span,
    note: String,
}

impl Mark {
    fn new(object: &Object, finding: &Finding) -> Mark {
        let (node, depth) = finding.path.find(object.root());
        if finding.exists {
            return Mark {
                span: with_value(finding.span, node),
                note: String::new(),
            };
        }
        // What is missing, seen from the place that is marked.
        let missing = Path {
            segments: finding.path.segments[depth..].to_vec(),
        };
        let default = finding
            .default
            .map_or_else(String::new, |default| format!(", default {default}"));
        Mark {
            span: finding.span,
            note: format!("no {missing}{default}"),
        }
    }

    fn write(
        &self,
        object: &Object,
        finding: &Finding,
        hidden: &[Span],
        severity: Severity,
        look: Look,
        out: &mut String,
    ) {
        if object.tree().source().name().is_empty() {
            return;
        }
        let room = look.width.saturating_sub(GUTTER + 2);
        if finding.hidden {
            let number = words::line_number(object.tree().source(), finding.position);
            let text = look.paint.dim("(not shown: it may hold a secret)");
            gutter(&number, &look.paint.dim(&number), &text, look, out);
            return;
        }
        let excerpt = Excerpt::new(
            object.tree().source(),
            self.span,
            hidden,
            Indentation::Dropped,
            room,
        );
        let number = words::line_number(object.tree().source(), finding.position);
        gutter(&number, &look.paint.dim(&number), &excerpt.line, look, out);
        let carets = look.paint.severity(severity, &"^".repeat(excerpt.length));
        let marked = format!("{}{carets}", " ".repeat(excerpt.indent));
        let note = printable(&self.note);
        let end = excerpt.indent + excerpt.length;
        if note.is_empty() {
            gutter("", "", &marked, look, out);
        } else if end + 1 + columns(&note) <= room {
            gutter("", "", &format!("{marked} {note}"), look, out);
        } else {
            // No room behind the mark: the note takes the next line.
            gutter("", "", &marked, look, out);
            gutter("", "", &cut(&note, room), look, out);
        }
    }
}

/// A field and its value, where they stand on one line and the value is a scalar.
pub(crate) fn with_value(key: Span, node: Node<'_>) -> Span {
    let value = node.span();
    let is_scalar = !node.is_map() && !node.is_list();
    let together = Span {
        start: key.start,
        end: value.end.max(key.end),
    };
    let text = node.tree().source().slice(together);
    if is_scalar && value.start >= key.start && !text.contains(['\n', '\r']) {
        together
    } else {
        key
    }
}

/// A line behind the bar; `label` is the plain form of `shown`, whose colours take no columns.
fn gutter(label: &str, shown: &str, text: &str, look: Look, out: &mut String) {
    let blank = " ".repeat(GUTTER.saturating_sub(1 + columns(label)));
    let bar = look.paint.dim("|");
    let _ = writeln!(out, "{blank}{shown} {bar} {text}");
}
