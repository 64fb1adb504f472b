//! Lines of a template found in what was rendered.
//!
//! A template brings its lines in their order. A line outside of every condition is rendered exactly once; so where the
//! text stands once in both, it is the same line. Such lines part the template and what was rendered into stretches that
//! belong together, and what is clear within a stretch parts it further. Lines under conditions are looked for last, and
//! only in stretches in which nothing but them can have brought the text.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::template::{Branch, Kind, Line, Template};

/// For every line of a document, the line of the template.
pub(super) fn align(template: &Template<'_>, rendered: &[&str]) -> Vec<Option<usize>> {
    let mut found = vec![None; rendered.len()];
    let content = first_content(rendered)..rendered.len();
    let Some(section) = section(template, &rendered[content.clone()]) else {
        return found;
    };
    let alignment = Alignment {
        lines: &template.lines,
        rendered,
        template_keys: keys(template.lines.iter().map(|line| match line.kind {
            Kind::Literal(text) | Kind::Start(text) => key(text),
            _ => None,
        })),
        rendered_keys: keys(rendered.iter().map(|line| key(line))),
        base: base(&template.lines[section.clone()]),
    };
    alignment.stretch(section, content, &mut found);
    found
}

fn first_content(rendered: &[&str]) -> usize {
    rendered
        .iter()
        .position(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .unwrap_or(rendered.len())
}

/// The lines by what they start with.
fn keys<'t>(lines: impl Iterator<Item = Option<&'t str>>) -> HashMap<&'t str, Vec<usize>> {
    let mut all: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, key) in lines.enumerate() {
        if let Some(key) = key {
            all.entry(key).or_default().push(at);
        }
    }
    all
}

/// A line up to its first colon, indentation and all; `None` without one.
fn key(line: &str) -> Option<&str> {
    line.find(':').map(|colon| &line[..=colon])
}

/// Whether a rendered line can be one of the template.
fn is_like(line: &Line<'_>, rendered: &str) -> bool {
    match line.kind {
        Kind::Literal(text) => rendered.trim_end() == text,
        Kind::Start(text) => rendered.starts_with(text),
        _ => false,
    }
}

/// The part of a template that a document was made of: it has the document's kind, and all lines of it that are under no
/// condition stand in the document. `None` where that is true of several.
fn section(template: &Template<'_>, rendered: &[&str]) -> Option<Range<usize>> {
    let mut sections = Vec::new();
    let mut start = 0;
    for at in 0..=template.lines.len() {
        let ends = template
            .lines
            .get(at)
            .is_none_or(|line| line.kind == Kind::Separator);
        if ends {
            let lines = &template.lines[start..at];
            if lines.iter().any(|line| line.kind != Kind::Silent) {
                sections.push(start..at);
            }
            start = at + 1;
        }
    }
    if let [only] = &sections[..]
        && is_whole(&template.lines[only.clone()])
    {
        return Some(only.clone());
    }
    let kind = rendered.iter().find(|line| line.starts_with("kind:"))?;
    let lines = |section: &Range<usize>| &template.lines[section.clone()];
    sections.retain(|section| lines(section).iter().any(|line| is_like(line, kind)));
    let present: HashSet<&str> = rendered.iter().map(|line| line.trim_end()).collect();
    let mut fitting = sections
        .iter()
        .filter(|section| fits(lines(section), &present));
    let (Some(only), None) = (fitting.next(), fitting.next()) else {
        return None;
    };
    // What fits may fit by chance, and where it was rendered from not fit by another: it has to have a line of its own.
    let others = sections.iter().filter(|other| *other != only);
    let elsewhere: HashSet<&str> = others.flat_map(lines).filter_map(text).collect();
    let is_own = |text: &str| present.contains(text) && !elsewhere.contains(text);
    let has_own = lines(only).iter().filter_map(text).any(is_own);
    (sections.len() == 1 || has_own).then(|| only.clone())
}

/// The text of a line that stands in what is rendered as it is. Comments around a document may be gone.
fn text<'t>(line: &Line<'t>) -> Option<&'t str> {
    match line.kind {
        Kind::Literal(text) if !text.trim_start().starts_with('#') => Some(text),
        _ => None,
    }
}

/// Whether all lines of a section that are under no condition stand in a document.
fn fits(lines: &[Line<'_>], present: &HashSet<&str>) -> bool {
    let base = base(lines);
    lines
        .iter()
        .filter(|line| line.branches == base)
        .filter_map(text)
        .all(|text| present.contains(text))
}

/// Whether nothing outside of what all its lines stand in can have brought the document.
fn is_whole(lines: &[Line<'_>]) -> bool {
    let base = base(lines);
    lines
        .iter()
        .filter(|line| line.kind == Kind::Any)
        .all(|line| line.branches.starts_with(&base))
}

/// The branches that all lines stand in whose text is known: what was rendered of them at all was rendered in these.
fn base(lines: &[Line<'_>]) -> Vec<Branch> {
    let mut base: Option<Vec<Branch>> = None;
    let is_known = |line: &&Line<'_>| matches!(line.kind, Kind::Literal(_) | Kind::Start(_));
    for line in lines.iter().filter(is_known) {
        base = Some(match base {
            None => line.branches.clone(),
            Some(base) => base
                .into_iter()
                .zip(&line.branches)
                .take_while(|(one, other)| one == *other)
                .map(|(one, _)| one)
                .collect(),
        });
    }
    base.unwrap_or_default()
}

struct Alignment<'a> {
    lines: &'a [Line<'a>],
    rendered: &'a [&'a str],
    template_keys: HashMap<&'a str, Vec<usize>>,
    rendered_keys: HashMap<&'a str, Vec<usize>>,
    base: Vec<Branch>,
}

impl Alignment<'_> {
    /// Finds the lines of a stretch, and then of those between them.
    fn stretch(&self, template: Range<usize>, rendered: Range<usize>, found: &mut [Option<usize>]) {
        let mut ahead = vec![(template, rendered)];
        while let Some((template, rendered)) = ahead.pop() {
            if template.is_empty() || rendered.is_empty() {
                continue;
            }
            let anchors = self.anchors(&template, &rendered);
            if anchors.is_empty() {
                self.conditional(&template, &rendered, found);
                continue;
            }
            let (mut template_start, mut rendered_start) = (template.start, rendered.start);
            for (of_template, of_rendered) in anchors {
                found[of_rendered] = Some(of_template);
                ahead.push((template_start..of_template, rendered_start..of_rendered));
                template_start = of_template + 1;
                rendered_start = of_rendered + 1;
            }
            ahead.push((template_start..template.end, rendered_start..rendered.end));
        }
    }

    /// Lines under no condition that stand once in both, in order; nothing where their order differs.
    fn anchors(&self, template: &Range<usize>, rendered: &Range<usize>) -> Vec<(usize, usize)> {
        let mut anchors = Vec::new();
        for at in template.clone() {
            let line = &self.lines[at];
            if line.branches != self.base {
                continue;
            }
            let (Kind::Literal(text) | Kind::Start(text)) = line.kind else {
                continue;
            };
            let Some(key) = key(text) else {
                continue;
            };
            let mut matching = within(self.rendered_keys.get(key), rendered)
                .filter(|other| is_like(line, self.rendered[*other]));
            let (Some(only), None) = (matching.next(), matching.next()) else {
                continue;
            };
            let mut rivals = within(self.template_keys.get(key), template)
                .filter(|other| is_like(&self.lines[*other], self.rendered[only]));
            if (rivals.next(), rivals.next()) == (Some(at), None) {
                anchors.push((at, only));
            }
        }
        if anchors.is_sorted_by_key(|(_, of_rendered)| *of_rendered) {
            anchors
        } else {
            Vec::new()
        }
    }

    /// Lines under conditions, where nothing else in the stretch can have brought the text.
    fn conditional(
        &self,
        template: &Range<usize>,
        rendered: &Range<usize>,
        found: &mut [Option<usize>],
    ) {
        let before = template.start.checked_sub(1);
        let lines = before.unwrap_or(template.start)..template.end;
        let is_open = lines.clone().any(|at| {
            let line = &self.lines[at];
            let is_any = match line.kind {
                Kind::Any => true,
                // Without a colon, the rest of a line may be a field of any name.
                Kind::Start(text) => key(text).is_none(),
                Kind::Literal(_) | Kind::Silent | Kind::Separator => false,
            };
            // Of the line before, only what it goes on with stands here.
            line.is_open || is_any && template.contains(&at)
        });
        if is_open {
            return;
        }
        for at in rendered.clone() {
            let Some(key) = key(self.rendered[at]) else {
                continue;
            };
            let mut matching = within(self.template_keys.get(key), template)
                .filter(|other| is_like(&self.lines[*other], self.rendered[at]));
            if let (Some(only), None) = (matching.next(), matching.next()) {
                found[at] = Some(only);
            }
        }
    }
}

/// Those of some lines that are in a stretch.
fn within<'a>(
    lines: Option<&'a Vec<usize>>,
    stretch: &Range<usize>,
) -> impl Iterator<Item = usize> + use<'a> {
    let lines = lines.map_or(&[][..], Vec::as_slice);
    let from = lines.partition_point(|at| *at < stretch.start);
    let to = lines.partition_point(|at| *at < stretch.end);
    lines[from..to].iter().copied()
}
