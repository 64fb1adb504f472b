//! What can go wrong when an expression is evaluated.

use std::fmt;
use std::time::Duration;

/// A failed evaluation: one word wide, so that results stay small on the passing path.
pub type EvalError<'a> = &'a ErrorKind<'a>;

/// Why an evaluation failed. Lives in the evaluation's [`Heap`](crate::value::Heap).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ErrorKind<'a> {
    /// A map has no such key, an object no such field.
    NoSuchKey(&'a str),
    /// A name that is bound to nothing.
    NoSuchVariable(&'a str),
    /// No form of the function or operator takes values of these types.
    NoSuchOverload {
        /// The function, or the operator as written.
        function: &'a str,
    },
    /// A list has no such index.
    IndexOutOfRange(i64),
    /// A whole number divided by zero, or its remainder.
    DivisionByZero,
    /// A result that its type cannot hold; what was computed.
    Overflow(&'a str),
    /// A value that cannot become the type asked for, or text of a wrong form.
    Conversion(&'a str),
    /// An argument that the function refuses.
    Argument(&'a str),
    /// A map literal states a key twice.
    DuplicateKey(&'a str),
    /// `value()` of an optional that holds none.
    EmptyOptional,
    /// The cost limit is used up; the limit.
    CostExceeded(u64),
    /// More memory was needed than an evaluation may have; how many bytes that is.
    MemoryExceeded(usize),
    /// Time is over; how much there was.
    TimeExceeded(Duration),
    /// The answer is not known here: cluster state that an offline evaluation does not have.
    Unknown(&'a str),
}

impl ErrorKind<'_> {
    /// Whether a limit is hit: then nothing else that the expression may come to counts.
    pub fn is_limit(&self) -> bool {
        matches!(
            self,
            ErrorKind::CostExceeded(_) | ErrorKind::MemoryExceeded(_) | ErrorKind::TimeExceeded(_)
        )
    }
}

impl fmt::Display for ErrorKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::NoSuchKey(key) => write!(f, "no such key: {key}"),
            ErrorKind::NoSuchVariable(name) => write!(f, "undeclared reference to '{name}'"),
            ErrorKind::NoSuchOverload { function } => write!(f, "no such overload: {function}"),
            ErrorKind::IndexOutOfRange(index) => write!(f, "index out of bounds: {index}"),
            ErrorKind::DivisionByZero => f.write_str("division by zero"),
            ErrorKind::Overflow(what) => write!(f, "{what} overflow"),
            ErrorKind::Conversion(why) | ErrorKind::Argument(why) => f.write_str(why),
            ErrorKind::DuplicateKey(key) => write!(f, "duplicate key in map: {key}"),
            ErrorKind::EmptyOptional => f.write_str("optional.none() dereference"),
            ErrorKind::CostExceeded(limit) => {
                write!(
                    f,
                    "operation cancelled: actual cost limit exceeded ({limit})"
                )
            }
            ErrorKind::MemoryExceeded(limit) if limit % (1 << 20) == 0 => {
                write!(f, "needs more than {} MiB of memory", limit >> 20)
            }
            ErrorKind::MemoryExceeded(limit) => {
                write!(f, "needs more than {limit} bytes of memory")
            }
            ErrorKind::TimeExceeded(limit) => {
                write!(f, "took more than {} s", limit.as_secs_f64())
            }
            ErrorKind::Unknown(what) => write!(f, "{what} is not known here"),
        }
    }
}
