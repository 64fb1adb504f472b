//! The binary: arguments in, exit code out.
//!
//! - `arguments` is the command line as it is typed, with its help.
//! - Each command is a module of its name with one `run`.
//! - `exit` says what the exit codes mean; this file is the one place that prints what went wrong.

mod arguments;
mod attestations;
mod completions;
mod configuration;
mod controls;
mod diff;
mod eval;
mod exceptions;
mod exit;
mod explain;
mod export;
mod fix;
mod frameworks;
mod init;
mod manual;
mod node;
mod output;
mod pages;
mod progress;
mod reading;
mod scan;
mod schema;
mod snapshot;
mod test;
mod yaml_file;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use exit::Exit;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; clap knows which stream is theirs.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage.into()
            } else {
                Exit::Done.into()
            };
        }
    };
    let result = match arguments.command {
        Command::Scan(scan) => scan::run(&scan),
        Command::Snapshot(snapshot) => snapshot::run(&snapshot),
        Command::Fix(fix) => fix::run(&fix),
        Command::Explain(explain) => explain::run(&explain),
        Command::Controls(list) => controls::run(&list),
        Command::Frameworks(list) => frameworks::run(&list),
        Command::Eval(eval) => eval::run(&eval),
        Command::Test(test) => test::run(&test),
        Command::Node(node) => node::run(&node),
        Command::Init(init) => init::run(&init),
        Command::Schema => schema::run(),
        Command::Man => manual::run(),
        Command::Export(command) => export::run(&command),
        Command::Exceptions(command) => exceptions::run(&command),
        Command::Diff(diff) => diff::run(&diff),
        Command::Completions(completions) => completions::run(&completions),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::message(&format!("error: {failure}"));
            failure.exit().into()
        }
    }
}
