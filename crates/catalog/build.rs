//! Makes the control pages and framework files of the project part of the binary.
//!
//! Front matter and frameworks are packed for it, and controls put in the order of their ids: every command begins with
//! reading all of them. Mistakes in them are told where the pages are tested.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs, io};

use plimsoll_document::{Format, Limits, Node, Source, parse};

use pack::pack;

#[path = "src/pack.rs"]
mod pack;

fn main() -> io::Result<()> {
    let project = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default())
        .join("../..")
        .canonicalize()?;
    let mut pages = Vec::new();
    for file in files(&project.join("controls"), "md")? {
        let text = fs::read_to_string(&file)?;
        let (front_matter, body) = cut(&text);
        let title = body.lines().find_map(|line| line.strip_prefix("# "));
        let title = title.ok_or_else(|| refused(&file, "there is no title"))?;
        let (id, front_matter) = packed(&file, front_matter)?;
        let page = format!(
            "    BuiltInPage {{ path: {:?}, title: {:?}, front_matter: {front_matter:?}, text: include_str!({:?}) }},\n",
            path_in(&project, &file),
            title.trim(),
            file.display().to_string()
        );
        pages.push((id, page));
    }
    pages.sort();
    let mut code = String::from("pub(super) static CONTROL_PAGES: &[BuiltInPage] = &[\n");
    code.extend(pages.into_iter().map(|(_, page)| page));
    code.push_str("];\npub(super) static FRAMEWORK_FILES: &[(&str, &str)] = &[\n");
    for file in files(&project.join("frameworks"), "yaml")? {
        let (_, framework) = packed(&file, &fs::read_to_string(&file)?)?;
        let _ = writeln!(code, "    ({:?}, {framework:?}),", path_in(&project, &file));
    }
    code.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("built_in.rs"), code)
}

/// Front matter and body of a page.
fn cut(text: &str) -> (&str, &str) {
    let rest = text.strip_prefix("---\n").unwrap_or_default();
    rest.find("\n---\n")
        .map_or(("", ""), |end| (&rest[..=end], &rest[end..]))
}

/// The id in a YAML text, and all of it packed.
fn packed(file: &Path, text: &str) -> io::Result<(String, String)> {
    let source = Arc::new(Source::new(file.display().to_string(), text));
    let parsed = parse(&source, Format::Yaml, &Limits::default());
    if let Some(problem) = parsed.problems.first() {
        return Err(refused(file, &problem.to_string()));
    }
    let root = parsed.documents.first().and_then(|document| document.root);
    let root = root.ok_or_else(|| refused(file, "there is no front matter"))?;
    let root = parsed.tree.node(root);
    let id = root.get_name("id").and_then(Node::as_str);
    let id = id.ok_or_else(|| refused(file, "there is no id"))?;
    let mut packed = String::new();
    pack(root, &mut packed);
    Ok((id.to_owned(), packed))
}

fn refused(file: &Path, reason: &str) -> io::Error {
    let message = format!("{}: {reason}", file.display());
    io::Error::new(io::ErrorKind::InvalidData, message)
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
