//! What is wrong, by object, with its lines and what mends it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use plimsoll_assess::Finding;
use plimsoll_catalog::Severity;
use plimsoll_document::Span;
use plimsoll_inventory::Object;

use super::excerpt;
use super::markup::{Markup, anchor};
use crate::console::findings::with_value;
use crate::result::ScanResult;
use crate::secret::Hidden;
use crate::text::counted;
use crate::words;

/// How many places of one control in one object are shown with their lines.
const MOST_PLACES: usize = 20;

/// From how many objects on those out of sight are not laid out.
const MANY_OBJECTS: usize = 200;

pub(super) fn write(
    result: &ScanResult<'_>,
    page: &mut Markup,
    out: &mut impl Write,
) -> io::Result<()> {
    let findings = result.assessment.findings();
    let mut by_object: BTreeMap<u32, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        by_object.entry(finding.object.0).or_default().push(finding);
    }
    page.open(
        "section",
        &[
            ("id", "findings"),
            ("aria-labelledby", "findings-title"),
            (
                "class",
                if by_object.len() > MANY_OBJECTS {
                    "many"
                } else {
                    "few"
                },
            ),
        ],
    );
    page.raw("\n<h2 id=\"findings-title\">Findings</h2>\n");
    let accepted = result.assessment.accepted_findings();
    let mut hidden = Hidden::new(result);
    filters(result, page);
    page.raw("<p id=\"shown\" role=\"status\">")
        .text(&format!(
            "{} standing and {accepted} accepted findings",
            findings.len() - accepted
        ))
        .raw("</p>\n");
    for findings in by_object.into_values() {
        object(result, &findings, &mut hidden, page);
        page.flush(out)?;
    }
    page.raw("</section>\n");
    Ok(())
}

fn filters(result: &ScanResult<'_>, page: &mut Markup) {
    page.raw("<form id=\"filters\" class=\"filters\" hidden aria-label=\"Filter the findings\">\n<label>Words <input type=\"search\" name=\"text\" autocomplete=\"off\"></label>\n<fieldset><legend>Severity</legend>");
    for severity in Severity::ALL {
        page.raw("<label>");
        page.open(
            "input",
            &[
                ("type", "checkbox"),
                ("name", "severity"),
                ("value", severity.name()),
                ("checked", ""),
            ],
        );
        page.raw(" ").text(severity.name()).raw("</label>");
    }
    page.raw("</fieldset>\n<label>State <select name=\"state\"><option value=\"\">all</option><option value=\"failed\">standing</option><option value=\"accepted\">accepted</option></select></label>\n<label>Framework <select name=\"framework\"><option value=\"\">all</option>");
    for framework in &result.assessment.frameworks {
        let id = &framework.framework.id;
        page.element("option", &[("value", id)], id);
    }
    page.raw("</select></label>\n<label>Namespace <select name=\"namespace\"><option value=\"*\">all</option>");
    for namespace in words::namespaces(result) {
        let name = if namespace.is_empty() {
            "(none stated)"
        } else {
            namespace
        };
        page.element("option", &[("value", namespace)], name);
    }
    page.raw("</select></label>\n<button type=\"reset\">Reset</button>\n<button type=\"button\" id=\"open-all\">Open all</button>\n<button type=\"button\" id=\"close-all\">Close all</button>\n</form>\n");
}

fn object(
    result: &ScanResult<'_>,
    findings: &[&Finding],
    hidden: &mut Hidden<'_>,
    page: &mut Markup,
) {
    let Some(first) = findings.first() else {
        return;
    };
    let object = result.inventory.object(first.object);
    page.open(
        "section",
        &[
            ("class", "object"),
            ("data-namespace", object.namespace()),
            ("aria-label", &words::object_name(object)),
        ],
    );
    page.raw("<h3>").text(&words::object_name(object));
    if let Some(place) = words::place(object, object.root().position()) {
        page.raw(" ").element("span", &[("class", "place")], &place);
    }
    page.raw("</h3>\n");
    let mut by_control: BTreeMap<usize, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        by_control.entry(finding.control).or_default().push(finding);
    }
    let mut groups: Vec<Vec<&Finding>> = by_control.into_values().collect();
    for group in &mut groups {
        group.sort_by_key(|finding| finding.position);
    }
    groups.sort_by_key(|group| {
        let standing = group
            .iter()
            .any(|finding| words::accepted(finding).is_none());
        let control = result.assessment.controls[group[0].control].control;
        // What is accepted altogether comes last.
        (!standing, Reverse(control.severity), group[0].position)
    });
    for group in &groups {
        control(result, object, group, hidden, page);
    }
    page.raw("</section>\n");
}

/// What one control found in one object.
fn control(
    result: &ScanResult<'_>,
    object: &Object,
    findings: &[&Finding],
    hidden: &mut Hidden<'_>,
    page: &mut Markup,
) {
    let control = result.assessment.controls[findings[0].control].control;
    let standing: Vec<&Finding> = findings
        .iter()
        .filter(|finding| words::accepted(finding).is_none())
        .copied()
        .collect();
    let accepted = findings.len() - standing.len();
    let frameworks: Vec<&str> = result
        .assessment
        .frameworks
        .iter()
        .map(|framework| framework.framework.id.as_str())
        .filter(|id| control.evidence_for(id).is_some())
        .collect();
    let severity = control.severity.name();
    page.open(
        "details",
        &[
            ("class", "finding"),
            ("data-severity", severity),
            ("data-frameworks", &frameworks.join(" ")),
            ("data-standing", &standing.len().to_string()),
            ("data-accepted", &accepted.to_string()),
        ],
    );
    page.raw("<summary>");
    page.element(
        "span",
        &[("class", &format!("severity {severity}"))],
        severity,
    )
    .raw(" ")
    .element("span", &[("class", "id")], &control.id)
    .raw(" ")
    .text(&findings[0].message);
    if findings.len() > 1 {
        page.text(&format!(" and {} more", findings.len() - 1));
    }
    if accepted > 0 {
        page.raw(" <span class=\"good\">")
            .text(&if accepted == findings.len() {
                "accepted".to_owned()
            } else {
                format!("{accepted} accepted")
            })
            .raw("</span>");
    }
    page.raw("</summary>\n");
    let mut said = findings[0].message.as_str();
    for finding in findings.iter().take(MOST_PLACES) {
        if finding.message != said {
            page.element("p", &[], &finding.message);
            said = &finding.message;
        }
        let hidden = hidden.spans(control, finding);
        self::place(object, finding, &hidden, page);
    }
    let rest = findings.get(MOST_PLACES..).unwrap_or_default();
    if !rest.is_empty() {
        let text = format!(
            "{} {}",
            counted(rest.len(), "more"),
            words::more(object, rest)
        );
        page.element("p", &[], text.trim_end());
    }
    let fixes = words::fixes(result, &standing);
    if !fixes.is_empty() {
        page.raw("<p>To fix it:</p><ul class=\"fix\">");
        for fix in fixes {
            page.raw("<li>").element("code", &[], &fix).raw("</li>");
        }
        page.raw("</ul>");
    }
    page.raw("<p class=\"soft\">")
        .element(
            "a",
            &[("href", &format!("#{}", anchor(&control.id)))],
            &control.title,
        )
        .raw("</p></details>\n");
}

fn place(object: &Object, finding: &Finding, hidden: &[Span], page: &mut Markup) {
    page.raw("<p class=\"place\">");
    if let Some(place) = words::place(object, finding.position) {
        page.text(&place).raw(" ");
    }
    page.element("code", &[], &finding.path.to_string())
        .raw("</p>");
    let missing = words::missing(finding, object);
    if words::place(object, finding.position).is_some() {
        let (node, _) = finding.path.find(object.root());
        let span = if finding.exists {
            with_value(finding.span, node)
        } else {
            finding.span
        };
        if finding.hidden {
            page.element(
                "p",
                &[("class", "soft")],
                "Not shown: it may hold a secret.",
            );
        } else {
            let source = object.tree().source();
            excerpt::write(source, span, hidden, missing.as_deref(), page);
        }
    }
    if let Some(reason) = words::accepted(finding) {
        page.raw("<p><b class=\"good\">Accepted:</b> ")
            .text(reason)
            .raw("</p>");
    }
}
