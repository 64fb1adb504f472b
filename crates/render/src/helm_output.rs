//! What `helm template` prints: manifests, each after a line with its file.

use std::path::PathBuf;

use crate::renderer::Document;

/// What Helm puts before a manifest (`cmd/helm/template.go`).
const SOURCE: &str = "# Source: ";

/// The documents, in the order of the output. A file of definitions comes as it is, with several documents perhaps.
pub(crate) fn documents(printed: &str) -> Vec<Document> {
    let mut documents: Vec<Document> = Vec::new();
    let mut is_after_separator = false;
    for line in printed.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        if is_after_separator {
            is_after_separator = false;
            if let Some(file) = content.strip_prefix(SOURCE) {
                documents.push(Document {
                    file: Some(PathBuf::from(file)),
                    text: String::new(),
                });
                continue;
            }
            // The separator is one within the file.
            push(&mut documents, "---\n");
        }
        if content == "---" {
            is_after_separator = true;
        } else {
            push(&mut documents, line);
        }
    }
    documents.retain(|document| !document.text.trim().is_empty());
    documents
}

fn push(documents: &mut Vec<Document>, text: &str) {
    if let Some(document) = documents.last_mut() {
        document.text.push_str(text);
    } else if !text.trim().is_empty() {
        documents.push(Document {
            file: None,
            text: text.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_told_by_their_files() {
        let printed = "---\n# Source: web/crds/a.yaml\nkind: A\n---\nkind: B\n---\n# Source: web/templates/b.yaml\n\
                       # Source: no\nkind: C\ndata: |\n  ---\n  # Source: x\n---\n# Source: web/templates/empty.yaml\n";
        let all = documents(printed);
        let shown: Vec<(&str, &str)> = all
            .iter()
            .map(|document| {
                let file = document.file.as_deref().unwrap().to_str().unwrap();
                (file, document.text.as_str())
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("web/crds/a.yaml", "kind: A\n---\nkind: B\n"),
                (
                    "web/templates/b.yaml",
                    "# Source: no\nkind: C\ndata: |\n  ---\n  # Source: x\n"
                ),
            ]
        );
        assert_eq!(documents(""), []);
    }
}
