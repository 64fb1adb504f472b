//! YAML of pages and framework files, read with the place of every mistake.

use std::sync::Arc;

use plimsoll_document::{Format, Limits, Node, Scalar, Source, Tree, parse};
use serde_json::Value;

use crate::page::PageError;

/// A YAML text that is a map.
pub(crate) struct FrontMatter {
    tree: Arc<Tree>,
    root: plimsoll_document::NodeId,
    path: String,
}

impl FrontMatter {
    /// Reads a text. `first_line` blank lines are put before it, so that places are those of the file.
    pub(crate) fn parse(
        path: &str,
        text: &str,
        first_line: usize,
    ) -> Result<FrontMatter, PageError> {
        FrontMatter::read(path, "\n".repeat(first_line) + text, Format::Yaml)
    }

    /// What was made into JSON when the project was built, which is read in a tenth of the time.
    pub(crate) fn of_json(path: &str, text: &str) -> Result<FrontMatter, PageError> {
        FrontMatter::read(path, text.to_owned(), Format::Json)
    }

    fn read(path: &str, text: String, format: Format) -> Result<FrontMatter, PageError> {
        let source = Arc::new(Source::new(path, text));
        let parsed = parse(&source, format, &Limits::default());
        if let Some(problem) = parsed.problems.first() {
            return Err(PageError {
                path: path.to_owned(),
                line: problem.position.line,
                column: problem.position.column,
                message: problem.kind.to_string(),
            });
        }
        let root = parsed.documents.first().and_then(|document| document.root);
        match root {
            Some(root) if parsed.tree.node(root).is_map() => Ok(FrontMatter {
                tree: parsed.tree,
                root,
                path: path.to_owned(),
            }),
            _ => Err(PageError {
                path: path.to_owned(),
                line: 1,
                column: 1,
                message: "a map of keys and values is expected".to_owned(),
            }),
        }
    }

    pub(crate) fn root(&self) -> Node<'_> {
        self.tree.node(self.root)
    }

    /// A mistake at a node.
    pub(crate) fn error(&self, node: Node<'_>, message: impl Into<String>) -> PageError {
        let position = node.position();
        PageError {
            path: self.path.clone(),
            line: position.line,
            column: position.column,
            message: message.into(),
        }
    }

    /// That a map has no other keys than these.
    pub(crate) fn only_keys(&self, map: Node<'_>, keys: &[&str]) -> Result<(), PageError> {
        for (key, value) in map.entries() {
            if !keys.contains(&key) {
                let known = keys.join(", ");
                return Err(self.error(value, format!("unknown key '{key}'; known are {known}")));
            }
        }
        Ok(())
    }

    /// The text under a key; `None` where the key is missing.
    pub(crate) fn text<'n>(&self, map: Node<'n>, key: &str) -> Result<Option<&'n str>, PageError> {
        match map.get_name(key) {
            None => Ok(None),
            Some(node) => node
                .as_str()
                .map(Some)
                .ok_or_else(|| self.error(node, format!("'{key}' is text"))),
        }
    }

    /// The text under a key that must be there.
    pub(crate) fn required<'n>(&self, map: Node<'n>, key: &str) -> Result<&'n str, PageError> {
        self.text(map, key)?
            .ok_or_else(|| self.error(map, format!("'{key}' is missing")))
    }

    /// Texts under a key: a list of them, or one.
    pub(crate) fn texts(&self, map: Node<'_>, key: &str) -> Result<Vec<String>, PageError> {
        let Some(node) = map.get_name(key) else {
            return Ok(Vec::new());
        };
        if let Some(text) = node.as_str() {
            return Ok(vec![text.to_owned()]);
        }
        if !node.is_list() {
            return Err(self.error(node, format!("'{key}' is a text or a list of texts")));
        }
        node.children()
            .map(|element| {
                element
                    .as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| self.error(element, "a text is expected; put it in quotes"))
            })
            .collect()
    }
}

/// A node as JSON.
pub fn to_json(node: Node<'_>) -> Value {
    match node.scalar() {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => value.into(),
        Scalar::Int(value) => value.into(),
        Scalar::Uint(value) => value.into(),
        Scalar::Double(value) => value.into(),
        Scalar::String(text) => text.into(),
        Scalar::List => node.children().map(to_json).collect(),
        Scalar::Map => node
            .entries()
            .map(|(key, value)| (key.to_owned(), to_json(value)))
            .collect(),
    }
}
