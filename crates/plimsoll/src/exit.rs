//! Exit codes, and what ends a command early.

use std::process::ExitCode;

use plimsoll_catalog::{PageError, ParameterError, Unknown};
use plimsoll_inventory::VersionError;
use thiserror::Error;

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, and every gate that was asked for holds.
    Done,
    /// Done, but a gate is broken.
    Gate,
    /// The command line or configuration is wrong.
    Usage,
    /// Something asked for could not be read or assessed.
    Incomplete,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Gate => 1,
            Exit::Usage => 2,
            Exit::Incomplete => 3,
        })
    }
}

/// What ends a command early.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A name that nothing has.
    #[error("{0}")]
    Unknown(#[from] Unknown),
    /// A version that is none.
    #[error("{0}")]
    Version(#[from] VersionError),
    /// A page that cannot be read.
    #[error("{0}")]
    Page(#[from] PageError),
    /// A label selector that is none.
    #[error("{0}")]
    Selector(#[from] plimsoll_export::SelectorError),
    /// An argument that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// A parameter that cannot be set.
    #[error("{file}: {error}")]
    Parameter {
        /// The configuration.
        file: String,
        /// Why not.
        error: ParameterError,
    },
    /// A file or folder that cannot be read.
    #[error("{path} cannot be read: {reason}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        reason: String,
    },
    /// A cluster that cannot be read.
    #[error("{0}")]
    Cluster(String),
    /// Output that cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(std::io::Error),
    /// A report that cannot be written.
    #[error("the report cannot be written to {path}: {error}")]
    File {
        /// Where it was to go.
        path: String,
        /// Why it did not.
        error: std::io::Error,
    },
}

impl Failure {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Failure::Output(_)
            | Failure::File { .. }
            | Failure::Unreadable { .. }
            | Failure::Cluster(_) => Exit::Incomplete,
            _ => Exit::Usage,
        }
    }
}
