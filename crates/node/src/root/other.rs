//! Where there is no Linux there is no node to read.

use std::path::Path;

use super::{Entries, ReadError, Status};

/// A folder that stands for the root of a machine; on this system there is none.
#[derive(Debug)]
pub enum Root {}

impl Root {
    /// Refused.
    pub fn open(_path: &Path) -> Result<Root, ReadError> {
        Err(ReadError::NotLinux)
    }

    /// Never asked for.
    pub fn of_process(&self, _process: u32) -> Result<Root, ReadError> {
        match *self {}
    }

    /// Never asked for.
    pub fn status(&self, _path: &str) -> Result<Status, ReadError> {
        match *self {}
    }

    /// Never asked for.
    pub fn read(&self, _path: &str) -> Result<Vec<u8>, ReadError> {
        match *self {}
    }

    /// Never asked for.
    pub fn list(&self, _path: &str, _most: usize) -> Result<Entries, ReadError> {
        match *self {}
    }

    /// Never asked for.
    pub fn link(&self, _path: &str) -> Result<String, ReadError> {
        match *self {}
    }

    /// Never asked for.
    pub fn device(&self, _path: &str) -> Result<String, ReadError> {
        match *self {}
    }
}
