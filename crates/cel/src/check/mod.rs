//! Static types: what an expression gives, and whether its parts fit.
//!
//! - `names` finds what a name stands for: a variable, a type, a function, with containers and longest prefixes.
//! - `unify` says whether one type can stand for another, and binds type parameters.
//! - `checker` walks the tree with both; `calls` chooses the form of a function, `macros` types macros.
//! - `literals` refuses literals that can only fail, as the API server does; `format_clauses` those of `format`.

mod calls;
mod checker;
mod format_clauses;
mod literals;
mod macros;
mod names;
mod suggestion;
mod unify;

use std::collections::HashSet;

use crate::ast::Ast;
use crate::diagnostic::Diagnostic;
use crate::environment::Environment;
use crate::types::Type;

pub use suggestion::edit_distance;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A variable of the environment, by its full name.
    Variable(String),
    /// A type as a value.
    Type(String),
    /// A function by its full name. On a member call: what stands before the dot is part of the name.
    Function(String),
}

/// A checked expression.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The type of the whole.
    pub result: Type,
    /// The type of every node, by its number.
    pub types: Vec<Type>,
    /// What names stand for, by the number of the node.
    pub references: Vec<Option<Reference>>,
    /// Numbers of the nodes whose function has several forms that fit: which it is shows when it is evaluated.
    pub ambiguous: HashSet<u32>,
}

/// Checks the types of an expression.
///
/// # Errors
/// Every mistake, each told once.
pub fn check(ast: &Ast, environment: &Environment) -> Result<Checked, Vec<Diagnostic>> {
    let checked = checker::check(ast, environment)?;
    if !environment.trusts_constants() {
        literals::check(ast, environment, &checked)?;
    }
    Ok(checked)
}

/// Finds what names stand for, without types.
///
/// # Errors
/// None today: a name that stands for nothing fails when it is evaluated.
pub fn resolve(
    ast: &Ast,
    environment: &Environment,
) -> Result<Vec<Option<Reference>>, Vec<Diagnostic>> {
    Ok(names::resolve(ast, environment))
}

/// That the type of an expression is exactly this one. `dyn` is no `bool`: the API server refuses it, too.
///
/// # Errors
/// The type that was found.
pub fn expect_type(checked: &Checked, expected: &Type) -> Result<(), Diagnostic> {
    if checked.result == *expected {
        return Ok(());
    }
    let hint = if checked.result == Type::Dyn {
        "; write a comparison, or convert it"
    } else {
        ""
    };
    let message = format!("must give {expected}, but gives {}{hint}", checked.result);
    Err(Diagnostic::new(message, plimsoll_document::Span::default()))
}
