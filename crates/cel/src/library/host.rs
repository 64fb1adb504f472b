//! What the embedding program knows beside the values of an expression.

use std::any::Any;
use std::fmt;

use super::Object;
use crate::value::Value;

/// Something that functions of the embedding program ask: an inventory of objects, say. It is given to an expression
/// as the value of a variable, and the functions get it back with [`Value::host`].
pub trait Host: Any + fmt::Debug + Sync {
    /// The name of its type in expressions.
    fn type_name(&self) -> &'static str;
}

impl<'a> Value<'a> {
    /// The host of this type; `None` for any other value.
    pub fn host<T: Host>(self) -> Option<&'a T> {
        match self {
            Value::Object(Object::Host(host)) => {
                let host: &'a dyn Any = *host;
                host.downcast_ref()
            }
            _ => None,
        }
    }
}
