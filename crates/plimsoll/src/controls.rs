//! `plimsoll controls`

use std::fmt::Write;

use plimsoll_catalog::{Alias, Catalog, Control, Evidence, PageText};
use plimsoll_report::json::aliases;
use plimsoll_report::text::cut;
use serde::{Serialize, Serializer};

use crate::arguments::{ListArguments, ListFormat};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn run(arguments: &ListArguments) -> Result<Exit, Failure> {
    let catalog = Catalog::built_in()?;
    match arguments.format {
        ListFormat::Json => {
            let list: Vec<Entry<'_>> = catalog.controls().iter().map(Entry::new).collect();
            output::json(&list)?;
        }
        ListFormat::Console => output::results(&table(&catalog, arguments))?,
    }
    Ok(Exit::Done)
}

/// A control in the JSON list.
#[derive(Serialize)]
struct Entry<'c> {
    id: &'c str,
    name: &'c str,
    title: &'c str,
    severity: &'static str,
    area: &'c str,
    needs: &'static str,
    #[serde(serialize_with = "aliases")]
    aliases: &'c [Alias],
    #[serde(serialize_with = "evidence")]
    evidence: &'c [Evidence],
}

impl<'c> Entry<'c> {
    fn new(control: &'c Control) -> Entry<'c> {
        Entry {
            id: &control.id,
            name: &control.name,
            title: &control.title,
            severity: control.severity.name(),
            area: &control.area,
            needs: control.needs.name(),
            aliases: &control.aliases,
            evidence: &control.evidence,
        }
    }
}

#[derive(Serialize)]
struct Requirements<'c> {
    direct: &'c [PageText],
    supports: &'c [PageText],
}

/// Requirements by framework.
fn evidence<S: Serializer>(evidence: &[Evidence], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(evidence.iter().map(|evidence| {
        let requirements = Requirements {
            direct: &evidence.direct,
            supports: &evidence.supports,
        };
        (&evidence.framework, requirements)
    }))
}

fn table(catalog: &Catalog, arguments: &ListArguments) -> String {
    let look = output::look(&arguments.look);
    let mut text = String::new();
    let mut area = "";
    for control in catalog.controls() {
        if control.area != area {
            let gap = if area.is_empty() { "" } else { "\n" };
            area = &control.area;
            let _ = writeln!(text, "{gap}{}", look.paint.bold(area));
        }
        let severity = look
            .paint
            .severity(control.severity, &format!("{:<8}", control.severity.name()));
        let title = cut(&control.title, look.width.saturating_sub(57).max(20));
        let _ = writeln!(
            text,
            "  {}  {severity}  {:<34}  {title}",
            control.id, control.name
        );
    }
    text
}
