use std::fs;

use plimsoll_render::{Programs, Renderer as _, render_kustomization};
use plimsoll_sources::find;
use serde_json::Value;

use crate::corpus;

#[test]
fn kustomizations_build_as_elsewhere() {
    let Some(corpus) = corpus("kustomize", &["kustomize", "kubectl"]) else {
        return;
    };
    let expected = corpus.join("../kustomize-expected");
    let index = fs::read_to_string(expected.join("index.json")).expect("the index");
    let index: Value = serde_json::from_str(&index).expect("JSON");
    let (mut built, mut failed) = (0, 0);
    for (target, entry) in index.as_object().expect("a map") {
        let folder = corpus.join(target);
        let result = Programs::default().kustomization(&folder.canonicalize().expect("a folder"));
        if entry["error"].is_string() {
            assert!(result.is_err(), "{target}");
            failed += 1;
            continue;
        }
        let documents = result.unwrap_or_else(|error| panic!("{target}: {error}"));
        let texts: Vec<&str> = documents
            .iter()
            .map(|document| document.text.as_str())
            .collect();
        let text = texts.join("---\n");
        assert_eq!(Some(text.len() as u64), entry["bytes"].as_u64(), "{target}");
        if entry["stored"] == true {
            let (tree, rest) = target.split_once('/').unwrap_or((target, ""));
            let file = expected
                .join(tree)
                .join(format!("{}.yaml", rest.replace('/', "__")));
            assert_eq!(
                text,
                fs::read_to_string(file).expect("the reference"),
                "{target}"
            );
        }
        built += 1;
        // With all that is looked at before, too; a component is nothing by itself.
        if let [kustomization] = &find(&[folder]).kustomizations[..] {
            let rendering = render_kustomization(&Programs::default(), kustomization);
            let rendering = rendering.unwrap_or_else(|error| panic!("{target}: {error}"));
            let objects: usize = rendering
                .sources
                .iter()
                .map(|source| source.text().matches("---\n").count())
                .sum();
            assert!(objects >= documents.len(), "{target}");
        }
    }
    assert_eq!((built, failed), (98, 22));
}
