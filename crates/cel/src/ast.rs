//! The abstract syntax tree. Macros are nodes of their own, so that later steps see `all` and not a fold.

use plimsoll_document::Span;

/// An expression and the count of its nodes.
#[derive(Debug, Clone)]
pub struct Ast {
    /// The whole expression.
    pub root: Expr,
    /// Every [`Expr::id`] is below this: a side table needs this many places.
    pub node_count: u32,
    /// By [`Expr::id`]: where a message about the node points best (its operator, the name of its field or function).
    pub focus: Vec<Span>,
}

impl Ast {
    /// Where a message about a node points best.
    pub fn focus(&self, expr: &Expr) -> Span {
        self.focus
            .get(expr.id as usize)
            .copied()
            .unwrap_or(expr.span)
    }
}

/// One node.
#[derive(Debug, Clone)]
pub struct Expr {
    /// A number of its own, for side tables.
    pub id: u32,
    /// Where it stands in the text of the expression, in bytes.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// `name`, or `.name` with `absolute`.
    Ident {
        /// The name, one part.
        name: String,
        /// Written with a leading dot: not looked up in the container or among local variables.
        absolute: bool,
    },
    /// `operand.field` or `operand.?field`.
    Select {
        /// What is read.
        operand: Box<Expr>,
        /// The field; back quotes removed.
        field: String,
        /// With `?`: gives an optional.
        optional: bool,
    },
    /// `operand[index]` or `operand[?index]`.
    Index {
        /// A list or map.
        operand: Box<Expr>,
        /// Index or key.
        index: Box<Expr>,
        /// With `?`: gives an optional.
        optional: bool,
    },
    /// `has(operand.field)`.
    Has {
        /// What is looked into.
        operand: Box<Expr>,
        /// The field.
        field: String,
    },
    /// `function(args)`, or `.function(args)` with `absolute`.
    Call {
        /// The function's name, one part; `a.b.f(x)` is a [`ExprKind::MemberCall`] until names are resolved.
        function: String,
        /// Written with a leading dot.
        absolute: bool,
        /// Arguments.
        args: Vec<Expr>,
    },
    /// `target.function(args)`: a member call, or a call of a function whose name has dots.
    MemberCall {
        /// What stands before the last dot.
        target: Box<Expr>,
        /// The name after it.
        function: String,
        /// Arguments, without the target.
        args: Vec<Expr>,
    },
    /// `!x` or `-x`.
    Unary {
        /// Which.
        operator: UnaryOperator,
        /// The operand.
        operand: Box<Expr>,
    },
    /// An operator between two operands.
    Binary {
        /// Which.
        operator: BinaryOperator,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `a && b && c`: two terms or more, flattened.
    And(Vec<Expr>),
    /// `a || b || c`: two terms or more, flattened.
    Or(Vec<Expr>),
    /// `condition ? then : otherwise`.
    Conditional {
        /// A boolean.
        condition: Box<Expr>,
        /// Its value where the condition is true.
        then: Box<Expr>,
        /// Its value where the condition is false.
        otherwise: Box<Expr>,
    },
    /// `[a, ?b]`.
    List(Vec<ListElement>),
    /// `{k: v, ?k: v}`.
    Map(Vec<MapEntry>),
    /// `Type{field: v, ?field: v}`.
    Struct {
        /// The type's name with its dots; a leading dot is kept.
        type_name: String,
        /// Fields as written.
        fields: Vec<StructField>,
    },
    /// A macro that binds variables.
    Comprehension(Box<Comprehension>),
    /// `cel.bind(variable, value, body)`.
    Bind {
        /// The variable.
        variable: String,
        /// Its value.
        value: Box<Expr>,
        /// Where it is seen.
        body: Box<Expr>,
    },
    /// `target.optMap(variable, body)`, or `optFlatMap` with `flat`.
    OptionalMap {
        /// An optional.
        target: Box<Expr>,
        /// Bound to the value within.
        variable: String,
        /// The new value; with `flat` an optional.
        body: Box<Expr>,
        /// `optFlatMap`.
        flat: bool,
    },
    /// `cel.block([a, b], body)`, its parts seen as `cel.index(n)`; only in the conformance dialect.
    Block {
        /// The parts, each seeing those before it; computed when first used.
        slots: Vec<Expr>,
        /// Where they are seen.
        body: Box<Expr>,
    },
    /// `cel.index(n)` within a block.
    BlockIndex(u32),
}

impl ExprKind {
    /// Calls `visit` with each expression directly below, in the order of the text.
    pub fn for_each_child<'e>(&'e self, mut visit: impl FnMut(&'e Expr)) {
        match self {
            ExprKind::Literal(_) | ExprKind::Ident { .. } | ExprKind::BlockIndex(_) => {}
            ExprKind::Select { operand, .. }
            | ExprKind::Has { operand, .. }
            | ExprKind::Unary { operand, .. } => visit(operand),
            ExprKind::Index { operand, index, .. } => {
                visit(operand);
                visit(index);
            }
            ExprKind::Call { args, .. } => args.iter().for_each(visit),
            ExprKind::MemberCall { target, args, .. } => {
                visit(target);
                args.iter().for_each(visit);
            }
            ExprKind::Binary { left, right, .. } => {
                visit(left);
                visit(right);
            }
            ExprKind::And(terms) | ExprKind::Or(terms) => terms.iter().for_each(visit),
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => {
                visit(condition);
                visit(then);
                visit(otherwise);
            }
            ExprKind::List(elements) => elements.iter().for_each(|element| visit(&element.value)),
            ExprKind::Map(entries) => {
                for entry in entries {
                    visit(&entry.key);
                    visit(&entry.value);
                }
            }
            ExprKind::Struct { fields, .. } => fields.iter().for_each(|field| visit(&field.value)),
            ExprKind::Comprehension(comprehension) => {
                visit(&comprehension.range);
                comprehension.filter.iter().for_each(&mut visit);
                visit(&comprehension.body);
            }
            ExprKind::Bind { value, body, .. } => {
                visit(value);
                visit(body);
            }
            ExprKind::OptionalMap { target, body, .. } => {
                visit(target);
                visit(body);
            }
            ExprKind::Block { slots, body } => {
                slots.iter().for_each(&mut visit);
                visit(body);
            }
        }
    }
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `1`
    Int(i64),
    /// `1u`
    Uint(u64),
    /// `1.0`
    Double(f64),
    /// `'text'`
    String(String),
    /// `b'bytes'`
    Bytes(Vec<u8>),
}

/// A prefix operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `!`
    Not,
    /// `-`
    Negate,
}

/// An operator between two operands; `&&` and `||` are nodes of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `in`
    In,
}

/// An element of a list literal.
#[derive(Debug, Clone)]
pub struct ListElement {
    /// The element, or with `optional` an optional that is left out where it is none.
    pub value: Expr,
    /// Written with `?`.
    pub optional: bool,
}

/// An entry of a map literal.
#[derive(Debug, Clone)]
pub struct MapEntry {
    /// A number of its own, as expressions have.
    pub id: u32,
    /// The key.
    pub key: Expr,
    /// The value, or with `optional` an optional.
    pub value: Expr,
    /// Written with `?`.
    pub optional: bool,
}

/// A field of a struct literal.
#[derive(Debug, Clone)]
pub struct StructField {
    /// A number of its own, as expressions have.
    pub id: u32,
    /// Where the field's name stands.
    pub span: Span,
    /// The name.
    pub name: String,
    /// The value, or with `optional` an optional.
    pub value: Expr,
    /// Written with `?`.
    pub optional: bool,
}

/// A macro over the elements of a list or the entries of a map.
#[derive(Debug, Clone)]
pub struct Comprehension {
    /// Which macro.
    pub kind: ComprehensionKind,
    /// What it goes over.
    pub range: Expr,
    /// The element (or the key of a map); with a second variable the index or key.
    pub variable: String,
    /// Two-variable form: the element or value.
    pub second_variable: Option<String>,
    /// The condition of `map(x, filter, transform)` and of the `transform` macros in their long form.
    pub filter: Option<Expr>,
    /// The condition or transformation.
    pub body: Expr,
}

/// Which comprehension macro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComprehensionKind {
    /// `all`
    All,
    /// `exists`
    Exists,
    /// `exists_one`, `existsOne`
    ExistsOne,
    /// `map`
    Map,
    /// `filter`
    Filter,
    /// `transformList`
    TransformList,
    /// `transformMap`
    TransformMap,
    /// `transformMapEntry`
    TransformMapEntry,
    /// `sortBy`: the body is the key of each element.
    SortBy,
}
