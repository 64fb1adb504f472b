//! The facts of a node, as they are written.

use serde::Serialize;
use serde_json::{Map, Value};

/// The API version of the document.
pub const API_VERSION: &str = "node.plimsoll.dev/v1";

/// The kind of the document.
pub const KIND: &str = "NodeFacts";

/// A map as JSON has it: a configuration file.
pub type Settings = Map<String, Value>;

/// What is known of one node.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeFacts {
    /// [`API_VERSION`].
    pub api_version: &'static str,
    /// [`KIND`].
    pub kind: &'static str,
    /// Whose facts they are.
    pub metadata: Metadata,
    /// The facts.
    pub spec: Spec,
}

/// Whose facts they are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metadata {
    /// The name of the Node object.
    pub name: String,
}

/// The facts. What is `None` is not known; `unread` says why where that is not plain.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    /// When they were collected, RFC 3339.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub collected_at: String,
    /// By what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collected_by: Option<Collector>,
    /// What the node runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<OperatingSystem>,
    /// The components of Kubernetes that run here, and the container runtimes.
    pub components: Vec<Component>,
    /// Files that matter, by role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<FileFact>>,
    /// The kernel and its guards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<Kernel>,
    /// Swap in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap: Option<Vec<Swap>>,
    /// Ports that are listened on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listening: Option<Vec<Listener>>,
    /// The SSH server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh: Option<Ssh>,
    /// Whether the clock is kept right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_synchronisation: Option<TimeSynchronisation>,
    /// The audit daemon of the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_audit: Option<HostAudit>,
    /// What watches over files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integrity_monitoring: Option<IntegrityMonitoring>,
    /// Accounts with a login shell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Vec<Account>>,
    /// The devices below the folders that hold data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<Vec<Storage>>,
    /// Updates that wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_updates: Option<PendingUpdates>,
    /// Whole parts that could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// A part that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// Which.
    pub part: String,
    /// Why.
    pub reason: String,
}

impl Unread {
    /// A part and why it was not read.
    pub fn new(part: impl Into<String>, reason: impl std::fmt::Display) -> Unread {
        Unread {
            part: part.into(),
            reason: reason.to_string(),
        }
    }
}

/// What collected the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collector {
    /// Its version.
    pub version: String,
    /// The number of the user it ran as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
}

/// What the node runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OperatingSystem {
    /// `ID` of os-release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `VERSION_ID` of os-release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The release of the running kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// The architecture of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
}

/// A component that runs here, or would.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Component {
    /// Its name: `kube-apiserver`, `kubelet`, `containerd`, ...
    pub name: String,
    /// Where that is known from: `process`, `static-pod` or `configz`.
    pub from: &'static str,
    /// Its version, where a file says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its command line, credentials hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// What of its environment configures it, from the manifest of its Pod.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<Variable>,
    /// Its effective settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Settings>,
    /// The audit policy of an API server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_policy: Option<Settings>,
    /// Its encryption at rest, keys hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Settings>,
    /// Its admission configuration, that of plugins included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admission: Option<Settings>,
    /// Its authentication configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Settings>,
    /// Its authorization configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization: Option<Settings>,
    /// Why nothing can be said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
    /// What a flag names and could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread_parts: Vec<Unread>,
}

/// A variable of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A file, by what it is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FileFact {
    /// What it is for.
    pub role: &'static str,
    /// Where it is on the node.
    pub path: String,
    /// `file`, `directory`, `socket` or `other`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub file_type: Option<&'static str>,
    /// That it is not there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub missing: bool,
    /// Four octal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The number of the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The name of the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The number of the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gid: Option<u32>,
    /// The name of the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What a certificate says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// The digest of a certificate, over its DER.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Why nothing can be said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Whom it names, RFC 4514.
    pub subject: String,
    /// Who signed it, RFC 4514.
    pub issuer: String,
    /// From when it is good, RFC 3339.
    pub not_before: String,
    /// Until when it is good, RFC 3339.
    pub not_after: String,
    /// Whether it may sign others.
    pub is_authority: bool,
    /// Whether subject and issuer are the same.
    pub self_signed: bool,
    /// Algorithm and size of its key: `RSA 2048`, `EC P-256`, `Ed25519`.
    pub public_key: String,
}

/// The kernel and its guards.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kernel {
    /// What `/proc/sys` says, by the names of sysctl(8).
    pub parameters: Settings,
    /// The security modules that are in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_modules: Option<Vec<String>>,
    /// `AppArmor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_armor: Option<AppArmor>,
    /// `SELinux`.
    #[serde(rename = "seLinux", skip_serializing_if = "Option::is_none")]
    pub se_linux: Option<SeLinux>,
    /// `none`, `integrity` or `confidentiality`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lockdown: Option<String>,
    /// Whether the firmware runs only what is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secure_boot: Option<bool>,
}

/// `AppArmor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppArmor {
    /// Whether it is on.
    pub enabled: bool,
    /// How many profiles are loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profiles: Option<usize>,
    /// How many of them enforce.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforcing: Option<usize>,
}

/// `SELinux`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeLinux {
    /// `enforcing`, `permissive` or `disabled`.
    pub mode: &'static str,
}

/// Swap in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Swap {
    /// The device or file.
    pub device: String,
    /// `partition` or `file`.
    #[serde(rename = "type")]
    pub swap_type: String,
    /// Its size.
    pub kilobytes: u64,
}

/// A port that is listened on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Listener {
    /// `tcp` or `udp`.
    pub protocol: &'static str,
    /// The address it is bound to.
    pub address: String,
    /// The port.
    pub port: u16,
    /// The process, where it may be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
}

/// The SSH server.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Ssh {
    /// Whether it runs; not known where processes cannot be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<bool>,
    /// What its configuration sets for every connection, by lower-case names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
    /// What it sets for some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub matched: Vec<SshMatch>,
}

/// A `Match` block of the SSH server.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SshMatch {
    /// For which connections.
    pub criteria: String,
    /// What is set for them.
    pub settings: Settings,
}

/// Whether the clock is kept right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimeSynchronisation {
    /// The services that run.
    pub services: Vec<String>,
}

/// The audit daemon of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostAudit {
    /// Whether it runs.
    pub running: bool,
    /// How many rules its files have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<usize>,
}

/// What watches over files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntegrityMonitoring {
    /// Known programs that run or are scheduled.
    pub programs: Vec<String>,
}

/// An account with a login shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// Its shell.
    pub shell: String,
    /// Whether it has a password or a key to sign in with; not known where that may not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_sign_in: Option<bool>,
}

/// The device below a folder that holds data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Storage {
    /// The folder.
    pub path: String,
    /// The device, as it is mounted.
    pub device: String,
    /// Whether the node encrypts it (dm-crypt); not known for what is no block device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<bool>,
}

/// Updates that wait.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingUpdates {
    /// How many of them mend vulnerabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security: Option<u64>,
    /// Whether an update waits for a reboot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reboot_required: Option<bool>,
}
