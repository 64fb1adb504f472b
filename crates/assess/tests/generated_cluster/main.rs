//! A synthetic cluster whose properties were counted when it was made: the scan finds each of them exactly as often.
//!
//! The generator counts from finished objects and knows nothing of Plimsoll. What it counts is compared at four levels:
//! workloads and their containers in the cluster as it is, where Pods are collapsed into the workload that made them;
//! Pods and their containers in the same cluster without those workloads.
//!
//! Where a control means less than the property, on purpose, the rest is said by an expression beside it, judged by the
//! same engine; the two never overlap. What has no control at all is in [`WITHOUT_CONTROL`], with the reason.
//!
//! `PLIMSOLL_BIG=1` adds a cluster of 50 000 Pods.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod comparison;
mod generated;
mod judges;
mod ledger;
mod others;
mod pods;
#[path = "../scan/mod.rs"]
mod scan;
mod scanned;

use plimsoll_inventory::KubernetesVersion;

use comparison::Comparison;
use ledger::check;
use others::of_others;
use pods::of_pods;

/// The version that the generator's judgement of Pod Security is of, and that its nodes run.
const KUBERNETES: KubernetesVersion = KubernetesVersion { minor: 33 };

/// Properties that no control judges, and why; an expression counts them.
const WITHOUT_CONTROL: &[(&str, &str)] = &[
    (
        "config_maps_unused",
        "a ConfigMap that nothing uses is untidy, and no risk: only Secrets are controlled",
    ),
    (
        "image_pull_policy_not_always",
        "a policy other than Always is wrong for mutable tags only, and the generator gives those Always",
    ),
    (
        "namespaces_user",
        "how many namespaces there are is a number, and nothing wrong",
    ),
    (
        "nodes_not_ready",
        "whether a node is ready is for monitoring, and not for compliance",
    ),
];

#[test]
fn a_usual_cluster_is_found_as_it_was_made() {
    check(
        "usual",
        false,
        &[
            "--pods=1000",
            "--workloads=500",
            "--namespaces=40",
            "--seed=7",
        ],
    );
}

#[test]
fn a_neglected_cluster_is_found_as_it_was_made() {
    check(
        "neglected",
        false,
        &[
            "--pods=1000",
            "--workloads=500",
            "--namespaces=60",
            "--nodes=150",
            "--seed=3",
            "--insecure-rate=0.8",
        ],
    );
}

#[test]
fn a_cluster_with_gaps_is_found_as_it_was_left() {
    check(
        "gaps",
        true,
        &[
            "--pods=1000",
            "--workloads=500",
            "--namespaces=40",
            "--seed=5",
            "--insecure-rate=0.5",
        ],
    );
}

#[test]
fn a_big_cluster_is_found_as_it_was_made() {
    if std::env::var_os("PLIMSOLL_BIG").is_none() {
        println!("skipped: PLIMSOLL_BIG is not set");
        return;
    }
    check(
        "big",
        false,
        &["--pods=50000", "--workloads=8000", "--namespaces=300"],
    );
}

#[test]
fn exactly_what_no_control_judges_is_listed() {
    let compared: Vec<Comparison> = of_pods().into_iter().chain(of_others()).collect();
    let mut without: Vec<&str> = compared
        .iter()
        .filter(|comparison| !comparison.set.has_control())
        .map(|comparison| comparison.property)
        .collect();
    without.sort_unstable();
    let listed: Vec<&str> = WITHOUT_CONTROL
        .iter()
        .map(|(property, _)| *property)
        .collect();
    assert_eq!(without, listed);
}
