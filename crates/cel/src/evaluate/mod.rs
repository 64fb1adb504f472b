//! The evaluator: walks instructions over borrowed values and counts their cost.
//!
//! Costs are the API server's: a variable or field 1, `has` nothing for the field it asks for, `&&`, `||` and `?:`
//! nothing, a list literal 10, a map literal 30, a struct literal 40, a call what its function says. The macros cost
//! what the folds cost into which the API server expands them; each place says which parts it counts.

mod access;
mod loops;

use plimsoll_document::{Node, Scalar};

use crate::arena::INTERVAL;
use crate::ast::BinaryOperator;
use crate::error::{ErrorKind, EvalError};
use crate::instruction::{
    Bind, Conditional, Constant, Element, Entry, Has, Instruction, OptionalMap, Remembered,
    TextTest,
};
use crate::library::{arithmetic, equality, membership, operator_cost, order};
use crate::memory::{Answer, Memory, Question};
use crate::value::{Heap, Value};

/// What is asked of an evaluation besides its value.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    /// A map entry of a document that is null counts as absent, as it is for the API server, which drops it when it
    /// decodes an object.
    pub(crate) null_is_absent: bool,
    /// `has` and `.?` on a value that can have no fields are an error and not false.
    pub(crate) strict_presence: bool,
}

/// One evaluation.
pub(crate) struct Machine<'a, 'm> {
    heap: Heap<'a>,
    variables: &'m [Value<'a>],
    locals: &'m mut [Value<'a>],
    rules: Rules,
    cost: u64,
    limit: u64,
    /// The cost at which the limits are looked at next.
    pause: u64,
    memory: Option<&'m mut Memory>,
}

/// What an instruction gives that may be an optional, without a place in the heap for it.
#[derive(Clone, Copy)]
enum Outcome<'a> {
    /// A value that is no optional.
    Plain(Value<'a>),
    /// An optional that holds a value.
    Some(Value<'a>),
    /// An optional that holds none.
    None,
}

type Result<'a, T> = std::result::Result<T, EvalError<'a>>;

impl<'a, 'm> Machine<'a, 'm> {
    pub(crate) fn new(
        heap: Heap<'a>,
        variables: &'m [Value<'a>],
        locals: &'m mut [Value<'a>],
        rules: Rules,
        limit: u64,
        memory: Option<&'m mut Memory>,
    ) -> Machine<'a, 'm> {
        Machine {
            heap,
            variables,
            locals,
            rules,
            cost: 0,
            limit,
            pause: heap.arena().left().min(limit),
            memory,
        }
    }

    /// The cost so far.
    pub(crate) fn cost(&self) -> u64 {
        self.cost
    }

    /// The value of an instruction.
    pub(crate) fn value(&mut self, instruction: &'a Instruction) -> Result<'a, Value<'a>> {
        match instruction {
            Instruction::Constant(constant) => Ok(constant.value(self.heap)),
            Instruction::Chain(chain) => {
                let outcome = self.chain(chain)?;
                Ok(self.boxed(outcome))
            }
            Instruction::Conditional(conditional) => {
                let branch = self.branch(conditional)?;
                self.value(branch)
            }
            Instruction::Has(_)
            | Instruction::Not(_)
            | Instruction::Equal { .. }
            | Instruction::Compare { .. }
            | Instruction::In { .. }
            | Instruction::InConstants { .. }
            | Instruction::And(_)
            | Instruction::Or(_)
            | Instruction::Matches { .. }
            | Instruction::TextTest { .. }
            | Instruction::Remembered(_) => self.boolean(instruction).map(Value::Bool),
            Instruction::Negate(operand) => {
                let operand = self.value(operand);
                self.charge(1);
                arithmetic::negate(self.heap, operand?)
            }
            Instruction::Arithmetic {
                operator,
                operands,
                sized,
            } => {
                let (left, right) = self.both(operands, |left, right| {
                    if *sized {
                        operator_cost::arithmetic(*operator, left, right)
                    } else {
                        1
                    }
                })?;
                let apply = match operator {
                    BinaryOperator::Subtract => arithmetic::subtract,
                    BinaryOperator::Multiply => arithmetic::multiply,
                    BinaryOperator::Divide => arithmetic::divide,
                    BinaryOperator::Modulo => arithmetic::modulo,
                    _ => arithmetic::add,
                };
                apply(self.heap, left, right)
            }
            Instruction::List(elements) => self.list(elements),
            Instruction::Map(entries) => self.map(entries),
            Instruction::Struct { type_name, fields } => self.struct_of(type_name, fields),
            Instruction::Call {
                function,
                arguments,
            } => self.call(function, arguments),
            Instruction::OptionalOr(operands) => match self.optional(&operands[0])? {
                Some(value) => Ok(self.heap.some(value)),
                None => self.value(&operands[1]),
            },
            Instruction::OptionalOrValue {
                operands,
                of_plain_values,
            } => match self.outcome(&operands[0])? {
                Outcome::Some(value) => Ok(value),
                Outcome::None => self.value(&operands[1]),
                Outcome::Plain(value) if *of_plain_values => Ok(value),
                Outcome::Plain(_) => Err(self.heap.no_such_overload("orValue")),
            },
            Instruction::OptionalMap(map) => self.optional_map(map),
            Instruction::Loop(this) => self.run_loop(this),
            Instruction::Bind(bind) => {
                self.bind(bind)?;
                self.value(&bind.body)
            }
            Instruction::Shared(part) => self.value(part),
            Instruction::Unknown(what) => Err(self.heap.error(ErrorKind::Unknown(what))),
            Instruction::Unbound(name) => Err(self.heap.error(ErrorKind::NoSuchVariable(name))),
            Instruction::NoFunction(name) => Err(self.heap.no_such_overload(name)),
        }
    }

    /// The value of an instruction that must be a boolean; nothing is made on the way.
    pub(crate) fn boolean(&mut self, instruction: &'a Instruction) -> Result<'a, bool> {
        match instruction {
            Instruction::Not(operand) => {
                let operand = self.boolean_operand(operand, "!_");
                self.charge(1);
                Ok(!operand?)
            }
            Instruction::And(terms) => self.all_of(terms, false),
            Instruction::Or(terms) => self.all_of(terms, true),
            Instruction::Equal { operands, negated } => self.equal(operands, *negated),
            Instruction::Compare {
                operator,
                operands,
                sized,
            } => {
                let (left, right) = self.both(operands, |left, right| {
                    if *sized {
                        operator_cost::compare(left, right)
                    } else {
                        1
                    }
                })?;
                order::holds(self.heap, *operator, left, right)
            }
            Instruction::In { operands, sized } => {
                let (element, container) = self.both(operands, |_, container| {
                    if *sized {
                        operator_cost::membership(container)
                    } else {
                        1
                    }
                })?;
                if self.rules.null_is_absent
                    && let (Value::String(key), Value::Node(node)) = (element, container)
                    && node.is_map()
                {
                    return Ok(self.present(node.get_name(key)).is_some());
                }
                membership::contains(self.heap, container, element)
            }
            Instruction::InConstants { element, constants } => {
                let element = self.value(element)?;
                if let Value::String(text) = element {
                    return Ok(constants.iter().any(|constant| constant.is_string(text)));
                }
                Ok(constants
                    .iter()
                    .any(|constant| equality::equal(constant.value(self.heap), element)))
            }
            Instruction::Has(has) => self.has(has),
            Instruction::Matches {
                text,
                pattern,
                pattern_size,
            } => {
                let Value::String(text) = self.value(text)? else {
                    return Err(self.heap.no_such_overload("matches"));
                };
                self.charge(operator_cost::matches(text, *pattern_size));
                pattern
                    .is_match(text)
                    .map_err(|reason| self.heap.argument_error(reason))
            }
            Instruction::TextTest {
                test,
                text,
                constant,
                constant_cost,
            } => self.text_test(*test, text, constant, *constant_cost),
            Instruction::Conditional(conditional) => {
                let branch = self.branch(conditional)?;
                self.boolean(branch)
            }
            Instruction::Loop(this) if this.is_quantifier() => self.quantify(this),
            Instruction::Remembered(this) => self.remembered(this),
            other => match self.value(other)? {
                Value::Bool(value) => Ok(value),
                _ => Err(self.heap.error(ErrorKind::Conversion(
                    "no such overload: a bool was expected",
                ))),
            },
        }
    }

    /// An answer that was given before, else the part's own, which is kept. Either costs the same.
    fn remembered(&mut self, this: &'a Remembered) -> Result<'a, bool> {
        let Some(question) = self.question(this) else {
            return self.boolean(&this.body);
        };
        let known = self
            .memory
            .as_deref_mut()
            .and_then(|memory| memory.recall(this.part, question));
        if let Some(answer) = known {
            self.charge(answer.cost());
            self.heap.arena().take(answer.bytes());
            return Ok(answer.holds());
        }
        let before = (self.cost, self.heap.arena().used());
        let holds = self.boolean(&this.body)?;
        let cost = self.cost - before.0;
        let answer = Answer::new(holds, cost, self.heap.arena().used() - before.1);
        // Past the limit of memory values are empty, and say nothing.
        self.heap.check_memory()?;
        if let Some(memory) = self.memory.as_deref_mut()
            && let Some(answer) = answer
        {
            memory.keep(this.part, question, answer);
        }
        Ok(holds)
    }

    /// What the answer of a part depends on, where it is remembered.
    fn question(&mut self, this: &'a Remembered) -> Option<Question<'a>> {
        if !self.memory.as_deref()?.is_worth(this.part) {
            return None;
        }
        let Some(key) = &this.key else {
            return Some(Question::Always);
        };
        let before = self.cost;
        let value = match self.outcome(key) {
            Ok(Outcome::Plain(value) | Outcome::Some(value)) => Some(value),
            Ok(Outcome::None) | Err(_) => None,
        };
        self.cost = before;
        Question::about(value?, this.by_place)
    }

    fn boolean_operand(
        &mut self,
        instruction: &'a Instruction,
        operator: &'static str,
    ) -> Result<'a, bool> {
        match instruction {
            Instruction::Chain(_) | Instruction::Constant(_) => match self.value(instruction)? {
                Value::Bool(value) => Ok(value),
                _ => Err(self.heap.no_such_overload(operator)),
            },
            other => self.boolean(other),
        }
    }

    /// `&&` over all terms, or `||` where `decides` is true: the first term that decides wins over any error.
    fn all_of(&mut self, terms: &'a [Instruction], decides: bool) -> Result<'a, bool> {
        let mut error = None;
        let operator = if decides { "_||_" } else { "_&&_" };
        for term in terms {
            match self.boolean_operand(term, operator) {
                Ok(value) if value == decides => return Ok(decides),
                Ok(_) => {}
                Err(limit) if limit.is_limit() => return Err(limit),
                Err(other) => error = error.or(Some(other)),
            }
        }
        error.map_or(Ok(!decides), Err)
    }

    fn text_test(
        &mut self,
        kind: TextTest,
        text: &'a Instruction,
        constant: &'a str,
        constant_cost: u64,
    ) -> Result<'a, bool> {
        let value = self.value(text);
        let Ok(Value::String(text)) = value else {
            self.charge(constant_cost);
            value?;
            return Err(self.heap.no_such_overload(match kind {
                TextTest::StartsWith => "startsWith",
                TextTest::EndsWith => "endsWith",
                TextTest::Contains => "contains",
            }));
        };
        Ok(match kind {
            TextTest::StartsWith => {
                self.charge(constant_cost);
                text.starts_with(constant)
            }
            TextTest::EndsWith => {
                self.charge(constant_cost);
                text.ends_with(constant)
            }
            TextTest::Contains => {
                let size = operator_cost::count_chars(text);
                self.charge(operator_cost::traversal(size) * constant_cost);
                text.contains(constant)
            }
        })
    }

    fn equal(&mut self, operands: &'a [Instruction; 2], negated: bool) -> Result<'a, bool> {
        // The usual case, a field of a document and a constant, needs no value of either.
        if let [Instruction::Chain(chain), Instruction::Constant(constant)] = operands
            && let Some(node) = self.node_of(chain)
        {
            match constant {
                Constant::Bool(wanted) if let Scalar::Bool(found) = node.scalar() => {
                    self.charge(1);
                    return Ok((found == *wanted) != negated);
                }
                Constant::String(wanted) if let Some(found) = node.as_str() => {
                    self.charge(operator_cost::equal_strings(found, wanted));
                    return Ok((*found == **wanted) != negated);
                }
                _ => {
                    let left = Value::from_node(node);
                    let right = constant.value(self.heap);
                    self.charge(operator_cost::equal(&left, &right));
                    return Ok(equality::equal(left, right) != negated);
                }
            }
        }
        let (left, right) = self.both(operands, |left, right| match (left, right) {
            (Value::String(left), Value::String(right)) => {
                operator_cost::equal_strings(left, right)
            }
            (Value::Bool(_), Value::Bool(_)) | (Value::Int(_), Value::Int(_)) => 1,
            _ => operator_cost::equal(left, right),
        })?;
        let same = match (left, right) {
            (Value::String(left), Value::String(right)) => left == right,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Int(left), Value::Int(right)) => left == right,
            _ => equality::equal(left, right),
        };
        Ok(same != negated)
    }

    /// Both operands of an operator, and its cost. An operator counts also where an operand fails.
    #[inline]
    fn both(
        &mut self,
        operands: &'a [Instruction; 2],
        cost: impl FnOnce(&Value<'a>, &Value<'a>) -> u64,
    ) -> Result<'a, (Value<'a>, Value<'a>)> {
        let left = self.value(&operands[0]);
        let right = self.value(&operands[1]);
        if let (Ok(left), Ok(right)) = (left, right) {
            self.charge(cost(&left, &right));
            return Ok((left, right));
        }
        let known = |value: &Result<'a, Value<'a>>| value.unwrap_or(Value::Null);
        self.charge(cost(&known(&left), &known(&right)));
        Ok((left?, right?))
    }

    fn branch(&mut self, conditional: &'a Conditional) -> Result<'a, &'a Instruction> {
        Ok(if self.boolean_operand(&conditional.condition, "_?_:_")? {
            &conditional.then
        } else {
            &conditional.otherwise
        })
    }

    fn has(&mut self, has: &'a Has) -> Result<'a, bool> {
        if let Some(node) = self.node_of(&has.operand) {
            if node.is_map() {
                return Ok(self.present(node.get(&has.field)).is_some());
            }
            return self.has_field(Value::from_node(node), &has.field);
        }
        let value = match self.chain(&has.operand)? {
            Outcome::None => {
                // The field is not asked for, and so not counted, but its unit is taken off all the same.
                self.cost = self.cost.saturating_sub(1);
                return Ok(false);
            }
            Outcome::Plain(value) | Outcome::Some(value) => value,
        };
        self.has_field(value, &has.field)
    }

    fn list(&mut self, elements: &'a [Element]) -> Result<'a, Value<'a>> {
        let mut values = Vec::with_capacity(elements.len());
        for element in elements {
            if let Some(value) = self.element(element)? {
                values.push(value);
            }
        }
        self.charge(10);
        Ok(self.heap.list(&values))
    }

    /// An element's value; `None` for an optional element that is none.
    fn element(&mut self, element: &'a Element) -> Result<'a, Option<Value<'a>>> {
        if element.optional {
            self.optional(&element.value)
        } else {
            self.value(&element.value).map(Some)
        }
    }

    fn map(&mut self, entries: &'a [Entry]) -> Result<'a, Value<'a>> {
        let mut values: Vec<(Value<'a>, Value<'a>)> = Vec::with_capacity(entries.len());
        for entry in entries {
            let key = self.value(&entry.key)?;
            let value = if entry.optional {
                self.optional(&entry.value)?
            } else {
                Some(self.value(&entry.value)?)
            };
            if let Some(value) = value {
                self.check_new_key(&values, key)?;
                values.push((key, value));
            }
        }
        self.charge(30);
        Ok(self.heap.map(&values))
    }

    /// That a key is of a type that a map can have, and new.
    fn check_new_key(&self, entries: &[(Value<'a>, Value<'a>)], key: Value<'a>) -> Result<'a, ()> {
        match key {
            Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::String(_) => {}
            _ => {
                return Err(self
                    .heap
                    .error(ErrorKind::Conversion("unsupported key type")));
            }
        }
        if entries
            .iter()
            .any(|(other, _)| equality::equal(*other, key))
        {
            let text = self.heap.str(&format!("{key:?}"));
            return Err(self.heap.error(ErrorKind::DuplicateKey(text)));
        }
        Ok(())
    }

    fn struct_of(
        &mut self,
        type_name: &'a str,
        fields: &'a [(Box<str>, Element)],
    ) -> Result<'a, Value<'a>> {
        let mut values = Vec::with_capacity(fields.len());
        for (name, element) in fields {
            if let Some(value) = self.element(element)? {
                let name: &'a str = name;
                values.push((name, value));
            }
        }
        self.charge(40);
        Ok(self.heap.struct_of(type_name, &values))
    }

    fn call(
        &mut self,
        function: &'static crate::library::Function,
        arguments: &'a [Instruction],
    ) -> Result<'a, Value<'a>> {
        let mut values = [Value::Null; 4];
        if let Some(values) = values.get_mut(..arguments.len()) {
            let error = self.arguments(values, arguments);
            return self.run(function, values, error);
        }
        let mut values = vec![Value::Null; arguments.len()];
        let error = self.arguments(&mut values, arguments);
        self.run(function, &values, error)
    }

    /// The values of arguments; one that fails is left null, and the first error is given.
    fn arguments(
        &mut self,
        values: &mut [Value<'a>],
        arguments: &'a [Instruction],
    ) -> Option<EvalError<'a>> {
        let mut error = None;
        for (value, argument) in values.iter_mut().zip(arguments) {
            match self.value(argument) {
                Ok(found) => *value = found,
                Err(failed) => error = error.or(Some(failed)),
            }
        }
        error
    }

    fn run(
        &mut self,
        function: &'static crate::library::Function,
        arguments: &[Value<'a>],
        error: Option<EvalError<'a>>,
    ) -> Result<'a, Value<'a>> {
        if let Some(error) = error {
            self.charge((function.cost)(arguments, &Value::Null));
            return Err(error);
        }
        match (function.run)(self.heap, arguments) {
            Ok(result) => {
                self.charge((function.cost)(arguments, &result));
                Ok(result)
            }
            Err(error) => {
                self.charge((function.cost)(arguments, &Value::Null));
                Err(error)
            }
        }
    }

    fn optional_map(&mut self, map: &'a OptionalMap) -> Result<'a, Value<'a>> {
        // The API server expands to `target.hasValue() ? optional.of(body over target.value()) : optional.none()`, so
        // the target counts twice where it holds a value, and each of the calls counts 1.
        let before = self.cost;
        let outcome = self.outcome(&map.target)?;
        let target_cost = self.cost - before;
        self.charge(1);
        match outcome {
            Outcome::Some(value) => {
                self.charge(target_cost + 1);
                self.locals[map.slot] = value;
                let result = self.value(&map.body)?;
                if map.flat {
                    return Ok(result);
                }
                self.charge(1);
                Ok(self.heap.some(result))
            }
            Outcome::None => {
                self.charge(1);
                Ok(Value::Optional(None))
            }
            Outcome::Plain(_) => Err(self.heap.no_such_overload("optMap")),
        }
    }

    fn bind(&mut self, bind: &'a Bind) -> Result<'a, ()> {
        self.locals[bind.slot] = self.value(&bind.value)?;
        Ok(())
    }

    /// An instruction whose value is an optional; any other value is an error.
    fn optional(&mut self, instruction: &'a Instruction) -> Result<'a, Option<Value<'a>>> {
        match self.outcome(instruction)? {
            Outcome::Some(value) => Ok(Some(value)),
            Outcome::None => Ok(None),
            Outcome::Plain(_) => Err(self.heap.no_such_overload("optional")),
        }
    }

    /// The value of an instruction; an optional without a place in the heap.
    fn outcome(&mut self, instruction: &'a Instruction) -> Result<'a, Outcome<'a>> {
        let outcome = match instruction {
            Instruction::Chain(chain) => return self.chain(chain),
            other => Outcome::Plain(self.value(other)?),
        };
        Ok(outcome.opened())
    }

    fn boxed(&self, outcome: Outcome<'a>) -> Value<'a> {
        match outcome {
            Outcome::Plain(value) => value,
            Outcome::Some(value) => self.heap.some(value),
            Outcome::None => Value::Optional(None),
        }
    }

    /// A node that was found, unless it is null and that means absent.
    #[inline]
    fn present(&self, node: Option<Node<'a>>) -> Option<Node<'a>> {
        node.filter(|node| {
            !self.rules.null_is_absent || node.kind() != plimsoll_document::NodeKind::Null
        })
    }

    /// Counts. Whether a limit is exceeded is asked by the loops, and at the end: between two of those an expression
    /// can do no more than its own text says.
    #[inline]
    fn charge(&mut self, cost: u64) {
        self.cost = self.cost.saturating_add(cost);
    }

    /// That no limit is exceeded, where it is time to look.
    #[inline]
    fn check_limits(&mut self) -> Result<'a, ()> {
        if self.cost > self.pause {
            return self.look_at_limits();
        }
        Ok(())
    }

    /// That no limit is exceeded. An evaluation that has exceeded one looks again each time.
    #[cold]
    fn look_at_limits(&mut self) -> Result<'a, ()> {
        self.check_cost()?;
        self.heap.check_memory()?;
        self.heap.check_time()?;
        let next = self.cost.saturating_add(INTERVAL);
        self.heap.arena().set_left(next);
        self.pause = next.min(self.limit);
        Ok(())
    }

    fn check_cost(&self) -> Result<'a, ()> {
        if self.cost > self.limit {
            return Err(self.heap.error(ErrorKind::CostExceeded(self.limit)));
        }
        Ok(())
    }

    /// What an evaluation gives, unless it took more than it may: to be asked once, at its end. What it gives in time
    /// counts.
    pub(crate) fn within_limits<T>(&self, result: Result<'a, T>) -> Result<'a, T> {
        let arena = self.heap.arena();
        arena.set_left(arena.left().saturating_sub(self.cost));
        self.check_cost()?;
        self.heap.check_memory()?;
        result
    }

    /// Adds to a list that is being made, which may need more memory while it grows than all that was made before.
    #[inline]
    fn push<T>(&self, values: &mut Vec<T>, value: T) -> Result<'a, ()> {
        if values.len() == values.capacity() {
            let grown = values.capacity().saturating_mul(2 * size_of::<T>());
            self.heap.check_room(grown)?;
        }
        values.push(value);
        Ok(())
    }
}

impl<'a> Outcome<'a> {
    /// An optional value taken out of its place in the heap.
    fn opened(self) -> Outcome<'a> {
        match self {
            Outcome::Plain(Value::Optional(Some(value))) => Outcome::Some(*value),
            Outcome::Plain(Value::Optional(None)) => Outcome::None,
            other => other,
        }
    }
}
