//! `plimsoll test`

use std::fmt::Write;

use plimsoll_assess::check_examples;
use plimsoll_catalog::Control;
use plimsoll_report::text::{counted, printable};

use crate::arguments::TestArguments;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::pages;

pub(crate) fn run(arguments: &TestArguments) -> Result<Exit, Failure> {
    let pages = pages::read(&arguments.paths)?;
    if pages.is_empty() {
        return Err(Failure::Usage(
            "there is no control page to test: pages are files that end with .md".to_owned(),
        ));
    }
    let mut text = String::new();
    let mut wrong = 0;
    for (path, content) in &pages {
        let messages: Vec<String> = match Control::parse(path, content) {
            Ok(control) => check_examples(&control)
                .into_iter()
                .map(|mismatch| format!("{path}:{}: {}", mismatch.line, mismatch.message))
                .collect(),
            Err(error) => vec![error.to_string()],
        };
        wrong += usize::from(!messages.is_empty());
        for message in messages {
            let lines: Vec<String> = message.lines().map(printable).collect();
            let _ = writeln!(text, "{}", lines.join("\n"));
        }
    }
    let _ = writeln!(
        text,
        "{}, {} wrong",
        counted(pages.len(), "page"),
        if wrong == 0 {
            "none".to_owned()
        } else {
            wrong.to_string()
        }
    );
    output::results(&text)?;
    Ok(if wrong == 0 { Exit::Done } else { Exit::Gate })
}
