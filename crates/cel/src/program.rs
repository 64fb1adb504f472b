//! A compiled expression.

use std::collections::HashSet;

use plimsoll_document::Span;

use crate::check::{self, Checked};
use crate::diagnostic::Diagnostic;
use crate::environment::Environment;
use crate::error::EvalError;
use crate::evaluate::{Machine, Rules};
use crate::instruction::Instruction;
use crate::lower::{Lowered, lower};
use crate::memory::Memory;
use crate::syntax;
use crate::types::Type;
use crate::value::{Heap, Value};

/// A compiled expression: made once, evaluated often, from any thread.
#[derive(Debug)]
pub struct Program {
    root: Instruction,
    result: Type,
    locals: usize,
    variables_read: Box<[bool]>,
    null_is_absent: bool,
    strict_presence: bool,
}

/// What an evaluation gives.
#[derive(Debug, Clone, Copy)]
pub struct Evaluation<'a> {
    /// The value, or why there is none.
    pub result: Result<Value<'a>, EvalError<'a>>,
    /// What it cost, in the API server's units.
    pub cost: u64,
}

/// How many local variables an evaluation keeps on the stack; more go to a vector.
const LOCALS_ON_STACK: usize = 8;

impl Program {
    /// The API server's limit for one expression.
    pub const COST_LIMIT: u64 = 1_000_000;

    /// Parses, checks and compiles an expression. With `expected`, its type must be exactly that one.
    ///
    /// # Errors
    /// Every mistake found, with its place in the text.
    pub fn compile(
        text: &str,
        environment: &Environment,
        expected: Option<&Type>,
    ) -> Result<Program, Vec<Diagnostic>> {
        let ast = syntax::parse(text, environment.parse_options())?;
        let checked = check::check(&ast, environment)?;
        if let Some(expected) = expected {
            check::expect_type(&checked, expected).map_err(|mut error| {
                error.span = Span {
                    start: 0,
                    end: text.len() as u32,
                };
                vec![error]
            })?;
        }
        let Checked {
            result,
            types,
            references,
            ambiguous,
        } = checked;
        let lowered = lower(&ast, &references, &types, &ambiguous, environment)
            .map_err(|error| vec![error])?;
        Ok(Program::new(lowered, result, environment))
    }

    /// Parses and compiles an expression without checking its types: mistakes then show when it is evaluated.
    ///
    /// # Errors
    /// Text that is no expression, and names that are bound to nothing.
    pub fn compile_unchecked(
        text: &str,
        environment: &Environment,
    ) -> Result<Program, Vec<Diagnostic>> {
        let ast = syntax::parse(text, environment.parse_options())?;
        let references = check::resolve(&ast, environment)?;
        let lowered = lower(&ast, &references, &[], &HashSet::new(), environment)
            .map_err(|error| vec![error])?;
        Ok(Program::new(lowered, Type::Dyn, environment))
    }

    fn new(lowered: Lowered, result: Type, environment: &Environment) -> Program {
        Program {
            root: lowered.root,
            result,
            locals: lowered.locals,
            variables_read: lowered.variables_read,
            null_is_absent: environment.null_is_absent(),
            strict_presence: environment.strict_presence(),
        }
    }

    /// The static type of the value.
    pub fn result_type(&self) -> &Type {
        &self.result
    }

    /// Whether the expression reads the variable of this slot.
    pub fn reads(&self, slot: usize) -> bool {
        self.variables_read.get(slot).copied().unwrap_or(false)
    }

    /// Evaluates. `variables` are in the order in which the environment declares them; one that is left out is null.
    pub fn evaluate<'a>(
        &'a self,
        heap: Heap<'a>,
        variables: &[Value<'a>],
        cost_limit: u64,
    ) -> Evaluation<'a> {
        self.with_machine(heap, variables, cost_limit, None, |machine, root| {
            let result = machine.value(root);
            let result = machine.within_limits(result);
            Evaluation {
                result,
                cost: machine.cost(),
            }
        })
    }

    /// Evaluates an expression that must give a boolean. Makes nothing in the heap where it can do without.
    ///
    /// # Errors
    /// Why there is no boolean.
    pub fn evaluate_bool<'a>(
        &'a self,
        heap: Heap<'a>,
        variables: &[Value<'a>],
        cost_limit: u64,
    ) -> Result<bool, EvalError<'a>> {
        self.with_machine(heap, variables, cost_limit, None, |machine, root| {
            let result = machine.boolean(root);
            machine.within_limits(result)
        })
    }

    /// Like [`evaluate_bool`](Program::evaluate_bool), with what earlier evaluations by the same variables that the
    /// environment calls stable came to.
    ///
    /// # Errors
    /// Why there is no boolean.
    pub fn evaluate_bool_with<'a>(
        &'a self,
        heap: Heap<'a>,
        variables: &[Value<'a>],
        cost_limit: u64,
        memory: &mut Memory,
    ) -> Result<bool, EvalError<'a>> {
        self.with_machine(
            heap,
            variables,
            cost_limit,
            Some(memory),
            |machine, root| {
                let result = machine.boolean(root);
                machine.within_limits(result)
            },
        )
    }

    #[inline]
    fn with_machine<'a, T>(
        &'a self,
        heap: Heap<'a>,
        variables: &[Value<'a>],
        cost_limit: u64,
        memory: Option<&mut Memory>,
        run: impl FnOnce(&mut Machine<'a, '_>, &'a Instruction) -> T,
    ) -> T {
        let rules = Rules {
            null_is_absent: self.null_is_absent,
            strict_presence: self.strict_presence,
        };
        if self.locals == 0 {
            let mut machine = Machine::new(heap, variables, &mut [], rules, cost_limit, memory);
            return run(&mut machine, &self.root);
        }
        if self.locals <= LOCALS_ON_STACK {
            let mut locals = [Value::Null; LOCALS_ON_STACK];
            let mut machine = Machine::new(heap, variables, &mut locals, rules, cost_limit, memory);
            return run(&mut machine, &self.root);
        }
        let mut locals = vec![Value::Null; self.locals];
        let mut machine = Machine::new(heap, variables, &mut locals, rules, cost_limit, memory);
        run(&mut machine, &self.root)
    }
}
