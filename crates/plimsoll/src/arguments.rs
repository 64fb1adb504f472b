//! The command line as it is typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Kubernetes compliance: right verdicts, honest scores.
#[derive(Debug, Parser)]
#[command(
    name = "plimsoll",
    version,
    max_term_width = 100,
    propagate_version = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge manifests by the controls, and give a score.
    Scan(ScanArguments),
    /// Say all there is to know of a control, framework or requirement.
    Explain(ExplainArguments),
    /// List the controls.
    Controls(ListArguments),
    /// List the frameworks.
    Frameworks(ListArguments),
    /// Evaluate a CEL expression on objects: try out a check, see its value and cost.
    Eval(EvalArguments),
    /// Print a completion script for a shell.
    Completions(CompletionsArguments),
}

/// Examples:
///   plimsoll scan deploy/
///   kubectl get pods -A -o json | plimsoll scan -
///   plimsoll scan --framework pss-restricted --kubernetes-version 1.34 'k8s/**/*.yaml'
///   plimsoll scan . -o json=report.json -o console --fail-on high
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ScanArguments {
    /// Files, folders, globs, or - for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only controls that give evidence for this framework, and its score. May be given several times.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) framework: Vec<String>,
    /// Only this control: its id, name, or the id that another tool has for it. May be given several times.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) control: Vec<String>,
    /// Only controls of this severity and above.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) severity: Option<Level>,
    /// The report: console, json. With =FILE it goes there. May be given several times.
    #[arg(short = 'o', long = "format", value_name = "FMT[=FILE]")]
    pub(crate) formats: Vec<String>,
    /// Exit with 1 if there is a finding of this severity or above.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) fail_on: Option<Level>,
    /// Exit with 1 if the floor of the score is below this, of 100.
    #[arg(long, value_name = "N")]
    pub(crate) min_score: Option<f64>,
    /// Exit with 1 if less than this share of what was asked for was assessed, in percent.
    #[arg(long, value_name = "N")]
    pub(crate) min_coverage: Option<f64>,
    /// The Kubernetes version whose defaults and rules count. The newest known, if not given.
    #[arg(long, value_name = "1.N")]
    pub(crate) kubernetes_version: Option<String>,
    /// Take documents that are no Kubernetes objects, and keys stated twice, as errors.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print the summary only.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) look: LookArguments,
}

#[derive(Debug, Args)]
pub(crate) struct LookArguments {
    /// When to use colours.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColourChoice,
    /// Columns of the output; those of the terminal, if not given.
    #[arg(long, value_name = "N")]
    pub(crate) output_width: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// The id or name of a control, the id that another tool has for it, a framework or a requirement.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) look: LookArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// How to print the list.
    #[arg(short = 'o', long, default_value = "console")]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) look: LookArguments,
}

/// Examples:
///   plimsoll eval 'object.spec.replicas > 1' deploy/
///   plimsoll eval "quantity('1Gi').compareTo(quantity('1G'))"
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct EvalArguments {
    /// The expression. `object` is the object; `kubernetes.minor` the version.
    #[arg(value_name = "EXPR")]
    pub(crate) expression: String,
    /// Files, folders, globs, or - for standard input. Without one the expression is evaluated once, on nothing.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Whose rules: those of control pages, an admission policy, Kyverno, or the language's conformance suite.
    #[arg(long, default_value = "controls")]
    pub(crate) dialect: Dialect,
    /// The Kubernetes version whose libraries there are.
    #[arg(long, value_name = "1.N")]
    pub(crate) kubernetes_version: Option<String>,
    /// How to print the results.
    #[arg(short = 'o', long, default_value = "console")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColourChoice {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Console,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dialect {
    Controls,
    Admission,
    Kyverno,
    Conformance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    Low,
    Medium,
    High,
    Critical,
}

impl From<Level> for plimsoll_catalog::Severity {
    fn from(level: Level) -> plimsoll_catalog::Severity {
        match level {
            Level::Low => plimsoll_catalog::Severity::Low,
            Level::Medium => plimsoll_catalog::Severity::Medium,
            Level::High => plimsoll_catalog::Severity::High,
            Level::Critical => plimsoll_catalog::Severity::Critical,
        }
    }
}
