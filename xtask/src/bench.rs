//! Whole scans, beside their yardstick.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::yardstick::Input;
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

pub(crate) fn run(paths: &[String]) -> Result<String> {
    let binary = release_binary()?;
    let mut table = format!(
        "{:<24}{:>8}{:>12}{:>11}{:>7}{:>9}{:>9}{:>11}{:>7}{:>9}\n",
        "input", "MB", "yardstick", "console", "ratio", "CPU s", "MB/s", "json", "ratio", "memory"
    );
    for path in paths {
        let input = Input::of(Path::new(path))?;
        let (mut yardstick, mut console, mut json, mut cpu) = (vec![], vec![], vec![], vec![]);
        let (mut console_ratio, mut json_ratio, mut peak) = (vec![], vec![], 0);
        for _ in 0..RUNS {
            let read = read_alone(path)?;
            let plain = scan(&binary, &[path, "--quiet"])?;
            let full = scan(&binary, &[path, "--format", "json"])?;
            cpu.push(processor_time(&binary, path)?);
            yardstick.push(read);
            console.push(plain.wall);
            json.push(full.wall);
            console_ratio.push(plain.wall / read);
            json_ratio.push(full.wall / read);
            peak = peak.max(plain.peak);
        }
        let size = input.bytes as f64 / 1e6;
        let cpu = median(cpu);
        let _ = writeln!(
            table,
            "{:<24}{:>8.1}{:>10.3} s{:>9.3} s{:>7.2}{:>9.2}{:>9.1}{:>9.3} s{:>7.2}{:>8.2}x",
            short(path),
            size,
            median(yardstick),
            median(console),
            median(console_ratio),
            cpu,
            size / cpu,
            median(json),
            median(json_ratio),
            peak as f64 / input.bytes as f64,
        );
    }
    table.push_str("yardstick: reading alone, on one core; console: scan PATH --quiet, its ratio to the yardstick, processor time, bytes by that; ");
    table.push_str(
        "json: all findings as JSON; memory: peak of the former by the size of the input",
    );
    Ok(table)
}

fn short(path: &str) -> &str {
    Path::new(path)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or(path)
}

/// The yardstick, in a process of its own as a scan is: one that has memory already is spared asking for it.
fn read_alone(path: &str) -> Result<f64> {
    let output = Command::new(std::env::current_exe()?)
        .args(["read", path])
        .output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Seconds of processor time, user and system, that a scan takes on all cores: what the shell says.
fn processor_time(binary: &Path, path: &str) -> Result<f64> {
    let command = r#"TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>&1"#;
    let output = Command::new("bash")
        .args(["-c", command, "bash"])
        .arg(binary)
        .args(["scan", path, "--quiet"])
        .output()?;
    let told = String::from_utf8(output.stderr)?;
    let times = told.split_whitespace().map(str::parse::<f64>);
    Ok(times.sum::<std::result::Result<f64, _>>()?)
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
