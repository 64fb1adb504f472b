//! The exceptions file: findings that people accept, for a reason and for a time.
//!
//! A file with a mistake in it is refused as a whole: an exception that is read in another way than it was meant hides
//! what nobody accepted.

use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plimsoll_assess::{Exception, ExceptionType, Glob, MOST_DAYS, Selector};
use plimsoll_catalog::Catalog;
use plimsoll_document::{Node, Parsed};

use crate::exit::Failure;
use crate::yaml_file::{self, only_keys, only_list, required, wrong};

const KEYS: &[&str] = &[
    "control",
    "object",
    "container",
    "type",
    "reason",
    "owner",
    "approver",
    "created",
    "expires",
];

const OBJECT_KEYS: &[&str] = &["kind", "namespace", "name", "labels"];

/// Reads a file.
pub(crate) fn read(path: &Path, catalog: &Catalog) -> Result<Vec<Exception>, Failure> {
    exceptions(&yaml_file::read(path)?, catalog)
}

fn exceptions(parsed: &Parsed, catalog: &Catalog) -> Result<Vec<Exception>, Failure> {
    let file = parsed.tree.source().name();
    only_list(parsed, "exceptions")?
        .children()
        .map(|node| exception(node, file, catalog))
        .collect()
}

fn exception(node: Node<'_>, file: &str, catalog: &Catalog) -> Result<Exception, Failure> {
    if !node.is_map() {
        return Err(wrong(node, "a map is expected"));
    }
    only_keys(node, KEYS)?;
    let kind_text = required(node, "type")?;
    let kind = ExceptionType::parse(kind_text).ok_or_else(|| {
        let known: Vec<&str> = ExceptionType::ALL.iter().map(|kind| kind.name()).collect();
        wrong(
            node,
            &format!("'{kind_text}' is no type; there are: {}", known.join(", ")),
        )
    })?;
    let created = required(node, "created")?;
    let expires = required(node, "expires")?;
    let from = moment(node, "created", created)?;
    let end = moment(node, "expires", expires)?;
    // A day is a good one up to its last minute.
    let until = if is_day(expires) {
        later(end, 1).ok_or_else(|| wrong(node, "'expires' is beyond all time"))?
    } else {
        end
    };
    if until <= from {
        return Err(wrong(node, "'expires' is not after 'created'"));
    }
    if later(from, MOST_DAYS).is_none_or(|last| end > last) {
        let text = format!("'expires' is more than {MOST_DAYS} days after 'created'");
        return Err(wrong(node, &text));
    }
    Ok(Exception {
        controls: controls(node, catalog)?,
        selector: selector(node)?,
        kind,
        reason: required(node, "reason")?.to_owned(),
        owner: required(node, "owner")?.to_owned(),
        approver: required(node, "approver")?.to_owned(),
        created: created.to_owned(),
        expires: expires.to_owned(),
        from,
        until,
        file: file.to_owned(),
        line: node.position().line,
    })
}

/// Ids of the controls that are named; a framework is no control, so that an exception says what it hides.
fn controls(node: Node<'_>, catalog: &Catalog) -> Result<Vec<String>, Failure> {
    let value = node
        .get_name("control")
        .ok_or_else(|| wrong(node, "'control' is missing"))?;
    let mut ids: Vec<String> = Vec::new();
    for name in texts(value)? {
        let found = catalog
            .find_controls(name)
            .map_err(|unknown| wrong(value, &unknown.to_string()))?;
        for control in found {
            if !ids.contains(&control.id) {
                ids.push(control.id.clone());
            }
        }
    }
    if ids.is_empty() {
        return Err(wrong(value, "a control is expected"));
    }
    Ok(ids)
}

fn selector(node: Node<'_>) -> Result<Selector, Failure> {
    let mut selector = Selector::default();
    if let Some(object) = node.get_name("object") {
        if !object.is_map() {
            return Err(wrong(
                object,
                "a map of kind, namespace, name and labels is expected",
            ));
        }
        only_keys(object, OBJECT_KEYS)?;
        selector.kind = globs(object, "kind")?;
        selector.namespace = globs(object, "namespace")?;
        selector.name = globs(object, "name")?;
        if let Some(labels) = object.get_name("labels") {
            if !labels.is_map() || labels.is_empty() {
                return Err(wrong(labels, "a map of labels is expected"));
            }
            for (key, value) in labels.entries() {
                let text = text_of(value)?;
                selector.labels.push((key.to_owned(), glob(value, text)?));
            }
        }
    }
    selector.container = globs(node, "container")?;
    Ok(selector)
}

fn globs(map: Node<'_>, key: &str) -> Result<Vec<Glob>, Failure> {
    let Some(value) = map.get_name(key) else {
        return Ok(Vec::new());
    };
    let texts = texts(value)?;
    if texts.is_empty() {
        // Nothing would hold for no object, and be taken for every one.
        return Err(wrong(value, &format!("'{key}' has no pattern")));
    }
    texts.into_iter().map(|text| glob(value, text)).collect()
}

fn glob(node: Node<'_>, text: &str) -> Result<Glob, Failure> {
    Glob::parse(text).map_err(|error| wrong(node, &format!("'{text}': {error}")))
}

fn is_day(text: &str) -> bool {
    text.parse::<Date>().is_ok() && !text.contains(['T', 't', ' '])
}

/// `2026-01-31`, which begins at midnight in UTC, or `2026-01-31T14:30Z`.
fn moment(node: Node<'_>, key: &str, text: &str) -> Result<Timestamp, Failure> {
    let found = if is_day(text) {
        text.parse::<Date>()
            .and_then(|day| day.to_zoned(TimeZone::UTC))
            .map(|midnight| midnight.timestamp())
    } else {
        text.parse::<Timestamp>()
    };
    found.map_err(|_| {
        let text = format!(
            "'{key}' is a day such as 2026-01-31, or a moment with its time zone such as 2026-01-31T14:30Z"
        );
        wrong(node.get_name(key).unwrap_or(node), &text)
    })
}

fn later(moment: Timestamp, days: i32) -> Option<Timestamp> {
    let hours = i64::from(days) * 24;
    moment.checked_add(SignedDuration::from_hours(hours)).ok()
}

fn text_of(node: Node<'_>) -> Result<&str, Failure> {
    node.as_str()
        .ok_or_else(|| wrong(node, "a text is expected; put it in quotes"))
}

fn texts(node: Node<'_>) -> Result<Vec<&str>, Failure> {
    if node.is_list() {
        node.children().map(text_of).collect()
    } else {
        Ok(vec![text_of(node)?])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::built_in().unwrap());

    /// An exception of these lines, all else as it should be.
    fn read_with(lines: &str) -> Result<Exception, String> {
        let defaults = [
            "control: PSC-001",
            "object: {kind: Deployment, name: web}",
            "type: risk-accepted",
            "reason: needs the host",
            "owner: Jane Doe",
            "approver: John Roe",
            "created: 2026-01-01",
            "expires: 2026-03-31",
        ];
        let key_of = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
        let stated: Vec<String> = lines.lines().map(key_of).collect();
        let mut text = "exceptions:\n  -\n".to_owned();
        let kept = defaults
            .into_iter()
            .filter(|line| !stated.contains(&key_of(line)));
        for line in kept.chain(lines.lines().filter(|line| !line.ends_with("MISSING"))) {
            text += &format!("    {line}\n");
        }
        yaml_file::parse_text("exceptions.yaml", text)
            .and_then(|parsed| exceptions(&parsed, &CATALOG))
            .map(|mut all| all.remove(0))
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_good_one_is_read() {
        let read = read_with("").unwrap();
        assert_eq!(read.controls, ["PSC-001"]);
        assert_eq!(read.from.to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(read.until.to_string(), "2026-04-01T00:00:00Z");
        let by_alias = read_with("control: [C-0057, writable-host-path]").unwrap();
        assert_eq!(by_alias.controls, ["PSC-001", "PSC-007"]);
    }

    #[test]
    fn an_end_is_to_the_minute() {
        let until = |text: &str| {
            read_with(&format!("expires: {text}"))
                .map(|read| read.until.to_string())
                .unwrap()
        };
        assert_eq!(until("2026-03-31T14:30Z"), "2026-03-31T14:30:00Z");
        assert_eq!(until("2026-03-31T14:30:00+02:00"), "2026-03-31T12:30:00Z");
        assert_eq!(until("\"2026-03-31\""), "2026-04-01T00:00:00Z");
    }

    #[test]
    fn a_bad_one_is_refused_with_its_place() {
        for (lines, words) in [
            ("expires: MISSING", "'expires' is missing"),
            ("created: MISSING", "'created' is missing"),
            ("reason: MISSING", "'reason' is missing"),
            ("reason: ' '", "'reason' is a text"),
            ("owner: MISSING", "'owner' is missing"),
            ("approver: MISSING", "'approver' is missing"),
            ("type: MISSING", "'type' is missing"),
            ("type: wontfix", "'wontfix' is no type"),
            ("control: MISSING", "'control' is missing"),
            ("control: PSC-9999", "there is no control 'PSC-9999'"),
            ("control: '*'", "there is no control '*'"),
            ("control: hipaa", "there is no control 'hipaa'"),
            ("framework: hipaa", "unknown key 'framework'"),
            ("expires: 2027-01-02", "more than 365 days"),
            ("expires: 2025-12-31", "not after"),
            ("expires: 2026-02-30", "'expires' is a day"),
            ("expires: 2026-03-31T14:30", "with its time zone"),
            ("expires: 31.3.2026", "'expires' is a day"),
            ("object: {name: prod-a|b}", "'|' cannot stand in a pattern"),
            ("object: {name: '^web$'}", "cannot stand in a pattern"),
            ("object: {name: prod-.*}", "regular expression"),
            ("object: {name: []}", "'name' has no pattern"),
            ("object: {annotations: {a: b}}", "unknown key 'annotations'"),
            ("object: {labels: {}}", "a map of labels"),
            ("object: web", "a map of kind"),
            ("container: [1]", "put it in quotes"),
        ] {
            let message = read_with(lines).unwrap_err();
            assert!(message.contains(words), "{lines}: {message}");
            assert!(message.starts_with("exceptions.yaml:"), "{message}");
        }
        assert!(read_with("expires: 2027-01-01").is_ok(), "365 days");
    }
}
