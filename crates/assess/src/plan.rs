//! Which controls are assessed, and for which kinds.

use std::collections::HashMap;

use crate::gap::Gap;
use plimsoll_catalog::{Catalog, Control, Severity, Unknown};
use plimsoll_inventory::KubernetesVersion;

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
                evidence
                    .direct
                    .iter()
                    .chain(&evidence.supports)
                    .any(|id| ids.contains(&id.as_str()))
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
    by_kind: HashMap<String, HashMap<String, Vec<usize>>>,
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

    /// Numbers of the controls for objects of this group and kind.
    pub(crate) fn controls_for(&mut self, group: &str, kind: &str) -> &[usize] {
        let is_known = self
            .by_kind
            .get(kind)
            .is_some_and(|groups| groups.contains_key(group));
        if !is_known {
            let numbers = self
                .controls
                .iter()
                .enumerate()
                .filter(|(at, control)| {
                    let is_blind = self.gaps.get(*at).and_then(Option::as_ref);
                    !is_blind.is_some_and(|gap| gap.is_blind)
                        && control.expect.is_some()
                        && control.kubernetes.contains(self.kubernetes)
                        && control.applies_to(group, kind)
                })
                .map(|(at, _)| at)
                .collect();
            let groups = self.by_kind.entry(kind.to_owned()).or_default();
            groups.insert(group.to_owned(), numbers);
        }
        &self.by_kind[kind][group]
    }
}
