//! `plimsoll exceptions new`

use std::fmt::Write;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use plimsoll_assess::{ExceptionType, Glob};
use plimsoll_catalog::Catalog;
use serde_json::Value;

use crate::arguments::NewExceptionArguments;
use crate::exit::{Exit, Failure};
use crate::output;

pub(super) fn run(arguments: &NewExceptionArguments) -> Result<Exit, Failure> {
    let catalog = Catalog::built_in()?;
    let mut controls: Vec<Value> = Vec::new();
    for name in &arguments.control {
        for control in catalog.find_controls(name)? {
            controls.push(control.id.clone().into());
        }
    }
    let known = ExceptionType::parse(&arguments.exception_type).ok_or_else(|| {
        let known: Vec<&str> = ExceptionType::ALL.iter().map(|kind| kind.name()).collect();
        Failure::Usage(format!(
            "'{}' is no type; there are: {}",
            arguments.exception_type,
            known.join(", ")
        ))
    })?;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let expires = today
        .checked_add(Span::new().days(arguments.days))
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let mut object = serde_json::Map::new();
    for (key, value) in [
        ("kind", Some(&arguments.kind)),
        ("namespace", arguments.namespace.as_ref()),
        ("name", Some(&arguments.name)),
    ] {
        if let Some(value) = value {
            object.insert(key.to_owned(), value.clone().into());
        }
    }
    let patterns = object.values().filter_map(Value::as_str);
    for pattern in patterns.chain(arguments.container.as_deref()) {
        if let Err(error) = Glob::parse(pattern) {
            return Err(Failure::Usage(format!("'{pattern}': {error}")));
        }
    }
    // What JSON writes, YAML reads: nothing a user types can become another value.
    let mut text = format!("  - control: {}\n", Value::from(controls));
    let _ = writeln!(text, "    object: {}", Value::from(object));
    if let Some(container) = &arguments.container {
        let _ = writeln!(text, "    container: {}", Value::from(container.as_str()));
    }
    let _ = writeln!(text, "    type: {}", known.name());
    for (key, value) in [
        ("reason", &arguments.reason),
        ("owner", &arguments.owner),
        ("approver", &arguments.approver),
    ] {
        let _ = writeln!(text, "    {key}: {}", Value::from(value.as_str()));
    }
    let _ = writeln!(text, "    created: {today}\n    expires: {expires}");
    output::results(&text)?;
    Ok(Exit::Done)
}
