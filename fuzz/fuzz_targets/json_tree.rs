//! JSON: no panic, and one document is accepted exactly where `serde_json` accepts it.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use plimsoll_document::{Format, Limits, Severity, Source, parse, path_of};

fuzz_target!(|bytes: &[u8]| {
    let Ok(source) = Source::from_bytes("fuzz.json", bytes.to_vec()) else {
        return;
    };
    let text = source.text().to_owned();
    let parsed = parse(&Arc::new(source), Format::Json, &Limits::default());
    let failed = parsed.problems.iter().any(|problem| problem.severity == Severity::Error);
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
        assert!(!failed, "refused: {:?}", parsed.problems);
        assert_eq!(parsed.documents.len(), 1);
        let root = parsed.tree.node(parsed.documents[0].root.expect("a root"));
        assert_eq!(root.is_map(), value.is_object());
        assert_eq!(root.len(), value.as_object().map(serde_json::Map::len).or(value.as_array().map(Vec::len)).unwrap_or(0));
        for child in root.children().flat_map(|child| child.children()) {
            let path = path_of(root, child).expect("a child has a path");
            let (found, depth) = path.find(root);
            assert_eq!(depth, 2);
            assert!(found.is_same(child));
        }
    } else if !failed && parsed.documents.len() == 1 {
        // Half surrogates are read as the replacement character, and numbers out of range are refused by both.
        assert!(text.contains("\\u") || text.len() > 100_000 || text.matches(['[', '{']).count() > 120, "accepted: {text}");
    }
});
