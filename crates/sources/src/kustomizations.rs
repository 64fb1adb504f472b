//! Kustomizations: folders whose files `kustomize` puts together, and which of them belong to which.
//!
//! `reading` reads one of them. What is deployed is what no other one builds on: a base that an overlay of the same scan
//! names is looked at as the overlay makes it, and its files are no manifests beside it.

mod reading;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use reading::file_in;
pub(crate) use reading::is_kustomization_name;
use reading::{Content, read};

/// How many kustomizations are followed from those that were met.
const MOST: usize = 10_000;

/// A kustomization that nothing else of the scan builds on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kustomization {
    /// Its file.
    pub path: PathBuf,
    /// The files of the scan that it is made of, its own among them. They are read as they are if it is not built.
    pub files: Vec<PathBuf>,
    /// Why it must not be built: it names something that is not here, and would have to be fetched.
    pub refusal: Option<String>,
}

impl Kustomization {
    /// The folder that is built.
    pub fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }
}

/// Takes those files that belong to kustomizations out of the files of a scan.
pub(crate) fn claim(files: &mut BTreeSet<PathBuf>) -> Vec<Kustomization> {
    let met: Vec<PathBuf> = files
        .iter()
        .filter(|file| is_kustomization_name(file))
        .cloned()
        .collect();
    if met.is_empty() {
        return Vec::new();
    }
    let mut graph = Graph::default();
    for file in met {
        graph.meet(&file);
    }
    let roots = graph.roots();
    if roots.is_empty() {
        return Vec::new();
    }
    // Files are known by their real paths: kustomizations name them in ways of their own.
    let mut by_identity: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for file in files.iter() {
        if let Ok(identity) = file.canonicalize() {
            by_identity.entry(identity).or_default().push(file.clone());
        }
    }
    let mut kustomizations = Vec::new();
    for root in roots {
        let own = graph.all_of(&root);
        let mut named = BTreeSet::new();
        let mut refusal = None;
        for folder in &own {
            let Some(content) = graph.read.get(folder) else {
                continue;
            };
            named.extend(
                content
                    .files
                    .iter()
                    .filter_map(|file| by_identity.get(file)),
            );
            if refusal.is_none()
                && let Some(reason) = &content.refusal
            {
                refusal = Some(format!("{} {reason}", way(&root, folder)));
            }
        }
        let Some(path) = graph.met.get(&root) else {
            continue;
        };
        kustomizations.push(Kustomization {
            path: path.clone(),
            files: named.into_iter().flatten().cloned().collect(),
            refusal,
        });
    }
    for kustomization in &kustomizations {
        for file in &kustomization.files {
            files.remove(file);
        }
    }
    kustomizations.sort_by(|one, other| one.path.cmp(&other.path));
    kustomizations
}

/// How one kustomization is named from another: `it`, or the way to its folder.
fn way(root: &Path, folder: &Path) -> String {
    let common = root.ancestors().find(|above| folder.starts_with(above));
    let Some(common) = common.filter(|_| root != folder) else {
        return "it".to_owned();
    };
    let up = root
        .strip_prefix(common)
        .map_or(0, |down| down.iter().count());
    let down = folder.strip_prefix(common).unwrap_or(folder);
    Path::new(&"../".repeat(up))
        .join(down)
        .display()
        .to_string()
}

/// Which kustomization names which others. Folders are known by their real paths.
#[derive(Default)]
struct Graph {
    /// The files that were met, by folder.
    met: BTreeMap<PathBuf, PathBuf>,
    read: BTreeMap<PathBuf, Content>,
}

impl Graph {
    fn meet(&mut self, file: &Path) {
        let Some(identity) = file.canonicalize().ok() else {
            return;
        };
        let Some(folder) = identity.parent() else {
            return;
        };
        if self.met.contains_key(folder) || !self.follow(folder, &identity) {
            return;
        }
        self.met.insert(folder.to_path_buf(), file.to_path_buf());
    }

    /// Reads a kustomization and all that it names; whether it is one.
    fn follow(&mut self, folder: &Path, file: &Path) -> bool {
        let Some(content) = read(folder, file) else {
            return false;
        };
        let mut ahead = content.folders.clone();
        self.read.insert(folder.to_path_buf(), content);
        while let Some(next) = ahead.pop() {
            if self.read.contains_key(&next) || self.read.len() >= MOST {
                continue;
            }
            let content = file_in(&next).and_then(|file| read(&next, &file));
            if let Some(content) = content {
                ahead.extend(content.folders.iter().cloned());
                self.read.insert(next, content);
            }
        }
        true
    }

    /// A folder and all that it builds on.
    fn all_of(&self, folder: &Path) -> BTreeSet<PathBuf> {
        let mut all = BTreeSet::from([folder.to_path_buf()]);
        let mut ahead = vec![folder];
        while let Some(next) = ahead.pop() {
            for named in self
                .read
                .get(next)
                .into_iter()
                .flat_map(|content| &content.folders)
            {
                if all.insert(named.clone()) {
                    ahead.push(named);
                }
            }
        }
        all
    }

    /// Those met that no other one met builds on, and of every circle the first. A component is no whole: what nobody
    /// names is left as it is.
    fn roots(&self) -> Vec<PathBuf> {
        let mut built_on = BTreeSet::new();
        for folder in self.met.keys() {
            let mut others = self.all_of(folder);
            others.remove(folder);
            built_on.extend(others);
        }
        let is_whole = |folder: &&PathBuf| {
            self.read
                .get(*folder)
                .is_some_and(|content| !content.is_component)
        };
        let whole = || self.met.keys().filter(is_whole);
        let mut roots: Vec<PathBuf> = whole()
            .filter(|folder| !built_on.contains(*folder))
            .cloned()
            .collect();
        let mut covered: BTreeSet<PathBuf> =
            roots.iter().flat_map(|root| self.all_of(root)).collect();
        for folder in whole() {
            if !covered.contains(folder) {
                covered.extend(self.all_of(folder));
                roots.push(folder.clone());
            }
        }
        roots
    }
}
