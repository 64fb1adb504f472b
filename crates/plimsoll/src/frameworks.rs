//! `plimsoll frameworks`

use std::fmt::Write;

use plimsoll_catalog::{Catalog, Framework};
use serde_json::{Value, json};

use crate::arguments::{ListArguments, ListFormat};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn run(arguments: &ListArguments) -> Result<Exit, Failure> {
    let catalog = Catalog::built_in()?;
    let text = match arguments.format {
        ListFormat::Json => {
            let list: Vec<Value> = catalog.frameworks().iter().map(entry).collect();
            format!("{:#}\n", Value::from(list))
        }
        ListFormat::Console => table(&catalog, arguments),
    };
    output::results(&text)?;
    Ok(Exit::Done)
}

fn entry(framework: &Framework) -> Value {
    let requirements: Vec<Value> = framework
        .requirements
        .iter()
        .map(|requirement| {
            json!({"id": requirement.id, "title": requirement.title, "kind": requirement.kind.name()})
        })
        .collect();
    json!({
        "id": framework.id,
        "version": framework.version,
        "title": framework.title,
        "requirements": requirements,
    })
}

fn table(catalog: &Catalog, arguments: &ListArguments) -> String {
    let look = output::look(arguments.look.color, arguments.look.output_width, false);
    let mut text = String::new();
    for framework in catalog.frameworks() {
        let _ = writeln!(
            text,
            "{}  {}, {} requirements ({})",
            look.paint.bold(&format!("{:<16}", framework.id)),
            framework.title,
            framework.requirements.len(),
            framework.version
        );
    }
    text
}
