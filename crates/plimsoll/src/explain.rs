//! `plimsoll explain`

use std::fmt::Write;

use plimsoll_catalog::{Catalog, Control, EditKind, Framework, Needs, Place, Requirement, Unknown};
use plimsoll_report::console::{error_line, standing};
use plimsoll_report::text::{Look, wrap};

use crate::arguments::{ExplainArguments, ScanArguments};
use crate::exit::{Exit, Failure};
use crate::{output, scan};

pub(crate) fn run(arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let catalog = Catalog::built_in()?;
    if !arguments.paths.is_empty() {
        return standing(&catalog, arguments);
    }
    let look = output::look(&arguments.look);
    let mut text = String::new();
    match catalog.find_controls(&arguments.name) {
        Ok(controls) => {
            for (at, found) in controls.into_iter().enumerate() {
                if at > 0 {
                    text.push('\n');
                }
                control(found, look, &mut text);
            }
        }
        Err(unknown) => other(&catalog, &arguments.name, unknown, look, &mut text)?,
    }
    output::results(&text)?;
    Ok(Exit::Done)
}

/// How far what was scanned holds to a framework, or to a requirement of any.
fn standing(catalog: &Catalog, arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let name = &arguments.name;
    let has_requirement = |framework: &&Framework| {
        let of = framework.requirements.iter();
        of.clone().any(|found| found.id.eq_ignore_ascii_case(name))
    };
    let (frameworks, requirement): (Vec<String>, Option<&str>) = match catalog.find_framework(name)
    {
        Ok(framework) => (vec![framework.id.clone()], None),
        Err(unknown) => {
            let with = catalog.frameworks().iter().filter(has_requirement);
            let ids: Vec<String> = with.map(|framework| framework.id.clone()).collect();
            if ids.is_empty() {
                return Err(Failure::Unknown(Unknown {
                    what: "framework or requirement",
                    ..unknown
                }));
            }
            (ids, Some(name))
        }
    };
    let scan = ScanArguments {
        paths: arguments.paths.clone(),
        framework: frameworks,
        attestations: arguments.attestations.clone(),
        config: arguments.config.clone(),
        kubernetes_version: arguments.kubernetes_version.clone(),
        ..ScanArguments::default()
    };
    let look = output::look(&arguments.look);
    scan::with_result(&scan, |result, _| {
        for error in &result.errors {
            output::message(&format!("error: {}", error_line(error)));
        }
        output::results(&standing::render(result, requirement, look))?;
        Ok(if result.errors.is_empty() {
            Exit::Done
        } else {
            Exit::Incomplete
        })
    })
}

/// A framework, or a requirement of any.
fn other(
    catalog: &Catalog,
    name: &str,
    unknown: Unknown,
    look: Look,
    text: &mut String,
) -> Result<(), Failure> {
    if let Ok(found) = catalog.find_framework(name) {
        framework(catalog, found, look, text);
        return Ok(());
    }
    let mut any = false;
    for found in catalog.frameworks() {
        for requirement in &found.requirements {
            if requirement.id.eq_ignore_ascii_case(name) {
                any = true;
                let heading = format!("{} {}: {}", found.id, requirement.id, requirement.title);
                let _ = writeln!(text, "{}", look.paint.bold(&heading));
                evidence(catalog, found, requirement, look, text);
            }
        }
    }
    if any {
        return Ok(());
    }
    Err(Failure::Unknown(Unknown {
        what: "control, framework or requirement",
        ..unknown
    }))
}

fn control(control: &Control, look: Look, text: &mut String) {
    let paint = look.paint;
    let heading = format!("{} {}", control.id, control.title);
    let _ = writeln!(text, "{}", paint.bold(&heading));
    let severity = paint.severity(control.severity, control.severity.name());
    let _ = writeln!(
        text,
        "{} in {}, {severity}, risk {} of 10, since {}\n",
        control.name, control.area, control.risk, control.since
    );
    for paragraph in control.page.introduction().split("\n\n") {
        for line in wrap(paragraph, look.width.min(100)) {
            let _ = writeln!(text, "{line}");
        }
        text.push('\n');
    }
    if let Some(reason) = &control.not_assessable {
        let _ = writeln!(text, "{}\n  {reason}\n", paint.bold("Not assessed"));
    } else {
        check(control, look, text);
    }
    if !control.fix.is_empty() {
        let safe = if control.safe {
            "safe: cannot change how a sound workload behaves"
        } else {
            "can change how a workload behaves"
        };
        let _ = writeln!(text, "{} ({safe})", paint.bold("Fix"));
        for edit in &control.fix {
            let place = place_text(&edit.place);
            let line = match &edit.kind {
                EditKind::Set(value) => format!("set {place} to {value}"),
                EditKind::Remove => format!("remove {place}"),
                EditKind::Append(value) => format!("add {value} to {place}"),
            };
            let _ = writeln!(text, "  {line}");
        }
        text.push('\n');
    }
    if let Some(input) = &control.input {
        let _ = writeln!(text, "{}\n  {input}\n", paint.bold("To be chosen"));
    }
    for section in ["Passes", "Fails", "Fixed"] {
        let Some(example) = control.page.examples(section).into_iter().next() else {
            continue;
        };
        let _ = writeln!(text, "{}", paint.bold(section));
        for line in example.yaml.lines() {
            let _ = writeln!(text, "  {}", paint.dim(line));
        }
        text.push('\n');
    }
    if let Some(by_hand) = control.page.section("By hand") {
        let _ = writeln!(text, "{}", paint.bold("By hand"));
        for line in wrap(by_hand, look.width.min(100) - 2) {
            let _ = writeln!(text, "  {line}");
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", paint.bold("Evidence for"));
    for evidence in &control.evidence {
        let mut parts = Vec::new();
        if !evidence.direct.is_empty() {
            parts.push(format!("{} (tests it)", evidence.direct.join(", ")));
        }
        if !evidence.supports.is_empty() {
            parts.push(evidence.supports.join(", "));
        }
        let _ = writeln!(text, "  {:<16}  {}", evidence.framework, parts.join("; "));
    }
    if !control.aliases.is_empty() {
        let _ = writeln!(text, "\n{}", paint.bold("In other tools"));
        for alias in &control.aliases {
            let _ = writeln!(text, "  {:<16}  {}", alias.tool, alias.ids.join(", "));
        }
    }
    if let Some(references) = control.page.section("References") {
        let _ = writeln!(text, "\n{}", paint.bold("References"));
        for line in references.lines() {
            let link = line.trim_start_matches("- ").trim_matches(['<', '>']);
            let _ = writeln!(text, "  {link}");
        }
    }
}

/// What a control judges, when, and how.
fn check(control: &Control, look: Look, text: &mut String) {
    let paint = look.paint;
    let kinds = control.applies.words();
    let _ = writeln!(text, "{}", paint.bold("Judges"));
    let from = if control.needs == Needs::Manifest {
        String::new()
    } else {
        format!(", from {} data", control.needs.name())
    };
    for line in wrap(
        &format!("{} of {kinds}{from}", control.each_text),
        look.width.min(100) - 2,
    ) {
        let _ = writeln!(text, "  {line}");
    }
    text.push('\n');
    let missing = control.missing.as_deref().unwrap_or_default();
    for (heading, expression) in [
        ("Only where".to_owned(), control.when_text()),
        (
            format!("Not assessed ({missing}) unless"),
            control.known_text(),
        ),
        ("Check".to_owned(), control.expect_text()),
    ] {
        if expression.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{}", paint.bold(&heading));
        for line in expression.trim_end().lines() {
            let _ = writeln!(text, "  {}", paint.hint(line));
        }
        text.push('\n');
    }
    let parameters = control.parameters.list();
    if !parameters.is_empty() {
        let _ = writeln!(text, "{}", paint.bold("Parameters"));
        for parameter in parameters {
            let line = format!(
                "{}: {}; default {}",
                parameter.name, parameter.about, parameter.default
            );
            for line in wrap(&line, look.width.min(100) - 2) {
                let _ = writeln!(text, "  {line}");
            }
        }
        text.push('\n');
    }
}

/// A place of an edit, relative to the item.
fn place_text(place: &Place) -> String {
    let path = place.path.to_string();
    if path.is_empty() {
        "the item".to_owned()
    } else {
        path
    }
}

fn framework(catalog: &Catalog, framework: &Framework, look: Look, text: &mut String) {
    let heading = format!("{} {}", framework.id, framework.title);
    let _ = writeln!(text, "{}", look.paint.bold(&heading));
    let _ = writeln!(text, "{}\n{}\n", framework.version, framework.source);
    for requirement in &framework.requirements {
        let _ = writeln!(
            text,
            "{}  {}",
            look.paint.bold(&requirement.id),
            requirement.title
        );
        evidence(catalog, framework, requirement, look, text);
    }
}

fn evidence(
    catalog: &Catalog,
    framework: &Framework,
    requirement: &Requirement,
    look: Look,
    text: &mut String,
) {
    for control in catalog.controls() {
        let Some(evidence) = control.evidence_for(&framework.id) else {
            continue;
        };
        let how = if evidence.is_direct(&requirement.id) {
            "tests it"
        } else if evidence.is_support(&requirement.id) {
            "supports it"
        } else {
            continue;
        };
        let _ = writeln!(
            text,
            "  {} {} {}",
            control.id,
            control.name,
            look.paint.dim(how)
        );
    }
}
