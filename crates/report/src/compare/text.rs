//! The difference of two reports, for people.

use std::fmt::Write;

use plimsoll_catalog::Severity;

use crate::compare::difference::{Change, Difference, Figures};
use crate::text::{Look, counted, printable, wrap_words};

/// Columns before what a row says.
const LABEL: usize = 16;

/// Shows what got better and what got worse.
pub fn render(difference: &Difference<'_>, look: Look) -> String {
    let mut out = String::new();
    let paint = look.paint;
    section(&paint.bad("worse"), &difference.worse, look, &mut out);
    section(&paint.good("better"), &difference.better, look, &mut out);
    let label = paint.bold("not looked at");
    section(&label, &difference.not_looked_at, look, &mut out);
    let mut row = |label: &str, text: &str| {
        let label = paint.bold(&format!("{label:<LABEL$}"));
        let _ = writeln!(out, "{label}{text}");
    };
    let text = format!(
        "{} worse, {} better, {} not looked at, {} unchanged",
        difference.worse.len(),
        difference.better.len(),
        difference.not_looked_at.len(),
        difference.unchanged
    );
    row("findings", &text);
    for change in &difference.scores {
        let text = format!("{} -> {}", figures(&change.old), figures(&change.new));
        let moved = change.new.floor - change.old.floor;
        let by = format!("{moved:+.1}");
        let by = if moved > 0.0 {
            paint.good(&by)
        } else if moved < 0.0 {
            paint.bad(&by)
        } else {
            "as before".to_owned()
        };
        row(&printable(change.of), &format!("{text}  {by}"));
    }
    out
}

fn figures(figures: &Figures) -> String {
    format!("{:.1} to {:.1}", figures.floor, figures.ceiling)
}

fn section(label: &str, changes: &[Change<'_>], look: Look, out: &mut String) {
    if changes.is_empty() {
        return;
    }
    let count = counted(changes.len(), "finding");
    let _ = writeln!(out, "{label}  {}", look.paint.dim(&count));
    for change in changes {
        let severity = match Severity::parse(change.severity) {
            Some(severity) => look
                .paint
                .severity(severity, &format!("{:<8}", severity.name())),
            None => format!("{:<8}", printable(change.severity)),
        };
        let object = &change.object;
        let name = if object.namespace.is_empty() {
            object.name.to_owned()
        } else {
            format!("{}/{}", object.namespace, object.name)
        };
        let place = change.location.as_ref().map_or_else(String::new, |place| {
            let line = place
                .line
                .map_or_else(String::new, |line| format!(":{line}"));
            format!("{}{line}", place.file)
        });
        let _ = writeln!(
            out,
            "  {severity}  {}  {}  {}",
            look.paint.bold(&printable(change.control)),
            printable(&format!("{} {name}", object.kind)),
            look.paint.dim(&printable(&place))
        );
        let why = match change.change {
            "noLongerAccepted" => ", and no longer accepted",
            "accepted" => ", accepted now",
            "controlNotAssessed" => ": its control was not assessed",
            "fileNotScanned" => ": its file was not scanned",
            _ => "",
        };
        let text = printable(&format!("{}{why}", change.message));
        for line in wrap_words(&text, look.width.saturating_sub(12)) {
            let _ = writeln!(out, "            {line}");
        }
    }
    out.push('\n');
}
