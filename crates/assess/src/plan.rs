//! Which controls are assessed, and for which kinds.

use std::collections::HashMap;

use crate::gap::Gap;
use plimsoll_catalog::{Catalog, Control, Severity, Unknown};
use plimsoll_inventory::{CLUSTER_GROUP, CLUSTER_KIND, KubernetesVersion, can_run_components};

/// The controls that were asked for, ordered by id: all of them where nothing was asked for in particular.
///
/// # Errors
/// A control or framework that there is none of.
pub fn select_controls<'c>(
    catalog: &'c Catalog,
    controls: &[String],
    frameworks: &[String],
    severity: Option<Severity>,
    kubernetes: KubernetesVersion,
) -> Result<Vec<&'c Control>, Unknown> {
    let mut named: Vec<&str> = Vec::new();
    for name in controls {
        for control in catalog.find_controls(name)? {
            named.push(&control.id);
        }
    }
    let mut requirements: Vec<(&str, Vec<&str>)> = Vec::new();
    for id in frameworks {
        let framework = catalog.find_framework(id)?;
        let ids = framework
            .requirements_at(kubernetes)
            .into_iter()
            .map(|requirement| requirement.id.as_str())
            .collect();
        requirements.push((&framework.id, ids));
    }
    let gives_evidence = |control: &Control| {
        requirements.iter().any(|(framework, ids)| {
            control.evidence_for(framework).is_some_and(|evidence| {
                ids.iter()
                    .any(|id| evidence.is_direct(id) || evidence.is_support(id))
            })
        })
    };
    Ok(catalog
        .controls()
        .iter()
        .filter(|control| controls.is_empty() || named.contains(&control.id.as_str()))
        .filter(|control| frameworks.is_empty() || gives_evidence(control))
        .filter(|control| severity.is_none_or(|least| control.severity >= least))
        .collect())
}

/// For each kind the numbers of the controls that judge it, found once.
pub(crate) struct Plan<'p, 'c> {
    controls: &'p [&'c Control],
    kubernetes: KubernetesVersion,
    /// By control: what was not read for it.
    gaps: &'p [Option<Gap>],
    /// By kind, then by group. A kind is looked up for every object, so that no key is made for it.
    by_kind: HashMap<String, HashMap<String, KindPlan>>,
}

/// The numbers of the controls that have to do with a kind.
#[derive(Debug, Default)]
pub(crate) struct KindPlan {
    /// Those that judge every object of it.
    pub(crate) judging: Vec<usize>,
    /// Those that judge the ones that run a component.
    pub(crate) of_components: Vec<usize>,
    /// Those that are not assessed on one of it, a Node or the cluster, where facts of nodes are missing.
    pub(crate) lacking_facts: Vec<usize>,
}

impl KindPlan {
    pub(crate) fn is_empty(&self) -> bool {
        self.judging.is_empty() && self.of_components.is_empty() && self.lacking_facts.is_empty()
    }
}

impl<'p, 'c> Plan<'p, 'c> {
    pub(crate) fn new(
        controls: &'p [&'c Control],
        kubernetes: KubernetesVersion,
        gaps: &'p [Option<Gap>],
    ) -> Plan<'p, 'c> {
        Plan {
            controls,
            kubernetes,
            gaps,
            by_kind: HashMap::new(),
        }
    }

    /// The controls for objects of this group and kind.
    pub(crate) fn controls_for(&mut self, group: &str, kind: &str) -> &KindPlan {
        let is_known = self
            .by_kind
            .get(kind)
            .is_some_and(|groups| groups.contains_key(group));
        if !is_known {
            let plan = self.kind_plan(group, kind);
            let groups = self.by_kind.entry(kind.to_owned()).or_default();
            groups.insert(group.to_owned(), plan);
        }
        &self.by_kind[kind][group]
    }

    fn kind_plan(&self, group: &str, kind: &str) -> KindPlan {
        let mut plan = KindPlan::default();
        let runs_components = can_run_components(group, kind);
        let may_lack_facts =
            (group, kind) == ("", "Node") || (group, kind) == (CLUSTER_GROUP, CLUSTER_KIND);
        for (at, control) in self.controls.iter().enumerate() {
            let gap = self.gaps.get(at).and_then(Option::as_ref);
            if control.expect.is_none()
                || !control.kubernetes.contains(self.kubernetes)
                || gap.is_some_and(|gap| gap.is_blind)
            {
                continue;
            }
            if control.applies_to(group, kind) {
                plan.judging.push(at);
            } else if runs_components && !control.components().is_empty() {
                plan.of_components.push(at);
            }
            if may_lack_facts && control.judges_node_facts() {
                plan.lacking_facts.push(at);
            }
        }
        plan
    }
}
