//! A sign of life while long work is done: what is done and for how long, on a terminal only.

use std::io::{IsTerminal, Write, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

/// Work that takes less than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(800);

/// How often the sign changes.
const BEAT: Duration = Duration::from_millis(120);

const SIGNS: [char; 4] = ['|', '/', '-', '\\'];

/// Shows what is being done until it is dropped.
pub(crate) struct Progress {
    shown: Option<(Sender<String>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins; nothing is shown where nobody looks.
    pub(crate) fn start() -> Progress {
        let is_seen = stderr().is_terminal() && std::env::var_os("CI").is_none();
        Progress {
            shown: is_seen.then(|| {
                let (sender, receiver) = channel::<String>();
                let thread = spawn(move || {
                    let started = Instant::now();
                    let mut phase = String::new();
                    let mut beat = 0;
                    loop {
                        match receiver.recv_timeout(BEAT) {
                            Ok(next) => phase = next,
                            Err(RecvTimeoutError::Disconnected) => break,
                            Err(RecvTimeoutError::Timeout) => {}
                        }
                        if started.elapsed() >= PATIENCE {
                            let sign = SIGNS[beat % SIGNS.len()];
                            let seconds = started.elapsed().as_secs();
                            line(&format!("{sign} {phase}, {seconds} s"));
                            beat += 1;
                        }
                    }
                    if beat > 0 {
                        line("");
                    }
                });
                (sender, thread)
            }),
        }
    }

    /// What is done from now on.
    pub(crate) fn phase(&self, what: impl Into<String>) {
        if let Some((sender, _)) = &self.shown {
            // A display that is gone is no reason to stop the work.
            let _ = sender.send(what.into());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.shown.take() {
            drop(sender);
            let _ = thread.join();
        }
    }
}

/// Puts a text in the place of the line that is there.
fn line(text: &str) {
    let mut out = stderr().lock();
    let _ = write!(out, "\r\u{1b}[K{text}");
    let _ = out.flush();
}
