//! What is compared: a property of the ground truth with objects or containers that controls and expressions find.

/// Which objects of the generated cluster are scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// All.
    Whole,
    /// All but what makes up for a property elsewhere, which the generator does not take into account: ranges and quotas
    /// for limits, autoscalers for replicas, rights to read Secrets for their use, and policies that allow DNS for a
    /// default deny.
    Bare,
    /// Pods without the workloads that made them, so that every Pod is judged; and without ranges and quotas.
    Pods,
}

impl Part {
    pub(crate) const ALL: [Part; 3] = [Part::Whole, Part::Bare, Part::Pods];

    pub(crate) fn has(self, line: &str) -> bool {
        let kind = line
            .split_once(r#""kind":""#)
            .and_then(|(_, rest)| rest.split_once('"'))
            .map_or("", |(kind, _)| kind);
        let left_out: &[&str] = match self {
            Part::Whole => &[],
            Part::Bare => &[
                "LimitRange",
                "ResourceQuota",
                "HorizontalPodAutoscaler",
                "RoleBinding",
            ],
            Part::Pods => &[
                "LimitRange",
                "ResourceQuota",
                "Deployment",
                "ReplicaSet",
                "StatefulSet",
                "DaemonSet",
                "Job",
                "CronJob",
            ],
        };
        let allows_dns = kind == "NetworkPolicy" && line.contains(r#""name":"allow-dns""#);
        !(left_out.contains(&kind) || self == Part::Bare && allows_dns)
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    /// Objects.
    Object,
    /// Containers of workloads, those that start them included.
    Container,
    /// Places in objects.
    Place,
    /// Subjects of bindings, each once.
    Subject,
}

/// A set of objects, or of places in them.
#[derive(Debug)]
pub(crate) enum Set {
    /// What a control finds.
    Control(&'static str),
    /// What any control finds that is direct evidence for a framework.
    Framework(&'static str),
    /// Where an expression holds, on objects of the kinds that it is for.
    Expression(&'static str, &'static str),
    /// The roles that the bindings of a set give, but for those that every cluster has.
    Roles(Box<Set>),
    /// The objects of a set that are of a kind.
    OfKind(&'static str, Box<Set>),
    /// What is in one of two sets that have nothing in common.
    Or(Box<Set>, Box<Set>),
    /// What is in both.
    And(Box<Set>, Box<Set>),
    /// What is in the first only.
    Without(Box<Set>, Box<Set>),
}

/// What the name of a control finds.
pub(crate) fn control(name: &'static str) -> Set {
    Set::Control(name)
}

/// The workloads or their containers of which an expression is true.
pub(crate) fn workloads(holds: &'static str) -> Set {
    Set::Expression("workloads", holds)
}

/// The objects of some kinds of which an expression is true.
pub(crate) fn objects(kinds: &'static str, holds: &'static str) -> Set {
    Set::Expression(kinds, holds)
}

impl Set {
    pub(crate) fn or(self, other: Set) -> Set {
        Set::Or(Box::new(self), Box::new(other))
    }

    pub(crate) fn and(self, other: Set) -> Set {
        Set::And(Box::new(self), Box::new(other))
    }

    pub(crate) fn without(self, other: Set) -> Set {
        Set::Without(Box::new(self), Box::new(other))
    }

    pub(crate) fn roles(self) -> Set {
        Set::Roles(Box::new(self))
    }

    pub(crate) fn of_kind(self, kind: &'static str) -> Set {
        Set::OfKind(kind, Box::new(self))
    }

    /// Visits this set and those that it is made of.
    pub(crate) fn visit<'s>(&'s self, visit: &mut impl FnMut(&'s Set)) {
        visit(self);
        match self {
            Set::Control(_) | Set::Framework(_) | Set::Expression(..) => {}
            Set::Roles(inner) | Set::OfKind(_, inner) => inner.visit(visit),
            Set::Or(left, right) | Set::And(left, right) | Set::Without(left, right) => {
                left.visit(visit);
                right.visit(visit);
            }
        }
    }

    pub(crate) fn has_control(&self) -> bool {
        let mut found = false;
        self.visit(&mut |set| found |= matches!(set, Set::Control(_) | Set::Framework(_)));
        found
    }
}

/// A property of the generator, and what is the same here.
#[derive(Debug)]
pub(crate) struct Comparison {
    pub(crate) property: &'static str,
    pub(crate) part: Part,
    pub(crate) unit: Unit,
    pub(crate) set: Set,
}

pub(crate) fn compare(property: &'static str, part: Part, unit: Unit, set: Set) -> Comparison {
    Comparison {
        property,
        part,
        unit,
        set,
    }
}
