//! `plimsoll scan`
//!
//! `options` turns what was typed into what is done, `input` reads, `gates` and `baseline` decide what breaks the build,
//! `exceptions` says what is wrong with exceptions.

mod baseline;
mod exceptions;
mod gates;
mod input;
pub(crate) mod live;
mod options;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::mem::ManuallyDrop;
use std::path::Path;
use std::ptr;
use std::time::Instant;

use plimsoll_assess::{Assessment, Settings, assess};
use plimsoll_catalog::{Control, Severity};
use plimsoll_cluster::rights::roles;
use plimsoll_inventory::Inventory;
use plimsoll_report::console::error_line;
use plimsoll_report::text::{counted, printable};
use plimsoll_report::{
    ScanError, ScanResult, console, csv, github, gitlab, gitlab_sast, html, json, junit, markdown,
    oscal, pdf, policyreport, prometheus, sarif, warning_line,
};

use crate::arguments::ScanArguments;
use crate::attestations;
use crate::configuration::Configuration;
use crate::exceptions::file;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::progress::Progress;
use crate::reading::Rendering;

pub(crate) use baseline::read_report;
use input::Gathering;
pub(crate) use input::gather;
use live::Found;
use options::{Format, Target};
pub(crate) use options::{Options, version};

pub(crate) fn run(arguments: &ScanArguments) -> Result<Exit, Failure> {
    if arguments.explain_permissions {
        return explain_permissions(arguments);
    }
    with_result(arguments, |result, options| {
        for target in &options.targets {
            write(result, options, target)?;
        }
        Ok(conclude(result, options))
    })
}

/// Prints the roles that a scan takes.
fn explain_permissions(arguments: &ScanArguments) -> Result<Exit, Failure> {
    let configuration = Configuration::find(arguments.config.as_deref(), &arguments.paths)?;
    let mut arguments = arguments.clone();
    configuration.complete(&mut arguments);
    let catalog = configuration.catalog(&arguments.controls)?;
    let options = Options::resolve(&arguments, catalog, None)?;
    let wanted = live::wanted(&options.controls);
    output::results(&roles(&wanted, &arguments.of_cluster.options()))?;
    Ok(Exit::Done)
}

/// Scans, and hands over what came out.
pub(crate) fn with_result<T>(
    arguments: &ScanArguments,
    then: impl FnOnce(&ScanResult<'_>, &Options<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let started = Instant::now();
    let now = jiff::Timestamp::now();
    let mut configuration = Configuration::find(arguments.config.as_deref(), &arguments.paths)?;
    let mut arguments = arguments.clone();
    configuration.complete(&mut arguments);
    let threads = arguments.work.threads();
    let catalog = configuration.catalog(&arguments.controls)?;
    let attestations = match &arguments.attestations {
        Some(path) => {
            let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
            attestations::read(path, catalog, today)?
        }
        None => Vec::new(),
    };
    let exceptions = match &arguments.exceptions {
        Some(path) => file::read(path, catalog)?,
        None => Vec::new(),
    };
    let baseline = arguments
        .baseline
        .as_deref()
        .map(baseline::read)
        .transpose()?;
    // What was typed is checked before anything is read; which controls count may depend on a cluster's version.
    let mut options = Options::resolve(&arguments, catalog, None)?;
    let progress = Progress::start();
    progress.phase("reading");
    let cluster = arguments
        .cluster
        .then(|| live::connect(arguments.of_cluster.options()))
        .transpose()?;
    let version = match &cluster {
        Some(Found::Live(cluster)) => cluster.about().kubernetes,
        _ => None,
    };
    if version.is_some() {
        options = Options::resolve(&arguments, catalog, version)?;
    }
    let rendering = Rendering::new(
        &arguments.render,
        &mut configuration,
        options.kubernetes,
        threads,
    );
    let mut input =
        Gathering::of_files(&options.paths, options.strict, &rendering, &arguments.work);
    if version.is_none() && input.kubernetes.is_some() {
        options = Options::resolve(&arguments, catalog, input.kubernetes)?;
    }
    if let Some(cluster) = cluster {
        let wanted = live::wanted(&options.controls);
        let (source, errors) = live::add(cluster, &wanted, &mut input.builder)?;
        input.sources.extend(source);
        input.errors.extend(errors);
    }
    if let Some(query) = &options.query {
        input.builder.judge_only(query.clone());
    }
    let input = input.finish(&options.paths, options.strict);
    let others: Vec<&Control> = catalog
        .controls()
        .iter()
        .filter(|control| {
            !options
                .controls
                .iter()
                .any(|asked| ptr::eq(*asked, *control))
        })
        .collect();
    progress.phase(format!(
        "judging {} by {}",
        counted(input.inventory.objects().len(), "object"),
        counted(options.controls.len(), "control")
    ));
    let assessment = assess(
        &input.inventory,
        &options.controls,
        &options.frameworks,
        Settings {
            kubernetes: options.kubernetes,
            threads,
            limits: arguments.work.control_limits(),
            others: &others,
            attestations: &attestations,
            regulated: configuration.regulated_namespaces.as_deref(),
            exceptions: &exceptions,
            compat: &options.compat,
            now,
        },
    );
    drop(progress);
    let mut errors = input.errors;
    errors.extend(live::unread_errors(
        &options.controls,
        &input.inventory,
        &input.sources,
    ));
    errors.extend(errors_of(&input.inventory, &assessment));
    let mut warnings = input.warnings;
    warnings.extend(exceptions::warnings(&assessment));
    let mut result = ScanResult {
        version: env!("CARGO_PKG_VERSION"),
        sources: input.sources,
        gates: options.gates.judge(&assessment),
        inventory: input.inventory,
        assessment,
        errors,
        warnings,
        generated_at: now.to_string(),
        duration_ms: started.elapsed().as_secs_f64() * 1_000.0,
    };
    if let Some(baseline) = &baseline {
        let level = arguments.fail_on.map(Severity::from);
        let gate = baseline::gate(baseline, &result, level);
        result.gates.insert(0, gate);
    }
    // The program ends after this: taking millions of parts apart before would be work for nothing.
    let result = ManuallyDrop::new(result);
    then(&result, &options)
}

/// Controls that could not be judged on an object.
fn errors_of(inventory: &Inventory, assessment: &Assessment<'_>) -> Vec<ScanError> {
    assessment
        .not_assessed
        .iter()
        .filter(|missing| missing.is_error)
        .map(|missing| {
            let object = &inventory.objects()[missing.object.0 as usize];
            let control = assessment.controls[missing.control].control;
            ScanError {
                file: match object.tree().source().name() {
                    "" => "cluster".to_owned(),
                    name => name.to_owned(),
                },
                // A place in what an API server said is none that a person could look at.
                position: (!object.tree().source().name().is_empty())
                    .then(|| object.tree().source().written_at(object.root().position()))
                    .flatten(),
                message: format!(
                    "{} could not be assessed on {} {}: {}",
                    control.id,
                    object.kind(),
                    object.name(),
                    missing.reason
                ),
                source: None,
            }
        })
        .collect()
}

fn write(result: &ScanResult<'_>, options: &Options<'_>, target: &Target) -> Result<(), Failure> {
    match &target.file {
        None => output::write_results(|out| render(result, options, target, out)),
        Some(path) => write_file(path, |out| render(result, options, target, out)),
    }
}

fn render(
    result: &ScanResult<'_>,
    options: &Options<'_>,
    target: &Target,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    match target.format {
        Format::Json => json::write(result, out),
        Format::Sarif => sarif::write(result, out),
        Format::Junit => junit::write(result, out),
        Format::Csv => csv::write(result, out),
        Format::Markdown => markdown::write(result, out),
        Format::Gitlab => gitlab::write(result, out),
        Format::GitlabSast => gitlab_sast::write(result, out),
        Format::Github => github::write(result, out),
        Format::Prometheus => prometheus::write(result, out),
        Format::PolicyReport(flavour) => policyreport::write(result, flavour, out),
        Format::Html => html::write(result, out),
        Format::Pdf => pdf::write(result, out),
        Format::Oscal => oscal::assessment_results(result, out),
        Format::OscalPlan => oscal::plan_of_action(result, out),
        Format::OscalComponent => oscal::component_definition(result, out),
        Format::Console => {
            let text = console::render(result, options.detail, options.look_of(target));
            out.write_all(text.as_bytes())
        }
    }
}

fn write_file(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let write = || {
        let mut file = BufWriter::new(File::create(path)?);
        content(&mut file)?;
        file.flush()
    };
    write().map_err(|error| Failure::File {
        path: path.display().to_string(),
        error,
    })
}

/// The exit code, and why it is not 0 for those who do not read the report.
fn conclude(result: &ScanResult<'_>, options: &Options<'_>) -> Exit {
    let is_shown = options.targets.iter().any(Target::is_console_on_stdout);
    if !is_shown {
        for error in &result.errors {
            output::message(&format!("error: {}", error_line(error)));
        }
        for warning in &result.warnings {
            output::message(&format!("warning: {}", printable(&warning_line(warning))));
        }
    }
    let broken: Vec<_> = result.gates.iter().filter(|gate| !gate.holds).collect();
    for gate in &broken {
        let text = format!("gate {} broken: {}", gate.gate, gate.reason);
        output::message(&printable(&text));
    }
    if result.assessment.objects == 0 {
        let text = format!(
            "nothing was scanned: no Kubernetes object in {}",
            input::named(&options.paths)
        );
        output::message(&printable(&text));
        return Exit::Incomplete;
    }
    if !result.errors.is_empty() {
        let errors = counted(result.errors.len(), "thing");
        let text = format!("incomplete: {errors} could not be read or assessed");
        output::message(&text);
        return Exit::Incomplete;
    }
    if broken.is_empty() {
        Exit::Done
    } else {
        Exit::Gate
    }
}
