//! What could not be read.

use std::path::Path;

use thiserror::Error;

/// Something that was asked for and could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Error)]
#[error("{path}: {reason}")]
pub struct ReadError {
    /// What.
    pub path: String,
    /// Why.
    pub reason: String,
}

impl ReadError {
    /// Of a path, for a reason.
    pub fn new(path: &Path, reason: impl Into<String>) -> ReadError {
        ReadError {
            path: path.display().to_string(),
            reason: reason.into(),
        }
    }

    pub(crate) fn io(path: &Path, error: &std::io::Error) -> ReadError {
        let reason = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
            std::io::ErrorKind::PermissionDenied => "it may not be read by this user".to_owned(),
            _ => error.to_string(),
        };
        ReadError::new(path, reason)
    }
}
