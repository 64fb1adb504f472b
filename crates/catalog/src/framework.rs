//! Frameworks: lists of requirements.

use std::collections::HashSet;

use plimsoll_inventory::KubernetesVersion;

use crate::control::MinorRange;
use crate::front_matter::{FrontMatter, Written};
use crate::packed::Packed;
use crate::page::PageError;

/// A framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framework {
    /// `pss-baseline`
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Of which edition the requirements are.
    pub version: String,
    /// Where its text is published.
    pub source: String,
    /// What can be said of it.
    pub report: Report,
    /// Whether only regulated data are its subject, so that a user says where those are.
    pub scoped: bool,
    /// The requirements, in the framework's order.
    pub requirements: Vec<Requirement>,
}

/// A requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Its id in the framework.
    pub id: String,
    /// What it asks for, in our words.
    pub title: String,
    /// Who can tell whether it is met.
    pub kind: RequirementKind,
    /// The Kubernetes minors for which it exists.
    pub kubernetes: MinorRange,
    /// Requirements whose place it takes where it exists.
    pub replaces: Vec<String>,
    /// Whether it only names a group of others, and asks for nothing itself.
    pub heading: bool,
    /// Whose duty it is; `None` for the user's own.
    pub duty: Option<Duty>,
}

/// What can be said of a framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Report {
    /// How far its requirements are met.
    Score,
    /// How far technical measures support it; whether it is met is not for a machine to say.
    Support,
    /// It is a catalogue of threats: which of them are looked at, and which find a way open.
    Coverage,
}

/// Whose duty a requirement is where somebody else runs a part of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Duty {
    /// Of whoever runs the control plane.
    ControlPlane,
}

/// Who can tell whether a requirement is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequirementKind {
    /// A machine.
    Technical,
    /// A person.
    Organisational,
    /// Both.
    Mixed,
}

impl Framework {
    /// Reads a framework file.
    ///
    /// # Errors
    /// The first mistake, with its place in the file.
    pub fn parse(path: &str, text: &str) -> Result<Framework, PageError> {
        Framework::read(&Written::parse(path, text, 0)?.front_matter())
    }

    /// A file of the project, packed.
    pub(crate) fn built_in(
        path: &'static str,
        packed: &'static str,
    ) -> Result<Framework, PageError> {
        Framework::read(&FrontMatter::built_in(path, packed))
    }

    fn read(front: &FrontMatter<'_>) -> Result<Framework, PageError> {
        let root = front.root();
        front.only_keys(
            root,
            &[
                "id",
                "title",
                "version",
                "source",
                "report",
                "scoped",
                "requirements",
            ],
        )?;
        let report = match front.text(root, "report")?.unwrap_or("score") {
            "score" => Report::Score,
            "support" => Report::Support,
            "coverage" => Report::Coverage,
            other => return Err(front.error(root, format!("'{other}' is no kind of report"))),
        };
        let list = root
            .get("requirements")
            .filter(|list| list.is_list())
            .ok_or_else(|| front.error(root, "'requirements' is missing"))?;
        let requirements = list
            .children()
            .map(|node| requirement(front, node))
            .collect::<Result<_, _>>()?;
        Ok(Framework {
            id: front.required(root, "id")?.to_owned(),
            title: front.required(root, "title")?.to_owned(),
            version: front.required(root, "version")?.to_owned(),
            source: front.required(root, "source")?.to_owned(),
            report,
            scoped: flag(root, "scoped"),
            requirements,
        })
    }

    /// The requirements that exist at a version: those whose place another one takes are left out.
    pub fn requirements_at(&self, version: KubernetesVersion) -> Vec<&Requirement> {
        let exists = |requirement: &&Requirement| {
            !requirement.heading && requirement.kubernetes.contains(version)
        };
        let existing: Vec<&Requirement> = self.requirements.iter().filter(exists).collect();
        let replaced: HashSet<&str> = existing
            .iter()
            .flat_map(|requirement| &requirement.replaces)
            .map(String::as_str)
            .collect();
        existing
            .into_iter()
            .filter(|requirement| !replaced.contains(requirement.id.as_str()))
            .collect()
    }
}

fn requirement<'p>(front: &FrontMatter<'p>, node: Packed<'p>) -> Result<Requirement, PageError> {
    front.only_keys(
        node,
        &[
            "id",
            "title",
            "kind",
            "kubernetes",
            "replaces",
            "heading",
            "duty",
        ],
    )?;
    let duty = match front.text(node, "duty")? {
        None => None,
        Some("control-plane") => Some(Duty::ControlPlane),
        Some(other) => return Err(front.error(node, format!("'{other}' is no duty"))),
    };
    let kind = match front.text(node, "kind")?.unwrap_or("technical") {
        "technical" => RequirementKind::Technical,
        "organisational" => RequirementKind::Organisational,
        "mixed" => RequirementKind::Mixed,
        other => return Err(front.error(node, format!("'{other}' is no kind of requirement"))),
    };
    let kubernetes = match front.text(node, "kubernetes")? {
        None => MinorRange::ALL,
        Some(text) => MinorRange::parse(text)
            .ok_or_else(|| front.error(node, "'kubernetes' is a range such as \">=1.25\""))?,
    };
    let replaces = front.texts(node, "replaces")?;
    Ok(Requirement {
        id: front.required(node, "id")?.to_owned(),
        title: front.required(node, "title")?.to_owned(),
        kind,
        kubernetes,
        replaces: replaces.into_iter().map(str::to_owned).collect(),
        heading: flag(node, "heading"),
        duty,
    })
}

fn flag(node: Packed<'_>, key: &str) -> bool {
    node.get(key).and_then(Packed::as_bool).unwrap_or(false)
}

impl RequirementKind {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            RequirementKind::Technical => "technical",
            RequirementKind::Organisational => "organisational",
            RequirementKind::Mixed => "mixed",
        }
    }
}
