//! Plimsoll beside its peers: other programs that judge manifests, on the same input, in the same run.

mod measure;
mod program;
mod questions;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Result;
use crate::bench::median;
use measure::Run;
use program::{Counts, PROGRAMS, Program};

/// How often each program runs on a directory at most; medians are told.
const RUNS: usize = 5;

/// Seconds of a program on a directory after which it is run no more.
const BUDGET: f64 = 120.0;

/// A program that is there.
struct Peer {
    program: &'static Program,
    path: PathBuf,
}

/// What a program did on a directory.
#[derive(Default)]
struct Outcome {
    runs: Vec<Run>,
    /// Seconds of all runs, with the warm-up.
    spent: f64,
    report: Option<Value>,
    error: String,
}

pub(crate) fn run(directories: &[String]) -> Result<String> {
    let place = std::env::temp_dir().join(format!("plimsoll-peers-{}", std::process::id()));
    fs::create_dir(&place)?;
    fs::write(place.join(program::POLICY_FILE), program::POLICY_TEXT)?;
    let result = compare_all(directories, &place);
    fs::remove_dir_all(&place)?;
    result
}

fn compare_all(directories: &[String], place: &Path) -> Result<String> {
    let (peers, missing) = find()?;
    let mut text = format!(
        "{}, {} cores, {} {}\n\n| program | version | command |\n|---|---|---|\n",
        first_line(Command::new("date").args(["-u", "+%F"]))?,
        std::thread::available_parallelism()?,
        std::env::consts::OS,
        std::env::consts::ARCH,
    );
    for peer in &peers {
        let told = first_line(Command::new(&peer.path).args(peer.program.version))?;
        let _ = writeln!(
            text,
            "| {} | {} | `{}` |",
            peer.program.name,
            version(&told),
            peer.program.command(),
        );
    }
    if !missing.is_empty() {
        let _ = writeln!(
            text,
            "\nNot on the PATH, and left out: {}.",
            missing.join(", ")
        );
    }
    for directory in directories {
        text.push_str(&compare(&peers, Path::new(directory), place)?);
    }
    Ok(text)
}

/// The programs that are on the PATH, and the names of those that are not.
fn find() -> Result<(Vec<Peer>, Vec<&'static str>)> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for program in PROGRAMS {
        let place = if program.binary == "plimsoll" {
            Some(crate::release_binary()?)
        } else {
            std::env::split_paths(&path)
                .map(|folder| folder.join(program.binary))
                .find(|file| file.is_file())
        };
        match place {
            Some(path) => found.push(Peer { program, path }),
            None => missing.push(program.name),
        }
    }
    Ok((found, missing))
}

fn first_line(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// The version in what a program says of itself.
fn version(told: &str) -> &str {
    let mut words = told
        .split([' ', ','])
        .map(|word| word.trim_start_matches('v'));
    let number = words.find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    number.unwrap_or(told)
}

/// The tables of a directory.
fn compare(peers: &[Peer], directory: &Path, place: &Path) -> Result<String> {
    let directory = directory.canonicalize()?;
    let mut files = Vec::new();
    let bytes = read_files(&directory, &mut files)?;
    files.sort();
    let outcomes = measure_all(peers, &directory, &files, place)?;
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let mut text = format!(
        "\n### {name}: {} files, {:.2} MB\n\n\
         | program | CPU s | of | wall s | memory MB | exit | objects | verdicts | findings | verdicts a CPU s |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        files.len(),
        bytes as f64 / 1e6,
    );
    let mut unread = String::new();
    for (peer, outcome) in peers.iter().zip(&outcomes) {
        let name = peer.program.name;
        let counts = outcome.report.as_ref().map(peer.program.count);
        text.push_str(&row(name, &outcome.runs, counts.unwrap_or_default()));
        if outcome.report.is_none() {
            let error = outcome.error.lines().next().unwrap_or("no word on why");
            let _ = writeln!(unread, "\n{name} printed no JSON: {error}");
        }
    }
    text.push_str(&unread);
    // What is told by file says nothing of a single one.
    if files.len() > 1 {
        text.push_str(&questions::table(&directory, |name| {
            let mut both = peers.iter().zip(&outcomes);
            let (_, outcome) = both.find(|(peer, _)| peer.program.name == name)?;
            outcome.report.as_ref()
        }));
    }
    Ok(text)
}

/// Runs the programs one after the other and again, so that what slows the machine for a while slows all of them.
fn measure_all(
    peers: &[Peer],
    directory: &Path,
    files: &[PathBuf],
    place: &Path,
) -> Result<Vec<Outcome>> {
    let mut outcomes: Vec<Outcome> = peers.iter().map(|_| Outcome::default()).collect();
    for round in 0..=RUNS {
        for (peer, outcome) in peers.iter().zip(&mut outcomes) {
            if outcome.spent > BUDGET {
                continue;
            }
            let arguments = peer.program.arguments(directory, files, place);
            let run = measure::run(&peer.path, &arguments, place)?;
            outcome.spent += run.wall;
            // The first run warms up, unless it is long enough for that not to matter.
            if round > 0 || outcome.spent > BUDGET {
                outcome.runs.push(run);
            }
            // It says the same in every run.
            if round == 0 {
                outcome.report = parse(&fs::read_to_string(place.join(measure::OUTPUT))?);
                outcome.error = fs::read_to_string(place.join(measure::ERRORS))?;
            }
        }
    }
    Ok(outcomes)
}

/// The JSON that a program printed; a list of them where it prints several, each in a line between others.
fn parse(output: &str) -> Option<Value> {
    if let Ok(value) = serde_json::from_str(output) {
        return Some(value);
    }
    let lines = output.lines().filter(|line| line.starts_with('{'));
    let values: Vec<Value> = lines
        .map(serde_json::from_str)
        .collect::<std::result::Result<_, _>>()
        .ok()?;
    (!values.is_empty()).then_some(Value::Array(values))
}

/// Finds the manifests of a directory, and reads them, so that none of the programs is the one that waits for the disk.
fn read_files(directory: &Path, files: &mut Vec<PathBuf>) -> Result<usize> {
    let mut bytes = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        let is_manifest = path
            .extension()
            .is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|known| ending == *known));
        if entry.file_type()?.is_dir() {
            bytes += read_files(&path, files)?;
        } else if is_manifest {
            bytes += fs::read(&path)?.len();
            files.push(path);
        }
    }
    Ok(bytes)
}

fn row(name: &str, runs: &[Run], counts: Counts) -> String {
    let of = |value: fn(&Run) -> f64| runs.iter().map(value);
    let cpu = median(of(|run| run.cpu).collect());
    let told = |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |count| count.to_string());
    // Processor time is told in hundredths of a second.
    let rate = |verdicts: u64| (verdicts as f64 / cpu.max(0.01)) as u64;
    format!(
        "| {name} | {cpu:.2} ({:.2}-{:.2}) | {} | {:.2} | {:.0} | {} | {} | {} | {} | {} |\n",
        of(|run| run.cpu).fold(f64::INFINITY, f64::min),
        of(|run| run.cpu).fold(0.0, f64::max),
        runs.len(),
        median(of(|run| run.wall).collect()),
        median(of(|run| run.peak).collect()),
        runs.last().map_or("-", |run| &run.exit),
        told(counts.objects),
        told(counts.verdicts),
        told(counts.findings),
        told(counts.verdicts.map(rate)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_programs_say() {
        for told in [
            "plimsoll 1.2.3",
            "1.2.3",
            "Version: v1.2.3",
            "name version: 1.2.3, commit: N/A, built: N/A",
        ] {
            assert_eq!(version(told), "1.2.3", "{told}");
        }
        assert_eq!(version("development"), "development");
    }

    #[test]
    fn one_json_or_several_between_other_lines_are_read() {
        assert_eq!(parse("{\n\"a\": 1\n}"), Some(serde_json::json!({"a": 1})));
        assert_eq!(
            parse("applying 1 policy\n{\"a\": 1}\n---\n{\"a\": 2}\n"),
            Some(serde_json::json!([{"a": 1}, {"a": 2}]))
        );
        assert_eq!(parse("failed to parse"), None);
        assert_eq!(parse("{\"a\": 1}\n{\"a\":"), None);
    }
}
