//! Text to syntax tree.
//!
//! - `lexer` cuts the text into tokens; `literal` reads the values of numbers and strings.
//! - `parser` is a descent over the grammar, `operators` its part for operators, which have a stack of their own.
//! - `macros` recognises macro calls, by name, form and count of arguments.
//!
//! The grammar, the macros and the limits are those of the API server's parser: what it refuses is refused here.

mod lexer;
mod literal;
mod macros;
mod operators;
mod parser;

use plimsoll_document::Span;

use crate::ast::Ast;
use crate::diagnostic::Diagnostic;

/// What the parser accepts beyond the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a feature that an environment has or has not, independent of the others"
)]
pub struct ParseOptions {
    /// `.?`, `[?]`, `[?a]`, `{?k: v}`, `optMap`.
    pub optionals: bool,
    /// `optFlatMap`.
    pub optional_flat_map: bool,
    /// The macros with two variables: `all(i, v, ..)`, `transformList`, `transformMap` and their kin.
    pub two_variables: bool,
    /// `sortBy`.
    pub sort_by: bool,
    /// Fields in back quotes: ``a.`b-c` ``.
    pub quoted_fields: bool,
    /// `cel.bind`.
    pub bind: bool,
    /// `math.greatest` and `math.least`, of any count of numbers.
    pub math: bool,
    /// `cel.block`, `cel.index`, `cel.iterVar`: what optimizers of other engines write.
    pub block: bool,
}

impl ParseOptions {
    /// The bare language.
    pub const STANDARD: ParseOptions = ParseOptions {
        optionals: false,
        optional_flat_map: false,
        two_variables: false,
        sort_by: false,
        quoted_fields: false,
        bind: false,
        math: false,
        block: false,
    };
}

/// The largest expression, in code points.
pub const MAX_CODE_POINTS: usize = 100_000;

/// How deep expressions may stand in each other, and how many operations may build upon each other; see `parser`.
pub const MAX_DEPTH: u16 = 250;

/// Parses an expression.
///
/// # Errors
/// The first mistake: the parser does not guess how to go on.
pub fn parse(text: &str, options: &ParseOptions) -> Result<Ast, Vec<Diagnostic>> {
    // Each code point has at most four bytes: the count is taken only where it can matter.
    if text.len() > MAX_CODE_POINTS {
        let code_points = text.chars().count();
        if code_points > MAX_CODE_POINTS {
            let message = format!(
                "the expression has {code_points} characters, more than the limit of {MAX_CODE_POINTS}"
            );
            return Err(vec![Diagnostic::new(message, Span::default())]);
        }
    }
    parser::parse(text, *options).map_err(|error| vec![error])
}
