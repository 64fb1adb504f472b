//! The command line of `plimsoll node`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct NodeArguments {
    /// The root of the machine's file system; /host where that is mounted in a container.
    #[arg(long, value_name = "DIR", default_value = "/")]
    pub(crate) root: PathBuf,
    /// The name of the Node object; found out from the kubelet's flags or the name of the machine, if not given.
    #[arg(long, value_name = "NODE")]
    pub(crate) name: Option<String>,
    /// Where the facts go; to standard output, if not given.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// How they are written.
    #[arg(long, value_name = "FMT", default_value = "yaml")]
    pub(crate) format: NodeFormat,
    /// Wait once they are written, as a Pod of a DaemonSet must.
    #[arg(long)]
    pub(crate) stay: bool,
    /// Print the manifest of a DaemonSet that collects the facts of every node, and collect nothing.
    #[arg(long, conflicts_with_all = ["root", "name", "output", "format", "stay"], help_heading = "Collecting in a cluster")]
    pub(crate) manifest: bool,
    /// Print that of a Job on this node instead.
    #[arg(
        long,
        value_name = "NODE",
        requires = "manifest",
        help_heading = "Collecting in a cluster"
    )]
    pub(crate) job: Option<String>,
    /// The image with this program.
    #[arg(long, requires = "manifest", default_value = concat!("plimsoll:", env!("CARGO_PKG_VERSION")), help_heading = "Collecting in a cluster")]
    pub(crate) image: String,
    /// The namespace, which is part of the manifest.
    #[arg(
        long,
        requires = "manifest",
        default_value = "plimsoll",
        value_parser = namespace,
        help_heading = "Collecting in a cluster"
    )]
    pub(crate) namespace: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NodeFormat {
    Yaml,
    /// One line.
    Json,
}

/// A name that a namespace may have (RFC 1123).
fn namespace(text: &str) -> Result<String, String> {
    let is_ordinary = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_name = (1..=63).contains(&text.len())
        && text.bytes().all(is_ordinary)
        && !text.starts_with('-')
        && !text.ends_with('-');
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("a namespace is of small letters, digits and dashes".to_owned())
    }
}
