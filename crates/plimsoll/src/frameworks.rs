//! `plimsoll frameworks`

use std::fmt::Write;

use plimsoll_catalog::{Catalog, Framework};
use plimsoll_report::text::counted;
use serde::Serialize;

use crate::arguments::{ListArguments, ListFormat};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn run(arguments: &ListArguments) -> Result<Exit, Failure> {
    let catalog = Catalog::built_in()?;
    match arguments.format {
        ListFormat::Json => {
            let list: Vec<Entry<'_>> = catalog.frameworks().iter().map(Entry::new).collect();
            output::json(&list)?;
        }
        ListFormat::Console => output::results(&table(&catalog, arguments))?,
    }
    Ok(Exit::Done)
}

/// A framework in the JSON list.
#[derive(Serialize)]
struct Entry<'c> {
    id: &'c str,
    version: &'c str,
    title: &'c str,
    requirements: Vec<Requirement<'c>>,
}

#[derive(Serialize)]
struct Requirement<'c> {
    id: &'c str,
    title: &'c str,
    kind: &'static str,
}

impl<'c> Entry<'c> {
    fn new(framework: &'c Framework) -> Entry<'c> {
        let requirements = framework
            .requirements
            .iter()
            .map(|requirement| Requirement {
                id: &requirement.id,
                title: &requirement.title,
                kind: requirement.kind.name(),
            });
        Entry {
            id: &framework.id,
            version: &framework.version,
            title: &framework.title,
            requirements: requirements.collect(),
        }
    }
}

fn table(catalog: &Catalog, arguments: &ListArguments) -> String {
    let look = output::look(&arguments.look);
    let mut text = String::new();
    for framework in catalog.frameworks() {
        let _ = writeln!(
            text,
            "{}  {}, {} ({})",
            look.paint.bold(&format!("{:<16}", framework.id)),
            framework.title,
            counted(framework.requirements.len(), "requirement"),
            framework.version
        );
    }
    text
}
