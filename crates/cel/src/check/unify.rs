//! Whether one type can stand for another, and what type parameters stand for.

use std::cell::Cell;
use std::sync::Arc;

use foldhash::HashMap;

use crate::types::Type;

/// How many parts of types one check may look at. The types of an expression that a person wrote need some thousands;
/// but parameters that stand for types of other parameters can make a type that no memory holds.
const WORK: u64 = 10_000_000;

/// What type parameters stand for so far.
#[derive(Debug, Default)]
pub(super) struct Substitution {
    bound: HashMap<Arc<str>, Type>,
    /// What was bound before, for each change since an assignment began that may yet fail.
    undo: Vec<(Arc<str>, Option<Type>)>,
    fresh: u32,
    work: Cell<u64>,
}

impl Substitution {
    /// A type parameter that stands for nothing yet.
    pub(super) fn fresh(&mut self) -> Type {
        self.fresh += 1;
        Type::Param(format!("_{}", self.fresh).into())
    }

    /// Whether `actual` can be used where `expected` is wanted; if so, parameters are bound so that it is.
    pub(super) fn assign(&mut self, actual: &Type, expected: &Type) -> bool {
        self.assign_all(std::slice::from_ref(actual), std::slice::from_ref(expected))
    }

    /// Likewise for several at once: all or none.
    pub(super) fn assign_all(&mut self, actual: &[Type], expected: &[Type]) -> bool {
        self.undo.clear();
        let fits = self.pairwise(actual, expected);
        if !fits {
            while let Some((name, before)) = self.undo.pop() {
                match before {
                    Some(before) => self.bound.insert(name, before),
                    None => self.bound.remove(&name),
                };
            }
        }
        fits
    }

    fn set(&mut self, name: &Arc<str>, to: Type) {
        let before = self.bound.insert(Arc::clone(name), to);
        self.undo.push((Arc::clone(name), before));
    }

    /// Whether the types of the expression were too involved: what was found of them then means nothing.
    pub(super) fn is_exhausted(&self) -> bool {
        self.work.get() > WORK
    }

    /// Counts a part of a type; false where there were too many.
    fn step(&self) -> bool {
        self.work.set(self.work.get() + 1);
        !self.is_exhausted()
    }

    fn pairwise(&mut self, actual: &[Type], expected: &[Type]) -> bool {
        actual.len() == expected.len()
            && actual
                .iter()
                .zip(expected)
                .all(|(actual, expected)| self.fits(actual, expected))
    }

    fn fits(&mut self, one: &Type, other: &Type) -> bool {
        if !self.step() {
            return true;
        }
        if let Type::Param(name) = other {
            let (fits, was_bound) = self.bind(name, one);
            if fits || was_bound {
                return fits;
            }
        }
        if let Type::Param(name) = one {
            return self.bind(name, other).0;
        }
        match (one, other) {
            (Type::Dyn | Type::Error, _)
            | (_, Type::Dyn | Type::Error)
            | (Type::Type(_), Type::Type(_)) => true,
            (Type::Null, other) => other == &Type::Null || is_nullable(other),
            (one, Type::Null) => is_nullable(one),
            (Type::List(one), Type::List(other)) | (Type::Optional(one), Type::Optional(other)) => {
                self.fits(one, other)
            }
            (Type::Map(key, value), Type::Map(other_key, other_value)) => {
                self.fits(key, other_key) && self.fits(value, other_value)
            }
            (Type::Named(name, parameters), Type::Named(other, others)) => {
                name == other && self.pairwise(parameters, others)
            }
            (one, other) => one == other,
        }
    }

    /// Binds a parameter to a type, or widens what it is bound to: whether it fits, and whether it was bound before.
    fn bind(&mut self, name: &Arc<str>, to: &Type) -> (bool, bool) {
        if matches!(to, Type::Param(other) if other == name) {
            return (true, true);
        }
        if let Some(bound) = self.bound.get(name).cloned() {
            if bound == *to {
                return (true, true);
            }
            if !self.fits(to, &bound) {
                return (false, true);
            }
            let widened = most_general(to, &bound).clone();
            if !self.mentions(&widened, name) {
                self.set(name, widened);
            }
            return (true, true);
        }
        if self.mentions(to, name) {
            return (false, false);
        }
        self.set(name, to.clone());
        (true, false)
    }

    /// Whether a type mentions a parameter, through what other parameters are bound to.
    fn mentions(&self, of: &Type, name: &Arc<str>) -> bool {
        if !self.step() {
            return true;
        }
        match of {
            Type::Param(other) => {
                other == name
                    || self
                        .bound
                        .get(other)
                        .is_some_and(|bound| self.mentions(bound, name))
            }
            Type::List(of) | Type::Optional(of) | Type::Type(of) => self.mentions(of, name),
            Type::Map(key, value) => self.mentions(key, name) || self.mentions(value, name),
            Type::Named(_, parameters) => parameters
                .iter()
                .any(|parameter| self.mentions(parameter, name)),
            _ => false,
        }
    }

    /// The type with its parameters replaced by what they stand for.
    pub(super) fn apply(&self, of: &Type) -> Type {
        self.replaced(of, false)
    }

    /// Likewise, and parameters that stand for nothing are `dyn`.
    pub(super) fn close(&self, of: &Type) -> Type {
        self.replaced(of, true)
    }

    fn replaced(&self, of: &Type, close: bool) -> Type {
        if !self.step() {
            return Type::Error;
        }
        match of {
            Type::Param(name) => match self.bound.get(name) {
                Some(bound) => self.replaced(bound, close),
                None if close => Type::Dyn,
                None => of.clone(),
            },
            Type::List(of) => Type::list(self.replaced(of, close)),
            Type::Optional(of) => Type::optional(self.replaced(of, close)),
            Type::Type(of) => Type::Type(Arc::new(self.replaced(of, close))),
            Type::Map(key, value) => {
                Type::map(self.replaced(key, close), self.replaced(value, close))
            }
            Type::Named(name, parameters) if !parameters.is_empty() => Type::Named(
                Arc::clone(name),
                parameters
                    .iter()
                    .map(|parameter| self.replaced(parameter, close))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// Takes the number of a type's parts from `left`; false where it has more.
    pub(super) fn count_parts(&self, of: &Type, left: &mut usize) -> bool {
        if *left == 0 {
            return false;
        }
        *left -= 1;
        match of {
            Type::Param(name) => match self.bound.get(name) {
                Some(bound) => self.count_parts(bound, left),
                None => true,
            },
            Type::List(of) | Type::Optional(of) | Type::Type(of) => self.count_parts(of, left),
            Type::Map(key, value) => self.count_parts(key, left) && self.count_parts(value, left),
            Type::Named(_, parameters) => parameters
                .iter()
                .all(|parameter| self.count_parts(parameter, left)),
            _ => true,
        }
    }

    /// A declaration's type with its own parameters replaced by fresh ones, the same for the same name.
    pub(super) fn instantiate(&mut self, of: &Type, fresh: &mut HashMap<Arc<str>, Type>) -> Type {
        match of {
            Type::Param(name) => {
                if let Some(known) = fresh.get(name) {
                    return known.clone();
                }
                let parameter = self.fresh();
                fresh.insert(Arc::clone(name), parameter.clone());
                parameter
            }
            Type::List(of) => Type::list(self.instantiate(of, fresh)),
            Type::Optional(of) => Type::optional(self.instantiate(of, fresh)),
            Type::Type(of) => Type::Type(Arc::new(self.instantiate(of, fresh))),
            Type::Map(key, value) => {
                Type::map(self.instantiate(key, fresh), self.instantiate(value, fresh))
            }
            Type::Named(name, parameters) if !parameters.is_empty() => Type::Named(
                Arc::clone(name),
                parameters
                    .iter()
                    .map(|parameter| self.instantiate(parameter, fresh))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
}

/// Types whose values can be null for the checker: times and everything that has a name of its own.
fn is_nullable(of: &Type) -> bool {
    matches!(
        of,
        Type::Duration | Type::Timestamp | Type::Optional(_) | Type::Named(..)
    )
}

/// Of two types that fit, the one that says less.
pub(super) fn most_general<'t>(one: &'t Type, other: &'t Type) -> &'t Type {
    if is_equal_or_less_specific(one, other) {
        one
    } else {
        other
    }
}

fn is_equal_or_less_specific(one: &Type, other: &Type) -> bool {
    match (one, other) {
        (Type::Dyn | Type::Param(_), _) | (Type::Type(_), Type::Type(_)) => true,
        (_, Type::Dyn | Type::Param(_)) => false,
        (Type::List(one), Type::List(other)) | (Type::Optional(one), Type::Optional(other)) => {
            is_equal_or_less_specific(one, other)
        }
        (Type::Map(key, value), Type::Map(other_key, other_value)) => {
            is_equal_or_less_specific(key, other_key)
                && is_equal_or_less_specific(value, other_value)
        }
        (Type::Named(name, parameters), Type::Named(other, others)) => {
            name == other
                && parameters.len() == others.len()
                && parameters
                    .iter()
                    .zip(others.iter())
                    .all(|(one, other)| is_equal_or_less_specific(one, other))
        }
        (one, other) => one == other,
    }
}
