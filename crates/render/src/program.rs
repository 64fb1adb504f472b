//! Programs on the `PATH`.

use std::path::{Path, PathBuf};

/// The program that was named, or the first of these names on the `PATH`. Folders that are not absolute do not count:
/// what is scanned must not bring the program along.
pub(crate) fn find(chosen: Option<&Path>, names: &[&str]) -> Option<PathBuf> {
    if let Some(program) = chosen {
        let is_path = program.components().count() > 1;
        return match program.to_str() {
            Some(name) if !is_path => on_path(name),
            _ => std::path::absolute(program)
                .ok()
                .filter(|path| is_executable(path)),
        };
    }
    names.iter().find_map(|name| on_path(name))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
        .find(|program| is_executable(program))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}
