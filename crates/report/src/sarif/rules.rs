//! Controls as rules.

use plimsoll_catalog::{Control, Severity};
use serde_json::{Value, json};

/// GitHub cuts a description that is longer.
const LONGEST_DESCRIPTION: usize = 1_000;

pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

pub(super) fn rule(control: &Control) -> Value {
    let page = &control.page;
    let introduction = page.introduction();
    let description = if introduction.is_empty() {
        &control.title
    } else {
        introduction.split("\n\n").next().unwrap_or(introduction)
    };
    let mut rule = json!({
        "id": control.id,
        "name": control.name,
        "shortDescription": {"text": control.title},
        "fullDescription": {"text": cut(&one_line(description))},
        "help": {"text": help_text(control), "markdown": help_markdown(control)},
        "defaultConfiguration": {"level": level(control.severity)},
        "properties": {
            "tags": tags(control),
            "precision": "very-high",
            "problem.severity": match level(control.severity) {
                "note" => "recommendation",
                level => level,
            },
            "security-severity": security_severity(control),
            "severity": control.severity.name(),
            "risk": control.risk,
        },
    });
    if let Some(address) = references(control).first() {
        rule["helpUri"] = (*address).into();
    }
    rule
}

/// A number as GitHub bands them: above 9.0 is critical, from 7.0 on high, from 4.0 on medium.
fn security_severity(control: &Control) -> String {
    match control.risk {
        9 => "9.5".to_owned(),
        risk => format!("{risk}.0"),
    }
}

/// GitHub reads twenty tags at most.
fn tags(control: &Control) -> Vec<&str> {
    let frameworks = control.evidence.iter().map(|of| of.framework.as_ref());
    ["security", "kubernetes", &control.area]
        .into_iter()
        .chain(frameworks)
        .take(20)
        .collect()
}

fn help_markdown(control: &Control) -> String {
    let mut text = format!("# {}\n\n{}\n", control.title, control.page.introduction());
    if let Some(by_hand) = control.page.section("By hand") {
        text.push_str(&format!("\n## What to do\n\n{by_hand}\n"));
    }
    let references = references(control);
    if !references.is_empty() {
        text.push_str("\n## References\n\n");
        for address in references {
            text.push_str(&format!("- <{address}>\n"));
        }
    }
    text
}

fn help_text(control: &Control) -> String {
    let mut parts = vec![control.title.clone()];
    let paragraphs = |text: &str| -> Vec<String> { text.split("\n\n").map(one_line).collect() };
    parts.extend(paragraphs(control.page.introduction()));
    parts.extend(
        control
            .page
            .section("By hand")
            .map(paragraphs)
            .into_iter()
            .flatten(),
    );
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// The addresses in a page's references.
fn references(control: &Control) -> Vec<&str> {
    let section = control.page.section("References").unwrap_or_default();
    section
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
        .filter(|address| address.starts_with("https://") || address.starts_with("http://"))
        .collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST_DESCRIPTION {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST_DESCRIPTION - 3).collect();
    format!("{kept}...")
}
