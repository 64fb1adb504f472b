//! A chart: what is looked at before it is rendered, and the sources that come of it.

mod checks;
mod places;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plimsoll_document::{Origin, Position, Source};
use plimsoll_sources::Chart;

use crate::error::RenderError;
use crate::helm;
use crate::lines::{Piece, lines_of};
use crate::renderer::{ChartOptions, Document, Renderer, Rendering};
use places::Tree;

/// A chart that other charts take parts from; there is nothing in it to deploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// The file that says so.
    pub file: PathBuf,
    /// Where it does.
    pub position: Option<Position>,
}

/// Whether a chart is a library, by its description.
pub fn library(chart: &Chart) -> Option<Library> {
    checks::library(chart)
}

/// Renders a chart. `None` for one that turns out to be a library.
///
/// # Errors
/// What is not safe to render, and what cannot be rendered.
pub fn render_chart(
    renderer: &dyn Renderer,
    chart: &Chart,
    options: &ChartOptions,
    variant: Option<&str>,
) -> Result<Option<Rendering>, RenderError> {
    checks::values(options)?;
    if !chart.is_archive() {
        checks::links(chart)?;
        checks::schemas(&chart.path)?;
    }
    let path = chart
        .path
        .canonicalize()
        .map_err(|error| RenderError::Refused(error.to_string()))?;
    let options = ChartOptions {
        release: Some(release(chart, options)),
        ..options.clone()
    };
    let documents = match renderer.chart(&path, &options) {
        Err(error) if helm::is_library(&error) => return Ok(None),
        other => other?,
    };
    let mut unsteady = Vec::new();
    if checks::is_perhaps_random(chart) {
        let again = renderer.chart(&path, &options)?;
        unsteady = differing(&documents, &again);
    }
    let tree = Tree::new(chart);
    let mut rendering = sources(&tree, chart, documents, variant);
    unsteady.sort();
    unsteady.dedup();
    rendering.unsteady = unsteady
        .iter()
        .map(|file| tree.shown(file.as_deref()).display().to_string())
        .collect();
    rendering.unsteady.dedup();
    Ok(Some(rendering))
}

/// The name of the release: what people would give it, unless they say another one.
fn release(chart: &Chart, options: &ChartOptions) -> String {
    if let Some(release) = &options.release {
        return release.clone();
    }
    let name = checks::name(chart).unwrap_or_default();
    // What Helm takes (`pkg/chart/v2/util/validate_name.go`); else the name it has for a release without one.
    let is_name = !name.is_empty()
        && name.len() <= 53
        && !name.starts_with('-')
        && !name.ends_with('-')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_name {
        name
    } else {
        "release-name".to_owned()
    }
}

/// Files of which two renderings differ.
fn differing(one: &[Document], other: &[Document]) -> Vec<Option<PathBuf>> {
    let by_file = |documents: &[Document]| {
        let mut texts: BTreeMap<Option<PathBuf>, String> = BTreeMap::new();
        for document in documents {
            texts
                .entry(document.file.clone())
                .or_default()
                .push_str(&document.text);
        }
        texts
    };
    let (one, mut other) = (by_file(one), by_file(other));
    let mut files = Vec::new();
    for (file, text) in one {
        if other.remove(&file).as_ref() != Some(&text) {
            files.push(file);
        }
    }
    files.extend(other.into_keys());
    files
}

/// A source for each file, with all documents that were made of it.
fn sources(
    tree: &Tree<'_>,
    chart: &Chart,
    documents: Vec<Document>,
    variant: Option<&str>,
) -> Rendering {
    let mut by_file: BTreeMap<PathBuf, Vec<Document>> = BTreeMap::new();
    for document in documents {
        let file = tree.shown(document.file.as_deref());
        by_file.entry(file).or_default().push(document);
    }
    let from = shown_path(&chart.path);
    let mut rendering = Rendering::default();
    for (file, documents) in by_file {
        let template = tree.template(documents.iter().map(|document| document.file.as_deref()));
        let pieces: Vec<Piece<'_>> = documents
            .iter()
            .map(|document| Piece(&document.text))
            .collect();
        let lines = template.as_deref().map(|text| lines_of(text, &pieces));
        let text = joined(&documents);
        let mut origin = Origin::new("helm", from.clone()).with_lines(lines.unwrap_or_default());
        origin.variant = variant.map(str::to_owned);
        rendering
            .sources
            .push(Source::rendered(file.display().to_string(), text, origin));
    }
    rendering
}

/// Documents one after the other, as [`lines_of`] counts their lines.
fn joined(documents: &[Document]) -> String {
    let mut text = String::new();
    for document in documents {
        text.push_str("---\n");
        text.push_str(&document.text);
        if !document.text.ends_with('\n') {
            text.push('\n');
        }
    }
    text
}

pub(crate) fn shown_path(path: &Path) -> String {
    path.display().to_string()
}
