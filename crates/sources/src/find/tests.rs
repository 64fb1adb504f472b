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

#[test]
fn a_chart_is_one_error_and_its_plain_files_are_read() {
    let root = folder(&[
        ("chart/Chart.yaml", ""),
        ("chart/values.yaml", ""),
        ("chart/values-prod.yaml", ""),
        ("chart/templates/a.yaml", ""),
        ("chart/templates/nested/b.yaml", ""),
        ("chart/crds/crd.yaml", ""),
        ("chart/charts/sub/Chart.yaml", ""),
        ("chart/charts/sub/templates/c.yaml", ""),
        ("umbrella/Chart.yaml", ""),
        ("plain/templates/d.yaml", ""),
        ("plain/values.yaml", ""),
    ]);
    let found = find_in(&root, &[""]);
    assert_eq!(
        names(&root, &found),
        [
            "chart/crds/crd.yaml",
            "plain/templates/d.yaml",
            "plain/values.yaml"
        ]
    );
    assert_eq!(found.errors.len(), 2, "{:?}", found.errors);
    assert!(found.errors[0].path.ends_with("/chart"));
    assert!(found.errors[0].reason.contains("helm template"));
    assert!(found.errors[1].path.ends_with("/umbrella"));
    // From inside of the chart, and by a glob, it is the same chart.
    for inside in ["chart/templates", "chart/templates/*.yaml", "chart/charts"] {
        let found = find_in(&root, &[inside]);
        assert_eq!(names(&root, &found), [""; 0], "{inside}");
        assert_eq!(found.errors.len(), 1, "{inside}");
        assert!(found.errors[0].path.ends_with("/chart"), "{inside}");
    }
}

#[test]
fn what_is_not_there_is_an_error() {
    let root = folder(&[]);
    assert_eq!(
        reasons(&find_in(&root, &["missing", "missing.yaml"])),
        ["there is no such file or folder"; 2]
    );
}
