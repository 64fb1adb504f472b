//! `plimsoll scan`

use std::path::PathBuf;
use std::time::Instant;

use plimsoll_assess::{Assessment, Settings, assess, select_controls};
use plimsoll_catalog::{Catalog, Framework, Severity};
use plimsoll_document::{Limits, ProblemKind};
use plimsoll_inventory::{Inventory, KubernetesVersion};
use plimsoll_report::{ScanError, ScanResult, ScanWarning, SourceSummary, console, json};
use plimsoll_sources::{Read, find, read_all};

use crate::arguments::ScanArguments;
use crate::exit::{Exit, Failure};
use crate::output;

/// Formats that there are.
const FORMATS: &[&str] = &["console", "json"];

pub(crate) fn run(arguments: &ScanArguments) -> Result<Exit, Failure> {
    let started = Instant::now();
    let formats = formats(&arguments.formats)?;
    let kubernetes = version(arguments.kubernetes_version.as_deref())?;
    let catalog = Catalog::built_in()?;
    let controls = select_controls(
        &catalog,
        &arguments.control,
        &arguments.framework,
        arguments.severity.map(Severity::from),
        kubernetes,
    )?;
    if controls.is_empty() {
        let message = "no control is left: what was asked for excludes each other";
        return Err(Failure::Usage(message.to_owned()));
    }
    let frameworks = frameworks(&catalog, &arguments.framework)?;

    let input = gather(&arguments.paths, arguments.strict);
    let assessment = assess(
        &input.inventory,
        &controls,
        &frameworks,
        Settings { kubernetes },
    );
    let mut errors = input.errors;
    errors.extend(errors_of(&input.inventory, &assessment));
    let result = ScanResult {
        version: env!("CARGO_PKG_VERSION"),
        sources: input.sources,
        inventory: input.inventory,
        assessment,
        errors,
        warnings: input.warnings,
        generated_at: jiff::Timestamp::now().to_string(),
        duration_ms: started.elapsed().as_secs_f64() * 1_000.0,
    };
    for (format, file) in &formats {
        write(&result, arguments, format, file.as_ref())?;
    }
    Ok(exit(&result, arguments))
}

/// A format and the file it goes to; standard output where there is none.
type Target = (String, Option<PathBuf>);

fn formats(asked: &[String]) -> Result<Vec<Target>, Failure> {
    if asked.is_empty() {
        return Ok(vec![("console".to_owned(), None)]);
    }
    asked
        .iter()
        .map(|text| {
            let (format, file) = match text.split_once('=') {
                Some((format, file)) => (format, Some(PathBuf::from(file))),
                None => (text.as_str(), None),
            };
            if FORMATS.contains(&format) {
                return Ok((format.to_owned(), file));
            }
            let message = format!(
                "there is no format '{format}'; there are {}",
                FORMATS.join(", ")
            );
            Err(Failure::Usage(message))
        })
        .collect()
}

fn version(asked: Option<&str>) -> Result<KubernetesVersion, Failure> {
    let Some(text) = asked else {
        return Ok(KubernetesVersion::NEWEST);
    };
    let version = KubernetesVersion::parse(text)?;
    if version > KubernetesVersion::NEWEST {
        output::message(&format!(
            "warning: Kubernetes {version} is newer than {}, the newest whose rules are known; those count",
            KubernetesVersion::NEWEST
        ));
    }
    Ok(version.known())
}

/// The frameworks that were asked for, else all.
fn frameworks<'c>(catalog: &'c Catalog, asked: &[String]) -> Result<Vec<&'c Framework>, Failure> {
    if asked.is_empty() {
        return Ok(catalog.frameworks().iter().collect());
    }
    let mut found = Vec::new();
    for id in asked {
        found.push(catalog.find_framework(id)?);
    }
    Ok(found)
}

/// What was read.
pub(crate) struct Input {
    pub(crate) inventory: Inventory,
    pub(crate) sources: Vec<SourceSummary>,
    pub(crate) errors: Vec<ScanError>,
    pub(crate) warnings: Vec<ScanWarning>,
}

/// Finds, reads and parses what the user named.
pub(crate) fn gather(paths: &[PathBuf], strict: bool) -> Input {
    let found = find(paths);
    let mut errors: Vec<ScanError> = found
        .errors
        .into_iter()
        .map(|error| ScanError {
            file: error.path,
            position: None,
            message: error.reason,
        })
        .collect();
    let mut warnings = Vec::new();
    let mut sources = Vec::new();
    let mut builder = Inventory::builder();
    for read in read_all(&found.files, &Limits::default()) {
        match read {
            Read::Failed(error) => errors.push(ScanError {
                file: error.path,
                position: None,
                message: error.reason,
            }),
            Read::NotText { path, problem } => errors.push(ScanError {
                file: path,
                position: Some(problem.position),
                message: problem.kind.to_string(),
            }),
            Read::Parsed(parsed) => {
                let file = parsed.tree.source().name().to_owned();
                for problem in &parsed.problems {
                    let is_error = problem.severity == plimsoll_document::Severity::Error
                        || strict && matches!(problem.kind, ProblemKind::DuplicateKey { .. });
                    if is_error {
                        errors.push(ScanError {
                            file: file.clone(),
                            position: Some(problem.position),
                            message: problem.kind.to_string(),
                        });
                    } else {
                        warnings.push(ScanWarning {
                            file: file.clone(),
                            position: problem.position,
                            message: problem.kind.to_string(),
                        });
                    }
                }
                let (objects, skipped) = builder.add(&parsed);
                sources.push(SourceSummary {
                    location: file,
                    documents: parsed.documents.len(),
                    objects,
                    skipped,
                });
            }
        }
    }
    let inventory = builder.finish();
    if strict {
        for skipped in inventory.skipped() {
            errors.push(ScanError {
                file: skipped.source.clone(),
                position: Some(plimsoll_document::Position {
                    line: skipped.line,
                    column: 1,
                }),
                message: format!("not a Kubernetes object: {}", skipped.reason),
            });
        }
    }
    if inventory.objects().is_empty() && errors.is_empty() {
        // Nothing was looked at: that must not look like nothing is wrong.
        let paths: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        errors.push(ScanError {
            file: paths.join(", "),
            position: None,
            message: "no Kubernetes object was found".to_owned(),
        });
    }
    Input {
        inventory,
        sources,
        errors,
        warnings,
    }
}

/// Controls that could not be judged on an object.
fn errors_of(inventory: &Inventory, assessment: &Assessment<'_>) -> Vec<ScanError> {
    assessment
        .not_assessed
        .iter()
        .map(|missing| {
            let object = &inventory.objects()[missing.object.0 as usize];
            ScanError {
                file: object.tree().source().name().to_owned(),
                position: Some(object.root().position()),
                message: format!(
                    "{} {} was not assessed: {}",
                    object.kind(),
                    object.name(),
                    missing.reason
                ),
            }
        })
        .collect()
}

fn write(
    result: &ScanResult<'_>,
    arguments: &ScanArguments,
    format: &str,
    file: Option<&PathBuf>,
) -> Result<(), Failure> {
    let text = if format == "json" {
        json::render(result)
    } else {
        let mut look = output::look(
            arguments.look.color,
            arguments.look.output_width,
            arguments.quiet,
        );
        if file.is_some() {
            look.paint.colour = false;
        }
        console::render(result, look)
    };
    match file {
        Some(file) => std::fs::write(file, text).map_err(Failure::Output),
        None => output::results(&text),
    }
}

fn exit(result: &ScanResult<'_>, arguments: &ScanArguments) -> Exit {
    let assessment = &result.assessment;
    if !result.errors.is_empty() {
        return Exit::Incomplete;
    }
    let fails = arguments.fail_on.is_some_and(|level| {
        Severity::ALL
            .into_iter()
            .filter(|severity| *severity >= level.into())
            .any(|severity| assessment.failed_findings(severity) > 0)
    });
    // Where frameworks are asked for, each of them is held to the gate.
    let scores: Vec<_> = if arguments.framework.is_empty() {
        vec![assessment.score]
    } else {
        assessment
            .frameworks
            .iter()
            .map(|framework| framework.score)
            .collect()
    };
    let too_low = arguments
        .min_score
        .is_some_and(|least| scores.iter().any(|score| score.floor < least));
    let too_little = arguments
        .min_coverage
        .is_some_and(|least| scores.iter().any(|score| score.coverage < least));
    if fails || too_low || too_little {
        Exit::Gate
    } else {
        Exit::Done
    }
}
