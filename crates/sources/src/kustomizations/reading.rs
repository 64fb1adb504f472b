//! What one kustomization names.
//!
//! Kustomize takes the same entry for a file, a folder, a URL or a repository, whichever it turns out to be. Nothing is
//! fetched here, so an entry has to be a file or a folder; else the kustomization must not be built.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_document::{Format, Limits, Node, Source, parse};

/// The names that Kustomize looks for, in its order.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What a kustomization may have in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// What a kustomization names. Paths are real ones.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// Its own file, and all that it names.
    pub(super) files: Vec<PathBuf>,
    /// Folders of other kustomizations.
    pub(super) folders: Vec<PathBuf>,
    /// Whether it is a part for others to use.
    pub(super) is_component: bool,
    /// Why it must not be built.
    pub(super) refusal: Option<String>,
}

/// Whether a file is a kustomization by its name.
pub(crate) fn is_kustomization_name(file: &Path) -> bool {
    file.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| NAMES.contains(&name))
}

/// The kustomization of a folder.
pub fn file_in(folder: &Path) -> Option<PathBuf> {
    let files = NAMES.iter().map(|name| folder.join(name));
    files.into_iter().find(|file| file.is_file())
}

/// Reads a kustomization. `None` for a file that is none, but an object: other tools have kinds of this name, too. What
/// cannot be read or parsed is one, and Kustomize says what is wrong with it.
pub(super) fn read(folder: &Path, file: &Path) -> Option<Content> {
    let mut content = Content {
        files: vec![file.to_path_buf()],
        ..Content::default()
    };
    let Some(text) = text_of(file) else {
        return Some(content);
    };
    let source = Arc::new(Source::new(file.display().to_string(), text));
    let parsed = parse(&source, Format::Yaml, &Limits::default());
    for document in &parsed.documents {
        let Some(root) = document.root.map(|root| parsed.tree.node(root)) else {
            continue;
        };
        let text = |key: &str| root.get_name(key).and_then(Node::as_str);
        let is_own =
            |version: &str| version.is_empty() || version.starts_with("kustomize.config.k8s.io/");
        if !is_own(text("apiVersion").unwrap_or_default()) {
            return None;
        }
        content.is_component |= text("kind") == Some("Component");
        let mut reading = Reading {
            folder,
            content: &mut content,
        };
        reading.kustomization(root);
    }
    Some(content)
}

fn text_of(file: &Path) -> Option<String> {
    let mut text = String::new();
    let input = File::open(file).ok()?;
    input.take(MOST_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

struct Reading<'r> {
    folder: &'r Path,
    content: &'r mut Content,
}

/// What an entry may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A file, or a folder with a kustomization.
    Any,
    /// A file.
    File,
    /// As any; a file configures a generator or transformer, which may name more.
    Plugin,
}

impl Reading<'_> {
    fn kustomization(&mut self, root: Node<'_>) {
        for (key, value) in root.entries() {
            match key {
                "resources" | "bases" | "components" => self.list(value, Kind::Any),
                "generators" | "transformers" | "validators" => self.list(value, Kind::Plugin),
                "crds" | "configurations" | "patchesStrategicMerge" => self.list(value, Kind::File),
                "patches" | "patchesJson6902" | "replacements" => {
                    for entry in value.children() {
                        self.field(entry, "path");
                    }
                }
                "openapi" => self.field(value, "path"),
                "configMapGenerator" | "secretGenerator" => {
                    for entry in value.children() {
                        self.generator(entry);
                    }
                }
                "helmCharts" | "helmChartInflationGenerator"
                    if value.children().next().is_some() =>
                {
                    self.refuse(format!(
                        "renders Helm charts ({key}), and Kustomize fetches them"
                    ));
                }
                _ => {}
            }
        }
    }

    fn list(&mut self, list: Node<'_>, kind: Kind) {
        for entry in list.children().filter_map(Node::as_str) {
            // An entry may be the patch or the plugin itself.
            if !entry.contains('\n') {
                self.entry(entry, kind);
            } else if kind == Kind::Plugin {
                self.plugin(entry);
            }
        }
    }

    fn field(&mut self, node: Node<'_>, key: &str) {
        if let Some(path) = node.get_name(key).and_then(Node::as_str) {
            self.entry(path, Kind::File);
        }
    }

    fn generator(&mut self, node: Node<'_>) {
        self.field(node, "env");
        for key in ["envs", "files"] {
            let entries = node.get_name(key).into_iter().flat_map(Node::children);
            for entry in entries.filter_map(Node::as_str) {
                let path = entry.split_once('=').map_or(entry, |(_, path)| path);
                self.entry(path, Kind::File);
            }
        }
    }

    fn entry(&mut self, entry: &str, kind: Kind) {
        if is_remote(entry) {
            self.refuse(format!(
                "names {entry}, which Kustomize would fetch; nothing is fetched here"
            ));
            return;
        }
        let Ok(path) = self.folder.join(entry).canonicalize() else {
            self.refuse(format!(
                "names {entry}, and there is no such file or folder; nothing is fetched here"
            ));
            return;
        };
        if path.is_dir() {
            if kind != Kind::File {
                self.content.folders.push(path);
            }
            return;
        }
        if kind == Kind::Plugin
            && let Some(text) = text_of(&path)
        {
            self.plugin(&text);
        }
        self.content.files.push(path);
    }

    /// A generator or transformer: the built-in ones may name files, too.
    fn plugin(&mut self, text: &str) {
        let source = Arc::new(Source::new("", text));
        let parsed = parse(&source, Format::Yaml, &Limits::default());
        let roots = parsed.documents.iter().filter_map(|document| document.root);
        let mut ahead: Vec<Node<'_>> = roots.map(|root| parsed.tree.node(root)).collect();
        while let Some(node) = ahead.pop() {
            for (key, value) in node.entries() {
                let names_files = matches!(
                    key,
                    "path" | "paths" | "files" | "env" | "envs" | "resources" | "repo"
                );
                let mut texts = value.as_str().into_iter().chain(
                    // Of a list its elements.
                    value.children().filter_map(Node::as_str),
                );
                if names_files && let Some(entry) = texts.find(|text| is_remote(text)) {
                    self.refuse(format!(
                        "names {entry} in a generator or transformer, which Kustomize would fetch; nothing is fetched here"
                    ));
                }
            }
            ahead.extend(
                node.children()
                    .filter(|child| child.is_map() || child.is_list()),
            );
        }
    }

    /// The first reason is told.
    fn refuse(&mut self, reason: String) {
        self.content.refusal.get_or_insert(reason);
    }
}

/// Whether Kustomize takes an entry for a URL or a repository, wherever it leads (`api/internal/git/repospec.go`).
fn is_remote(entry: &str) -> bool {
    let entry = entry.trim().to_ascii_lowercase();
    let before_colon = entry.split_once(':').map_or("", |(before, _)| before);
    entry.contains("://")
        || ["git::", "gh:", "github.com/", "github.com:"]
            .iter()
            .any(|start| entry.starts_with(start))
        || before_colon.contains('@')
        || entry.contains("?ref=")
        || entry.contains("?version=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_fetched_is_known_by_its_form() {
        for remote in [
            "https://example.org/a.yaml",
            "HTTP://x/y",
            "ssh://git@example.org/repo.git",
            "git@github.com:owner/repo",
            "git::https://example.org/repo",
            "github.com/owner/repo//base?ref=v1",
            "GitHub.com/owner/repo",
            "gh:owner/repo",
            "file:///srv/repo",
            "owner/repo?ref=main",
        ] {
            assert!(is_remote(remote), "{remote}");
        }
        for local in [
            "../base",
            "web.yaml",
            "a@b/c.yaml",
            "./github.com",
            "c:d.yaml",
        ] {
            assert!(!is_remote(local), "{local}");
        }
    }

    #[test]
    fn a_kustomization_names_files_and_folders() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("base")).unwrap();
        for name in ["web.yaml", "p.yaml", "a.env", "t.yaml"] {
            std::fs::write(root.join(name), "path: https://example.org/p.yaml\n").unwrap();
        }
        let of = |text: &str| {
            let file = root.join(NAMES[0]);
            std::fs::write(&file, text).unwrap();
            read(&root, &file)
        };
        let content = of(
            "kind: Component\nresources: [base, web.yaml]\npatches: [{path: p.yaml}]\n\
             patchesStrategicMerge: [\"a:\\n  b: 1\"]\nconfigMapGenerator: [{files: [k=a.env]}]\n",
        )
        .unwrap();
        assert_eq!(content.folders, [root.join("base")]);
        let files = [NAMES[0], "web.yaml", "p.yaml", "a.env"].map(|name| root.join(name));
        assert_eq!(content.files, files);
        assert_eq!((content.is_component, content.refusal), (true, None));
        for (text, words) in [
            ("resources: [gone.yaml]\n", "no such file"),
            ("resources: ['https://example.org/x']\n", "would fetch"),
            (
                "patches: [{path: 'https://example.org/x'}]\n",
                "would fetch",
            ),
            ("transformers: [t.yaml]\n", "in a generator or transformer"),
            ("generators: [\"path: http://x\\nkind: A\"]\n", "http://x"),
            ("helmCharts: [{name: a}]\n", "renders Helm charts"),
        ] {
            let refusal = of(text).unwrap().refusal.unwrap();
            assert!(refusal.contains(words), "{refusal}");
        }
        let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n";
        assert!(of(flux).is_none());
        assert!(of("resources: [").unwrap().refusal.is_none());
    }
}
