//! The binary's reports of some files, in every format.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Every format but the console.
pub(crate) const FORMATS: [&str; 11] = [
    "json",
    "sarif",
    "junit",
    "csv",
    "markdown",
    "gitlab",
    "gitlab-sast",
    "github",
    "prometheus",
    "policyreport",
    "openreports",
];

/// Texts by format.
pub(crate) struct Reports(BTreeMap<String, String>);

impl Reports {
    pub(crate) fn of(paths: &[PathBuf], more: &[&str]) -> Reports {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.arg("scan").args(paths).args(more);
        command.args(["-o", "console", "--color", "never"]);
        for format in FORMATS {
            let file = folder.path().join(format);
            command.args(["-o", &format!("{format}={}", file.display())]);
        }
        let output = command
            .current_dir(project())
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs");
        let code = output.status.code();
        assert!(
            matches!(code, Some(0 | 1 | 3)),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut texts = BTreeMap::new();
        let console = String::from_utf8(output.stdout).expect("text");
        texts.insert("console".to_owned(), console);
        for format in FORMATS {
            let text = fs::read_to_string(folder.path().join(format)).expect("a report");
            texts.insert(format.to_owned(), text);
        }
        Reports(texts)
    }

    pub(crate) fn of_text(text: &str) -> Reports {
        let folder = tempfile::tempdir().expect("a folder");
        Reports::of(&[write(folder.path(), "manifest.yaml", text)], &[])
    }

    pub(crate) fn text(&self, format: &str) -> &str {
        &self.0[format]
    }

    pub(crate) fn json(&self, format: &str) -> Value {
        serde_json::from_str(self.text(format)).unwrap_or_else(|error| panic!("{format}: {error}"))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(format, text)| (format.as_str(), text.as_str()))
    }
}

pub(crate) fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).expect("a file can be written");
    path
}

pub(crate) fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The project's examples, and the manifests of other projects where they are there.
pub(crate) fn manifests() -> Vec<PathBuf> {
    let beside = project().join("../shared");
    let shared = std::env::var_os("PLIMSOLL_SHARED").map_or(beside, PathBuf::from);
    let corpora = shared.join("corpora/manifests");
    let mut found = files_below(&project().join("examples"));
    if corpora.is_dir() {
        found.extend(files_below(&corpora));
    } else {
        assert!(std::env::var_os("CI").is_none(), "the corpora are missing");
        println!("only the examples are looked at: the corpora are not there");
    }
    found
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder).expect("a folder can be read");
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path
            .extension()
            .is_some_and(|ending| ending == "yaml" || ending == "yml")
        {
            files.push(path);
        }
    }
    files.sort();
    files
}
