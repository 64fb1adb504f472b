//! What a kustomization says of the files beside it.

use plimsoll_document::Node;

/// The files that a kustomization names as patches, as paths like that of its own source (Kustomize: `patches`,
/// `patchesStrategicMerge`, `patchesJson6902`).
pub(crate) fn patch_files(kustomization: Node<'_>) -> Vec<String> {
    let own = kustomization.tree().source().name();
    let folder = own.rfind('/').map_or("", |end| &own[..end]);
    let list = |key: &str| {
        kustomization
            .get_name(key)
            .into_iter()
            .flat_map(Node::children)
    };
    let with_path = list("patches")
        .chain(list("patchesJson6902"))
        .filter_map(|patch| patch.get_name("path")?.as_str());
    // An entry may be the patch itself.
    let merged = list("patchesStrategicMerge")
        .filter_map(Node::as_str)
        .filter(|entry| !entry.contains('\n'));
    with_path
        .chain(merged)
        .map(|path| joined(folder, path))
        .collect()
}

/// A path below a folder, without `.` and `..`.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let is_absolute = folder.starts_with('/');
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if is_absolute {
        format!("/{joined}")
    } else {
        joined
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_document::{Format, Limits, Source, parse};

    use crate::inventory::{Inventory, SkipReason};

    #[test]
    fn a_file_that_is_a_patch_is_no_object() {
        let deployment =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n";
        let kustomization = "patches:\n  - path: ../patches/replicas.yaml\n";
        let mut builder = Inventory::builder();
        for (name, text) in [
            ("app/overlay/kustomization.yaml", kustomization),
            ("app/patches/replicas.yaml", deployment),
            ("app/base/web.yaml", deployment),
        ] {
            let source = Arc::new(Source::new(name, text));
            builder.add(&parse(&source, Format::Yaml, &Limits::default()));
        }
        let inventory = builder.finish();
        assert_eq!(inventory.objects().len(), 1);
        let reasons: Vec<SkipReason> = inventory
            .skipped()
            .iter()
            .map(|skipped| skipped.reason)
            .collect();
        assert_eq!(reasons, [SkipReason::Kustomization, SkipReason::Patch]);
    }
}
