//! One Kubernetes object.

use std::sync::Arc;

use plimsoll_document::{Key, Node, NodeId, Symbol, Threads, Tree, in_parts};

use crate::object_type::ObjectType;

/// The number of an object in its inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub u32);

/// An object and where it was read.
#[derive(Debug, Clone)]
pub struct Object {
    pub(crate) tree: Arc<Tree>,
    pub(crate) of_type: Arc<ObjectType>,
    pub(crate) root: NodeId,
    pub(crate) document: u32,
}

impl Object {
    /// The tree the object is in; other objects may be in it, too.
    pub fn tree(&self) -> &Arc<Tree> {
        &self.tree
    }

    /// The object's own node.
    pub fn root(&self) -> Node<'_> {
        self.tree.node(self.root)
    }

    /// The document of the source that holds it, from 0.
    pub fn document(&self) -> u32 {
        self.document
    }

    fn metadata_text(&self, key: Symbol) -> &str {
        self.root()
            .get_symbol(const { Symbol::of("metadata") })
            .and_then(|metadata| metadata.get_symbol(key))
            .and_then(Node::as_str)
            .unwrap_or_default()
    }

    /// `apiVersion` as written.
    pub fn api_version(&self) -> &str {
        &self.of_type.api_version
    }

    /// The API group: empty for the core group.
    pub fn group(&self) -> &str {
        self.of_type.group()
    }

    /// `kind`.
    pub fn kind(&self) -> &str {
        &self.of_type.kind
    }

    /// Where objects of this kind have their pod template; `None` for a kind without one.
    pub(crate) fn pod_template_path(&self) -> Option<&'static [&'static str]> {
        self.of_type.pod_template
    }

    /// `metadata.name`, or where that is missing `metadata.generateName`.
    pub fn name(&self) -> &str {
        match self.metadata_text(const { Symbol::of("name") }) {
            "" => self.metadata_text(const { Symbol::of("generateName") }),
            name => name,
        }
    }

    /// `metadata.namespace`; empty where the object does not state one.
    pub fn namespace(&self) -> &str {
        self.metadata_text(const { Symbol::of("namespace") })
    }

    /// `metadata.uid`.
    pub fn uid(&self) -> &str {
        self.metadata_text(const { Symbol::of("uid") })
    }

    /// An annotation.
    pub fn annotation(&self, key: &Key) -> Option<&str> {
        self.root()
            .get_symbol(const { Symbol::of("metadata") })?
            .get_symbol(const { Symbol::of("annotations") })?
            .get(key)?
            .as_str()
    }
}

/// How many objects a thread takes at a time.
const PART: usize = 2_048;

/// What comes of each object, in their order.
pub(crate) fn by_object<'o, R: Send>(
    threads: Threads,
    objects: &'o [Object],
    work: impl Fn(&'o Object) -> R + Sync,
) -> Vec<R> {
    let parts = in_parts(
        threads,
        objects,
        PART,
        || (),
        |(), part| -> Vec<R> { part.iter().map(&work).collect() },
    );
    parts.into_iter().flatten().collect()
}
