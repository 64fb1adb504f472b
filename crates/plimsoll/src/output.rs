//! Standard output and error.

use std::io::{IsTerminal, Write};

use plimsoll_report::console::Look;
use plimsoll_report::text::Paint;

use crate::arguments::ColourChoice;
use crate::exit::Failure;

/// Writes results to standard output.
pub(crate) fn results(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Failure::Output)
}

/// Writes a diagnostic to standard error. Where even that fails there is nobody left to tell.
pub(crate) fn message(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "{text}");
}

/// How text looks on standard output.
pub(crate) fn look(colour: ColourChoice, width: Option<usize>, quiet: bool) -> Look {
    let is_terminal = std::io::stdout().is_terminal();
    let colour = match colour {
        ColourChoice::Always => true,
        ColourChoice::Never => false,
        ColourChoice::Auto => {
            is_terminal
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    };
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = width.or_else(terminal).unwrap_or(100);
    Look {
        paint: Paint { colour },
        width: width.clamp(40, 200),
        quiet,
    }
}
