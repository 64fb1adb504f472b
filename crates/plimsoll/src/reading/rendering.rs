//! What is rendered and how, and rendering all of it, several at the same time.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use plimsoll_document::{Format, Limits, Parsed, Threads, in_parts, parse};
use plimsoll_inventory::KubernetesVersion;
use plimsoll_render::{
    ChartOptions, Library, Programs, RenderError, library, render_chart, render_kustomization,
};
use plimsoll_report::SourceKind;
use plimsoll_sources::{Chart, Found, Kustomization};

use super::is_same;
use crate::arguments::RenderArguments;
use crate::configuration::Configuration;
use crate::configuration::rendering::{ChartSettings, ValueSet};

/// Whether and how charts and kustomizations are rendered.
#[derive(Debug)]
pub(crate) struct Rendering {
    pub(super) is_on: bool,
    programs: Programs,
    /// For every chart.
    options: ChartOptions,
    /// What was typed, that goes before what the configuration says of a chart.
    typed: ChartOptions,
    charts: Vec<ChartSettings>,
}

impl Rendering {
    /// What was typed goes before the configuration.
    pub(crate) fn new(
        arguments: &RenderArguments,
        configuration: &mut Configuration,
        kubernetes: KubernetesVersion,
        threads: Threads,
    ) -> Rendering {
        let rendering = &mut configuration.rendering;
        let helm = std::mem::take(&mut rendering.helm);
        let mut programs = Programs {
            helm: helm.program,
            kustomize: rendering.kustomize.take(),
            threads,
            ..Programs::default()
        };
        if let Some(seconds) = arguments.render_time_limit.or(rendering.time_limit) {
            programs.limits.time = Duration::from_secs(seconds);
        }
        Rendering {
            is_on: !arguments.no_render && rendering.is_on.unwrap_or(true),
            programs,
            options: ChartOptions {
                release: helm.release,
                namespace: helm.namespace,
                kubernetes: kubernetes.to_string(),
                values: helm.values,
                set: helm.set,
                tests: helm.tests || arguments.helm_tests,
            },
            typed: ChartOptions {
                release: arguments.helm_release.clone(),
                namespace: arguments.helm_namespace.clone(),
                values: arguments.helm_values.clone(),
                set: arguments.helm_set.clone(),
                ..ChartOptions::default()
            },
            charts: std::mem::take(&mut rendering.charts),
        }
    }

    /// What there is to render.
    pub(super) fn jobs<'f>(&self, found: &'f Found) -> Vec<Job<'f>> {
        let charts = found.charts.iter().flat_map(|chart| self.of_chart(chart));
        let kustomizations = found.kustomizations.iter().map(Job::Kustomization);
        charts.chain(kustomizations).collect()
    }

    /// A chart, once for each set of values.
    fn of_chart<'f>(&self, chart: &'f Chart) -> Vec<Job<'f>> {
        let settings = self
            .charts
            .iter()
            .find(|settings| is_same(&settings.path, &chart.path));
        let mut options = self.options.clone();
        let mut sets = None;
        if let Some(settings) = settings {
            options.set.extend(settings.set.iter().cloned());
            options.release = settings.release.clone().or(options.release);
            options.namespace = settings.namespace.clone().or(options.namespace);
            sets = settings.values.as_ref();
        }
        options.release = self.typed.release.clone().or(options.release);
        options.namespace = self.typed.namespace.clone().or(options.namespace);
        options.set.extend(self.typed.set.iter().cloned());
        if !self.typed.values.is_empty() {
            options.values.clone_from(&self.typed.values);
            sets = None;
        }
        let with = |set: &ValueSet| ChartOptions {
            values: set.files.clone(),
            ..options.clone()
        };
        match sets.map_or(&[][..], Vec::as_slice) {
            [] => vec![Job::Chart(chart, options, None)],
            [only] => vec![Job::Chart(chart, with(only), None)],
            several => several
                .iter()
                .map(|set| Job::Chart(chart, with(set), Some(set.name.clone())))
                .collect(),
        }
    }
}

/// Something to render.
pub(super) enum Job<'f> {
    /// A chart in one of the ways that were asked for, with the name of that way if there are several.
    Chart(&'f Chart, ChartOptions, Option<String>),
    Kustomization(&'f Kustomization),
}

impl Job<'_> {
    pub(super) fn kind(&self) -> SourceKind {
        match self {
            Job::Chart(..) => SourceKind::Helm,
            Job::Kustomization(_) => SourceKind::Kustomize,
        }
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Job::Chart(chart, ..) => &chart.path,
            Job::Kustomization(kustomization) => kustomization.folder(),
        }
    }

    pub(super) fn location(&self) -> String {
        self.path().display().to_string()
    }

    pub(super) fn variant(&self) -> Option<String> {
        match self {
            Job::Chart(_, _, variant) => variant.clone(),
            Job::Kustomization(_) => None,
        }
    }

    /// Files that are a part of it.
    pub(super) fn files(&self) -> &[PathBuf] {
        match self {
            Job::Chart(chart, ..) => &chart.files,
            Job::Kustomization(kustomization) => &kustomization.files,
        }
    }

    fn run(&self, rendering: &Rendering) -> Result<Rendered, RenderError> {
        let rendered = match self {
            Job::Chart(chart, options, variant) => {
                if let Some(library) = library(chart) {
                    return Ok(Rendered::Library(library));
                }
                match render_chart(
                    &rendering.programs,
                    chart,
                    &absolute(options),
                    variant.as_deref(),
                )? {
                    Some(rendered) => rendered,
                    None => {
                        return Ok(Rendered::Library(Library {
                            file: chart.path.clone(),
                            position: None,
                        }));
                    }
                }
            }
            Job::Kustomization(kustomization) => {
                render_kustomization(&rendering.programs, kustomization)?
            }
        };
        let texts = rendered.sources.into_iter().map(|source| {
            // Whatever the template is called, what is rendered is YAML.
            parse(&Arc::new(source), Format::Yaml, &Limits::default())
        });
        Ok(Rendered::Texts {
            texts: texts.collect(),
            unsteady: rendered.unsteady,
        })
    }
}

/// Programs run in folders of their own.
fn absolute(options: &ChartOptions) -> ChartOptions {
    let values = options.values.iter();
    ChartOptions {
        values: values
            .map(|file| std::path::absolute(file).unwrap_or_else(|_| file.clone()))
            .collect(),
        ..options.clone()
    }
}

/// What came of a job.
pub(super) enum Rendered {
    Texts {
        texts: Vec<Parsed>,
        unsteady: Vec<String>,
    },
    Library(Library),
}

/// Renders several at the same time. The results are in the order of the jobs; an error is in words.
pub(super) fn render_all(rendering: &Rendering, jobs: &[Job<'_>]) -> Vec<Result<Rendered, String>> {
    let run = |part: &[Job<'_>]| -> Vec<Result<Rendered, String>> {
        part.iter()
            .map(|job| job.run(rendering).map_err(|error| error.to_string()))
            .collect()
    };
    in_parts(
        rendering.programs.threads,
        jobs,
        1,
        || (),
        |(), part| run(part),
    )
    .into_iter()
    .flatten()
    .collect()
}
