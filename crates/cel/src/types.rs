//! Static types.

use std::fmt;
use std::sync::Arc;

/// A static type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// `null`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `uint`
    Uint,
    /// `double`
    Double,
    /// `string`
    String,
    /// `bytes`
    Bytes,
    /// `google.protobuf.Duration`
    Duration,
    /// `google.protobuf.Timestamp`
    Timestamp,
    /// Known only when evaluated.
    Dyn,
    /// What a failed check gives, so that one mistake is told once.
    Error,
    /// `list(T)`
    List(Arc<Type>),
    /// `map(K, V)`
    Map(Arc<Type>, Arc<Type>),
    /// `type(T)`: the type of a type.
    Type(Arc<Type>),
    /// `optional_type(T)`
    Optional(Arc<Type>),
    /// A type parameter of a declaration, or a variable of the inference.
    Param(Arc<str>),
    /// A type with a name and perhaps parameters: `net.IP`, `kubernetes.Quantity`, the request of an admission review.
    Named(Arc<str>, Arc<[Type]>),
}

impl Type {
    /// `list(element)`
    pub fn list(element: Type) -> Type {
        Type::List(Arc::new(element))
    }

    /// `map(key, value)`
    pub fn map(key: Type, value: Type) -> Type {
        Type::Map(Arc::new(key), Arc::new(value))
    }

    /// `optional_type(value)`
    pub fn optional(value: Type) -> Type {
        Type::Optional(Arc::new(value))
    }

    /// A named type without parameters.
    pub fn named(name: &str) -> Type {
        Type::Named(name.into(), Arc::new([]))
    }

    /// A type parameter.
    pub fn param(name: &str) -> Type {
        Type::Param(name.into())
    }

    /// Whether there is a type parameter in it.
    pub(crate) fn has_parameters(&self) -> bool {
        match self {
            Type::Param(_) => true,
            Type::List(of) | Type::Type(of) | Type::Optional(of) => of.has_parameters(),
            Type::Map(key, value) => key.has_parameters() || value.has_parameters(),
            Type::Named(_, parameters) => parameters.iter().any(Type::has_parameters),
            _ => false,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Null => f.write_str("null"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Uint => f.write_str("uint"),
            Type::Double => f.write_str("double"),
            Type::String => f.write_str("string"),
            Type::Bytes => f.write_str("bytes"),
            Type::Duration => f.write_str("google.protobuf.Duration"),
            Type::Timestamp => f.write_str("google.protobuf.Timestamp"),
            Type::Dyn => f.write_str("dyn"),
            Type::Error => f.write_str("!error!"),
            Type::List(element) => write!(f, "list({element})"),
            Type::Map(key, value) => write!(f, "map({key}, {value})"),
            Type::Type(of) => write!(f, "type({of})"),
            Type::Optional(of) => write!(f, "optional_type({of})"),
            Type::Param(name) => f.write_str(name),
            Type::Named(name, parameters) if parameters.is_empty() => f.write_str(name),
            Type::Named(name, parameters) => {
                write!(f, "{name}(")?;
                for (at, parameter) in parameters.iter().enumerate() {
                    if at > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{parameter}")?;
                }
                f.write_str(")")
            }
        }
    }
}
