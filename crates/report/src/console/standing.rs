//! How far what was scanned holds to a framework: what made the number, and what each fix would gain.

use std::fmt::Write;

use plimsoll_assess::{ControlStatus, FrameworkResult, RequirementResult, RequirementStatus};
use plimsoll_catalog::{Report, RequirementKind};

use crate::result::ScanResult;
use crate::text::{Look, counted, cut, printable, wrap};
use crate::words;

/// How many objects are named of a control.
const MOST_OBJECTS: usize = 4;

/// How many controls are shown whose fix would gain something.
const MOST_GAINS: usize = 15;

/// Everything there is to say of the frameworks of a result, or of one requirement of theirs.
pub fn render(result: &ScanResult<'_>, requirement: Option<&str>, look: Look) -> String {
    let mut out = String::new();
    for framework in &result.assessment.frameworks {
        if !out.is_empty() {
            out.push('\n');
        }
        let page = Page {
            result,
            framework,
            look,
        };
        match requirement {
            None => page.framework(&mut out),
            Some(id) => page.requirement(id, &mut out),
        }
    }
    out
}

struct Page<'r, 'c> {
    result: &'r ScanResult<'c>,
    framework: &'r FrameworkResult<'c>,
    look: Look,
}

/// States of requirements in the order in which they are told, with their names.
const STATES: [(RequirementStatus, &str); 6] = [
    (RequirementStatus::NotMet, "not met"),
    (RequirementStatus::Partial, "partly met"),
    (RequirementStatus::Met, "met"),
    (RequirementStatus::Inherited, "inherited"),
    (RequirementStatus::NotAssessed, "not assessed"),
    (RequirementStatus::NotApplicable, "not applicable"),
];

impl Page<'_, '_> {
    fn framework(&self, out: &mut String) {
        let paint = self.look.paint;
        let framework = self.framework.framework;
        let _ = writeln!(out, "{}", paint.bold(&printable(&framework.title)));
        self.paragraph(
            &format!("{}, {}", framework.version, framework.source),
            "",
            out,
        );
        self.paragraph(&self.figure(), "", out);
        if self.framework.scope_missing {
            let text = "No namespace is declared to hold regulated data (regulated-namespaces), so every namespace counts.";
            self.paragraph(text, "", out);
        }
        out.push('\n');
        for (state, name) in STATES {
            let count = self.with_status(state).count();
            if count > 0 {
                let _ = writeln!(out, "{name:<16}{}", counted(count, "requirement"));
            }
        }
        self.gains(out);
        for (state, name) in STATES {
            if matches!(
                state,
                RequirementStatus::NotAssessed | RequirementStatus::NotApplicable
            ) || self.with_status(state).next().is_none()
            {
                continue;
            }
            let mut heading = name.to_owned();
            heading[..1].make_ascii_uppercase();
            let _ = writeln!(out, "\n{}", paint.bold(&heading));
            for requirement in self.with_status(state) {
                self.line(requirement, out);
            }
        }
        self.not_assessed(out);
    }

    /// What its number says, in words.
    fn figure(&self) -> String {
        let score = self.framework.score;
        match self.framework.framework.report {
            Report::Score => format!(
                "Score {:.1} to {:.1} of 100: the first if everything that was not assessed failed, the second if it passed. {:.0} % was assessed.",
                score.floor, score.ceiling, score.coverage
            ),
            Report::Support => format!(
                "Technical measures support it by {:.1} to {:.1} of 100, {:.0} % assessed. Whether it is complied with is not for a scan to say.",
                score.floor, score.ceiling, score.coverage
            ),
            Report::Coverage => {
                let found = self.framework.exposure();
                format!(
                    "A catalogue of threats: of {}, {} are looked at, and {} find a way open.",
                    found.of, found.assessed, found.exposed
                )
            }
        }
    }

    fn with_status(
        &self,
        status: RequirementStatus,
    ) -> impl Iterator<Item = &RequirementResult<'_>> {
        self.framework
            .requirements
            .iter()
            .filter(move |requirement| requirement.status == status)
    }

    fn gains(&self, out: &mut String) {
        let gains = self.framework.gains();
        if gains.is_empty() || !self.framework.has_score() {
            return;
        }
        let paint = self.look.paint;
        let heading = "What a fix would gain, in points of the first and the second figure";
        let _ = writeln!(out, "\n{}", paint.bold(heading));
        for gain in gains.iter().take(MOST_GAINS) {
            let result = &self.result.assessment.controls[gain.control];
            let control = result.control;
            let severity =
                paint.severity(control.severity, &format!("{:<8}", control.severity.name()));
            let taken = 36 + control.name.len();
            let room = self.look.width.saturating_sub(taken).max(24);
            let objects = cut(&self.failing_objects(gain.control), room);
            let text = format!("{} {}", control.name, paint.dim(&objects));
            let _ = writeln!(
                out,
                "{:>+7.2} {:>+6.2}  {severity}  {:<7}  {}",
                gain.floor, gain.ceiling, control.id, text
            );
        }
        let rest = gains.len().saturating_sub(MOST_GAINS);
        if rest > 0 {
            let _ = writeln!(out, "{}", paint.dim(&format!("{:>16}and {rest} more", "")));
        }
    }

    /// Objects in which a control found something that stands or was accepted.
    fn failing_objects(&self, control: usize) -> String {
        // They are in the order of the objects.
        let mut ids: Vec<_> = self
            .result
            .assessment
            .flaws
            .iter()
            .filter(|flaw| flaw.control() == control)
            .map(|flaw| flaw.object)
            .collect();
        ids.dedup();
        let names: Vec<String> = ids
            .iter()
            .take(MOST_OBJECTS)
            .map(|id| {
                let object = self.result.inventory.object(*id);
                let place = match object.namespace() {
                    "" => object.name().to_owned(),
                    namespace => format!("{namespace}/{}", object.name()),
                };
                printable(&format!("{} {place}", object.kind()))
            })
            .collect();
        let mut text = names.join(", ");
        let rest = ids.len().saturating_sub(MOST_OBJECTS);
        if rest > 0 {
            let _ = write!(text, " and {rest} more");
        }
        text
    }

    /// A requirement with what makes its state.
    fn line(&self, requirement: &RequirementResult<'_>, out: &mut String) {
        let paint = self.look.paint;
        let of = requirement.requirement;
        let kind = match of.kind {
            RequirementKind::Technical => "",
            RequirementKind::Mixed => " (technical and organisational)",
            RequirementKind::Organisational => " (organisational)",
        };
        let title = cut(
            &printable(&of.title),
            self.look.width.saturating_sub(24 + kind.len()).max(24),
        );
        let _ = writeln!(out, "  {:<20}  {title}{}", of.id, paint.dim(kind));
        let failing: Vec<String> = requirement
            .failing
            .iter()
            .map(|number| {
                let found = &self.result.assessment.controls[*number];
                let failed = found.tally.failed + found.tally.accepted;
                let all = failed + found.tally.passed + found.tally.not_assessed;
                format!(
                    "{} {} ({failed} of {all})",
                    found.control.id, found.control.name
                )
            })
            .collect();
        if !failing.is_empty() {
            self.paragraph(&format!("failing: {}", failing.join(", ")), "      ", out);
        }
        self.attested(requirement, out);
        if let Some(reason) = &requirement.reason {
            self.paragraph(reason, "      ", out);
        }
    }

    fn attested(&self, requirement: &RequirementResult<'_>, out: &mut String) {
        let Some(attestation) = &requirement.attestation else {
            return;
        };
        self.paragraph(&words::attested(attestation), "      ", out);
    }

    /// What is not known, by reason.
    fn not_assessed(&self, out: &mut String) {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for requirement in self.with_status(RequirementStatus::NotAssessed) {
            let reason = requirement.reason.as_deref().unwrap_or_default();
            let id = requirement.requirement.id.as_str();
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, ids)) => ids.push(id),
                None => reasons.push((reason, vec![id])),
            }
        }
        if reasons.is_empty() {
            return;
        }
        let _ = writeln!(out, "\n{}", self.look.paint.bold("Not assessed"));
        for (reason, ids) in reasons {
            self.paragraph(&format!("{reason}:"), "  ", out);
            self.paragraph(&ids.join(", "), "      ", out);
        }
    }

    fn requirement(&self, id: &str, out: &mut String) {
        let found = self
            .framework
            .requirements
            .iter()
            .find(|requirement| requirement.requirement.id.eq_ignore_ascii_case(id));
        let Some(requirement) = found else {
            return;
        };
        let paint = self.look.paint;
        let of = requirement.requirement;
        let heading = format!("{} {}: {}", self.framework.framework.id, of.id, of.title);
        let _ = writeln!(out, "{}", paint.bold(&printable(&heading)));
        let state = STATES
            .iter()
            .find(|(state, _)| *state == requirement.status)
            .map_or("", |(_, name)| name);
        let _ = writeln!(out, "{state}, {:.2} of 1\n", requirement.score);
        self.attested(requirement, out);
        if let Some(reason) = &requirement.reason {
            self.paragraph(reason, "", out);
        }
        let gains = self.framework.gains();
        for number in &requirement.controls {
            let found = &self.result.assessment.controls[*number];
            let state = match found.status {
                ControlStatus::Passed => paint.good("passed        "),
                ControlStatus::Failed => paint.bad("failed        "),
                ControlStatus::NotApplicable => paint.dim("not applicable"),
                ControlStatus::NotAssessed => paint.dim("not assessed  "),
            };
            let direct = found
                .control
                .evidence_for(&self.framework.framework.id)
                .is_some_and(|evidence| evidence.is_direct(&of.id));
            let how = if direct { "tests it" } else { "supports it" };
            let _ = writeln!(
                out,
                "{state}  {:<8}  {:<7}  {} {}",
                found.control.severity.name(),
                found.control.id,
                found.control.name,
                paint.dim(how)
            );
            if let Some(gain) = gains.iter().find(|gain| gain.control == *number) {
                let flaws = &self.result.assessment.flaws;
                let accepted = flaws
                    .iter()
                    .any(|flaw| flaw.control() == *number && flaw.accepted.is_some());
                let text = format!(
                    "{}; fixing it gains {:.2} points{}",
                    self.failing_objects(*number),
                    gain.floor,
                    if accepted {
                        ", some of it is accepted"
                    } else {
                        ""
                    }
                );
                self.paragraph(&text, "                ", out);
            }
        }
    }

    /// A text of as many lines as it needs.
    fn paragraph(&self, text: &str, indent: &str, out: &mut String) {
        let room = self.look.width.min(120).saturating_sub(indent.len());
        for line in wrap(&printable(text), room) {
            let _ = writeln!(out, "{indent}{line}");
        }
    }
}
