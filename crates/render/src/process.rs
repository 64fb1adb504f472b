//! Running a program fenced in: no network, no input, nothing of the user's own settings, and an end.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use crate::error::RenderError;
use crate::renderer::Limits;

/// How much of what a program complains is kept.
const MOST_COMPLAINTS: usize = 64 << 10;

/// How many characters of that are told.
const MOST_WORDS: usize = 1000;

/// A proxy that nobody answers at (RFC 863's port, and no such service is run): what would fetch something fails at
/// once instead. With no proxy set, it would reach the network.
const NOWHERE: &str = "http://127.0.0.1:9";

/// How often it is looked whether a program has ended that closed its output.
const BEAT: Duration = Duration::from_millis(5);

/// What a program did.
pub(crate) struct Ran {
    pub(crate) succeeded: bool,
    pub(crate) printed: String,
    pub(crate) complaints: String,
}

/// Which of a program's outputs ended, and what it holds; with whether there was more.
type Heard = (bool, Vec<u8>, bool);

/// Runs a program in an empty folder that is its home, too. Its process group is ended with it.
pub(crate) fn run(
    program: &Path,
    arguments: &[OsString],
    home: &Path,
    limits: &Limits,
) -> Result<Ran, RenderError> {
    let name = program.file_stem().map_or_else(
        || program.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    let started = Instant::now();
    let mut child =
        command(program, arguments, home)
            .spawn()
            .map_err(|error| RenderError::Start {
                program: name.clone(),
                reason: error.to_string(),
            })?;
    limit_memory(&child, limits.memory);
    let heard = listen(&mut child, limits.bytes);
    let result = wait(&mut child, &heard, started, limits);
    // Nothing it started outlives it, however it ended.
    let status = end_group(&mut child);
    let lost = |error: std::io::Error| End::Lost(error.to_string());
    match result.and_then(|heard| Ok((status.map_err(lost)?, heard))) {
        Ok((status, (printed, complaints))) => Ok(Ran {
            succeeded: status.success(),
            printed: String::from_utf8(printed)
                .map_err(|_| RenderError::NotText { program: name })?,
            complaints: String::from_utf8_lossy(&complaints).into_owned(),
        }),
        Err(End::Time) => Err(RenderError::TimedOut {
            program: name,
            seconds: limits.time.as_secs(),
        }),
        Err(End::Size) => Err(RenderError::TooLong {
            program: name,
            limit: limits.bytes,
        }),
        Err(End::Lost(reason)) => Err(RenderError::Start {
            program: name,
            reason,
        }),
    }
}

/// Why a program was ended.
enum End {
    Time,
    Size,
    Lost(String),
}

fn command(program: &Path, arguments: &[OsString], home: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env_clear();
    for name in ["PATH", "SYSTEMROOT"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    for name in ["HOME", "USERPROFILE", "APPDATA", "TMPDIR", "TEMP", "TMP"] {
        command.env(name, home);
    }
    for (name, folder) in [
        ("HELM_CACHE_HOME", "cache"),
        ("HELM_CONFIG_HOME", "config"),
        ("HELM_DATA_HOME", "data"),
        ("HELM_PLUGINS", "plugins"),
        ("KUSTOMIZE_PLUGIN_HOME", "plugins"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("KUBECONFIG", "no-cluster"),
    ] {
        command.env(name, home.join(folder));
    }
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        command.env(name, NOWHERE);
        command.env(name.to_ascii_uppercase(), NOWHERE);
    }
    command
        .env("GIT_ALLOW_PROTOCOL", "file")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C");
    // Of its own group, it can be ended with all that it starts.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// Reads both outputs, each on a thread of its own. A thread that cannot end, since somebody who left the group holds
/// the output open, is left behind.
fn listen(child: &mut Child, most: usize) -> Receiver<Heard> {
    let (sender, receiver) = channel();
    if let Some(output) = child.stdout.take() {
        read_on_thread(true, output, most, sender.clone());
    }
    if let Some(output) = child.stderr.take() {
        read_on_thread(false, output, MOST_COMPLAINTS, sender);
    }
    receiver
}

fn read_on_thread(
    is_output: bool,
    mut from: impl Read + Send + 'static,
    most: usize,
    sender: Sender<Heard>,
) {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = (&mut from).take(most as u64 + 1).read_to_end(&mut bytes);
        let has_more = bytes.len() > most;
        bytes.truncate(most);
        let is_complete = read.is_ok();
        // Whoever asked may be gone.
        let _ = sender.send((is_output, bytes, has_more || !is_complete));
        if !is_output {
            // Complaints beyond the limit are dropped, not refused.
            let _ = std::io::copy(&mut from, &mut std::io::sink());
        }
    });
}

fn wait(
    child: &mut Child,
    heard: &Receiver<Heard>,
    started: Instant,
    limits: &Limits,
) -> Result<(Vec<u8>, Vec<u8>), End> {
    let left = || limits.time.saturating_sub(started.elapsed());
    let (mut printed, mut complaints) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let (is_output, bytes, has_more) = heard.recv_timeout(left()).map_err(|_| End::Time)?;
        if is_output && has_more {
            return Err(End::Size);
        }
        if is_output {
            printed = bytes;
        } else {
            complaints = bytes;
        }
    }
    loop {
        match has_ended(child) {
            Ok(true) => return Ok((printed, complaints)),
            Ok(false) if left().is_zero() => return Err(End::Time),
            Ok(false) => std::thread::sleep(BEAT),
            Err(error) => return Err(End::Lost(error.to_string())),
        }
    }
}

/// Whether a program has ended. Its number stays taken until its group is ended, so that no other one is meant.
#[cfg(unix)]
fn has_ended(child: &mut Child) -> std::io::Result<bool> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(Pid::from_child(child)), options)?.is_some())
}

#[cfg(not(unix))]
fn has_ended(child: &mut Child) -> std::io::Result<bool> {
    Ok(child.try_wait()?.is_some())
}

#[cfg(unix)]
fn end_group(child: &mut Child) -> std::io::Result<ExitStatus> {
    use rustix::process::{Pid, Signal, kill_process_group};
    // A group whose last process has ended by itself is what is wanted.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    child.wait()
}

#[cfg(not(unix))]
fn end_group(child: &mut Child) -> std::io::Result<ExitStatus> {
    // One that has ended by itself is what is wanted.
    let _ = child.kill();
    child.wait()
}

/// A template may ask for any amount of memory; what takes it from others is ended by its own runtime.
#[cfg(target_os = "linux")]
fn limit_memory(child: &Child, bytes: u64) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let limit = Rlimit {
        current: Some(bytes),
        maximum: Some(bytes),
    };
    // A program that has ended needs no limit.
    let _ = prlimit(Some(Pid::from_child(child)), Resource::As, limit);
}

#[cfg(not(target_os = "linux"))]
fn limit_memory(_child: &Child, _bytes: u64) {}

/// What a program complains of, on one line and the same each time: without warnings, hints for its own users, and the
/// names of temporary folders.
pub(crate) fn words(complaints: &str, temporary: &[&Path]) -> String {
    let is_aside = |line: &&str| {
        line.is_empty()
            || line.starts_with("WARNING")
            || line.starts_with("# Warning")
            || line.starts_with("Use --debug flag")
            || line.starts_with("level=")
            || line.starts_with("time=")
            || line.as_bytes().first().is_some_and(u8::is_ascii_digit) && line.contains("warning:")
    };
    let lines: Vec<&str> = complaints
        .lines()
        .map(str::trim)
        .filter(|line| !is_aside(line))
        .collect();
    let text = lines.join(" ");
    let mut text = ["Error: ", "error: "]
        .iter()
        .find_map(|start| text.strip_prefix(start))
        .unwrap_or(&text)
        .to_owned();
    for folder in temporary {
        text = text.replace(&format!("{}/", folder.display()), "");
        text = text.replace(&folder.display().to_string(), ".");
    }
    if text.is_empty() {
        return "nothing, but it failed".to_owned();
    }
    match text.char_indices().nth(MOST_WORDS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limits: Limits) -> Result<Ran, RenderError> {
        let home = tempfile::tempdir().unwrap();
        let arguments = ["-c".into(), script.into()];
        run(Path::new("/bin/sh"), &arguments, home.path(), &limits)
    }

    fn short() -> Limits {
        Limits {
            time: Duration::from_millis(400),
            bytes: 1000,
            ..Limits::default()
        }
    }

    #[test]
    fn a_program_gets_nothing_and_says_what_it_says() {
        let ran = shell(
            "cat; echo $HOME $https_proxy; pwd; echo no >&2; exit 3",
            Limits::default(),
        )
        .unwrap();
        assert!(!ran.succeeded);
        let mut lines = ran.printed.lines();
        let (home, proxy) = lines.next().unwrap().split_once(' ').unwrap();
        assert_eq!(proxy, NOWHERE);
        assert!(lines.next().unwrap().ends_with(home), "{}", ran.printed);
        assert_eq!(ran.complaints, "no\n");
        assert!(
            shell("echo $USER$KUBERNETES_SERVICE_HOST", short())
                .unwrap()
                .printed
                == "\n"
        );
    }

    #[test]
    fn a_program_ends_in_time_with_all_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("mark");
        let script = format!("(sleep 1; touch {}) & sleep 9", mark.display());
        let started = Instant::now();
        let error = shell(&script, short()).err();
        assert!(
            matches!(error, Some(RenderError::TimedOut { .. })),
            "{error:?}"
        );
        assert!(started.elapsed() < Duration::from_secs(5));
        // What stays behind of one that succeeds is ended, too.
        let script = format!(
            "(sleep 1; touch {}) >/dev/null 2>&1 & exit 0",
            mark.display()
        );
        assert!(shell(&script, short()).unwrap().succeeded);
        std::thread::sleep(Duration::from_millis(1300));
        assert!(!mark.exists());
    }

    #[test]
    fn a_program_that_closes_its_output_is_waited_for_no_longer() {
        let error = shell("exec >&- 2>&-; sleep 9", short()).err();
        assert!(
            matches!(error, Some(RenderError::TimedOut { .. })),
            "{error:?}"
        );
    }

    #[test]
    fn output_has_an_end_and_complaints_are_cut() {
        let error = shell("while :; do echo xxxxxxxxxxxxxxxxxxxx; done", short()).err();
        assert!(
            matches!(error, Some(RenderError::TooLong { limit: 1000, .. })),
            "{error:?}"
        );
        let script = "i=0; while [ $i -lt 9000 ]; do echo xxxxxxxxxxxxxxxxxxxx >&2; i=$((i+1)); done; echo done";
        let ran = shell(script, Limits::default()).unwrap();
        assert_eq!(
            (ran.printed.as_str(), ran.complaints.len()),
            ("done\n", MOST_COMPLAINTS)
        );
        let error = shell("printf '\\377'", short()).err();
        assert!(
            matches!(error, Some(RenderError::NotText { .. })),
            "{error:?}"
        );
    }
}
