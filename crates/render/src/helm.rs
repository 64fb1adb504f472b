//! `helm template`

use std::ffi::OsString;
use std::path::Path;

use crate::error::RenderError;
use crate::renderer::{ChartOptions, Document, Limits};
use crate::{helm_output, process, program};

/// What Helm says of a chart that is for other charts only (`pkg/action/install.go`).
const LIBRARY: &str = "library charts are not installable";

pub(crate) fn template(
    named: Option<&Path>,
    chart: &Path,
    options: &ChartOptions,
    limits: &Limits,
) -> Result<Vec<Document>, RenderError> {
    let Some(helm) = program::find(named, &["helm"]) else {
        let what = named.map_or_else(
            || "helm is not on the PATH".to_owned(),
            |named| format!("there is no program {}", named.display()),
        );
        let text = format!(
            "this Helm chart was not scanned, since {what}: install Helm, or scan what it prints elsewhere"
        );
        return Err(RenderError::NoProgram(text));
    };
    let home = temporary_folder("helm")?;
    let ran = process::run(&helm, &arguments(chart, options), home.path(), limits)?;
    if ran.succeeded {
        return Ok(helm_output::documents(&ran.printed));
    }
    let words = process::words(&ran.complaints, &[home.path()]);
    Err(RenderError::Failed(format!("helm says: {words}")))
}

fn arguments(chart: &Path, options: &ChartOptions) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["template".into()];
    let mut option = |name: &str, value: &dyn AsRef<std::ffi::OsStr>| {
        let mut argument = OsString::from(format!("--{name}="));
        argument.push(value.as_ref());
        arguments.push(argument);
    };
    if let Some(namespace) = &options.namespace {
        option("namespace", namespace);
    }
    option("kube-version", &format!("v{}.0", options.kubernetes));
    for file in &options.values {
        option("values", file);
    }
    for value in &options.set {
        option("set", value);
    }
    arguments.push("--include-crds".into());
    if !options.tests {
        arguments.push("--skip-tests".into());
    }
    // Behind two dashes nothing is an option, whatever it is called.
    arguments.push("--".into());
    arguments.extend(options.release.as_ref().map(OsString::from));
    arguments.push(chart.into());
    arguments
}

/// Whether a chart was refused since it is for other charts only.
pub(crate) fn is_library(error: &RenderError) -> bool {
    matches!(error, RenderError::Failed(words) if words.contains(LIBRARY))
}

/// An empty folder that goes when it is dropped.
pub(crate) fn temporary_folder(program: &str) -> Result<tempfile::TempDir, RenderError> {
    tempfile::Builder::new()
        .prefix("plimsoll-")
        .tempdir()
        .map_err(|error| RenderError::Start {
            program: program.to_owned(),
            reason: format!("no temporary folder can be made: {error}"),
        })
}
