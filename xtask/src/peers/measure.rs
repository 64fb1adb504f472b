//! What a run of a program takes, as the system counts it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use crate::Result;

/// Where what a program prints is put.
pub(crate) const OUTPUT: &str = "output.json";
/// Where what it complains of is put.
pub(crate) const ERRORS: &str = "errors.txt";
/// Where what it took is put.
const TAKEN: &str = "taken.txt";

/// Seconds after which a program is ended.
const LIMIT: &str = "1200";

/// A place where nobody listens.
const NOWHERE: &str = "http://127.0.0.1:9";

/// What one run took.
pub(crate) struct Run {
    /// Seconds of processor time of the program and all that it started, user and system.
    pub(crate) cpu: f64,
    /// Seconds from start to exit.
    pub(crate) wall: f64,
    /// The most memory that the program, or one that it started, has had at a time, in megabytes.
    pub(crate) peak: f64,
    /// Its exit status; 124 where it was ended.
    pub(crate) exit: String,
}

/// Runs a program without network, by GNU `time`, which asks the system.
pub(crate) fn run(program: &Path, arguments: &[OsString], place: &Path) -> Result<Run> {
    let taken = place.join(TAKEN);
    Command::new("time")
        .args(["-f", "%U %S %e %M %x", "-o"])
        .arg(&taken)
        .args(["timeout", LIMIT])
        .arg(program)
        .args(arguments)
        .envs(
            ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"].map(|name| (name, NOWHERE)),
        )
        .current_dir(place)
        .stdout(File::create(place.join(OUTPUT))?)
        .stderr(File::create(place.join(ERRORS))?)
        .status()
        .map_err(|error| format!("GNU time: {error}"))?;
    let text = fs::read_to_string(&taken)?;
    let line = text.lines().last().unwrap_or_default();
    let fields: Vec<&str> = line.split(' ').collect();
    let [user, system, wall, peak, exit] = fields.as_slice() else {
        return Err(format!("GNU time told {line:?}").into());
    };
    Ok(Run {
        cpu: user.parse::<f64>()? + system.parse::<f64>()?,
        wall: wall.parse()?,
        peak: peak.parse::<f64>()? * 1024.0 / 1e6,
        exit: (*exit).to_owned(),
    })
}
