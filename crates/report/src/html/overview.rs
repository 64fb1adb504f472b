//! What comes first: what was scanned and what it came to. And last: what was not looked at.

use plimsoll_assess::ControlStatus;
use plimsoll_assess::score::Score;
use plimsoll_catalog::Severity;

use super::markup::{Markup, anchor};
use crate::console::error_line;
use crate::result::ScanResult;
use crate::text::counted;
use crate::words;

/// How many objects are named of which a verdict is missing.
const MOST_OBJECTS: usize = 20;

pub(super) fn header(result: &ScanResult<'_>, page: &mut Markup) {
    page.raw("<header>\n<h1>Kubernetes compliance report</h1>\n<p class=\"soft\">")
        .text(&words::scanned(result))
        .raw(", judged by the rules of Kubernetes ")
        .value(result.assessment.kubernetes)
        .raw(", <time>")
        .text(&words::moment(&result.generated_at))
        .raw("</time></p>\n<nav aria-label=\"Parts of this report\"><ul>");
    for (target, name) in [
        ("#summary", "Summary"),
        ("#frameworks", "Frameworks"),
        ("#findings", "Findings"),
        ("#controls", "Controls"),
        ("#limits", "Limits"),
    ] {
        page.raw("<li>")
            .element("a", &[("href", target)], name)
            .raw("</li>");
    }
    page.raw("</ul></nav>\n</header>\n");
}

pub(super) fn write(result: &ScanResult<'_>, page: &mut Markup) {
    let assessment = &result.assessment;
    page.raw("<section id=\"summary\" aria-labelledby=\"summary-title\">\n<h2 id=\"summary-title\">Summary</h2>\n<ul class=\"figures\">");
    if assessment.objects > 0 {
        let score = assessment.score;
        page.raw("<li><b>")
            .text(&range(score))
            .raw("</b>score of 100 ");
        bar(score, page);
        page.raw("</li><li><b>")
            .text(&format!("{:.0} %", score.coverage))
            .raw("</b>assessed</li><li><b>")
            .text(&format!("{:.1} %", score.compliance))
            .raw("</b>compliance, as other scanners count it</li>");
    } else {
        page.raw("<li><b>none</b>score, since nothing was scanned</li>");
    }
    for severity in Severity::ALL {
        let count = assessment.failed_findings(severity).to_string();
        page.raw("<li>")
            .element("b", &[("class", severity.name())], &count);
        page.text(severity.name())
            .raw(if count == "1" {
                " finding"
            } else {
                " findings"
            })
            .raw("</li>");
    }
    page.raw("<li><b>")
        .value(assessment.accepted_findings())
        .raw("</b>accepted findings</li></ul>\n<dl>");
    let controls = words::CONTROL_STATES.map(|state| {
        format!(
            "{} {}",
            assessment.count(state),
            words::control_state(state)
        )
    });
    page.raw("<dt>Controls</dt><dd>")
        .text(&controls.join(", "))
        .raw("</dd>");
    if let Some(provider) = assessment.provider {
        page.raw("<dt>Provider</dt><dd>the control plane is run by ")
            .text(provider.name())
            .raw(": its duties need that provider's report</dd>");
    }
    for gate in &result.gates {
        page.raw("<dt>Gate</dt><dd>").text(&gate.gate).raw(" ");
        if gate.holds {
            page.raw("<b class=\"good\">holds</b>: ");
        } else {
            page.raw("<b class=\"bad\">is broken</b>: ");
        }
        page.text(&gate.reason).raw("</dd>");
    }
    if !result.errors.is_empty() {
        let text = format!(
            "{} could not be read or assessed",
            counted(result.errors.len(), "thing")
        );
        page.raw("<dt>Errors</dt><dd><a class=\"bad\" href=\"#limits\">")
            .text(&text)
            .raw("</a></dd>");
    }
    page.raw("</dl>\n</section>\n");
}

pub(super) fn range(score: Score) -> String {
    format!("{:.1} to {:.1}", score.floor, score.ceiling)
}

/// A score as a bar: what is sure, and what could be.
pub(super) fn bar(score: Score, page: &mut Markup) {
    let (floor, width) = (
        format!("{:.1}", score.floor),
        format!("{:.1}", (score.ceiling - score.floor).max(0.0)),
    );
    page.raw("<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">");
    page.open(
        "rect",
        &[("class", "sure"), ("width", &floor), ("height", "10")],
    )
    .close("rect");
    page.open(
        "rect",
        &[
            ("class", "maybe"),
            ("x", &floor),
            ("width", &width),
            ("height", "10"),
        ],
    )
    .close("rect")
    .raw("</svg>");
}

/// What was not looked at, and what was odd.
pub(super) fn limits(result: &ScanResult<'_>, page: &mut Markup) {
    page.raw("<section id=\"limits\" aria-labelledby=\"limits-title\">\n<h2 id=\"limits-title\">Limits</h2>\n<p>What is listed here was not assessed, and counts as neither passed nor failed.</p>\n");
    let lines: Vec<String> = result.errors.iter().map(error_line).collect();
    list("Errors", &lines, page);
    let reasons = words::controls_not_assessed(result);
    if !reasons.is_empty() {
        page.raw("<h3>Controls not assessed</h3>\n");
        for (reason, controls) in reasons {
            page.raw("<details><summary>")
                .text(&counted(controls.len(), "control"))
                .raw(": ")
                .text(reason)
                .raw("</summary><ul class=\"plain\">");
            for number in controls {
                let control = result.assessment.controls[number].control;
                page.raw("<li>")
                    .element(
                        "a",
                        &[("href", &format!("#{}", anchor(&control.id)))],
                        &control.id,
                    )
                    .raw(" ")
                    .text(&control.title)
                    .raw("</li>");
            }
            page.raw("</ul></details>\n");
        }
    }
    let missing: Vec<String> = words::verdicts_missing(result)
        .into_iter()
        .map(|((number, reason), objects)| {
            let names: Vec<String> = objects.iter().take(MOST_OBJECTS).cloned().collect();
            let rest = objects.len().saturating_sub(MOST_OBJECTS);
            let rest = if rest > 0 {
                format!(" and {rest} more")
            } else {
                String::new()
            };
            let id = &result.assessment.controls[number].control.id;
            format!("{id}: {reason} ({}{rest})", names.join(", "))
        })
        .collect();
    list(
        "Verdicts that are missing for single objects",
        &missing,
        page,
    );
    let skipped: Vec<String> = words::skipped(result)
        .iter()
        .map(|(reason, count)| format!("{}: {reason}", counted(*count, "document")))
        .collect();
    list("Skipped", &skipped, page);
    let warnings: Vec<String> = result.warnings.iter().map(words::warning_line).collect();
    list("Warnings", &warnings, page);
    if result.assessment.count(ControlStatus::NotAssessed) == 0
        && result.errors.is_empty()
        && missing.is_empty()
    {
        page.raw("<p>Every control that was asked for was assessed.</p>\n");
    }
    page.raw("</section>\n");
}

fn list(title: &'static str, lines: &[String], page: &mut Markup) {
    if lines.is_empty() {
        return;
    }
    page.raw("<h3>")
        .raw(title)
        .raw("</h3>\n<ul class=\"plain\">");
    for line in lines {
        page.element("li", &[], line);
    }
    page.raw("</ul>\n");
}
