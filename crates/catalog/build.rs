//! Makes the control pages and framework files of the project part of the binary.
//!
//! Front matter and frameworks are put there as JSON: every command begins with reading them, and reading JSON takes a
//! tenth of the time. Mistakes in them are told where the pages are tested.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs, io};

use plimsoll_document::{Format, Limits, Node, Scalar, Source, parse};
use serde_json::Value;

fn main() -> io::Result<()> {
    let project = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default())
        .join("../..")
        .canonicalize()?;
    let mut code = String::from("pub(crate) static CONTROL_PAGES: &[ControlPage] = &[\n");
    for file in files(&project.join("controls"), "md")? {
        let text = fs::read_to_string(&file)?;
        let front = json(&file, front_matter(&text))?;
        let path = path_in(&project, &file);
        let _ = writeln!(
            code,
            "    ({path:?}, include_str!({:?}), {front:?}),",
            file.display().to_string()
        );
    }
    code.push_str("];\npub(crate) static FRAMEWORK_FILES: &[(&str, &str)] = &[\n");
    for file in files(&project.join("frameworks"), "yaml")? {
        let framework = json(&file, &fs::read_to_string(&file)?)?;
        let _ = writeln!(code, "    ({:?}, {framework:?}),", path_in(&project, &file));
    }
    code.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("built_in.rs"), code)
}

fn front_matter(text: &str) -> &str {
    let rest = text.strip_prefix("---\n").unwrap_or_default();
    rest.find("\n---\n").map_or("", |end| &rest[..=end])
}

/// YAML as JSON.
fn json(file: &Path, text: &str) -> io::Result<String> {
    let source = Arc::new(Source::new(file.display().to_string(), text));
    let parsed = parse(&source, Format::Yaml, &Limits::default());
    let refused = |reason: String| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{}: {reason}", file.display()),
        )
    };
    if let Some(problem) = parsed.problems.first() {
        return Err(refused(problem.to_string()));
    }
    let root = parsed.documents.first().and_then(|document| document.root);
    let root = root.ok_or_else(|| refused("there is no front matter".to_owned()))?;
    Ok(value(parsed.tree.node(root)).to_string())
}

fn value(node: Node<'_>) -> Value {
    match node.scalar() {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => value.into(),
        Scalar::Int(value) => value.into(),
        Scalar::Uint(value) => value.into(),
        Scalar::Double(value) => value.into(),
        Scalar::String(text) => text.into(),
        Scalar::List => node.children().map(value).collect(),
        Scalar::Map => node
            .entries()
            .map(|(key, below)| (key.to_owned(), value(below)))
            .collect(),
    }
}

fn path_in(project: &Path, file: &Path) -> String {
    let path = file.strip_prefix(project).unwrap_or(file);
    path.to_string_lossy().replace('\\', "/")
}

fn files(root: &Path, ending: &str) -> io::Result<Vec<PathBuf>> {
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    list(root, ending, &mut files)?;
    files.sort();
    Ok(files)
}

fn list(folder: &Path, ending: &str, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo:rerun-if-changed={}", path.display());
            list(&path, ending, files)?;
        } else if path.extension().is_some_and(|found| found == ending) {
            files.push(path);
        }
    }
    Ok(())
}
