//! The functions, one file a family, and the operators behind them.

pub(crate) mod arithmetic;
pub mod authorizer;
mod calendar;
mod conversions;
mod encoders;
pub(crate) mod equality;
mod host;
mod json_patch;
mod kubernetes_lists;
pub(crate) mod lists;
mod math;
pub(crate) mod membership;
mod name_format;
mod network;
pub(crate) mod operator_cost;
mod optionals;
pub(crate) mod order;
mod quantity;
pub mod regex;
mod required_text;
mod semver;
mod strings;
mod text_format;
mod url;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::LazyLock;

pub use host::Host;
pub use name_format::NameFormat;
pub use network::{Cidr, parse_ip};
pub use quantity::Quantity;
pub use semver::Semver;
pub use url::Url;

use crate::error::EvalError;
use crate::value::{Heap, Value};

/// A function as it is called: a member's target is the first argument. It looks at the types of its arguments and
/// fails with [`ErrorKind::NoSuchOverload`](crate::error::ErrorKind::NoSuchOverload) where it has no form for them.
pub type Run = for<'a> fn(Heap<'a>, &[Value<'a>]) -> Result<Value<'a>, EvalError<'a>>;

/// What a call costs at run time, in the API server's units, beyond its arguments: of the arguments and the result.
pub type Cost = fn(&[Value<'_>], &Value<'_>) -> u64;

/// A function that expressions can call.
#[derive(Debug)]
pub struct Function {
    /// Its name; with dots where it lives in a namespace: `sets.contains`.
    pub name: &'static str,
    /// Called as `target.name(...)`; a function may exist in both forms, as two entries.
    pub member: bool,
    /// Runs it.
    pub run: Run,
    /// Counts it.
    pub cost: Cost,
}

impl Function {
    /// A function.
    pub const fn new(name: &'static str, member: bool, run: Run, cost: Cost) -> Function {
        Function {
            name,
            member,
            run,
            cost,
        }
    }
}

/// All functions of all libraries; which of them an expression may use is up to the environment.
static FAMILIES: &[&[Function]] = &[
    conversions::FUNCTIONS,
    strings::FUNCTIONS,
    calendar::FUNCTIONS,
    optionals::FUNCTIONS,
    lists::FUNCTIONS,
    kubernetes_lists::FUNCTIONS,
    regex::FUNCTIONS,
    math::FUNCTIONS,
    encoders::FUNCTIONS,
    quantity::FUNCTIONS,
    network::FUNCTIONS,
    url::FUNCTIONS,
    semver::FUNCTIONS,
    name_format::FUNCTIONS,
    authorizer::FUNCTIONS,
    json_patch::FUNCTIONS,
];

static BY_NAME: LazyLock<HashMap<(&str, bool), &'static Function>> = LazyLock::new(|| {
    FAMILIES
        .iter()
        .copied()
        .flatten()
        .map(|function| ((function.name, function.member), function))
        .collect()
});

/// The function of this name and form.
pub fn find(name: &str, member: bool) -> Option<&'static Function> {
    BY_NAME.get(&(name, member)).copied()
}

/// The usual cost of a call: one unit.
pub fn unit_cost(_arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    1
}

/// A value of one of the libraries.
#[derive(Debug, Clone, Copy)]
pub enum Object<'a> {
    /// `kubernetes.Quantity`
    Quantity(Quantity),
    /// `net.IP`
    Ip(IpAddr),
    /// `net.CIDR`
    Cidr(Cidr),
    /// `kubernetes.URL`
    Url(Url<'a>),
    /// `kubernetes.Semver`
    Semver(Semver<'a>),
    /// `kubernetes.NamedFormat`
    Format(NameFormat),
    /// An authorization check that is being put together.
    Check(authorizer::Check<'a>),
    /// The outcome of one.
    Decision(authorizer::Decision<'a>),
    /// Something that the embedding program knows, and that its own functions ask.
    Host(&'a (dyn Host + 'static)),
}

impl<'a> Object<'a> {
    /// The name of its type, as `type(value)` gives it.
    pub fn type_name(&self) -> &'a str {
        match self {
            Object::Quantity(_) => "kubernetes.Quantity",
            Object::Ip(_) => "net.IP",
            Object::Cidr(_) => "net.CIDR",
            Object::Url(_) => "kubernetes.URL",
            Object::Semver(_) => "kubernetes.Semver",
            Object::Format(_) => "kubernetes.NamedFormat",
            Object::Check(check) => check.type_name(),
            Object::Decision(_) => "kubernetes.authorization.Decision",
            Object::Host(host) => host.type_name(),
        }
    }

    /// `==`. Authorization checks are never equal: they have no value to compare.
    pub(crate) fn is_equal(&self, other: &Object<'_>) -> bool {
        match (self, other) {
            (Object::Quantity(left), Object::Quantity(right)) => left == right,
            (Object::Ip(left), Object::Ip(right)) => left == right,
            (Object::Cidr(left), Object::Cidr(right)) => left == right,
            (Object::Url(left), Object::Url(right)) => left == right,
            (Object::Semver(left), Object::Semver(right)) => left.precedence(right).is_eq(),
            (Object::Format(left), Object::Format(right)) => left == right,
            (Object::Decision(left), Object::Decision(right)) => left == right,
            _ => false,
        }
    }
}
