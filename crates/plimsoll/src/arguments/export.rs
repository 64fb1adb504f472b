//! `plimsoll export` as it is typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Level;

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Controls as policies that the API server itself enforces, each a `ValidatingAdmissionPolicy`.
    #[command(after_help = "Examples:
  plimsoll export vap > policies.yaml
  plimsoll export vap PSC-001 host-network --kubernetes-version 1.34 | kubectl apply -f -
  plimsoll export vap --framework pss-baseline --action warn --action audit
  plimsoll export vap --list

A policy says of an object what a scan says of its manifest. A control that has no such policy is left out, with the
reason.

Exit codes: 0 done, 2 wrong command line, 3 a control that was asked for by name cannot be exported.")]
    Vap(ExportVapArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ExportVapArguments {
    /// Controls, by id or name, or the id that another tool has for them; all that can be exported, if none is given.
    #[arg(value_name = "CONTROL")]
    pub(crate) control: Vec<String>,
    /// Only controls that give evidence for this framework; may be given several times.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) framework: Vec<String>,
    /// Only controls of this severity and above.
    #[arg(long, value_name = "LEVEL", ignore_case = true)]
    pub(crate) severity: Option<Level>,
    /// Controls of your own beside the built-in ones, as for a scan.
    #[arg(long, value_name = "PATH")]
    pub(crate) controls: Vec<PathBuf>,
    /// The Kubernetes version of the cluster: which functions policies have, and which rules count.
    #[arg(long, value_name = "1.N")]
    pub(crate) kubernetes_version: Option<String>,
    /// The configuration, as for a scan: its parameters become part of the policies.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What happens to an object that fails; may be given twice, but deny and warn exclude each other.
    #[arg(
        long,
        value_name = "ACTION",
        ignore_case = true,
        value_delimiter = ',',
        default_value = "deny"
    )]
    pub(crate) action: Vec<ExportAction>,
    /// What happens to an object on which a policy has an error: it fails, or the error is ignored.
    #[arg(
        long,
        value_name = "POLICY",
        ignore_case = true,
        default_value = "fail"
    )]
    pub(crate) failure_policy: ExportFailurePolicy,
    /// Only objects in namespaces with these labels, as kubectl selects: env in (prod), team=web.
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) namespace_selector: Option<String>,
    /// Not objects of this namespace; may be given several times, and empty for no namespace.
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "kube-system"
    )]
    pub(crate) exclude_namespace: Vec<String>,
    /// Say which controls can be exported, and why the others cannot; write no policy.
    #[arg(long)]
    pub(crate) list: bool,
    /// How to print it.
    #[arg(short = 'o', long, default_value = "yaml")]
    pub(crate) format: ExportFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportAction {
    /// It is refused.
    Deny,
    /// Whoever sent it is told.
    Warn,
    /// The audit event says so.
    Audit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFailurePolicy {
    /// The object counts as failed.
    Fail,
    /// The object is let through.
    Ignore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// YAML for kubectl; with --list a table.
    Yaml,
    /// JSON: what was exported and what was not, with the reasons.
    Json,
}
