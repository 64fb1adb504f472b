//! What a control applies to.

use plimsoll_inventory::{Component, NODE_FACTS_GROUP, NODE_FACTS_KIND, pod_template_path};

use crate::control::Needs;
use crate::each::{Each, Start};
use crate::front_matter::FrontMatter;
use crate::packed::Packed;
use crate::page::PageError;

/// What a control applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applies {
    /// Every kind with a pod template.
    Workloads,
    /// These kinds.
    Kinds(Vec<Kind>),
    /// What runs these components: node facts, Pods and `DaemonSets`; and these kinds beside.
    Components(Vec<Component>, Vec<Kind>),
}

/// A kind that a control applies to: the API group where it is stated, and its name.
pub type Kind = (Option<String>, String);

impl Applies {
    /// Whether it names objects of this group and kind.
    pub fn names(&self, group: &str, kind: &str) -> bool {
        match self {
            Applies::Workloads => pod_template_path(group, kind).is_some(),
            Applies::Kinds(kinds) | Applies::Components(_, kinds) => {
                kinds.iter().any(|(of_group, of_kind)| {
                    of_kind == kind && of_group.as_ref().is_none_or(|of_group| of_group == group)
                })
            }
        }
    }

    /// The components among it.
    pub fn components(&self) -> &[Component] {
        match self {
            Applies::Components(components, _) => components,
            Applies::Workloads | Applies::Kinds(_) => &[],
        }
    }

    /// Whether facts of nodes are judged, by themselves or by the components that they tell of.
    pub fn judges_node_facts(&self) -> bool {
        !self.components().is_empty()
            || *self != Applies::Workloads && self.names(NODE_FACTS_GROUP, NODE_FACTS_KIND)
    }

    /// In words: `kube-apiserver`, `Role, ClusterRole`, `every workload`.
    pub fn words(&self) -> String {
        match self {
            Applies::Workloads => "every workload".to_owned(),
            Applies::Kinds(kinds) | Applies::Components(_, kinds) => {
                let components = self.components().iter().map(|component| component.name());
                let kinds = kinds.iter().map(|(_, kind)| kind.as_str());
                components.chain(kinds).collect::<Vec<&str>>().join(", ")
            }
        }
    }
}

/// That the items of a control start where the objects it applies to have something.
pub(crate) fn check_starts(applies: &Applies, each: &[Each]) -> Result<(), &'static str> {
    let any = |start: Start| each.iter().any(|each| each.start == start);
    if (any(Start::Pod) || any(Start::Containers)) && *applies != Applies::Workloads {
        return Err("only workloads have a pod and containers: 'applies: workloads'");
    }
    let is_for_components = matches!(applies, Applies::Components(..));
    if any(Start::Components) && !is_for_components {
        return Err("'each: component' needs the name of a component in 'applies'");
    }
    if is_for_components && !any(Start::Components) {
        return Err(
            "a control that applies to components judges them: 'each: component', or a path below it",
        );
    }
    Ok(())
}

/// That a control on the facts of nodes says so, and changes nothing: what is found there stands for something else.
pub(crate) fn check_node_facts(
    applies: &Applies,
    needs: Needs,
    has_check: bool,
    has_fix: bool,
) -> Result<(), &'static str> {
    let judges_facts = applies.judges_node_facts();
    if judges_facts && has_check && needs != Needs::Node {
        return Err("a control on components or NodeFacts needs them: 'needs: node'");
    }
    if needs == Needs::Node && has_check && !judges_facts {
        return Err(
            "a check with 'needs: node' applies to components or to node.plimsoll.dev/NodeFacts; what a Node object says is 'needs: cluster'",
        );
    }
    if judges_facts && has_fix {
        return Err("the facts of a node cannot be edited: say under 'By hand' what a person does");
    }
    Ok(())
}

/// Reads `applies`.
pub(crate) fn applies<'p>(front: &FrontMatter<'p>, root: Packed<'p>) -> Result<Applies, PageError> {
    let texts = front.texts(root, "applies")?;
    if texts.is_empty() {
        return Err(front.error(root, "'applies' is missing"));
    }
    if texts == ["workloads"] {
        return Ok(Applies::Workloads);
    }
    let mut components = Vec::new();
    let mut kinds = Vec::new();
    for text in texts {
        match (Component::parse(text), text.rsplit_once('/')) {
            (Some(component), _) => components.push(component),
            (None, Some((group, kind))) => kinds.push((Some(group.to_owned()), kind.to_owned())),
            // Kinds begin with a capital.
            (None, None) if text.starts_with(|first: char| first.is_ascii_lowercase()) => {
                let known = Component::ALL.map(Component::name).join(", ");
                let message = format!(
                    "'{text}' is no kind and no component; 'workloads' stands alone, and components are {known}"
                );
                return Err(front.error(root, message));
            }
            (None, None) => kinds.push((None, text.to_owned())),
        }
    }
    Ok(if components.is_empty() {
        Applies::Kinds(kinds)
    } else {
        Applies::Components(components, kinds)
    })
}
