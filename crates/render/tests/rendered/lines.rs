//! Every line of the templates gets a comment with its number; what is rendered of them says which line brought what.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_document::Position;
use plimsoll_render::{Programs, Renderer as _, render_chart};
use plimsoll_sources::find;

use crate::{corpus, folders, options};

const MARK: &str = " #line ";

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::write(target, fs::read(path).expect("a file")).expect("a file");
        }
    }
}

fn templates(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let is_template = path.iter().any(|part| part == "templates");
        if path.is_dir() {
            templates(&path, all);
        } else if is_template
            && ["yaml", "yml", "tpl"]
                .iter()
                .any(|end| path.extension().is_some_and(|own| own == *end))
        {
            all.push(path);
        }
    }
}

/// Puts a comment with file and number behind every line that is text only and a field.
fn mark(file: &str, text: &str) -> String {
    let mut depth = 0_i32;
    let mut marked = String::new();
    for (number, line) in text.lines().enumerate() {
        let is_inside = depth > 0;
        depth += line.matches("{{").count() as i32 - line.matches("}}").count() as i32;
        let is_field = line.trim_end().ends_with(':')
            || line.contains(": ") && !line.contains(['"', '\'', '|', '>', '#', '\\', '{']);
        let is_plain = !is_inside && !line.contains("{{") && !line.contains("}}");
        marked.push_str(line.trim_end());
        if is_plain && is_field && !line.trim_start().starts_with('#') {
            marked.push_str(&format!("{MARK}{file} {}", number + 1));
        }
        marked.push('\n');
    }
    marked
}

#[test]
fn lines_that_are_told_brought_what_they_are_told_of() {
    let Some(corpus) = corpus("helm", &["helm"]) else {
        return;
    };
    let (mut told, mut right, mut known) = (0, 0, 0);
    for chart in folders(&corpus) {
        let name = chart
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        let options = options(name);
        let Ok(_) = Programs::default().chart(&chart, &options) else {
            continue;
        };
        let temporary = tempfile::tempdir().expect("a folder");
        let plain = temporary.path().join(name);
        copy(&chart, &plain);
        let found = find(std::slice::from_ref(&plain));
        let rendering = render_chart(&Programs::default(), &found.charts[0], &options, None)
            .expect("it renders")
            .expect("a chart to install");
        let mut files = Vec::new();
        templates(&plain, &mut files);
        for file in &files {
            let text = fs::read_to_string(file).expect("a template");
            let inside = file.strip_prefix(&plain).expect("a file of the chart");
            fs::write(file, mark(&inside.display().to_string(), &text)).expect("a file");
        }
        let Ok(marked) =
            Programs::default().chart(&plain.canonicalize().expect("a path"), &options)
        else {
            // A comment in a text that something reads, an annotation that is JSON: such a chart says nothing here.
            eprintln!("{name} does not render with comments");
            continue;
        };
        // The same documents in the same order: Helm sorts by kind and name.
        let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
        for document in marked {
            let file: PathBuf = document
                .file
                .expect("a file")
                .components()
                .skip(1)
                .collect();
            let text = texts.entry(file).or_default();
            text.push_str("---\n");
            text.push_str(&document.text);
        }
        for source in rendering.sources {
            let file = Path::new(source.name())
                .strip_prefix(&plain)
                .expect("a file of the chart");
            let Some(marked) = texts.get(file) else {
                continue;
            };
            let rendered: Vec<&str> = source.text().lines().collect();
            let marked: Vec<&str> = marked.lines().collect();
            if rendered.len() != marked.len() {
                continue;
            }
            for (at, (plain, marked)) in rendered.iter().zip(marked).enumerate() {
                let Some((text, mark)) = marked.rsplit_once(MARK) else {
                    continue;
                };
                // A value that is random, or a hash of what has comments now.
                if text.trim_end() != plain.trim_end() {
                    continue;
                }
                known += 1;
                let position = Position {
                    line: at as u32 + 1,
                    column: 1,
                };
                if !source.is_as_written(position) {
                    continue;
                }
                told += 1;
                let line = source.written_at(position).expect("a line").line;
                let says = format!("{} {line}", file.display());
                if mark.trim_end() == says {
                    right += 1;
                } else {
                    eprintln!("{name}: {says} is told, and {mark} brought: {plain}");
                }
            }
        }
    }
    eprintln!("{right} of {told} lines are right, {known} could have been told");
    assert_eq!(right, told);
    assert!(right > 2_000, "of {known} only {right} are told");
}
