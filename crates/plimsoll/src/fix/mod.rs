//! `plimsoll fix`
//!
//! `shown` is what people and tools read of it, `file` writes files so that nobody ever sees half of one.

mod file;
mod shown;

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;

use plimsoll_assess::{Settings, assess, select_controls};
use plimsoll_catalog::{Catalog, Control, Severity};
use plimsoll_document::{Parsed, Problem};
use plimsoll_inventory::Inventory;
use plimsoll_remedy::{
    Outcome, Request, Scanned, json_patches, remedy, strategic_merge_patches, unified_diff,
};
use plimsoll_report::console::error_line;
use plimsoll_report::text::printable;
use plimsoll_sources::Lists;

use crate::arguments::{FixArguments, PatchFormat, ScanArguments, WorkArguments};
use crate::configuration::Configuration;
use crate::exceptions;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::reading::{self, Rendering, problems};
use crate::scan::version;

pub(crate) fn run(arguments: &FixArguments) -> Result<Exit, Failure> {
    if arguments.write && arguments.paths.iter().any(|path| path.as_os_str() == "-") {
        let message = "standard input cannot be written to; without --write the edits are shown";
        return Err(Failure::Usage(message.to_owned()));
    }
    let mut configuration = Configuration::find(arguments.config.as_deref(), &arguments.paths)?;
    let mut scan = ScanArguments {
        paths: arguments.paths.clone(),
        framework: arguments.framework.clone(),
        control: arguments.control.clone(),
        controls: arguments.controls.clone(),
        severity: arguments.severity,
        kubernetes_version: arguments.kubernetes_version.clone(),
        exceptions: arguments.exceptions.clone(),
        work: arguments.work.clone(),
        ..ScanArguments::default()
    };
    configuration.complete(&mut scan);
    let threads = scan.work.threads();
    let catalog = configuration.catalog(&scan.controls)?;
    let kubernetes = version(scan.kubernetes_version.as_deref())?;
    let asked = select_controls(
        catalog,
        &scan.control,
        &scan.framework,
        scan.severity.map(Severity::from),
        kubernetes,
    )?;
    let wanted: HashSet<String> = asked.iter().map(|control| control.id.clone()).collect();
    let request = Request {
        controls: &wanted,
        allow_unsafe: arguments.allow_unsafe,
        by_name: !arguments.control.is_empty(),
        // A diff is of files, and a patch for Kustomize of objects.
        rendered: arguments.patch_format != PatchFormat::Patch,
    };
    let rendering = Rendering::new(&arguments.render, &mut configuration, kubernetes, threads);
    let input = read(&arguments.paths, &rendering, &scan.work);
    for error in &input.errors {
        output::message(&format!("error: {}", printable(error)));
    }
    let exceptions = match &scan.exceptions {
        Some(path) => exceptions::file::read(path, catalog)?,
        None => Vec::new(),
    };
    let settings = Settings {
        exceptions: &exceptions,
        now: jiff::Timestamp::now(),
        threads,
        limits: scan.work.control_limits(),
        ..Settings::at(kubernetes)
    };
    let outcome = fixed(catalog, input.sources, request, settings);
    let mut exit = if input.errors.is_empty() {
        Exit::Done
    } else {
        Exit::Incomplete
    };
    let written = if arguments.write {
        let refused = write(&outcome)?;
        if !refused.is_empty() {
            exit = Exit::Incomplete;
        }
        Some(refused)
    } else {
        show(&outcome, arguments)?;
        None
    };
    for line in shown::summary(&outcome, catalog, written.as_ref(), arguments.quiet) {
        output::message(&line);
    }
    Ok(exit)
}

/// What could be read, and what not.
struct Input {
    sources: Vec<Parsed>,
    errors: Vec<String>,
}

fn read(paths: &[std::path::PathBuf], rendering: &Rendering, work: &WorkArguments) -> Input {
    // An edit must leave all else of a list as it is, which one tree shows.
    let reading = reading::read(paths, rendering, work, Lists::Whole);
    let mut errors = reading.errors;
    let mut sources = Vec::new();
    let is_error = |problem: &Problem| problem.severity == plimsoll_document::Severity::Error;
    for parsed in reading.sources.into_iter().flat_map(|source| source.texts) {
        problems(&parsed, is_error, &mut errors, &mut Vec::new());
        sources.push(parsed);
    }
    errors.extend(
        reading
            .snapshots
            .into_iter()
            .map(|(path, _)| plimsoll_report::ScanError {
                file: path,
                position: None,
                message: "it is compressed, and no text to edit".to_owned(),
                source: None,
            }),
    );
    Input {
        sources,
        errors: errors.iter().map(error_line).collect(),
    }
}

fn fixed(
    catalog: &Catalog,
    sources: Vec<Parsed>,
    request: Request<'_>,
    settings: Settings<'_>,
) -> Outcome {
    // All controls, whatever was asked for: an edit must not make a finding of any other.
    let controls: Vec<&Control> = catalog.controls().iter().collect();
    let mut scan = |sources: &[Arc<Parsed>]| {
        let mut builder = Inventory::builder();
        builder.work_on(settings.threads);
        for source in sources {
            builder.add(source);
        }
        let inventory = builder.finish();
        let assessment = assess(&inventory, &controls, &[], settings);
        Scanned {
            inventory,
            assessment,
        }
    };
    remedy(sources, request, &mut scan)
}

/// Writes every file that changes; gives those that could not be written.
fn write(outcome: &Outcome) -> Result<BTreeSet<String>, Failure> {
    let mut refused = BTreeSet::new();
    let mut text = String::new();
    for source in &outcome.sources {
        let name = source.before.name();
        if source.before.origin().is_some() {
            // The file is a template, and the text what came of it.
            refused.insert(name.to_owned());
            continue;
        }
        match file::replace(Path::new(name), source.before.text(), &source.after) {
            Ok(()) => text.push_str(&format!("{}\n", printable(name))),
            Err(error) => {
                refused.insert(name.to_owned());
                let line = format!("error: {name} was not written: {error}");
                output::message(&printable(&line));
            }
        }
    }
    output::results(&text)?;
    Ok(refused)
}

fn show(outcome: &Outcome, arguments: &FixArguments) -> Result<(), Failure> {
    match arguments.patch_format {
        PatchFormat::JsonPatch => output::json(&json_patches(&outcome.objects)),
        PatchFormat::Kustomize => output::results(&strategic_merge_patches(&outcome.objects)),
        PatchFormat::Patch => {
            let look = output::look(&arguments.look);
            let diff: String = outcome
                .sources
                .iter()
                .filter(|source| source.before.origin().is_none())
                .map(|source| {
                    unified_diff(source.before.name(), source.before.text(), &source.after)
                })
                .collect();
            output::results(&shown::diff(&diff, look.paint))
        }
    }
}
