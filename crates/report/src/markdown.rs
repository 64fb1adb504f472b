//! Markdown for a pull request: the figures, the worst controls, and no more than a reader takes in.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use plimsoll_assess::{Finding, FindingStatus};
use plimsoll_catalog::Severity;

use crate::console::error_line;
use crate::reported::{file_of, repository_path};
use crate::result::ScanResult;
use crate::text::{counted, printable};
use crate::words;

/// How many controls and errors are listed.
const MOST_ROWS: usize = 15;

/// How long a message or file name may be.
const LONGEST: usize = 160;

/// Writes the report.
///
/// # Errors
/// What the writer says.
pub fn write(result: &ScanResult<'_>, mut out: impl Write) -> io::Result<()> {
    headline(result, &mut out)?;
    gates(result, &mut out)?;
    controls(result, &mut out)?;
    errors(result, &mut out)?;
    frameworks(result, &mut out)
}

fn headline(result: &ScanResult<'_>, out: &mut impl Write) -> io::Result<()> {
    let assessment = &result.assessment;
    if assessment.objects == 0 {
        writeln!(out, "## Plimsoll: nothing was scanned\n")?;
        return writeln!(out, "No Kubernetes object was found.\n");
    }
    let score = assessment.score;
    writeln!(
        out,
        "## Plimsoll: score {:.1} to {:.1} of 100\n",
        score.floor, score.ceiling
    )?;
    let mut parts: Vec<String> = Severity::ALL
        .into_iter()
        .map(|severity| (assessment.failed_findings(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("**{count} {severity}**"))
        .collect();
    if parts.is_empty() {
        parts.push("**No findings**".to_owned());
    }
    if assessment.accepted_findings() > 0 {
        parts.push(format!("{} accepted", assessment.accepted_findings()));
    }
    writeln!(
        out,
        "{}. {} from {}, {:.0} % assessed.\n",
        parts.join(", "),
        counted(assessment.objects, "object"),
        counted(result.sources.len(), "source"),
        score.coverage
    )
}

fn gates(result: &ScanResult<'_>, out: &mut impl Write) -> io::Result<()> {
    for gate in &result.gates {
        let word = if gate.holds { "holds" } else { "**broken**" };
        writeln!(
            out,
            "- Gate {} {word}: {}",
            code(&gate.gate),
            escaped(&gate.reason)
        )?;
    }
    if !result.gates.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// What one control found.
struct Row<'r> {
    severity: Severity,
    name: String,
    objects: BTreeSet<u32>,
    findings: Vec<&'r Finding>,
}

fn controls(result: &ScanResult<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut by_control: BTreeMap<usize, Row<'_>> = BTreeMap::new();
    let findings = result.assessment.findings();
    let failed = findings
        .iter()
        .filter(|finding| finding.status == FindingStatus::Failed);
    for finding in failed {
        let row = by_control.entry(finding.control).or_insert_with(|| {
            let control = result.assessment.controls[finding.control].control;
            Row {
                severity: control.severity,
                name: format!("{} {}", control.id, control.name),
                objects: BTreeSet::new(),
                findings: Vec::new(),
            }
        });
        row.objects.insert(finding.object.0);
        row.findings.push(finding);
    }
    let mut rows: Vec<Row<'_>> = by_control.into_values().collect();
    rows.sort_by_key(|row| (Reverse(row.severity), Reverse(row.objects.len())));
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "| Severity | Control | Findings | First |")?;
    writeln!(out, "|---|---|--:|---|")?;
    for row in rows.iter().take(MOST_ROWS) {
        let first = row.findings.first().map_or_else(String::new, |finding| {
            let object = &result.inventory.objects()[finding.object.0 as usize];
            let message = escaped(&shortened(&finding.message));
            match file_of(object) {
                Some(file) => {
                    let line = words::written(object, finding.position)
                        .map_or_else(String::new, |at| format!(":{}", at.line));
                    let place = format!("{}{line}", repository_path(file));
                    format!("{message} {}", code(&shortened(&place)))
                }
                None => message,
            }
        });
        writeln!(
            out,
            "| {} | {} | {} | {first} |",
            row.severity,
            escaped(&row.name),
            row.findings.len()
        )?;
    }
    let rest = rows.get(MOST_ROWS..).unwrap_or_default();
    if !rest.is_empty() {
        let findings: usize = rest.iter().map(|row| row.findings.len()).sum();
        writeln!(
            out,
            "| | and {} | {findings} | |",
            counted(rest.len(), "more control")
        )?;
    }
    writeln!(out)
}

fn errors(result: &ScanResult<'_>, out: &mut impl Write) -> io::Result<()> {
    if result.errors.is_empty() {
        return Ok(());
    }
    writeln!(out, "**Incomplete**: this could not be read or assessed.\n")?;
    for error in result.errors.iter().take(MOST_ROWS) {
        writeln!(out, "- {}", code(&shortened(&error_line(error))))?;
    }
    let rest = result.errors.len().saturating_sub(MOST_ROWS);
    if rest > 0 {
        writeln!(out, "- and {rest} more")?;
    }
    writeln!(out)
}

fn frameworks(result: &ScanResult<'_>, out: &mut impl Write) -> io::Result<()> {
    let scored: Vec<_> = result
        .assessment
        .frameworks
        .iter()
        .filter(|framework| framework.has_score())
        .collect();
    if scored.is_empty() || result.assessment.objects == 0 {
        return Ok(());
    }
    writeln!(out, "<details><summary>Frameworks</summary>\n")?;
    writeln!(out, "| Framework | Floor | Ceiling | Assessed |")?;
    writeln!(out, "|---|--:|--:|--:|")?;
    for of in scored {
        writeln!(
            out,
            "| {} | {:.1} | {:.1} | {:.0} % |",
            escaped(&of.framework.id),
            of.score.floor,
            of.score.ceiling,
            of.score.coverage
        )?;
    }
    writeln!(out, "\n</details>")
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST - 3).collect();
    format!("{kept}...")
}

/// Text that is nothing but text: no link, no picture, no tag, no mention of a person.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '@' => safe.push_str("&#64;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => {
                safe.push('\\');
                safe.push(character);
            }
            other => safe.push(other),
        }
    }
    // An address becomes a link even without brackets.
    safe.replace("://", ":&#47;&#47;")
        .replace("www.", "www&#46;")
}

/// Text as code; what would end it, or the cell of a table, is replaced.
fn code(text: &str) -> String {
    let text = printable(text).replace('`', "'").replace('|', "\\|");
    format!("`{text}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_stays_text() {
        assert_eq!(escaped("a|b"), "a\\|b");
        assert_eq!(
            escaped("<img> [x](y) @you"),
            "&lt;img&gt; \\[x\\](y) &#64;you"
        );
        assert_eq!(code("a`b"), "`a'b`");
    }
}
