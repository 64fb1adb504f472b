//! What was typed, resolved: names are controls, formats are known, versions are numbers.

use std::path::PathBuf;

use plimsoll_assess::{Tool, select_controls};
use plimsoll_catalog::{Catalog, Control, Framework, Severity};
use plimsoll_inventory::{KubernetesVersion, LabelQuery};
use plimsoll_report::console::Detail;
use plimsoll_report::policyreport::Flavour;
use plimsoll_report::text::{Look, printable};

use crate::arguments::ScanArguments;
use crate::exit::Failure;
use crate::output;
use crate::scan::gates::Gates;

/// What a scan does.
pub(crate) struct Options<'c> {
    pub(super) paths: Vec<PathBuf>,
    pub(super) controls: Vec<&'c Control>,
    pub(super) frameworks: Vec<&'c Framework>,
    pub(super) kubernetes: KubernetesVersion,
    /// What labels objects must have to be judged.
    pub(super) query: Option<LabelQuery>,
    pub(super) strict: bool,
    pub(super) compat: Vec<Tool>,
    pub(super) targets: Vec<Target>,
    pub(super) gates: Gates,
    pub(super) detail: Detail,
    look: Look,
}

/// A report and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(super) format: Format,
    /// Standard output where there is none.
    pub(super) file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Console,
    Json,
    Sarif,
    Junit,
    Csv,
    Markdown,
    Gitlab,
    GitlabSast,
    Github,
    Prometheus,
    PolicyReport(Flavour),
    Html,
    Pdf,
    Oscal,
    OscalPlan,
    OscalComponent,
}

/// Formats by name.
const FORMATS: &[(&str, Format)] = &[
    ("console", Format::Console),
    ("json", Format::Json),
    ("sarif", Format::Sarif),
    ("junit", Format::Junit),
    ("csv", Format::Csv),
    ("markdown", Format::Markdown),
    ("gitlab", Format::Gitlab),
    ("gitlab-sast", Format::GitlabSast),
    ("github", Format::Github),
    ("prometheus", Format::Prometheus),
    ("policyreport", Format::PolicyReport(Flavour::PolicyReport)),
    ("openreports", Format::PolicyReport(Flavour::OpenReports)),
    ("html", Format::Html),
    ("pdf", Format::Pdf),
    ("oscal", Format::Oscal),
    ("oscal-poam", Format::OscalPlan),
    ("oscal-component", Format::OscalComponent),
];

impl<'c> Options<'c> {
    pub(super) fn resolve(
        arguments: &ScanArguments,
        catalog: &'c Catalog,
        of_cluster: Option<KubernetesVersion>,
    ) -> Result<Options<'c>, Failure> {
        let kubernetes = match (&arguments.kubernetes_version, of_cluster) {
            (None, Some(version)) => known(version),
            (asked, _) => version(asked.as_deref())?,
        };
        if let (false, Some(argument)) = (arguments.cluster, arguments.of_cluster.given()) {
            let message = format!("{argument} says something of a cluster; give --cluster, too");
            return Err(Failure::Usage(message));
        }
        for name in arguments
            .of_cluster
            .namespace
            .iter()
            .chain(&arguments.of_cluster.node_facts)
        {
            if !is_namespace(name) {
                let message = format!("'{}' is no name of a namespace", printable(name));
                return Err(Failure::Usage(message));
            }
        }
        let query = arguments
            .selector
            .as_deref()
            .map(LabelQuery::parse)
            .transpose()
            .map_err(|error| Failure::Usage(printable(&error.to_string())))?;
        let frameworks = frameworks(catalog, &arguments.framework)?;
        let controls = select_controls(
            catalog,
            &arguments.control,
            &arguments.framework,
            arguments.severity.map(Severity::from),
            kubernetes,
        )?;
        if controls.is_empty() {
            let message = "no control is left to scan by: --control, --framework and --severity exclude each other here";
            return Err(Failure::Usage(message.to_owned()));
        }
        Ok(Options {
            paths: arguments.paths.clone(),
            controls,
            frameworks,
            kubernetes,
            query,
            strict: arguments.strict,
            compat: compat(&arguments.compat)?,
            targets: targets(&arguments.formats)?,
            gates: Gates::new(arguments),
            detail: if arguments.quiet {
                Detail::Summary
            } else {
                Detail::Full
            },
            look: output::look(&arguments.look),
        })
    }

    /// Colours are for standard output; a file is read in an editor.
    pub(super) fn look_of(&self, target: &Target) -> Look {
        let mut look = self.look;
        if target.file.is_some() {
            look.paint.colour = false;
        }
        look
    }
}

impl Target {
    pub(super) fn is_console_on_stdout(&self) -> bool {
        self.format == Format::Console && self.file.is_none()
    }

    fn parse(text: &str) -> Result<Target, Failure> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => {
                let message = format!("--format {text} names no file after the equals sign");
                return Err(Failure::Usage(message));
            }
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        let known = FORMATS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        let Some((_, format)) = known else {
            let known: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
            let message = format!(
                "there is no format '{}' in this version; there are: {}",
                printable(name),
                known.join(", ")
            );
            return Err(Failure::Usage(message));
        };
        Ok(Target {
            format: *format,
            file: file.filter(|file| *file != "-").map(PathBuf::from),
        })
    }
}

fn targets(asked: &[String]) -> Result<Vec<Target>, Failure> {
    if asked.is_empty() {
        return Ok(vec![Target {
            format: Format::Console,
            file: None,
        }]);
    }
    let mut targets: Vec<Target> = Vec::new();
    for text in asked {
        let target = Target::parse(text)?;
        if targets.iter().any(|other| other.file == target.file) {
            let place = target
                .file
                .as_ref()
                .map_or("standard output".to_owned(), |file| {
                    file.display().to_string()
                });
            let message = format!(
                "two reports would go to {place}; give one of them a file of its own with --format FMT=FILE"
            );
            return Err(Failure::Usage(message));
        }
        targets.push(target);
    }
    Ok(targets)
}

/// Tools whose annotations and comments are honoured, each once.
fn compat(asked: &[String]) -> Result<Vec<Tool>, Failure> {
    let mut tools = Vec::new();
    for name in asked {
        let tool = Tool::parse(name).ok_or_else(|| {
            let known: Vec<&str> = Tool::ALL.iter().map(|tool| tool.name()).collect();
            let text = format!(
                "there is no tool '{}' to be compatible with; there are: {}",
                printable(name),
                known.join(", ")
            );
            Failure::Usage(text)
        })?;
        if !tools.contains(&tool) {
            tools.push(tool);
        }
    }
    Ok(tools)
}

pub(crate) fn version(asked: Option<&str>) -> Result<KubernetesVersion, Failure> {
    let Some(text) = asked else {
        return Ok(KubernetesVersion::NEWEST);
    };
    Ok(known(KubernetesVersion::parse(text)?))
}

/// Whether a text can be the name of a namespace: it becomes part of addresses.
pub(crate) fn is_namespace(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.len() <= 63 && name.bytes().all(is_letter)
}

/// A version, or the newest one whose rules are known.
fn known(version: KubernetesVersion) -> KubernetesVersion {
    if version > KubernetesVersion::NEWEST {
        output::message(&format!(
            "warning: Kubernetes {version} is newer than {}, the newest whose rules are known; those count",
            KubernetesVersion::NEWEST
        ));
    }
    version.known()
}

/// The frameworks that were asked for, else all.
fn frameworks<'c>(catalog: &'c Catalog, asked: &[String]) -> Result<Vec<&'c Framework>, Failure> {
    if asked.is_empty() {
        return Ok(catalog.frameworks().iter().collect());
    }
    let mut found: Vec<&Framework> = Vec::new();
    for id in asked {
        let framework = catalog.find_framework(id)?;
        if !found.iter().any(|other| other.id == framework.id) {
            found.push(framework);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(asked: &[&str]) -> Result<Vec<Target>, String> {
        let asked: Vec<String> = asked.iter().map(ToString::to_string).collect();
        targets(&asked).map_err(|failure| failure.to_string())
    }

    #[test]
    fn every_report_goes_somewhere_else() {
        let json = |file: Option<&str>| Target {
            format: Format::Json,
            file: file.map(PathBuf::from),
        };
        assert_eq!(of(&["JSON=a=b.json"]), Ok(vec![json(Some("a=b.json"))]));
        assert_eq!(of(&["json=-"]), Ok(vec![json(None)]));
        assert!(of(&["console", "json=a", "json=b"]).is_ok());
        for (asked, words) in [
            (&["json", "console"][..], "standard output"),
            (&["json=a", "console=a"], "go to a;"),
            (&["json="], "names no file"),
            (&["xml=x"], "there are: console, json, sarif"),
            (&[""], "there is no format ''"),
        ] {
            let message = of(asked).unwrap_err();
            assert!(message.contains(words), "{message}");
        }
    }
}
