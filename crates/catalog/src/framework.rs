//! Frameworks: lists of requirements.

use plimsoll_document::Node;
use plimsoll_inventory::KubernetesVersion;

use crate::control::MinorRange;
use crate::front_matter::FrontMatter;
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
        let front = FrontMatter::parse(path, text, 0)?;
        let root = front.root();
        front.only_keys(root, &["id", "title", "version", "source", "requirements"])?;
        let list = root
            .get_name("requirements")
            .filter(|list| list.is_list())
            .ok_or_else(|| front.error(root, "'requirements' is missing"))?;
        let requirements = list
            .children()
            .map(|node| requirement(&front, node))
            .collect::<Result<_, _>>()?;
        Ok(Framework {
            id: front.required(root, "id")?.to_owned(),
            title: front.required(root, "title")?.to_owned(),
            version: front.required(root, "version")?.to_owned(),
            source: front.required(root, "source")?.to_owned(),
            requirements,
        })
    }

    /// The requirements that exist at a version: those whose place another one takes are left out.
    pub fn requirements_at(&self, version: KubernetesVersion) -> Vec<&Requirement> {
        let exists = |requirement: &&Requirement| requirement.kubernetes.contains(version);
        let existing: Vec<&Requirement> = self.requirements.iter().filter(exists).collect();
        existing
            .iter()
            .filter(|requirement| {
                !existing
                    .iter()
                    .any(|other| other.replaces.contains(&requirement.id))
            })
            .copied()
            .collect()
    }
}

fn requirement(front: &FrontMatter, node: Node<'_>) -> Result<Requirement, PageError> {
    front.only_keys(node, &["id", "title", "kind", "kubernetes", "replaces"])?;
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
    Ok(Requirement {
        id: front.required(node, "id")?.to_owned(),
        title: front.required(node, "title")?.to_owned(),
        kind,
        kubernetes,
        replaces: front.texts(node, "replaces")?,
    })
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
