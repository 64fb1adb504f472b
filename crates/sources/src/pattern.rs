//! Globs in arguments: `'k8s/**/*.yaml'`.

use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

/// A glob and the folder where looking for it starts.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// The part before the first wildcard.
    pub(crate) root: PathBuf,
    matcher: GlobMatcher,
    names_an_ending: bool,
}

/// What makes a path a glob.
const WILDCARDS: [char; 4] = ['*', '?', '[', '{'];

impl Pattern {
    /// Reads a glob; `None` for a path without wildcards.
    ///
    /// # Errors
    /// A glob that is broken, in words.
    pub(crate) fn parse(path: &Path) -> Option<Result<Pattern, String>> {
        let text = path.to_str()?;
        if !text.contains(WILDCARDS) {
            return None;
        }
        Some(Pattern::build(path))
    }

    fn build(path: &Path) -> Result<Pattern, String> {
        // Walking gives paths without `./` and doubled slashes, so the glob has none either.
        let path: PathBuf = path
            .components()
            .filter(|part| *part != Component::CurDir)
            .collect();
        let has_wildcard =
            |part: &Component<'_>| part.as_os_str().to_string_lossy().contains(WILDCARDS);
        let root: PathBuf = path
            .components()
            .take_while(|part| !has_wildcard(part))
            .collect();
        let last = path.file_name().unwrap_or_default().to_string_lossy();
        let matcher = GlobBuilder::new(&path.to_string_lossy())
            .literal_separator(true)
            .build()
            .map_err(|error| format!("this is no glob: {}", error.kind()))?
            .compile_matcher();
        Ok(Pattern {
            root,
            matcher,
            names_an_ending: last.contains('.'),
        })
    }

    pub(crate) fn matches(&self, path: &Path) -> bool {
        self.matcher.is_match(path)
    }

    /// Whether the glob itself says which endings it means: `*.txt` does, `**` does not.
    pub(crate) fn names_an_ending(&self) -> bool {
        self.names_an_ending
    }
}
