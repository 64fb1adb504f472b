//! The Common Expression Language as the Kubernetes API server speaks it.
//!
//! An expression goes through four steps, each a module:
//!
//! 1. [`syntax`]: text to an [`Ast`](ast::Ast); macros such as `all` are nodes of their own, not expanded.
//! 2. [`check`]: static types against an [`Environment`](environment::Environment), which knows the functions and
//!    variables of one dialect at one Kubernetes version.
//! 3. `lower`: names become slots, field names become numbers, constant patterns become regular expressions.
//! 4. `evaluate`: the compiled form walks borrowed document nodes; a passing check allocates nothing.
//!
//! [`Program`](program::Program) puts them together. Errors are values: `&&`, `||`, `all` and `exists` absorb them as
//! CEL defines. Cost is counted in the API server's units, and a limit on it bounds every evaluation;
//! an [`Arena`](arena::Arena) limits its memory and time.

pub mod arena;
pub mod ast;
pub mod check;
mod depends;
pub mod diagnostic;
pub mod environment;
pub mod error;
mod evaluate;
mod fold;
mod instruction;
pub mod library;
mod lower;
pub mod memory;
pub mod program;
pub mod syntax;
mod time;
pub mod types;
pub mod value;
