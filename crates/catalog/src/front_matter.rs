//! YAML of pages and framework files, read with the place of every mistake.

use std::borrow::Cow;
use std::sync::Arc;

use plimsoll_document::{Format, Limits, Node, NodeId, Position, Scalar, Source, Tree, parse};
use serde_json::Value;

use crate::pack::pack;
use crate::packed::Packed;
use crate::page::PageError;

/// A text of a page or framework file: one of the project's own lies in the binary.
pub type PageText = Cow<'static, str>;

/// A YAML text that is a map, as somebody wrote it.
pub(crate) struct Written {
    tree: Arc<Tree>,
    root: NodeId,
    packed: String,
}

impl Written {
    /// Reads a text. `first_line` blank lines are put before it, so that places are those of the file.
    pub(crate) fn parse(path: &str, text: &str, first_line: usize) -> Result<Written, PageError> {
        let refused = |position: Position, message: String| PageError {
            path: path.to_owned(),
            line: position.line,
            column: position.column,
            message,
        };
        let source = Arc::new(Source::new(path, "\n".repeat(first_line) + text));
        let parsed = parse(&source, Format::Yaml, &Limits::default());
        if let Some(problem) = parsed.problems.first() {
            return Err(refused(problem.position, problem.kind.to_string()));
        }
        let root = parsed.documents.first().and_then(|document| document.root);
        match root {
            Some(root) if parsed.tree.node(root).is_map() => {
                let mut packed = String::new();
                pack(parsed.tree.node(root), &mut packed);
                Ok(Written {
                    tree: parsed.tree,
                    root,
                    packed,
                })
            }
            _ => Err(refused(
                START,
                "a map of keys and values is expected".to_owned(),
            )),
        }
    }

    pub(crate) fn front_matter(&self) -> FrontMatter<'_> {
        FrontMatter {
            written: Some(self.tree.node(self.root)),
            ..FrontMatter::new(self.tree.source().name(), &self.packed, |text| {
                text.to_owned().into()
            })
        }
    }
}

/// What a page or framework file says.
pub(crate) struct FrontMatter<'p> {
    path: &'p str,
    root: Packed<'p>,
    /// What the root holds: many of its keys are asked for.
    fields: Vec<(&'p str, Packed<'p>)>,
    keep: fn(&'p str) -> PageText,
    /// The root as it was written; `None` for what was packed when the project was built.
    written: Option<Node<'p>>,
}

impl FrontMatter<'static> {
    /// What was packed when the project was built.
    pub(crate) fn built_in(path: &'static str, packed: &'static str) -> FrontMatter<'static> {
        FrontMatter::new(path, packed, PageText::Borrowed)
    }
}

impl<'p> FrontMatter<'p> {
    fn new(path: &'p str, packed: &'p str, keep: fn(&'p str) -> PageText) -> FrontMatter<'p> {
        let root = Packed::read(packed).unwrap_or(Packed::NOTHING);
        let mut fields = Vec::with_capacity(root.entries().count());
        fields.extend(root.entries());
        FrontMatter {
            path,
            root,
            fields,
            keep,
            written: None,
        }
    }

    pub(crate) fn root(&self) -> Packed<'p> {
        self.root
    }

    /// What the root has under a key.
    pub(crate) fn get(&self, key: &str) -> Option<Packed<'p>> {
        let found = self.fields.iter().find(|(name, _)| *name == key);
        found.map(|(_, value)| *value)
    }

    /// A text that outlives the front matter.
    pub(crate) fn keep(&self, text: &'p str) -> PageText {
        (self.keep)(text)
    }

    /// A mistake at a value.
    pub(crate) fn error(&self, value: Packed<'_>, message: impl Into<String>) -> PageError {
        let node = self
            .written
            .and_then(|written| node_of(value, self.root, written));
        let position = node.map_or(START, Node::position);
        PageError {
            path: self.path.to_owned(),
            line: position.line,
            column: position.column,
            message: message.into(),
        }
    }

    /// That a map has no other keys than these.
    pub(crate) fn only_keys(&self, map: Packed<'_>, keys: &[&str]) -> Result<(), PageError> {
        for (key, value) in map.entries() {
            if !keys.contains(&key) {
                let known = keys.join(", ");
                return Err(self.error(value, format!("unknown key '{key}'; known are {known}")));
            }
        }
        Ok(())
    }

    /// The text under a key; `None` where the key is missing.
    pub(crate) fn text(&self, map: Packed<'p>, key: &str) -> Result<Option<&'p str>, PageError> {
        match self.value(map, key) {
            None => Ok(None),
            Some(value) => value
                .as_str()
                .map(Some)
                .ok_or_else(|| self.error(value, format!("'{key}' is text"))),
        }
    }

    /// The text under a key that must be there.
    pub(crate) fn required(&self, map: Packed<'p>, key: &str) -> Result<&'p str, PageError> {
        self.text(map, key)?
            .ok_or_else(|| self.error(map, format!("'{key}' is missing")))
    }

    /// Texts under a key: a list of them, or one.
    pub(crate) fn texts(&self, map: Packed<'p>, key: &str) -> Result<Vec<&'p str>, PageError> {
        let value = self.value(map, key);
        value.map_or_else(
            || Ok(Vec::new()),
            |value| self.list(value, key, |text| text),
        )
    }

    /// A list of texts or one text that is under a key, to outlive the front matter.
    pub(crate) fn kept_list(
        &self,
        value: Packed<'p>,
        key: &str,
    ) -> Result<Vec<PageText>, PageError> {
        self.list(value, key, self.keep)
    }

    fn list<T>(
        &self,
        value: Packed<'p>,
        key: &str,
        take: impl Fn(&'p str) -> T,
    ) -> Result<Vec<T>, PageError> {
        if let Some(text) = value.as_str() {
            return Ok(vec![take(text)]);
        }
        if !value.is_list() {
            return Err(self.error(value, format!("'{key}' is a text or a list of texts")));
        }
        let mut texts = Vec::with_capacity(value.children().count());
        for element in value.children() {
            let text = element
                .as_str()
                .ok_or_else(|| self.error(element, "a text is expected; put it in quotes"))?;
            texts.push(take(text));
        }
        Ok(texts)
    }

    fn value(&self, map: Packed<'p>, key: &str) -> Option<Packed<'p>> {
        if map.is_same(self.root) {
            self.get(key)
        } else {
            map.get(key)
        }
    }
}

const START: Position = Position { line: 1, column: 1 };

/// The node that a value was packed from; `packed` and `node` are where the search begins.
fn node_of<'t>(value: Packed<'_>, packed: Packed<'_>, node: Node<'t>) -> Option<Node<'t>> {
    if packed.is_same(value) {
        return Some(node);
    }
    let values = packed.entries().map(|(_, value)| value);
    let mut pairs = packed.children().chain(values).zip(node.children());
    pairs.find_map(|(packed, node)| node_of(value, packed, node))
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
