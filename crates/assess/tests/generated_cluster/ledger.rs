//! Every number of the truth against what was found.

use plimsoll_assess::{Finding, Settings, assess};
use std::collections::{BTreeMap, BTreeSet};

use crate::KUBERNETES;
use crate::comparison::{Comparison, Part, Unit, compare, workloads};
use crate::generated::{Generated, generate};
use crate::judges::Judges;
use crate::others::of_others;
use crate::pods::of_pods;
use crate::scanned::Scanned;

/// Numbers of the truth and of the scan, compared.
#[derive(Default)]
pub(crate) struct Ledger {
    /// How many numbers were compared, and how many of them are not 0.
    pub(crate) numbers: usize,
    pub(crate) not_zero: usize,
    pub(crate) wrong: Vec<String>,
    /// Where the numbers of the truth are that were compared.
    pub(crate) compared: BTreeSet<String>,
}

impl Ledger {
    /// Compares the number at a place of the truth with what was found.
    pub(crate) fn compare(&mut self, generated: &Generated, place: &[&str], found: u64) {
        let truth = generated.number(place);
        let place = place.join(" ");
        println!("{place:<72} {truth:>7} {found:>7}");
        self.numbers += 1;
        self.not_zero += usize::from(truth > 0);
        if truth != found {
            self.wrong
                .push(format!("{place}: the truth is {truth}, found are {found}"));
        }
        self.compared.insert(place);
    }
}

/// Scans a generated cluster, and compares every number of its truth.
pub(crate) fn check(name: &str, with_gaps: bool, arguments: &[&str]) {
    let Some(generated) = generate(name, with_gaps, arguments) else {
        return;
    };
    let (of_pods, of_others) = (of_pods(), of_others());
    let totals = vec![
        compare("pods", Part::Pods, Unit::Object, workloads("true")),
        compare(
            "pod_containers",
            Part::Pods,
            Unit::Container,
            workloads("true"),
        ),
        compare("workloads", Part::Whole, Unit::Object, workloads("true")),
        compare(
            "workload_containers",
            Part::Whole,
            Unit::Container,
            workloads("true"),
        ),
    ];
    let mut all: Vec<Comparison> = Vec::new();
    all.extend(of_pods);
    let pods_end = all.len();
    all.extend(of_others);
    let others_end = all.len();
    all.extend(totals);
    let judges = Judges::new(&all);
    let (of_pods, rest) = all.split_at(pods_end);
    let (of_others, totals) = rest.split_at(others_end - pods_end);
    let mut ledger = Ledger::default();
    for part in Part::ALL {
        let inventory = generated.inventory(part);
        let here = |comparison: &&Comparison| comparison.part == part;
        let pods_here: Vec<&Comparison> = of_pods
            .iter()
            .filter(|comparison| here(comparison) || part == Part::Pods)
            .collect();
        let others_here: Vec<&Comparison> = of_others.iter().filter(here).collect();
        let totals_here: Vec<&Comparison> = totals.iter().filter(here).collect();
        let together: Vec<&Comparison> = [&pods_here[..], &others_here, &totals_here].concat();
        let controls = judges.needed(&together);
        let assessment = assess(&inventory, &controls, &[], Settings::at(KUBERNETES));
        for missing in assessment.not_assessed.iter().take(10) {
            ledger.wrong.push(format!(
                "{part:?}: {} is not assessed on {}: {}",
                controls[missing.control].id,
                inventory.object(missing.object).name(),
                missing.reason
            ));
        }
        let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in assessment.findings() {
            findings
                .entry(&controls[finding.control].id)
                .or_default()
                .push(finding);
        }
        let scanned = Scanned {
            judges: &judges,
            inventory: &inventory,
            findings,
        };
        let (objects_level, containers_level) = match part {
            Part::Pods => ("pods", "pod_containers"),
            Part::Whole | Part::Bare => ("workloads", "workload_containers"),
        };
        for comparison in pods_here {
            let places = scanned.places(&comparison.set, comparison.unit);
            for (level, unit) in [
                (objects_level, Unit::Object),
                (containers_level, Unit::Container),
            ] {
                if unit == Unit::Container && comparison.unit != unit {
                    continue;
                }
                for (scope, user_only) in [("all", false), ("user", true)] {
                    ledger.compare(
                        &generated,
                        &["pod_properties", level, scope, comparison.property],
                        scanned.count(&places, unit, user_only),
                    );
                }
            }
        }
        for comparison in others_here {
            let places = scanned.places(&comparison.set, comparison.unit);
            ledger.compare(
                &generated,
                &["other_properties", comparison.property],
                scanned.count(&places, comparison.unit, false),
            );
        }
        for comparison in totals_here {
            let places = scanned.places(&comparison.set, comparison.unit);
            for (scope, user_only) in [("all", false), ("user", true)] {
                let name = format!("{}.{scope}", comparison.property);
                ledger.compare(
                    &generated,
                    &["totals", &name],
                    scanned.count(&places, comparison.unit, user_only),
                );
            }
        }
        if part == Part::Whole {
            // Beside them there is the object that stands for the cluster itself.
            let objects = inventory.objects().len() - 1;
            ledger.compare(&generated, &["objects"], objects as u64);
            for kind in generated.names("kinds") {
                ledger.compare(
                    &generated,
                    &["kinds", kind],
                    inventory
                        .objects()
                        .iter()
                        .filter(|object| object.kind() == kind)
                        .count() as u64,
                );
            }
        }
    }
    for place in generated.numbers() {
        if !ledger.compared.contains(&place) {
            ledger
                .wrong
                .push(format!("{place} is compared with nothing"));
        }
    }
    println!(
        "{name}: {} numbers, {} of them not 0, {} wrong",
        ledger.numbers,
        ledger.not_zero,
        ledger.wrong.len()
    );
    assert!(ledger.wrong.is_empty(), "{}", ledger.wrong.join("\n"));
}
