//! The JSON report, as the book's page on it and `report.schema.json` have it.
//!
//! The order of the fields is part of the form. Entries are made while they are written, so a report takes no memory of
//! its own size.

use std::io::{self, Write};

use plimsoll_assess::score::Score as AssessedScore;
use plimsoll_assess::{
    Attestation, AttestationState, ControlResult, ControlStatus, Finding as AssessedFinding,
    FindingStatus, FrameworkResult, PlannedEdit, RequirementStatus,
};
use plimsoll_catalog::{Alias, EditKind, Severity};
use plimsoll_document::Position;
use plimsoll_inventory::Object;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::exceptions::Entry as Exception;
use crate::result::{GateResult, ScanError, ScanResult, ScanWarning, SourceSummary};
use crate::words::written;

/// The version of the form.
pub const SCHEMA_VERSION: &str = "1";

/// Writes the report, indented.
///
/// # Errors
/// What the writer says.
pub fn write(result: &ScanResult<'_>, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &Report(result))?;
    writeln!(out)
}

struct Report<'r>(&'r ScanResult<'r>);

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let result = self.0;
        let assessment = &result.assessment;
        let tool = Tool {
            name: "plimsoll",
            version: result.version,
        };
        let mut report = serializer.serialize_struct("Report", 17)?;
        report.serialize_field("schemaVersion", SCHEMA_VERSION)?;
        report.serialize_field("tool", &tool)?;
        report.serialize_field("generatedAt", &result.generated_at)?;
        report.serialize_field("durationMs", &rounded(result.duration_ms, 1))?;
        if let Some(provider) = assessment.provider {
            report.serialize_field("provider", provider.name())?;
        }
        report.serialize_field("kubernetesVersion", &assessment.kubernetes.to_string())?;
        let sources = || result.sources.iter().map(Source::new);
        report.serialize_field("sources", &List(sources))?;
        report.serialize_field("summary", &Summary::new(result))?;
        let frameworks = || {
            assessment
                .frameworks
                .iter()
                .map(|framework| Framework::new(result, framework))
        };
        report.serialize_field("frameworks", &List(frameworks))?;
        let controls = || assessment.controls.iter().map(Control::new);
        report.serialize_field("controls", &List(controls))?;
        let findings = || {
            assessment
                .findings()
                .iter()
                .map(|finding| Finding::new(result, finding))
        };
        report.serialize_field("findings", &List(findings))?;
        let exceptions = || assessment.exceptions.iter().map(Exception::new);
        report.serialize_field("exceptions", &List(exceptions))?;
        let not_assessed = || {
            assessment
                .not_assessed
                .iter()
                .map(|missing| NotAssessed::new(result, missing))
        };
        report.serialize_field("notAssessed", &List(not_assessed))?;
        let gates = || result.gates.iter().map(Gate::new);
        report.serialize_field("gates", &List(gates))?;
        let errors = || result.errors.iter().map(Problem::of_error);
        report.serialize_field("errors", &List(errors))?;
        let warnings = || result.warnings.iter().map(Problem::of_warning);
        report.serialize_field("warnings", &List(warnings))?;
        let skipped = || result.inventory.skipped().iter().map(Skipped::new);
        report.serialize_field("skipped", &List(skipped))?;
        report.end()
    }
}

/// A list whose entries are made while it is written.
pub(crate) struct List<F>(pub(crate) F);

impl<F, I> Serialize for List<F>
where
    F: Fn() -> I,
    I: IntoIterator,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// A number with so many digits after the point.
pub(crate) fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

#[derive(Serialize)]
struct Tool<'r> {
    name: &'static str,
    version: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Source<'r> {
    kind: &'static str,
    location: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_version: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespaces: Option<&'r [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<&'r [String]>,
    documents: usize,
    objects: usize,
    skipped: usize,
}

impl<'r> Source<'r> {
    fn new(source: &'r SourceSummary) -> Source<'r> {
        let cluster = source.cluster.as_ref();
        let namespaces = cluster.map(|cluster| cluster.namespaces.as_slice());
        Source {
            kind: source.kind.name(),
            location: &source.location,
            values: source.variant.as_deref(),
            server_version: cluster.map(|cluster| cluster.server_version.as_str()),
            namespaces: namespaces.filter(|namespaces| !namespaces.is_empty()),
            left_out: cluster.map(|cluster| cluster.left_out.as_slice()),
            documents: source.documents,
            objects: source.objects,
            skipped: source.skipped,
        }
    }
}

#[derive(Serialize)]
struct Summary {
    score: Score,
    objects: usize,
    controls: ControlCounts,
    findings: FindingCounts,
    collapsed: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ControlCounts {
    passed: usize,
    failed: usize,
    not_applicable: usize,
    not_assessed: usize,
    inherited: usize,
}

#[derive(Serialize)]
struct FindingCounts {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    accepted: usize,
}

impl Summary {
    fn new(result: &ScanResult<'_>) -> Summary {
        let assessment = &result.assessment;
        Summary {
            score: Score::new(assessment.score),
            objects: assessment.objects,
            controls: ControlCounts {
                passed: assessment.count(ControlStatus::Passed),
                failed: assessment.count(ControlStatus::Failed),
                not_applicable: assessment.count(ControlStatus::NotApplicable),
                not_assessed: assessment.count(ControlStatus::NotAssessed),
                // Duties of a cloud provider; no control of the catalogue is one yet.
                inherited: 0,
            },
            findings: FindingCounts {
                critical: assessment.failed_findings(Severity::Critical),
                high: assessment.failed_findings(Severity::High),
                medium: assessment.failed_findings(Severity::Medium),
                low: assessment.failed_findings(Severity::Low),
                accepted: assessment.accepted_findings(),
            },
            collapsed: result.inventory.collapsed_count(),
        }
    }
}

#[derive(Serialize)]
struct Score {
    floor: f64,
    ceiling: f64,
    coverage: f64,
    #[serde(rename = "complianceScore")]
    compliance: f64,
}

impl Score {
    fn new(score: AssessedScore) -> Score {
        Score {
            floor: rounded(score.floor, 1),
            ceiling: rounded(score.ceiling, 1),
            coverage: rounded(score.coverage, 1),
            compliance: rounded(score.compliance, 1),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Framework<'r> {
    id: &'r str,
    title: &'r str,
    version: &'r str,
    report: &'static str,
    score: FrameworkScore,
    #[serde(skip_serializing_if = "Option::is_none")]
    exposure: Option<ThreatCounts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    requirements: Vec<Requirement<'r>>,
    gains: Vec<Gain<'r>>,
}

/// The figures that a framework has: none for a catalogue of threats but how much is looked at, and no share that reads
/// as compliance where measures only support it.
#[derive(Serialize)]
struct FrameworkScore {
    floor: Option<f64>,
    ceiling: Option<f64>,
    coverage: f64,
    #[serde(rename = "complianceScore")]
    compliance: Option<f64>,
}

#[derive(Serialize)]
struct ThreatCounts {
    requirements: usize,
    assessed: usize,
    exposed: usize,
}

#[derive(Serialize)]
struct Gain<'r> {
    control: &'r str,
    floor: f64,
    ceiling: f64,
}

#[derive(Serialize)]
struct Requirement<'r> {
    id: &'r str,
    title: &'r str,
    kind: &'static str,
    status: &'static str,
    score: f64,
    controls: Vec<&'r str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failing: Vec<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attestation: Option<Attested<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'r str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attested<'r> {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'r str>,
    owner: &'r str,
    method: &'r str,
    evidence: &'r str,
    reviewer: &'r str,
    valid_until: &'r str,
}

impl<'r> Framework<'r> {
    fn new(result: &'r ScanResult<'_>, of: &'r FrameworkResult<'_>) -> Framework<'r> {
        let controls = &result.assessment.controls;
        let id_of = |number: &usize| controls[*number].control.id.as_str();
        let requirements = of.requirements.iter().map(|found| Requirement {
            id: &found.requirement.id,
            title: &found.requirement.title,
            kind: found.requirement.kind.name(),
            status: requirement_status(found.status),
            score: rounded(found.score, 3),
            controls: found.controls.iter().map(id_of).collect(),
            failing: found.failing.iter().map(id_of).collect(),
            attestation: found.attestation.as_ref().map(Attested::new),
            reason: found.reason.as_deref(),
        });
        let scored = of.has_score();
        let figure = |value: f64, shown: bool| shown.then(|| rounded(value, 1));
        let exposure = of.exposure();
        Framework {
            id: &of.framework.id,
            title: &of.framework.title,
            version: &of.framework.version,
            report: match of.framework.report {
                plimsoll_catalog::Report::Score => "score",
                plimsoll_catalog::Report::Support => "support",
                plimsoll_catalog::Report::Coverage => "coverage",
            },
            score: FrameworkScore {
                floor: figure(of.score.floor, scored),
                ceiling: figure(of.score.ceiling, scored),
                coverage: rounded(of.score.coverage, 1),
                compliance: figure(
                    of.score.compliance,
                    of.framework.report == plimsoll_catalog::Report::Score,
                ),
            },
            exposure: (!scored).then_some(ThreatCounts {
                requirements: exposure.of,
                assessed: exposure.assessed,
                exposed: exposure.exposed,
            }),
            scope: of.framework.scoped.then_some(if of.scope_missing {
                "undeclared"
            } else {
                "declared"
            }),
            requirements: requirements.collect(),
            gains: if scored {
                of.gains()
                    .iter()
                    .map(|gain| Gain {
                        control: id_of(&gain.control),
                        floor: rounded(gain.floor, 2),
                        ceiling: rounded(gain.ceiling, 2),
                    })
                    .collect()
            } else {
                Vec::new()
            },
        }
    }
}

impl<'r> Attested<'r> {
    fn new(attestation: &'r Attestation) -> Attested<'r> {
        let (state, reason) = match &attestation.state {
            AttestationState::Valid => ("valid", None),
            AttestationState::Expired => ("expired", None),
            AttestationState::Broken(reason) => ("broken", Some(reason.as_str())),
        };
        Attested {
            state,
            reason,
            owner: &attestation.owner,
            method: &attestation.method,
            evidence: &attestation.evidence,
            reviewer: &attestation.reviewer,
            valid_until: &attestation.valid_until,
        }
    }
}

fn requirement_status(status: RequirementStatus) -> &'static str {
    match status {
        RequirementStatus::Met => "met",
        RequirementStatus::Partial => "partial",
        RequirementStatus::NotMet => "notMet",
        RequirementStatus::NotAssessed => "notAssessed",
        RequirementStatus::NotApplicable => "notApplicable",
        RequirementStatus::Inherited => "inherited",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Control<'r> {
    id: &'r str,
    name: &'r str,
    title: &'r str,
    severity: &'static str,
    status: &'static str,
    #[serde(serialize_with = "aliases")]
    aliases: &'r [Alias],
    score: Option<f64>,
    compliance_score: Option<f64>,
    objects: Tally,
    #[serde(skip_serializing_if = "is_empty")]
    parameters: Parameters<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'r str>,
}

/// The values of a control's parameters.
struct Parameters<'r>(&'r [plimsoll_catalog::Parameter]);

fn is_empty(parameters: &Parameters<'_>) -> bool {
    parameters.0.is_empty()
}

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = self.0.iter();
        serializer.collect_map(values.map(|parameter| (&parameter.name, &parameter.value)))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tally {
    passed: u32,
    failed: u32,
    accepted: u32,
    not_assessed: u32,
}

impl<'r> Control<'r> {
    fn new(result: &'r ControlResult<'_>) -> Control<'r> {
        Control {
            id: &result.control.id,
            name: &result.control.name,
            title: &result.control.title,
            severity: result.control.severity.name(),
            status: control_status(result.status),
            aliases: &result.control.aliases,
            score: result.score.map(|score| rounded(score, 1)),
            compliance_score: result.compliance.map(|score| rounded(score, 1)),
            objects: Tally {
                passed: result.tally.passed,
                failed: result.tally.failed,
                accepted: result.tally.accepted,
                not_assessed: result.tally.not_assessed,
            },
            parameters: Parameters(result.control.parameters.list()),
            reason: result.reason.as_deref(),
        }
    }
}

fn control_status(status: ControlStatus) -> &'static str {
    match status {
        ControlStatus::Passed => "passed",
        ControlStatus::Failed => "failed",
        ControlStatus::NotApplicable => "notApplicable",
        ControlStatus::NotAssessed => "notAssessed",
    }
}

/// Ids of other tools, by tool.
///
/// # Errors
/// What the serializer says.
pub fn aliases<S: Serializer>(aliases: &[Alias], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(aliases.iter().map(|alias| (&alias.tool, &alias.ids)))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectName<'r> {
    api_version: &'r str,
    kind: &'r str,
    namespace: &'r str,
    name: &'r str,
}

impl<'r> ObjectName<'r> {
    fn new(object: &'r Object) -> ObjectName<'r> {
        ObjectName {
            api_version: object.api_version(),
            kind: object.kind(),
            namespace: object.namespace(),
            name: object.name(),
        }
    }
}

#[derive(Serialize)]
struct Location<'r> {
    file: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    /// Of what the file's text was rendered: then `document` counts what was rendered of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    rendered: Option<Rendered<'r>>,
}

#[derive(Serialize)]
struct Rendered<'r> {
    by: &'static str,
    from: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<&'r str>,
}

impl<'r> Location<'r> {
    /// `None` for what stands in no file.
    fn in_object(object: &'r Object, position: Position) -> Option<Location<'r>> {
        let file = object.tree().source().name();
        (!file.is_empty()).then(|| Location {
            document: Some(object.document()),
            rendered: object.tree().source().origin().map(|origin| Rendered {
                by: origin.renderer,
                from: &origin.from,
                values: origin.variant.as_deref(),
            }),
            ..Location::in_file(file, written(object, position))
        })
    }

    fn in_file(file: &'r str, position: Option<Position>) -> Location<'r> {
        Location {
            file,
            document: None,
            line: position.map(|position| position.line),
            column: position.map(|position| position.column),
            rendered: None,
        }
    }
}

#[derive(Serialize)]
struct Finding<'r> {
    control: &'r str,
    status: &'static str,
    object: ObjectName<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'r>>,
    path: String,
    observed: &'r Value,
    message: &'r str,
    fix: Vec<Edit<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'r str>,
    /// The number of the entry in `exceptions` for which it is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    exception: Option<usize>,
    fingerprint: String,
}

#[derive(Serialize)]
struct Edit<'r> {
    op: &'static str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'r Value>,
}

impl<'r> Edit<'r> {
    fn new(edit: &'r PlannedEdit) -> Edit<'r> {
        let (op, value) = match &edit.kind {
            EditKind::Set(value) => ("set", Some(value)),
            EditKind::Remove => ("remove", None),
            EditKind::Append(value) => ("append", Some(value)),
        };
        Edit {
            op,
            path: edit.path.to_string(),
            value,
        }
    }
}

impl<'r> Finding<'r> {
    fn new(result: &'r ScanResult<'_>, finding: &'r AssessedFinding) -> Finding<'r> {
        let object = &result.inventory.objects()[finding.object.0 as usize];
        let (status, reason) = match &finding.status {
            FindingStatus::Failed => ("failed", None),
            FindingStatus::Accepted(reason) => ("accepted", Some(reason.as_str())),
        };
        let control = result.assessment.controls[finding.control].control;
        Finding {
            control: &control.id,
            status,
            object: ObjectName::new(object),
            location: Location::in_object(object, finding.position),
            path: finding.path.to_string(),
            observed: &finding.observed,
            message: &finding.message,
            fix: finding.edits.iter().map(Edit::new).collect(),
            // Defaults are written as JSON.
            default: finding
                .default
                .map(|text| serde_json::from_str(text).unwrap_or_else(|_| text.into())),
            reason,
            exception: finding.exception,
            fingerprint: finding.fingerprint.to_string(),
        }
    }
}

#[derive(Serialize)]
struct NotAssessed<'r> {
    control: &'r str,
    object: ObjectName<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'r>>,
    reason: &'r str,
}

impl<'r> NotAssessed<'r> {
    fn new(
        result: &'r ScanResult<'_>,
        missing: &'r plimsoll_assess::NotAssessed<'r>,
    ) -> NotAssessed<'r> {
        let object = &result.inventory.objects()[missing.object.0 as usize];
        NotAssessed {
            control: &result.assessment.controls[missing.control].control.id,
            object: ObjectName::new(object),
            location: Location::in_object(object, object.root().position()),
            reason: &missing.reason,
        }
    }
}

#[derive(Serialize)]
struct Gate<'r> {
    #[serde(rename = "gate")]
    asked: &'r str,
    holds: bool,
    reason: &'r str,
}

impl<'r> Gate<'r> {
    fn new(gate: &'r GateResult) -> Gate<'r> {
        Gate {
            asked: &gate.gate,
            holds: gate.holds,
            reason: &gate.reason,
        }
    }
}

#[derive(Serialize)]
struct Problem<'r> {
    location: Location<'r>,
    message: &'r str,
}

impl<'r> Problem<'r> {
    fn of_error(error: &'r ScanError) -> Problem<'r> {
        Problem {
            location: Location::in_file(&error.file, error.position),
            message: &error.message,
        }
    }

    fn of_warning(warning: &'r ScanWarning) -> Problem<'r> {
        Problem {
            location: Location::in_file(&warning.file, warning.position),
            message: &warning.message,
        }
    }
}

#[derive(Serialize)]
struct Skipped<'r> {
    location: Location<'r>,
    reason: String,
}

impl<'r> Skipped<'r> {
    fn new(skipped: &'r plimsoll_inventory::Skipped) -> Skipped<'r> {
        Skipped {
            location: Location {
                file: &skipped.source,
                document: Some(skipped.document),
                line: skipped.line,
                column: None,
                rendered: None,
            },
            reason: skipped.reason.to_string(),
        }
    }
}
