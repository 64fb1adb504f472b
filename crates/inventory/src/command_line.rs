//! What a component's command line sets.
//!
//! Components of Kubernetes read their flags with the library `pflag`: `--name=value`, `--name value`, and `--name`
//! alone for what is switched on. In names `_` is the same as `-`. A flag that is given twice counts the last time,
//! but a list or map of values grows.

use std::borrow::Cow;

use plimsoll_document::Node;

use crate::component::{Component, program_and_rest, words};

/// A command line, read.
#[derive(Debug, Clone, Default)]
pub struct CommandLine<'n> {
    flags: Vec<Flag<'n>>,
    is_known: bool,
}

/// A flag that a command line sets.
#[derive(Debug, Clone)]
pub struct Flag<'n> {
    /// Its name, without the dashes before it.
    pub name: Cow<'n, str>,
    /// Its value; `true` where it stands alone.
    pub value: Cow<'n, str>,
    /// The word that sets it, the last one where there are several.
    pub word: Node<'n>,
}

/// Flags of components whose values add up where they are given more than once: lists and maps of `pflag`.
const GROWING: &[&str] = &[
    "admission-control",
    "allow-metric-labels",
    "allowed-unsafe-sysctls",
    "api-audiences",
    "authorization-always-allow-paths",
    "authorization-mode",
    "authorization-plugin",
    "cluster-dns",
    "controllers",
    "cors-allowed-origins",
    "default-ulimit",
    "disable-admission-plugins",
    "disabled-metrics",
    "enable-admission-plugins",
    "enforce-node-allocatable",
    "etcd-servers",
    "etcd-servers-overrides",
    "feature-gates",
    "host",
    "insecure-registry",
    "kube-reserved",
    "kubelet-preferred-address-types",
    "node-labels",
    "nodeport-addresses",
    "oidc-required-claim",
    "oidc-signing-algs",
    "qos-reserved",
    "requestheader-allowed-names",
    "requestheader-extra-headers-prefix",
    "requestheader-group-headers",
    "requestheader-uid-headers",
    "requestheader-username-headers",
    "runtime-config",
    "service-account-issuer",
    "service-account-key-file",
    "storage-opt",
    "strict-transport-security-directives",
    "system-reserved",
    "tls-cipher-suites",
    "tls-sni-cert-key",
];

impl<'n> CommandLine<'n> {
    /// Reads the command line of a container, or of a component of node facts: its `command` and, where it has them,
    /// its `args`.
    pub fn read(component: Component, holder: Node<'n>) -> CommandLine<'n> {
        let mut line = CommandLine {
            flags: Vec::new(),
            is_known: words(holder).next().is_some(),
        };
        let Some((_, rest)) = program_and_rest(holder) else {
            return line;
        };
        let mut rest = rest
            .filter_map(|word| word.as_str().map(|text| (word, text)))
            .peekable();
        while let Some((word, text)) = rest.next() {
            // What comes after two dashes alone is no flag any more.
            if text == "--" {
                break;
            }
            let Some(flag) = text.strip_prefix("--").or_else(|| text.strip_prefix('-')) else {
                continue;
            };
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, value),
                None => match rest.next_if(|(_, next)| !next.starts_with('-')) {
                    Some((_, value)) => (flag, value),
                    None => (flag, "true"),
                },
            };
            line.set(full_name(component, name), value, word);
        }
        line
    }

    fn set(&mut self, name: Cow<'n, str>, value: &'n str, word: Node<'n>) {
        let known = self.flags.iter_mut().find(|flag| flag.name == name);
        let Some(flag) = known else {
            let value = Cow::Borrowed(value);
            self.flags.push(Flag { name, value, word });
            return;
        };
        flag.word = word;
        flag.value = if GROWING.contains(&&*name) {
            Cow::Owned(format!("{},{value}", flag.value))
        } else {
            Cow::Borrowed(value)
        };
    }

    /// All flags, each once.
    pub fn flags(&self) -> &[Flag<'n>] {
        &self.flags
    }

    /// The flag of this name.
    pub fn flag(&self, name: &str) -> Option<&Flag<'n>> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// Whether there is a command line at all: a component may be known by its configuration only.
    pub fn is_known(&self) -> bool {
        self.is_known
    }
}

/// A flag's name as its component documents it.
fn full_name(component: Component, name: &str) -> Cow<'_, str> {
    match (component, name) {
        (Component::Dockerd, "H") => "host".into(),
        (Component::Dockerd, "D") => "debug".into(),
        (Component::Dockerd, "G") => "group".into(),
        (Component::Dockerd | Component::Containerd | Component::CriO, "l") => "log-level".into(),
        (Component::Containerd | Component::CriO, "c") => "config".into(),
        (_, name) if name.contains('_') => name.replace('_', "-").into(),
        (_, name) => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_document::{Format, Limits, Source, parse};

    use super::*;

    /// What a container with these fields sets, as `name=value`.
    fn read(component: Component, yaml: &str) -> Vec<String> {
        let source = Arc::new(Source::new("test.yaml", yaml));
        let parsed = parse(&source, Format::Yaml, &Limits::default());
        let root = parsed.documents[0].root.expect("a map");
        let line = CommandLine::read(component, parsed.tree.node(root));
        line.flags()
            .iter()
            .map(|flag| format!("{}={}", flag.name, flag.value))
            .collect()
    }

    #[test]
    fn flags_are_read_in_every_form() {
        let read = |yaml| read(Component::KubeApiserver, yaml);
        assert_eq!(
            read("command: [kube-apiserver, --a=b=c, --d, e, --f, -g, -h=, word, --i]"),
            ["a=b=c", "d=e", "f=true", "g=true", "h=", "i=true"]
        );
        assert_eq!(
            read("command: [/bin/kube-apiserver]\nargs: [--feature_gates=A=true, --, --no=1]"),
            ["feature-gates=A=true"]
        );
        assert_eq!(
            read("command: [/go-runner, --log-file=x, /bin/kube-apiserver, --v=2]"),
            ["v=2"]
        );
        assert_eq!(read("args: [kube-apiserver, --v, \"2\"]"), ["v=2"]);
        assert!(read("image: kube-apiserver").is_empty());
    }

    #[test]
    fn the_last_counts_and_lists_grow() {
        assert_eq!(
            read(
                Component::KubeApiserver,
                "command: [kube-apiserver, --profiling=true, --tls-cipher-suites=A, --profiling=false, --tls-cipher-suites=B]"
            ),
            ["profiling=false", "tls-cipher-suites=A,B"]
        );
        assert_eq!(
            read(
                Component::Dockerd,
                "command: [dockerd, -H, 'fd://', --host=tcp://0.0.0.0:2375]"
            ),
            ["host=fd://,tcp://0.0.0.0:2375"]
        );
        assert_eq!(
            read(Component::Containerd, "command: [containerd, -c, /a.toml]"),
            ["config=/a.toml"]
        );
    }

    #[test]
    fn growing_flags_are_sorted() {
        assert!(GROWING.is_sorted());
    }
}
