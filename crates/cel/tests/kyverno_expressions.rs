//! Every CEL expression of the Kyverno policy library parses and has the type that its place wants.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod conformance_case;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_cel::check::{check, expect_type};
use plimsoll_cel::environment::{Environment, NEWEST_MINOR};
use plimsoll_cel::syntax::parse;
use plimsoll_cel::types::Type;
use plimsoll_document::{Format, Limits, Node, Severity, Source};

/// What an expression must give.
#[derive(Clone, Copy)]
enum Wanted {
    Anything,
    Bool,
    String,
    StringOrNull,
    Patches,
    Object,
}

impl Wanted {
    fn types(self) -> Vec<Type> {
        match self {
            Wanted::Anything => Vec::new(),
            Wanted::Bool => vec![Type::Bool],
            Wanted::String => vec![Type::String],
            Wanted::StringOrNull => vec![Type::String, Type::Null],
            Wanted::Patches => vec![Type::list(Type::named("JSONPatch"))],
            Wanted::Object => vec![Type::named("Object")],
        }
    }
}

/// What the library holds, and what is wrong with it.
#[derive(Default)]
struct Tally {
    policies: usize,
    expressions: BTreeSet<String>,
    /// Those that only Kyverno's own libraries understand.
    of_kyverno: BTreeSet<String>,
    failures: Vec<String>,
}

#[test]
fn every_expression_of_the_library_has_the_type_of_its_place() {
    let Some(folder) = conformance_case::suite("kyverno-policies") else {
        return;
    };
    let mut tally = Tally::default();
    for file in yaml_files(&folder) {
        let text = std::fs::read_to_string(&file).expect("a file of the suite");
        let name = file
            .strip_prefix(&folder)
            .unwrap_or(&file)
            .display()
            .to_string();
        let source = Arc::new(Source::new(name.clone(), text));
        let parsed = plimsoll_document::parse(&source, Format::Yaml, &Limits::default());
        for problem in &parsed.problems {
            if problem.severity == Severity::Error {
                tally.failures.push(format!("{name}: {problem:?}"));
            }
        }
        for root in parsed.documents.iter().filter_map(|document| document.root) {
            policy(&name, parsed.tree.node(root), &mut tally);
        }
    }
    println!(
        "{} policies, {} distinct expressions, {} of them with Kyverno's own functions or variables",
        tally.policies,
        tally.expressions.len(),
        tally.of_kyverno.len()
    );
    assert!(
        tally.policies > 150 && tally.expressions.len() > 250,
        "the library was not found"
    );
    assert!(tally.failures.is_empty(), "{}", tally.failures.join("\n"));
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yaml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn policy(file: &str, root: Node<'_>, tally: &mut Tally) {
    let text = |node: Node<'_>, key: &str| {
        let value = node.get_name(key).and_then(Node::as_str);
        value.unwrap_or_default().to_owned()
    };
    let group = text(root, "apiVersion");
    let kind = text(root, "kind");
    let Some(spec) = root.get_name("spec") else {
        return;
    };
    let admission = || Environment::kubernetes(NEWEST_MINOR);
    match group.split('/').next().unwrap_or_default() {
        "kyverno.io" => {
            for rule in items(spec, "rules") {
                for condition in items(rule, "celPreconditions") {
                    expect(
                        file,
                        condition,
                        "expression",
                        &admission(),
                        Wanted::Bool,
                        tally,
                    );
                }
                let cel = rule.get_name("validate").and_then(|of| of.get_name("cel"));
                if let Some(cel) = cel {
                    tally.policies += 1;
                    let environment = with_variables(file, cel, admission(), tally);
                    places(file, cel, &environment, tally);
                }
            }
        }
        "policies.kyverno.io" => {
            tally.policies += 1;
            // Only a policy that generates objects may mix the types of a literal's elements.
            let environment = Environment::kyverno()
                .with_mutation_types()
                .with_mixed_literals(kind.contains("Generating"));
            let environment = with_variables(file, spec, environment, tally);
            places(file, spec, &environment, tally);
        }
        "admissionregistration.k8s.io" if kind.ends_with("AdmissionPolicy") => {
            tally.policies += 1;
            let environment = with_variables(file, spec, admission().with_mutation_types(), tally);
            places(file, spec, &environment, tally);
        }
        _ => {}
    }
}

/// The environment with the policy's variables, each of the type of its expression.
fn with_variables(
    file: &str,
    spec: Node<'_>,
    mut environment: Environment,
    tally: &mut Tally,
) -> Environment {
    for variable in items(spec, "variables") {
        let name = variable.get_name("name").and_then(Node::as_str);
        let Some(name) = name else {
            continue;
        };
        let of = expect(
            file,
            variable,
            "expression",
            &environment,
            Wanted::Anything,
            tally,
        );
        environment =
            environment.with_variable(&format!("variables.{name}"), of.unwrap_or(Type::Dyn));
    }
    environment
}

/// All places of a policy that hold expressions, apart from its variables.
fn places(file: &str, spec: Node<'_>, environment: &Environment, tally: &mut Tally) {
    for (list, key, wanted) in [
        ("matchConditions", "expression", Wanted::Bool),
        ("targetMatchConditions", "expression", Wanted::Bool),
        ("conditions", "expression", Wanted::Bool),
        ("validations", "expression", Wanted::Bool),
        ("validations", "messageExpression", Wanted::String),
        ("expressions", "expression", Wanted::Bool),
        ("expressions", "messageExpression", Wanted::String),
        ("auditAnnotations", "valueExpression", Wanted::StringOrNull),
        ("generate", "expression", Wanted::Bool),
        ("images", "expression", Wanted::Anything),
    ] {
        for item in items(spec, list) {
            expect(file, item, key, environment, wanted, tally);
        }
    }
    for item in items(spec, "matchImageReferences") {
        let environment = environment.clone().with_variable("ref", Type::String);
        expect(file, item, "expression", &environment, Wanted::Bool, tally);
    }
    for mutation in items(spec, "mutations") {
        for (key, wanted) in [
            ("jsonPatch", Wanted::Patches),
            ("applyConfiguration", Wanted::Object),
        ] {
            if let Some(patch) = mutation.get_name(key) {
                expect(file, patch, "expression", environment, wanted, tally);
            }
        }
    }
}

fn items<'t>(node: Node<'t>, key: &str) -> Vec<Node<'t>> {
    match node.get_name(key) {
        Some(list) if list.is_list() => list.children().collect(),
        _ => Vec::new(),
    }
}

/// Checks the expression under a key, if there is one, and gives its type.
fn expect(
    file: &str,
    node: Node<'_>,
    key: &str,
    environment: &Environment,
    wanted: Wanted,
    tally: &mut Tally,
) -> Option<Type> {
    let text = node.get_name(key)?.as_str()?;
    tally.expressions.insert(text.to_owned());
    let checked = parse(text, environment.parse_options()).and_then(|ast| check(&ast, environment));
    let checked = match checked {
        Ok(checked) => checked,
        Err(errors) => {
            tally
                .failures
                .push(format!("{file}: {}", errors[0].render(text)));
            return None;
        }
    };
    let types = wanted.types();
    if !types.is_empty() && types.iter().all(|of| expect_type(&checked, of).is_err()) {
        tally
            .failures
            .push(format!("{file}: {key} gives {}: {text}", checked.result));
    }
    if environment.slot("globalContext").is_some() && needs_kyverno(text, environment) {
        tally.of_kyverno.insert(text.to_owned());
    }
    Some(checked.result)
}

/// Whether an expression is wrong once Kubernetes' functions and variables are all there is.
fn needs_kyverno(text: &str, environment: &Environment) -> bool {
    let mut kubernetes = Environment::kubernetes(NEWEST_MINOR)
        .with_mutation_types()
        .with_mixed_literals(true);
    for name in environment
        .variable_names()
        .filter(|name| name.starts_with("variables."))
    {
        let of = environment.variable(name).cloned().unwrap_or(Type::Dyn);
        kubernetes = kubernetes.with_variable(name, of);
    }
    let checked = parse(text, kubernetes.parse_options()).and_then(|ast| check(&ast, &kubernetes));
    checked.is_err()
}
