//! Standard output and error.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};

use plimsoll_report::text::{Look, Paint};
use serde::Serialize;

use crate::arguments::{ColourChoice, LookArguments};
use crate::exit::Failure;

/// Columns where there is no terminal to ask.
const WIDTH: usize = 100;

/// Writes results to standard output. Whoever closes it has heard enough: that is no failure, and what else there is to
/// do goes on.
pub(crate) fn write_results(
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match content(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}

/// Writes a text to standard output.
pub(crate) fn results(text: &str) -> Result<(), Failure> {
    write_results(|out| out.write_all(text.as_bytes()))
}

/// Writes a value to standard output as JSON, indented.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    write_results(|out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        writeln!(out)
    })
}

/// Writes a diagnostic to standard error. Where even that fails there is nobody left to tell.
pub(crate) fn message(text: &str) {
    let mut err = io::stderr().lock();
    let _ = writeln!(err, "{text}");
}

/// How text looks on standard output.
pub(crate) fn look(arguments: &LookArguments) -> Look {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let colour = match arguments.color {
        ColourChoice::Always => true,
        ColourChoice::Never => false,
        ColourChoice::Auto => {
            io::stdout().is_terminal()
                && !is_set("NO_COLOR")
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    };
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = arguments.output_width.or_else(terminal).unwrap_or(WIDTH);
    Look {
        paint: Paint { colour },
        width: width.clamp(40, 400),
    }
}
