//! Text to syntax tree.
//!
//! - `lexer` cuts the text into tokens; `literal` reads what they say.
//! - `parser` is a recursive descent over the grammar, with bounded depth.
//! - `macros` recognises macro calls, by name, form and count of arguments.

mod lexer;
mod literal;
mod macros;
mod parser;

use crate::ast::Ast;
use crate::diagnostic::Diagnostic;

/// What the parser accepts beyond the grammar, and how much of it.
#[derive(Debug, Clone, Copy)]
pub struct ParseOptions {
    /// `.?`, `[?]`, `[?a]`, `{?k: v}`, `optMap`, `optFlatMap`.
    pub optionals: bool,
    /// The macros with two variables: `all(i, v, ..)`, `transformList`, `transformMap` and their kin.
    pub two_variables: bool,
    /// `cel.bind`.
    pub bind: bool,
    /// `cel.block`, `cel.index`, `cel.iterVar`: what optimizers of other engines write.
    pub block: bool,
    /// `sortBy`.
    pub sort_by: bool,
    /// The largest expression, in bytes.
    pub max_bytes: usize,
}

impl Default for ParseOptions {
    fn default() -> ParseOptions {
        ParseOptions {
            optionals: true,
            two_variables: true,
            bind: false,
            block: false,
            sort_by: true,
            max_bytes: 100_000,
        }
    }
}

/// Parses an expression.
///
/// # Errors
/// The first mistake: the parser does not guess how to go on.
pub fn parse(text: &str, options: &ParseOptions) -> Result<Ast, Vec<Diagnostic>> {
    parser::parse(text, options).map_err(|error| vec![error])
}
