//! The grammar.
//!
//! Two limits keep every later walk over the tree within its stack, and both are the API server's. Expressions stand
//! in each other (in parentheses, brackets, arguments) at most [`MAX_DEPTH`] deep; and on the way from the root to any
//! leaf there are at most [`MAX_DEPTH`] operators, selections, indexes, member calls and conditionals. So a long
//! `a.b.c` or `a + b + c`, which is a deep tree without any nesting in its text, is bounded as well. `&&` and `||` are
//! flat and chains of `!` and `-` cancel out: they need no bound.

use plimsoll_document::Span;

use super::lexer::{Token, TokenKind, tokens};
use super::{MAX_DEPTH, ParseOptions, literal, macros};
use crate::ast::{Ast, Expr, ExprKind, ListElement, Literal, MapEntry, StructField, UnaryOperator};
use crate::diagnostic::Diagnostic;

/// Words that cannot be names of variables and functions, since other languages use them. They can be fields.
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
    "namespace",
    "package",
    "return",
    "var",
    "void",
    "while",
];

pub(super) type Result<T> = std::result::Result<T, Diagnostic>;

pub(super) fn parse(text: &str, options: ParseOptions) -> Result<Ast> {
    let mut parser = Parser {
        text,
        options,
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        heights: Vec::new(),
        focus: Vec::new(),
    };
    let root = parser.expr()?;
    if parser.kind() != TokenKind::End {
        let mut error = parser.unexpected("an operator or the end of the expression");
        match parser.slice(error.span) {
            "and" => error.message.push_str("; and is written '&&'"),
            "or" => error.message.push_str("; or is written '||'"),
            _ => {}
        }
        return Err(error);
    }
    Ok(Ast {
        root,
        node_count: parser.focus.len() as u32,
        focus: parser.focus,
    })
}

pub(super) struct Parser<'t> {
    text: &'t str,
    pub(super) options: ParseOptions,
    tokens: Vec<Token>,
    pub(super) at: usize,
    /// How many expressions this one stands in.
    depth: u16,
    /// By the number of a node: how many counted nodes there are on the longest way from it to a leaf.
    heights: Vec<u16>,
    /// By the number of a node: where a message about it points.
    focus: Vec<Span>,
}

impl<'t> Parser<'t> {
    /// A conditional, or what stands in its place.
    fn expr(&mut self) -> Result<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("expressions stand in each other more than {MAX_DEPTH} deep");
            return Err(Diagnostic::new(message, self.span()));
        }
        let mut expr = self.operators()?;
        if let Some(question) = self.take(TokenKind::Question) {
            let then = self.operators()?;
            self.expect(TokenKind::Colon)?;
            let otherwise = self.expr()?;
            let span = between(&expr, &otherwise);
            let kind = ExprKind::Conditional {
                condition: Box::new(expr),
                then: Box::new(then),
                otherwise: Box::new(otherwise),
            };
            expr = self.node(span, question, kind)?;
        }
        self.depth -= 1;
        Ok(expr)
    }

    /// An operand with `!`s or with `-`s before it; each pair cancels out.
    pub(super) fn unary(&mut self) -> Result<Expr> {
        let first = self.tokens[self.at];
        let operator = match first.kind {
            TokenKind::Exclamation => UnaryOperator::Not,
            TokenKind::Minus => UnaryOperator::Negate,
            _ => return self.member(),
        };
        let mut count = 0;
        while self.take(first.kind).is_some() {
            count += 1;
        }
        let is_number = matches!(self.kind(), TokenKind::Int | TokenKind::Double);
        if operator == UnaryOperator::Negate && count == 1 && is_number {
            // The sign belongs to the number, so that the smallest int can be written.
            self.at -= 1;
            return self.member();
        }
        let operand = self.member()?;
        if count % 2 == 0 {
            return Ok(operand);
        }
        let span = Span {
            start: first.span.start,
            end: operand.span.end,
        };
        let operand = Box::new(operand);
        self.node(span, first.span, ExprKind::Unary { operator, operand })
    }

    /// A primary expression with the selections, indexes and member calls that follow it.
    fn member(&mut self) -> Result<Expr> {
        let mut target = self.primary()?;
        loop {
            if self.take(TokenKind::Dot).is_some() {
                target = self.selection_or_call(target)?;
            } else if let Some(bracket) = self.take(TokenKind::LeftBracket) {
                let optional = self.optional_mark()?;
                let index = self.expr()?;
                let end = self.expect(TokenKind::RightBracket)?;
                let span = Span {
                    start: target.span.start,
                    end,
                };
                let focus = Span {
                    start: bracket.start,
                    end,
                };
                let kind = ExprKind::Index {
                    operand: Box::new(target),
                    index: Box::new(index),
                    optional,
                };
                target = self.node(span, focus, kind)?;
            } else {
                return Ok(target);
            }
        }
    }

    fn selection_or_call(&mut self, target: Expr) -> Result<Expr> {
        let optional = self.optional_mark()?;
        let is_quoted = self.kind() == TokenKind::QuotedName;
        let name_span = self.span();
        let name = self.field_name()?;
        let start = target.span.start;
        if !optional && !is_quoted && self.take(TokenKind::LeftParenthesis).is_some() {
            let (args, end) = self.arguments()?;
            let call = macros::MemberCall {
                target,
                function: name,
                function_span: name_span,
                args,
                span: Span { start, end },
            };
            return macros::member_call(self, call);
        }
        let span = Span {
            start,
            end: name_span.end,
        };
        let kind = ExprKind::Select {
            operand: Box::new(target),
            field: name,
            optional,
        };
        self.node(span, name_span, kind)
    }

    /// The name of a field. Unlike other names it may be a reserved word, or stand in back quotes.
    fn field_name(&mut self) -> Result<String> {
        let token = self.tokens[self.at];
        let text = self.slice(token.span);
        let name = match token.kind {
            TokenKind::Name => text,
            TokenKind::QuotedName if self.options.quoted_fields => text.trim_matches('`'),
            TokenKind::QuotedName => {
                return Err(Diagnostic::new(
                    format!(
                        "fields in back quotes are not part of this environment (Kubernetes has them since 1.37); write [{:?}]",
                        text.trim_matches('`')
                    ),
                    token.span,
                ));
            }
            TokenKind::In | TokenKind::True | TokenKind::False | TokenKind::Null => {
                return Err(Diagnostic::new(
                    format!(
                        "'{text}' is a reserved word and cannot be a field; write [\"{text}\"]"
                    ),
                    token.span,
                ));
            }
            _ => return Err(self.unexpected("the name of a field or function")),
        };
        let name = name.to_owned();
        self.at += 1;
        Ok(name)
    }

    fn primary(&mut self) -> Result<Expr> {
        match self.kind() {
            TokenKind::Name | TokenKind::Dot => self.name(),
            TokenKind::LeftParenthesis => {
                self.at += 1;
                let inner = self.expr()?;
                self.expect(TokenKind::RightParenthesis)?;
                Ok(inner)
            }
            TokenKind::LeftBracket => self.list(),
            TokenKind::LeftBrace => self.map(),
            _ => self.literal(),
        }
    }

    fn literal(&mut self) -> Result<Expr> {
        let mut span = self.span();
        let next = self.tokens.get(self.at + 1).map(|token| token.kind);
        if self.kind() == TokenKind::Minus
            && matches!(next, Some(TokenKind::Int | TokenKind::Double))
        {
            self.at += 1;
            span.end = self.span().end;
        }
        let token = self.tokens[self.at];
        let at_place = |message| Diagnostic::new(message, span);
        let text = self.slice(token.span);
        let negative = span.start < token.span.start;
        let literal = match token.kind {
            TokenKind::Int => literal::int(text, negative).map_err(at_place)?,
            TokenKind::Uint => literal::uint(text).map_err(at_place)?,
            TokenKind::Double => literal::double(text, negative).map_err(at_place)?,
            TokenKind::String => literal::string(text, token.span.start)?,
            TokenKind::Bytes => literal::bytes(text, token.span.start)?,
            TokenKind::True => Literal::Bool(true),
            TokenKind::False => Literal::Bool(false),
            TokenKind::Null => Literal::Null,
            _ => return Err(self.unexpected("an expression")),
        };
        self.at += 1;
        self.node(span, span, ExprKind::Literal(literal))
    }

    fn list(&mut self) -> Result<Expr> {
        let start = self.span().start;
        self.at += 1;
        let mut elements = Vec::new();
        while !self.ends(TokenKind::RightBracket, elements.is_empty()) {
            let optional = self.optional_mark()?;
            let value = self.expr()?;
            elements.push(ListElement { value, optional });
            if self.take(TokenKind::Comma).is_none() {
                break;
            }
        }
        let end = self.expect(TokenKind::RightBracket)?;
        let span = Span { start, end };
        self.node(span, span, ExprKind::List(elements))
    }

    fn map(&mut self) -> Result<Expr> {
        let start = self.span().start;
        self.at += 1;
        let mut entries = Vec::new();
        while !self.ends(TokenKind::RightBrace, entries.is_empty()) {
            let optional = self.optional_mark()?;
            let key = self.expr()?;
            let colon = self.span();
            self.expect(TokenKind::Colon)?;
            let value = self.expr()?;
            entries.push(MapEntry {
                id: self.new_id(colon),
                key,
                value,
                optional,
            });
            if self.take(TokenKind::Comma).is_none() {
                break;
            }
        }
        let end = self.expect(TokenKind::RightBrace)?;
        let span = Span { start, end };
        self.node(span, span, ExprKind::Map(entries))
    }

    /// Whether a literal's elements end here. As in the grammar, a lone comma may stand where there are none.
    fn ends(&mut self, closing: TokenKind, is_empty: bool) -> bool {
        let next = self.tokens.get(self.at + 1).map(|token| token.kind);
        if is_empty && self.kind() == TokenKind::Comma && next == Some(closing) {
            self.at += 1;
        }
        self.kind() == closing
    }

    /// A name, a call of a function, or a struct literal whose type's name has dots.
    fn name(&mut self) -> Result<Expr> {
        let start = self.span().start;
        let absolute = self.take(TokenKind::Dot).is_some();
        if let Some(braces) = self.struct_ahead() {
            return self.struct_literal(start, absolute, braces);
        }
        let span = self.span();
        if self.kind() != TokenKind::Name {
            return Err(self.unexpected("a name"));
        }
        let name = self.slice(span);
        if RESERVED.contains(&name) {
            let message = format!("'{name}' is a reserved word and cannot be a name");
            return Err(Diagnostic::new(message, span));
        }
        let name = name.to_owned();
        self.at += 1;
        if self.take(TokenKind::LeftParenthesis).is_some() {
            let (args, end) = self.arguments()?;
            let call = macros::Call {
                function: name,
                function_span: span,
                absolute,
                args,
                span: Span { start, end },
            };
            return macros::call(self, call);
        }
        let span = Span {
            start,
            end: span.end,
        };
        self.node(span, span, ExprKind::Ident { name, absolute })
    }

    /// Where the `{` stands of a struct literal whose type's name starts here, if one does.
    fn struct_ahead(&self) -> Option<usize> {
        let mut at = self.at;
        loop {
            if self.tokens.get(at)?.kind != TokenKind::Name {
                return None;
            }
            match self.tokens.get(at + 1)?.kind {
                TokenKind::LeftBrace => return Some(at + 1),
                TokenKind::Dot => at += 2,
                _ => return None,
            }
        }
    }

    fn struct_literal(&mut self, start: u32, absolute: bool, braces: usize) -> Result<Expr> {
        let mut type_name = String::from(if absolute { "." } else { "" });
        let name_span = Span {
            start,
            end: self.tokens[braces - 1].span.end,
        };
        for token in &self.tokens[self.at..braces] {
            // White space and comments may stand between the parts.
            type_name.push_str(self.slice(token.span));
        }
        self.at = braces + 1;
        let mut fields = Vec::new();
        while !self.ends(TokenKind::RightBrace, fields.is_empty()) {
            let optional = self.optional_mark()?;
            let span = self.span();
            let name = self.field_name()?;
            self.expect(TokenKind::Colon)?;
            let value = self.expr()?;
            fields.push(StructField {
                id: self.new_id(span),
                span,
                name,
                value,
                optional,
            });
            if self.take(TokenKind::Comma).is_none() {
                break;
            }
        }
        let end = self.expect(TokenKind::RightBrace)?;
        let span = Span { start, end };
        self.node(span, name_span, ExprKind::Struct { type_name, fields })
    }

    /// Arguments up to the closing parenthesis, and where that ends.
    fn arguments(&mut self) -> Result<(Vec<Expr>, u32)> {
        let mut args = Vec::new();
        if self.kind() != TokenKind::RightParenthesis {
            loop {
                args.push(self.expr()?);
                if self.take(TokenKind::Comma).is_none() {
                    break;
                }
            }
        }
        let end = self.expect(TokenKind::RightParenthesis)?;
        Ok((args, end))
    }

    fn optional_mark(&mut self) -> Result<bool> {
        let Some(span) = self.take(TokenKind::Question) else {
            return Ok(false);
        };
        if self.options.optionals {
            return Ok(true);
        }
        let message = "optional values ('?') are not part of this environment; Kubernetes has them since 1.28";
        Err(Diagnostic::new(message, span))
    }

    pub(super) fn kind(&self) -> TokenKind {
        self.tokens[self.at].kind
    }

    pub(super) fn span(&self) -> Span {
        self.tokens[self.at].span
    }

    fn slice(&self, span: Span) -> &'t str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// Steps over a token of this kind, if one is here. The end is never stepped over.
    fn take(&mut self, kind: TokenKind) -> Option<Span> {
        let token = self.tokens[self.at];
        if token.kind != kind {
            return None;
        }
        self.at += 1;
        Some(token.span)
    }

    /// Steps over a token that must be here, and gives where it ends.
    fn expect(&mut self, kind: TokenKind) -> Result<u32> {
        match self.take(kind) {
            Some(span) => Ok(span.end),
            None => Err(self.unexpected(&format!("'{}'", symbol(kind)))),
        }
    }

    fn unexpected(&self, expected: &str) -> Diagnostic {
        let token = self.tokens[self.at];
        let found = match token.kind {
            TokenKind::End => "the end of the expression".to_owned(),
            TokenKind::String | TokenKind::Bytes => "a string".to_owned(),
            _ => format!("'{}'", self.slice(token.span).trim_matches('`')),
        };
        Diagnostic::new(format!("expected {expected}, found {found}"), token.span)
    }

    /// A node. `focus` is where a message about it points: its operator, the name of its field or function.
    pub(super) fn node(&mut self, span: Span, focus: Span, kind: ExprKind) -> Result<Expr> {
        let counts = matches!(
            kind,
            ExprKind::Conditional { .. }
                | ExprKind::Binary { .. }
                | ExprKind::Select { .. }
                | ExprKind::Has { .. }
                | ExprKind::Index { .. }
                | ExprKind::MemberCall { .. }
                | ExprKind::Comprehension(_)
                | ExprKind::Bind { .. }
                | ExprKind::OptionalMap { .. }
                | ExprKind::Block { .. }
        );
        let mut below = 0;
        kind.for_each_child(|child| below = below.max(self.heights[child.id as usize]));
        let height = below + u16::from(counts);
        if height > MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} operations build upon each other");
            return Err(Diagnostic::new(message, focus));
        }
        let id = self.new_id(focus);
        self.heights[id as usize] = height;
        Ok(Expr { id, span, kind })
    }

    /// Where a message about a node points.
    pub(super) fn focus(&self, id: u32) -> Span {
        self.focus[id as usize]
    }

    fn new_id(&mut self, focus: Span) -> u32 {
        self.heights.push(0);
        self.focus.push(focus);
        self.focus.len() as u32 - 1
    }
}

pub(super) fn between(first: &Expr, last: &Expr) -> Span {
    Span {
        start: first.span.start,
        end: last.span.end,
    }
}

/// How a token that [`Parser::expect`] wants is written.
fn symbol(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Colon => ":",
        TokenKind::RightBracket => "]",
        TokenKind::RightBrace => "}",
        _ => ")",
    }
}
