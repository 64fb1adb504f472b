//! `plimsoll snapshot`

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use plimsoll_assess::select_controls;
use plimsoll_catalog::Control;
use plimsoll_cluster::snapshot::SnapshotWriter;
use plimsoll_cluster::{Gaps, ReadError};
use plimsoll_inventory::{Cause, KubernetesVersion};
use plimsoll_report::text::{counted, printable};

use crate::arguments::SnapshotArguments;
use crate::configuration::Configuration;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::progress::Progress;
use crate::scan::live::{self, Found};

pub(crate) fn run(arguments: &SnapshotArguments) -> Result<Exit, Failure> {
    let configuration = Configuration::find(arguments.config.as_deref(), &[])?;
    let catalog = configuration.catalog(&arguments.controls)?;
    let controls = select_controls(
        catalog,
        &arguments.control,
        &arguments.framework,
        None,
        KubernetesVersion::NEWEST,
    )?;
    let progress = Progress::start();
    progress.phase("reading the cluster");
    let cluster = match live::connect(arguments.cluster.options())? {
        Found::Live(cluster) => *cluster,
        Found::Missing(reason) => return Err(Failure::Cluster(reason)),
    };
    let about = cluster.about().clone();
    let ids: Vec<&str> = controls.iter().map(|control| control.id.as_str()).collect();
    let taken_at = jiff::Timestamp::now().to_string();
    let file = Pending::create(&arguments.output)?;
    let begun = SnapshotWriter::begin(BufWriter::new(&file.file), &about, &ids, &taken_at);
    let mut writer = begun.map_err(|error| file.failure(error))?;
    let read = cluster.read(&live::wanted(&controls), &mut |page| writer.page(&page));
    let gaps = read.map_err(|error| match error {
        ReadError::Taken(error) => file.failure(error),
        error @ ReadError::Cluster(_) => Failure::Cluster(error.to_string()),
    })?;
    let finished = writer.finish(&gaps).and_then(|mut out| out.flush());
    finished.map_err(|error| file.failure(error))?;
    file.keep()?;
    drop(progress);
    Ok(conclude(&gaps, &controls))
}

/// Says what is missing.
fn conclude(gaps: &Gaps, controls: &[&Control]) -> Exit {
    let wanted = live::wanted(controls);
    let mut failed = 0;
    for problem in &gaps.problems {
        failed += 1;
        output::message(&printable(&format!("error: {problem}")));
    }
    for unread in &gaps.unread {
        if unread.cause == Cause::Failed && wanted.names(&unread.group, &unread.kind) {
            failed += 1;
            let text = format!(
                "error: {} could not be read: {}",
                unread.name(),
                unread.reason
            );
            output::message(&printable(&text));
        }
    }
    if failed == 0 {
        return Exit::Done;
    }
    let failed = counted(failed, "thing");
    output::message(&format!(
        "incomplete: {failed} could not be read; the snapshot says so to whoever scans it"
    ));
    Exit::Incomplete
}

/// A file that takes its name when it is whole.
struct Pending {
    file: File,
    temporary: PathBuf,
    target: PathBuf,
    is_kept: bool,
}

impl Pending {
    fn create(target: &Path) -> Result<Pending, Failure> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let temporary = target.with_file_name(format!(".{name}.plimsoll-{}", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // It holds all there is in ConfigMaps and in the environment of containers.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(&temporary)
            .map_err(|error| failure(target, error))?;
        Ok(Pending {
            file,
            temporary,
            target: target.to_path_buf(),
            is_kept: false,
        })
    }

    fn keep(mut self) -> Result<(), Failure> {
        self.file
            .sync_all()
            .and_then(|()| fs::rename(&self.temporary, &self.target))
            .map_err(|error| self.failure(error))?;
        self.is_kept = true;
        Ok(())
    }

    fn failure(&self, error: io::Error) -> Failure {
        failure(&self.target, error)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.is_kept {
            // What matters is why it was not written; half a snapshot is of no use.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

fn failure(path: &Path, error: io::Error) -> Failure {
    Failure::File {
        path: path.display().to_string(),
        error,
    }
}
