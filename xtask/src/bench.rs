//! Whole scans, beside their yardstick.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Result, release_binary};

/// How often each is run; medians are told.
const RUNS: usize = 5;

/// How often the memory of a scan is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// A scan.
struct Run {
    wall: f64,
    peak: u64,
}

pub(crate) fn run(files: &[String]) -> Result<String> {
    let binary = release_binary()?;
    let mut table = format!(
        "{:<28}{:>9}{:>12}{:>11}{:>8}{:>11}{:>8}{:>10}\n",
        "file", "MB", "serde_json", "console", "ratio", "json", "ratio", "memory"
    );
    for file in files {
        let bytes = fs::read(file)?;
        let is_json = Path::new(file)
            .extension()
            .is_some_and(|ending| ending == "json");
        let (mut yardstick, mut console, mut json, mut peak) = (vec![], vec![], vec![], 0);
        let (mut console_ratio, mut json_ratio) = (vec![], vec![]);
        for _ in 0..RUNS {
            let read = if is_json { read_alone(file)? } else { f64::NAN };
            let plain = scan(&binary, &[file, "--quiet"])?;
            let full = scan(&binary, &[file, "--format", "json"])?;
            yardstick.push(read);
            console.push(plain.wall);
            json.push(full.wall);
            console_ratio.push(plain.wall / read);
            json_ratio.push(full.wall / read);
            peak = peak.max(plain.peak);
        }
        let size = bytes.len() as f64 / 1e6;
        let _ = writeln!(
            table,
            "{:<28}{:>9.1}{:>10.3} s{:>9.3} s{:>8.2}{:>9.3} s{:>8.2}{:>9.2}x",
            short(file),
            size,
            median(yardstick),
            median(console),
            median(console_ratio),
            median(json),
            median(json_ratio),
            peak as f64 / bytes.len() as f64,
        );
    }
    table.push_str("console: scan FILE --quiet; json: all findings as JSON; memory: peak of the former by the size of the file");
    Ok(table)
}

fn short(file: &str) -> &str {
    Path::new(file)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or(file)
}

/// The yardstick, in a process of its own as a scan is: one that has memory already is spared asking for it.
fn read_alone(file: &str) -> Result<f64> {
    let output = Command::new(std::env::current_exe()?)
        .args(["read", file])
        .output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Seconds that reading a file into a value takes, without reading it from the disk.
pub(crate) fn read(file: &str) -> Result<String> {
    let bytes = fs::read(file)?;
    let started = Instant::now();
    let value: serde_json::Value = serde_json::from_slice(&bytes)?;
    let taken = started.elapsed().as_secs_f64();
    drop(value);
    Ok(taken.to_string())
}

fn scan(binary: &Path, arguments: &[&str]) -> Result<Run> {
    let started = Instant::now();
    let mut child = Command::new(binary)
        .arg("scan")
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        peak = peak.max(peak_of(&child));
        std::thread::sleep(LOOK);
    }
    let wall = started.elapsed().as_secs_f64();
    // Findings and what could not be assessed are told by the exit code; 2 is a mistake of the command line.
    if child.wait()?.code() == Some(2) {
        return Err(format!("the scan was refused: {arguments:?}").into());
    }
    Ok(Run { wall, peak })
}

/// The most memory that a process has had, in bytes; 0 where the system does not tell.
fn peak_of(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// The value in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
