//! Programs that end with the test that started them, however the test ends.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Reads process ids until there are no more, which is when the test closes the pipe or is no more itself, killed or
/// not. Then ends the processes and removes the folder.
const WATCH: &str = r#"while read -r id; do ids="$ids $id"; done; [ -z "$ids" ] || kill -9 $ids; sleep 0.1; rm -rf "$1""#;

/// A folder, and processes that write to it. Both are gone when this is dropped, and when the test dies.
#[derive(Debug)]
pub(crate) struct Processes {
    folder: PathBuf,
    watch: Child,
    children: Vec<(&'static str, Child)>,
}

impl Processes {
    /// None yet; makes the folder.
    pub(crate) fn new(folder: PathBuf) -> io::Result<Processes> {
        std::fs::create_dir_all(&folder)?;
        let watch = Command::new("sh")
            .args(["-c", WATCH, "watch"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // What kills the test's process group shall not kill what cleans up after it.
            .process_group(0)
            .spawn()?;
        Ok(Processes {
            folder,
            watch,
            children: Vec::new(),
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts a program whose output goes to `<name>.log`.
    pub(crate) fn start(
        &mut self,
        name: &'static str,
        program: &Path,
        arguments: &[String],
    ) -> io::Result<()> {
        let log = File::create(self.log(name))?;
        let child = Command::new(program)
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()?;
        let id = child.id();
        self.children.push((name, child));
        match &mut self.watch.stdin {
            Some(pipe) => writeln!(pipe, "{id}"),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// The name of a program that has ended.
    pub(crate) fn ended(&mut self) -> Option<&'static str> {
        self.children
            .iter_mut()
            .find_map(|(name, child)| (!matches!(child.try_wait(), Ok(None))).then_some(*name))
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }

    /// The last lines of a program's output.
    pub(crate) fn tail(&self, name: &str) -> String {
        const LINES: usize = 30;
        let log = std::fs::read(self.log(name)).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        // The end of the pipe is what the watch waits for.
        drop(self.watch.stdin.take());
        for (_, child) in &mut self.children {
            // The watch kills them too; whoever comes second finds them gone.
            let _gone = child.kill();
            let _status = child.wait();
        }
        let _status = self.watch.wait();
    }
}
