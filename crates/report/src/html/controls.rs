//! Every control that was asked for.

use std::collections::BTreeMap;
use std::io::{self, Write};

use plimsoll_assess::{ControlResult, ControlStatus};

use super::markup::{Markup, anchor};
use crate::result::ScanResult;
use crate::words;

pub(super) fn write(
    result: &ScanResult<'_>,
    page: &mut Markup,
    out: &mut impl Write,
) -> io::Result<()> {
    page.raw("<section id=\"controls\" aria-labelledby=\"controls-title\">\n<h2 id=\"controls-title\">Controls</h2>\n");
    let mut by_state: BTreeMap<usize, Vec<&ControlResult<'_>>> = BTreeMap::new();
    for found in &result.assessment.controls {
        let place = words::CONTROL_STATES
            .iter()
            .position(|state| *state == found.status);
        by_state
            .entry(place.unwrap_or(words::CONTROL_STATES.len()))
            .or_default()
            .push(found);
    }
    for mut controls in by_state.into_values() {
        controls.sort_by_key(|found| std::cmp::Reverse(found.control.severity));
        let state = controls.first().map(|found| found.status);
        let name = state.map_or("", words::control_state);
        page.raw("<details><summary><b>")
            .text(name)
            .raw("</b> ")
            .value(controls.len())
            .raw("</summary>\n");
        if state == Some(ControlStatus::Failed) {
            for found in controls {
                failed(found, page);
                page.flush(out)?;
            }
        } else {
            page.raw("<ul class=\"plain\">\n");
            for found in controls {
                line(found, page);
            }
            page.raw("</ul>");
        }
        page.raw("</details>\n");
        page.flush(out)?;
    }
    page.raw("</section>\n");
    Ok(())
}

/// A control that found something, with what its page says.
fn failed(found: &ControlResult<'_>, page: &mut Markup) {
    let control = found.control;
    page.open("div", &[("id", &anchor(&control.id)), ("tabindex", "-1")]);
    page.raw("<h3>")
        .element(
            "span",
            &[("class", control.severity.name())],
            control.severity.name(),
        )
        .raw(" ")
        .text(&control.id)
        .raw(" ")
        .text(&control.title)
        .raw(" <span class=\"place\">")
        .text(&control.name)
        .raw("</span></h3>");
    page.raw("<p>")
        .text(&format!("objects: {}", words::tally(found.tally)))
        .raw("</p>");
    page.prose(control.page.introduction());
    page.raw("<p class=\"soft\">Evidence for ")
        .text(&words::evidence(control))
        .raw(".</p></div>\n");
}

fn line(found: &ControlResult<'_>, page: &mut Markup) {
    let control = found.control;
    page.open("li", &[("id", &anchor(&control.id)), ("tabindex", "-1")]);
    page.text(&control.id)
        .raw(" ")
        .element(
            "span",
            &[("class", control.severity.name())],
            control.severity.name(),
        )
        .raw(" ")
        .text(&control.title);
    page.raw(" <span class=\"place\">");
    match &found.reason {
        Some(reason) => page.text(reason),
        None if found.status == ControlStatus::NotApplicable => page,
        None => page.text(&format!("objects: {}", words::tally(found.tally))),
    };
    page.raw("</span></li>\n");
}
