//! What the parts of an expression depend on: which answers can be remembered.

use crate::ast::{Ast, Expr, ExprKind};
use crate::check::Reference;
use crate::environment::Environment;
use crate::types::Type;

/// By the number of an expression: what its answer depends on, for those that are worth remembering.
#[derive(Debug, Default)]
pub(crate) struct Dependence<'e> {
    by_expression: Vec<Option<On<'e>>>,
}

/// What an answer depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum On<'e> {
    /// Nothing but stable variables.
    Nothing,
    /// One value.
    Value {
        /// Where it is read.
        read: &'e Expr,
        /// Whether it is, or is in, an element that a macro goes over.
        is_local: bool,
    },
}

/// A value that an expression reads.
#[derive(Debug, Clone)]
struct Read<'e> {
    /// The variable it starts from.
    root: &'e str,
    is_local: bool,
    path: Vec<&'e str>,
    whole: &'e Expr,
}

/// What is found of an expression.
#[derive(Debug, Default)]
struct Found<'e> {
    reads: Vec<Read<'e>>,
    /// It reads more than is worth following.
    much: bool,
    /// What finding its answer costs, about, where remembering it costs [`DEAR`].
    cost: u32,
}

/// From which cost on an answer is remembered: some calls, or one macro.
const DEAR: u32 = 3;

/// Functions of text that cost about half as much as a look into a table.
const COSTLY: &[&str] = &[
    "matches",
    "find",
    "findAll",
    "split",
    "replace",
    "semver",
    "isSemver",
    "quantity",
    "isQuantity",
    "format",
    "url",
    "isURL",
    "ip",
    "cidr",
];

impl<'e> Dependence<'e> {
    /// Finds it for all parts of a checked expression.
    pub(crate) fn of(
        ast: &'e Ast,
        references: &'e [Option<Reference>],
        types: &[Type],
        environment: &Environment,
    ) -> Dependence<'e> {
        if environment.stable().is_empty() {
            return Dependence::default();
        }
        let mut walk = Walk {
            references,
            types,
            environment,
            locals: Vec::new(),
            found: vec![None; ast.node_count as usize],
        };
        walk.expression(&ast.root);
        Dependence {
            by_expression: walk.found,
        }
    }

    /// What the answer of an expression depends on, where it is worth remembering.
    pub(crate) fn on(&self, expression: &Expr) -> Option<On<'e>> {
        *self.by_expression.get(expression.id as usize)?
    }
}

struct Walk<'e, 'w> {
    references: &'e [Option<Reference>],
    types: &'w [Type],
    environment: &'w Environment,
    locals: Vec<&'e str>,
    found: Vec<Option<On<'e>>>,
}

impl<'e> Walk<'e, '_> {
    fn expression(&mut self, expression: &'e Expr) -> Found<'e> {
        let found = self.parts(expression);
        let is_bool = self.types.get(expression.id as usize) == Some(&Type::Bool);
        if is_bool && found.cost >= DEAR && !found.much {
            self.found[expression.id as usize] = match found.reads.as_slice() {
                [] => Some(On::Nothing),
                // A whole object is seen once only, an element of a list with every object that has to do with it.
                [read] if read.is_local || !read.path.is_empty() => Some(On::Value {
                    read: read.whole,
                    is_local: read.is_local,
                }),
                _ => None,
            };
        }
        found
    }

    fn parts(&mut self, expression: &'e Expr) -> Found<'e> {
        if let Some(read) = self.read(expression) {
            return read;
        }
        match &expression.kind {
            ExprKind::Comprehension(this) => {
                let mut found = self.expression(&this.range);
                let mut names = vec![this.variable.as_str()];
                names.extend(this.second_variable.as_deref());
                let inner = self.within(&names, |walk| {
                    let mut inner = walk.expression(&this.body);
                    if let Some(filter) = &this.filter {
                        inner.add(walk.expression(filter));
                    }
                    inner
                });
                found.add(inner);
                found.cost += DEAR;
                found
            }
            ExprKind::Bind {
                variable,
                value,
                body,
            }
            | ExprKind::OptionalMap {
                target: value,
                variable,
                body,
                ..
            } => {
                let mut found = self.expression(value);
                found.add(self.within(&[variable], |walk| walk.expression(body)));
                found
            }
            // What these share is evaluated where it is first read.
            ExprKind::Block { .. } | ExprKind::BlockIndex(_) => Found {
                much: true,
                ..Found::default()
            },
            ExprKind::MemberCall {
                target,
                function,
                args,
            } => {
                let is_qualified = matches!(
                    self.references.get(expression.id as usize),
                    Some(Some(Reference::Function(_)))
                );
                let mut found = if is_qualified {
                    Found::default()
                } else {
                    self.expression(target)
                };
                for argument in args {
                    found.add(self.expression(argument));
                }
                found.cost += if self.is_own(function) || function == "matches" {
                    DEAR
                } else {
                    u32::from(COSTLY.contains(&function.as_str()))
                };
                found
            }
            kind => {
                let mut found = Found::default();
                if let ExprKind::Call { function, .. } = kind {
                    found.cost = u32::from(COSTLY.contains(&function.as_str()));
                }
                kind.for_each_child(|child| found.add(self.expression(child)));
                found
            }
        }
    }

    /// A function of the embedding program: it may look at much.
    fn is_own(&self, function: &str) -> bool {
        self.environment.is_own(function)
    }

    fn within(&mut self, names: &[&'e str], run: impl FnOnce(&mut Self) -> Found<'e>) -> Found<'e> {
        let depth = self.locals.len();
        self.locals.extend_from_slice(names);
        let mut found = run(self);
        self.locals.truncate(depth);
        found
            .reads
            .retain(|read| !(read.is_local && names.contains(&read.root)));
        found
    }

    /// A path from a variable, or the name of an object's namespace.
    fn read(&mut self, expression: &'e Expr) -> Option<Found<'e>> {
        if let ExprKind::MemberCall { function, args, .. } = &expression.kind
            && self.environment.is_naming(function)
            && let [argument] = args.as_slice()
        {
            let (root, is_local, mut path) = self.path(argument)?;
            path.push("()");
            return Some(Found::of(Read {
                root,
                is_local,
                path,
                whole: expression,
            }));
        }
        if let ExprKind::Has { operand, field } = &expression.kind {
            let (root, is_local, mut path) = self.path(operand)?;
            if self.is_stable(root, is_local) {
                return Some(Found::default());
            }
            path.push(field);
            return Some(Found::of(Read {
                root,
                is_local,
                path,
                whole: expression,
            }));
        }
        let (root, is_local, path) = self.path(expression)?;
        if self.is_stable(root, is_local) {
            return Some(Found::default());
        }
        Some(Found::of(Read {
            root,
            is_local,
            path,
            whole: expression,
        }))
    }

    fn is_stable(&self, root: &str, is_local: bool) -> bool {
        !is_local && self.environment.stable().contains(&root)
    }

    /// A variable and constant fields below it.
    fn path(&self, expression: &'e Expr) -> Option<(&'e str, bool, Vec<&'e str>)> {
        if let Some(Some(Reference::Variable(name))) = self.references.get(expression.id as usize) {
            return Some((name, false, Vec::new()));
        }
        match &expression.kind {
            ExprKind::Ident { name, absolute } => (!absolute
                && self.locals.contains(&name.as_str()))
            .then_some((name, true, Vec::new())),
            ExprKind::Select { operand, field, .. } => {
                let (root, is_local, mut path) = self.path(operand)?;
                path.push(field);
                Some((root, is_local, path))
            }
            _ => None,
        }
    }
}

impl<'e> Found<'e> {
    fn of(read: Read<'e>) -> Found<'e> {
        Found {
            reads: vec![read],
            ..Found::default()
        }
    }

    fn add(&mut self, other: Found<'e>) {
        self.much |= other.much;
        self.cost += other.cost;
        for read in other.reads {
            let known = self.reads.iter_mut().find(|known| {
                known.root == read.root
                    && known.is_local == read.is_local
                    && known.path == read.path
            });
            match known {
                // Whether it is there is less than its value.
                Some(known) if matches!(known.whole.kind, ExprKind::Has { .. }) => *known = read,
                Some(_) => {}
                None => self.reads.push(read),
            }
        }
    }
}
