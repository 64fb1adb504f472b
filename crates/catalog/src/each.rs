//! What a control judges one by one.

use plimsoll_document::{Node, NodeKind, Path, Segment};

/// A path whose first word says where it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Each {
    /// Where it starts.
    pub start: Start,
    /// What comes after.
    pub path: Path,
}

/// Where the items of a control start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The whole object.
    Object,
    /// The pod template.
    Pod,
    /// Every container of every list.
    Containers,
    /// Every component that the object runs and the control is for.
    Components,
}

const STARTS: &str = "object, pod, containers or component";

impl Each {
    /// Reads `containers[*].ports[*]`, `pod`, `component`, `object.spec.rules[*]`.
    ///
    /// # Errors
    /// Why the text is no such path.
    pub fn parse(text: &str) -> Result<Each, String> {
        let path = Path::parse(text).map_err(|error| error.to_string())?;
        let mut segments = path.segments.into_iter();
        let Some(Segment::Key(first)) = segments.next() else {
            return Err(format!("'each' starts with {STARTS}"));
        };
        let start = match first.name() {
            "object" => Start::Object,
            "pod" => Start::Pod,
            "containers" => Start::Containers,
            "component" => Start::Components,
            other => return Err(format!("'each' starts with {STARTS}, not '{other}'")),
        };
        let mut segments: Vec<Segment> = segments.collect();
        // `containers` alone means every container.
        if start == Start::Containers && segments.first() == Some(&Segment::Every) {
            segments.remove(0);
        }
        Ok(Each {
            start,
            path: Path { segments },
        })
    }

    /// Calls `visit` for every item below a starting node, until it gives false. A field that is missing, or no list
    /// where one is meant, gives no item.
    pub fn visit<'n>(&self, start: Node<'n>, visit: &mut impl FnMut(Node<'n>) -> bool) -> bool {
        walk(start, &self.path.segments, visit)
    }
}

fn walk<'n>(
    node: Node<'n>,
    segments: &[Segment],
    visit: &mut impl FnMut(Node<'n>) -> bool,
) -> bool {
    let Some((segment, rest)) = segments.split_first() else {
        return visit(node);
    };
    match segment {
        // Null is what the API server takes for a field that is not there.
        Segment::Key(key) => node
            .get(key)
            .is_none_or(|next| next.kind() == NodeKind::Null || walk(next, rest, visit)),
        Segment::Index(index) if node.is_list() => node
            .child(*index)
            .is_none_or(|next| walk(next, rest, visit)),
        Segment::Index(_) => true,
        Segment::Every if node.is_list() => {
            node.children().all(|element| walk(element, rest, visit))
        }
        Segment::Every => true,
    }
}
