//! From the syntax tree to instructions: names become slots, field names keys, constant patterns regular expressions.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use plimsoll_document::Key;

use crate::ast::{Ast, BinaryOperator, Comprehension, Expr, ExprKind, ListElement, UnaryOperator};
use crate::check::Reference;
use crate::depends::{Dependence, On};
use crate::diagnostic::Diagnostic;
use crate::environment::Environment;
use crate::fold::{fold_conversion, literal};
use crate::instruction::{
    Access, Bind, Chain, Conditional, Constant, Element, Entry, Has, Instruction, Loop,
    OptionalMap, Remembered, Root, Step, TextTest,
};
use crate::library::regex::Pattern;
use crate::library::{self, operator_cost};
use crate::types::Type;

/// What lowering gives.
pub(crate) struct Lowered {
    pub(crate) root: Instruction,
    /// How many local slots an evaluation needs.
    pub(crate) locals: usize,
    /// By the environment's slots: whether the expression reads the variable.
    pub(crate) variables_read: Box<[bool]>,
}

/// Lowers an expression whose names are resolved. `types` are those of its nodes; there are none where it was not
/// checked. A name that is bound to nothing (only an expression that was not
/// checked has one) becomes an instruction that fails.
pub(crate) fn lower(
    ast: &Ast,
    references: &[Option<Reference>],
    types: &[Type],
    ambiguous: &HashSet<u32>,
    environment: &Environment,
) -> Result<Lowered, Diagnostic> {
    let mut lowering = Lowering {
        dependence: Dependence::of(ast, references, types, environment),
        remembering: None,
        references,
        types,
        ambiguous,
        environment,
        scope: Vec::new(),
        blocks: Vec::new(),
        locals: 0,
        variables_read: vec![false; environment.variable_count()].into(),
    };
    let root = lowering.expr(&ast.root)?;
    Ok(Lowered {
        root,
        locals: lowering.locals,
        variables_read: lowering.variables_read,
    })
}

struct Lowering<'e> {
    dependence: Dependence<'e>,
    /// Whether the part around is remembered, and then whether for all objects.
    remembering: Option<bool>,
    references: &'e [Option<Reference>],
    types: &'e [Type],
    /// Nodes whose operator has several forms that fit.
    ambiguous: &'e HashSet<u32>,
    environment: &'e Environment,
    /// Local variables that are seen here, innermost last.
    scope: Vec<(&'e str, usize)>,
    /// The parts of the blocks around, innermost last.
    blocks: Vec<Vec<Arc<Instruction>>>,
    locals: usize,
    variables_read: Box<[bool]>,
}

impl<'e> Lowering<'e> {
    fn expr(&mut self, expr: &'e Expr) -> Result<Instruction, Diagnostic> {
        let within = self.remembering;
        match self.dependence.on(expr) {
            // A value may turn out to be none by which an answer is remembered, so that what depends on nothing is
            // remembered within, too.
            Some(on) if within.is_none() || within == Some(false) && matches!(on, On::Nothing) => {
                self.remembered(expr, on)
            }
            _ => self.plain(expr),
        }
    }

    /// A part whose answer is remembered.
    fn remembered(&mut self, expr: &'e Expr, on: On<'e>) -> Result<Instruction, Diagnostic> {
        static PARTS: AtomicUsize = AtomicUsize::new(0);
        let (key, by_place) = match on {
            On::Nothing => (None, false),
            On::Value { read, is_local } => (Some(self.plain(read)?), is_local),
        };
        let within = self.remembering.replace(matches!(on, On::Nothing));
        let body = self.plain(expr);
        self.remembering = within;
        Ok(Instruction::Remembered(Box::new(Remembered {
            part: PARTS.fetch_add(1, Ordering::Relaxed),
            key,
            by_place,
            body: body?,
        })))
    }

    fn plain(&mut self, expr: &'e Expr) -> Result<Instruction, Diagnostic> {
        Ok(match &expr.kind {
            ExprKind::Literal(value) => Instruction::Constant(literal(value)),
            ExprKind::Ident { .. } | ExprKind::Select { .. } | ExprKind::Index { .. } => {
                self.path(expr)?
            }
            ExprKind::Has { operand, field } => Instruction::Has(Box::new(Has {
                operand: self.chain(operand)?,
                field: Key::new(field),
            })),
            ExprKind::Call { function, args, .. } => {
                let name = self.function_name(expr, function);
                let arguments = self.all(args)?;
                self.call(&name, false, arguments, expr)?
            }
            ExprKind::MemberCall {
                target,
                function,
                args,
            } => {
                if let Some(Some(Reference::Function(name))) = self.references.get(expr.id as usize)
                {
                    let arguments = self.all(args)?;
                    self.call(name, false, arguments, expr)?
                } else {
                    let mut arguments = vec![self.expr(target)?];
                    arguments.extend(self.all(args)?);
                    self.call(self.typed_name(function, expr), true, arguments, expr)?
                }
            }
            ExprKind::Unary { operator, operand } => {
                let operand = Box::new(self.expr(operand)?);
                match operator {
                    UnaryOperator::Not => Instruction::Not(operand),
                    UnaryOperator::Negate => Instruction::Negate(operand),
                }
            }
            ExprKind::Binary {
                operator,
                left,
                right,
            } => self.binary(expr.id, *operator, left, right)?,
            ExprKind::And(terms) => Instruction::And(self.all(terms)?.into()),
            ExprKind::Or(terms) => Instruction::Or(self.all(terms)?.into()),
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => Instruction::Conditional(Box::new(self.conditional(condition, then, otherwise)?)),
            ExprKind::List(elements) => self.list(elements)?,
            ExprKind::Map(entries) => {
                let mut lowered = Vec::with_capacity(entries.len());
                for entry in entries {
                    lowered.push(Entry {
                        key: self.expr(&entry.key)?,
                        value: self.expr(&entry.value)?,
                        optional: entry.optional,
                    });
                }
                constant_map(&lowered)
                    .map_or_else(|| Instruction::Map(lowered.into()), Instruction::Constant)
            }
            ExprKind::Struct { type_name, fields } => {
                let mut lowered = Vec::with_capacity(fields.len());
                for field in fields {
                    let value = self.expr(&field.value)?;
                    let optional = field.optional;
                    lowered.push((field.name.as_str().into(), Element { value, optional }));
                }
                let type_name = match self.references.get(expr.id as usize) {
                    Some(Some(Reference::Type(name))) => name,
                    _ => type_name.trim_start_matches('.'),
                };
                Instruction::Struct {
                    type_name: type_name.into(),
                    fields: lowered.into(),
                }
            }
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension)?,
            ExprKind::Bind {
                variable,
                value,
                body,
            } => {
                let value = self.expr(value)?;
                let slot = self.new_slot();
                let body = self.within(&[(variable, slot)], |this| this.expr(body))?;
                Instruction::Bind(Box::new(Bind { slot, value, body }))
            }
            ExprKind::OptionalMap {
                target,
                variable,
                body,
                flat,
            } => {
                let target = self.expr(target)?;
                let slot = self.new_slot();
                let body = self.within(&[(variable, slot)], |this| this.expr(body))?;
                Instruction::OptionalMap(Box::new(OptionalMap {
                    target,
                    slot,
                    body,
                    flat: *flat,
                }))
            }
            ExprKind::Block { slots, body } => {
                self.blocks.push(Vec::with_capacity(slots.len()));
                for slot in slots {
                    let part = Arc::new(self.expr(slot)?);
                    if let Some(block) = self.blocks.last_mut() {
                        block.push(part);
                    }
                }
                let body = self.expr(body)?;
                self.blocks.pop();
                body
            }
            ExprKind::BlockIndex(index) => {
                let part = self
                    .blocks
                    .last()
                    .and_then(|block| block.get(*index as usize))
                    .ok_or_else(|| Diagnostic::new("no such part of the block", expr.span))?;
                Instruction::Shared(Arc::clone(part))
            }
        })
    }

    fn all(&mut self, exprs: &'e [Expr]) -> Result<Vec<Instruction>, Diagnostic> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    /// A name, selection or index as an instruction of its own.
    fn path(&mut self, expr: &'e Expr) -> Result<Instruction, Diagnostic> {
        if let Some(Some(Reference::Type(name))) = self.references.get(expr.id as usize) {
            return Ok(Instruction::Constant(Constant::Type(name.as_str().into())));
        }
        Ok(Instruction::Chain(Box::new(self.chain(expr)?)))
    }

    /// An expression as the start of a path, with the fields and elements that are read from it.
    fn chain(&mut self, expr: &'e Expr) -> Result<Chain, Diagnostic> {
        let mut steps = Vec::new();
        let root = self.chain_root(expr, &mut steps)?;
        steps.reverse();
        let starts_from_variable = matches!(root, Root::Variable(_) | Root::Local(_));
        let is_field = |step: &Step| matches!(step.access, Access::Field(_)) && !step.optional;
        Ok(Chain {
            counts: !matches!(root, Root::Conditional(_)),
            fields_only: starts_from_variable && steps.iter().all(is_field),
            root,
            steps: steps.into(),
        })
    }

    /// The root of a path. Steps are pushed last one first.
    fn chain_root(&mut self, expr: &'e Expr, steps: &mut Vec<Step>) -> Result<Root, Diagnostic> {
        let mut expr = expr;
        loop {
            if let Some(Some(Reference::Variable(name))) = self.references.get(expr.id as usize)
                && let Some(slot) = self.environment.slot(name)
            {
                self.variables_read[slot] = true;
                return Ok(Root::Variable(slot));
            }
            match &expr.kind {
                ExprKind::Ident { name, absolute } => {
                    if let Some(slot) = self.local(name, *absolute) {
                        return Ok(Root::Local(slot));
                    }
                    if let Some(Some(Reference::Type(name))) = self.references.get(expr.id as usize)
                    {
                        let constant = Constant::Type(name.as_str().into());
                        return Ok(Root::Value(Instruction::Constant(constant)));
                    }
                    let unbound = Instruction::Unbound(name.as_str().into());
                    return Ok(Root::Value(unbound));
                }
                ExprKind::Select {
                    operand,
                    field,
                    optional,
                } => {
                    steps.push(Step {
                        access: Access::Field(Key::new(field)),
                        optional: *optional,
                    });
                    expr = operand;
                }
                ExprKind::Index {
                    operand,
                    index,
                    optional,
                } => {
                    let access = match self.expr(index)? {
                        Instruction::Constant(Constant::String(key)) => {
                            Access::Field(Key::new(&key))
                        }
                        Instruction::Constant(constant) => Access::Constant(constant),
                        index => Access::Dynamic {
                            counts: !matches!(index, Instruction::Chain(_)),
                            index,
                        },
                    };
                    steps.push(Step {
                        access,
                        optional: *optional,
                    });
                    expr = operand;
                }
                ExprKind::Conditional {
                    condition,
                    then,
                    otherwise,
                } => {
                    return Ok(Root::Conditional(
                        self.conditional(condition, then, otherwise)?,
                    ));
                }
                _ => return Ok(Root::Value(self.expr(expr)?)),
            }
        }
    }

    fn conditional(
        &mut self,
        condition: &'e Expr,
        then: &'e Expr,
        otherwise: &'e Expr,
    ) -> Result<Conditional, Diagnostic> {
        Ok(Conditional {
            condition: self.expr(condition)?,
            then: branch(self.expr(then)?),
            otherwise: branch(self.expr(otherwise)?),
        })
    }

    fn local(&self, name: &str, absolute: bool) -> Option<usize> {
        if absolute {
            return None;
        }
        let found = self.scope.iter().rev().find(|(local, _)| *local == name);
        found.map(|(_, slot)| *slot)
    }

    fn new_slot(&mut self) -> usize {
        self.locals += 1;
        self.locals - 1
    }

    /// Runs with these variables in scope.
    fn within<T>(&mut self, variables: &[(&'e str, usize)], run: impl FnOnce(&mut Self) -> T) -> T {
        let depth = self.scope.len();
        self.scope.extend_from_slice(variables);
        let result = run(self);
        self.scope.truncate(depth);
        result
    }

    fn function_name(&self, expr: &Expr, written: &str) -> String {
        match self.references.get(expr.id as usize) {
            Some(Some(Reference::Function(name))) => name.clone(),
            _ => written.to_owned(),
        }
    }

    /// The name of the form of a member function that depends on static types: the sum of an empty list is a zero of
    /// its elements' type.
    fn typed_name<'n>(&self, function: &'n str, expr: &Expr) -> &'n str {
        match (function, self.types.get(expr.id as usize)) {
            ("sum", Some(Type::Uint)) => "@sumOfUint",
            ("sum", Some(Type::Double)) => "@sumOfDouble",
            ("sum", Some(Type::Duration)) => "@sumOfDuration",
            _ => function,
        }
    }

    fn call(
        &mut self,
        name: &str,
        member: bool,
        mut arguments: Vec<Instruction>,
        expr: &Expr,
    ) -> Result<Instruction, Diagnostic> {
        match (name, member, arguments.len()) {
            ("matches", _, 2) => {
                if let Instruction::Constant(Constant::String(pattern)) = &arguments[1] {
                    if !self.environment.trusts_constants() {
                        library::regex::compile_cached(pattern)
                            .map_err(|reason| Diagnostic::new(reason, expr.span))?;
                    }
                    let pattern_size = pattern.chars().count() as u64;
                    return Ok(Instruction::Matches {
                        pattern: Box::new(Pattern::new(pattern)),
                        text: Box::new(arguments.swap_remove(0)),
                        pattern_size,
                    });
                }
            }
            ("startsWith" | "endsWith" | "contains", true, 2) => {
                if let Instruction::Constant(Constant::String(constant)) = &arguments[1] {
                    let constant = constant.clone();
                    let test = match name {
                        "startsWith" => TextTest::StartsWith,
                        "endsWith" => TextTest::EndsWith,
                        _ => TextTest::Contains,
                    };
                    return Ok(Instruction::TextTest {
                        test,
                        text: Box::new(arguments.swap_remove(0)),
                        constant_cost: operator_cost::traversal(operator_cost::count_chars(
                            &constant,
                        )),
                        constant,
                    });
                }
            }
            ("or", true, 2) => return Ok(Instruction::OptionalOr(pair(arguments))),
            ("orValue", true, 2) => {
                return Ok(Instruction::OptionalOrValue {
                    operands: pair(arguments),
                    of_plain_values: self.environment.or_value_of_plain_values(),
                });
            }
            _ => {}
        }
        if let Some(constant) = fold_conversion(name, member, &arguments) {
            return Ok(Instruction::Constant(constant));
        }
        let Some(function) = self.environment.function(name, member) else {
            return Ok(if self.environment.declares_function(name) {
                Instruction::Unknown(name.into())
            } else {
                Instruction::NoFunction(name.into())
            });
        };
        Ok(Instruction::Call {
            function,
            arguments: arguments.into(),
        })
    }

    fn binary(
        &mut self,
        id: u32,
        operator: BinaryOperator,
        left: &'e Expr,
        right: &'e Expr,
    ) -> Result<Instruction, Diagnostic> {
        let left = self.expr(left)?;
        let right = self.expr(right)?;
        let sized = !self.ambiguous.contains(&id);
        Ok(match operator {
            BinaryOperator::Equal | BinaryOperator::NotEqual => Instruction::Equal {
                operands: Box::new([left, right]),
                negated: operator == BinaryOperator::NotEqual,
            },
            BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => Instruction::Compare {
                operator,
                operands: Box::new([left, right]),
                sized,
            },
            BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo => Instruction::Arithmetic {
                operator,
                operands: Box::new([left, right]),
                sized,
            },
            BinaryOperator::In => match right {
                Instruction::Constant(Constant::List(constants))
                    if !constants.is_empty() && constants.iter().all(Constant::is_set_member) =>
                {
                    Instruction::InConstants {
                        element: Box::new(left),
                        constants,
                    }
                }
                right => Instruction::In {
                    operands: Box::new([left, right]),
                    sized,
                },
            },
        })
    }

    fn list(&mut self, elements: &'e [ListElement]) -> Result<Instruction, Diagnostic> {
        let mut lowered = Vec::with_capacity(elements.len());
        for element in elements {
            lowered.push(Element {
                value: self.expr(&element.value)?,
                optional: element.optional,
            });
        }
        Ok(constant_list(&lowered)
            .map_or_else(|| Instruction::List(lowered.into()), Instruction::Constant))
    }

    fn comprehension(
        &mut self,
        comprehension: &'e Comprehension,
    ) -> Result<Instruction, Diagnostic> {
        let range = self.expr(&comprehension.range)?;
        let slot = self.new_slot();
        let mut variables = vec![(comprehension.variable.as_str(), slot)];
        let second_slot = comprehension.second_variable.as_ref().map(|name| {
            let slot = self.new_slot();
            variables.push((name, slot));
            slot
        });
        let (filter, body) = self.within(&variables, |this| {
            let filter = match &comprehension.filter {
                Some(filter) => Some(this.expr(filter)?),
                None => None,
            };
            Ok::<_, Diagnostic>((filter, this.expr(&comprehension.body)?))
        })?;
        Ok(Instruction::Loop(Box::new(Loop {
            kind: comprehension.kind,
            range,
            slot,
            second_slot,
            filter,
            body,
        })))
    }
}

/// The branch of a conditional: a path costs its steps only.
fn branch(instruction: Instruction) -> Instruction {
    match instruction {
        Instruction::Chain(mut chain) => {
            chain.counts = false;
            Instruction::Chain(chain)
        }
        other => other,
    }
}

fn pair(mut arguments: Vec<Instruction>) -> Box<[Instruction; 2]> {
    let second = arguments
        .pop()
        .unwrap_or(Instruction::Constant(Constant::Null));
    let first = arguments
        .pop()
        .unwrap_or(Instruction::Constant(Constant::Null));
    Box::new([first, second])
}

fn constant_list(elements: &[Element]) -> Option<Constant> {
    let mut constants = Vec::with_capacity(elements.len());
    for element in elements {
        match &element.value {
            Instruction::Constant(constant) if !element.optional => {
                constants.push(constant.clone());
            }
            _ => return None,
        }
    }
    Some(Constant::List(constants.into()))
}

/// The constant of a map literal of constants whose keys are plainly distinct; any other is made when evaluated, where
/// a repeated key is an error.
fn constant_map(entries: &[Entry]) -> Option<Constant> {
    let mut constants: Vec<(Constant, Constant)> = Vec::with_capacity(entries.len());
    for entry in entries {
        match (&entry.key, &entry.value) {
            (Instruction::Constant(key @ Constant::String(name)), Instruction::Constant(value))
                if !entry.optional =>
            {
                let repeated = constants
                    .iter()
                    .any(|(other, _)| matches!(other, Constant::String(other) if other == name));
                if repeated {
                    return None;
                }
                constants.push((key.clone(), value.clone()));
            }
            _ => return None,
        }
    }
    Some(Constant::Map(constants.into()))
}

impl Constant {
    /// Whether the API server would put it into a set: scalars without a numeric twin are enough here, since numbers
    /// of different types are compared by value.
    fn is_set_member(&self) -> bool {
        matches!(
            self,
            Constant::Bool(_)
                | Constant::Int(_)
                | Constant::Uint(_)
                | Constant::Double(_)
                | Constant::String(_)
        )
    }
}
