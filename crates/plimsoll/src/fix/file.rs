//! Files that are replaced as a whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a file is left as it is.
#[derive(Debug, Error)]
pub(crate) enum WriteError {
    #[error("it changed since it was read")]
    Changed,
    #[error("it is read-only")]
    ReadOnly,
    #[error("it is no ordinary file")]
    NoFile,
    #[error("{0}")]
    Io(#[from] io::Error),
}

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Puts another text in a file, which must still hold the one that was read; a byte order mark stays. Whoever reads
/// the file meanwhile, or finds it after a power cut, sees the old text or the new one: the new one is written beside
/// it, brought to the disk, and takes its name in one step. Of a link the file that it leads to is replaced.
pub(crate) fn replace(path: &Path, before: &str, after: &str) -> Result<(), WriteError> {
    let target = fs::canonicalize(path)?;
    let metadata = fs::metadata(&target)?;
    if !metadata.is_file() {
        return Err(WriteError::NoFile);
    }
    if metadata.permissions().readonly() {
        return Err(WriteError::ReadOnly);
    }
    let bytes = fs::read(&target)?;
    let content = bytes.strip_prefix(MARK).unwrap_or(&bytes);
    if content != before.as_bytes() {
        return Err(WriteError::Changed);
    }
    let mark = &bytes[..bytes.len() - content.len()];
    let (folder, temporary) = beside(&target);
    let written =
        write(&temporary, mark, after, &metadata).and_then(|()| fs::rename(&temporary, &target));
    if let Err(error) = written {
        // What matters is why it could not be written; what is left beside it is no manifest by its name.
        let _ = fs::remove_file(&temporary);
        return Err(error.into());
    }
    sync_folder(&folder)?;
    Ok(())
}

/// The folder of a file, and a name in it that no other process takes.
fn beside(target: &Path) -> (PathBuf, PathBuf) {
    let folder = target.parent().unwrap_or(Path::new(".")).to_path_buf();
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.plimsoll-{}", std::process::id()));
    (folder, temporary)
}

fn write(temporary: &Path, mark: &[u8], text: &str, metadata: &fs::Metadata) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(temporary)?;
    file.write_all(mark)?;
    file.write_all(text.as_bytes())?;
    keep_owner(&file, metadata)?;
    file.set_permissions(metadata.permissions())?;
    file.sync_all()
}

/// The new file belongs to whom the old one did.
#[cfg(unix)]
fn keep_owner(file: &File, metadata: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let new = file.metadata()?;
    if (new.uid(), new.gid()) == (metadata.uid(), metadata.gid()) {
        return Ok(());
    }
    std::os::unix::fs::fchown(file, Some(metadata.uid()), Some(metadata.gid()))
        .map_err(|error| io::Error::new(error.kind(), format!("its owner cannot be kept: {error}")))
}

#[cfg(not(unix))]
fn keep_owner(_file: &File, _metadata: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Brings the new name to the disk.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_mark_and_is_left_alone_when_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        fs::write(&path, b"\xEF\xBB\xBFa: 1\r\n").unwrap();
        replace(&path, "a: 1\r\n", "a: 2\r\n").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"\xEF\xBB\xBFa: 2\r\n");
        let error = replace(&path, "a: 1\r\n", "a: 3\r\n").unwrap_err();
        assert!(matches!(error, WriteError::Changed));
        assert_eq!(fs::read(&path).unwrap(), b"\xEF\xBB\xBFa: 2\r\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay_and_links_stay_links() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.yaml"), folder.path().join("b.yaml"));
        fs::write(&path, "a: 1\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("a.yaml", &link).unwrap();
        replace(&link, "a: 1\n", "a: 2\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a: 2\n");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
        let error = replace(&path, "a: 2\n", "a: 3\n").unwrap_err();
        assert!(matches!(error, WriteError::ReadOnly));
    }
}
