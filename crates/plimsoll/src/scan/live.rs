//! A live cluster, or a snapshot of one, as a part of what is scanned.

use std::sync::Arc;

use plimsoll_assess::unread_but_needed;
use plimsoll_catalog::Control;
use plimsoll_cluster::{About, Cluster, ClusterError, ClusterOptions, Gaps, ReadError, Wanted};
use plimsoll_document::{Format, Limits, Source, parse};
use plimsoll_inventory::{Cause, Inventory, InventoryBuilder};
use plimsoll_report::{ClusterSummary, ScanError, SourceKind, SourceSummary};

use crate::exit::Failure;

/// What these controls read.
pub(crate) fn wanted(controls: &[&Control]) -> Wanted {
    let mut wanted = Wanted::default();
    for control in controls {
        let reads = control.reads();
        wanted.asked.extend(reads.all_asked().cloned());
        wanted.judged.extend(reads.judged);
    }
    wanted.complete();
    wanted
}

/// A cluster that was asked for: it answers, or why it does not.
pub(crate) enum Found {
    Live(Box<Cluster>),
    Missing(String),
}

/// Finds a cluster. A configuration that is wrong ends the command; a cluster that does not answer is something asked
/// for that could not be read.
pub(crate) fn connect(options: ClusterOptions) -> Result<Found, Failure> {
    match Cluster::connect(options) {
        Ok(cluster) => Ok(Found::Live(Box::new(cluster))),
        Err(ClusterError::Configuration(reason)) => Err(Failure::Usage(reason)),
        Err(ClusterError::Unreachable(reason)) => Ok(Found::Missing(reason)),
    }
}

/// Adds the objects of a cluster.
pub(crate) fn add(
    found: Found,
    wanted: &Wanted,
    builder: &mut InventoryBuilder,
) -> Result<(Option<SourceSummary>, Vec<ScanError>), Failure> {
    let cluster = match found {
        Found::Live(cluster) => *cluster,
        Found::Missing(reason) => {
            for unread in wanted.unread("the cluster could not be read") {
                builder.unread(unread);
            }
            return Ok((None, vec![error("", reason)]));
        }
    };
    let about = cluster.about().clone();
    let mut count = (0, 0);
    let gaps = cluster.read(wanted, &mut |page| {
        add_page(page, builder, &mut count);
        Ok(())
    });
    let gaps = gaps.map_err(|error| match error {
        ReadError::Taken(error) => Failure::Output(error),
        error @ ReadError::Cluster(_) => Failure::Cluster(error.to_string()),
    })?;
    let errors = add_gaps(&about, &gaps, builder);
    Ok((Some(summary(&about, &gaps, count)), errors))
}

/// Adds a page: a list of objects, and how many objects and documents that are none it has.
pub(crate) fn add_page(page: String, builder: &mut InventoryBuilder, count: &mut (usize, usize)) {
    // What stands in no file has no name.
    let source = Arc::new(Source::new("", page));
    let parsed = parse(&source, Format::Json, &Limits::default());
    let (objects, skipped) = builder.add(&parsed);
    count.0 += objects;
    count.1 += skipped;
}

/// Notes what was not read.
pub(crate) fn add_gaps(
    about: &About,
    gaps: &Gaps,
    builder: &mut InventoryBuilder,
) -> Vec<ScanError> {
    for unread in &gaps.unread {
        builder.unread(unread.clone());
    }
    if !about.namespaces.is_empty() {
        builder.only_namespaces(about.namespaces.clone());
    }
    gaps.problems
        .iter()
        .map(|problem| error(&about.location, problem.clone()))
        .collect()
}

pub(crate) fn summary(
    about: &About,
    gaps: &Gaps,
    (objects, skipped): (usize, usize),
) -> SourceSummary {
    let left_out = gaps
        .unread
        .iter()
        .filter(|unread| unread.cause == Cause::LeftOut)
        .map(plimsoll_inventory::Unread::name);
    SourceSummary {
        kind: SourceKind::Cluster,
        location: about.location.clone(),
        variant: None,
        documents: objects + skipped,
        objects,
        skipped,
        cluster: Some(ClusterSummary {
            server_version: about.server_version.clone(),
            namespaces: about.namespaces.clone(),
            left_out: left_out.collect(),
        }),
    }
}

fn error(location: &str, message: String) -> ScanError {
    ScanError {
        file: if location.is_empty() {
            "cluster"
        } else {
            location
        }
        .to_owned(),
        position: None,
        message,
        source: None,
    }
}

/// How many kinds are named one by one.
const NAMED: usize = 5;

/// The kinds that were asked for and could not be read: one error for each reason.
pub(crate) fn unread_errors(
    controls: &[&Control],
    inventory: &Inventory,
    sources: &[SourceSummary],
) -> Vec<ScanError> {
    let clusters = sources.iter().find(|source| source.cluster.is_some());
    // Without a cluster there is one error already, which says why.
    let Some(location) = clusters.map(|source| source.location.as_str()) else {
        return Vec::new();
    };
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for unread in unread_but_needed(controls, inventory) {
        match reasons
            .iter_mut()
            .find(|(reason, _)| *reason == unread.reason)
        {
            Some((_, kinds)) => kinds.push(unread.name()),
            None => reasons.push((&unread.reason, vec![unread.name()])),
        }
    }
    let messages = reasons.into_iter().map(|(reason, mut kinds)| {
        let more = kinds.len().saturating_sub(NAMED);
        kinds.truncate(NAMED);
        let mut names = kinds.join(", ");
        if more > 0 {
            names.push_str(&format!(" and {more} more kinds"));
        }
        error(location, format!("{names} could not be read: {reason}"))
    });
    messages.collect()
}
