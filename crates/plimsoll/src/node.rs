//! `plimsoll node`

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use plimsoll_node::{Form, ManifestOptions, NodeFacts, Options, Root, collect, manifest, to_yaml};

use crate::arguments::{NodeArguments, NodeFormat};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn run(arguments: &NodeArguments) -> Result<Exit, Failure> {
    if arguments.manifest {
        let form = match &arguments.job {
            Some(node) => Form::OneNode(node.clone()),
            None => Form::EveryNode,
        };
        output::results(&manifest(&ManifestOptions {
            image: arguments.image.clone(),
            namespace: arguments.namespace.clone(),
            form,
        }))?;
        return Ok(Exit::Done);
    }
    let root = Root::open(&arguments.root).map_err(|error| Failure::Unreadable {
        path: arguments.root.display().to_string(),
        reason: error.to_string(),
    })?;
    let facts = collect(
        &root,
        &Options {
            name: arguments.name.clone(),
            collected_at: jiff::Timestamp::now()
                .strftime("%Y-%m-%dT%H:%M:%SZ")
                .to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
    );
    let text = text_of(&facts, arguments.format)?;
    match &arguments.output {
        Some(path) => write(path, &text)?,
        None => output::results(&text)?,
    }
    for unread in &facts.spec.unread {
        output::message(&format!("not read: {}: {}", unread.part, unread.reason));
    }
    if arguments.stay {
        loop {
            std::thread::park();
        }
    }
    // That something could not be read is one of the facts, and for the scan to judge.
    Ok(Exit::Done)
}

fn text_of(facts: &NodeFacts, format: NodeFormat) -> Result<String, Failure> {
    let failed = |error: serde_json::Error| Failure::Output(error.into());
    match format {
        NodeFormat::Json => {
            let mut text = serde_json::to_string(facts).map_err(failed)?;
            text.push('\n');
            Ok(text)
        }
        NodeFormat::Yaml => Ok(to_yaml(&serde_json::to_value(facts).map_err(failed)?)),
    }
}

/// Writes the facts so that only their owner can read them: they say where a node is weak.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Failure::File {
        path: path.display().to_string(),
        error,
    })
}
