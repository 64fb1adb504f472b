//! `JUnit` XML: a suite for each control that was judged, a failure for each finding.
//!
//! What is accepted or could not be assessed is skipped, with the reason; what could not be read is an error. Controls
//! that apply to nothing are left out, and those that need data which is not there go by what they need.

use std::collections::BTreeMap;
use std::io::{self, Write};

use plimsoll_assess::ControlStatus;

use crate::console::error_line;
use crate::reported::{Reported, reported, repository_path, times, to_the_second};
use crate::result::ScanResult;
use crate::text::{counted, printable};
use crate::words;

/// Writes the report.
///
/// # Errors
/// What the writer says.
pub fn write(result: &ScanResult<'_>, mut out: impl Write) -> io::Result<()> {
    let suites = suites(result);
    let all = suites.iter().flat_map(|suite| &suite.cases);
    let totals = Totals::of(all);
    let seconds = result.duration_ms / 1_000.0;
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    write!(out, r#"<testsuites name="plimsoll""#)?;
    totals.write(&mut out)?;
    writeln!(out, r#" time="{seconds:.3}">"#)?;
    let began = times(result).map(|(start, _)| to_the_second(start));
    for suite in &suites {
        write!(out, r#"  <testsuite name="{}""#, attribute(&suite.name))?;
        Totals::of(&suite.cases).write(&mut out)?;
        if let Some(began) = &began {
            write!(out, r#" timestamp="{began}""#)?;
        }
        writeln!(out, r#" time="0">"#)?;
        for case in &suite.cases {
            case.write(&mut out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    class: String,
    name: String,
    file: Option<(String, u32)>,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    Failed {
        severity: &'static str,
        message: String,
        text: String,
    },
    Skipped(String),
    Error(String),
}

#[derive(Default)]
struct Totals {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Totals {
    fn of<'c>(cases: impl IntoIterator<Item = &'c Case>) -> Totals {
        let mut totals = Totals::default();
        for case in cases {
            totals.tests += 1;
            match case.outcome {
                Outcome::Passed => {}
                Outcome::Failed { .. } => totals.failures += 1,
                Outcome::Skipped(_) => totals.skipped += 1,
                Outcome::Error(_) => totals.errors += 1,
            }
        }
        totals
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        write!(
            out,
            r#" tests="{}" failures="{}" errors="{}" skipped="{}""#,
            self.tests, self.failures, self.errors, self.skipped
        )
    }
}

fn suites(result: &ScanResult<'_>) -> Vec<Suite> {
    let mut by_control: BTreeMap<usize, Vec<Case>> = BTreeMap::new();
    for entry in reported(result) {
        let case = case_of(&entry);
        by_control
            .entry(entry.finding.control)
            .or_default()
            .push(case);
    }
    let mut suites = Vec::new();
    let mut not_assessed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (number, of) in result.assessment.controls.iter().enumerate() {
        if of.status == ControlStatus::NotApplicable {
            continue;
        }
        let control = of.control;
        if let Some(reason) = &of.reason {
            not_assessed.entry(reason).or_default().push(&control.id);
            continue;
        }
        let alone = |outcome| Case {
            class: class(&control.area, &control.name),
            name: control.title.clone(),
            file: None,
            outcome,
        };
        let mut cases = by_control.remove(&number).unwrap_or_default();
        if of.tally.not_assessed > 0 {
            let objects = counted(of.tally.not_assessed as usize, "object");
            let reason = format!("not assessed on {objects}");
            cases.push(alone(Outcome::Skipped(reason)));
        } else if cases.is_empty() {
            cases.push(alone(Outcome::Passed));
        }
        suites.push(Suite {
            name: format!("{} {}", control.id, control.title),
            cases,
        });
    }
    if !not_assessed.is_empty() {
        let cases = not_assessed.into_iter().map(|(reason, controls)| Case {
            class: "plimsoll.not-assessed".to_owned(),
            name: reason.to_owned(),
            file: None,
            outcome: Outcome::Skipped(format!(
                "{} not assessed: {}",
                counted(controls.len(), "control"),
                controls.join(", ")
            )),
        });
        suites.push(Suite {
            name: "Not assessed".to_owned(),
            cases: cases.collect(),
        });
    }
    if !result.errors.is_empty() {
        let cases = result.errors.iter().map(|error| Case {
            class: "plimsoll.errors".to_owned(),
            name: error_line(error),
            file: error
                .position
                .map(|position| (repository_path(&error.file), position.line)),
            outcome: Outcome::Error(error.message.clone()),
        });
        suites.push(Suite {
            name: "What could not be read or assessed".to_owned(),
            cases: cases.collect(),
        });
    }
    suites
}

/// Dots make packages, so that readers of the report group by area.
fn class(area: &str, name: &str) -> String {
    format!("plimsoll.{area}.{name}")
}

fn case_of(entry: &Reported<'_>) -> Case {
    let (finding, control) = (entry.finding, entry.control);
    let name = format!("{} {}", entry.object_name(), finding.path);
    let outcome = if let Some(reason) = entry.accepted() {
        Outcome::Skipped(format!("accepted: {reason}"))
    } else {
        let mut text = format!(
            "{} {} {}\n{}\n",
            control.severity, control.id, control.name, finding.message
        );
        if let Some(place) = words::place(entry.object, finding.position) {
            text.push_str(&format!("at {place}\n"));
        }
        text.push_str(&format!("path: {}\n", finding.path));
        let fix = entry.fix();
        if !fix.is_empty() {
            text.push_str(&format!("fix: {fix}\n"));
        }
        Outcome::Failed {
            severity: control.severity.name(),
            message: finding.message.clone(),
            text,
        }
    };
    Case {
        class: class(&control.area, &control.name),
        name: name.trim_end().to_owned(),
        file: entry
            .file()
            .and_then(|file| Some((repository_path(file), entry.written()?.line))),
        outcome,
    }
}

impl Case {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        write!(
            out,
            r#"    <testcase classname="{}" name="{}""#,
            attribute(&self.class),
            attribute(&self.name)
        )?;
        if let Some((file, line)) = &self.file {
            write!(out, r#" file="{}" line="{line}""#, attribute(file))?;
        }
        write!(out, r#" time="0""#)?;
        match &self.outcome {
            Outcome::Passed => return writeln!(out, "/>"),
            Outcome::Failed {
                severity,
                message,
                text,
            } => write!(
                out,
                r#"><failure type="{severity}" message="{}">{}</failure>"#,
                attribute(message),
                lines(text)
            )?,
            Outcome::Skipped(reason) => {
                write!(out, r#"><skipped message="{}"/>"#, attribute(reason))?;
            }
            Outcome::Error(message) => write!(
                out,
                r#"><error type="unreadable" message="{}"/>"#,
                attribute(message)
            )?,
        }
        writeln!(out, "</testcase>")
    }
}

/// Text as it stands in an attribute. XML has no way to write control characters: they are spelled out.
fn attribute(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

/// Text of several lines between tags.
fn lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(attribute).collect();
    lines.join("\n")
}
