//! A kustomization: the sources that come of it.

mod places;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_document::{Format, Origin, Source, parse};
use plimsoll_sources::Kustomization;

use crate::error::RenderError;
use crate::kustomize::relative;
use crate::renderer::{Document, Renderer, Rendering};
use places::lines_of;

/// What is read of a file to find objects in it, in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// Builds a kustomization.
///
/// # Errors
/// What names something that would have to be fetched, and what cannot be built.
pub fn render_kustomization(
    renderer: &dyn Renderer,
    kustomization: &Kustomization,
) -> Result<Rendering, RenderError> {
    if let Some(refusal) = &kustomization.refusal {
        return Err(RenderError::Refused(refusal.clone()));
    }
    let folder = kustomization
        .folder()
        .canonicalize()
        .map_err(|error| RenderError::Refused(error.to_string()))?;
    let documents = renderer.kustomization(&folder)?;
    let mut by_file: BTreeMap<PathBuf, Vec<Document>> = BTreeMap::new();
    for document in documents {
        let file = match &document.file {
            Some(file) => shown(kustomization.folder(), &folder, file),
            None => kustomization.path.clone(),
        };
        by_file.entry(file).or_default().push(document);
    }
    let from = kustomization.folder().display().to_string();
    let sources = by_file
        .into_iter()
        .map(|(file, documents)| source(&file, &from, &documents))
        .collect();
    Ok(Rendering {
        sources,
        unsteady: Vec::new(),
    })
}

fn source(file: &Path, from: &str, documents: &[Document]) -> Source {
    let texts = documents
        .iter()
        .flat_map(|document| ["---\n", &document.text]);
    let text: String = texts.collect();
    let name = file.display().to_string();
    let original = read(file);
    let lines = original.map(|original| {
        let limits = plimsoll_document::Limits::default();
        let original = parse(&Arc::new(Source::new("", original)), Format::Yaml, &limits);
        let built = parse(
            &Arc::new(Source::new("", text.as_str())),
            Format::Yaml,
            &limits,
        );
        lines_of(&built, &original)
    });
    let origin = Origin::new("kustomize", from).with_lines(lines.unwrap_or_default());
    Source::rendered(name, text, origin)
}

fn read(file: &Path) -> Option<String> {
    if file.metadata().ok()?.len() > MOST_BYTES {
        return None;
    }
    std::fs::read_to_string(file).ok()
}

/// A real path as the user would name it, who named the kustomization's folder.
fn shown(named: &Path, folder: &Path, file: &Path) -> PathBuf {
    let mut path = if named == Path::new(".") {
        PathBuf::new()
    } else {
        named.to_path_buf()
    };
    let Some(way) = relative(folder, file) else {
        return file.to_path_buf();
    };
    for part in way.components() {
        match part {
            std::path::Component::ParentDir if path.file_name().is_some() => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    // A link on the way leads elsewhere.
    match path.canonicalize() {
        Ok(real) if real == file => path,
        _ => file.to_path_buf(),
    }
}
