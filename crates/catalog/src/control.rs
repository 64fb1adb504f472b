//! What a page says.

use std::fmt;
use std::sync::LazyLock;

use plimsoll_cel::environment::Environment;
use plimsoll_cel::program::Program;
use plimsoll_cel::types::Type;
use plimsoll_document::{Node, Path, Segment};
use plimsoll_inventory::KubernetesVersion;
use plimsoll_inventory::functions::{CLUSTER_TYPE, FUNCTIONS, SIGNATURES};
use serde_json::Value;

use crate::each::{Each, Start};
use crate::front_matter::{FrontMatter, to_json};
use crate::page::{Page, PageError};
use crate::parameters::Parameters;

/// The slots of the variables that a control's expressions can read.
pub mod slots {
    /// `object`
    pub const OBJECT: usize = 0;
    /// `item`
    pub const ITEM: usize = 1;
    /// `kubernetes.minor`
    pub const KUBERNETES_MINOR: usize = 2;
    /// `parameters`
    pub const PARAMETERS: usize = 3;
    /// `cluster`
    pub const CLUSTER: usize = 4;
    /// `pod`
    pub const POD: usize = 5;
    /// `containers`
    pub const CONTAINERS: usize = 6;
    /// `container`
    pub const CONTAINER: usize = 7;
    /// How many there are.
    pub const COUNT: usize = 8;
}

/// A control.
#[derive(Debug)]
pub struct Control {
    /// `PSC-001`
    pub id: String,
    /// `privileged-container`: the page's file name.
    pub name: String,
    /// `pod-security`: the page's folder.
    pub area: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// How bad a failure is.
    pub severity: Severity,
    /// 1 to 10, the weight within the bands.
    pub risk: u8,
    /// The version that brought the control.
    pub since: String,
    /// What it applies to.
    pub applies: Applies,
    /// What it is judged from.
    pub needs: Needs,
    /// The Kubernetes minors for which it exists.
    pub kubernetes: MinorRange,
    /// What it judges one by one.
    pub each: Vec<Each>,
    /// Which items are judged.
    pub when: Option<Program>,
    /// That an item is as it should be; `None` for a control that cannot be assessed.
    pub expect: Option<Program>,
    /// Whether what is needed to judge an item is there; without it an item is not assessed.
    pub known: Option<Program>,
    /// What is missing where it is not known.
    pub missing: Option<String>,
    /// What a user can set.
    pub parameters: Parameters,
    /// The text of `expect`.
    pub expect_text: String,
    /// The text of `when`; empty where every item is judged.
    pub when_text: String,
    /// The text of `known`; empty where nothing can be missing.
    pub known_text: String,
    /// The text of `message`; empty for a control that cannot be assessed.
    pub message_text: String,
    /// The text of `each`.
    pub each_text: String,
    /// The kinds that an expression may ask for where it computes their names.
    pub reads_text: Vec<String>,
    /// Where a finding points.
    pub finds: Vec<Place>,
    /// What is wrong with an item.
    pub message: Option<Program>,
    /// What mends an item.
    pub fix: Vec<Edit>,
    /// Whether the edits cannot change how a sound workload behaves.
    pub safe: bool,
    /// Whether what it finds may be a secret, which no report shows.
    pub sensitive: bool,
    /// What only a person can choose.
    pub input: Option<String>,
    /// The requirements it gives evidence for.
    pub evidence: Vec<Evidence>,
    /// Its ids in other tools.
    pub aliases: Vec<Alias>,
    /// Why it cannot be assessed.
    pub not_assessable: Option<String>,
    /// The page.
    pub page: Page,
}

/// How bad a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Risk 1 to 3.
    Low,
    /// Risk 4 to 6.
    Medium,
    /// Risk 7 and 8.
    High,
    /// Risk 9 and 10.
    Critical,
}

/// What a control applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applies {
    /// Every kind with a pod template.
    Workloads,
    /// These kinds: API group where it is stated, and kind.
    Kinds(Vec<(Option<String>, String)>),
}

/// What a control is judged from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Needs {
    /// The object alone.
    Manifest,
    /// The state of a cluster.
    Cluster,
    /// A node.
    Node,
    /// Audit events.
    Audit,
    /// An image.
    Image,
    /// A cloud provider.
    Cloud,
}

/// Kubernetes minors, from one on and below another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinorRange {
    /// The first.
    pub from: u32,
    /// The first that is not in it any more.
    pub below: u32,
}

/// Where a path starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The item.
    Item,
    /// The container that the item is, or is in.
    Container,
    /// The pod template.
    Pod,
    /// The object.
    Object,
}

/// A place, relative to an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where it starts.
    pub anchor: Anchor,
    /// What comes after.
    pub path: Path,
}

/// A change to an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: EditKind,
}

/// What an edit does.
#[derive(Debug, Clone, PartialEq)]
pub enum EditKind {
    /// Sets a field, making what is missing above it.
    Set(Value),
    /// Removes a field or element.
    Remove,
    /// Adds to a list, making it where it is missing.
    Append(Value),
}

/// Requirements of one framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The framework: an id of the contract, or `pss` for both levels of Pod Security.
    pub framework: String,
    /// Requirements that the control itself tests.
    pub direct: Vec<String>,
    /// Requirements that it gives evidence towards.
    pub supports: Vec<String>,
}

/// Ids of the same check in another tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The tool.
    pub tool: String,
    /// Its ids.
    pub ids: Vec<String>,
}

const KEYS: &[&str] = &[
    "id",
    "severity",
    "risk",
    "since",
    "applies",
    "needs",
    "kubernetes",
    "each",
    "when",
    "expect",
    "known",
    "missing",
    "reads",
    "parameters",
    "finds",
    "message",
    "fix",
    "safe",
    "sensitive",
    "input",
    "evidence",
    "aliases",
    "not-assessable",
];

impl Control {
    /// Reads a page and compiles its expressions.
    ///
    /// # Errors
    /// The first mistake, with its place in the file.
    pub fn parse(path: &str, text: &str) -> Result<Control, PageError> {
        let page = Page::parse(path, text)?;
        let front = FrontMatter::parse(path, &page.front_matter, 1)?;
        let root = front.root();
        front.only_keys(root, KEYS)?;
        let (area, name) = area_and_name(path);
        let severity_text = front.required(root, "severity")?;
        let severity = Severity::parse(severity_text)
            .ok_or_else(|| front.error(root, format!("'{severity_text}' is no severity")))?;
        let risk = root
            .get_name("risk")
            .and_then(Node::as_int)
            .unwrap_or_default();
        if Severity::of_risk(risk) != Some(severity) {
            let message = format!("risk {risk} is not of the severity {severity}");
            return Err(front.error(root.get_name("risk").unwrap_or(root), message));
        }
        let applies = applies(&front, root)?;
        let needs_text = front.required(root, "needs")?;
        let needs = Needs::parse(needs_text)
            .ok_or_else(|| front.error(root, format!("'{needs_text}' is no kind of data")))?;
        let kubernetes = match front.text(root, "kubernetes")? {
            None => MinorRange::ALL,
            Some(text) => MinorRange::parse(text)
                .ok_or_else(|| front.error(root, "'kubernetes' is a range such as \">=1.25\""))?,
        };
        let each = each(&front, root)?;
        if each.iter().any(|each| each.start != Start::Object) && applies != Applies::Workloads {
            return Err(front.error(root, "only workloads have a pod and containers"));
        }
        let compile = |key: &str, expected: &Type| -> Result<Option<Program>, PageError> {
            let Some(text) = front.text(root, key)? else {
                return Ok(None);
            };
            let environment = environment(&applies, &each);
            Program::compile(text, &environment, Some(expected))
                .map(Some)
                .map_err(|errors| {
                    let node = root.get_name(key).unwrap_or(root);
                    let shown: Vec<String> =
                        errors.iter().map(|error| error.render(text)).collect();
                    front.error(node, format!("'{key}': {}", shown.join("\n")))
                })
        };
        let expect = compile("expect", &Type::Bool)?;
        let not_assessable = front.text(root, "not-assessable")?.map(str::to_owned);
        if expect.is_some() == not_assessable.is_some() {
            return Err(front.error(root, "a page has either 'expect' or 'not-assessable'"));
        }
        let known = compile("known", &Type::Bool)?;
        let missing = front.text(root, "missing")?.map(str::to_owned);
        if known.is_some() != missing.is_some() {
            return Err(front.error(root, "'known' says when, and 'missing' what is not known"));
        }
        let message = compile("message", &Type::String)?;
        if expect.is_some() && message.is_none() {
            return Err(front.error(root, "'message' is missing"));
        }
        let mut finds = Vec::new();
        for text in front.texts(root, "finds")? {
            let place = Place::parse(&text).map_err(|message| front.error(root, message))?;
            finds.push(place);
        }
        if finds.is_empty() {
            finds.push(Place {
                anchor: Anchor::Item,
                path: Path::default(),
            });
        }
        Ok(Control {
            id: front.required(root, "id")?.to_owned(),
            name,
            area,
            title: page.title().to_owned(),
            severity,
            risk: risk as u8,
            since: front.required(root, "since")?.to_owned(),
            needs,
            kubernetes,
            when: compile("when", &Type::Bool)?,
            known,
            missing,
            parameters: Parameters::parse(&front, root)?,
            expect,
            expect_text: front.text(root, "expect")?.unwrap_or_default().to_owned(),
            when_text: front.text(root, "when")?.unwrap_or_default().to_owned(),
            known_text: front.text(root, "known")?.unwrap_or_default().to_owned(),
            message_text: front.text(root, "message")?.unwrap_or_default().to_owned(),
            each_text: front.texts(root, "each")?.join(", "),
            reads_text: front.texts(root, "reads")?,
            finds,
            message,
            fix: edits(&front, root)?,
            safe: root
                .get_name("safe")
                .and_then(Node::as_bool)
                .unwrap_or(false),
            sensitive: root
                .get_name("sensitive")
                .and_then(Node::as_bool)
                .unwrap_or(false),
            input: front.text(root, "input")?.map(str::to_owned),
            evidence: evidence(&front, root)?,
            aliases: aliases(&front, root)?,
            not_assessable,
            applies,
            each,
            page,
        })
    }

    /// Whether the control is for objects of this group and kind.
    pub fn applies_to(&self, group: &str, kind: &str) -> bool {
        match &self.applies {
            Applies::Workloads => plimsoll_inventory::pod_template_path(group, kind).is_some(),
            Applies::Kinds(kinds) => kinds.iter().any(|(of_group, of_kind)| {
                of_kind == kind && of_group.as_ref().is_none_or(|of_group| of_group == group)
            }),
        }
    }

    /// The evidence for a framework: direct requirements, and supported ones.
    pub fn evidence_for(&self, framework: &str) -> Option<&Evidence> {
        let key = if framework.starts_with("pss-") {
            "pss"
        } else {
            framework
        };
        self.evidence
            .iter()
            .find(|evidence| evidence.framework == key)
    }
}

fn area_and_name(path: &str) -> (String, String) {
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let name = file.strip_suffix(".md").unwrap_or(file);
    (parts.next().unwrap_or_default().to_owned(), name.to_owned())
}

/// What a control's expressions can name.
fn environment(applies: &Applies, each: &[Each]) -> Environment {
    // What is the same for all controls is made once.
    static OF_ALL: LazyLock<Environment> = LazyLock::new(|| {
        Environment::controls()
            .with_variable("object", Type::Dyn)
            .with_variable("item", Type::Dyn)
            .with_variable("kubernetes.minor", Type::Int)
            .with_variable("parameters", Type::Dyn)
            .with_variable("cluster", Type::named(CLUSTER_TYPE))
            .with_library(SIGNATURES, FUNCTIONS)
    });
    let mut environment = OF_ALL.clone();
    if *applies == Applies::Workloads {
        environment = environment
            .with_variable("pod", Type::Dyn)
            .with_variable("containers", Type::list(Type::Dyn));
    }
    if each.iter().any(|each| each.start == Start::Containers) {
        environment = environment.with_variable("container", Type::Dyn);
    }
    environment
}

fn each(front: &FrontMatter, root: Node<'_>) -> Result<Vec<Each>, PageError> {
    let texts = front.texts(root, "each")?;
    if texts.is_empty() {
        return Err(front.error(root, "'each' is missing"));
    }
    texts
        .iter()
        .map(|text| Each::parse(text).map_err(|message| front.error(root, message)))
        .collect()
}

fn applies(front: &FrontMatter, root: Node<'_>) -> Result<Applies, PageError> {
    let kinds = front.texts(root, "applies")?;
    match kinds.as_slice() {
        [] => Err(front.error(root, "'applies' is missing")),
        [word] if word == "workloads" => Ok(Applies::Workloads),
        kinds => Ok(Applies::Kinds(
            kinds
                .iter()
                .map(|kind| match kind.rsplit_once('/') {
                    Some((group, kind)) => (Some(group.to_owned()), kind.to_owned()),
                    None => (None, kind.clone()),
                })
                .collect(),
        )),
    }
}

fn edits(front: &FrontMatter, root: Node<'_>) -> Result<Vec<Edit>, PageError> {
    let Some(list) = root.get_name("fix") else {
        return Ok(Vec::new());
    };
    let mut edits = Vec::new();
    for edit in list.children() {
        let place = |key: &str| -> Result<Option<Place>, PageError> {
            match front.text(edit, key)? {
                None => Ok(None),
                Some(text) => Place::parse(text)
                    .map(Some)
                    .map_err(|message| front.error(edit, message)),
            }
        };
        let value = |key: &str| -> Result<Value, PageError> {
            edit.get_name(key)
                .map(to_json)
                .ok_or_else(|| front.error(edit, format!("'{key}' is missing")))
        };
        front.only_keys(edit, &["set", "to", "remove", "append", "value"])?;
        let (place, kind) = if let Some(place) = place("set")? {
            (place, EditKind::Set(value("to")?))
        } else if let Some(place) = place("remove")? {
            (place, EditKind::Remove)
        } else if let Some(place) = place("append")? {
            (place, EditKind::Append(value("value")?))
        } else {
            return Err(front.error(edit, "an edit is one of set, remove and append"));
        };
        edits.push(Edit { place, kind });
    }
    Ok(edits)
}

fn evidence(front: &FrontMatter, root: Node<'_>) -> Result<Vec<Evidence>, PageError> {
    let Some(map) = root.get_name("evidence") else {
        return Ok(Vec::new());
    };
    map.entries()
        .map(|(framework, requirements)| {
            front.only_keys(requirements, &["direct", "supports"])?;
            Ok(Evidence {
                framework: framework.to_owned(),
                direct: front.texts(requirements, "direct")?,
                supports: front.texts(requirements, "supports")?,
            })
        })
        .collect()
}

fn aliases(front: &FrontMatter, root: Node<'_>) -> Result<Vec<Alias>, PageError> {
    let Some(map) = root.get_name("aliases") else {
        return Ok(Vec::new());
    };
    map.entries()
        .map(|(tool, _)| {
            Ok(Alias {
                tool: tool.to_owned(),
                ids: front.texts(map, tool)?,
            })
        })
        .collect()
}

impl Severity {
    /// All, worst first.
    pub const ALL: [Severity; 4] = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
    ];

    /// Reads `low`, `medium`, `high`, `critical`.
    pub fn parse(text: &str) -> Option<Severity> {
        Severity::ALL
            .into_iter()
            .find(|severity| severity.name() == text)
    }

    /// The band of a risk; `None` outside of 1 to 10.
    pub fn of_risk(risk: i64) -> Option<Severity> {
        match risk {
            1..=3 => Some(Severity::Low),
            4..=6 => Some(Severity::Medium),
            7..=8 => Some(Severity::High),
            9..=10 => Some(Severity::Critical),
            _ => None,
        }
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Needs {
    const ALL: [Needs; 6] = [
        Needs::Manifest,
        Needs::Cluster,
        Needs::Node,
        Needs::Audit,
        Needs::Image,
        Needs::Cloud,
    ];

    fn parse(text: &str) -> Option<Needs> {
        Needs::ALL.into_iter().find(|needs| needs.name() == text)
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Needs::Manifest => "manifest",
            Needs::Cluster => "cluster",
            Needs::Node => "node",
            Needs::Audit => "audit",
            Needs::Image => "image",
            Needs::Cloud => "cloud",
        }
    }
}

impl MinorRange {
    /// Every minor.
    pub const ALL: MinorRange = MinorRange {
        from: 0,
        below: u32::MAX,
    };

    /// Reads `>=1.25`, `<1.19`, `>=1.8 <1.25`.
    pub fn parse(text: &str) -> Option<MinorRange> {
        let mut range = MinorRange::ALL;
        for part in text.split_whitespace() {
            if let Some(version) = part.strip_prefix(">=") {
                range.from = KubernetesVersion::parse(version).ok()?.minor;
            } else {
                let version = part.strip_prefix('<')?;
                range.below = KubernetesVersion::parse(version).ok()?.minor;
            }
        }
        Some(range)
    }

    /// Whether a version is in the range.
    pub fn contains(self, version: KubernetesVersion) -> bool {
        (self.from..self.below).contains(&version.minor)
    }
}

impl Place {
    /// Reads `securityContext.privileged`, `pod.spec.hostPID`, `.`.
    fn parse(text: &str) -> Result<Place, String> {
        let path = Path::parse(text).map_err(|error| error.to_string())?;
        let mut segments = path.segments;
        let anchor = match segments.first() {
            Some(Segment::Key(key)) => match key.name() {
                "item" => Some(Anchor::Item),
                "container" => Some(Anchor::Container),
                "pod" => Some(Anchor::Pod),
                "object" => Some(Anchor::Object),
                _ => None,
            },
            _ => None,
        };
        if anchor.is_some() {
            segments.remove(0);
        }
        if segments.contains(&Segment::Every) {
            return Err(format!("path '{text}' names one place, so it has no [*]"));
        }
        Ok(Place {
            anchor: anchor.unwrap_or(Anchor::Item),
            path: Path { segments },
        })
    }
}
