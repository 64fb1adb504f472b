//! Helm charts: their templates are no YAML before they are rendered.

use std::path::{Path, PathBuf};

/// The chart that a file belongs to as a template: the nearest folder above with a `Chart.yaml` whose `templates` or
/// `crds` folder holds the file. Files of a `crds` folder are plain YAML and belong to no chart here.
pub(crate) fn chart_of_template(file: &Path) -> Option<PathBuf> {
    let mut below: Option<&Path> = None;
    let mut folder = file.parent();
    while let Some(here) = folder {
        let is_template = below
            .and_then(Path::file_name)
            .is_some_and(|name| name == "templates");
        if is_template && here.join("Chart.yaml").is_file() {
            return Some(here.to_path_buf());
        }
        below = Some(here);
        folder = here.parent();
    }
    None
}

/// Whether a file is one of a chart's own: its description and its values are no manifests.
pub(crate) fn is_chart_file(file: &Path) -> bool {
    let Some(folder) = file.parent() else {
        return false;
    };
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let is_own = matches!(name, "Chart.yaml" | "Chart.lock" | "requirements.yaml")
        || name.starts_with("values") && (name.ends_with(".yaml") || name.ends_with(".yml"))
        || name == "values.schema.json";
    is_own && folder.join("Chart.yaml").is_file()
}
