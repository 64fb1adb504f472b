//! The score against its executable reference: 10,000 random frameworks, each with random results and attestations.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

mod scan;

use std::io::Write;
use std::process::{Command, Stdio};

use plimsoll_assess::score::{Known, Weighable, Weighed, coverage, framework_score};
use plimsoll_catalog::{RequirementKind, Severity};
use serde_json::{Value, json};

const CASES: usize = 10_000;

/// Reads cases from standard input, a line each, and prints floor, ceiling and coverage. The reference wants a YAML
/// library for what is not used here.
const DRIVER: &str = "
import sys, json, types
sys.modules['yaml'] = types.SimpleNamespace(SafeLoader=None)
sys.path.insert(0, sys.argv[1])
import score_model as model
for line in sys.stdin:
    case = json.loads(line)
    requirements = [(r['id'], r['kind'], r['weight'], [tuple(c) for c in r['controls']]) for r in case['requirements']]
    state = {k: (tuple(v) if isinstance(v, list) else v) for k, v in case['state'].items()}
    attested = case['attested']
    print(json.dumps([model.framework(requirements, state, attested, 0.0), model.framework(requirements, state, attested, 1.0), model.coverage(requirements, state, attested)]))
";

/// A small generator of numbers, the same ones at every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn case(numbers: &mut Numbers) -> (Vec<Weighable>, Value) {
    let count = 1 + numbers.below(9) as usize;
    let controls: Vec<(Severity, Known)> = (0..count)
        .map(|_| {
            let severity = Severity::ALL[numbers.below(4) as usize];
            let known = match numbers.below(4) {
                0 => Known::NotAssessed,
                1 => Known::NotApplicable,
                _ => {
                    let failed = numbers.below(4);
                    let passed = numbers.below(9) + u64::from(failed == 0);
                    Known::Counts {
                        passed: passed as f64,
                        failed: failed as f64,
                    }
                }
            };
            (severity, known)
        })
        .collect();
    let mut weighables = Vec::new();
    let mut requirements = Vec::new();
    let mut attestations = serde_json::Map::new();
    for at in 0..=numbers.below(12) {
        let mut kind = [
            RequirementKind::Technical,
            RequirementKind::Mixed,
            RequirementKind::Organisational,
        ][numbers.below(3) as usize];
        let mut picked: Vec<Weighed> = Vec::new();
        for (control, (severity, known)) in controls.iter().enumerate() {
            if kind != RequirementKind::Organisational && numbers.below(3) == 0 {
                picked.push(Weighed {
                    control,
                    severity: *severity,
                    direct: numbers.below(2) == 0,
                    known: *known,
                });
            }
        }
        // What no control looks at is left to people.
        if picked.is_empty() {
            kind = RequirementKind::Organisational;
        }
        let attested = match numbers.below(3) {
            0 => None,
            worth => Some(worth as f64 - 1.0),
        };
        let weight = 1.0 + numbers.below(3) as f64;
        let named: Vec<Value> = picked
            .iter()
            .map(|weighed| {
                json!([
                    weighed.control.to_string(),
                    weighed.severity.name(),
                    weighed.direct
                ])
            })
            .collect();
        let id = format!("r{at}");
        requirements
            .push(json!({"id": id, "kind": kind.name(), "weight": weight, "controls": named}));
        attestations.insert(id, attested.map_or(Value::Null, Value::from));
        weighables.push(Weighable {
            kind,
            weight,
            controls: picked,
            attested,
        });
    }
    let state: serde_json::Map<String, Value> = controls
        .iter()
        .enumerate()
        .map(|(at, (_, known))| {
            let value = match known {
                Known::NotAssessed => Value::Null,
                Known::NotApplicable => "na".into(),
                Known::Counts { passed, failed } => json!([passed, failed]),
            };
            (at.to_string(), value)
        })
        .collect();
    let case = json!({"requirements": requirements, "state": state, "attested": attestations});
    (weighables, case)
}

#[test]
fn the_reference_gives_the_same_figures() {
    let Some(suite) = scan::suite("pss") else {
        return;
    };
    let tools = suite.join("../../facts/tools");
    let mut numbers = Numbers(0x5DEE_CE66_D1CE_CA5E);
    let cases: Vec<(Vec<Weighable>, Value)> = (0..CASES).map(|_| case(&mut numbers)).collect();
    let mut child = Command::new("python3")
        .args(["-c", DRIVER])
        .arg(&tools)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let mut input = child.stdin.take().expect("a pipe");
    let lines: Vec<String> = cases.iter().map(|(_, case)| case.to_string()).collect();
    let writer = std::thread::spawn(move || {
        for line in lines {
            writeln!(input, "{line}").expect("the reference reads");
        }
    });
    let output = child.wait_with_output().expect("the reference ends");
    writer.join().expect("everything was written");
    let text = String::from_utf8(output.stdout).expect("text");
    let mut compared = 0;
    for ((weighables, case), line) in cases.iter().zip(text.lines()) {
        let wanted: [f64; 3] = serde_json::from_str(line).expect("three numbers");
        let found = [
            framework_score(weighables, 0.0),
            framework_score(weighables, 1.0),
            coverage(weighables),
        ];
        for (found, wanted) in found.iter().zip(wanted) {
            assert!(
                (found - wanted).abs() < 1e-9,
                "{found} is not {wanted}: {case}"
            );
        }
        compared += 1;
    }
    assert_eq!(compared, CASES);
    println!("{compared} cases agree to 1e-9");
}
