//! The same expressions on the same Pod: ours, `cel-core` and `cel`.
//!
//! Each engine has its own representation of the Pod and a compiled program, made beforehand; what is measured is one
//! evaluation. The last group is 250 evaluations on the Pod, as a scan makes them.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use plimsoll_cel::arena::Arena;
use plimsoll_cel::environment::Environment;
use plimsoll_cel::program::Program;
use plimsoll_cel::types::Type;
use plimsoll_cel::value::{Heap, Value};
use plimsoll_document::{Format, Limits, Parsed, Source, parse};

const POD: &str = include_str!("pod.json");

const EXPRESSIONS: &[(&str, &str)] = &[
    (
        "privileged",
        "object.spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || \
         c.securityContext.privileged == false)",
    ),
    (
        "drop-all",
        "object.spec.containers.all(c, has(c.securityContext) && has(c.securityContext.capabilities) && \
         has(c.securityContext.capabilities.drop) && c.securityContext.capabilities.drop.exists(d, d == 'ALL'))",
    ),
    (
        "image-registry",
        "object.spec.containers.all(c, c.image.startsWith('registry.example.com/') || \
         c.image.startsWith('mirror.example.com/'))",
    ),
    (
        "limits",
        "(object.spec.containers + object.spec.initContainers).all(c, has(c.resources) && \
         has(c.resources.limits) && has(c.resources.limits.memory))",
    ),
    ("label", "object.metadata.labels['app'] == 'checkout'"),
];

fn engines(criterion: &mut Criterion) {
    let ours = document();
    let root = ours
        .tree
        .node(ours.documents[0].root.expect("the Pod has a root"));
    let environment = Environment::controls().with_variable("object", Type::Dyn);
    let json: serde_json::Value = serde_json::from_str(POD).expect("the Pod is JSON");

    for (name, expression) in EXPRESSIONS {
        let mut group = criterion.benchmark_group(*name);

        let program = Program::compile(expression, &environment, Some(&Type::Bool))
            .expect("the expression compiles");
        let mut arena = Arena::default();
        group.bench_function("plimsoll", |bencher| {
            bencher.iter(|| {
                arena.reset();
                let heap = Heap::new(&arena);
                let variables = [Value::from_node(root)];
                let result = program.evaluate_bool(heap, black_box(&variables), 1_000_000);
                assert_eq!(result, Ok(true));
            });
        });

        let env =
            cel_core::Env::with_standard_library().with_variable("object", cel_core::CelType::Dyn);
        // Its checker does not take the sum of two lists of unknown elements, so it is left out here.
        let ast = env.parse_only(expression).expect("cel-core parses it");
        let program = env.program(&ast).expect("cel-core makes a program of it");
        let mut activation = cel_core::MapActivation::new();
        activation.insert("object", cel_core_value(&json));
        group.bench_function("cel-core", |bencher| {
            bencher.iter(|| {
                let result = program.eval(black_box(&activation));
                assert!(matches!(result, cel_core::Value::Bool(true)));
            });
        });

        let env = Arc::new(cel::Env::stdlib().with_optional_support(true));
        let program = env.compile(expression).expect("cel compiles it");
        let mut context = cel::Context::with_env(env);
        context
            .add_variable("object", json.clone())
            .expect("cel takes the Pod");
        group.bench_function("cel", |bencher| {
            bencher.iter(|| {
                let result = program.execute(black_box(&context));
                assert_eq!(result, Ok(true.into()));
            });
        });
        group.finish();
    }
}

fn many(criterion: &mut Criterion) {
    let ours = document();
    let root = ours
        .tree
        .node(ours.documents[0].root.expect("the Pod has a root"));
    let environment = Environment::controls().with_variable("object", Type::Dyn);
    let programs: Vec<Program> = (0..250)
        .map(|at| {
            let (_, expression) = EXPRESSIONS[at % EXPRESSIONS.len()];
            Program::compile(expression, &environment, Some(&Type::Bool)).expect("it compiles")
        })
        .collect();
    let mut arena = Arena::default();
    criterion.bench_function("250 expressions on one Pod", |bencher| {
        bencher.iter(|| {
            for program in &programs {
                arena.reset();
                let heap = Heap::new(&arena);
                let variables = [Value::from_node(root)];
                assert_eq!(program.evaluate_bool(heap, &variables, 1_000_000), Ok(true));
            }
        });
    });
}

fn document() -> Parsed {
    let parsed = parse(
        &Arc::new(Source::new("pod.json", POD)),
        Format::Json,
        &Limits::default(),
    );
    assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    parsed
}

fn cel_core_value(json: &serde_json::Value) -> cel_core::Value {
    match json {
        serde_json::Value::Null => cel_core::Value::Null,
        serde_json::Value::Bool(value) => (*value).into(),
        serde_json::Value::Number(number) => number
            .as_i64()
            .map_or_else(|| number.as_f64().unwrap_or(f64::NAN).into(), Into::into),
        serde_json::Value::String(text) => text.as_str().into(),
        serde_json::Value::Array(elements) => elements
            .iter()
            .map(cel_core_value)
            .collect::<Vec<_>>()
            .into(),
        serde_json::Value::Object(entries) => cel_core::Value::map(
            entries
                .iter()
                .map(|(key, value)| (key.as_str(), cel_core_value(value))),
        ),
    }
}

criterion_group!(benches, engines, many);
criterion_main!(benches);
