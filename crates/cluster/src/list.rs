//! All objects of a kind, page by page.

use std::sync::Arc;

use plimsoll_document::{Format, Limits, Node, Parsed, Severity, Source, parse};

use crate::error::Failed;
use crate::request::{Asker, shortened};

/// A page as it came.
pub(crate) struct Page {
    parsed: Parsed,
    /// Where the next one begins; empty after the last one.
    pub(crate) next: String,
}

impl Page {
    /// Its objects.
    pub(crate) fn items(&self) -> impl Iterator<Item = Node<'_>> {
        self.root()
            .and_then(|root| root.get_name("items"))
            .into_iter()
            .flat_map(Node::children)
    }

    /// The whole of it.
    pub(crate) fn root(&self) -> Option<Node<'_>> {
        let document = self.parsed.documents.first()?;
        document.root.map(|root| self.parsed.tree.node(root))
    }
}

/// Asks for a page: the first one, or the one after another.
pub(crate) async fn page(
    asker: &Asker,
    path: &str,
    query: &str,
    after: &str,
) -> Result<Page, Failed> {
    let mut address = format!("{path}?limit={}", asker.bounds().page);
    if !query.is_empty() {
        address.push('&');
        address.push_str(query);
    }
    if !after.is_empty() {
        address.push_str("&continue=");
        encode(after, &mut address);
    }
    read(path, asker.json(&address).await?)
}

/// Reads an object, as a page of its own.
pub(crate) fn object(path: &str, bytes: Vec<u8>) -> Result<Page, Failed> {
    let malformed = |why: &str| Failed::Malformed(format!("the answer to {path} {why}"));
    let source = Source::from_bytes("", bytes).map_err(|_| malformed("is no text"))?;
    let parsed = parse(&Arc::new(source), Format::Json, &Limits::default());
    let mut problems = parsed.problems.iter();
    if let Some(problem) = problems.find(|problem| problem.severity == Severity::Error) {
        return Err(malformed(&format!(
            "is broken JSON, at byte {} or so: {}",
            problem.position.column,
            shortened(&problem.kind.to_string())
        )));
    }
    let page = Page {
        parsed,
        next: String::new(),
    };
    let is_map = page.root().is_some_and(Node::is_map);
    if page.parsed.documents.len() != 1 || !is_map {
        return Err(malformed("is no object"));
    }
    Ok(page)
}

/// Reads a page, which is a list of JSON.
fn read(path: &str, bytes: Vec<u8>) -> Result<Page, Failed> {
    let no_list = || Failed::Malformed(format!("the answer to {path} is no list"));
    let mut page = object(path, bytes)?;
    let root = page.root().ok_or_else(no_list)?;
    let kind = root
        .get_name("kind")
        .and_then(Node::as_str)
        .unwrap_or_default();
    // A list of Go's that was never filled is null.
    let has_items = root
        .get_name("items")
        .is_some_and(|items| items.is_list() || items.kind() == plimsoll_document::NodeKind::Null);
    if !kind.ends_with("List") || !has_items {
        return Err(no_list());
    }
    let next = root
        .get_name("metadata")
        .and_then(|metadata| metadata.get_name("continue"))
        .and_then(Node::as_str)
        .unwrap_or_default()
        .to_owned();
    page.next = next;
    Ok(page)
}

/// Writes a value of a query.
pub(crate) fn encode(value: &str, address: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_a_list_and_says_where_the_next_begins() {
        let of = |text: &str| read("/x", text.as_bytes().to_vec());
        let page =
            of(r#"{"kind":"PodList","metadata":{"continue":"a="},"items":[{},{}]}"#).unwrap();
        assert_eq!((page.next.as_str(), page.items().count()), ("a=", 2));
        let page = of(r#"{"kind":"PodList","items":null}"#).unwrap();
        assert_eq!((page.next.as_str(), page.items().count()), ("", 0));
        for broken in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"kind":"Pod","items":[]}"#,
            r#"{"kind":"PodList"}"#,
            "{} {}",
        ] {
            assert!(of(broken).is_err(), "{broken}");
        }
        let mut address = String::new();
        encode("a=b&c/d", &mut address);
        assert_eq!(address, "a%3Db%26c%2Fd");
    }
}
