//! Measures the release binary.
//!
//! - `cargo xtask bench PATH...` times whole scans beside their yardstick, in the same run: what reading the same bytes
//!   takes on one core.
//! - `cargo xtask instructions [--update]` counts instructions of small scans with callgrind, which are the same on a busy
//!   machine, and compares them with those that are written down.
//! - `cargo xtask peers DIRECTORY...` runs other programs that judge manifests on the same input, in the same run.
//!
//! `PLIMSOLL_BINARY` names the binary to measure where it is built already.

mod bench;
mod instructions;
mod peers;
mod yardstick;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.split_first() {
        Some((command, files)) if command == "bench" && !files.is_empty() => bench::run(files),
        Some((command, [file])) if command == "read" => yardstick::read(file),
        Some((command, [])) if command == "instructions" => instructions::run(false),
        Some((command, [flag])) if command == "instructions" && flag == "--update" => {
            instructions::run(true)
        }
        Some((command, directories)) if command == "peers" && !directories.is_empty() => {
            peers::run(directories)
        }
        _ => Err("usage: cargo xtask bench PATH... | cargo xtask instructions [--update] | cargo xtask peers DIRECTORY...".into()),
    };
    match result {
        Ok(text) => {
            say(&text);
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "it is what this program is for")]
fn say(text: &str) {
    println!("{text}");
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Builds the release binary, and gives its path; that of `PLIMSOLL_BINARY` where it is told.
fn release_binary() -> Result<PathBuf> {
    if let Some(binary) = std::env::var_os("PLIMSOLL_BINARY") {
        return Ok(std::fs::canonicalize(binary)?);
    }
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--release",
            "--quiet",
            "--locked",
            "--package",
            "plimsoll",
        ])
        .status()?;
    if !status.success() {
        return Err("the release binary could not be built".into());
    }
    // This program lies beside it.
    let beside = std::env::current_exe()?.with_file_name("plimsoll");
    Ok(beside)
}
