//! Readers of the formats, as strict as those that the formats are for.

use std::collections::BTreeMap;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Rows by the names of their columns.
pub(crate) fn csv_rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let row = |record: csv::StringRecord| {
        let cells = header.iter().zip(record.iter());
        cells
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect()
    };
    reader
        .records()
        .map(|record| row(record.expect("a row of as many cells as the header")))
        .collect()
}

/// What a page of Markdown shows.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) headings: Vec<String>,
    pub(crate) paragraphs: Vec<String>,
    pub(crate) items: Vec<String>,
    pub(crate) tables: Vec<Vec<Vec<String>>>,
    pub(crate) links: Vec<String>,
    pub(crate) html: Vec<String>,
}

/// Reads Markdown as GitHub does, tables and the like included.
pub(crate) fn markdown(source: &str) -> Page {
    let mut page = Page::default();
    let mut text = String::new();
    for event in Parser::new_ext(source, Options::ENABLE_TABLES | Options::ENABLE_GFM) {
        match event {
            Event::Start(Tag::Table(_)) => page.tables.push(Vec::new()),
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                page.tables.last_mut().expect("a table").push(Vec::new());
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push(dest_url.to_string());
            }
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::Item | Tag::TableCell) => {
                text.clear();
            }
            Event::End(TagEnd::TableCell) => {
                let rows = page.tables.last_mut().expect("a table");
                rows.last_mut()
                    .expect("a row")
                    .push(std::mem::take(&mut text));
            }
            Event::End(TagEnd::Paragraph) => page.paragraphs.push(text.clone()),
            Event::End(TagEnd::Heading(_)) => page.headings.push(text.clone()),
            Event::End(TagEnd::Item) => page.items.push(text.clone()),
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak => text.push(' '),
            Event::Html(tag) | Event::InlineHtml(tag) => page.html.push(tag.trim().to_owned()),
            _ => {}
        }
    }
    page
}

/// A workflow command.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) name: String,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) message: String,
}

/// Reads workflow commands as the runner does: every line is one here.
pub(crate) fn commands(text: &str) -> Vec<Command> {
    text.lines()
        .map(|line| {
            let rest = line.strip_prefix("::").expect("a command");
            let (head, message) = rest.split_once("::").expect("the end of the properties");
            let (name, properties) = head.split_once(' ').expect("properties");
            let properties = properties.split(',').map(|property| {
                let (key, value) = property.split_once('=').expect("a value");
                (key.to_owned(), unescaped(value))
            });
            Command {
                name: name.to_owned(),
                properties: properties.collect(),
                message: unescaped(message),
            }
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    text.replace("%3A", ":")
        .replace("%2C", ",")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
        .replace("%25", "%")
}

/// A figure.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

/// Reads Prometheus' text format, and holds it to its rules: help and type before the samples of a metric, those side by
/// side, no sample twice, names and escapes as they must be, a line end at the end.
pub(crate) fn samples(text: &str) -> Vec<Sample> {
    assert!(text.ends_with('\n'));
    let mut samples: Vec<Sample> = Vec::new();
    let mut metric = String::new();
    let mut closed: Vec<String> = Vec::new();
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            closed.push(std::mem::take(&mut metric));
            help.split_once(' ')
                .expect("help")
                .0
                .clone_into(&mut metric);
            assert!(!closed.contains(&metric), "{metric} comes twice");
        } else if let Some(of_type) = line.strip_prefix("# TYPE ") {
            assert_eq!(of_type, format!("{metric} gauge"));
        } else {
            let sample = sample(line);
            assert_eq!(sample.name, metric, "{line}");
            let is_same =
                |other: &Sample| other.name == sample.name && other.labels == sample.labels;
            assert!(!samples.iter().any(is_same), "twice: {line}");
            samples.push(sample);
        }
    }
    samples
}

fn sample(line: &str) -> Sample {
    let end = line.find(['{', ' ']).expect("a value");
    let (name, mut rest) = line.split_at(end);
    assert!(is_name(name), "{line}");
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        while let Some((label, after)) = rest.split_once("=\"") {
            let (value, after) = quoted(after);
            assert!(is_name(label), "{line}");
            assert!(labels.insert(label.to_owned(), value).is_none(), "{line}");
            rest = after.strip_prefix(',').unwrap_or(after);
            if let Some(after) = rest.strip_prefix('}') {
                rest = after;
                break;
            }
        }
    }
    let value = rest.strip_prefix(' ').expect("a blank");
    Sample {
        name: name.to_owned(),
        labels,
        value: value
            .parse()
            .unwrap_or_else(|error| panic!("{line}: {error}")),
    }
}

/// A label's value and what comes after its closing quote.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(match characters.next().expect("an escape").1 {
                'n' => '\n',
                other => {
                    assert!(matches!(other, '\\' | '"'), "{text}");
                    other
                }
            }),
            other => value.push(other),
        }
    }
    panic!("no closing quote: {text}")
}

fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    text.bytes().next().is_some_and(is_letter)
        && text
            .bytes()
            .all(|byte| is_letter(byte) || byte.is_ascii_digit())
}
