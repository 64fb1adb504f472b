//! The functions, one file a family.

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

/// All functions of all libraries; which of them an expression may use is up to the environment.
static FAMILIES: &[&[Function]] = &[];

/// The function of this name and form.
pub fn find(name: &str, member: bool) -> Option<&'static Function> {
    FAMILIES
        .iter()
        .copied()
        .flatten()
        .find(|function| function.member == member && function.name == name)
}

/// The usual cost of a call: one unit.
pub fn unit_cost(_arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    1
}

/// A value of one of the libraries.
#[derive(Debug, Clone)]
pub enum Object<'a> {
    /// Taken out when the first library comes.
    Placeholder(&'a str),
}

impl<'a> Object<'a> {
    /// The name of its type, as `type(value)` gives it.
    pub fn type_name(&self) -> &'a str {
        match self {
            Object::Placeholder(name) => name,
        }
    }
}
