//! A policy's expressions, compiled as the API server compiles them, and what they cost.

use plimsoll_cel::arena::{Arena, Limits};
use plimsoll_cel::environment::Environment;
use plimsoll_cel::program::Program;
use plimsoll_cel::types::Type;
use plimsoll_cel::value::{Heap, Value};
use plimsoll_document::Node;

use crate::shape::Shape;

/// A policy's expressions.
#[derive(Debug)]
pub(crate) struct Compiled {
    variables: Vec<Program>,
    expression: Program,
    message: Option<Program>,
    /// The slot of `object`, and that of the first variable.
    object: usize,
    first: usize,
}

/// What a policy costs on an object, in the API server's units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Cost {
    /// The dearest expression.
    pub(crate) dearest: u64,
    /// All of them.
    pub(crate) total: u64,
}

/// The API server gives expressions that are new the libraries of the version before its own, so that it can be rolled
/// back. What it has stored already keeps more, but no policy should depend on that.
pub(crate) fn libraries_of(minor: u32) -> u32 {
    minor.saturating_sub(1)
}

impl Compiled {
    /// Compiles for a cluster of a minor version.
    ///
    /// # Errors
    /// What the checker says of the first expression that is wrong.
    pub(crate) fn of(shape: &Shape, minor: u32) -> Result<Compiled, String> {
        let mut environment = Environment::kubernetes(libraries_of(minor));
        let object = environment.slot("object").unwrap_or_default();
        let first = environment.variable_count();
        let mut variables = Vec::new();
        for (name, text) in &shape.variables {
            let program = compile(text, &environment, None)?;
            environment = environment
                .with_variable(&format!("variables.{name}"), program.result_type().clone());
            variables.push(program);
        }
        Ok(Compiled {
            variables,
            expression: compile(&shape.expression, &environment, Some(&Type::Bool))?,
            message: match &shape.message {
                Some(message) => Some(compile(message, &environment, Some(&Type::String))?),
                None => None,
            },
            object,
            first,
        })
    }

    /// What an evaluation on an object costs.
    pub(crate) fn cost(&self, object: Node<'_>) -> Cost {
        let arena = Arena::new(Limits::NONE);
        let heap = Heap::new(&arena);
        let mut values = vec![Value::Null; self.first + self.variables.len()];
        values[self.object] = Value::from_node(object);
        let mut cost = Cost::default();
        let mut add = |more: u64| {
            cost.dearest = cost.dearest.max(more);
            cost.total = cost.total.saturating_add(more);
        };
        for (at, program) in self.variables.iter().enumerate() {
            let evaluation = program.evaluate(heap, &values, u64::MAX);
            add(evaluation.cost);
            if let Ok(value) = evaluation.result {
                values[self.first + at] = value;
            }
        }
        for program in std::iter::once(&self.expression).chain(&self.message) {
            add(program.evaluate(heap, &values, u64::MAX).cost);
        }
        cost
    }
}

fn compile(
    text: &str,
    environment: &Environment,
    expected: Option<&Type>,
) -> Result<Program, String> {
    Program::compile(text, environment, expected).map_err(|errors| {
        let shown: Vec<String> = errors.iter().map(|error| error.message.clone()).collect();
        shown.join("; ")
    })
}
