//! `plimsoll completions`

use clap::CommandFactory;

use crate::arguments::{Arguments, CompletionsArguments};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn run(arguments: &CompletionsArguments) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "plimsoll", &mut script);
    output::results(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
