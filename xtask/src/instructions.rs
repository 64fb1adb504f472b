//! Instructions of small scans, by callgrind.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value};

use crate::{Result, release_binary};

/// Where counts are written down.
const KNOWN: &str = "xtask/instructions.json";

/// By how much a count may differ: another C library or processor takes other ways.
const TOLERANCE: f64 = 0.25;

/// What is scanned.
const SCANS: &[(&str, &[&str])] = &[
    ("version", &["--version"]),
    ("one file", &["scan", "examples/shop.yaml", "--quiet"]),
    (
        "one file, all findings",
        &["scan", "examples/shop.yaml", "--format", "json"],
    ),
    ("list of controls", &["controls", "--format", "json"]),
];

pub(crate) fn run(update: bool) -> Result<String> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return Ok("valgrind is not there; instructions are not counted".to_owned());
    }
    let binary = release_binary()?;
    let known: Map<String, Value> = if update {
        Map::new()
    } else {
        serde_json::from_str(&fs::read_to_string(KNOWN)?)?
    };
    let mut counted = Map::new();
    let mut text = String::new();
    let mut more = Vec::new();
    for (name, arguments) in SCANS {
        let count = count(&binary, arguments)?;
        counted.insert((*name).to_owned(), count.into());
        let before = known.get(*name).and_then(Value::as_u64);
        let change = before.map_or(0.0, |before| count as f64 / before as f64 - 1.0);
        text.push_str(&format!(
            "{name:<26}{:>9.1} M{:>+8.1} %\n",
            count as f64 / 1e6,
            100.0 * change
        ));
        // What is not written down is held to nothing.
        if before.is_none() || change > TOLERANCE {
            more.push(*name);
        }
    }
    if update {
        fs::write(KNOWN, serde_json::to_string_pretty(&counted)? + "\n")?;
        return Ok(text);
    }
    if more.is_empty() {
        return Ok(text);
    }
    Err(format!(
        "{text}{} took more instructions than written down in {KNOWN}, or is not there; where that is right, write it down with --update",
        more.join(" and ")
    )
    .into())
}

fn count(binary: &Path, arguments: &[&str]) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(binary)
        .args(arguments)
        .output()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = told.lines().find(|line| line.contains("Collected :"));
    let count = line.and_then(|line| line.rsplit(' ').next()?.parse().ok());
    count.ok_or_else(|| format!("callgrind tells no count: {told}").into())
}
