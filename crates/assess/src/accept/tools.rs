//! What a manifest accepts for another tool, honoured where the user asks for it.
//!
//! Each tool's annotations and comments mean here what they mean there: on the objects that the tool looks at, and for
//! the controls that have the tool's id as an alias. Nothing is accepted that the tool would not accept.

use jiff::Timestamp;
use jiff::civil::Date;
use plimsoll_catalog::Control;
use plimsoll_document::{Node, Tree};
use plimsoll_inventory::Object;

use crate::accept::comments::starting_with;
use crate::accept::{Covers, Mark, lines_of};
use crate::exception::{ExceptionState, Origin};

/// Another tool whose annotations and comments can be honoured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    /// Checkov: `checkov.io/skip1: CKV_K8S_16=reason`, `# checkov:skip=CKV_K8S_16:reason`.
    Checkov,
    /// `KubeLinter`: `ignore-check.kube-linter.io/host-network: reason`, `kube-linter.io/ignore-all`.
    KubeLinter,
    /// kube-score: `kube-score/ignore: pod-probes,container-resources`, `kube-score/skip`.
    KubeScore,
    /// Polaris: `polaris.fairwinds.com/hostNetworkSet-exempt: "true"`, `polaris.fairwinds.com/exempt`.
    Polaris,
    /// Trivy: `# trivy:ignore:KSV-0017`.
    Trivy,
    /// Kubescape: `kubescape.io/skip-controls: C-0057`.
    Kubescape,
    /// Terrascan: `runterrascan.io/skip: [{"rule": "AC_K8S_0046", "comment": "reason"}]`.
    Terrascan,
    /// Datree: `datree.skip/CONTAINERS_INCORRECT_PRIVILEGED_VALUE_TRUE: reason`.
    Datree,
}

impl Tool {
    /// All of them.
    pub const ALL: [Tool; 8] = [
        Tool::Checkov,
        Tool::KubeLinter,
        Tool::KubeScore,
        Tool::Polaris,
        Tool::Trivy,
        Tool::Kubescape,
        Tool::Terrascan,
        Tool::Datree,
    ];

    /// As aliases and the command line have it.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Checkov => "checkov",
            Tool::KubeLinter => "kube-linter",
            Tool::KubeScore => "kube-score",
            Tool::Polaris => "polaris",
            Tool::Trivy => "trivy",
            Tool::Kubescape => "kubescape",
            Tool::Terrascan => "terrascan",
            Tool::Datree => "datree",
        }
    }

    /// Reads what `name` gives.
    pub fn parse(text: &str) -> Option<Tool> {
        Tool::ALL
            .into_iter()
            .find(|tool| tool.name().eq_ignore_ascii_case(text))
    }

    /// Whether a control is what the tool calls this; the empty name is all that the tool has.
    pub(super) fn means(self, control: &Control, name: &str) -> bool {
        let wanted = self.plain(name);
        control
            .aliases
            .iter()
            .filter(|alias| alias.tool == self.name())
            .flat_map(|alias| &alias.ids)
            .any(|id| name.is_empty() || self.plain(id) == wanted)
    }

    /// An id without what may be written in several ways: Trivy's `AVD-KSV-0017`, `KSV-0017` and `KSV017` are one.
    fn plain(self, id: &str) -> String {
        let id = id.trim().to_ascii_lowercase();
        if self != Tool::Trivy {
            return id;
        }
        let id = id.strip_prefix("avd-").unwrap_or(&id);
        let letters = id.trim_end_matches(|character: char| character.is_ascii_digit());
        let number = id[letters.len()..].trim_start_matches('0');
        format!("{}{number}", letters.trim_end_matches('-'))
    }
}

/// A comment for another tool.
#[derive(Debug, Clone)]
pub(super) struct Comment {
    tool: Tool,
    line: u32,
    byte: u32,
    alone: bool,
    text: String,
}

/// All comments of a source that are for one of these tools, by place.
pub(super) fn comments(tree: &Tree, tools: &[Tool]) -> Vec<Comment> {
    let mut comments = Vec::new();
    for tool in tools {
        let words: &[&'static str] = match tool {
            Tool::Checkov => &["checkov:skip=", "bridgecrew:skip="],
            Tool::Trivy => &["trivy:ignore:"],
            _ => &[],
        };
        for word in words {
            comments.extend(starting_with(tree, word).map(|comment| Comment {
                tool: *tool,
                line: comment.line,
                byte: comment.byte,
                alone: comment.alone,
                text: comment.text.to_owned(),
            }));
        }
    }
    comments.sort_by_key(|comment| comment.byte);
    comments
}

/// Adds what the comments in an object, or directly before it, accept.
pub(super) fn comments_in(
    comments: &[Comment],
    object: &Object,
    now: Timestamp,
    marks: &mut Vec<Mark>,
) {
    if comments.is_empty() {
        return;
    }
    let root = object.root();
    // What stands behind the last value is on its line, and not in its span.
    let lines = lines_of(object);
    let start = *lines.start();
    let after = comments.partition_point(|comment| comment.line <= *lines.end());
    // A block of comments directly before an object is for its first line.
    let mut block = start;
    for (at, comment) in comments[..after].iter().enumerate().rev() {
        let is_before = comment.line < start;
        if is_before && !(comment.alone && comment.line + 1 == block) {
            break;
        }
        if is_before {
            block = comment.line;
        } else if comment.byte >= root.start() && is_text(root, comment.byte) {
            continue;
        }
        match comment.tool {
            // Checkov takes the lines of the object, and no others.
            Tool::Checkov if is_before => {}
            Tool::Checkov => marks.push(checkov_comment(comment)),
            _ => marks.push(trivy_comment(comment, target(&comments[at..]), now)),
        }
    }
}

/// Whether a byte is in a scalar: then what looks like a comment is none.
fn is_text(node: Node<'_>, byte: u32) -> bool {
    let mut here = node;
    loop {
        let below = here.children().find(|child| {
            let span = child.span();
            (span.start..span.end).contains(&byte)
        });
        match below {
            Some(child) if child.is_map() || child.is_list() => here = child,
            Some(_) => return true,
            None => return false,
        }
    }
}

/// The line that the first of these comments is for: its own, or where it stands alone, the first one after it and its
/// like.
fn target(comments: &[Comment]) -> u32 {
    let Some(first) = comments.first().filter(|first| first.alone) else {
        return comments.first().map_or(0, |comment| comment.line);
    };
    let mut line = first.line + 1;
    for next in &comments[1..] {
        if next.line == line && next.alone {
            line += 1;
        } else if next.line >= line {
            break;
        }
    }
    line
}

fn checkov_comment(comment: &Comment) -> Mark {
    let text = comment.text.trim();
    let (ids, reason) = text.split_once(':').unwrap_or((text, ""));
    let ids = ids.split_whitespace().next().unwrap_or_default();
    Mark::on_object(Origin::Tool(Tool::Checkov), list(ids), reason, comment.line)
}

/// `KSV-0017:exp:2026-01-31 reason`
fn trivy_comment(comment: &Comment, line: u32, now: Timestamp) -> Mark {
    let text = comment.text.trim();
    let (rule, reason) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    // Several may stand on one line, each with its own word.
    let reason = reason.split('#').next().unwrap_or_default();
    let mut parts = rule.split(':');
    let id = parts.next().unwrap_or_default().to_owned();
    let mark = Mark {
        covers: Covers::Node(line),
        ..Mark::on_object(
            Origin::Tool(Tool::Trivy),
            vec![id.clone()],
            reason,
            comment.line,
        )
    };
    if id.is_empty() || id.contains(['*', '[']) {
        return mark.broken("only whole ids are honoured");
    }
    let mut mark = mark;
    while let Some(key) = parts.next() {
        let value = parts.next().unwrap_or_default();
        if key != "exp" {
            return mark.broken(format!("'{key}' is not for Kubernetes manifests"));
        }
        let Some(end) = value.parse().ok().and_then(start_of) else {
            return mark.broken(format!("'{value}' is no date"));
        };
        mark = until(mark, value, end, now);
    }
    mark
}

fn start_of(day: Date) -> Option<Timestamp> {
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp())
}

fn until(mut mark: Mark, text: &str, end: Timestamp, now: Timestamp) -> Mark {
    mark.expires = Some(text.to_owned());
    if now >= end {
        mark.state = ExceptionState::Expired;
    }
    mark
}

/// Adds what the annotations of an object, and of its pod template where the tool looks there, accept.
pub(super) fn annotations(
    tool: Tool,
    object: &Object,
    pod: Option<Node<'_>>,
    now: Timestamp,
    marks: &mut Vec<Mark>,
) {
    // kube-score is the one that looks at the pod template, too.
    let pod = pod.filter(|pod| tool == Tool::KubeScore && !pod.is_same(object.root()));
    for node in [Some(object.root()), pod].into_iter().flatten() {
        let found = node
            .get_name("metadata")
            .and_then(|metadata| metadata.get_name("annotations"));
        let Some(annotations) = found else {
            continue;
        };
        if tool == Tool::Kubescape {
            marks.extend(kubescape(annotations, now));
            continue;
        }
        for (key, value) in annotations.entries() {
            let text = value.as_str().unwrap_or_default();
            let line = value.position().line;
            annotation(tool, key, text, line, marks);
        }
    }
}

fn annotation(tool: Tool, key: &str, text: &str, line: u32, marks: &mut Vec<Mark>) {
    let origin = Origin::Tool(tool);
    let mut accept =
        |names: Vec<String>, reason: &str| marks.push(Mark::on_object(origin, names, reason, line));
    match tool {
        Tool::Checkov => {
            if key.contains("checkov.io/skip") || key.contains("bridgecrew.io/skip") {
                let (id, reason) = text.split_once('=').unwrap_or((text, ""));
                accept(vec![id.trim().to_owned()], reason);
            }
        }
        Tool::KubeLinter => {
            if let Some(check) = key.strip_prefix("ignore-check.kube-linter.io/") {
                accept(vec![check.to_owned()], text);
            } else if key == "kube-linter.io/ignore-all" {
                accept(Vec::new(), text);
            }
        }
        Tool::KubeScore => {
            let checks = list(text);
            if key == "kube-score/skip" && text.trim().eq_ignore_ascii_case("true")
                || key == "kube-score/ignore" && checks.iter().any(|check| check == "*")
            {
                accept(Vec::new(), "");
            } else if key == "kube-score/ignore" && !checks.is_empty() {
                accept(checks, "");
            }
        }
        Tool::Polaris => {
            let is_true = text.trim().eq_ignore_ascii_case("true");
            let exempt = key.strip_prefix("polaris.fairwinds.com/");
            match exempt.filter(|_| is_true) {
                Some("exempt") => accept(Vec::new(), ""),
                Some(check) => {
                    if let Some(check) = check.strip_suffix("-exempt") {
                        accept(vec![check.to_owned()], "");
                    }
                }
                None => {}
            }
        }
        Tool::Terrascan => {
            if key == "runterrascan.io/skip" {
                terrascan(text, line, marks);
            }
        }
        Tool::Datree => {
            if let Some(rule) = key.strip_prefix("datree.skip/") {
                accept(vec![rule.to_owned()], text);
            }
        }
        Tool::Trivy | Tool::Kubescape => {}
    }
}

/// `[{"rule": "AC_K8S_0046", "comment": "reason"}]`
fn terrascan(text: &str, line: u32, marks: &mut Vec<Mark>) {
    let origin = Origin::Tool(Tool::Terrascan);
    let Ok(serde_json::Value::Array(rules)) = serde_json::from_str(text) else {
        let mark = Mark::on_object(origin, vec![text.trim().to_owned()], "", line);
        marks.push(mark.broken("a JSON list of rules is expected"));
        return;
    };
    for rule in rules {
        let text = |key: &str| rule.get(key).and_then(serde_json::Value::as_str);
        if let Some(id) = text("rule") {
            let reason = text("comment").unwrap_or_default();
            marks.push(Mark::on_object(origin, vec![id.to_owned()], reason, line));
        }
    }
}

/// `kubescape.io/skip-controls`, with `skip-reason` and `skip-expiry`.
fn kubescape(annotations: Node<'_>, now: Timestamp) -> Option<Mark> {
    let value = annotations.get_name("kubescape.io/skip-controls")?;
    let text = |key: &str| annotations.get_name(key).and_then(Node::as_str);
    let controls = list(value.as_str().unwrap_or_default());
    if controls.is_empty() {
        return None;
    }
    let mark = Mark::on_object(
        Origin::Tool(Tool::Kubescape),
        controls,
        text("kubescape.io/skip-reason").unwrap_or_default(),
        value.position().line,
    );
    let Some(expiry) = text("kubescape.io/skip-expiry").filter(|text| !text.is_empty()) else {
        return Some(mark);
    };
    Some(match expiry.parse::<Timestamp>() {
        Ok(end) => until(mark, expiry, end, now),
        Err(_) => mark.broken(format!(
            "'{expiry}' is no moment such as 2026-01-31T12:00:00Z"
        )),
    })
}

fn list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}
