use std::fs;

use super::*;

/// A folder with these files; a name with ` -> ` is a symbolic link.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        if let Some((link, target)) = path.split_once(" -> ") {
            std::os::unix::fs::symlink(target, folder.path().join(link)).unwrap();
            continue;
        }
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn names(root: &tempfile::TempDir, found: &Found) -> Vec<String> {
    found
        .files
        .iter()
        .map(|file| {
            let file = file.strip_prefix(root.path()).unwrap_or(file);
            file.display().to_string()
        })
        .collect()
}

fn find_in(root: &tempfile::TempDir, paths: &[&str]) -> Found {
    let paths: Vec<PathBuf> = paths.iter().map(|path| root.path().join(path)).collect();
    find(&paths)
}

fn reasons(found: &Found) -> Vec<&str> {
    found
        .errors
        .iter()
        .map(|error| error.reason.as_str())
        .collect()
}

#[test]
fn a_folder_gives_its_manifests_in_order() {
    let root = folder(&[
        ("b/c.yml", ""),
        ("a.yaml", ""),
        ("b/UPPER.YAML", ""),
        ("b/notes.txt", ""),
        ("b/dump.ndjson", ""),
        (".hidden/x.json", ""),
        (".git/config.yaml", ""),
    ]);
    let found = find_in(&root, &[""]);
    let expected = [
        ".hidden/x.json",
        "a.yaml",
        "b/UPPER.YAML",
        "b/c.yml",
        "b/dump.ndjson",
    ];
    assert_eq!(names(&root, &found), expected);
    assert_eq!(found.errors, []);
}

#[test]
fn a_file_that_is_named_is_read_whatever_its_ending() {
    let root = folder(&[
        ("notes.txt", ""),
        ("[odd].yaml", ""),
        ("chart/Chart.yaml", ""),
        ("chart/templates/a.yaml", ""),
    ]);
    let found = find_in(
        &root,
        &["notes.txt", "[odd].yaml", "chart/templates/a.yaml"],
    );
    assert_eq!(
        names(&root, &found),
        ["[odd].yaml", "chart/templates/a.yaml", "notes.txt"]
    );
}

#[test]
fn a_file_with_several_names_is_read_once() {
    let root = folder(&[
        ("a/x.yaml", ""),
        ("a/y.yaml", ""),
        ("a/z.yaml -> y.yaml", ""),
    ]);
    let all = ["a/x.yaml", "a/y.yaml"];
    assert_eq!(names(&root, &find_in(&root, &["a"])), all);
    assert_eq!(
        names(&root, &find_in(&root, &["a/../a/x.yaml", "a", "a/*.yaml"])),
        // The first name in order stands for the file.
        ["a/../a/x.yaml", "a/y.yaml"]
    );
}

#[test]
fn links_are_followed_and_loops_end() {
    let root = folder(&[
        ("outside/x.yaml", ""),
        ("in/a.yaml", ""),
        ("in/linked -> ../outside", ""),
        ("in/up -> ..", ""),
        ("in/self -> .", ""),
        ("in/root -> /", ""),
        ("in/gone.yaml -> nowhere", ""),
        ("in/gone.txt -> nowhere", ""),
    ]);
    let found = find_in(&root, &["in"]);
    assert_eq!(names(&root, &found), ["in/a.yaml", "in/linked/x.yaml"]);
    assert_eq!(reasons(&found), ["there is no such file or folder"]);
    assert!(found.errors[0].path.ends_with("gone.yaml"));
}

#[test]
fn globs_match_files_and_folders() {
    let root = folder(&[
        ("apps/web/a.yaml", ""),
        ("apps/web/a.md", ""),
        ("apps/db/deep/b.yaml", ""),
        ("apps/c.yaml", ""),
    ]);
    let of = |pattern: &str| names(&root, &find_in(&root, &[pattern]));
    assert_eq!(of("apps/*.yaml"), ["apps/c.yaml"]);
    assert_eq!(of("./apps//*.yaml"), ["apps/c.yaml"]);
    assert_eq!(
        of("apps/**/a.{yaml,md}"),
        ["apps/web/a.md", "apps/web/a.yaml"]
    );
    let all = ["apps/c.yaml", "apps/db/deep/b.yaml", "apps/web/a.yaml"];
    assert_eq!(of("apps/*"), all);
    assert_eq!(of("apps/**"), all);
    assert_eq!(
        reasons(&find_in(&root, &["apps/*.toml"])),
        ["nothing matches this glob"]
    );
    assert!(reasons(&find_in(&root, &["apps/[a"]))[0].contains("no glob"));
}

#[test]
fn ignore_files_leave_out_what_they_name_from_their_folder_down() {
    let root = folder(&[
        (
            ".plimsollignore",
            "ignored/\n*.test.yaml\n!keep.test.yaml\n",
        ),
        (".gitignore", "a.yaml\n"),
        ("a.yaml", ""),
        ("ignored/x.yaml", ""),
        ("deep/b.test.yaml", ""),
        ("deep/keep.test.yaml", ""),
    ]);
    assert_eq!(
        names(&root, &find_in(&root, &[""])),
        ["a.yaml", "deep/keep.test.yaml"]
    );
    // The file counts for folders below it also when the scan starts there.
    assert_eq!(
        names(&root, &find_in(&root, &["deep"])),
        ["deep/keep.test.yaml"]
    );
    // A name of its own is stronger.
    assert_eq!(
        names(&root, &find_in(&root, &["deep/b.test.yaml"])),
        ["deep/b.test.yaml"]
    );
}

#[test]
fn a_broken_line_of_an_ignore_file_is_an_error() {
    let root = folder(&[(".plimsollignore", "{a\n"), ("a.yaml", "")]);
    let found = find_in(&root, &[""]);
    assert_eq!(names(&root, &found), ["a.yaml"]);
    assert_eq!(found.errors.len(), 1, "{:?}", found.errors);
    assert!(found.errors[0].path.contains(".plimsollignore"));
}

fn charts(root: &tempfile::TempDir, found: &Found) -> Vec<String> {
    let shown = |path: &Path| {
        path.strip_prefix(root.path())
            .unwrap()
            .display()
            .to_string()
    };
    found
        .charts
        .iter()
        .map(|chart| {
            let files: Vec<String> = chart.files.iter().map(|file| shown(file)).collect();
            format!("{} {}", shown(&chart.path), files.join(" "))
                .trim_end()
                .to_owned()
        })
        .collect()
}

#[test]
fn a_chart_is_met_once_and_its_files_are_its_own() {
    let root = folder(&[
        ("chart/Chart.yaml", ""),
        ("chart/values.yaml", ""),
        ("chart/values-prod.yaml", ""),
        ("chart/ci/test-values.yaml", ""),
        ("chart/files/data.yaml", ""),
        ("chart/templates/a.yaml", ""),
        ("chart/templates/nested/b.yaml", ""),
        ("chart/crds/crd.yaml", ""),
        ("chart/charts/sub/Chart.yaml", ""),
        ("chart/charts/sub/crds/crd.yaml", ""),
        ("chart/charts/sub/templates/c.yaml", ""),
        ("chart/extra/d.yaml", ""),
        ("umbrella/Chart.yaml", ""),
        ("plain/templates/d.yaml", ""),
        ("plain/values.yaml", ""),
        ("plain/no-chart.tgz", ""),
    ]);
    let found = find_in(&root, &[""]);
    let plain = [
        "chart/extra/d.yaml",
        "plain/templates/d.yaml",
        "plain/values.yaml",
    ];
    assert_eq!(names(&root, &found), plain);
    assert_eq!(
        charts(&root, &found),
        ["chart chart/crds/crd.yaml", "umbrella"]
    );
    assert_eq!(found.errors, []);
    // From inside of the chart, by its description, and by a glob, it is the same chart.
    for inside in [
        "chart/templates",
        "chart/templates/*.yaml",
        "chart/charts",
        "chart/Chart.yaml",
    ] {
        let found = find_in(&root, &[inside]);
        assert_eq!(names(&root, &found), [""; 0], "{inside}");
        assert_eq!(charts(&root, &found), ["chart"], "{inside}");
    }
    let unrendered = find_in(&root, &["chart", "umbrella"]).unrendered();
    assert_eq!(
        names(&root, &unrendered),
        ["chart/crds/crd.yaml", "chart/extra/d.yaml"]
    );
    assert_eq!(unrendered.errors.len(), 2, "{:?}", unrendered.errors);
    assert!(unrendered.errors[0].path.ends_with("/chart"));
    assert!(unrendered.errors[0].reason.contains("helm template"));
    assert!(unrendered.charts.is_empty());
}

fn kustomizations(root: &tempfile::TempDir, found: &Found) -> Vec<String> {
    let shown = |path: &Path| {
        path.strip_prefix(root.path())
            .unwrap()
            .display()
            .to_string()
    };
    found
        .kustomizations
        .iter()
        .map(|one| {
            let files: Vec<String> = one.files.iter().map(|file| shown(file)).collect();
            format!("{}: {}", shown(one.folder()), files.join(" "))
        })
        .collect()
}

#[test]
fn what_others_build_on_is_not_looked_at_apart() {
    let root = folder(&[
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", ""),
        ("base/other.yaml", ""),
        (
            "part/kustomization.yml",
            "kind: Component\npatches: [{path: p.yaml}]\n",
        ),
        ("part/p.yaml", ""),
        (
            "prod/kustomization.yaml",
            "resources: [../base]\npatches: [{path: p.yaml}]\ncomponents: [../part]\n",
        ),
        ("prod/p.yaml", ""),
        ("dev/Kustomization", "bases: [../base/]\n"),
        ("alone/kustomization.yaml", "resources: []\n"),
        (
            "unused/kustomization.yaml",
            "kind: Component\nresources: [c.yaml]\n",
        ),
        ("unused/c.yaml", ""),
        (
            "flux/kustomization.yaml",
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n",
        ),
    ]);
    let found = find_in(&root, &[""]);
    assert_eq!(
        kustomizations(&root, &found),
        [
            "alone: alone/kustomization.yaml",
            "dev: base/kustomization.yaml base/web.yaml dev/Kustomization",
            "prod: base/kustomization.yaml base/web.yaml part/kustomization.yml part/p.yaml \
             prod/kustomization.yaml prod/p.yaml",
        ]
    );
    let plain = [
        "base/other.yaml",
        "flux/kustomization.yaml",
        "unused/c.yaml",
        "unused/kustomization.yaml",
    ];
    assert_eq!(names(&root, &found), plain);
    // On its own, a base is what is deployed.
    let base = find_in(&root, &["base"]);
    assert_eq!(
        kustomizations(&root, &base),
        ["base: base/kustomization.yaml base/web.yaml"]
    );
    let named = find_in(&root, &["prod/kustomization.yaml", "prod/p.yaml"]);
    assert_eq!(
        kustomizations(&root, &named),
        ["prod: prod/kustomization.yaml prod/p.yaml"]
    );
    let unrendered = find_in(&root, &["base"]).unrendered();
    let all = [
        "base/kustomization.yaml",
        "base/other.yaml",
        "base/web.yaml",
    ];
    assert_eq!(names(&root, &unrendered), all);
    assert_eq!(unrendered.errors, []);
}

#[test]
fn of_kustomizations_that_name_each_other_one_is_looked_at() {
    let root = folder(&[
        ("a/kustomization.yaml", "resources: [../b]\n"),
        ("b/kustomization.yaml", "resources: [../a]\n"),
    ]);
    let found = find_in(&root, &[""]);
    assert_eq!(
        kustomizations(&root, &found),
        ["a: a/kustomization.yaml b/kustomization.yaml"]
    );
}

#[test]
fn what_is_not_there_is_an_error() {
    let root = folder(&[]);
    assert_eq!(
        reasons(&find_in(&root, &["missing", "missing.yaml"])),
        ["there is no such file or folder"; 2]
    );
}
