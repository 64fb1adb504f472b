//! What is looked at before a chart is given to a program.

use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_document::{Format, Limits, Node, Parsed, Source, parse};
use plimsoll_sources::Chart;

use super::Library;
use crate::error::RenderError;
use crate::renderer::ChartOptions;

/// What is read of a file that describes something, in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// How many files of a chart are looked at, and how deep.
const MOST_FILES: usize = 100_000;
const DEEPEST: usize = 64;

/// Functions of templates whose values are others each time (Sprig, Helm).
const RANDOM: &[&str] = &[
    "rand",
    "genCA",
    "genSigned",
    "genSelfSigned",
    "genPrivateKey",
    "uuidv4",
    "now",
    "htpasswd",
    "bcrypt",
    "shuffle",
    "ago",
    "encryptAES",
];

fn read(path: &Path) -> Option<Parsed> {
    if path.metadata().ok()?.len() > MOST_BYTES {
        return None;
    }
    let text = fs::read_to_string(path).ok()?;
    let source = Arc::new(Source::new(path.display().to_string(), text));
    Some(parse(&source, Format::Yaml, &Limits::default()))
}

fn root(parsed: &Parsed) -> Option<Node<'_>> {
    let root = parsed.documents.first()?.root?;
    Some(parsed.tree.node(root))
}

fn description(chart: &Chart) -> Option<Parsed> {
    (!chart.is_archive())
        .then(|| read(&chart.path.join("Chart.yaml")))
        .flatten()
}

pub(super) fn library(chart: &Chart) -> Option<Library> {
    let parsed = description(chart)?;
    let kind = root(&parsed)?.get_name("type")?;
    (kind.as_str() == Some("library")).then(|| Library {
        file: plimsoll_path(chart),
        position: Some(kind.position()),
    })
}

fn plimsoll_path(chart: &Chart) -> PathBuf {
    super::places::below(&chart.path, Path::new("Chart.yaml"))
}

/// The chart's own name.
pub(super) fn name(chart: &Chart) -> Option<String> {
    let parsed = description(chart)?;
    let name = root(&parsed)?.get_name("name")?;
    name.as_str().map(str::to_owned)
}

/// Files of values are files: Helm would fetch URLs, and ask plugins for other schemes.
pub(super) fn values(options: &ChartOptions) -> Result<(), RenderError> {
    for file in &options.values {
        if !file.is_file() {
            let text = format!("there is no file of values {}", file.display());
            return Err(RenderError::Refused(text));
        }
    }
    Ok(())
}

/// Helm follows links wherever they lead, and a template can print what they lead to.
pub(super) fn links(chart: &Chart) -> Result<(), RenderError> {
    let refused = |text: String| Err(RenderError::Refused(text));
    let boundaries: Vec<PathBuf> = [&chart.path, &chart.boundary]
        .into_iter()
        .filter_map(|folder| canonical(folder))
        .collect();
    let mut refusal = None;
    let is_whole = walk(&chart.path, &mut |entry, is_link| {
        if !is_link || refusal.is_some() {
            return;
        }
        let target = canonical(&entry.path());
        let is_inside = target
            .as_ref()
            .is_some_and(|target| boundaries.iter().any(|inside| target.starts_with(inside)));
        // A link to nowhere is for Helm to judge.
        if target.is_some() && !is_inside {
            refusal = Some(entry.path());
        }
    });
    if let Some(link) = refusal {
        return refused(format!(
            "the link {} leads out of what was scanned",
            link.display()
        ));
    }
    if is_whole {
        Ok(())
    } else {
        refused(format!(
            "it has more than {MOST_FILES} files, or folders deeper than {DEEPEST}"
        ))
    }
}

fn canonical(path: &Path) -> Option<PathBuf> {
    let here = Path::new(".");
    let path = if path.as_os_str().is_empty() {
        here
    } else {
        path
    };
    path.canonicalize().ok()
}

/// A schema of values may take parts from elsewhere, and Helm would fetch them.
pub(super) fn schemas(chart: &Path) -> Result<(), RenderError> {
    let mut files = Vec::new();
    walk(chart, &mut |entry, _| {
        if entry.file_name() == "values.schema.json" {
            files.push(entry.path());
        }
    });
    files.sort();
    for file in files {
        let Some(parsed) = read(&file) else {
            continue;
        };
        let mut ahead: Vec<Node<'_>> = root(&parsed).into_iter().collect();
        while let Some(node) = ahead.pop() {
            for (key, value) in node.entries() {
                if let Some(reference) = value.as_str()
                    && matches!(key, "$ref" | "$dynamicRef" | "$recursiveRef")
                    && is_fetched(reference)
                {
                    return Err(RenderError::Refused(format!(
                        "{} takes {reference} from elsewhere; nothing is fetched here",
                        file.display()
                    )));
                }
            }
            let inner = node
                .children()
                .filter(|child| child.is_map() || child.is_list());
            ahead.extend(inner);
        }
    }
    Ok(())
}

/// Whether a reference of a schema leads to the network. The drafts of the language itself are known to every reader.
fn is_fetched(reference: &str) -> bool {
    let reference = reference.to_ascii_lowercase();
    reference.contains("://")
        && !reference.starts_with("http://json-schema.org/")
        && !reference.starts_with("https://json-schema.org/")
        && !reference.starts_with("urn:")
}

/// Whether a template uses a function whose values are others each time. What is in an archive is not looked at.
pub(super) fn is_perhaps_random(chart: &Chart) -> bool {
    if chart.is_archive() {
        return true;
    }
    let mut found = false;
    walk(&chart.path, &mut |entry, _| {
        let name = entry.file_name();
        let is_template = name.to_str().is_some_and(|name| {
            [".yaml", ".yml", ".tpl", ".json"]
                .iter()
                .any(|end| name.ends_with(end))
        });
        // What is packed beside, a chart that this one needs, may use any.
        found |= name.to_str().is_some_and(|name| name.ends_with(".tgz"));
        let is_inside = |path: &Path| path.iter().any(|part| part == "templates");
        if found || !is_template || !is_inside(&entry.path()) {
            return;
        }
        found = fs::read_to_string(entry.path()).is_ok_and(|text| uses_random(&text));
    });
    found
}

fn uses_random(text: &str) -> bool {
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    RANDOM.iter().any(|function| {
        text.match_indices(function).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + function.len()..].chars().next();
            // Some are the starts of several names.
            let is_whole = matches!(*function, "now" | "ago" | "shuffle" | "bcrypt" | "htpasswd");
            let is_part = before.is_some_and(|before| is_name(before) || ".-".contains(before));
            let goes_on = after.is_some_and(|after| is_name(after) || after == '-');
            !(is_part || is_whole && goes_on)
        })
    })
}

/// Visits what is in a folder, with whether it is a link. Links are not followed. Whether that was all.
fn walk(folder: &Path, visit: &mut dyn FnMut(&DirEntry, bool)) -> bool {
    let mut ahead = vec![(folder.to_path_buf(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = ahead.pop() {
        // What cannot be read here, Helm cannot read either, and says so.
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            seen += 1;
            if seen > MOST_FILES || depth > DEEPEST {
                return false;
            }
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            visit(&entry, kind.is_symlink());
            if kind.is_dir() {
                ahead.push((entry.path(), depth + 1));
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(files: &[(&str, &str)]) -> (tempfile::TempDir, Chart) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join("web").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let chart = Chart {
            path: folder.path().join("web"),
            boundary: folder.path().join("web"),
            files: Vec::new(),
        };
        (folder, chart)
    }

    #[cfg(unix)]
    #[test]
    fn a_link_may_not_lead_out_of_what_was_scanned() {
        use std::os::unix::fs::symlink;
        let (folder, chart) = chart(&[("Chart.yaml", "name: web\n"), ("templates/a.yaml", "")]);
        fs::write(folder.path().join("shared.yaml"), "").unwrap();
        symlink("a.yaml", chart.path.join("templates/b.yaml")).unwrap();
        symlink("nowhere", chart.path.join("templates/c.yaml")).unwrap();
        assert_eq!(links(&chart), Ok(()));
        symlink("../../shared.yaml", chart.path.join("templates/d.yaml")).unwrap();
        let error = links(&chart).unwrap_err().to_string();
        assert!(error.contains("templates/d.yaml leads out"), "{error}");
        let wider = Chart {
            boundary: folder.path().to_path_buf(),
            ..chart
        };
        assert_eq!(links(&wider), Ok(()));
    }

    #[test]
    fn a_schema_may_not_need_the_network() {
        let of = |text: &str| {
            let (_folder, chart) = chart(&[("charts/db/values.schema.json", text)]);
            schemas(&chart.path).is_ok()
        };
        assert!(of(
            r##"{"$schema": "https://x.org/y", "a": {"$ref": "#/definitions/b"}}"##
        ));
        assert!(of(r#"{"$ref": "http://json-schema.org/draft-07/schema#"}"#));
        assert!(!of(
            r#"{"properties": {"a": [{"$ref": "HTTP://localhost/y"}]}}"#
        ));
        assert!(of("no JSON {"));
    }

    #[test]
    fn libraries_names_and_random_functions_are_known() {
        let (_folder, one) = chart(&[
            ("Chart.yaml", "name: web\ntype: library\n"),
            (
                "templates/a.tpl",
                "{{ .Values.now }} {{ knowing }} {{ $known }}",
            ),
        ]);
        let found = library(&one).unwrap();
        assert_eq!(found.position.unwrap().line, 2);
        assert_eq!(name(&one).as_deref(), Some("web"));
        assert!(!is_perhaps_random(&one));
        for text in [
            "{{ randAlphaNum 5 }}",
            "{{- now | date }}",
            "{{ $ca := genCA \"x\" 3 }}",
        ] {
            let (_folder, chart) = chart(&[("charts/db/templates/a.yaml", text)]);
            assert!(is_perhaps_random(&chart), "{text}");
        }
        let (_folder, broken) = chart(&[("Chart.yaml", "{{{")]);
        assert_eq!((library(&broken), name(&broken)), (None, None));
    }
}
