//! The configuration file: `plimsoll.yaml`, searched upwards from the first path that is scanned.

pub(crate) mod rendering;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use plimsoll_catalog::{Catalog, to_json};
use plimsoll_document::Node;
use serde_json::Value;

use crate::arguments::{
    Level, MOST_FILE_SIZE, MOST_MEMORY, MOST_SECONDS, MOST_THREADS, ScanArguments, WorkArguments,
};
use crate::exit::Failure;
use crate::pages;
use crate::yaml_file::{self, wrong};
use rendering::{ChartSettings, HelmSettings};

/// What the file is called.
pub(crate) const NAME: &str = "plimsoll.yaml";

/// The settings.
pub(crate) const KEYS: &[&str] = &[
    "framework",
    "control",
    "controls",
    "severity",
    "kubernetes-version",
    "strict",
    "fail-on",
    "min-score",
    "min-coverage",
    "attestations",
    "exceptions",
    "compat",
    "baseline",
    "regulated-namespaces",
    "render",
    "render-time-limit",
    "helm",
    "kustomize",
    "charts",
    "threads",
    "control-time-limit",
    "control-memory-limit",
    "file-size-limit",
    "parameters",
];

/// What a configuration file sets.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    /// Where it was read; what it names is found from its folder.
    path: Option<PathBuf>,
    framework: Vec<String>,
    control: Vec<String>,
    controls: Vec<PathBuf>,
    severity: Option<Level>,
    kubernetes_version: Option<String>,
    strict: bool,
    fail_on: Option<Level>,
    min_score: Option<f64>,
    min_coverage: Option<f64>,
    pub(crate) attestations: Option<PathBuf>,
    exceptions: Option<PathBuf>,
    compat: Vec<String>,
    baseline: Option<PathBuf>,
    pub(crate) regulated_namespaces: Option<Vec<String>>,
    parameters: BTreeMap<String, Value>,
    work: WorkArguments,
    pub(crate) rendering: RenderSettings,
}

/// How charts and kustomizations are rendered.
#[derive(Debug, Default)]
pub(crate) struct RenderSettings {
    pub(crate) is_on: Option<bool>,
    pub(crate) time_limit: Option<u64>,
    pub(crate) helm: HelmSettings,
    pub(crate) kustomize: Option<PathBuf>,
    pub(crate) charts: Vec<ChartSettings>,
}

impl Configuration {
    /// Reads the file that was named, or the one that is found; without any, nothing is set.
    pub(crate) fn find(named: Option<&Path>, paths: &[PathBuf]) -> Result<Configuration, Failure> {
        if let Some(path) = named {
            return read(path, true);
        }
        if let Some(path) = above(paths) {
            return read(&path, false);
        }
        of_user().map_or_else(|| Ok(Configuration::default()), |path| read(&path, true))
    }

    /// The built-in controls and these pages, with the parameters that are set. They last as long as the program: taking
    /// thousands of texts and programs apart at its end would be work for nothing.
    pub(crate) fn catalog(&self, controls: &[PathBuf]) -> Result<&'static Catalog, Failure> {
        let mut catalog = Catalog::built_in()?;
        for (path, text) in pages::read(controls)? {
            catalog.add_control(&path, &text)?;
        }
        catalog
            .set_parameters(&self.parameters)
            .map_err(|error| Failure::Parameter {
                file: self
                    .path
                    .as_deref()
                    .unwrap_or(Path::new(NAME))
                    .display()
                    .to_string(),
                error,
            })?;
        Ok(Box::leak(Box::new(catalog)))
    }

    /// Sets what the command line does not.
    pub(crate) fn complete(&self, arguments: &mut ScanArguments) {
        let unset = |list: &[String], asked: &mut Vec<String>| {
            if asked.is_empty() {
                list.clone_into(asked);
            }
        };
        unset(&self.framework, &mut arguments.framework);
        unset(&self.control, &mut arguments.control);
        arguments.controls.extend(self.controls.iter().cloned());
        arguments.severity = arguments.severity.or(self.severity);
        if arguments.kubernetes_version.is_none() {
            arguments
                .kubernetes_version
                .clone_from(&self.kubernetes_version);
        }
        arguments.strict |= self.strict;
        arguments.fail_on = arguments.fail_on.or(self.fail_on);
        arguments.min_score = arguments.min_score.or(self.min_score);
        arguments.min_coverage = arguments.min_coverage.or(self.min_coverage);
        if arguments.attestations.is_none() {
            arguments.attestations.clone_from(&self.attestations);
        }
        if arguments.exceptions.is_none() {
            arguments.exceptions.clone_from(&self.exceptions);
        }
        if arguments.baseline.is_none() {
            arguments.baseline.clone_from(&self.baseline);
        }
        unset(&self.compat, &mut arguments.compat);
        arguments.work.complete(&self.work);
    }
}

/// The nearest file above the first path.
fn above(paths: &[PathBuf]) -> Option<PathBuf> {
    let start = paths.iter().find(|path| path.as_os_str() != "-");
    let start = match start {
        Some(path) => std::path::absolute(path).ok()?,
        None => std::env::current_dir().ok()?,
    };
    start
        .ancestors()
        .map(|folder| folder.join(NAME))
        .find(|file| file.is_file())
}

/// The file in the user's configuration folder.
fn of_user() -> Option<PathBuf> {
    let home = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".config")))?;
    Some(home.join("plimsoll").join(NAME)).filter(|file| file.is_file())
}

/// Reads a file. One that is trusted was put there by whoever runs the scan.
fn read(path: &Path, is_trusted: bool) -> Result<Configuration, Failure> {
    let parsed = yaml_file::read(path)?;
    let root = parsed.documents.first().and_then(|document| document.root);
    let mut found = Configuration {
        path: Some(path.to_path_buf()),
        ..Configuration::default()
    };
    let Some(root) = root.map(|root| parsed.tree.node(root)) else {
        return Ok(found);
    };
    if !root.is_map() {
        return Err(wrong(root, "a map of settings is expected"));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    for (key, value) in root.entries() {
        match key {
            "framework" => found.framework = texts(value)?,
            "control" => found.control = texts(value)?,
            "controls" => {
                found.controls = texts(value)?.iter().map(|path| folder.join(path)).collect();
            }
            "severity" => found.severity = Some(level(value)?),
            "kubernetes-version" => found.kubernetes_version = Some(text_of(value)?),
            "strict" => {
                found.strict = value
                    .as_bool()
                    .ok_or_else(|| wrong(value, "true or false is expected"))?;
            }
            "fail-on" => found.fail_on = Some(level(value)?),
            "min-score" => found.min_score = Some(percent(value)?),
            "min-coverage" => found.min_coverage = Some(percent(value)?),
            "attestations" => found.attestations = Some(folder.join(text_of(value)?)),
            "exceptions" => found.exceptions = Some(folder.join(text_of(value)?)),
            "compat" => found.compat = texts(value)?,
            "baseline" => found.baseline = Some(folder.join(text_of(value)?)),
            "regulated-namespaces" => found.regulated_namespaces = Some(texts(value)?),
            "render" => {
                let is_on = value.as_bool();
                let wrong = || wrong(value, "true or false is expected");
                found.rendering.is_on = Some(is_on.ok_or_else(wrong)?);
            }
            "render-time-limit" => {
                found.rendering.time_limit = Some(number(value, "seconds", 86_400)?);
            }
            "helm" => found.rendering.helm = rendering::helm(value, folder, is_trusted)?,
            "kustomize" => {
                found.rendering.kustomize = rendering::kustomize(value, folder, is_trusted)?;
            }
            "charts" => found.rendering.charts = rendering::charts(value, folder)?,
            "threads" => found.work.threads = Some(number(value, "threads", MOST_THREADS)?),
            "control-time-limit" => {
                found.work.control_time_limit = Some(number(value, "seconds", MOST_SECONDS)?);
            }
            "control-memory-limit" => {
                found.work.control_memory_limit = Some(number(value, "MiB", MOST_MEMORY)?);
            }
            "file-size-limit" => {
                found.work.file_size_limit = Some(number(value, "MiB", MOST_FILE_SIZE)?);
            }
            "parameters" => {
                if !value.is_map() {
                    return Err(wrong(value, "a map of parameters is expected"));
                }
                found.parameters = value
                    .entries()
                    .map(|(name, value)| (name.to_owned(), to_json(value)))
                    .collect();
            }
            other => {
                let known = KEYS.join(", ");
                let text = format!("there is no setting '{other}'; there are: {known}");
                return Err(wrong(value, &text));
            }
        }
    }
    Ok(found)
}

fn text_of(node: Node<'_>) -> Result<String, Failure> {
    node.as_str()
        .map(str::to_owned)
        .ok_or_else(|| wrong(node, "a text is expected; put it in quotes"))
}

fn texts(node: Node<'_>) -> Result<Vec<String>, Failure> {
    if node.is_list() {
        node.children().map(text_of).collect()
    } else {
        Ok(vec![text_of(node)?])
    }
}

fn level(node: Node<'_>) -> Result<Level, Failure> {
    Level::from_str(&text_of(node)?, true)
        .map_err(|_| wrong(node, "one of low, medium, high and critical is expected"))
}

/// A whole number of something, at least 1.
fn number(node: Node<'_>, of: &str, most: u64) -> Result<u64, Failure> {
    node.as_int()
        .and_then(|number| u64::try_from(number).ok())
        .filter(|number| (1..=most).contains(number))
        .ok_or_else(|| {
            let text = format!("a number of {of} is expected, from 1 to {most}");
            wrong(node, &text)
        })
}

fn percent(node: Node<'_>) -> Result<f64, Failure> {
    to_json(node)
        .as_f64()
        .filter(|number| (0.0..=100.0).contains(number))
        .ok_or_else(|| wrong(node, "a number from 0 to 100 is expected"))
}
