//! `plimsoll controls`

use std::fmt::Write;

use plimsoll_catalog::{Catalog, Control};
use plimsoll_report::json::aliases;
use plimsoll_report::text::cut;
use serde_json::{Map, Value, json};

use crate::arguments::{ListArguments, ListFormat};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn run(arguments: &ListArguments) -> Result<Exit, Failure> {
    let catalog = Catalog::built_in()?;
    let text = match arguments.format {
        ListFormat::Json => {
            let list: Vec<Value> = catalog.controls().iter().map(entry).collect();
            format!("{:#}\n", Value::from(list))
        }
        ListFormat::Console => table(&catalog, arguments),
    };
    output::results(&text)?;
    Ok(Exit::Done)
}

fn entry(control: &Control) -> Value {
    let evidence: Map<String, Value> = control
        .evidence
        .iter()
        .map(|evidence| {
            let requirements = json!({"direct": evidence.direct, "supports": evidence.supports});
            (evidence.framework.clone(), requirements)
        })
        .collect();
    json!({
        "id": control.id,
        "name": control.name,
        "title": control.title,
        "severity": control.severity.name(),
        "area": control.area,
        "needs": control.needs.name(),
        "aliases": aliases(&control.aliases),
        "evidence": evidence,
    })
}

fn table(catalog: &Catalog, arguments: &ListArguments) -> String {
    let look = output::look(arguments.look.color, arguments.look.output_width, false);
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
