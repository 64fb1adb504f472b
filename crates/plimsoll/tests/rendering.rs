//! Charts and kustomizations as a user scans them. Where Helm itself is not what is looked at, a script stands in.

#![cfg(unix)]
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stderr,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: nginx:1.29
      securityContext:
        privileged: true
";

const TEMPLATE: &str = "\
{{- if .Values.enabled }}
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}
spec:
  containers:
    - name: web
      image: {{ .Values.image }}
      securityContext:
        privileged: true
{{- end }}
";

/// A folder with these files, and a folder `bin` for programs.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("bin")).expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

fn chart() -> tempfile::TempDir {
    folder(&[
        (
            "charts/web/Chart.yaml",
            "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        ),
        (
            "charts/web/values.yaml",
            "enabled: true\nimage: nginx:1.29\n",
        ),
        ("charts/web/values-prod.yaml", "enabled: true\n"),
        ("charts/web/values-dev.yaml", "enabled: true\n"),
        ("charts/web/templates/pod.yaml", TEMPLATE),
    ])
}

fn program(folder: &Path, name: &str, script: &str) {
    let path = folder.join("bin").join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a program");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a program");
}

/// A Helm that prints a Pod, and writes down how it was called.
fn helm(folder: &Path) {
    let script = format!(
        "echo \"$@\" >> {}/calls\n/bin/cat <<'END'\n---\n# Source: web/templates/pod.yaml\n{POD}END",
        folder.display()
    );
    program(folder, "helm", &script);
}

fn plimsoll_on(path: &str, folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(arguments)
        .current_dir(folder)
        .env("PATH", path)
        .env("XDG_CONFIG_HOME", folder.join("no-config"))
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

/// Runs with the programs of the folder only.
fn plimsoll(folder: &Path, arguments: &[&str]) -> Output {
    let bin = folder.join("bin").display().to_string();
    plimsoll_on(&bin, folder, arguments)
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(output)))
}

fn privileged(report: &Value) -> Vec<&Value> {
    let findings = report["findings"].as_array().expect("findings");
    let is_meant = |finding: &&Value| finding["control"] == "PSC-001";
    findings.iter().filter(is_meant).collect()
}

#[test]
fn findings_in_a_chart_point_at_its_template() {
    let folder = chart();
    helm(folder.path());
    let arguments = ["scan", ".", "-o", "json", "--kubernetes-version", "1.34"];
    let output = plimsoll(folder.path(), &arguments);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let report = report(&output);
    let source = serde_json::json!({
        "kind": "helm", "location": "charts/web", "documents": 1, "objects": 1, "skipped": 0,
    });
    assert_eq!(report["sources"], serde_json::json!([source]));
    let location = serde_json::json!({
        "file": "charts/web/templates/pod.yaml", "document": 0, "line": 11, "column": 9,
        "rendered": {"by": "helm", "from": "charts/web"},
    });
    let found = privileged(&report);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["location"], location);
    let calls = fs::read_to_string(folder.path().join("calls")).expect("calls");
    let root = folder.path().canonicalize().expect("a path");
    assert_eq!(
        calls,
        format!(
            "template --kube-version=v1.34.0 --include-crds --skip-tests -- web {}/charts/web\n",
            root.display()
        )
    );
    // In every format a place is the template's; a place in the rendered text is in none.
    for (format, words) in [
        (
            "console",
            "charts/web/templates/pod.yaml:2 (helm charts/web)",
        ),
        ("sarif", "\"startLine\": 11"),
        ("csv", "charts/web/templates/pod.yaml,11,9"),
        ("github", "file=charts/web/templates/pod.yaml,line=11,col=9"),
        (
            "junit",
            "at charts/web/templates/pod.yaml:11:9 (helm charts/web)",
        ),
        ("gitlab", "\"begin\": 11"),
        ("gitlab-sast", "\"start_line\": 11"),
        (
            "html",
            "charts/web/templates/pod.yaml:11:9 (helm charts/web)",
        ),
        (
            "oscal",
            "charts/web/templates/pod.yaml:11:9 (helm charts/web)",
        ),
        (
            "policyreport",
            "charts/web/templates/pod.yaml:11:9 (helm charts/web)",
        ),
    ] {
        let output = plimsoll(
            folder.path(),
            &["scan", ".", "-o", format, "--control", "PSC-001"],
        );
        assert!(
            stdout(&output).contains(words),
            "{format}: {}",
            stdout(&output)
        );
    }
}

#[test]
fn options_of_helm_are_those_that_were_typed_or_configured() {
    let folder = chart();
    helm(folder.path());
    let configuration = "helm: {namespace: shop, set: [a=1], values: charts/web/values-dev.yaml}\n";
    fs::write(folder.path().join("plimsoll.yaml"), configuration).expect("a file");
    let last_call = |arguments: &[&str]| {
        let all: Vec<&str> = ["scan", "charts"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let output = plimsoll(folder.path(), &all);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let calls = fs::read_to_string(folder.path().join("calls")).expect("calls");
        let root = folder.path().canonicalize().expect("a path");
        let call = calls.lines().last().expect("a call");
        let call = call.replace(&format!("{}/", root.display()), "");
        call.replace(&format!("{}/", folder.path().display()), "")
    };
    let configured = last_call(&["--kubernetes-version", "1.33"]);
    assert_eq!(
        configured,
        "template --namespace=shop --kube-version=v1.33.0 --values=charts/web/values-dev.yaml --set=a=1 --include-crds \
         --skip-tests -- web charts/web"
    );
    let typed = last_call(&[
        "--kubernetes-version",
        "1.33",
        "--helm-values",
        "charts/web/values.yaml",
        "--helm-values",
        "charts/web/values-prod.yaml",
        "--helm-set",
        "b={x,y}",
        "--helm-release=-r",
        "--helm-namespace=pay",
        "--helm-tests",
    ]);
    assert_eq!(
        typed,
        "template --namespace=pay --kube-version=v1.33.0 --values=charts/web/values.yaml \
         --values=charts/web/values-prod.yaml --set=a=1 --set=b={x,y} --include-crds -- -r charts/web"
    );
    let output = plimsoll(
        folder.path(),
        &["scan", "charts", "--helm-values", "gone.yaml"],
    );
    assert_eq!(code(&output), 3);
    assert!(
        stdout(&output).contains("there is no file of values"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_chart_is_scanned_with_every_set_of_values() {
    let folder = chart();
    helm(folder.path());
    let configuration = "charts:\n  - path: charts/web\n    values: [[values.yaml, values-prod.yaml], values-dev.yaml]\n    release: shop\n";
    fs::write(folder.path().join("plimsoll.yaml"), configuration).expect("a file");
    let output = plimsoll(folder.path(), &["scan", "charts", "-o", "json"]);
    let report = report(&output);
    let names: Vec<&Value> = (0..2).map(|at| &report["sources"][at]["values"]).collect();
    assert_eq!(names, ["values.yaml, values-prod.yaml", "values-dev.yaml"]);
    let found = privileged(&report);
    let of: Vec<&Value> = found
        .iter()
        .map(|one| &one["location"]["rendered"]["values"])
        .collect();
    assert_eq!(of, names);
    assert_ne!(found[0]["fingerprint"], found[1]["fingerprint"]);
    let output = plimsoll(folder.path(), &["scan", "charts"]);
    assert!(
        stdout(&output).contains("(helm charts/web with values-dev.yaml)"),
        "{}",
        stdout(&output)
    );
    let calls = fs::read_to_string(folder.path().join("calls")).expect("calls");
    assert!(calls.contains(" -- shop "), "{calls}");
    // What is typed is one way.
    let typed = [
        "scan",
        "charts",
        "-o",
        "json",
        "--helm-values",
        "charts/web/values-dev.yaml",
    ];
    let typed = plimsoll(folder.path(), &typed);
    assert_eq!(
        serde_json::from_slice::<Value>(&typed.stdout).expect("JSON")["sources"]
            .as_array()
            .expect("a list")
            .len(),
        1
    );
}

#[test]
fn without_a_program_nothing_passes_silently() {
    let folder = folder(&[
        ("web/Chart.yaml", "name: web\n"),
        ("web/templates/pod.yaml", TEMPLATE),
        (
            "web/crds/crd.yaml",
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\n",
        ),
        (
            "prod/kustomization.yaml",
            "resources: [pod.yaml]\npatches: [{path: patch.yaml}]\n",
        ),
        ("prod/pod.yaml", POD),
        ("prod/patch.yaml", POD),
    ]);
    let output = plimsoll(folder.path(), &["scan", ".", "-o", "json"]);
    assert_eq!(code(&output), 3);
    let report = report(&output);
    let errors: Vec<String> = report["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| format!("{}: {}", error["location"]["file"], error["message"]))
        .collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(
        errors[0].contains("web") && errors[0].contains("install Helm"),
        "{errors:?}"
    );
    assert!(
        errors[1].contains("prod") && errors[1].contains("neither kustomize nor kubectl"),
        "{errors:?}"
    );
    assert!(
        errors[1].contains("its files were scanned as they are"),
        "{errors:?}"
    );
    // The Pod of the file, without the patch; and the definition of the chart.
    assert_eq!(report["summary"]["objects"], 2);
    assert_eq!(privileged(&report)[0]["location"]["file"], "prod/pod.yaml");
    // A program in the folder that is scanned is none.
    program(folder.path(), "helm", "echo no");
    let output = plimsoll_on("bin:.", folder.path(), &["scan", "web"]);
    assert_eq!(code(&output), 3);
    assert!(
        stdout(&output).contains("helm is not on the PATH"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn nothing_is_rendered_where_that_is_asked_for() {
    let folder = folder(&[
        ("web/Chart.yaml", "name: web\n"),
        ("prod/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("prod/pod.yaml", POD),
    ]);
    helm(folder.path());
    for (arguments, exit) in [
        (&["scan", "prod", "--no-render"][..], 0),
        (&["scan", ".", "--no-render"], 3),
    ] {
        let output = plimsoll(folder.path(), arguments);
        assert_eq!(code(&output), exit, "{}", stdout(&output));
    }
    assert!(!folder.path().join("calls").exists());
    fs::write(folder.path().join("plimsoll.yaml"), "render: false\n").expect("a file");
    let output = plimsoll(folder.path(), &["scan", "prod", "-o", "json"]);
    assert_eq!(privileged(&report(&output))[0]["location"]["line"], 10);
}

#[test]
fn what_is_scanned_does_not_choose_what_is_run() {
    let folder = chart();
    helm(folder.path());
    fs::rename(
        folder.path().join("bin/helm"),
        folder.path().join("bin/other"),
    )
    .expect("a file");
    let configuration = folder.path().join("plimsoll.yaml");
    fs::write(&configuration, "helm: {program: bin/other}\n").expect("a file");
    let output = plimsoll(folder.path(), &["scan", "charts"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("must not choose what is run"),
        "{}",
        stderr(&output)
    );
    let output = plimsoll(
        folder.path(),
        &["scan", "charts", "--config", "plimsoll.yaml"],
    );
    assert_eq!(code(&output), 0, "{}", stdout(&output));
    fs::write(&configuration, "kustomize: {program: bin/none}\n").expect("a file");
    let output = plimsoll(folder.path(), &["scan", "charts"]);
    assert_eq!(code(&output), 2);
}

#[test]
fn rendering_ends_in_time_and_leaves_nothing_behind() {
    let folder = chart();
    program(folder.path(), "helm", "/bin/sleep 60");
    let temporary = folder.path().join("temporary");
    fs::create_dir(&temporary).expect("a folder");
    let started = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["scan", "charts", "--render-time-limit", "1"])
        .current_dir(folder.path())
        .env("PATH", folder.path().join("bin"))
        .env("TMPDIR", &temporary)
        .output()
        .expect("the binary runs");
    assert_eq!(code(&output), 3);
    assert!(
        stdout(&output).contains("not done within 1 s"),
        "{}",
        stdout(&output)
    );
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(fs::read_dir(temporary).expect("a folder").count(), 0);
}

#[test]
fn helm_says_what_is_wrong() {
    let folder = chart();
    program(
        folder.path(),
        "helm",
        "echo 'WARNING: x' >&2; echo 'Error: execution error at (web/templates/pod.yaml:3:4): image is needed' >&2\necho 'Use --debug flag' >&2; exit 1",
    );
    let output = plimsoll(folder.path(), &["scan", ".", "-o", "json"]);
    assert_eq!(code(&output), 3);
    let report = report(&output);
    assert_eq!(
        report["errors"][0]["message"],
        "it could not be rendered: helm says: execution error at (web/templates/pod.yaml:3:4): image is needed"
    );
    assert_eq!(report["errors"][0]["location"]["file"], "charts/web");
}

#[test]
fn libraries_are_told_and_links_out_of_the_scan_refused() {
    let folder = chart();
    helm(folder.path());
    let description = folder.path().join("charts/web/Chart.yaml");
    fs::write(&description, "name: web\ntype: library\n").expect("a file");
    fs::write(folder.path().join("pod.yaml"), POD).expect("a file");
    let output = plimsoll(folder.path(), &["scan", "charts", "pod.yaml", "-o", "json"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let warning = &report(&output)["warnings"][0];
    assert_eq!(warning["location"]["file"], "charts/web/Chart.yaml");
    assert_eq!(warning["location"]["line"], 2);
    fs::write(&description, "name: web\n").expect("a file");
    symlink(
        "/etc/hostname",
        folder.path().join("charts/web/templates/stolen.yaml"),
    )
    .expect("a link");
    let output = plimsoll(folder.path(), &["scan", "charts"]);
    assert_eq!(code(&output), 3);
    assert!(
        stdout(&output).contains("leads out of what was scanned"),
        "{}",
        stdout(&output)
    );
    assert!(!folder.path().join("calls").exists());
}

#[test]
fn fix_leaves_what_was_rendered_and_says_what_to_change() {
    let folder = chart();
    helm(folder.path());
    let template = folder.path().join("charts/web/templates/pod.yaml");
    let output = plimsoll(
        folder.path(),
        &["fix", ".", "--write", "--unsafe", "--control", "PSC-001"],
    );
    assert_eq!(fs::read_to_string(&template).expect("a file"), TEMPLATE);
    let said = stderr(&output);
    assert!(said.contains("helm renders it from charts/web"), "{said}");
    assert!(
        said.contains("charts/web/templates/pod.yaml:11:9"),
        "{said}"
    );
    assert!(
        said.contains("spec.containers[0].securityContext.privileged: false"),
        "{said}"
    );
    assert_eq!(stdout(&output), "");
    assert_eq!(code(&output), 0);
    let output = plimsoll(
        folder.path(),
        &["fix", ".", "--unsafe", "--control", "PSC-001"],
    );
    assert_eq!(stdout(&output), "", "no diff of a text that is in no file");
    let arguments = [
        "fix",
        ".",
        "--unsafe",
        "--control",
        "PSC-001",
        "--as",
        "kustomize",
    ];
    let output = plimsoll(folder.path(), &arguments);
    assert!(
        stdout(&output).contains("privileged: false"),
        "{}",
        stdout(&output)
    );
    assert_eq!(fs::read_to_string(&template).expect("a file"), TEMPLATE);
}

#[test]
fn an_exception_in_a_template_counts_and_is_told_where_it_stands() {
    let folder = chart();
    let marked = TEMPLATE.replace(
        "privileged: true",
        "privileged: true # plimsoll:ignore PSC-001 a test",
    );
    fs::write(folder.path().join("charts/web/templates/pod.yaml"), marked).expect("a file");
    helm(folder.path());
    let script = fs::read_to_string(folder.path().join("bin/helm")).expect("a program");
    let script = script.replace(
        "privileged: true",
        "privileged: true # plimsoll:ignore PSC-001 a test",
    );
    fs::write(folder.path().join("bin/helm"), script).expect("a program");
    let output = plimsoll(folder.path(), &["scan", "charts", "-o", "json"]);
    let report = report(&output);
    assert_eq!(privileged(&report)[0]["status"], "accepted");
    assert_eq!(
        report["exceptions"][0]["file"],
        "charts/web/templates/pod.yaml"
    );
    assert_eq!(report["exceptions"][0]["line"], 11);
}

/// The `PATH`, if one of these programs is on it. Where everything must hold, it is.
fn path_with(programs: &[&str]) -> Option<String> {
    let path = std::env::var("PATH").unwrap_or_default();
    let has_program = std::env::split_paths(&path).any(|folder| {
        programs
            .iter()
            .any(|program| folder.join(program).is_file())
    });
    if !has_program {
        assert!(
            std::env::var_os("CI").is_none(),
            "none of {programs:?} is here"
        );
        eprintln!("none of {programs:?} is here: nothing is tested");
    }
    has_program.then_some(path)
}

#[test]
fn real_charts_that_cannot_be_rendered_are_errors() {
    let Some(path) = path_with(&["helm"]) else {
        return;
    };
    let cases: &[(&str, &str, &str)] = &[
        (
            "templates/pod.yaml",
            "a: {{ required \"the image is needed\" .Values.missing }}\n",
            "the image is needed",
        ),
        (
            "values.schema.json",
            "{\"required\": [\"policy\"]}",
            "missing property 'policy'",
        ),
        (
            "templates/pod.yaml",
            "{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}",
            "it could not be rendered",
        ),
        ("templates/pod.yaml", "{{ if }", "it could not be rendered"),
        ("templates/pod.yaml", "a: [", "it could not be rendered"),
        ("Chart.yaml", "{{{ garbage", "it could not be rendered"),
        (
            "Chart.yaml",
            "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: db, version: 1.0.0, repository: 'https://example.invalid'}]\n",
            "missing in charts/ directory: db",
        ),
        (
            "values.schema.json",
            "{\"$ref\": \"https://example.invalid/x.json\"}",
            "nothing is fetched here",
        ),
    ];
    for (file, text, words) in cases {
        let folder = chart();
        fs::write(folder.path().join("charts/web").join(file), text).expect("a file");
        let output = plimsoll_on(&path, folder.path(), &["scan", ".", "-o", "json"]);
        assert_eq!(code(&output), 3, "{file} {text}");
        let report = report(&output);
        let message = report["errors"][0]["message"].as_str().expect("a message");
        assert!(message.contains(words), "{file} {text}: {message}");
        assert!(!message.contains("plimsoll-"), "{message}");
    }
}

#[test]
fn a_real_chart_is_the_same_each_time_and_a_packed_one_is_scanned_too() {
    let Some(path) = path_with(&["helm"]) else {
        return;
    };
    let folder = chart();
    let test = "apiVersion: v1\nkind: Pod\nmetadata: {name: test, annotations: {helm.sh/hook: test}}\nspec: {containers: []}\n";
    fs::write(folder.path().join("charts/web/templates/test.yaml"), test).expect("a file");
    let scan = |arguments: &[&str]| {
        let all: Vec<&str> = ["scan", "-o", "json"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let output = plimsoll_on(&path, folder.path(), &all);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let mut report = report(&output);
        for key in ["generatedAt", "durationMs"] {
            report[key] = Value::Null;
        }
        report
    };
    let first = scan(&["charts"]);
    assert_eq!(first, scan(&["charts"]));
    assert_eq!(first["summary"]["objects"], 1);
    assert_eq!(privileged(&first)[0]["location"]["line"], 11);
    assert_eq!(scan(&["charts", "--helm-tests"])["summary"]["objects"], 2);
    let random =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: {{ randAlphaNum 30 }}\n";
    fs::write(
        folder.path().join("charts/web/templates/random.yaml"),
        random,
    )
    .expect("a file");
    let warned = scan(&["charts"]);
    assert_eq!(
        warned["warnings"][0]["location"]["file"],
        "charts/web/templates/random.yaml"
    );
    fs::remove_file(folder.path().join("charts/web/templates/random.yaml")).expect("a file");
    let packed = Command::new("helm")
        .args(["package", "charts/web", "-d", "packed"])
        .current_dir(folder.path())
        .output()
        .expect("helm runs");
    assert!(packed.status.success(), "{}", stderr(&packed));
    for place in ["packed", "packed/web-1.0.0.tgz"] {
        let report = scan(&[place]);
        let location = &privileged(&report)[0]["location"];
        assert_eq!(location["file"], "packed/web-1.0.0.tgz");
        assert_eq!(location["line"], Value::Null);
    }
}

#[test]
fn an_overlay_is_scanned_as_it_is_deployed() {
    let Some(path) = path_with(&["kustomize", "kubectl"]) else {
        return;
    };
    let folder = folder(&[
        ("base/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("base/pod.yaml", POD),
        (
            "prod/kustomization.yaml",
            "resources: [../base]\nnamePrefix: prod-\npatches: [{path: patch.yaml}]\n",
        ),
        (
            "prod/patch.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {hostPID: true}\n",
        ),
        (
            "remote/kustomization.yaml",
            "resources: ['https://example.invalid/pod.yaml', pod.yaml]\n",
        ),
        ("remote/pod.yaml", POD),
    ]);
    let output = plimsoll_on(
        &path,
        folder.path(),
        &["scan", "base", "prod", "-o", "json"],
    );
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let of_overlay = report(&output);
    assert_eq!(of_overlay["summary"]["objects"], 1);
    assert_eq!(of_overlay["sources"][0]["kind"], "kustomize");
    assert_eq!(of_overlay["sources"][0]["location"], "prod");
    let found = privileged(&of_overlay)[0];
    assert_eq!(found["object"]["name"], "prod-web");
    let location = serde_json::json!({
        "file": "base/pod.yaml", "document": 0, "line": 10, "column": 9,
        "rendered": {"by": "kustomize", "from": "prod"},
    });
    assert_eq!(found["location"], location);
    let before = fs::read_to_string(folder.path().join("base/pod.yaml")).expect("a file");
    plimsoll_on(&path, folder.path(), &["fix", ".", "--write", "--unsafe"]);
    assert_eq!(
        fs::read_to_string(folder.path().join("base/pod.yaml")).expect("a file"),
        before
    );
    let output = plimsoll_on(&path, folder.path(), &["scan", "remote", "-o", "json"]);
    assert_eq!(code(&output), 3);
    let report = report(&output);
    let message = report["errors"][0]["message"].as_str().expect("a message");
    assert!(
        message.contains("https://example.invalid/pod.yaml, which Kustomize would fetch"),
        "{message}"
    );
    assert_eq!(report["summary"]["objects"], 1);
}
