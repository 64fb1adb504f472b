//! How far what was scanned holds to each framework.

use std::io::{self, Write};

use plimsoll_assess::{FrameworkResult, RequirementResult, RequirementStatus};
use plimsoll_catalog::Report;

use super::markup::{Markup, anchor};
use super::overview::{bar, range};
use crate::result::ScanResult;
use crate::words;

/// How many controls are shown whose fix would gain something.
const MOST_GAINS: usize = 10;

pub(super) fn write(
    result: &ScanResult<'_>,
    page: &mut Markup,
    out: &mut impl Write,
) -> io::Result<()> {
    page.raw("<section id=\"frameworks\" aria-labelledby=\"frameworks-title\">\n<h2 id=\"frameworks-title\">Frameworks</h2>\n");
    let frameworks = &result.assessment.frameworks;
    if !frameworks.is_empty() {
        table(frameworks, page);
        page.raw("<h3>Requirements</h3>\n");
    }
    for framework in frameworks {
        details(result, framework, page);
        page.flush(out)?;
    }
    page.raw("</section>\n");
    Ok(())
}

fn table(frameworks: &[FrameworkResult<'_>], page: &mut Markup) {
    page.raw("<div class=\"scroll\" role=\"region\" aria-label=\"Scores by framework\" tabindex=\"0\"><table class=\"wide\"><caption>The first figure counts what was not assessed as failed, the second as passed. Of a catalogue of threats it is said how many are looked at and how many find a way open.</caption><thead><tr><th scope=\"col\">Framework</th><th scope=\"col\">Score of 100</th><th scope=\"col\" class=\"number\">Assessed</th><th scope=\"col\" class=\"number\">Compliance</th></tr></thead><tbody>\n");
    for found in frameworks {
        let of = found.framework;
        page.raw("<tr><th scope=\"row\">");
        page.element("a", &[("href", &format!("#framework-{}", of.id))], &of.id)
            .raw(" <span class=\"place\">")
            .text(&of.title)
            .raw("</span></th><td>");
        if found.has_score() {
            bar(found.score, page);
            page.raw(" ").text(&range(found.score));
            if of.report == Report::Support {
                page.raw(" by measures that support it");
            }
        } else {
            let exposure = found.exposure();
            page.text(&format!(
                "{} of {} threats find a way open",
                exposure.exposed, exposure.of
            ));
        }
        page.raw("</td><td class=\"number\">")
            .text(&format!("{:.0} %", found.score.coverage))
            .raw("</td><td class=\"number\">");
        if of.report == Report::Score {
            page.text(&format!("{:.1} %", found.score.compliance));
        } else {
            page.raw("&ndash;");
        }
        page.raw("</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
}

fn details(result: &ScanResult<'_>, found: &FrameworkResult<'_>, page: &mut Markup) {
    let of = found.framework;
    page.open("details", &[("id", &format!("framework-{}", of.id))])
        .raw("<summary><b>")
        .text(&of.id)
        .raw("</b> <span class=\"place\">")
        .text(&words::requirement_counts(found))
        .raw("</span></summary>\n<p>")
        .text(&of.title)
        .raw(", ")
        .text(&of.version)
        .raw(". ");
    // Framework files are our own today; a link is still made of nothing but what a browser opens harmlessly.
    if of.source.starts_with("https://") {
        page.element(
            "a",
            &[("href", &of.source), ("rel", "noreferrer noopener")],
            &of.source,
        );
    } else {
        page.text(&of.source);
    }
    page.raw("</p><p>").text(&words::figure(found)).raw("</p>");
    if found.scope_missing {
        page.raw(
            "<p>No namespace is declared to hold regulated data, so every namespace counts.</p>",
        );
    }
    gains(result, found, page);
    let label = format!("Requirements of {}", of.id);
    page.open(
        "div",
        &[
            ("class", "scroll"),
            ("role", "region"),
            ("aria-label", &label),
            ("tabindex", "0"),
        ],
    );
    page.raw("<table><thead><tr><th scope=\"col\">Requirement</th><th scope=\"col\">State</th><th scope=\"col\">What makes it</th></tr></thead><tbody>\n");
    for state in words::REQUIREMENT_STATES {
        for requirement in &found.requirements {
            if requirement.status == state {
                row(result, requirement, page);
            }
        }
    }
    page.raw("</tbody></table></div></details>\n");
}

fn row(result: &ScanResult<'_>, found: &RequirementResult<'_>, page: &mut Markup) {
    let of = found.requirement;
    page.raw("<tr><th scope=\"row\">")
        .text(&of.id)
        .raw(" <span class=\"place\">")
        .text(&of.title)
        .raw(" (")
        .text(of.kind.name())
        .raw(")</span></th>");
    let class = match found.status {
        RequirementStatus::NotMet => "state bad",
        RequirementStatus::Met | RequirementStatus::Inherited => "state good",
        _ => "state soft",
    };
    page.element(
        "td",
        &[("class", class)],
        words::requirement_state(found.status),
    );
    page.raw("<td>");
    let mut gap = "";
    if !found.failing.is_empty() {
        page.raw("failing: ");
        let mut comma = "";
        for number in &found.failing {
            let control = result.assessment.controls[*number].control;
            page.raw(comma).element(
                "a",
                &[("href", &format!("#{}", anchor(&control.id)))],
                &control.id,
            );
            comma = ", ";
        }
        page.text(&format!(" of {}", found.controls.len()));
        gap = "; ";
    }
    if let Some(attestation) = &found.attestation {
        page.raw(gap).text(&words::attested(attestation));
        gap = "; ";
    }
    if let Some(reason) = &found.reason {
        page.raw(gap).text(reason);
    } else if found.failing.is_empty() && !found.controls.is_empty() {
        let ids: Vec<&str> = found
            .controls
            .iter()
            .map(|number| result.assessment.controls[*number].control.id.as_str())
            .collect();
        page.raw(gap).text(&ids.join(", "));
    }
    page.raw("</td></tr>\n");
}

fn gains(result: &ScanResult<'_>, found: &FrameworkResult<'_>, page: &mut Markup) {
    let gains = found.gains();
    if gains.is_empty() || !found.has_score() {
        return;
    }
    page.raw("<p>What fixing a control would gain, in points of the first figure:</p><ul class=\"plain\">");
    for gain in gains.iter().take(MOST_GAINS) {
        let control = result.assessment.controls[gain.control].control;
        page.raw("<li>")
            .text(&format!("{:+.2} ", gain.floor))
            .element(
                "a",
                &[("href", &format!("#{}", anchor(&control.id)))],
                &control.id,
            )
            .raw(" ")
            .text(&control.title)
            .raw("</li>");
    }
    page.raw("</ul>");
}
