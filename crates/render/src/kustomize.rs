//! `kustomize build` and `kubectl kustomize`

mod origins;

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use plimsoll_document::Threads;

use crate::error::RenderError;
use crate::helm::temporary_folder;
use crate::renderer::{Document, Limits};
use crate::{process, program};

pub(crate) fn build(
    named: Option<&Path>,
    folder: &Path,
    limits: &Limits,
    threads: Threads,
) -> Result<Vec<Document>, RenderError> {
    let Some(program) = program::find(named, &["kustomize", "kubectl"]) else {
        let what = named.map_or_else(
            || "neither kustomize nor kubectl is on the PATH".to_owned(),
            |named| format!("there is no program {}", named.display()),
        );
        let text = format!("this kustomization was not built, since {what}: install one of them");
        return Err(RenderError::NoProgram(text));
    };
    // What is scanned is what the kustomization itself gives. A second build says which file an object is from.
    let (with_origins, printed) = threads.both(
        || with_origins(&program, folder, limits),
        || run(&program, folder, limits),
    );
    let texts = split(&printed?);
    let files = match with_origins {
        Some((text, overlay)) => origins::files(&texts, &split(&text), &overlay),
        // Objects without a known file are shown at the kustomization.
        None => vec![None; texts.len()],
    };
    Ok(texts
        .into_iter()
        .zip(files)
        .map(|(text, file)| Document { file, text })
        .collect())
}

fn run(program: &Path, folder: &Path, limits: &Limits) -> Result<String, RenderError> {
    let home = temporary_folder("kustomize")?;
    let is_kubectl = program
        .file_stem()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with("kubectl"));
    let command = if is_kubectl { "kustomize" } else { "build" };
    let arguments: [OsString; 3] = [command.into(), "--".into(), folder.into()];
    let ran = process::run(program, &arguments, home.path(), limits)?;
    if ran.succeeded {
        return Ok(ran.printed);
    }
    let words = process::words(&ran.complaints, &[home.path()]);
    Err(RenderError::Failed(format!("kustomize says: {words}")))
}

/// What a kustomization on top of this one gives that asks for the origin of every object, with its folder.
fn with_origins(program: &Path, folder: &Path, limits: &Limits) -> Option<(String, PathBuf)> {
    let overlay = temporary_folder("kustomize").ok()?;
    let own = overlay.path().canonicalize().ok()?;
    // Kustomize takes no absolute paths.
    let base = relative(&own, folder)?;
    let base = serde_text(&base)?;
    let text = format!("resources: [{base}]\nbuildMetadata: [originAnnotations]\n");
    std::fs::write(own.join("kustomization.yaml"), text).ok()?;
    let built = run(program, &own, limits).ok()?;
    Some((built, own))
}

/// A path as a YAML text in quotes.
fn serde_text(path: &Path) -> Option<String> {
    let text = path.to_str()?;
    let is_plain = !text.contains(|character: char| character.is_control());
    is_plain.then(|| format!("'{}'", text.replace('\'', "''")))
}

/// The way from one folder to another; both are real paths.
pub(crate) fn relative(from: &Path, to: &Path) -> Option<PathBuf> {
    if !from.is_absolute() || !to.is_absolute() {
        return None;
    }
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (from.components().collect(), to.components().collect());
    let common = from
        .iter()
        .zip(&to)
        .take_while(|(one, other)| one == other)
        .count();
    let up = std::iter::repeat_n(Component::ParentDir, from.len() - common);
    Some(up.chain(to[common..].iter().copied()).collect())
}

/// The documents of a build.
fn split(printed: &str) -> Vec<String> {
    let mut texts = vec![String::new()];
    for line in printed.split_inclusive('\n') {
        if line.trim_end() == "---" {
            texts.push(String::new());
        } else if let Some(last) = texts.last_mut() {
            last.push_str(line);
        }
    }
    texts.retain(|text| !text.trim().is_empty());
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_lead_from_one_folder_to_another() {
        let of = |from: &str, to: &str| relative(Path::new(from), Path::new(to)).unwrap();
        assert_eq!(of("/tmp/a", "/srv/k/b"), Path::new("../../srv/k/b"));
        assert_eq!(of("/srv/k", "/srv/k/b"), Path::new("b"));
        assert_eq!(of("/srv/k/b", "/srv/k"), Path::new(".."));
        assert_eq!(relative(Path::new("a"), Path::new("/b")), None);
    }

    #[test]
    fn documents_are_told_apart() {
        let text = "kind: A\ndata: |\n  ---\n---\nkind: B\n---\n";
        assert_eq!(split(text), ["kind: A\ndata: |\n  ---\n", "kind: B\n"]);
    }
}
