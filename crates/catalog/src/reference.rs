//! The reference in the user's book, made from the pages and framework files.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::catalog::Catalog;
use crate::control::{Control, Needs};
use crate::framework::{Duty, Framework, Report, RequirementKind};
use crate::front_matter::PageText;

impl Catalog {
    /// The files of the reference: their paths below the folder of the book, and their texts.
    pub fn reference(&self) -> Vec<(String, String)> {
        let mut files = vec![
            ("reference/areas.md".to_owned(), self.area_index()),
            ("reference/frameworks.md".to_owned(), self.framework_index()),
            ("reference/aliases.md".to_owned(), self.alias_index()),
            ("reference/parameters.md".to_owned(), self.parameter_index()),
        ];
        for (area, controls) in self.areas() {
            files.push((
                format!("reference/controls/{area}.md"),
                area_page(area, &controls),
            ));
        }
        for framework in self.frameworks() {
            files.push((
                format!("reference/frameworks/{}.md", framework.id),
                self.framework_page(framework),
            ));
        }
        files
    }

    fn areas(&self) -> BTreeMap<&str, Vec<&Control>> {
        let mut areas: BTreeMap<&str, Vec<&Control>> = BTreeMap::new();
        for control in self.controls() {
            areas.entry(&control.area).or_default().push(control);
        }
        areas
    }

    fn area_index(&self) -> String {
        let mut text = format!(
            "# Controls by area\n\n{} controls. A control that needs a cluster relates objects to each other: it is judged on whatever set of\nobjects is scanned, and says where that is not enough.\n",
            self.controls().len()
        );
        for (area, controls) in self.areas() {
            let _ = write!(
                text,
                "\n## {area}\n\n| id | name | severity | needs | what is wrong |\n|---|---|---|---|---|\n"
            );
            for control in controls {
                let _ = writeln!(
                    text,
                    "| [{id}](controls/{area}.md#{anchor}) | {name} | {severity} | {needs} | {title} |",
                    id = control.id,
                    anchor = anchor(control),
                    name = control.name,
                    severity = control.severity,
                    needs = control.needs.name(),
                    title = cell(&control.title),
                );
            }
        }
        text
    }

    fn framework_index(&self) -> String {
        let mut text = "# Frameworks\n\n| id | title | requirements | with controls | organisational |\n|---|---|---|---|---|\n".to_owned();
        for framework in self.frameworks() {
            let of = || {
                framework
                    .requirements
                    .iter()
                    .filter(|requirement| !requirement.heading)
            };
            let covered = of()
                .filter(|requirement| !self.evidence_of(framework, &requirement.id).is_empty())
                .count();
            let organisational = of()
                .filter(|requirement| requirement.kind == RequirementKind::Organisational)
                .count();
            let _ = writeln!(
                text,
                "| [{id}](frameworks/{id}.md) | {title} | {count} | {covered} | {organisational} |",
                id = framework.id,
                title = cell(&framework.title),
                count = of().count(),
            );
        }
        text.push_str("\nTitles of requirements are in our own words; the ids belong to those who publish the frameworks.\n");
        text
    }

    fn framework_page(&self, framework: &Framework) -> String {
        let mut text = format!(
            "# {}\n\n{}. Source: <{}>\n",
            framework.title, framework.version, framework.source
        );
        text.push_str(match framework.report {
            Report::Score => "",
            Report::Support => "\nTechnical measures support these articles. Whether they are complied with is not for a scan to say.\n",
            Report::Coverage => "\nA catalogue of threats: a scan says which are looked at and which find a way open, and gives no share that is passed.\n",
        });
        if framework.scoped {
            text.push_str("\nIt is about regulated data: `regulated-namespaces` in the configuration says where those are.\n");
        }
        text.push_str("\nControls in bold test the requirement itself; the others give evidence towards it.\n\n| requirement | title | kind | controls |\n|---|---|---|---|\n");
        for requirement in &framework.requirements {
            if requirement.heading {
                continue;
            }
            let evidence: Vec<String> = self
                .evidence_of(framework, &requirement.id)
                .into_iter()
                .map(|(control, direct)| {
                    let link = format!(
                        "[{}](../controls/{}.md#{})",
                        control.id,
                        control.area,
                        anchor(control)
                    );
                    if direct { format!("**{link}**") } else { link }
                })
                .collect();
            let controls = if !evidence.is_empty() {
                evidence.join(", ")
            } else if requirement.kind == RequirementKind::Organisational {
                "by attestation".to_owned()
            } else {
                "not automated; by attestation".to_owned()
            };
            let duty = match requirement.duty {
                Some(Duty::ControlPlane) => ", of whoever runs the control plane",
                None => "",
            };
            let _ = writeln!(
                text,
                "| {} | {} | {}{duty} | {controls} |",
                cell(&requirement.id),
                cell(&requirement.title),
                requirement.kind.name()
            );
        }
        text
    }

    /// The controls for a requirement, and whether each tests it.
    fn evidence_of(&self, framework: &Framework, id: &str) -> Vec<(&Control, bool)> {
        self.controls()
            .iter()
            .filter_map(|control| {
                let evidence = control.evidence_for(&framework.id)?;
                if evidence.is_direct(id) {
                    Some((control, true))
                } else {
                    evidence.is_support(id).then_some((control, false))
                }
            })
            .collect()
    }

    fn alias_index(&self) -> String {
        let mut tools: BTreeMap<&str, BTreeMap<&str, Vec<&Control>>> = BTreeMap::new();
        for control in self.controls() {
            for alias in &control.aliases {
                for id in &alias.ids {
                    tools
                        .entry(&alias.tool)
                        .or_default()
                        .entry(id)
                        .or_default()
                        .push(control);
                }
            }
        }
        let mut text =
            "# Ids of other tools\n\n`--control` and `plimsoll explain` take these ids, too.\n"
                .to_owned();
        for (tool, ids) in tools {
            let _ = write!(text, "\n## {tool}\n\n| there | here |\n|---|---|\n");
            for (id, controls) in ids {
                let links: Vec<String> = controls
                    .iter()
                    .map(|control| {
                        format!(
                            "[{} {}](controls/{}.md#{})",
                            control.id,
                            control.name,
                            control.area,
                            anchor(control)
                        )
                    })
                    .collect();
                let _ = writeln!(text, "| {} | {} |", cell(id), links.join(", "));
            }
        }
        text
    }

    fn parameter_index(&self) -> String {
        let mut parameters: BTreeMap<&str, (&str, String, Vec<&str>)> = BTreeMap::new();
        for control in self.controls() {
            for parameter in control.parameters.list() {
                let entry = parameters.entry(&parameter.name).or_insert_with(|| {
                    (&parameter.about, parameter.default.to_string(), Vec::new())
                });
                entry.2.push(&control.id);
            }
        }
        let mut text = "# Parameters\n\nWhat controls take from `parameters` in `plimsoll.yaml`. A report shows the values that counted.\n\n| parameter | what it is | default | controls |\n|---|---|---|---|\n".to_owned();
        for (name, (about, default, controls)) in parameters {
            let _ = writeln!(
                text,
                "| `{name}` | {} | `{}` | {} |",
                cell(about),
                cell(&shortened(&default)),
                controls.join(", ")
            );
        }
        text
    }
}

/// A default of many values is shown on its control's page.
fn shortened(default: &str) -> String {
    const MOST: usize = 120;
    if default.chars().count() <= MOST {
        return default.to_owned();
    }
    let start: String = default.chars().take(MOST).collect();
    format!("{start}...")
}

/// What a heading becomes in the address of its page.
fn anchor(control: &Control) -> String {
    format!("{}-{}", control.id.to_lowercase(), control.name)
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn area_page(area: &str, controls: &[&Control]) -> String {
    let mut text = format!("# {area}\n");
    for control in controls {
        let _ = write!(
            text,
            "\n## {} {}\n\n**{}.** {} (risk {} of 10), needs {} data, since {}.\n\n{}\n",
            control.id,
            control.name,
            control.title,
            control.severity,
            control.risk,
            control.needs.name(),
            control.since,
            control.page.introduction()
        );
        if control.expect.is_some() && !control.components().is_empty() {
            let components: Vec<&str> = control
                .components()
                .iter()
                .map(|component| component.name())
                .collect();
            let _ = write!(
                text,
                "\nJudged on {}: by the [facts of nodes](../../node-facts.md), and by the Pods of `kube-system` that run it.\n",
                components.join(" and ")
            );
        }
        match &control.not_assessable {
            Some(reason) => {
                let _ = write!(text, "\nNot assessed: {reason}.\n");
            }
            None => {
                let _ = write!(
                    text,
                    "\n```cel\n{}\n```\n",
                    control.expect_text().trim_end()
                );
            }
        }
        let looks_around = matches!(control.needs, Needs::Cluster | Needs::Node);
        if let (Some(missing), true) = (&control.missing, looks_around) {
            let _ = write!(text, "\nNot assessed where the scan {missing}.\n");
        }
        for parameter in control.parameters.list() {
            let _ = write!(
                text,
                "\nParameter `{}`: {}. Default `{}`.\n",
                parameter.name, parameter.about, parameter.default
            );
        }
        if let Some(by_hand) = control.page.section("By hand") {
            let _ = write!(text, "\n*By hand.* {}\n", by_hand.trim());
        }
        let evidence: Vec<String> = control
            .evidence
            .iter()
            .map(|evidence| {
                let direct = evidence.direct.iter().map(|id| format!("**{id}**"));
                let all: Vec<String> = direct
                    .chain(evidence.supports.iter().map(PageText::to_string))
                    .collect();
                format!("{} {}", evidence.framework, all.join(", "))
            })
            .collect();
        if !evidence.is_empty() {
            let _ = write!(text, "\nEvidence for: {}.\n", evidence.join("; "));
        }
        let aliases: Vec<String> = control
            .aliases
            .iter()
            .map(|alias| format!("{} {}", alias.tool, alias.ids.join(", ")))
            .collect();
        if !aliases.is_empty() {
            let _ = write!(text, "\nIn other tools: {}.\n", aliases.join("; "));
        }
    }
    text
}
