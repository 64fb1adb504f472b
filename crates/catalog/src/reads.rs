//! Which objects a control reads: those it judges, and those that its expressions ask for.
//!
//! It is read off the syntax of the expressions. Where the name of a kind is computed, the page says in `reads` what it
//! can be; where it does not, it may be anything.

use std::collections::{BTreeSet, HashMap};

use plimsoll_cel::ast::{BinaryOperator, ComprehensionKind, Expr, ExprKind, Literal};
use plimsoll_cel::environment::Environment;
use plimsoll_cel::syntax;
use plimsoll_inventory::{
    CLUSTER_KIND, Kinds, LOOKS, Looks, NODE_FACTS_GROUP, NODE_FACTS_KIND, Place, Read,
};

use crate::applies::Applies;
use crate::control::Control;
use crate::each::Start;

/// What a control reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reads {
    /// The kinds that it judges.
    pub judged: BTreeSet<Kinds>,
    /// What its expressions ask for: without it nothing can be said.
    pub asked: BTreeSet<Read>,
    /// What they look at where it is there, and have an answer without.
    pub looked_at: BTreeSet<Read>,
}

impl Reads {
    /// Everything that is asked for or looked at.
    pub fn all_asked(&self) -> impl Iterator<Item = &Read> {
        self.asked.iter().chain(&self.looked_at)
    }
}

impl Control {
    /// What the control reads. Nothing for a control that cannot be assessed.
    pub fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        if self.expect.is_none() {
            return reads;
        }
        match &self.applies {
            Applies::Workloads => reads.judged.extend(Kinds::workloads()),
            Applies::Kinds(kinds) | Applies::Components(_, kinds) => {
                for (group, kind) in kinds {
                    let name = group.as_ref().map(|group| format!("{group}/{kind}"));
                    reads
                        .judged
                        .insert(Kinds::named(name.as_ref().unwrap_or(kind)));
                }
            }
        }
        // No cluster has them: they come from files, logs and kubelets.
        let facts = Kinds::named(&format!("{NODE_FACTS_GROUP}/{NODE_FACTS_KIND}"));
        reads.judged.remove(&facts);
        if self.judges_node_facts() {
            // Of which nodes there are no facts is told by Nodes; a component runs in Pods of its own, perhaps.
            reads.looked_at.insert(everywhere(Kinds::named("Node")));
        }
        if !self.components().is_empty() {
            for kind in ["Pod", "apps/DaemonSet"] {
                reads.looked_at.insert(Read {
                    kinds: Kinds::named(kind),
                    place: Place::Namespace("kube-system".to_owned()),
                });
            }
        }
        let of_cluster = Kinds::named(&format!(
            "{}/{CLUSTER_KIND}",
            plimsoll_inventory::CLUSTER_GROUP
        ));
        if reads.judged.remove(&of_cluster) {
            // It stands for the whole of a cluster, which is told by its nodes.
            reads.asked.insert(everywhere(Kinds::named("Node")));
        }
        let environment = Environment::controls();
        for text in [
            self.when_text(),
            self.known_text(),
            self.expect_text(),
            self.message_text(),
        ] {
            if text.is_empty() {
                continue;
            }
            // It was parsed before, when the page was read.
            if let Ok(ast) = syntax::parse(text, environment.parse_options()) {
                let mut reader = Reader {
                    control: self,
                    judged: &reads.judged,
                    scope: HashMap::new(),
                    asked: &mut reads.asked,
                    looked_at: &mut reads.looked_at,
                };
                reader.visit(&ast.root);
            }
        }
        reads
    }
}

fn everywhere(kinds: Kinds) -> Read {
    Read {
        kinds,
        place: Place::Everywhere,
    }
}

/// What a text of an expression can be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Text {
    /// This.
    Whole(String),
    /// Something that begins with this.
    Beginning(String),
}

struct Reader<'r> {
    control: &'r Control,
    judged: &'r BTreeSet<Kinds>,
    /// What the variables of macros over lists of constants can be.
    scope: HashMap<String, Vec<Text>>,
    asked: &'r mut BTreeSet<Read>,
    looked_at: &'r mut BTreeSet<Read>,
}

impl Reader<'_> {
    fn visit(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::MemberCall {
                target,
                function,
                args,
            } if is_name(target, "cluster") => {
                self.call(function, args);
                for argument in args {
                    self.visit(argument);
                }
            }
            ExprKind::Comprehension(of) => {
                self.visit(&of.range);
                let values = match (&of.second_variable, of.kind) {
                    (None, kind) if kind != ComprehensionKind::SortBy => self.elements(&of.range),
                    _ => None,
                };
                let shadowed = match values {
                    Some(values) => self.scope.insert(of.variable.clone(), values),
                    None => self.scope.remove(&of.variable),
                };
                if let Some(filter) = &of.filter {
                    self.visit(filter);
                }
                self.visit(&of.body);
                match shadowed {
                    Some(values) => self.scope.insert(of.variable.clone(), values),
                    None => self.scope.remove(&of.variable),
                };
            }
            kind => kind.for_each_child(|child| self.visit(child)),
        }
    }

    fn call(&mut self, function: &str, args: &[Expr]) {
        let looks = LOOKS.iter().find(|(name, _)| *name == function);
        let looks = looks.map_or(Looks::Nowhere, |(_, looks)| *looks);
        match looks {
            Looks::Nowhere => {}
            Looks::AtIfThere(kinds) => {
                let reads = kinds.iter().map(|kind| everywhere(Kinds::named(kind)));
                self.looked_at.extend(reads);
            }
            Looks::At(kinds) => self.add_all(kinds),
            Looks::AtWorkloads => self.add_workloads(),
            Looks::AtWorkloadsBehind(kinds) => {
                self.add_workloads();
                let asks_of_routes = self.judged.iter().any(|kinds| {
                    matches!(kinds, Kinds::One { kind, .. } if kind == "Ingress" || kind.ends_with("Route"))
                });
                if asks_of_routes {
                    self.add_all(kinds);
                }
            }
            Looks::AtArgument(number) => {
                let place = match args.get(number + 1) {
                    None => Place::Everywhere,
                    Some(namespace) => match &namespace.kind {
                        ExprKind::Literal(Literal::String(name)) if !name.is_empty() => {
                            Place::Namespace(name.clone())
                        }
                        _ => Place::Somewhere,
                    },
                };
                self.add_named(args.get(number), &place);
            }
            Looks::AtArgumentNearby(number) => self.add_named(args.get(number), &Place::Somewhere),
        }
    }

    /// Kinds that a function looks at on its own: near what it is asked of, wherever that is.
    fn add_all(&mut self, kinds: &[&str]) {
        for kind in kinds {
            self.asked.insert(Read {
                kinds: Kinds::named(kind),
                place: Place::Somewhere,
            });
        }
    }

    fn add_workloads(&mut self) {
        self.asked.extend(Kinds::workloads().map(|kinds| Read {
            kinds,
            place: Place::Somewhere,
        }));
    }

    fn add_named(&mut self, name: Option<&Expr>, place: &Place) {
        let texts = name.and_then(|name| self.texts(name));
        let kinds = match texts {
            Some(texts) => texts.iter().filter_map(kinds_of).collect(),
            None if self.control.reads_text.is_empty() => vec![Kinds::All],
            None => self
                .control
                .reads_text
                .iter()
                .flat_map(|name| match name.as_str() {
                    "workloads" => Kinds::workloads().collect(),
                    name => vec![Kinds::named(name)],
                })
                .collect(),
        };
        self.asked.extend(kinds.into_iter().map(|kinds| Read {
            kinds,
            place: place.clone(),
        }));
    }

    /// What the elements of a list can be, where all of them are told.
    fn elements(&self, list: &Expr) -> Option<Vec<Text>> {
        let ExprKind::List(elements) = &list.kind else {
            return None;
        };
        let texts: Option<Vec<Vec<Text>>> = elements
            .iter()
            .map(|element| self.texts(&element.value))
            .collect();
        Some(texts?.concat())
    }

    /// What a text can be; `None` where that cannot be told.
    fn texts(&self, expr: &Expr) -> Option<Vec<Text>> {
        match &expr.kind {
            ExprKind::Literal(Literal::String(text)) => Some(vec![Text::Whole(text.clone())]),
            ExprKind::Ident { name, .. } => self.scope.get(name).cloned(),
            ExprKind::Select { operand, field, .. } if field == "kind" => {
                self.kinds_judged(operand)
            }
            // `item.?kind.orValue('')`
            ExprKind::MemberCall {
                target,
                function,
                args,
            } if function == "orValue" && args.len() == 1 => {
                let mut texts = self.texts(target)?;
                texts.extend(self.texts(&args[0])?);
                Some(texts)
            }
            ExprKind::Conditional {
                then, otherwise, ..
            } => {
                let mut texts = self.texts(then)?;
                texts.extend(self.texts(otherwise)?);
                Some(texts)
            }
            ExprKind::Binary {
                operator: BinaryOperator::Add,
                left,
                right,
            } => {
                let (left, right) = (self.texts(left)?, self.texts(right));
                Some(
                    left.iter()
                        .flat_map(|left| join(left, right.as_deref()))
                        .collect(),
                )
            }
            _ => None,
        }
    }

    /// The kinds of the object that is judged.
    fn kinds_judged(&self, operand: &Expr) -> Option<Vec<Text>> {
        let is_object = self
            .control
            .each
            .iter()
            .all(|each| each.start == Start::Object && each.path.segments.is_empty());
        if !(is_name(operand, "object") || is_object && is_name(operand, "item")) {
            return None;
        }
        let kinds = self.judged.iter().map(|kinds| match kinds {
            Kinds::One { kind, .. } => Some(Text::Whole(kind.clone())),
            Kinds::Group(_) | Kinds::All => None,
        });
        kinds.collect()
    }
}

fn is_name(expr: &Expr, wanted: &str) -> bool {
    matches!(&expr.kind, ExprKind::Ident { name, .. } if name == wanted)
}

fn join(left: &Text, right: Option<&[Text]>) -> Vec<Text> {
    let Text::Whole(start) = left else {
        return vec![left.clone()];
    };
    let Some(right) = right else {
        return vec![Text::Beginning(start.clone())];
    };
    let joined = right.iter().map(|text| match text {
        Text::Whole(end) => Text::Whole(format!("{start}{end}")),
        Text::Beginning(end) => Text::Beginning(format!("{start}{end}")),
    });
    joined.collect()
}

/// The kinds of a name; `None` for an empty one, which is none.
fn kinds_of(text: &Text) -> Option<Kinds> {
    match text {
        Text::Whole(name) => (!name.is_empty() && !name.ends_with('/')).then(|| Kinds::named(name)),
        Text::Beginning(start) => Some(match start.split_once('/') {
            Some((group, _)) => Kinds::Group(group.to_owned()),
            None => Kinds::All,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(applies: &str, expect: &str) -> Vec<String> {
        let page = format!(
            "---\nid: TST-001\nseverity: low\nrisk: 1\nsince: 0.1.0\napplies: {applies}\nneeds: cluster\neach: object\nexpect: >-\n  {expect}\nmessage: \"'x'\"\n---\n# Title\n\nText.\n"
        );
        let control = Control::parse("own/test.md", &page).unwrap();
        let shown = control.reads().asked.into_iter().map(|read| {
            let kinds = match read.kinds {
                Kinds::One { group, kind } => format!("{group}/{kind}"),
                Kinds::Group(group) => format!("{group}/*"),
                Kinds::All => "*".to_owned(),
            };
            match read.place {
                Place::Everywhere => kinds,
                Place::Somewhere => format!("{kinds} nearby"),
                Place::Namespace(name) => format!("{kinds} in {name}"),
            }
        });
        shown.collect()
    }

    #[test]
    fn what_is_asked_for_is_read_off_the_expression() {
        for (expect, asked) in [
            ("true", &[][..]),
            ("cluster.objects('Pod').size() > 0", &["/Pod"]),
            (
                "cluster.objects('Lease', 'kube-system') == []",
                &["coordination.k8s.io/Lease in kube-system"],
            ),
            (
                "cluster.find('a.b/C', object.metadata.namespace, 'x').hasValue()",
                &["a.b/C nearby"],
            ),
            (
                "['a.b/C', 'Role'].exists(k, cluster.objects(k).size() > 0)",
                &["a.b/C", "rbac.authorization.k8s.io/Role"],
            ),
            ("cluster.objects('a.b/' + object.spec.x) == []", &["a.b/*"]),
            ("cluster.objects(object.spec.x) == []", &["*"]),
            (
                "cluster.objects(object.kind + 'Claim') == []",
                &["/PersistentVolumeClaim"],
            ),
            ("[object].exists(k, cluster.objects(k.kind) == [])", &["*"]),
            (
                "cluster.isIsolated(object, 'Ingress')",
                &["networking.k8s.io/NetworkPolicy nearby"],
            ),
            (
                "cluster.selecting(object, 'Service') == []",
                &["/Service nearby"],
            ),
            (
                "cluster.objects(true ? 'Pod' : 'Node') == []",
                &["/Node", "/Pod"],
            ),
        ] {
            assert_eq!(reads("[PersistentVolume]", expect), asked, "{expect}");
        }
        assert_eq!(reads("[plimsoll.dev/Cluster]", "true"), ["/Node"]);
    }

    #[test]
    fn pages_of_the_project_say_what_they_read() {
        let catalog = crate::Catalog::built_in().unwrap();
        let computed = |control: &&Control| {
            control
                .reads()
                .asked
                .iter()
                .any(|read| read.kinds == Kinds::All)
        };
        let silent: Vec<&str> = catalog
            .controls()
            .iter()
            .filter(computed)
            .map(|control| control.id.as_str())
            .collect();
        assert_eq!(
            silent,
            Vec::<&str>::new(),
            "state in `reads` which kinds they can be"
        );
    }
}
