//! The first and the last line of a snapshot.

use plimsoll_inventory::{Cause, Unread};
use serde::{Deserialize, Serialize};

use crate::about::About;
use crate::cluster::Gaps;

/// The form that is written.
pub(super) const VERSION: &str = "1";

/// How the last line begins.
pub(super) const END: &str = "{\"plimsollSnapshotEnd\"";

/// What the file is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    #[serde(rename = "plimsollSnapshot")]
    pub(super) version: String,
    #[serde(default)]
    tool: String,
    #[serde(default)]
    taken_at: String,
    pub(super) cluster: ClusterRecord,
    /// The controls that it was read for.
    #[serde(default)]
    controls: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClusterRecord {
    location: String,
    server_version: String,
    namespaces: Vec<String>,
}

impl Header {
    pub(super) fn new(about: &About, controls: &[&str], taken_at: &str) -> Header {
        Header {
            version: VERSION.to_owned(),
            tool: concat!("plimsoll ", env!("CARGO_PKG_VERSION")).to_owned(),
            taken_at: taken_at.to_owned(),
            cluster: ClusterRecord {
                location: about.location.clone(),
                server_version: about.server_version.clone(),
                namespaces: about.namespaces.clone(),
            },
            controls: controls.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<ClusterRecord> for About {
    fn from(record: ClusterRecord) -> About {
        About {
            location: record.location,
            server_version: record.server_version,
            kubernetes: None,
            namespaces: record.namespaces,
        }
    }
}

/// What was not read, and how much was.
pub(super) struct End {
    pub(super) pages: usize,
    unread: Vec<UnreadRecord>,
    problems: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct EndLine {
    #[serde(rename = "plimsollSnapshotEnd")]
    end: EndRecord,
}

#[derive(Serialize, Deserialize)]
struct EndRecord {
    pages: usize,
    unread: Vec<UnreadRecord>,
    problems: Vec<String>,
}

#[derive(Serialize, Deserialize, Clone)]
struct UnreadRecord {
    group: String,
    kind: String,
    cause: String,
    reason: String,
}

impl Serialize for End {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let end = EndRecord {
            pages: self.pages,
            unread: self.unread.clone(),
            problems: self.problems.clone(),
        };
        EndLine { end }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for End {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<End, D::Error> {
        let EndLine { end } = EndLine::deserialize(deserializer)?;
        Ok(End {
            pages: end.pages,
            unread: end.unread,
            problems: end.problems,
        })
    }
}

impl End {
    pub(super) fn new(pages: usize, gaps: &Gaps) -> End {
        End {
            pages,
            unread: gaps
                .unread
                .iter()
                .map(|unread| UnreadRecord {
                    group: unread.group.clone(),
                    kind: unread.kind.clone(),
                    cause: unread.cause.name().to_owned(),
                    reason: unread.reason.clone(),
                })
                .collect(),
            problems: gaps.problems.clone(),
        }
    }
}

impl From<End> for Gaps {
    fn from(end: End) -> Gaps {
        let unread = end.unread.into_iter().map(|record| Unread {
            group: record.group,
            kind: record.kind,
            reason: record.reason,
            // A cause that is not known is taken as the worst one.
            cause: Cause::ALL
                .into_iter()
                .find(|cause| cause.name() == record.cause)
                .unwrap_or(Cause::Failed),
        });
        Gaps {
            unread: unread.collect(),
            problems: end.problems,
        }
    }
}
