//! A control as a policy and its binding.

use plimsoll_catalog::Control;
use serde_json::{Value, json};

use crate::compiled::{Compiled, libraries_of};
use crate::kinds::{Kinds, Served};
use crate::reads::Reads;
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::shape::Shape;
use crate::{large, update, yaml};

/// A control as the API server enforces it.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The name of both objects: `plimsoll-psc-001-privileged-container`.
    pub name: String,
    /// The `ValidatingAdmissionPolicy`.
    pub policy: Value,
    /// The `ValidatingAdmissionPolicyBinding`.
    pub binding: Value,
    /// Kinds of the control that the policy does not judge, as the page names them.
    pub left_out: Vec<String>,
    /// Why an item may be let through without being judged.
    pub not_judged: Option<String>,
    /// What its dearest expression costs on a large object, in the API server's units.
    pub cost: u64,
}

const API_VERSION: &str = "admissionregistration.k8s.io/v1";

/// Makes a policy of a control.
///
/// # Errors
/// Why the API server could not enforce the control, or not as a scan judges it.
pub fn export(control: &Control, settings: &Settings) -> Result<Policy, Refusal> {
    let minor = settings.kubernetes.minor;
    if control.expect.is_none() {
        let reason = control.not_assessable.clone().unwrap_or_default();
        return Err(Refusal::NotAssessable(reason));
    }
    if !control.kubernetes.contains(settings.kubernetes) {
        return Err(Refusal::Version(minor));
    }
    let programs = [
        &control.when,
        &control.known,
        &control.expect,
        &control.message,
    ];
    if programs
        .into_iter()
        .flatten()
        .filter_map(|expression| expression.program().ok())
        .any(|program| program.reads(plimsoll_catalog::slots::CLUSTER))
    {
        return Err(Refusal::Cluster);
    }
    let kinds = Kinds::of(control)?;
    let reads = Reads::of(control)?;
    reads.check()?;
    let mut shape = Shape::of(control, &kinds, minor)?;
    let compiled = Compiled::of(&shape, minor).or_else(|_| {
        // A message can do without; the title says what is wrong then.
        shape.without_message();
        Compiled::of(&shape, minor)
    });
    let compiled = compiled.map_err(|reason| Refusal::Functions {
        minor: libraries_of(minor),
        reason,
    })?;
    let cost = large::check(&compiled, &kinds.served)?;
    let name = name_of(control);
    Ok(Policy {
        policy: policy(control, settings, &name, &kinds, &reads, &shape),
        binding: binding(settings, &name, control),
        name,
        left_out: kinds.left_out,
        not_judged: control.missing.clone(),
        cost: cost.dearest,
    })
}

impl Policy {
    /// Both objects as YAML, each after a line `---`.
    pub fn to_yaml(&self) -> String {
        format!(
            "---\n{}---\n{}",
            yaml::write(&self.policy),
            yaml::write(&self.binding)
        )
    }
}

fn name_of(control: &Control) -> String {
    let name = format!("plimsoll-{}-{}", control.id, control.name);
    name.chars()
        .map(|character| match character.to_ascii_lowercase() {
            lower if lower.is_ascii_alphanumeric() => lower,
            _ => '-',
        })
        .collect()
}

fn labels(control: &Control) -> Value {
    json!({
        "app.kubernetes.io/managed-by": "plimsoll",
        "plimsoll.dev/control": control.id,
        "plimsoll.dev/severity": control.severity.name(),
    })
}

fn policy(
    control: &Control,
    settings: &Settings,
    name: &str,
    kinds: &Kinds,
    reads: &Reads,
    shape: &Shape,
) -> Value {
    let mut annotations = json!({
        "plimsoll.dev/title": control.title,
        "plimsoll.dev/documentation": format!("plimsoll explain {}", control.id),
        "plimsoll.dev/kubernetes": settings.kubernetes.to_string(),
    });
    if !kinds.left_out.is_empty() {
        annotations["plimsoll.dev/kinds-left-out"] = kinds.left_out.join(", ").into();
    }
    if let Some(missing) = &control.missing {
        annotations["plimsoll.dev/let-through-unjudged"] = missing.as_str().into();
    }
    let variables: Vec<Value> = shape
        .variables
        .iter()
        .map(|(name, expression)| json!({"name": name, "expression": expression}))
        .collect();
    let mut validation = json!({"expression": shape.expression, "message": control.title});
    if let Some(message) = &shape.message {
        validation["messageExpression"] = message.as_str().into();
    }
    validation["reason"] = "Invalid".into();
    let mut spec = json!({
        "failurePolicy": settings.failure_policy.name(),
        "matchConstraints": {"resourceRules": rules(&kinds.served)},
        "matchConditions": [update::condition(&control.applies, reads)],
    });
    if !variables.is_empty() {
        spec["variables"] = variables.into();
    }
    spec["validations"] = json!([validation]);
    json!({
        "apiVersion": API_VERSION,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name, "labels": labels(control), "annotations": annotations},
        "spec": spec,
    })
}

/// One rule for each group, so that the resources of one are not looked for in another.
fn rules(kinds: &[&Served]) -> Value {
    let mut rules: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for served in kinds {
        match rules
            .iter_mut()
            .find(|(group, version, _)| (*group, *version) == (served.group, served.version))
        {
            Some((.., resources)) => resources.extend(served.resources),
            None => rules.push((served.group, served.version, served.resources.to_vec())),
        }
    }
    rules
        .into_iter()
        .map(|(group, version, resources)| {
            json!({
                "apiGroups": [group], "apiVersions": [version], "operations": ["CREATE", "UPDATE"], "resources": resources,
            })
        })
        .collect()
}

fn binding(settings: &Settings, name: &str, control: &Control) -> Value {
    let actions: Vec<&str> = settings
        .actions
        .iter()
        .map(|action| action.name())
        .collect();
    let mut spec = json!({"policyName": name, "validationActions": actions});
    if let Some(selector) = namespaces(settings) {
        spec["matchResources"] = json!({"namespaceSelector": selector});
    }
    json!({
        "apiVersion": API_VERSION,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name, "labels": labels(control)},
        "spec": spec,
    })
}

/// The selector of namespaces; `None` where all are judged.
fn namespaces(settings: &Settings) -> Option<Value> {
    let mut selector = settings
        .namespace_selector
        .clone()
        .unwrap_or_else(|| json!({}));
    if !settings.excluded_namespaces.is_empty() {
        let excluded = json!({
            "key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": settings.excluded_namespaces,
        });
        match selector["matchExpressions"].as_array_mut() {
            Some(expressions) => expressions.push(excluded),
            None => selector["matchExpressions"] = json!([excluded]),
        }
    }
    let is_empty = selector.as_object().is_none_or(serde_json::Map::is_empty);
    (!is_empty).then_some(selector)
}
