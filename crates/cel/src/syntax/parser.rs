//! The grammar, by recursive descent.

use plimsoll_document::Span;

use super::ParseOptions;
use super::lexer::{Token, TokenKind, tokens};
use super::macros;
use crate::ast::{
    Ast, BinaryOperator, Expr, ExprKind, ListElement, Literal, MapEntry, StructField, UnaryOperator,
};
use crate::diagnostic::Diagnostic;

/// How deep an expression may nest, in the grammar and in the tree. Every later step walks the tree by recursion, so
/// this bounds its stack too.
const MAX_DEPTH: u32 = 250;

/// How many terms may be chained by operators of one kind, or fields by dots.
const MAX_CHAIN: u32 = 1_000;

/// Words that cannot be names, since other languages that CEL is embedded in use them.
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

pub(super) fn parse(text: &str, options: &ParseOptions) -> Result<Ast> {
    if text.len() > options.max_bytes {
        let message = format!(
            "the expression has {} bytes, more than the limit of {}",
            text.len(),
            options.max_bytes
        );
        return Err(Diagnostic::new(message, Span { start: 0, end: 1 }));
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        next_id: 0,
        options,
    };
    let root = parser.expr()?;
    if parser.peek() != &TokenKind::End {
        return Err(parser.unexpected("an operator or the end of the expression"));
    }
    Ok(Ast {
        root,
        node_count: parser.next_id,
    })
}

pub(super) struct Parser<'o> {
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
    next_id: u32,
    pub(super) options: &'o ParseOptions,
}

type Result<T> = std::result::Result<T, Diagnostic>;

impl Parser<'_> {
    fn expr(&mut self) -> Result<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("the expression nests deeper than {MAX_DEPTH} levels");
            return Err(Diagnostic::new(message, self.span()));
        }
        let result = self.conditional();
        self.depth -= 1;
        result
    }

    fn conditional(&mut self) -> Result<Expr> {
        let condition = self.or()?;
        if !self.take("?") {
            return Ok(condition);
        }
        let then = self.or()?;
        self.expect(":")?;
        let otherwise = self.expr()?;
        let span = Span {
            start: condition.span.start,
            end: otherwise.span.end,
        };
        Ok(self.node(
            span,
            ExprKind::Conditional {
                condition: Box::new(condition),
                then: Box::new(then),
                otherwise: Box::new(otherwise),
            },
        ))
    }

    fn or(&mut self) -> Result<Expr> {
        self.chained("||", Self::and, ExprKind::Or)
    }

    fn and(&mut self) -> Result<Expr> {
        self.chained("&&", Self::relation, ExprKind::And)
    }

    /// Terms between operators of one kind, as one node; a single term as itself.
    fn chained(
        &mut self,
        operator: &'static str,
        term: fn(&mut Self) -> Result<Expr>,
        kind: fn(Vec<Expr>) -> ExprKind,
    ) -> Result<Expr> {
        let first = term(self)?;
        if self.peek() != &TokenKind::Symbol(operator) {
            return Ok(first);
        }
        let start = first.span.start;
        let mut terms = vec![first];
        while self.take(operator) {
            terms.push(term(self)?);
        }
        let end = terms.last().map_or(start, |last| last.span.end);
        Ok(self.node(Span { start, end }, kind(terms)))
    }

    fn relation(&mut self) -> Result<Expr> {
        self.left_associative(Self::addition, |token| {
            Some(match token {
                TokenKind::Symbol("==") => BinaryOperator::Equal,
                TokenKind::Symbol("!=") => BinaryOperator::NotEqual,
                TokenKind::Symbol("<") => BinaryOperator::Less,
                TokenKind::Symbol("<=") => BinaryOperator::LessOrEqual,
                TokenKind::Symbol(">") => BinaryOperator::Greater,
                TokenKind::Symbol(">=") => BinaryOperator::GreaterOrEqual,
                TokenKind::In => BinaryOperator::In,
                _ => return None,
            })
        })
    }

    fn addition(&mut self) -> Result<Expr> {
        self.left_associative(Self::multiplication, |token| {
            Some(match token {
                TokenKind::Symbol("+") => BinaryOperator::Add,
                TokenKind::Symbol("-") => BinaryOperator::Subtract,
                _ => return None,
            })
        })
    }

    fn multiplication(&mut self) -> Result<Expr> {
        self.left_associative(Self::unary, |token| {
            Some(match token {
                TokenKind::Symbol("*") => BinaryOperator::Multiply,
                TokenKind::Symbol("/") => BinaryOperator::Divide,
                TokenKind::Symbol("%") => BinaryOperator::Modulo,
                _ => return None,
            })
        })
    }

    fn left_associative(
        &mut self,
        operand: fn(&mut Self) -> Result<Expr>,
        operator: fn(&TokenKind) -> Option<BinaryOperator>,
    ) -> Result<Expr> {
        let mut left = operand(self)?;
        let mut length = 0;
        while let Some(operator) = operator(self.peek()) {
            self.count_chain(&mut length)?;
            self.at += 1;
            let right = operand(self)?;
            let span = Span {
                start: left.span.start,
                end: right.span.end,
            };
            left = self.node(
                span,
                ExprKind::Binary {
                    operator,
                    left: Box::new(left),
                    right: Box::new(right),
                },
            );
        }
        Ok(left)
    }

    /// `!`s or `-`s in a row: each pair cancels out, as in the grammar's definition.
    fn unary(&mut self) -> Result<Expr> {
        for (symbol, operator) in [("!", UnaryOperator::Not), ("-", UnaryOperator::Negate)] {
            if self.peek() != &TokenKind::Symbol(symbol) {
                continue;
            }
            let start = self.span().start;
            let mut count = 0;
            while self.take(symbol) {
                count += 1;
            }
            if operator == UnaryOperator::Negate
                && count % 2 == 1
                && let Some(literal) = self.negative_literal(start)
            {
                return self.postfix(literal);
            }
            let operand = self.member()?;
            if count % 2 == 0 {
                return Ok(operand);
            }
            let span = Span {
                start,
                end: operand.span.end,
            };
            let operand = Box::new(operand);
            return Ok(self.node(span, ExprKind::Unary { operator, operand }));
        }
        self.member()
    }

    /// The number after a minus sign, with its sign: so that the smallest `int` can be written.
    fn negative_literal(&mut self, start: u32) -> Option<Expr> {
        let literal = match self.peek() {
            TokenKind::Literal(Literal::Int(value)) => Literal::Int(-value),
            TokenKind::Literal(Literal::Double(value)) => Literal::Double(-value),
            TokenKind::IntMagnitude(value) if *value == 1 << 63 => Literal::Int(i64::MIN),
            _ => return None,
        };
        let span = Span {
            start,
            end: self.span().end,
        };
        self.at += 1;
        Some(self.node(span, ExprKind::Literal(literal)))
    }

    fn member(&mut self) -> Result<Expr> {
        let primary = self.primary()?;
        self.postfix(primary)
    }

    /// Fields, indexes and member calls that follow an expression.
    fn postfix(&mut self, mut target: Expr) -> Result<Expr> {
        let mut length = 0;
        loop {
            if self.take(".") {
                self.count_chain(&mut length)?;
                target = self.field_or_call(target)?;
            } else if self.take("[") {
                self.count_chain(&mut length)?;
                let optional = self.take_optional_mark()?;
                let index = self.expr()?;
                let end = self.expect("]")?;
                let span = Span {
                    start: target.span.start,
                    end,
                };
                target = self.node(
                    span,
                    ExprKind::Index {
                        operand: Box::new(target),
                        index: Box::new(index),
                        optional,
                    },
                );
            } else {
                return Ok(target);
            }
        }
    }

    fn field_or_call(&mut self, target: Expr) -> Result<Expr> {
        let optional = self.take_optional_mark()?;
        let name_span = self.span();
        let (name, quoted) = self.field_name()?;
        let start = target.span.start;
        if optional || quoted || self.peek() != &TokenKind::Symbol("(") {
            let span = Span {
                start,
                end: name_span.end,
            };
            let kind = ExprKind::Select {
                operand: Box::new(target),
                field: name,
                optional,
            };
            return Ok(self.node(span, kind));
        }
        self.at += 1;
        let (args, end) = self.arguments()?;
        let span = Span { start, end };
        macros::member_call(self, target, name, name_span, args, span)
    }

    fn field_name(&mut self) -> Result<(String, bool)> {
        let (name, quoted) = match self.peek() {
            TokenKind::Name(name) => (name.clone(), false),
            TokenKind::QuotedName(name) => (name.clone(), true),
            TokenKind::In => ("in".to_owned(), false),
            _ => return Err(self.unexpected("the name of a field or function")),
        };
        if name == "in" {
            return Err(self.unexpected("the name of a field or function"));
        }
        self.at += 1;
        Ok((name, quoted))
    }

    fn primary(&mut self) -> Result<Expr> {
        let span = self.span();
        match self.peek().clone() {
            TokenKind::Literal(literal) => {
                self.at += 1;
                Ok(self.node(span, ExprKind::Literal(literal)))
            }
            TokenKind::IntMagnitude(_) => {
                Err(Diagnostic::new("the number is too large for an int", span))
            }
            TokenKind::Symbol("(") => {
                self.at += 1;
                let inner = self.expr()?;
                self.expect(")")?;
                Ok(inner)
            }
            TokenKind::Symbol("[") => self.list(),
            TokenKind::Symbol("{") => self.map(),
            TokenKind::Symbol(".") | TokenKind::Name(_) => self.name_or_call(),
            _ => Err(self.unexpected("an expression")),
        }
    }

    fn list(&mut self) -> Result<Expr> {
        let start = self.span().start;
        self.at += 1;
        let mut elements = Vec::new();
        while self.peek() != &TokenKind::Symbol("]") {
            let optional = self.take_optional_mark()?;
            let value = self.expr()?;
            elements.push(ListElement { value, optional });
            if !self.take(",") {
                break;
            }
        }
        let end = self.expect("]")?;
        Ok(self.node(Span { start, end }, ExprKind::List(elements)))
    }

    fn map(&mut self) -> Result<Expr> {
        let start = self.span().start;
        self.at += 1;
        let mut entries = Vec::new();
        while self.peek() != &TokenKind::Symbol("}") {
            let optional = self.take_optional_mark()?;
            let key = self.expr()?;
            self.expect(":")?;
            let value = self.expr()?;
            entries.push(MapEntry {
                id: self.new_id(),
                key,
                value,
                optional,
            });
            if !self.take(",") {
                break;
            }
        }
        let end = self.expect("}")?;
        Ok(self.node(Span { start, end }, ExprKind::Map(entries)))
    }

    /// A name, a call of a function, or a struct literal whose type's name has dots.
    fn name_or_call(&mut self) -> Result<Expr> {
        let start = self.span().start;
        let absolute = self.take(".");
        let span = self.span();
        let TokenKind::Name(name) = self.peek().clone() else {
            return Err(self.unexpected("a name"));
        };
        if let Some(type_name) = self.struct_type_name() {
            return self.struct_literal(start, absolute, &type_name);
        }
        self.at += 1;
        if self.take("(") {
            let (args, end) = self.arguments()?;
            let span = Span { start, end };
            return macros::call(self, name, absolute, args, span);
        }
        if RESERVED.contains(&name.as_str()) {
            let message = format!("'{name}' is a reserved word and cannot be a name");
            return Err(Diagnostic::new(message, span));
        }
        let end = span.end;
        Ok(self.node(Span { start, end }, ExprKind::Ident { name, absolute }))
    }

    /// The dotted name that starts here, if a `{` follows it. The tokens stay where they are.
    fn struct_type_name(&self) -> Option<String> {
        let mut type_name = String::new();
        let mut at = self.at;
        loop {
            match &self.tokens.get(at)?.kind {
                TokenKind::Name(name) => type_name.push_str(name),
                _ => return None,
            }
            match &self.tokens.get(at + 1)?.kind {
                TokenKind::Symbol("{") => return Some(type_name),
                TokenKind::Symbol(".") => type_name.push('.'),
                _ => return None,
            }
            at += 2;
        }
    }

    fn struct_literal(&mut self, start: u32, absolute: bool, type_name: &str) -> Result<Expr> {
        while !self.take("{") {
            self.at += 1;
        }
        let mut fields = Vec::new();
        while self.peek() != &TokenKind::Symbol("}") {
            let optional = self.take_optional_mark()?;
            let span = self.span();
            let (name, _) = self.field_name()?;
            self.expect(":")?;
            let value = self.expr()?;
            fields.push(StructField {
                id: self.new_id(),
                span,
                name,
                value,
                optional,
            });
            if !self.take(",") {
                break;
            }
        }
        let end = self.expect("}")?;
        let type_name = if absolute {
            format!(".{type_name}")
        } else {
            type_name.to_owned()
        };
        Ok(self.node(Span { start, end }, ExprKind::Struct { type_name, fields }))
    }

    /// Arguments up to the closing parenthesis, and where that ends.
    fn arguments(&mut self) -> Result<(Vec<Expr>, u32)> {
        let mut args = Vec::new();
        if self.peek() != &TokenKind::Symbol(")") {
            loop {
                args.push(self.expr()?);
                if !self.take(",") {
                    break;
                }
            }
        }
        let end = self.expect(")")?;
        Ok((args, end))
    }

    fn take_optional_mark(&mut self) -> Result<bool> {
        if self.peek() != &TokenKind::Symbol("?") {
            return Ok(false);
        }
        if !self.options.optionals {
            let message = "the optional syntax is not part of this environment";
            return Err(Diagnostic::new(message, self.span()));
        }
        self.at += 1;
        Ok(true)
    }

    fn count_chain(&self, length: &mut u32) -> Result<()> {
        *length += 1;
        if *length > MAX_CHAIN {
            let message = format!("more than {MAX_CHAIN} operations in one chain");
            return Err(Diagnostic::new(message, self.span()));
        }
        Ok(())
    }

    fn peek(&self) -> &TokenKind {
        self.tokens
            .get(self.at)
            .map_or(&TokenKind::End, |token| &token.kind)
    }

    fn span(&self) -> Span {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map_or(Span { start: 0, end: 0 }, |token| token.span)
    }

    fn take(&mut self, symbol: &'static str) -> bool {
        let is_here = self.peek() == &TokenKind::Symbol(symbol);
        self.at += usize::from(is_here);
        is_here
    }

    /// Takes a symbol that must be here, and gives where it ends.
    fn expect(&mut self, symbol: &'static str) -> Result<u32> {
        let end = self.span().end;
        if self.take(symbol) {
            return Ok(end);
        }
        Err(self.unexpected(&format!("'{symbol}'")))
    }

    fn unexpected(&self, expected: &str) -> Diagnostic {
        let found = match self.peek() {
            TokenKind::End => "the end of the expression".to_owned(),
            TokenKind::Name(name) | TokenKind::QuotedName(name) => format!("'{name}'"),
            TokenKind::Symbol(symbol) => format!("'{symbol}'"),
            TokenKind::In => "'in'".to_owned(),
            TokenKind::Literal(_) | TokenKind::IntMagnitude(_) => "a literal".to_owned(),
        };
        Diagnostic::new(format!("expected {expected}, found {found}"), self.span())
    }

    pub(super) fn node(&mut self, span: Span, kind: ExprKind) -> Expr {
        Expr {
            id: self.new_id(),
            span,
            kind,
        }
    }

    fn new_id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id - 1
    }
}
