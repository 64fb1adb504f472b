//! The command line as it is typed.

mod cluster;
mod export;
mod node;
mod render;
mod work;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use plimsoll_assess::{DEFAULT_DAYS, MOST_DAYS};

pub(crate) use cluster::{ClusterArguments, SnapshotArguments};
pub(crate) use export::{
    ExportAction, ExportCommand, ExportFailurePolicy, ExportFormat, ExportVapArguments,
};
pub(crate) use node::{NodeArguments, NodeFormat};
pub(crate) use render::RenderArguments;
pub(crate) use work::{MOST_FILE_SIZE, MOST_MEMORY, MOST_SECONDS, MOST_THREADS, WorkArguments};

/// Kubernetes compliance: right verdicts, honest scores.
#[derive(Debug, Parser)]
#[command(
    name = "plimsoll",
    version,
    max_term_width = 100,
    propagate_version = true,
    disable_help_subcommand = true,
    after_help = "Examples:
  plimsoll scan deploy/
  plimsoll explain privileged-container
  plimsoll eval 'object.spec.replicas > 1' deploy/

Exit codes: 0 done, 1 a gate is broken, 2 wrong command line, 3 something could not be read or assessed."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge manifests by the controls, and give a score.
    #[command(after_help = "Examples:
  plimsoll scan deploy/
  plimsoll scan 'k8s/**/*.yaml' --framework pss-restricted --kubernetes-version 1.34
  kubectl get pods -A -o json | plimsoll scan -
  plimsoll scan charts/web --helm-values prod.yaml --fail-on high
  plimsoll scan . -o console -o json=report.json --quiet
  plimsoll scan --cluster --context production
  plimsoll scan --cluster --framework pss-restricted --explain-permissions | kubectl apply -f -

A comment  # plimsoll:ignore PSC-001 reason  on a line, or an annotation
plimsoll.dev/ignore: \"PSC-001 reason\"  on an object, accepts a finding; the report still lists it.
A file .plimsollignore leaves files out of folders, in the syntax of .gitignore.

Exit codes: 0 done, 1 a gate is broken (--fail-on, --min-score, --min-coverage, --baseline), 2 wrong command line,
3 something asked for could not be read or assessed.")]
    Scan(Box<ScanArguments>),
    /// Keep what a scan reads of a cluster in a file, to be scanned later or elsewhere.
    #[command(after_help = "Examples:
  plimsoll snapshot -o cluster.snapshot
  plimsoll snapshot -o cluster.snapshot --context production --without-secrets
  plimsoll scan cluster.snapshot

The values of Secrets are not in it: digests stand for them, and their salt is kept nowhere. All else is as the API
server gives it.

Exit codes: 0 done, 2 wrong command line, 3 something could not be read; the snapshot holds the rest.")]
    Snapshot(SnapshotArguments),
    /// Mend what the controls find, in the text as it is written; every edit is proven first.
    #[command(after_help = "Examples:
  plimsoll fix deploy/
  plimsoll fix deploy/ --write
  plimsoll fix deploy/ --control privileged-container --unsafe > fix.patch
  plimsoll fix charts/web --as kustomize

Without --write the edits are shown as a diff, and nothing is written. Only what is edited changes: comments, order,
quotes, indentation and line ends stay. An edit is made only where the text then says just what was meant, its finding
is gone and there is no new one; what stays is listed with the reason.

Exit codes: 0 done, 2 wrong command line, 3 something could not be read or written.")]
    Fix(FixArguments),
    /// Say all there is to know of a control, framework or requirement.
    #[command(after_help = "Examples:
  plimsoll explain PSC-001
  plimsoll explain privileged-container
  plimsoll explain C-0057
  plimsoll explain pss-baseline
  plimsoll explain hipaa deploy/ --attestations attestations.yaml
  plimsoll explain '164.312(a)(1)' deploy/")]
    Explain(ExplainArguments),
    /// List the controls.
    Controls(ListArguments),
    /// List the frameworks.
    Frameworks(ListArguments),
    /// Evaluate a CEL expression on objects: try out a check, see its value and cost.
    #[command(after_help = "Examples:
  plimsoll eval 'object.spec.replicas > 1' deploy/
  plimsoll eval \"object.spec.containers.all(c, !c.image.endsWith(':latest'))\" pod.yaml
  plimsoll eval \"quantity('1Gi').compareTo(quantity('1G'))\"

Exit codes: 0 done, 2 the expression is wrong, 3 it has an error on an object, or something could not be read.")]
    Eval(EvalArguments),
    /// Judge the examples of control pages: whether they pass, fail and are fixed as the pages say.
    #[command(after_help = "Examples:
  plimsoll test controls/
  plimsoll test our-controls/team-label-missing.md

Exit codes: 0 every page is right, 1 one is wrong, 2 wrong command line, 3 something could not be read.")]
    Test(TestArguments),
    /// Read the machine this runs on: its processes, settings, files and kernel, for a scan to judge.
    #[command(after_help = "Examples:
  plimsoll node > node-1.yaml
  plimsoll scan node-1.yaml
  plimsoll node --manifest --image registry.example.com/plimsoll:0.1.0 | kubectl apply -f -

Nothing is changed, no program is run and no network is used. What may not be read is part of the facts, with the
reason; as root there is the least of it. Credentials are hidden.

Exit codes: 0 done, 2 wrong command line, 3 the root could not be read or the facts not written.")]
    Node(NodeArguments),
    /// Write a configuration to begin with.
    Init(InitArguments),
    /// Print the JSON schema of the configuration.
    Schema,
    /// Print the manual page, in the form of man(1).
    #[command(after_help = "Example:
  plimsoll man > ~/.local/share/man/man1/plimsoll.1")]
    Man,
    /// Write controls in a form that something else enforces.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Say what exceptions hide, or write one.
    #[command(subcommand)]
    Exceptions(ExceptionsCommand),
    /// Say what got better and what got worse from one JSON report to another.
    #[command(after_help = "Examples:
  plimsoll scan deploy/ -o json=before.json
  plimsoll diff before.json after.json
  plimsoll diff before.json after.json --format json

Exit codes: 0 done, 2 wrong command line or no such report, 3 a report could not be read.")]
    Diff(DiffArguments),
    /// Print a completion script for a shell.
    #[command(after_help = "Examples:
  plimsoll completions bash > ~/.local/share/bash-completion/completions/plimsoll
  plimsoll completions zsh > ~/.zfunc/_plimsoll
  plimsoll completions fish > ~/.config/fish/completions/plimsoll.fish")]
    Completions(CompletionsArguments),
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ScanArguments {
    /// Files, folders, globs, snapshots of clusters, or - for standard input.
    #[arg(required_unless_present = "cluster", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Scan a live cluster, beside files or alone.
    #[arg(long, help_heading = "Clusters")]
    pub(crate) cluster: bool,
    /// Print the roles with the rights that this scan takes, and scan nothing.
    #[arg(long, requires = "cluster", help_heading = "Clusters")]
    pub(crate) explain_permissions: bool,
    #[command(flatten)]
    pub(crate) of_cluster: ClusterArguments,
    /// Judge only objects with these labels, as kubectl has them; the others are there for what is said of these.
    #[arg(long, value_name = "LABELS", help_heading = "What is judged")]
    pub(crate) selector: Option<String>,
    /// Only controls that give evidence for this framework, and its score; may be given several times.
    #[arg(
        long,
        value_name = "ID",
        value_delimiter = ',',
        help_heading = "What is judged"
    )]
    pub(crate) framework: Vec<String>,
    /// Only this control, by its id or name, or the id that another tool has for it; may be given several times.
    #[arg(
        long,
        value_name = "ID|NAME|ALIAS",
        value_delimiter = ',',
        help_heading = "What is judged"
    )]
    pub(crate) control: Vec<String>,
    /// Only controls of this severity and above.
    #[arg(
        long,
        value_name = "LEVEL",
        ignore_case = true,
        help_heading = "What is judged"
    )]
    pub(crate) severity: Option<Level>,
    /// Controls of your own beside the built-in ones: a page, or a folder of them; may be given several times.
    #[arg(long, value_name = "PATH", help_heading = "What is judged")]
    pub(crate) controls: Vec<PathBuf>,
    /// The Kubernetes version whose defaults and rules count; the newest known, if not given.
    #[arg(long, value_name = "1.N", help_heading = "What is judged")]
    pub(crate) kubernetes_version: Option<String>,
    /// What people attest of requirements that no machine can tell, with the files that show it.
    #[arg(long, value_name = "FILE", help_heading = "What is judged")]
    pub(crate) attestations: Option<PathBuf>,
    /// The configuration; plimsoll.yaml in the folder of the first path or above it, if not given.
    #[arg(long, value_name = "FILE", help_heading = "What is judged")]
    pub(crate) config: Option<PathBuf>,
    /// What people accept: findings, each with a reason, an owner and an end.
    #[arg(long, value_name = "FILE", help_heading = "What is judged")]
    pub(crate) exceptions: Option<PathBuf>,
    /// Honour what manifests accept for another tool, in its annotations and comments; may be given several times.
    #[arg(
        long,
        value_name = "TOOL",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(TOOLS),
        help_heading = "What is judged"
    )]
    pub(crate) compat: Vec<String>,
    /// Take documents that are no Kubernetes objects, and keys stated twice, as errors.
    #[arg(long, help_heading = "What is judged")]
    pub(crate) strict: bool,
    /// Exit with 1 if there is a finding of this severity or above.
    #[arg(long, value_name = "LEVEL", ignore_case = true, help_heading = "Gates")]
    pub(crate) fail_on: Option<Level>,
    /// Exit with 1 if there is a finding that this JSON report does not have; with --fail-on, of that severity or above.
    #[arg(long, value_name = "REPORT.json", help_heading = "Gates")]
    pub(crate) baseline: Option<PathBuf>,
    /// Exit with 1 if the floor of the score is below N, of 100.
    #[arg(long, value_name = "N", value_parser = percent, help_heading = "Gates")]
    pub(crate) min_score: Option<f64>,
    /// Exit with 1 if less than N percent of what was asked for was assessed.
    #[arg(long, value_name = "N", value_parser = percent, help_heading = "Gates")]
    pub(crate) min_coverage: Option<f64>,
    /// The report, to standard output or to a file; may be given several times. Formats are console, json, html, pdf,
    /// sarif, junit, csv, markdown, oscal, oscal-poam, oscal-component, gitlab, gitlab-sast, github, prometheus,
    /// policyreport and openreports.
    #[arg(
        short = 'o',
        long = "format",
        value_name = "FMT[=FILE]",
        help_heading = "Output"
    )]
    pub(crate) formats: Vec<String>,
    /// Print the summary only.
    #[arg(short, long, help_heading = "Output")]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) render: RenderArguments,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    #[command(flatten)]
    pub(crate) look: LookArguments,
}

#[derive(Debug, Args)]
pub(crate) struct FixArguments {
    /// Files, folders, globs, or - for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write the files, each of them as a whole or not at all.
    #[arg(long)]
    pub(crate) write: bool,
    /// Make edits that may change how a workload behaves, too.
    #[arg(long = "unsafe")]
    pub(crate) allow_unsafe: bool,
    /// How the edits are shown.
    #[arg(
        long = "as",
        value_name = "FORM",
        default_value = "patch",
        conflicts_with = "write"
    )]
    pub(crate) patch_format: PatchFormat,
    /// Only findings of this control; may be given several times.
    #[arg(long, value_name = "ID|NAME|ALIAS", value_delimiter = ',')]
    pub(crate) control: Vec<String>,
    /// Only findings of controls that give evidence for this framework; may be given several times.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) framework: Vec<String>,
    /// Only findings of this severity and above.
    #[arg(long, value_name = "LEVEL", ignore_case = true)]
    pub(crate) severity: Option<Level>,
    /// Controls of your own beside the built-in ones, as for a scan.
    #[arg(long, value_name = "PATH")]
    pub(crate) controls: Vec<PathBuf>,
    /// The Kubernetes version whose defaults and rules count.
    #[arg(long, value_name = "1.N")]
    pub(crate) kubernetes_version: Option<String>,
    /// The configuration, as for a scan.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What somebody accepted, as for a scan: it is left as it is.
    #[arg(long, value_name = "FILE")]
    pub(crate) exceptions: Option<PathBuf>,
    /// Do not list what stays.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) render: RenderArguments,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    #[command(flatten)]
    pub(crate) look: LookArguments,
}

/// A number from 0 to 100.
fn percent(text: &str) -> Result<f64, String> {
    let number: f64 = text
        .parse()
        .map_err(|_| "a number from 0 to 100 is needed".to_owned())?;
    if (0.0..=100.0).contains(&number) {
        Ok(number)
    } else {
        Err("a number from 0 to 100 is needed".to_owned())
    }
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct LookArguments {
    /// When to use colours; auto means on a terminal, unless `NO_COLOR` is set.
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    pub(crate) color: ColourChoice,
    /// Columns of the output; those of the terminal, if not given.
    #[arg(long, value_name = "N", help_heading = "Output")]
    pub(crate) output_width: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// The id or name of a control, the id that another tool has for it, a framework or a requirement.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Files, folders, globs, or - for standard input: how far they hold to the framework or requirement, what made the
    /// number, and what each fix would gain.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// What people attest, as for a scan.
    #[arg(long, value_name = "FILE")]
    pub(crate) attestations: Option<PathBuf>,
    /// The configuration, as for a scan.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The Kubernetes version whose defaults and rules count.
    #[arg(long, value_name = "1.N")]
    pub(crate) kubernetes_version: Option<String>,
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

#[derive(Debug, Args)]
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
pub(crate) struct InitArguments {
    /// Where it goes; the current folder, if not given.
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct TestArguments {
    /// Control pages, or folders of them.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

/// Tools whose annotations and comments can be honoured.
const TOOLS: [&str; 8] = [
    "checkov",
    "kube-linter",
    "kube-score",
    "polaris",
    "trivy",
    "kubescape",
    "terrascan",
    "datree",
];

#[derive(Debug, Subcommand)]
pub(crate) enum ExceptionsCommand {
    /// Say of each exception what it hides or would hide, and whether it is expired, unused or over-wide.
    #[command(after_help = "Examples:
  plimsoll exceptions check deploy/ --exceptions exceptions.yaml
  plimsoll exceptions check deploy/ --compat checkov,kube-linter

Exit codes: 0 every exception is in force and used, 1 one is not, 2 wrong command line or exceptions file,
3 something could not be read or assessed.")]
    Check(CheckExceptionsArguments),
    /// Print an exception, to be put into the list of an exceptions file.
    #[command(after_help = "Examples:
  plimsoll exceptions new PSC-001 --kind DaemonSet --namespace logging --name agent \\
    --reason 'reads the logs of the host' --owner 'Jane Doe' --approver 'John Roe' >> exceptions.yaml")]
    New(NewExceptionArguments),
}

#[derive(Debug, Args)]
pub(crate) struct CheckExceptionsArguments {
    /// Files, folders, globs, or - for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The exceptions file; that of the configuration, if not given.
    #[arg(long, value_name = "FILE")]
    pub(crate) exceptions: Option<PathBuf>,
    /// Other tools whose annotations and comments are honoured.
    #[arg(long, value_name = "TOOL", value_delimiter = ',', value_parser = PossibleValuesParser::new(TOOLS))]
    pub(crate) compat: Vec<String>,
    /// Controls of your own, as for a scan.
    #[arg(long, value_name = "PATH")]
    pub(crate) controls: Vec<PathBuf>,
    /// The configuration, as for a scan.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The Kubernetes version whose defaults and rules count.
    #[arg(long, value_name = "1.N")]
    pub(crate) kubernetes_version: Option<String>,
    /// How to print the list.
    #[arg(short = 'o', long, default_value = "console")]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) look: LookArguments,
}

#[derive(Debug, Args)]
pub(crate) struct NewExceptionArguments {
    /// Controls, by id or name, or the id that another tool has for them.
    #[arg(required = true, value_name = "CONTROL")]
    pub(crate) control: Vec<String>,
    /// The kind of the objects.
    #[arg(long)]
    pub(crate) kind: String,
    /// Their namespace.
    #[arg(long)]
    pub(crate) namespace: Option<String>,
    /// Their name; * is any text and ? any character.
    #[arg(long)]
    pub(crate) name: String,
    /// The container, for findings in it only.
    #[arg(long)]
    pub(crate) container: Option<String>,
    /// risk-accepted, false-positive, compensating-control, not-applicable or inherited.
    #[arg(long = "type", value_name = "TYPE", default_value = "risk-accepted")]
    pub(crate) exception_type: String,
    /// Why.
    #[arg(long)]
    pub(crate) reason: String,
    /// Who answers for it.
    #[arg(long)]
    pub(crate) owner: String,
    /// Who allowed it.
    #[arg(long)]
    pub(crate) approver: String,
    /// How many days it lasts.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_DAYS, value_parser = clap::value_parser!(i32).range(1..=i64::from(MOST_DAYS)))]
    pub(crate) days: i32,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// The JSON report from before.
    #[arg(value_name = "OLD.json")]
    pub(crate) old: PathBuf,
    /// The JSON report from after.
    #[arg(value_name = "NEW.json")]
    pub(crate) new: PathBuf,
    /// How to print the difference.
    #[arg(short = 'o', long, default_value = "console")]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) look: LookArguments,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColourChoice {
    #[default]
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
pub(crate) enum PatchFormat {
    /// A unified diff, for patch and git apply.
    Patch,
    /// Strategic merge patches, for a kustomization's `patches`.
    Kustomize,
    /// JSON patches with the objects they are for, RFC 6902.
    JsonPatch,
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
