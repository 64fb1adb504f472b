//! The compiled form of an expression.
//!
//! A path such as `object.metadata.labels['app']` is one instruction, a [`Chain`]: the evaluator walks document nodes
//! with it and makes a value only at its end. Every local variable has a slot of its own; slots are never shared, so
//! an instruction means the same wherever it is evaluated.

use std::sync::Arc;

use plimsoll_document::Key;

use crate::ast::BinaryOperator;
use crate::library::Function;
use crate::library::regex::Pattern;

/// One instruction with its operands.
#[derive(Debug)]
pub(crate) enum Instruction {
    /// A value that is known.
    Constant(Constant),
    /// A variable, and the fields and elements read from it.
    Chain(Box<Chain>),
    /// `has(operand.field)`.
    Has(Box<Has>),
    /// `condition ? then : otherwise`.
    Conditional(Box<Conditional>),
    /// `!operand`.
    Not(Box<Instruction>),
    /// `-operand`.
    Negate(Box<Instruction>),
    /// `left == right`, or `!=` with `negated`.
    Equal {
        /// Both operands.
        operands: Box<[Instruction; 2]>,
        /// `!=`
        negated: bool,
    },
    /// `<`, `<=`, `>`, `>=`.
    Compare {
        /// Which.
        operator: BinaryOperator,
        /// Both operands.
        operands: Box<[Instruction; 2]>,
        /// Whether it costs by the size of text: where the types say before evaluation which form it is.
        sized: bool,
    },
    /// `+`, `-`, `*`, `/`, `%`.
    Arithmetic {
        /// Which.
        operator: BinaryOperator,
        /// Both operands.
        operands: Box<[Instruction; 2]>,
        /// Whether it costs by the size of text.
        sized: bool,
    },
    /// `element in container`.
    In {
        /// The element and the list or map.
        operands: Box<[Instruction; 2]>,
        /// Whether it costs by the size of the list.
        sized: bool,
    },
    /// `element in [constants]`: free, as the API server looks it up in a set made beforehand.
    InConstants {
        /// The element.
        element: Box<Instruction>,
        /// The list.
        constants: Box<[Constant]>,
    },
    /// `a && b`, two terms or more.
    And(Box<[Instruction]>),
    /// `a || b`, two terms or more.
    Or(Box<[Instruction]>),
    /// A list literal.
    List(Box<[Element]>),
    /// A map literal.
    Map(Box<[Entry]>),
    /// A struct literal.
    Struct {
        /// The type's name.
        type_name: Box<str>,
        /// Field names and values.
        fields: Box<[(Box<str>, Element)]>,
    },
    /// A function of a library.
    Call {
        /// The function.
        function: &'static Function,
        /// Its arguments, a member's target first.
        arguments: Box<[Instruction]>,
    },
    /// `text.matches(pattern)` with a pattern that is known.
    Matches {
        /// The text.
        text: Box<Instruction>,
        /// The pattern.
        pattern: Box<Pattern>,
        /// The pattern's size in code points, for its cost.
        pattern_size: u64,
    },
    /// `text.startsWith(constant)` and its kin.
    TextTest {
        /// Which.
        test: TextTest,
        /// The text.
        text: Box<Instruction>,
        /// The constant.
        constant: Box<str>,
        /// A tenth of the constant's code points, rounded up.
        constant_cost: u64,
    },
    /// `optional.or(other)`: an optional; the other is evaluated only where it is needed.
    OptionalOr(Box<[Instruction; 2]>),
    /// `optional.orValue(other)`: likewise, a value.
    OptionalOrValue {
        operands: Box<[Instruction; 2]>,
        /// A value that is no optional gives itself, else an error.
        of_plain_values: bool,
    },
    /// `target.optMap(variable, body)` and `optFlatMap`.
    OptionalMap(Box<OptionalMap>),
    /// A macro over a list or map.
    Loop(Box<Loop>),
    /// `cel.bind(variable, value, body)`.
    Bind(Box<Bind>),
    /// A part of a `cel.block`, evaluated where it is read.
    Shared(Arc<Instruction>),
    /// A part whose answer is remembered.
    Remembered(Box<Remembered>),
    /// A function that the environment declares and no library has: the answer lies outside of an evaluation.
    Unknown(Box<str>),
    /// A name that is bound to nothing, in an expression that was not checked.
    Unbound(Box<str>),
    /// A function that there is none of, in an expression that was not checked.
    NoFunction(Box<str>),
}

/// A test of a text against a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

/// A value that is known when an expression is compiled.
#[derive(Debug, Clone)]
pub(crate) enum Constant {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Box<str>),
    Bytes(Box<[u8]>),
    Type(Box<str>),
    Duration(crate::value::Duration),
    Timestamp(crate::value::Timestamp),
    List(Box<[Constant]>),
    Map(Box<[(Constant, Constant)]>),
}

/// What a chain starts from.
#[derive(Debug)]
pub(crate) enum Root {
    /// A variable of the environment.
    Variable(usize),
    /// A variable of a macro.
    Local(usize),
    /// Any other expression.
    Value(Instruction),
    /// A conditional: it has no cost of its own as the start of a chain.
    Conditional(Conditional),
}

/// A path from a root.
#[derive(Debug)]
pub(crate) struct Chain {
    /// Where it starts.
    pub(crate) root: Root,
    /// What is read, one after the other.
    pub(crate) steps: Box<[Step]>,
    /// Whether the chain costs one unit beside its steps. As the branch of a conditional it does not.
    pub(crate) counts: bool,
    /// Whether it starts from a variable and reads nothing but fields, none of them optional: then a document's nodes
    /// can be walked without a value on the way.
    pub(crate) fields_only: bool,
}

/// One step of a chain.
#[derive(Debug)]
pub(crate) struct Step {
    /// What is read.
    pub(crate) access: Access,
    /// Written with `?`: the result is an optional, none where this or a later step finds nothing.
    pub(crate) optional: bool,
}

/// What a step reads.
#[derive(Debug)]
pub(crate) enum Access {
    /// A field, or a key that is a constant string.
    Field(Key),
    /// An element or key that is a constant of another type.
    Constant(Constant),
    /// An element or key that is computed. An index that is a chain itself has no cost beside its own.
    Dynamic { index: Instruction, counts: bool },
}

/// `has(operand.field)`.
#[derive(Debug)]
pub(crate) struct Has {
    /// The operand.
    pub(crate) operand: Chain,
    /// The field.
    pub(crate) field: Key,
}

/// A condition and two branches.
#[derive(Debug)]
pub(crate) struct Conditional {
    pub(crate) condition: Instruction,
    pub(crate) then: Instruction,
    pub(crate) otherwise: Instruction,
}

/// An element of a list, or a value of a map or struct.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) value: Instruction,
    pub(crate) optional: bool,
}

/// An entry of a map.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: Instruction,
    pub(crate) value: Instruction,
    pub(crate) optional: bool,
}

/// `optMap`, `optFlatMap`.
#[derive(Debug)]
pub(crate) struct OptionalMap {
    pub(crate) target: Instruction,
    pub(crate) slot: usize,
    pub(crate) body: Instruction,
    pub(crate) flat: bool,
}

/// A macro over a list or map.
#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) kind: crate::ast::ComprehensionKind,
    pub(crate) range: Instruction,
    /// The first variable: element or key; with a second one index or key.
    pub(crate) slot: usize,
    /// The second variable: element or value.
    pub(crate) second_slot: Option<usize>,
    pub(crate) filter: Option<Instruction>,
    pub(crate) body: Instruction,
}

/// `cel.bind`.
#[derive(Debug)]
pub(crate) struct Bind {
    pub(crate) slot: usize,
    pub(crate) value: Instruction,
    pub(crate) body: Instruction,
}

/// A boolean part whose answer depends on one value alone, or on nothing.
#[derive(Debug)]
pub(crate) struct Remembered {
    /// The number of the part, unlike that of any other part of any expression.
    pub(crate) part: usize,
    /// What the answer depends on.
    pub(crate) key: Option<Instruction>,
    /// Whether the value may be an element of a document, which is known by its place.
    pub(crate) by_place: bool,
    pub(crate) body: Instruction,
}
