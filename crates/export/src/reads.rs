//! What a control looks at in an object.

use plimsoll_catalog::{Control, Start};
use plimsoll_cel::ast::Expr;
use plimsoll_document::Segment;

use crate::refusal::Refusal;
use crate::rewrite::{free_names, parse};

/// Where a read starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    Object,
    Pod,
}

/// Fields that are read to tell whether an object is as it should be.
#[derive(Debug)]
pub(crate) struct Reads {
    /// Where each starts, and its fields as far as they are constant.
    pub(crate) paths: Vec<(From, Vec<String>)>,
    /// Whether `stringData` of a Secret is read where `data` is not.
    only_string_data: bool,
}

/// Fields of `metadata` that the API server sets, or that say of an object that it is already there.
const SET_BY_SERVER: [&str; 7] = [
    "uid",
    "resourceVersion",
    "managedFields",
    "creationTimestamp",
    "deletionTimestamp",
    "generation",
    "selfLink",
];

impl Reads {
    /// Of `each`, `when`, `known` and `expect`. What only a message reads makes no difference.
    pub(crate) fn of(control: &Control) -> Result<Reads, Refusal> {
        let mut paths = Vec::new();
        let mut items = Vec::new();
        for each in &control.each {
            let from = match each.start {
                Start::Object => From::Object,
                Start::Components => return Err(Refusal::Components),
                Start::Pod | Start::Containers => From::Pod,
            };
            // What is read of a container is neither metadata nor status of anything.
            let mut fields: Vec<String> = match each.start {
                Start::Containers => vec!["spec".to_owned()],
                Start::Object | Start::Pod | Start::Components => Vec::new(),
            };
            fields.extend(
                each.path
                    .segments
                    .iter()
                    .map_while(|segment| match segment {
                        Segment::Key(key) => Some(key.name().to_owned()),
                        _ => None,
                    }),
            );
            items.push((from, fields));
        }
        let mut only_string_data = is_only_string_data(&items);
        for text in [
            control.when_text(),
            control.known_text(),
            control.expect_text(),
        ] {
            if text.is_empty() {
                continue;
            }
            let before = paths.len();
            let root: Expr = parse(text)?;
            free_names(&root, &mut |free| {
                let rest = || free.path.iter().map(|field| (*field).to_owned());
                match free.name {
                    "object" => paths.push((From::Object, rest().collect())),
                    "pod" => paths.push((From::Pod, rest().collect())),
                    "container" | "containers" => paths.push((From::Pod, vec!["spec".to_owned()])),
                    "item" => paths.extend(items.iter().map(|(from, fields)| {
                        (
                            *from,
                            fields
                                .iter()
                                .cloned()
                                .chain(rest())
                                .collect::<Vec<String>>(),
                        )
                    })),
                    _ => {}
                }
            });
            only_string_data |= is_only_string_data(&paths[before..]);
        }
        // A path of `each` that starts in no object as a whole is read even where no expression names the item.
        paths.extend(items.into_iter().filter(|(_, fields)| !fields.is_empty()));
        Ok(Reads {
            paths,
            only_string_data,
        })
    }

    /// Refuses what is not, or not yet, as the user wrote it when admission policies run.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if self.only_string_data {
            return Err(Refusal::ServerSet("stringData without data".to_owned()));
        }
        for (from, path) in &self.paths {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            match path.as_slice() {
                // The API server keeps it the same as serviceAccountName.
                ["spec", "serviceAccount", ..] if *from == From::Pod => {
                    return Err(Refusal::ServerSet("spec.serviceAccount".to_owned()));
                }
                [] => return Err(Refusal::ServerSet("the object as a whole".to_owned())),
                ["metadata"] => return Err(Refusal::ServerSet("metadata as a whole".to_owned())),
                ["status", ..] => return Err(Refusal::ServerSet("status".to_owned())),
                // Policies see the version of the API that they name, whichever was sent.
                ["apiVersion", ..] => return Err(Refusal::ServerSet("apiVersion".to_owned())),
                ["metadata", field, ..] if SET_BY_SERVER.contains(field) => {
                    return Err(Refusal::ServerSet(format!("metadata.{field}")));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether only the pod template is read, and of the object nothing but its kind.
    pub(crate) fn pod_only(&self) -> bool {
        self.paths.iter().all(|(from, path)| {
            *from == From::Pod || path.first().is_some_and(|first| first == "kind")
        })
    }

    /// Whether metadata of the pod template is read.
    pub(crate) fn pod_metadata(&self) -> bool {
        self.paths.iter().any(|(from, path)| {
            *from == From::Pod && path.first().is_none_or(|first| first == "metadata")
        })
    }
}

/// Whether `stringData` is read and `data` is not. The API server has put the one into the other by then, encoded.
fn is_only_string_data(paths: &[(From, Vec<String>)]) -> bool {
    let reads = |field: &str| {
        paths.iter().any(|(from, path)| {
            *from == From::Object && path.first().is_some_and(|first| first == field)
        })
    };
    reads("stringData") && !reads("data")
}
