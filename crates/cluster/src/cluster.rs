//! A cluster that answers, and the reading of it. Asking is asynchronous within; whoever calls is not.

use plimsoll_document::Node;
use plimsoll_inventory::{Cause, KubernetesVersion, Unread};
use serde::Deserialize;
use tokio::runtime::Runtime;

use crate::about::About;
use crate::condense::condense;
use crate::connect::connect;
use crate::digest::Hider;
use crate::discovery::{Discovered, ServedKind, discover};
use crate::error::{ClusterError, Failed};
use crate::list::{Page, page};
use crate::node_facts;
use crate::options::ClusterOptions;
use crate::request::Asker;
use crate::wanted::{Task, Wanted, unread};

/// A cluster that was found.
pub struct Cluster {
    runtime: Runtime,
    asker: Asker,
    options: ClusterOptions,
    about: About,
    discovered: Discovered,
}

/// What came of reading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gaps {
    /// Kinds that were not read.
    pub unread: Vec<Unread>,
    /// What else was asked for and could not be had.
    pub problems: Vec<String>,
}

/// How often the list of a kind begins again because the server has forgotten where it was.
const RESTARTS: u32 = 3;

/// How many kinds in a row may fail on the way to the server before the rest is given up.
const FAILURES_IN_A_ROW: u32 = 2;

/// Takes a page: the text of a list.
pub type Take<'t> = dyn FnMut(String) -> std::io::Result<()> + 't;

impl Cluster {
    /// Finds a cluster, and asks it for its version and kinds.
    ///
    /// # Errors
    /// There is none, or it does not answer.
    pub fn connect(options: ClusterOptions) -> Result<Cluster, ClusterError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| ClusterError::Unreachable(error.to_string()))?;
        match runtime.block_on(Cluster::found(&options)) {
            Ok((asker, about, discovered)) => Ok(Cluster {
                runtime,
                asker,
                options,
                about,
                discovered,
            }),
            Err(error) => {
                // A program for credentials that hangs is not waited for.
                runtime.shutdown_background();
                Err(error)
            }
        }
    }

    async fn found(options: &ClusterOptions) -> Result<(Asker, About, Discovered), ClusterError> {
        let connected = connect(options).await?;
        let asker = Asker::new(connected.client, options.bounds.clone());
        let location = connected.location;
        let unreachable = |failed: &Failed| {
            ClusterError::Unreachable(format!("the cluster {location} cannot be read: {failed}"))
        };
        let version = version(&asker)
            .await
            .map_err(|failed| unreachable(&failed))?;
        let discovered = discover(&asker)
            .await
            .map_err(|failed| unreachable(&failed))?;
        let about = About {
            kubernetes: KubernetesVersion::parse(&version).ok(),
            server_version: version,
            namespaces: options.namespaces.clone(),
            location,
        };
        Ok((asker, about, discovered))
    }

    /// What is known of it before it is read.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Reads what is wanted, kind by kind in the order of their groups and names, and hands over page by page.
    ///
    /// # Errors
    /// What the taker says. Whatever the cluster does not give is a gap, and no error.
    pub fn read(self, wanted: &Wanted, take: &mut Take<'_>) -> Result<Gaps, ReadError> {
        let hider = Hider::new()?;
        let (tasks, left) = wanted.plan(&self.discovered.kinds, &self.options);
        let mut reading = Reading {
            cluster: &self,
            hider,
            take,
            kept: 0,
            gaps: Gaps {
                unread: left,
                problems: Vec::new(),
            },
        };
        reading.unknown_groups(wanted);
        reading.tasks(&tasks)?;
        reading.nodes()?;
        let mut gaps = reading.gaps;
        gaps.unread.sort();
        self.runtime.shutdown_background();
        Ok(gaps)
    }
}

/// Why reading ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// What was read could not be handed over.
    #[error("{0}")]
    Taken(#[from] std::io::Error),
    /// It could not begin.
    #[error("{0}")]
    Cluster(#[from] ClusterError),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    git_version: String,
}

async fn version(asker: &Asker) -> Result<String, Failed> {
    let answer = asker.json("/version").await?;
    let version: Version = serde_json::from_slice(&answer).map_err(|_| {
        let why = "the answer to /version is not what an API server says: is this one?";
        Failed::Malformed(why.to_owned())
    })?;
    Ok(crate::request::shortened(&version.git_version))
}

struct Reading<'c, 't> {
    cluster: &'c Cluster,
    hider: Hider,
    take: &'c mut Take<'t>,
    /// Bytes of the pages that were handed over.
    kept: usize,
    gaps: Gaps,
}

impl Reading<'_, '_> {
    /// Kinds that are wanted and of which the server cannot say whether it has them.
    fn unknown_groups(&mut self, wanted: &Wanted) {
        for (group, failed) in &self.cluster.discovered.unknown {
            let kinds = wanted.named();
            let of_group = kinds.iter().filter(|(of, _)| of == group);
            for (_, kind) in of_group {
                let mut served = self.cluster.discovered.kinds.iter();
                if served.any(|served| served.group == *group && served.kind == *kind) {
                    continue;
                }
                let reason = format!("the kinds of {group} are not known: {failed}");
                let gap = unread(group, kind, &reason, Cause::Failed);
                self.gaps.unread.push(gap);
            }
        }
    }

    fn tasks(&mut self, tasks: &[Task]) -> std::io::Result<()> {
        let mut failures_in_a_row = 0;
        let mut end: Option<String> = None;
        for task in tasks {
            let reason = match &end {
                Some(reason) => reason.clone(),
                None => match self.task(task)? {
                    Ok(()) => {
                        failures_in_a_row = 0;
                        continue;
                    }
                    Err(failed) => {
                        failures_in_a_row = if failed.is_of_the_way() {
                            failures_in_a_row + 1
                        } else {
                            0
                        };
                        let reason = failed.to_string();
                        if failed.ends_all() || failures_in_a_row >= FAILURES_IN_A_ROW {
                            end = Some(reason.clone());
                        }
                        reason
                    }
                },
            };
            let gap = unread(&task.kind.group, &task.kind.kind, &reason, Cause::Failed);
            self.gaps.unread.push(gap);
        }
        Ok(())
    }

    /// Reads a kind, as a whole or, where a part fails, not at all: of half a kind nothing can be said.
    fn task(&mut self, task: &Task) -> std::io::Result<Result<(), Failed>> {
        let is_namespace = task.kind.group.is_empty() && task.kind.kind == "Namespace";
        let Some(namespaces) = &task.namespaces else {
            return self.list(&task.kind, &task.kind.path(None), "");
        };
        for namespace in namespaces {
            let done = if is_namespace {
                self.namespace(&task.kind, namespace)?
            } else {
                self.list(&task.kind, &task.kind.path(Some(namespace)), "")?
            };
            if done.is_err() {
                return Ok(done);
            }
        }
        Ok(Ok(()))
    }

    fn get_page(&self, path: &str, query: &str, after: &str) -> Result<Page, Failed> {
        let asked = page(&self.cluster.asker, path, query, after);
        self.cluster.runtime.block_on(asked)
    }

    /// All pages of a list. Where the server forgets where it was, the list begins again, and what was had of it is
    /// forgotten here, too: pages of two moments hold an object twice or not at all.
    fn list(
        &mut self,
        kind: &ServedKind,
        path: &str,
        query: &str,
    ) -> std::io::Result<Result<(), Failed>> {
        for _ in 0..=RESTARTS {
            match self.pages(kind, path, query) {
                Ok(texts) => {
                    for text in texts {
                        self.kept += text.len();
                        (self.take)(text)?;
                    }
                    return Ok(Ok(()));
                }
                Err(Failed::Gone) => {}
                // A kind that went away while the cluster was read has no objects.
                Err(Failed::NotFound) => return Ok(Ok(())),
                Err(failed) => return Ok(Err(failed)),
            }
        }
        Ok(Err(Failed::Gone))
    }

    fn pages(&self, kind: &ServedKind, path: &str, query: &str) -> Result<Vec<String>, Failed> {
        let bounds = self.cluster.asker.bounds();
        let mut texts = Vec::new();
        let mut bytes = self.kept;
        let mut after = String::new();
        for _ in 0..bounds.pages {
            let page = self.get_page(path, query, &after)?;
            if let Some(text) = condense(kind, page.items(), &self.hider) {
                bytes += text.len();
                if bytes > bounds.total_bytes {
                    let text = format!(
                        "the cluster has more than {} MiB of objects, the limit; --namespace reads less",
                        bounds.total_bytes >> 20
                    );
                    return Err(Failed::Malformed(text));
                }
                texts.push(text);
            }
            if page.next.is_empty() {
                return Ok(texts);
            }
            if page.next == after {
                let text = format!("the list {path} has no end: a page names itself as the next");
                return Err(Failed::Malformed(text));
            }
            after = page.next;
        }
        let text = format!(
            "the list {path} has no end: it has more than {} pages",
            bounds.pages
        );
        Err(Failed::Malformed(text))
    }

    /// A Namespace by its name: who may read one namespace may not list them.
    fn namespace(&mut self, kind: &ServedKind, name: &str) -> std::io::Result<Result<(), Failed>> {
        let path = format!("{}/{name}", kind.path(None));
        let answer = self
            .cluster
            .runtime
            .block_on(self.cluster.asker.json(&path));
        let answer = match answer {
            Ok(answer) => answer,
            Err(Failed::NotFound) => {
                let text = format!(
                    "there is no namespace {name} in {}",
                    self.cluster.about.location
                );
                self.gaps.problems.push(text);
                return Ok(Ok(()));
            }
            Err(failed) => return Ok(Err(failed)),
        };
        match crate::list::object(&path, answer) {
            Ok(object) => self.take_object(kind, object.root())?,
            Err(failed) => return Ok(Err(failed)),
        }
        Ok(Ok(()))
    }

    fn take_object(&mut self, kind: &ServedKind, object: Option<Node<'_>>) -> std::io::Result<()> {
        match condense(kind, object.into_iter(), &self.hider) {
            Some(text) => (self.take)(text),
            None => Ok(()),
        }
    }

    /// Facts of nodes: from the logs of Pods, and from kubelets.
    fn nodes(&mut self) -> std::io::Result<()> {
        let cluster = self.cluster;
        let mut documents = Vec::new();
        if let Some(namespace) = &cluster.options.node_facts {
            let read = node_facts::from_logs(&cluster.asker, namespace);
            documents.extend(
                cluster
                    .runtime
                    .block_on(read)
                    .into_documents(&mut self.gaps),
            );
        }
        if cluster.options.configz {
            let read = node_facts::from_kubelets(&cluster.asker);
            documents.extend(
                cluster
                    .runtime
                    .block_on(read)
                    .into_documents(&mut self.gaps),
            );
        }
        match node_facts::list(&documents) {
            Some(text) => (self.take)(text),
            None => Ok(()),
        }
    }
}
