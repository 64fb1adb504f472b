//! Lines of a manifest around a place, with the place marked.

use std::borrow::Cow;

use plimsoll_document::{Position, Source, Span};

use super::markup::Markup;
use crate::secret::masked;
use crate::words::line_number;

/// Lines shown before and after the one with the place.
const AROUND: u32 = 2;

/// Characters shown of a line at most.
const MOST: usize = 240;

/// Characters kept before a place in a line that is cut.
const BEFORE: usize = 60;

/// Writes the lines. What is blank at the start of all of them is left out.
pub(super) fn write(
    source: &Source,
    span: Span,
    hidden: &[Span],
    note: Option<&str>,
    markup: &mut Markup,
) {
    let marked = source.position(span.start).line;
    let first = marked.saturating_sub(AROUND).max(1);
    let lines: Vec<(u32, &str)> = (first..=marked.saturating_add(AROUND))
        .filter_map(|number| source.line(number).map(|line| (number, line)))
        .collect();
    let indent = lines
        .iter()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(_, line)| line.len() - line.trim_start_matches(' ').len())
        .min()
        .unwrap_or(0);
    markup.raw("<pre class=\"code\">");
    for (number, line) in lines {
        let is_marked = number == marked;
        markup.raw(if is_marked {
            "<span class=\"line marked\"><span class=\"number\">"
        } else {
            "<span class=\"line\"><span class=\"number\">"
        });
        let place = Position {
            line: number,
            column: 1,
        };
        markup.text(&line_number(source, place)).raw("</span> ");
        let start = source
            .byte_at(Position {
                line: number,
                column: 1,
            })
            .unwrap_or_default() as usize;
        let text = masked(source.text(), start..start + line.len(), hidden);
        if let Cow::Owned(text) = text {
            // A line with a hidden value is shown without a mark: its columns are others.
            let line = text.get(indent..).unwrap_or_default();
            let cut: String = line.chars().take(MOST).collect();
            markup.text(cut.trim_end());
        } else if is_marked {
            marked_line(source, span, line, indent, markup);
            if let Some(note) = note {
                markup.raw(" ").element("em", &[], note);
            }
        } else {
            let line = line.get(indent..).unwrap_or_default();
            let cut: String = line.chars().take(MOST).collect();
            markup.text(cut.trim_end());
            if cut.len() < line.len() {
                markup.raw("...");
            }
        }
        markup.raw("</span>\n");
    }
    markup.raw("</pre>");
}

fn marked_line(source: &Source, span: Span, line: &str, indent: usize, markup: &mut Markup) {
    let line_start = source
        .byte_at(Position {
            line: source.position(span.start).line,
            column: 1,
        })
        .unwrap_or(span.start);
    let start = ((span.start.saturating_sub(line_start)) as usize).min(line.len());
    let end = ((span.end.saturating_sub(line_start)) as usize).clamp(start, line.len());
    let parts = (
        line.get(indent.min(start)..start),
        line.get(start..end),
        line.get(end..),
    );
    let (Some(before), Some(marked), Some(after)) = parts else {
        markup.text(line);
        return;
    };
    let long_before = before.chars().count();
    if long_before > MOST / 2 {
        let kept: String = before.chars().skip(long_before - BEFORE).collect();
        markup.raw("...").text(&kept);
    } else {
        markup.text(before);
    }
    let shown: String = marked.chars().take(MOST).collect();
    markup.element("mark", &[], shown.trim_end());
    if shown.len() < marked.len() {
        markup.raw("...");
        return;
    }
    let cut: String = after.chars().take(MOST / 2).collect();
    markup.text(cut.trim_end());
    if cut.len() < after.len() {
        markup.raw("...");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, place: &str) -> String {
        let start = text.find(place).unwrap() as u32;
        let span = Span {
            start,
            end: start + place.len() as u32,
        };
        let mut markup = Markup::default();
        write(
            &Source::new("x", text),
            span,
            &[],
            Some("no b"),
            &mut markup,
        );
        let mut out = Vec::new();
        markup.flush(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_around_a_place_lose_what_is_blank_in_all_of_them() {
        let html = shown(
            "z: 1\n\n  a:\r\n    - x: <1>  # c\n      y: 2\n  b: 3\n  c: 4\n",
            "x: <1>",
        );
        assert_eq!(
            html,
            "<pre class=\"code\"><span class=\"line\"><span class=\"number\">2</span> </span>\n\
             <span class=\"line\"><span class=\"number\">3</span> a:</span>\n\
             <span class=\"line marked\"><span class=\"number\">4</span>   - <mark>x: &lt;1&gt;</mark>  # c <em>no b</em></span>\n\
             <span class=\"line\"><span class=\"number\">5</span>     y: 2</span>\n\
             <span class=\"line\"><span class=\"number\">6</span> b: 3</span>\n</pre>"
        );
    }

    #[test]
    fn a_file_of_one_line_is_cut_around_the_place() {
        let text = format!(
            "{{{}\"é\":\"x\"{}}}",
            "\"a\":1,".repeat(5000),
            ",\"b\":2".repeat(5000)
        );
        let html = shown(&text, "\"é\":\"x\"");
        assert!(html.len() < 2_000, "{}", html.len());
        assert!(
            html.contains("<mark>&quot;é&quot;:&quot;x&quot;</mark>"),
            "{html}"
        );
    }
}
