//! Where in its file stands what a build made of an object: at the same path, unless a patch or generator brought it.

use plimsoll_document::{Node, Parsed, Position, Written};

/// Keys by which an element of a list is the same one, the first that both have.
const NAMES: [&str; 5] = ["name", "key", "mountPath", "containerPort", "port"];

/// The places of the lines of a build in the file that its objects are from.
pub(super) fn lines_of(built: &Parsed, original: &Parsed) -> Vec<Option<Written>> {
    let count = built.tree.source().text().lines().count();
    let mut lines = vec![None; count];
    let roots = |parsed: &'_ Parsed| -> Vec<_> {
        parsed
            .documents
            .iter()
            .filter_map(|document| document.root)
            .collect()
    };
    let originals: Vec<Node<'_>> = roots(original)
        .into_iter()
        .flat_map(|root| items(original.tree.node(root)))
        .collect();
    for root in roots(built) {
        let root = built.tree.node(root);
        if let Some(original) = original_of(root, &originals) {
            walk(root, original, &mut lines);
        }
    }
    lines
}

/// The items of a list of objects, or the object.
fn items(node: Node<'_>) -> Vec<Node<'_>> {
    let is_list = text(node, "kind").is_some_and(|kind| kind.ends_with("List"));
    match node
        .get_name("items")
        .filter(|items| is_list && items.is_list())
    {
        Some(items) => items.children().collect(),
        None => vec![node],
    }
}

fn text<'t>(node: Node<'t>, key: &str) -> Option<&'t str> {
    node.get_name(key)?.as_str()
}

fn name(node: Node<'_>) -> &str {
    node.get_name("metadata")
        .and_then(|metadata| text(metadata, "name"))
        .unwrap_or_default()
}

/// The object that a built one was: of its kind and name, or of a name that it was built from by a prefix or suffix.
fn original_of<'o>(built: Node<'_>, originals: &[Node<'o>]) -> Option<Node<'o>> {
    let is_kind = |node: &&Node<'o>| text(**node, "kind") == text(built, "kind");
    let of_kind: Vec<Node<'o>> = originals.iter().filter(is_kind).copied().collect();
    let only = |fits: &dyn Fn(&str) -> bool| {
        let mut fitting = of_kind.iter().filter(|node| fits(name(**node)));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some(*only),
            _ => None,
        }
    };
    let built = name(built);
    only(&|name| name == built).or_else(|| only(&|name| !name.is_empty() && built.contains(name)))
}

/// Enters the places of a node and all in it. What is not there stands where it would be: at what it is a part of.
fn walk(built: Node<'_>, original: Node<'_>, lines: &mut [Option<Written>]) {
    let mut ahead = vec![(built, original, true)];
    while let Some((built, original, is_there)) = ahead.pop() {
        let is_leaf = !built.is_map() && !built.is_list();
        let is_same = is_there && (!is_leaf || is_equal(built, original));
        enter(built.position(), original.position(), is_same, lines);
        for (at, child) in built.children().enumerate() {
            match is_there
                .then(|| counterpart(built, at, child, original))
                .flatten()
            {
                Some(other) => ahead.push((child, other, true)),
                None => ahead.push((child, original, false)),
            }
        }
    }
}

fn enter(from: Position, to: Position, exact: bool, lines: &mut [Option<Written>]) {
    let Some(line) = lines.get_mut(from.line as usize - 1) else {
        return;
    };
    // Several nodes begin on a line, the outermost of them is met first.
    line.get_or_insert(Written {
        line: to.line,
        column: Some(to.column),
        exact,
    });
}

fn counterpart<'o>(
    parent: Node<'_>,
    at: usize,
    child: Node<'_>,
    original: Node<'o>,
) -> Option<Node<'o>> {
    if parent.is_map() {
        return original
            .is_map()
            .then(|| original.get_name(child.key()))
            .flatten();
    }
    if !original.is_list() {
        return None;
    }
    if child.is_map() {
        let key = NAMES.into_iter().find(|key| child.get_name(key).is_some());
        if let Some(key) = key {
            let own = child.get_name(key)?;
            let is_same = |other: &Node<'o>| {
                other
                    .get_name(key)
                    .is_some_and(|other| is_equal(own, other))
            };
            let mut same = original.children().filter(is_same);
            return same.next().filter(|_| same.next().is_none());
        }
    }
    if !child.is_map() && !child.is_list() {
        let mut same = original.children().filter(|other| is_equal(child, *other));
        return same.next().filter(|_| same.next().is_none());
    }
    let same_length = parent.len() == original.len();
    original.child(at).filter(|_| same_length)
}

fn is_equal(one: Node<'_>, other: Node<'_>) -> bool {
    let is_leaf = |node: Node<'_>| !node.is_map() && !node.is_list();
    is_leaf(one) && is_leaf(other) && one.scalar() == other.scalar()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_document::{Format, Limits, Source, parse};

    use super::*;

    fn parsed(text: &str) -> Parsed {
        parse(
            &Arc::new(Source::new("", text)),
            Format::Yaml,
            &Limits::default(),
        )
    }

    #[test]
    fn what_a_patch_brought_stands_where_it_belongs() {
        let original = "kind: Service\nmetadata: {name: web}\n---\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  \
                        containers:\n    - name: side\n    - image: nginx\n      name: web # ours\n";
        let built = "---\nkind: Deployment\nmetadata:\n  name: prod-web\nspec:\n  containers:\n  - image: nginx:2\n    \
                     name: web\n    securityContext:\n      privileged: true\n  - name: side\n  replicas: 3\n";
        let lines = lines_of(&parsed(built), &parsed(original));
        let shown: Vec<String> = lines
            .iter()
            .map(|line| {
                line.map_or("?".to_owned(), |line| {
                    format!("{}{}", if line.exact { "" } else { "~" }, line.line)
                })
            })
            .collect();
        let expected = [
            "?", "4", "5", "~6", "7", "8", "10", "11", "~10", "~10", "9", "~7",
        ];
        assert_eq!(shown, expected);
        let column = |at: usize| lines[at].and_then(|line| line.column);
        assert_eq!((column(7), column(9)), (Some(7), Some(7)));
        let other = lines_of(
            &parsed(built),
            &parsed("kind: Deployment\nmetadata: {name: db}\n"),
        );
        assert!(other.iter().all(Option::is_none));
    }
}
