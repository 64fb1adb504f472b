//! What the configuration says of rendering: `render`, `render-time-limit`, `helm`, `kustomize` and `charts`.

use std::path::{Path, PathBuf};

use plimsoll_document::Node;

use super::{text_of, texts};
use crate::exit::Failure;
use crate::yaml_file::{only_keys, required, wrong};

/// Settings for all charts.
#[derive(Debug, Default)]
pub(crate) struct HelmSettings {
    pub(crate) program: Option<PathBuf>,
    pub(crate) values: Vec<PathBuf>,
    pub(crate) set: Vec<String>,
    pub(crate) release: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) tests: bool,
}

/// Settings for one chart.
#[derive(Debug)]
pub(crate) struct ChartSettings {
    pub(crate) path: PathBuf,
    /// Sets of values: the chart is rendered with each of them. `None` where nothing is said.
    pub(crate) values: Option<Vec<ValueSet>>,
    pub(crate) set: Vec<String>,
    pub(crate) release: Option<String>,
    pub(crate) namespace: Option<String>,
}

/// Files of values that go together.
#[derive(Debug, Clone)]
pub(crate) struct ValueSet {
    /// The files as they are written, by which findings name the set.
    pub(crate) name: String,
    pub(crate) files: Vec<PathBuf>,
}

/// A program may be named by whoever runs the scan, and not by what is scanned.
pub(super) fn program(node: Node<'_>, folder: &Path, is_trusted: bool) -> Result<PathBuf, Failure> {
    let name = text_of(node)?;
    if !is_trusted {
        let text = "a program is named only in a file that --config names, or in the user's own configuration: \
                    what is scanned must not choose what is run";
        return Err(wrong(node, text));
    }
    let is_path = Path::new(&name).components().count() > 1;
    Ok(if is_path {
        folder.join(name)
    } else {
        name.into()
    })
}

pub(super) fn helm(
    node: Node<'_>,
    folder: &Path,
    is_trusted: bool,
) -> Result<HelmSettings, Failure> {
    map(node)?;
    let mut found = HelmSettings::default();
    for (key, value) in node.entries() {
        match key {
            "program" => found.program = Some(program(value, folder, is_trusted)?),
            "values" => {
                found.values = texts(value)?.iter().map(|file| folder.join(file)).collect();
            }
            "set" => found.set = texts(value)?,
            "release" => found.release = Some(text_of(value)?),
            "namespace" => found.namespace = Some(text_of(value)?),
            "tests" => {
                found.tests = value
                    .as_bool()
                    .ok_or_else(|| wrong(value, "true or false is expected"))?;
            }
            _ => only_keys(
                node,
                &["program", "values", "set", "release", "namespace", "tests"],
            )?,
        }
    }
    Ok(found)
}

pub(super) fn kustomize(
    node: Node<'_>,
    folder: &Path,
    is_trusted: bool,
) -> Result<Option<PathBuf>, Failure> {
    map(node)?;
    only_keys(node, &["program"])?;
    node.get_name("program")
        .map(|value| program(value, folder, is_trusted))
        .transpose()
}

pub(super) fn charts(node: Node<'_>, folder: &Path) -> Result<Vec<ChartSettings>, Failure> {
    if !node.is_list() {
        return Err(wrong(node, "a list of charts is expected"));
    }
    node.children().map(|entry| chart(entry, folder)).collect()
}

fn chart(node: Node<'_>, folder: &Path) -> Result<ChartSettings, Failure> {
    map(node)?;
    only_keys(node, &["path", "values", "set", "release", "namespace"])?;
    let path = folder.join(required(node, "path")?);
    let text = |key: &str| node.get_name(key).map(text_of).transpose();
    let set = node.get_name("set").map(texts).transpose()?;
    let values = node
        .get_name("values")
        .map(|values| value_sets(values, &path))
        .transpose()?;
    Ok(ChartSettings {
        values,
        set: set.unwrap_or_default(),
        release: text("release")?,
        namespace: text("namespace")?,
        path,
    })
}

/// One file, a list of files that go together, or a list of such lists. Files are found from the chart's folder.
fn value_sets(node: Node<'_>, chart: &Path) -> Result<Vec<ValueSet>, Failure> {
    let folder = if chart.is_dir() {
        chart
    } else {
        chart.parent().unwrap_or(Path::new(""))
    };
    let set = |files: Vec<String>| ValueSet {
        name: if files.is_empty() {
            "its own values".to_owned()
        } else {
            files.join(", ")
        },
        files: files.iter().map(|file| folder.join(file)).collect(),
    };
    let are_sets = node.is_list() && node.children().any(Node::is_list);
    if are_sets {
        node.children()
            .map(|files| Ok(set(texts(files)?)))
            .collect()
    } else {
        Ok(vec![set(texts(node)?)])
    }
}

fn map(node: Node<'_>) -> Result<(), Failure> {
    if node.is_map() {
        Ok(())
    } else {
        Err(wrong(node, "a map of settings is expected"))
    }
}
