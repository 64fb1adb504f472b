//! Which kinds an API server has.

use serde::Deserialize;

use crate::error::Failed;
use crate::request::{Asker, JSON};

/// A kind that can be listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServedKind {
    /// The group; empty for the core group.
    pub(crate) group: String,
    pub(crate) kind: String,
    /// The version that the server prefers of those that have the kind.
    pub(crate) version: String,
    /// `pods`
    pub(crate) resource: String,
    pub(crate) is_namespaced: bool,
}

impl ServedKind {
    /// `v1`, `apps/v1`.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Where its objects are, of all namespaces or of one.
    pub(crate) fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.group.is_empty() { "api" } else { "apis" };
        let place = match namespace {
            Some(namespace) => format!("namespaces/{namespace}/"),
            None => String::new(),
        };
        format!("/{root}/{}/{place}{}", self.api_version(), self.resource)
    }
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Discovered {
    /// By group and kind.
    pub(crate) kinds: Vec<ServedKind>,
    /// Groups whose kinds could not be told.
    pub(crate) unknown: Vec<(String, Failed)>,
}

/// All groups with their kinds in one answer (since Kubernetes 1.26), else only their names.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                          application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,\
                          application/json";

/// Asks which kinds there are.
pub(crate) async fn discover(asker: &Asker) -> Result<Discovered, Failed> {
    let mut found = Discovered::default();
    core(asker, &mut found).await?;
    groups(asker, &mut found).await?;
    found.kinds.sort();
    Ok(found)
}

async fn core(asker: &Asker, found: &mut Discovered) -> Result<(), Failed> {
    let path = "/api";
    match parsed(path, &ask(asker, path).await?)? {
        Answer::Aggregated(groups) => aggregated(&groups, found),
        Answer::Groups(_) => return Err(unexpected(path)),
        Answer::Versions { versions } => {
            for version in versions.iter().take(MOST_VERSIONS) {
                versions_of("", &[version.as_str()], asker, found).await?;
            }
        }
    }
    Ok(())
}

/// The core group has one version, and there will hardly be more.
const MOST_VERSIONS: usize = 4;

async fn groups(asker: &Asker, found: &mut Discovered) -> Result<(), Failed> {
    let path = "/apis";
    match parsed(path, &ask(asker, path).await?)? {
        Answer::Aggregated(groups) => aggregated(&groups, found),
        Answer::Versions { .. } => return Err(unexpected(path)),
        Answer::Groups(list) => {
            for group in &list.groups {
                let mut versions = vec![group.preferred_version.version.as_str()];
                versions.extend(group.versions.iter().map(|of| of.version.as_str()));
                versions.dedup();
                versions_of(&group.name, &versions, asker, found).await?;
            }
        }
    }
    Ok(())
}

async fn ask(asker: &Asker, path: &str) -> Result<Vec<u8>, Failed> {
    let answer = asker.get(path, AGGREGATED).await?;
    if !answer.content_type.starts_with(JSON) {
        return Err(unexpected(path));
    }
    Ok(answer.bytes)
}

fn unexpected(path: &str) -> Failed {
    Failed::Malformed(format!(
        "the answer to {path} is not what an API server says: is this one?"
    ))
}

/// What is asked of a path that no group may name: parts of paths come from the server.
fn is_plain(part: &str) -> bool {
    !part.is_empty()
        && part != ".."
        && part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

/// Adds the kinds of a group, version by version; the first version that has a kind counts.
async fn versions_of(
    group: &str,
    versions: &[&str],
    asker: &Asker,
    found: &mut Discovered,
) -> Result<(), Failed> {
    for version in versions {
        if !is_plain(version) || !(group.is_empty() || is_plain(group)) {
            continue;
        }
        let path = if group.is_empty() {
            format!("/api/{version}")
        } else {
            format!("/apis/{group}/{version}")
        };
        let answer = match asker.json(&path).await {
            Ok(answer) => answer,
            Err(failed) if failed.ends_all() => return Err(failed),
            Err(Failed::NotFound) => continue,
            // A server behind the API server that is out of order takes its own group with it, and no other.
            Err(failed) => {
                found.unknown.push((group.to_owned(), failed));
                return Ok(());
            }
        };
        let list: ResourceList = serde_json::from_slice(&answer).map_err(|_| unexpected(&path))?;
        for resource in list.resources {
            let of_group = if resource.group.is_empty() {
                group
            } else {
                &resource.group
            };
            add(
                ServedKind {
                    group: of_group.to_owned(),
                    kind: resource.kind,
                    version: (*version).to_owned(),
                    resource: resource.name,
                    is_namespaced: resource.namespaced,
                },
                &resource.verbs,
                found,
            );
        }
    }
    Ok(())
}

fn aggregated(list: &AggregatedList, found: &mut Discovered) {
    for group in &list.items {
        let name = group.metadata.name.as_str();
        for version in &group.versions {
            if version.freshness == "Stale" {
                let why = "the server that has it does not answer".to_owned();
                found
                    .unknown
                    .push((name.to_owned(), Failed::Status(503, why)));
                continue;
            }
            for resource in &version.resources {
                let response = &resource.response_kind;
                let group = if response.group.is_empty() {
                    name
                } else {
                    &response.group
                };
                add(
                    ServedKind {
                        group: group.to_owned(),
                        kind: response.kind.clone(),
                        version: version.version.clone(),
                        resource: resource.resource.clone(),
                        is_namespaced: resource.scope == "Namespaced",
                    },
                    &resource.verbs,
                    found,
                );
            }
        }
    }
}

/// Adds a kind that can be listed, unless a version before this one has it.
fn add(kind: ServedKind, verbs: &[String], found: &mut Discovered) {
    let can_be_listed = verbs.iter().any(|verb| verb == "list");
    let is_plain = is_plain(&kind.resource)
        && is_plain(&kind.version)
        && (kind.group.is_empty() || is_plain(&kind.group))
        && !kind.kind.is_empty();
    let is_known = found
        .kinds
        .iter()
        .any(|other| other.group == kind.group && other.kind == kind.kind);
    if can_be_listed && is_plain && !is_known {
        found.kinds.push(kind);
    }
}

enum Answer {
    Aggregated(AggregatedList),
    Groups(GroupList),
    Versions { versions: Vec<String> },
}

fn parsed(path: &str, bytes: &[u8]) -> Result<Answer, Failed> {
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let refused = |_| unexpected(path);
    let kind: Kind = serde_json::from_slice(bytes).map_err(refused)?;
    match kind.kind.as_str() {
        "APIGroupDiscoveryList" => serde_json::from_slice(bytes).map(Answer::Aggregated),
        "APIGroupList" => serde_json::from_slice(bytes).map(Answer::Groups),
        "APIVersions" => {
            serde_json::from_slice(bytes).map(|Versions { versions }| Answer::Versions { versions })
        }
        _ => return Err(unexpected(path)),
    }
    .map_err(refused)
}

#[derive(Deserialize)]
struct Versions {
    versions: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    name: String,
}

#[derive(Deserialize)]
struct AggregatedList {
    #[serde(default)]
    items: Vec<AggregatedGroup>,
}

#[derive(Deserialize)]
struct AggregatedGroup {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    versions: Vec<AggregatedVersion>,
}

#[derive(Deserialize)]
struct AggregatedVersion {
    version: String,
    #[serde(default)]
    freshness: String,
    #[serde(default)]
    resources: Vec<AggregatedResource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AggregatedResource {
    resource: String,
    #[serde(default)]
    response_kind: ResponseKind,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    verbs: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ResponseKind {
    group: String,
    kind: String,
}

#[derive(Deserialize)]
struct GroupList {
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    name: String,
    versions: Vec<GroupVersion>,
    preferred_version: GroupVersion,
}

#[derive(Deserialize)]
struct GroupVersion {
    version: String,
}

#[derive(Deserialize)]
struct ResourceList {
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    name: String,
    #[serde(default)]
    group: String,
    kind: String,
    namespaced: bool,
    #[serde(default)]
    verbs: Vec<String>,
}
