//! `plimsoll export`

use std::collections::BTreeMap;
use std::fmt::Write;

use plimsoll_assess::select_controls;
use plimsoll_catalog::{Control, Severity};
use plimsoll_export::{Action, FailurePolicy, Policy, Refusal, Settings, export, label_selector};
use plimsoll_report::text::counted;
use serde_json::{Value, json};

use crate::arguments::{
    ExportAction, ExportCommand, ExportFailurePolicy, ExportFormat, ExportVapArguments,
    ScanArguments,
};
use crate::configuration::Configuration;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::scan::version;

pub(crate) fn run(command: &ExportCommand) -> Result<Exit, Failure> {
    match command {
        ExportCommand::Vap(arguments) => vap(arguments),
    }
}

/// A control, and its policy or why it has none.
type Exported<'c> = (&'c Control, Result<Policy, Refusal>);

fn vap(arguments: &ExportVapArguments) -> Result<Exit, Failure> {
    let configuration = Configuration::find(arguments.config.as_deref(), &[])?;
    let mut scan = ScanArguments {
        control: arguments.control.clone(),
        framework: arguments.framework.clone(),
        severity: arguments.severity,
        controls: arguments.controls.clone(),
        kubernetes_version: arguments.kubernetes_version.clone(),
        ..ScanArguments::default()
    };
    configuration.complete(&mut scan);
    let catalog = configuration.catalog(&scan.controls)?;
    let settings = settings(arguments, scan.kubernetes_version.as_deref())?;
    let controls = select_controls(
        catalog,
        &scan.control,
        &scan.framework,
        scan.severity.map(Severity::from),
        settings.kubernetes,
    )?;
    let exported: Vec<Exported<'_>> = controls
        .into_iter()
        .map(|control| (control, export(control, &settings)))
        .collect();
    match (arguments.format, arguments.list) {
        (ExportFormat::Json, list) => output::json(&as_json(&exported, !list))?,
        (ExportFormat::Yaml, true) => output::results(&table(&exported))?,
        (ExportFormat::Yaml, false) => {
            let policies = exported
                .iter()
                .filter_map(|(_, result)| result.as_ref().ok());
            output::results(&policies.map(Policy::to_yaml).collect::<String>())?;
        }
    }
    let named = !arguments.control.is_empty();
    if !arguments.list {
        tell(&exported, named);
    }
    let refused = exported.iter().any(|(_, result)| result.is_err());
    Ok(if named && refused {
        Exit::Incomplete
    } else {
        Exit::Done
    })
}

fn settings(arguments: &ExportVapArguments, kubernetes: Option<&str>) -> Result<Settings, Failure> {
    let kubernetes = version(kubernetes)?;
    if kubernetes.minor < Settings::FIRST_MINOR {
        return Err(Failure::Usage(format!(
            "Kubernetes {kubernetes} has no ValidatingAdmissionPolicy; it is stable since 1.{}",
            Settings::FIRST_MINOR
        )));
    }
    let mut actions: Vec<Action> = Vec::new();
    for action in &arguments.action {
        let action = match action {
            ExportAction::Deny => Action::Deny,
            ExportAction::Warn => Action::Warn,
            ExportAction::Audit => Action::Audit,
        };
        if !actions.contains(&action) {
            actions.push(action);
        }
    }
    if actions.contains(&Action::Deny) && actions.contains(&Action::Warn) {
        let message = "who is refused is told anyway: the API server takes --action deny and warn not together";
        return Err(Failure::Usage(message.to_owned()));
    }
    let selector = arguments
        .namespace_selector
        .as_deref()
        .map(label_selector)
        .transpose()?;
    Ok(Settings {
        actions,
        failure_policy: match arguments.failure_policy {
            ExportFailurePolicy::Fail => FailurePolicy::Fail,
            ExportFailurePolicy::Ignore => FailurePolicy::Ignore,
        },
        excluded_namespaces: arguments
            .exclude_namespace
            .iter()
            .filter(|name| !name.is_empty())
            .cloned()
            .collect(),
        namespace_selector: selector,
        ..Settings::at(kubernetes)
    })
}

fn as_json(exported: &[Exported<'_>], with_objects: bool) -> Value {
    let mut policies = Vec::new();
    let mut refused = Vec::new();
    for (control, result) in exported {
        match result {
            Ok(policy) => {
                let mut entry = json!({
                    "control": control.id,
                    "name": policy.name,
                    "cost": policy.cost,
                    "kindsLeftOut": policy.left_out,
                    "letThroughUnjudged": policy.not_judged,
                });
                if with_objects {
                    entry["policy"] = policy.policy.clone();
                    entry["binding"] = policy.binding.clone();
                }
                policies.push(entry);
            }
            Err(refusal) => refused.push(json!({
                "control": control.id,
                "name": control.name,
                "reason": refusal.name(),
                "message": refusal.to_string(),
            })),
        }
    }
    json!({"exported": policies, "notExported": refused})
}

fn table(exported: &[Exported<'_>]) -> String {
    let mut text = String::new();
    for (control, result) in exported {
        let says = match result {
            Err(refusal) => format!("no   {refusal}"),
            Ok(policy) if !policy.left_out.is_empty() => {
                format!("yes  but not for {}", policy.left_out.join(", "))
            }
            Ok(_) => "yes".to_owned(),
        };
        let _ = writeln!(text, "{}  {:<38}  {says}", control.id, control.name);
    }
    text
}

/// Says what is not in the output.
fn tell(exported: &[Exported<'_>], named: bool) {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for (control, result) in exported {
        match result {
            Ok(policy) if !policy.left_out.is_empty() => {
                output::message(&format!(
                    "{}: its policy is not for {}",
                    control.id,
                    policy.left_out.join(", ")
                ));
            }
            Ok(_) => {}
            Err(refusal) if named => {
                output::message(&format!(
                    "error: {} {} cannot be exported: {refusal}",
                    control.id, control.name
                ));
            }
            Err(refusal) => *reasons.entry(refusal.name()).or_default() += 1,
        }
    }
    let refused: usize = reasons.values().sum();
    if refused > 0 {
        let counts: Vec<String> = reasons
            .iter()
            .map(|(reason, count)| format!("{count} {}", in_words(reason)))
            .collect();
        output::message(&format!(
            "{} exported, {} not ({}); --list says why",
            counted(exported.len() - refused, "control"),
            refused,
            counts.join(", ")
        ));
    }
}

/// A class of refusals, after a number.
fn in_words(reason: &str) -> &str {
    match reason {
        "not-assessable" => "without a check",
        "version" => "for other Kubernetes versions",
        "cluster" => "that ask for other objects",
        "components" => "for components of the control plane or of nodes",
        "kinds" => "for kinds without admission policies",
        "server-set" => "that read what the API server sets",
        "functions" => "whose CEL this version has not",
        "cost" => "too dear for large objects",
        _ => "of a form that policies have not",
    }
}
