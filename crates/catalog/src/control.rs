//! What a page says.

use std::fmt;
use std::sync::OnceLock;

use plimsoll_cel::types::Type;
use plimsoll_inventory::{Component, KubernetesVersion};

use crate::applies::{Applies, applies, check_node_facts, check_starts};
use crate::catalog::BuiltInPage;
use crate::each::{Each, Start};
use crate::expression::{Expression, Names};
use crate::fact_parts::FactParts;
use crate::front_matter::{FrontMatter, PageText, Written};
use crate::packed::Packed;
use crate::page::{Page, PageError};
use crate::parameters::Parameters;
use crate::place::{Edit, Place, edits, finds};

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
    /// `flags`; a page has either this or a pod.
    pub const FLAGS: usize = POD;
    /// `component`; likewise.
    pub const COMPONENT: usize = CONTAINERS;
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
    pub when: Option<Expression>,
    /// That an item is as it should be; `None` for a control that cannot be assessed.
    pub expect: Option<Expression>,
    /// Whether what is needed to judge an item is there; without it an item is not assessed.
    pub known: Option<Expression>,
    /// What is missing where it is not known.
    pub missing: Option<String>,
    /// What a user can set.
    pub parameters: Parameters,
    /// The text of `each`.
    pub each_text: String,
    /// The kinds that an expression may ask for where it computes their names.
    pub reads_text: Vec<String>,
    /// Where a finding points.
    pub finds: Vec<Place>,
    /// What is wrong with an item.
    pub message: Option<Expression>,
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
    fact_parts: OnceLock<FactParts>,
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

/// Requirements of one framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The framework: an id of the contract, or `pss` for both levels of Pod Security.
    pub framework: PageText,
    /// Requirements that the control itself tests.
    pub direct: Vec<PageText>,
    /// Requirements that it gives evidence towards.
    pub supports: Vec<PageText>,
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
        let written = Written::parse(path, page.front_matter(), 1)?;
        let front = written.front_matter();
        front.only_keys(front.root(), KEYS)?;
        let title = page.title().to_owned();
        Control::read(page, title, &front, false)
    }

    /// A page of the project, with its front matter packed. Its expressions are compiled when they are needed.
    pub(crate) fn built_in(page: &BuiltInPage) -> Result<Control, PageError> {
        Control::read(
            Page::built_in(page.path, page.text),
            page.title.to_owned(),
            &FrontMatter::built_in(page.path, page.front_matter),
            true,
        )
    }

    fn read(
        page: Page,
        title: String,
        front: &FrontMatter<'_>,
        is_trusted: bool,
    ) -> Result<Control, PageError> {
        let root = front.root();
        let path = &page.path;
        let (area, name) = area_and_name(path);
        let severity_text = front.required(root, "severity")?;
        let severity = Severity::parse(severity_text)
            .ok_or_else(|| front.error(root, format!("'{severity_text}' is no severity")))?;
        let risk = front
            .get("risk")
            .and_then(Packed::as_int)
            .unwrap_or_default();
        if Severity::of_risk(risk) != Some(severity) {
            let message = format!("risk {risk} is not of the severity {severity}");
            return Err(front.error(front.get("risk").unwrap_or(root), message));
        }
        let applies = applies(front, root)?;
        let needs_text = front.required(root, "needs")?;
        let needs = Needs::parse(needs_text)
            .ok_or_else(|| front.error(root, format!("'{needs_text}' is no kind of data")))?;
        let kubernetes = match front.text(root, "kubernetes")? {
            None => MinorRange::ALL,
            Some(text) => MinorRange::parse(text)
                .ok_or_else(|| front.error(root, "'kubernetes' is a range such as \">=1.25\""))?,
        };
        let each = each(front, root)?;
        check_starts(&applies, &each).map_err(|message| front.error(root, message))?;
        let names = Names::new(&applies, &each);
        let expression = |key: &str, expected: Type| -> Result<Option<Expression>, PageError> {
            let Some(text) = front.text(root, key)? else {
                return Ok(None);
            };
            let expression = Expression::new(front.keep(text), names, expected, is_trusted);
            if !is_trusted && let Err(errors) = expression.program() {
                let node = front.get(key).unwrap_or(root);
                let shown: Vec<String> = errors.iter().map(|error| error.render(text)).collect();
                let shown = shown.join("\n");
                let hint = hint_for(&shown).unwrap_or_default();
                return Err(front.error(node, format!("'{key}': {shown}{hint}")));
            }
            Ok(Some(expression))
        };
        let expect = expression("expect", Type::Bool)?;
        let not_assessable = front.text(root, "not-assessable")?.map(str::to_owned);
        if expect.is_some() == not_assessable.is_some() {
            return Err(front.error(root, "a page has either 'expect' or 'not-assessable'"));
        }
        let known = expression("known", Type::Bool)?;
        let missing = front.text(root, "missing")?.map(str::to_owned);
        if known.is_some() != missing.is_some() {
            return Err(front.error(root, "'known' says when, and 'missing' what is not known"));
        }
        let message = expression("message", Type::String)?;
        if expect.is_some() && message.is_none() {
            return Err(front.error(root, "'message' is missing"));
        }
        let judges_components = each.iter().any(|each| each.start == Start::Components);
        let finds = finds(front, root, judges_components)?;
        let fix = edits(front)?;
        check_node_facts(&applies, needs, expect.is_some(), !fix.is_empty())
            .map_err(|message| front.error(root, message))?;
        Ok(Control {
            id: front.required(root, "id")?.to_owned(),
            name,
            area,
            title,
            severity,
            risk: risk as u8,
            since: front.required(root, "since")?.to_owned(),
            needs,
            kubernetes,
            when: expression("when", Type::Bool)?,
            known,
            missing,
            parameters: Parameters::parse(front)?,
            expect,
            fact_parts: OnceLock::new(),
            each_text: front.texts(root, "each")?.join(", "),
            reads_text: front
                .texts(root, "reads")?
                .into_iter()
                .map(str::to_owned)
                .collect(),
            finds,
            message,
            fix,
            safe: front.get("safe").and_then(Packed::as_bool).unwrap_or(false),
            sensitive: front
                .get("sensitive")
                .and_then(Packed::as_bool)
                .unwrap_or(false),
            input: front.text(root, "input")?.map(str::to_owned),
            evidence: evidence(front)?,
            aliases: aliases(front)?,
            not_assessable,
            applies,
            each,
            page,
        })
    }

    /// The text of `expect`; empty for a control that cannot be assessed.
    pub fn expect_text(&self) -> &str {
        self.expect.as_ref().map_or("", Expression::text)
    }

    /// The text of `when`; empty where every item is judged.
    pub fn when_text(&self) -> &str {
        self.when.as_ref().map_or("", Expression::text)
    }

    /// The text of `known`; empty where nothing can be missing.
    pub fn known_text(&self) -> &str {
        self.known.as_ref().map_or("", Expression::text)
    }

    /// The text of `message`.
    pub fn message_text(&self) -> &str {
        self.message.as_ref().map_or("", Expression::text)
    }

    /// Compiles what every item is asked, which is else done when the first object is judged. What is asked of those only
    /// that pass `when`, which in a small scan are few, waits for the first of them.
    pub fn compile(&self) {
        let asked = match &self.when {
            Some(when) => [Some(when), None],
            None => [self.known.as_ref(), self.expect.as_ref()],
        };
        for expression in asked.into_iter().flatten() {
            // A mistake is told where the control is judged.
            let _ = expression.program();
        }
    }

    /// Whether the control is for objects of this group and kind.
    pub fn applies_to(&self, group: &str, kind: &str) -> bool {
        self.applies.names(group, kind)
    }

    /// The components that the control is for.
    pub fn components(&self) -> &[Component] {
        self.applies.components()
    }

    /// Whether facts of nodes are judged: by the control itself, or by what a component is in them.
    pub fn judges_node_facts(&self) -> bool {
        self.applies.judges_node_facts()
    }

    /// What the control reads of the facts of nodes: nothing where it judges none.
    pub fn fact_parts(&self) -> &FactParts {
        self.fact_parts.get_or_init(|| {
            if !self.judges_node_facts() {
                return FactParts::default();
            }
            let expressions = [self.expect_text(), self.when_text(), self.known_text()];
            FactParts::new(&self.each, expressions)
        })
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

/// What makes a variable known that some pages have and others do not.
fn hint_for(errors: &str) -> Option<&'static str> {
    let is_undeclared = |name: &str| errors.contains(&format!("undeclared reference to '{name}'"));
    if is_undeclared("flags") || is_undeclared("component") {
        Some(
            "\n'flags' and 'component' are there where 'applies' names a component: kube-apiserver, kubelet",
        )
    } else if is_undeclared("pod") || is_undeclared("containers") {
        Some("\n'pod' and 'containers' are there with 'applies: workloads'")
    } else if is_undeclared("container") {
        Some("\n'container' is there where a path of 'each' starts with containers")
    } else {
        None
    }
}

fn each<'p>(front: &FrontMatter<'p>, root: Packed<'p>) -> Result<Vec<Each>, PageError> {
    let texts = front.texts(root, "each")?;
    if texts.is_empty() {
        return Err(front.error(root, "'each' is missing"));
    }
    texts
        .iter()
        .map(|text| Each::parse(text).map_err(|message| front.error(root, message)))
        .collect()
}

fn evidence(front: &FrontMatter<'_>) -> Result<Vec<Evidence>, PageError> {
    let Some(map) = front.get("evidence") else {
        return Ok(Vec::new());
    };
    let mut evidence = Vec::with_capacity(map.entries().count());
    for (framework, requirements) in map.entries() {
        let mut of_framework = Evidence {
            framework: front.keep(framework),
            direct: Vec::new(),
            supports: Vec::new(),
        };
        for (key, ids) in requirements.entries() {
            match key {
                "direct" => of_framework.direct = front.kept_list(ids, key)?,
                "supports" => of_framework.supports = front.kept_list(ids, key)?,
                _ => front.only_keys(requirements, &["direct", "supports"])?,
            }
        }
        evidence.push(of_framework);
    }
    Ok(evidence)
}

fn aliases(front: &FrontMatter<'_>) -> Result<Vec<Alias>, PageError> {
    let Some(map) = front.get("aliases") else {
        return Ok(Vec::new());
    };
    map.entries()
        .map(|(tool, _)| {
            let ids = front.texts(map, tool)?;
            Ok(Alias {
                tool: tool.to_owned(),
                ids: ids.into_iter().map(str::to_owned).collect(),
            })
        })
        .collect()
}

impl Evidence {
    /// Whether the control itself tests a requirement.
    pub fn is_direct(&self, requirement: &str) -> bool {
        self.direct.iter().any(|id| id == requirement)
    }

    /// Whether the control gives evidence towards a requirement.
    pub fn is_support(&self, requirement: &str) -> bool {
        self.supports.iter().any(|id| id == requirement)
    }
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
