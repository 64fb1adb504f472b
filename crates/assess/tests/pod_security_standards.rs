//! The fixtures of the API server's Pod Security admission: every Pod is judged by the ordinary controls as the
//! admission judges it, at every level and policy version.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod scan;

use std::fs;
use std::path::Path;

use plimsoll_assess::{ControlStatus, select_controls};
use plimsoll_catalog::Control;
use plimsoll_inventory::KubernetesVersion;
use scan::{CATALOG, scan};

#[test]
fn every_fixture_is_allowed_or_forbidden_as_the_api_server_has_it() {
    let Some(folder) = scan::suite("pss") else {
        return;
    };
    let mut count = 0;
    let mut wrong = Vec::new();
    for level in ["baseline", "restricted"] {
        for version in folders(&folder.join(level)) {
            let kubernetes = KubernetesVersion::parse(&version).expect("a folder is a version");
            let framework = format!("pss-{level}");
            let controls = select_controls(
                &CATALOG,
                &[],
                std::slice::from_ref(&framework),
                None,
                kubernetes,
            )
            .expect("the framework exists");
            for (outcome, forbidden) in [("pass", false), ("fail", true)] {
                let fixtures = folder.join(level).join(&version).join(outcome);
                for file in files(&fixtures) {
                    count += 1;
                    let yaml = fs::read_to_string(fixtures.join(&file)).expect("a fixture");
                    let failed = failed_controls(&yaml, &controls, kubernetes.minor);
                    if failed.is_empty() == forbidden {
                        wrong.push(format!(
                            "{level}/{version}/{outcome}/{file}: failed {failed:?}"
                        ));
                    }
                }
            }
        }
    }
    println!("{count} fixtures, {} wrong", wrong.len());
    assert!(count > 1_000, "only {count} fixtures were found");
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(60)].join("\n")
    );
}

fn failed_controls(yaml: &str, controls: &[&Control], minor: u32) -> Vec<String> {
    let assessment = scan(yaml, controls, minor);
    assert!(
        assessment.not_assessed.is_empty(),
        "{:?}",
        assessment.not_assessed
    );
    assessment
        .controls
        .iter()
        .filter(|result| result.status == ControlStatus::Failed)
        .map(|result| result.control.id.clone())
        .collect()
}

fn folders(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(path)
        .expect("a folder")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn files(path: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(path) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    names.sort();
    names
}
