//! The programs that are compared: how each is run, and what its JSON says.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The directory, in the arguments of a program.
const DIRECTORY: &str = "DIRECTORY";
/// All its manifests, each an argument.
const FILES: &str = "FILES...";
/// All its manifests, each an option.
const RESOURCES: &str = "--resource=FILE...";
/// An empty folder for what the program keeps.
const CACHE: &str = "CACHE";
/// The policy that Kyverno is given.
const POLICY: &str = "POLICY";

/// Where the policy lies, and its text.
pub(crate) const POLICY_FILE: &str = "restricted.yaml";
pub(crate) const POLICY_TEXT: &str = include_str!("restricted.yaml");

/// A program that judges manifests.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) binary: &'static str,
    /// The arguments that make it print its version.
    pub(crate) version: &'static [&'static str],
    /// The arguments for a directory: all its checks, JSON, nothing fetched.
    arguments: &'static [&'static str],
    pub(crate) count: fn(&Value) -> Counts,
}

/// What a program says that it did, by its own way of counting; `None` where it does not say.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) objects: Option<u64>,
    /// Checks that passed or failed on something.
    pub(crate) verdicts: Option<u64>,
    /// Those that failed.
    pub(crate) findings: Option<u64>,
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        name: "Plimsoll",
        binary: "plimsoll",
        version: &["--version"],
        arguments: &["scan", DIRECTORY, "--no-render", "--format", "json"],
        count: plimsoll,
    },
    Program {
        name: "Checkov",
        binary: "checkov",
        version: &["--version"],
        arguments: &[
            "-d",
            DIRECTORY,
            "--framework",
            "kubernetes",
            "--skip-download",
            "--quiet",
            "--compact",
            "-o",
            "json",
        ],
        count: checkov,
    },
    Program {
        name: "Trivy",
        binary: "trivy",
        version: &["--version"],
        arguments: &[
            "config",
            "-q",
            "--cache-dir",
            CACHE,
            "--skip-check-update",
            "--skip-version-check",
            "--misconfig-scanners",
            "kubernetes",
            "--timeout",
            "60m",
            "-f",
            "json",
            DIRECTORY,
        ],
        count: trivy,
    },
    Program {
        name: "kube-score",
        binary: "kube-score",
        version: &["version"],
        arguments: &["score", "--all-default-optional", "-o", "json", FILES],
        count: kube_score,
    },
    // An engine that has no checks of its own; the last two judge by the same standard, object by object.
    Program {
        name: "Kyverno, restricted",
        binary: "kyverno",
        version: &["version"],
        arguments: &[
            "apply",
            POLICY,
            "--policy-report",
            "--output-format",
            "json",
            RESOURCES,
        ],
        count: kyverno,
    },
    Program {
        name: "Plimsoll, restricted",
        binary: "plimsoll",
        version: &["--version"],
        arguments: &[
            "scan",
            DIRECTORY,
            "--no-render",
            "--framework",
            "pss-restricted",
            "--format",
            "json",
        ],
        count: plimsoll,
    },
];

impl Program {
    /// How it is run, for a reader.
    pub(crate) fn command(&self) -> String {
        format!("{} {}", self.binary, self.arguments.join(" "))
    }

    /// Its arguments for a directory with these manifests.
    pub(crate) fn arguments(
        &self,
        directory: &Path,
        files: &[PathBuf],
        place: &Path,
    ) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::new();
        for argument in self.arguments {
            match *argument {
                DIRECTORY => arguments.push(directory.into()),
                FILES => arguments.extend(files.iter().map(Into::into)),
                RESOURCES => arguments.extend(files.iter().map(|file| {
                    let mut option = OsString::from("--resource=");
                    option.push(file);
                    option
                })),
                CACHE => arguments.push(place.join("cache").into()),
                POLICY => arguments.push(place.join(POLICY_FILE).into()),
                plain => arguments.push(plain.into()),
            }
        }
        arguments
    }
}

/// The entries of a list at a JSON pointer; none where there is no list.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    let entries = value.pointer(pointer).and_then(Value::as_array);
    entries.into_iter().flatten()
}

fn number(value: &Value, pointer: &str) -> Option<u64> {
    value.pointer(pointer)?.as_u64()
}

fn plimsoll(report: &Value) -> Counts {
    let verdicts = list(report, "/controls").map(|control| {
        number(control, "/objects/passed").unwrap_or_default()
            + number(control, "/objects/failed").unwrap_or_default()
    });
    Counts {
        objects: number(report, "/summary/objects"),
        verdicts: Some(verdicts.sum()),
        findings: Some(list(report, "/findings").count() as u64),
    }
}

fn checkov(report: &Value) -> Counts {
    let findings = number(report, "/summary/failed");
    let passed = number(report, "/summary/passed");
    Counts {
        objects: number(report, "/summary/resource_count"),
        verdicts: passed.zip(findings).map(|(passed, failed)| passed + failed),
        findings,
    }
}

fn trivy(report: &Value) -> Counts {
    let sum = |pointer| {
        list(report, "/Results")
            .filter_map(|result| number(result, pointer))
            .sum::<u64>()
    };
    let findings = sum("/MisconfSummary/Failures");
    Counts {
        objects: None,
        verdicts: Some(sum("/MisconfSummary/Successes") + findings),
        findings: Some(findings),
    }
}

/// The grade of a check that found nothing.
const ALL_OK: u64 = 10;

fn kube_score(report: &Value) -> Counts {
    let checks = || {
        list(report, "")
            .flat_map(|object| list(object, "/checks"))
            .filter(|check| check["skipped"] == Value::Bool(false))
    };
    let failed = checks().filter(|check| check["grade"].as_u64().is_some_and(|it| it < ALL_OK));
    Counts {
        objects: Some(list(report, "").count() as u64),
        verdicts: Some(checks().count() as u64),
        findings: Some(failed.count() as u64),
    }
}

/// Reports by namespace, in a list.
fn kyverno(report: &Value) -> Counts {
    let sum = |pointer| {
        list(report, "")
            .filter_map(|report| number(report, pointer))
            .sum::<u64>()
    };
    let findings = sum("/summary/fail");
    Counts {
        objects: None,
        verdicts: Some(sum("/summary/pass") + findings),
        findings: Some(findings),
    }
}
