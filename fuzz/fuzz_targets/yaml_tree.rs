//! YAML: no panic, bounded work, spans within the text, paths that lead back.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use plimsoll_document::{Format, Limits, Source, parse, path_of};

fuzz_target!(|bytes: &[u8]| {
    let Ok(source) = Source::from_bytes("fuzz.yaml", bytes.to_vec()) else {
        return;
    };
    let limits = Limits {
        max_alias_nodes: 10_000,
        ..Limits::default()
    };
    let parsed = parse(&Arc::new(source), Format::Yaml, &limits);
    let length = parsed.tree.source().text().len() as u32;
    for document in &parsed.documents {
        let Some(root) = document.root else {
            continue;
        };
        let root = parsed.tree.node(root);
        for node in root.children().flat_map(|child| child.children()) {
            assert!(node.span().start <= node.span().end && node.span().end <= length);
            let path = path_of(root, node).expect("a node has a path");
            assert!(path.find(root).0.is_same(node));
            let _ = node.position();
        }
    }
});
