//! Where etcd and the API server are.

use std::env;
use std::path::{Path, PathBuf};

/// The programs that make up a control plane for tests.
///
/// They are looked for in the folder that `KUBEBUILDER_ASSETS` names, as other projects' tests do, and else in the
/// cache folder into which `tools/api-server/build` puts them.
#[derive(Debug, Clone)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Finds them; `None` where a program is missing.
    pub fn find() -> Option<Programs> {
        let folder = match env::var_os("KUBEBUILDER_ASSETS") {
            Some(folder) => PathBuf::from(folder),
            None => newest(&cache()?.join("plimsoll/tools/api-server"))?,
        };
        let programs = Programs { folder };
        (programs.etcd().is_file() && programs.api_server().is_file()).then_some(programs)
    }

    /// `etcd`
    pub fn etcd(&self) -> PathBuf {
        self.folder.join("etcd")
    }

    /// `kube-apiserver`
    pub fn api_server(&self) -> PathBuf {
        self.folder.join("kube-apiserver")
    }

    /// `check-types`: what the API server's type checker says of admission policies. Only the project's own build
    /// makes it; `None` where it is not there.
    pub fn check_types(&self) -> Option<PathBuf> {
        let program = self.folder.join("check-types");
        program.is_file().then_some(program)
    }
}

/// The user's folder for what can be made again.
fn cache() -> Option<PathBuf> {
    env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| {
            let home = env::var_os("HOME")?;
            Some(Path::new(&home).join(".cache"))
        })
}

/// The folder of the newest version. A version is whole once it has a stamp.
fn newest(versions: &Path) -> Option<PathBuf> {
    versions
        .read_dir()
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| folder.join("stamp").is_file())
        .max_by_key(|folder| numbers(folder))
}

/// `1.34.4` as numbers, so that 1.34.10 comes after it.
fn numbers(folder: &Path) -> Vec<u32> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    name.split('.')
        .map_while(|part| part.parse().ok())
        .collect()
}
