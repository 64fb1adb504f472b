//! Trees from text, beside what other parsers take for the same bytes.
//!
//! JSON: `serde_json` and `sonic-rs`, each into its own value. YAML: the events alone of the parser crate we use and of
//! its faster relative. The text is a List of Pods, and manifests as teams keep them.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a benchmark fails by panicking"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_document::{Format, Limits, Source, parse};

const POD: &str = include_str!("../../cel/benches/pod.json");

const MANIFEST: &str = include_str!("manifest.yaml");

fn json(criterion: &mut Criterion) {
    let pods: Vec<String> = (0..500)
        .map(|at| POD.trim().replace("x2k4q", &format!("x{at:04}")))
        .collect();
    let text = format!(
        "{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{}]}}",
        pods.join(",")
    );
    let mut group = criterion.benchmark_group("json");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("plimsoll", |bencher| {
        bencher.iter_batched(
            || text.clone().into_bytes(),
            |bytes| {
                let source = Source::from_bytes("list.json", bytes).expect("it is text");
                parse(&Arc::new(source), Format::Json, &Limits::default())
            },
            BatchSize::LargeInput,
        );
    });
    group.bench_function("serde_json", |bencher| {
        bencher.iter_with_large_drop(|| {
            serde_json::from_slice::<serde_json::Value>(black_box(text.as_bytes()))
                .expect("it is JSON")
        });
    });
    group.bench_function("sonic-rs", |bencher| {
        bencher.iter_with_large_drop(|| {
            sonic_rs::from_slice::<sonic_rs::Value>(black_box(text.as_bytes())).expect("it is JSON")
        });
    });
    group.finish();
}

fn yaml(criterion: &mut Criterion) {
    let documents: Vec<String> = (0..300)
        .map(|at| MANIFEST.replace("shop-web", &format!("shop-web-{at}")))
        .collect();
    let text = documents.join("---\n");
    let mut group = criterion.benchmark_group("yaml");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("plimsoll", |bencher| {
        bencher.iter_batched(
            || text.clone().into_bytes(),
            |bytes| {
                let source = Source::from_bytes("all.yaml", bytes).expect("it is text");
                parse(&Arc::new(source), Format::Yaml, &Limits::default())
            },
            BatchSize::LargeInput,
        );
    });
    group.bench_function("granit-parser events", |bencher| {
        bencher.iter(|| {
            let mut parser = granit_parser::Parser::new_from_str(black_box(&text));
            let mut events = 0;
            while let Some(event) = parser.next_event() {
                event.expect("it is YAML");
                events += 1;
            }
            events
        });
    });
    group.bench_function("saphyr-parser events", |bencher| {
        bencher.iter(|| {
            let mut parser = saphyr_parser::Parser::new_from_str(black_box(&text));
            let mut events = 0;
            while let Some(event) = parser.next_event() {
                event.expect("it is YAML");
                events += 1;
            }
            events
        });
    });
    group.finish();
}

criterion_group!(benches, json, yaml);
criterion_main!(benches);
