//! The functions, one file a family.

use crate::error::EvalError;
use crate::value::{Heap, Value};

/// A function as it is called: a member's target is the first argument. It looks at the types of its arguments and
/// fails with [`ErrorKind::NoSuchOverload`](crate::error::ErrorKind::NoSuchOverload) where it has no form for them.
pub type Run = for<'a> fn(Heap<'a>, &[Value<'a>]) -> Result<Value<'a>, EvalError<'a>>;

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
