//! `plimsoll exceptions`
//!
//! `file` reads the exceptions file; `check` says what each exception would hide, and `new` writes one.

mod check;
pub(crate) mod file;
mod new;

use crate::arguments::ExceptionsCommand;
use crate::exit::{Exit, Failure};

pub(crate) fn run(command: &ExceptionsCommand) -> Result<Exit, Failure> {
    match command {
        ExceptionsCommand::Check(arguments) => check::run(arguments),
        ExceptionsCommand::New(arguments) => new::run(arguments),
    }
}
