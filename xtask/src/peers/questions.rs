//! The questions that several programs ask: which files each of them flags.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use super::program::list;

/// A question, and the id that each program has for it.
struct Question {
    name: &'static str,
    plimsoll: &'static str,
    checkov: &'static str,
    trivy: &'static str,
}

const fn ask(
    name: &'static str,
    plimsoll: &'static str,
    checkov: &'static str,
    trivy: &'static str,
) -> Question {
    Question {
        name,
        plimsoll,
        checkov,
        trivy,
    }
}

const QUESTIONS: &[Question] = &[
    ask("privileged", "PSC-001", "CKV_K8S_16", "KSV-0017"),
    ask("host network", "PSC-004", "CKV_K8S_19", "KSV-0009"),
    ask("host PID", "PSC-002", "CKV_K8S_17", "KSV-0010"),
    ask("host IPC", "PSC-003", "CKV_K8S_18", "KSV-0008"),
    ask("host port", "PSC-005", "CKV_K8S_26", "KSV-0024"),
    ask("runtime socket", "PSC-009", "CKV_K8S_27", "KSV-0006"),
    ask("privilege escalation", "PSC-010", "CKV_K8S_20", "KSV-0001"),
    ask("may run as root", "PSC-011", "CKV_K8S_23", "KSV-0012"),
    ask("capability added", "PSC-016", "CKV_K8S_25", "KSV-0022"),
    ask("not all dropped", "PSC-015", "CKV_K8S_37", "KSV-0003"),
    ask("no seccomp profile", "PSC-022", "CKV_K8S_31", "KSV-0030"),
    ask("writable root", "PSC-028", "CKV_K8S_22", "KSV-0014"),
    ask("no memory limit", "RES-001", "CKV_K8S_13", "KSV-0018"),
    ask("no CPU limit", "RES-002", "CKV_K8S_11", "KSV-0011"),
    ask("no memory request", "RES-003", "CKV_K8S_12", "KSV-0016"),
    ask("no CPU request", "RES-004", "CKV_K8S_10", "KSV-0015"),
    ask("no tag, or latest", "IMG-001", "CKV_K8S_14", "KSV-0013"),
];

/// The files that each program flags by each question that has an answer here, and on which Plimsoll stands alone.
/// Nothing where one of them has not reported.
pub(crate) fn table<'a>(directory: &Path, report: impl Fn(&str) -> Option<&'a Value>) -> String {
    let reports = (report("Plimsoll"), report("Checkov"), report("Trivy"));
    let (Some(plimsoll), Some(checkov), Some(trivy)) = reports else {
        return String::new();
    };
    let mut text = "\n| files flagged by | Plimsoll | Checkov | Trivy | by both others alone | by Plimsoll alone |\n\
                    |---|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for question in QUESTIONS {
        let mine = flagged_by_plimsoll(plimsoll, question.plimsoll, directory);
        let checkov = flagged_by_checkov(checkov, question.checkov);
        let trivy = flagged_by_trivy(trivy, question.trivy);
        if mine.is_empty() && checkov.is_empty() && trivy.is_empty() {
            continue;
        }
        let others_alone = checkov
            .intersection(&trivy)
            .filter(|file| !mine.contains(*file));
        let alone = mine
            .iter()
            .filter(|file| !checkov.contains(*file) && !trivy.contains(*file));
        let _ = writeln!(
            text,
            "| {}: {}, {}, {} | {} | {} | {} | {} | {} |",
            question.name,
            question.plimsoll,
            question.checkov,
            question.trivy,
            mine.len(),
            checkov.len(),
            trivy.len(),
            others_alone.count(),
            alone.count(),
        );
    }
    text
}

/// Names of files, within the directory.
type Files<'a> = BTreeSet<&'a str>;

fn flagged_by_plimsoll<'a>(report: &'a Value, id: &str, directory: &Path) -> Files<'a> {
    list(report, "/findings")
        .filter(|finding| finding["control"] == id)
        .filter_map(|finding| {
            let file = Path::new(finding.pointer("/location/file")?.as_str()?);
            file.strip_prefix(directory).ok()?.to_str()
        })
        .collect()
}

fn flagged_by_checkov<'a>(report: &'a Value, id: &str) -> Files<'a> {
    list(report, "/results/failed_checks")
        .filter(|check| check["check_id"] == id)
        .filter_map(|check| Some(check["file_path"].as_str()?.trim_start_matches('/')))
        .collect()
}

fn flagged_by_trivy<'a>(report: &'a Value, id: &str) -> Files<'a> {
    list(report, "/Results")
        .filter(|result| list(result, "/Misconfigurations").any(|it| it["ID"] == id))
        .filter_map(|result| result["Target"].as_str())
        .collect()
}
