use std::fs;

use plimsoll_render::{Programs, RenderError, Renderer as _};

use crate::{corpus, folders, options, printed};

/// A chart that one of these needs is not there.
const INCOMPLETE: &[&str] = &[
    "argo-cd",
    "external-secrets",
    "kube-prometheus-stack",
    "rook-ceph",
];

/// Their values are others each time.
const RANDOM: &[&str] = &["bitnami-redis", "harbor", "jupyterhub"];

#[test]
fn charts_render_as_elsewhere() {
    let Some(corpus) = corpus("helm", &["helm"]) else {
        return;
    };
    let mut same = 0;
    for chart in folders(&corpus) {
        let name = chart
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        let rendered = Programs::default().chart(&chart, &options(name));
        if INCOMPLETE.contains(&name) {
            let error = rendered
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            assert!(
                error.contains("missing in charts/ directory"),
                "{name}: {error}"
            );
            continue;
        }
        if name == "bitnami-common" {
            let is_refused =
                matches!(&rendered, Err(RenderError::Failed(words)) if words.contains("library"));
            assert!(is_refused, "{rendered:?}");
            continue;
        }
        let documents = rendered.unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = corpus.join(format!("../helm-expected/{name}.yaml"));
        let expected = fs::read_to_string(expected).expect("the reference");
        let printed = printed(&documents);
        if RANDOM.contains(&name) {
            let frame = |text: &str| -> Vec<String> {
                let lines = text.lines();
                let is_frame =
                    |line: &&str| line.starts_with("# Source") || line.starts_with("kind:");
                lines.filter(is_frame).map(str::to_owned).collect()
            };
            assert_eq!(frame(&printed), frame(&expected), "{name}");
            assert_eq!(printed.lines().count(), expected.lines().count(), "{name}");
        } else {
            // Files of which nothing is rendered are named in the output, and are no documents.
            assert_eq!(without_empty(&printed), without_empty(&expected), "{name}");
            same += 1;
        }
    }
    assert_eq!(same, 13);
}

fn without_empty(printed: &str) -> String {
    let mut pieces: Vec<&str> = printed.split("---\n# Source: ").collect();
    pieces.retain(|piece| piece.lines().skip(1).any(|line| !line.trim().is_empty()));
    pieces.join("---\n# Source: ")
}
