//! Conversions of constants, done once when an expression is compiled. The API server does the same, so they cost
//! nothing at run time.

use crate::arena::Arena;
use crate::ast::Literal;
use crate::instruction::{Constant, Instruction};
use crate::library;
use crate::value::{Heap, Value};

/// The conversion functions that are done beforehand where their argument is a constant.
const CONVERSIONS: &[&str] = &[
    "bool",
    "bytes",
    "double",
    "duration",
    "dyn",
    "int",
    "string",
    "timestamp",
    "uint",
];

/// The constant of a literal.
pub(crate) fn literal(literal: &Literal) -> Constant {
    match literal {
        Literal::Null => Constant::Null,
        Literal::Bool(value) => Constant::Bool(*value),
        Literal::Int(value) => Constant::Int(*value),
        Literal::Uint(value) => Constant::Uint(*value),
        Literal::Double(value) => Constant::Double(*value),
        Literal::String(value) => Constant::String(value.as_str().into()),
        Literal::Bytes(value) => Constant::Bytes(value.as_slice().into()),
    }
}

/// The result of a conversion of a constant; `None` where this is none, or where it fails and so must fail at run time.
pub(crate) fn fold_conversion(
    name: &str,
    member: bool,
    arguments: &[Instruction],
) -> Option<Constant> {
    let [Instruction::Constant(argument)] = arguments else {
        return None;
    };
    if member || !CONVERSIONS.contains(&name) {
        return None;
    }
    let function = library::find(name, false)?;
    let arena = Arena::default();
    let heap = Heap::new(&arena);
    let result = (function.run)(heap, &[argument.value(heap)]).ok()?;
    Constant::from_value(result)
}

/// Converts a literal as a call of a conversion function would: the reason where that fails.
pub(crate) fn convert(name: &str, of: &Literal) -> Result<(), String> {
    let Some(function) = library::find(name, false) else {
        return Ok(());
    };
    let arena = Arena::default();
    let heap = Heap::new(&arena);
    let constant = literal(of);
    (function.run)(heap, &[constant.value(heap)])
        .map(|_| ())
        .map_err(ToString::to_string)
}

impl Constant {
    /// The value; lists and maps are made in the heap.
    #[inline]
    pub(crate) fn value<'a>(&'a self, heap: Heap<'a>) -> Value<'a> {
        match self {
            Constant::Null => Value::Null,
            Constant::Bool(value) => Value::Bool(*value),
            Constant::Int(value) => Value::Int(*value),
            Constant::Uint(value) => Value::Uint(*value),
            Constant::Double(value) => Value::Double(*value),
            Constant::String(value) => Value::String(value),
            Constant::Bytes(value) => Value::Bytes(value),
            Constant::Type(name) => Value::Type(name),
            Constant::Duration(value) => Value::Duration(*value),
            Constant::Timestamp(value) => Value::Timestamp(*value),
            Constant::List(elements) => {
                let values: Vec<Value<'a>> =
                    elements.iter().map(|element| element.value(heap)).collect();
                heap.list(&values)
            }
            Constant::Map(entries) => {
                let entries: Vec<(Value<'a>, Value<'a>)> = entries
                    .iter()
                    .map(|(key, value)| (key.value(heap), value.value(heap)))
                    .collect();
                heap.map(&entries)
            }
        }
    }

    /// The constant of a scalar value; `None` for any other.
    fn from_value(value: Value<'_>) -> Option<Constant> {
        Some(match value {
            Value::Null => Constant::Null,
            Value::Bool(value) => Constant::Bool(value),
            Value::Int(value) => Constant::Int(value),
            Value::Uint(value) => Constant::Uint(value),
            Value::Double(value) => Constant::Double(value),
            Value::String(value) => Constant::String(value.into()),
            Value::Bytes(value) => Constant::Bytes(value.into()),
            Value::Type(name) => Constant::Type(name.into()),
            Value::Duration(value) => Constant::Duration(value),
            Value::Timestamp(value) => Constant::Timestamp(value),
            _ => return None,
        })
    }
}
