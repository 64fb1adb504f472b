//! Which file an object of a build is from.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use plimsoll_document::{Format, Limits, Node, Parsed, Source, parse};

/// The annotation in which Kustomize says it (`buildMetadata: [originAnnotations]`).
const ORIGIN: &str = "config.kubernetes.io/origin";

/// The file of each document, as the build with origins says it of the object of the same kind and name.
pub(super) fn files(
    texts: &[String],
    annotated: &[String],
    overlay: &Path,
) -> Vec<Option<PathBuf>> {
    let mut by_identity: HashMap<[String; 4], Option<PathBuf>> = HashMap::new();
    for text in annotated {
        let parsed = parsed(text);
        let Some(root) = root(&parsed) else {
            continue;
        };
        let origin = root
            .get_name("metadata")
            .and_then(|metadata| metadata.get_name("annotations")?.get_name(ORIGIN)?.as_str())
            .and_then(|origin| file(origin, overlay));
        by_identity
            .entry(identity(root))
            // Two of the same name cannot be told apart.
            .and_modify(|known| *known = None)
            .or_insert(origin);
    }
    texts
        .iter()
        .map(|text| by_identity.get(&identity(root(&parsed(text))?))?.clone())
        .collect()
}

fn parsed(text: &str) -> Parsed {
    let source = Arc::new(Source::new("", text));
    parse(&source, Format::Yaml, &Limits::default())
}

fn root(parsed: &Parsed) -> Option<Node<'_>> {
    let root = parsed.documents.first()?.root?;
    Some(parsed.tree.node(root))
}

fn identity(root: Node<'_>) -> [String; 4] {
    let metadata = root.get_name("metadata");
    let text = |node: Option<Node<'_>>, key: &str| {
        node.and_then(|node| node.get_name(key)?.as_str().map(str::to_owned))
            .unwrap_or_default()
    };
    [
        text(Some(root), "apiVersion"),
        text(Some(root), "kind"),
        text(metadata, "namespace"),
        text(metadata, "name"),
    ]
}

/// The file of an origin: that of the resource, or that of the kustomization whose generator made it.
fn file(origin: &str, overlay: &Path) -> Option<PathBuf> {
    let value = |key: &str| {
        let line = origin.lines().find_map(|line| line.strip_prefix(key))?;
        Some(line.trim().trim_matches(['"', '\'']))
    };
    // What a repository holds is in no file here.
    if value("repo:").is_some() {
        return None;
    }
    let path = value("path:").or_else(|| value("configuredIn:"))?;
    // The overlay, a real path, is gone by now: its folders are left one by one.
    let mut file = overlay.to_path_buf();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                file.pop();
            }
            Component::CurDir => {}
            part => file.push(part),
        }
    }
    file.canonicalize().ok().filter(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_those_of_the_origin() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::write(root.join("web.yaml"), "").unwrap();
        let object = |name: &str| format!("kind: A\nmetadata:\n  name: {name}\n");
        let annotated = |name: &str, origin: &str| {
            format!(
                "kind: A\nmetadata:\n  annotations:\n    {ORIGIN}: |\n      {origin}\n  name: {name}\n"
            )
        };
        let texts = ["a", "b", "c", "d"].map(object);
        let found = files(
            &texts,
            &[
                annotated("b", "configuredIn: ../web.yaml\n      configuredBy: {}"),
                annotated("a", "path: ../web.yaml"),
                annotated("c", "path: gone.yaml"),
                annotated("d", "path: ../web.yaml"),
                annotated("d", "path: ../web.yaml"),
            ],
            &root.join("overlay"),
        );
        let web = Some(root.join("web.yaml"));
        assert_eq!(found, [web.clone(), web, None, None]);
    }
}
