//! All objects of what was read.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use plimsoll_document::{
    Format, Limits, Node, Parsed, Position, Source, Symbol, Threads, Tree, in_parts, list_items,
    parse,
};

use crate::coverage::{Coverage, Unread};
use crate::kustomization::patch_files;
use crate::list_items::complete;
use crate::named_selector::LabelQuery;
use crate::node_facts::NodeComponents;
use crate::object::{Object, ObjectId};
use crate::object_type::{ObjectType, ObjectTypes};
use crate::owners::collapse;
use crate::relations::Indexes;

/// Every object of what was read, in the order it was read. A clone is the same inventory.
#[derive(Debug, Default, Clone)]
pub struct Inventory {
    contents: Arc<Contents>,
}

#[derive(Debug, Default)]
struct Contents {
    objects: Vec<Object>,
    skipped: Vec<Skipped>,
    /// By object: whether another object of the inventory made it, so that it is reported there.
    collapsed: Vec<bool>,
    /// By object: whether it is not judged, but there for what is said of others.
    is_context: Vec<bool>,
    /// The nodes; where there are any, this is a whole cluster.
    nodes: Vec<ObjectId>,
    /// What was not read.
    coverage: Coverage,
    threads: Threads,
    /// How objects hang together; found when it is first asked for.
    indexes: OnceLock<Indexes>,
    /// What runs on nodes; found when it is first asked for.
    node_components: OnceLock<NodeComponents>,
}

/// A document, or an item of a list, that is no Kubernetes object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The source's name.
    pub source: String,
    /// The document of the source, from 0.
    pub document: u32,
    /// The first line of it; `None` where it is not known, as in text that was rendered.
    pub line: Option<u32>,
    /// Why it is none.
    pub reason: SkipReason,
}

/// Why a document is no Kubernetes object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// It holds nothing.
    Empty,
    /// It is a scalar or a list.
    NotAMap,
    /// It has no `apiVersion` or `kind`, or they are no text.
    NoKind,
    /// It has no `metadata`.
    NoMetadata,
    /// It is read by `kustomize`, not by the API server.
    Kustomization,
    /// It is a part of an object that stands elsewhere, for `kustomize` to lay over it.
    Patch,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SkipReason::Empty => "empty document",
            SkipReason::NotAMap => "not a map",
            SkipReason::NoKind => "no apiVersion and kind",
            SkipReason::NoMetadata => "no metadata",
            SkipReason::Kustomization => "kustomization file",
            SkipReason::Patch => "patch of an object that stands elsewhere",
        })
    }
}

/// How deep lists of lists are opened.
const MAX_LIST_DEPTH: u32 = 8;

impl Inventory {
    /// An inventory that is empty.
    pub fn builder() -> InventoryBuilder {
        InventoryBuilder::default()
    }

    /// All objects, those that others made included.
    pub fn objects(&self) -> &[Object] {
        &self.contents.objects
    }

    /// The objects that are judged, with their numbers: all but those that another object of the inventory made, and
    /// those that are only there to be asked about.
    pub fn judged(&self) -> impl Iterator<Item = (ObjectId, &Object)> {
        self.contents
            .objects
            .iter()
            .enumerate()
            .filter(|(at, _)| !self.contents.collapsed[*at] && !self.contents.is_context[*at])
            .map(|(at, object)| (ObjectId(at as u32), object))
    }

    /// How many objects another object made: the Pods of a Deployment that is there, too.
    pub fn collapsed_count(&self) -> usize {
        self.contents
            .collapsed
            .iter()
            .filter(|collapsed| **collapsed)
            .count()
    }

    /// The nodes.
    pub fn nodes(&self) -> &[ObjectId] {
        &self.contents.nodes
    }

    pub(crate) fn indexes(&self) -> &Indexes {
        self.contents.indexes.get_or_init(|| Indexes::new(self))
    }

    /// How many threads find out how objects hang together.
    pub(crate) fn threads(&self) -> Threads {
        self.contents.threads
    }

    pub(crate) fn coverage(&self) -> &Coverage {
        &self.contents.coverage
    }

    pub(crate) fn node_components(&self) -> &NodeComponents {
        self.contents
            .node_components
            .get_or_init(|| NodeComponents::new(self))
    }

    /// What is no object.
    pub fn skipped(&self) -> &[Skipped] {
        &self.contents.skipped
    }
}

/// Gathers objects.
#[derive(Debug, Default)]
pub struct InventoryBuilder {
    objects: Vec<Object>,
    types: ObjectTypes,
    skipped: Vec<Skipped>,
    /// Files that a kustomization names as patches.
    patches: HashSet<String>,
    coverage: Coverage,
    threads: Threads,
    /// What objects must have to be judged.
    query: LabelQuery,
}

impl InventoryBuilder {
    /// Adds all documents of a source. Gives how many objects and how many skipped documents they hold.
    pub fn add(&mut self, parsed: &Parsed) -> (usize, usize) {
        let before = (self.objects.len(), self.skipped.len());
        let (tree, parts) = &complete(parsed);
        // Looked up and not searched for: a text may have as many broken documents as it has lines.
        let broken: HashSet<u32> = parsed
            .problems
            .iter()
            .filter(|problem| problem.severity == plimsoll_document::Severity::Error)
            .map(|problem| problem.document)
            .collect();
        for document in &parsed.documents {
            match document.root {
                Some(root) => self.document(tree, tree.node(root), document.index, 0),
                // A broken document is told as an error, and not as skipped beside.
                None if broken.contains(&document.index) => {}
                None => self.skipped.push(Skipped {
                    source: tree.source().name().to_owned(),
                    document: document.index,
                    line: line(tree.source(), tree.source().position(document.span.start)),
                    reason: SkipReason::Empty,
                }),
            }
        }
        let document = parsed
            .documents
            .first()
            .map_or(0, |document| document.index);
        let parts = in_parts(
            self.threads,
            parts,
            1,
            || (),
            |(), parts| {
                let mut of_parts = InventoryBuilder::default();
                for part in parts {
                    for item in &part.items {
                        of_parts.document(&part.tree, part.tree.node(*item), document, 1);
                    }
                }
                of_parts
            },
        );
        for part in parts {
            self.objects.extend(part.objects);
            self.skipped.extend(part.skipped);
            self.patches.extend(part.patches);
        }
        (self.objects.len() - before.0, self.skipped.len() - before.1)
    }

    /// Notes a kind that was not read: nothing is said of it.
    pub fn unread(&mut self, unread: Unread) {
        self.coverage.add(unread);
    }

    /// Notes that only these namespaces were read.
    pub fn only_namespaces(&mut self, namespaces: Vec<String>) {
        self.coverage.namespaces = Some(namespaces);
    }

    /// Has only objects with these labels judged. The others are still there for what is said of these.
    pub fn judge_only(&mut self, query: LabelQuery) {
        self.query = query;
    }

    /// How many threads find out how the objects hang together, when that is first asked; as many as there are
    /// processors, if this is not called.
    pub fn work_on(&mut self, threads: Threads) {
        self.threads = threads;
    }

    fn document(&mut self, tree: &Arc<Tree>, node: Node<'_>, document: u32, depth: u32) {
        if let Some(items) = list_items(node)
            && depth < MAX_LIST_DEPTH
        {
            for item in items.children() {
                self.document(tree, item, document, depth + 1);
            }
            return;
        }
        match reason_to_skip(node) {
            None => self.objects.push(Object {
                tree: Arc::clone(tree),
                of_type: type_of(node, &mut self.types),
                root: node.id(),
                document,
            }),
            Some(reason) => {
                if reason == SkipReason::Kustomization {
                    self.patches.extend(patch_files(node));
                }
                self.skipped.push(Skipped {
                    source: tree.source().name().to_owned(),
                    document,
                    line: line(tree.source(), node.position()),
                    reason,
                });
            }
        }
    }

    /// What a patch lacks says nothing of the object that it is laid over.
    fn skip_patches(&mut self) {
        let patches = std::mem::take(&mut self.patches);
        if patches.is_empty() {
            return;
        }
        let skipped = &mut self.skipped;
        self.objects.retain(|object| {
            let source = object.tree().source().name();
            let is_patch = patches.contains(source);
            if is_patch {
                skipped.push(Skipped {
                    source: source.to_owned(),
                    document: object.document(),
                    line: line(object.tree().source(), object.root().position()),
                    reason: SkipReason::Patch,
                });
            }
            !is_patch
        });
    }

    /// The inventory.
    pub fn finish(mut self) -> Inventory {
        self.skip_patches();
        let nodes: Vec<ObjectId> = (0..)
            .map(ObjectId)
            .zip(&self.objects)
            .filter(|(_, object)| object.kind() == "Node" && object.group().is_empty())
            .map(|(id, _)| id)
            .collect();
        if !nodes.is_empty() {
            self.objects.extend(cluster_object());
        }
        self.objects.shrink_to_fit();
        let collapsed = collapse(&self.objects, self.threads);
        let is_context = self
            .objects
            .iter()
            .map(|object| !self.query.selects(object))
            .collect();
        Inventory {
            contents: Arc::new(Contents {
                objects: self.objects,
                coverage: self.coverage,
                threads: self.threads,
                is_context,
                skipped: self.skipped,
                collapsed,
                nodes,
                indexes: OnceLock::new(),
                node_components: OnceLock::new(),
            }),
        }
    }
}

/// The group of the object that stands for the cluster itself.
pub const CLUSTER_GROUP: &str = "plimsoll.dev";

/// The kind of the object that stands for the cluster itself. It is there where the whole of a cluster is, and what can
/// be said of no other object is judged on it: that something is missing.
pub const CLUSTER_KIND: &str = "Cluster";

fn cluster_object() -> Option<Object> {
    let text = format!(
        r#"{{"apiVersion":"{CLUSTER_GROUP}/v1","kind":"{CLUSTER_KIND}","metadata":{{"name":"cluster"}}}}"#
    );
    let parsed = parse(
        &Arc::new(Source::new("", text)),
        Format::Json,
        &Limits::default(),
    );
    let root = parsed.documents.first()?.root?;
    Some(Object {
        of_type: type_of(parsed.tree.node(root), &mut ObjectTypes::default()),
        root,
        tree: parsed.tree,
        document: 0,
    })
}

fn type_of(object: Node<'_>, types: &mut ObjectTypes) -> Arc<ObjectType> {
    let text = |key: Symbol| object.get_symbol(key).and_then(Node::as_str);
    types.get(
        text(const { Symbol::of("apiVersion") }).unwrap_or_default(),
        text(const { Symbol::of("kind") }).unwrap_or_default(),
    )
}

fn line(source: &Source, position: Position) -> Option<u32> {
    source.written_at(position).map(|position| position.line)
}

fn reason_to_skip(node: Node<'_>) -> Option<SkipReason> {
    if !node.is_map() {
        return Some(SkipReason::NotAMap);
    }
    let text = |key: &str| {
        node.get_name(key)
            .and_then(Node::as_str)
            .unwrap_or_default()
    };
    let api_version = text("apiVersion");
    let is_kustomization = api_version.starts_with("kustomize.config.k8s.io/")
        || api_version.is_empty() && is_kustomization_file(node);
    if is_kustomization {
        return Some(SkipReason::Kustomization);
    }
    if api_version.is_empty() || text("kind").is_empty() {
        return Some(SkipReason::NoKind);
    }
    match node.get_name("metadata") {
        Some(metadata) if metadata.is_map() => {}
        _ => return Some(SkipReason::NoMetadata),
    }
    None
}

/// A file that `kustomize` reads need not state a kind.
fn is_kustomization_file(node: Node<'_>) -> bool {
    let name = node.tree().source().name();
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    matches!(
        file,
        "kustomization.yaml" | "kustomization.yml" | "Kustomization"
    )
}
