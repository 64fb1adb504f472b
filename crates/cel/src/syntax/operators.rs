//! Operators between operands.

use std::cmp::Ordering;

use plimsoll_document::Span;

use super::lexer::TokenKind;
use super::parser::{Parser, Result, between};
use crate::ast::{BinaryOperator, Expr, ExprKind};

/// An operator between operands, weakest binding first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Or,
    And,
    Relation(BinaryOperator),
    Sum(BinaryOperator),
    Product(BinaryOperator),
}

impl Operator {
    fn of(kind: TokenKind) -> Option<Operator> {
        Some(match kind {
            TokenKind::OrOr => Operator::Or,
            TokenKind::AndAnd => Operator::And,
            TokenKind::EqualEqual => Operator::Relation(BinaryOperator::Equal),
            TokenKind::NotEqual => Operator::Relation(BinaryOperator::NotEqual),
            TokenKind::Less => Operator::Relation(BinaryOperator::Less),
            TokenKind::LessOrEqual => Operator::Relation(BinaryOperator::LessOrEqual),
            TokenKind::Greater => Operator::Relation(BinaryOperator::Greater),
            TokenKind::GreaterOrEqual => Operator::Relation(BinaryOperator::GreaterOrEqual),
            TokenKind::In => Operator::Relation(BinaryOperator::In),
            TokenKind::Plus => Operator::Sum(BinaryOperator::Add),
            TokenKind::Minus => Operator::Sum(BinaryOperator::Subtract),
            TokenKind::Star => Operator::Product(BinaryOperator::Multiply),
            TokenKind::Slash => Operator::Product(BinaryOperator::Divide),
            TokenKind::Percent => Operator::Product(BinaryOperator::Modulo),
            _ => return None,
        })
    }

    fn strength(self) -> u8 {
        match self {
            Operator::Or => 0,
            Operator::And => 1,
            Operator::Relation(_) => 2,
            Operator::Sum(_) => 3,
            Operator::Product(_) => 4,
        }
    }
}

/// An operator that waits for its right operand. `&&` and `||` have all terms so far, others the left operand.
struct Waiting {
    operator: Operator,
    span: Span,
    operands: Vec<Expr>,
}

impl Parser<'_> {
    /// Operands with operators between them. The operators wait on a stack rather than in calls of this function, so
    /// that the depth of the grammar costs no stack.
    pub(super) fn operators(&mut self) -> Result<Expr> {
        let mut waiting: Vec<Waiting> = Vec::new();
        loop {
            let mut operand = self.unary()?;
            let next = Operator::of(self.kind());
            while let Some(last) = waiting.pop_if(|last| binds_first(last.operator, next)) {
                operand = self.combine(last, operand)?;
            }
            let Some(operator) = next else {
                return Ok(operand);
            };
            let span = self.span();
            self.at += 1;
            match waiting.last_mut() {
                // Only `&&` and `||` still wait in front of themselves.
                Some(last) if last.operator == operator => last.operands.push(operand),
                _ => waiting.push(Waiting {
                    operator,
                    span,
                    operands: vec![operand],
                }),
            }
        }
    }

    fn combine(&mut self, waiting: Waiting, last: Expr) -> Result<Expr> {
        let mut operands = waiting.operands;
        let first = operands.first().unwrap_or(&last);
        let span = between(first, &last);
        let kind = match waiting.operator {
            Operator::Or | Operator::And => {
                operands.push(last);
                if waiting.operator == Operator::Or {
                    ExprKind::Or(operands)
                } else {
                    ExprKind::And(operands)
                }
            }
            Operator::Relation(operator)
            | Operator::Sum(operator)
            | Operator::Product(operator) => {
                let Some(left) = operands.pop() else {
                    return Ok(last);
                };
                ExprKind::Binary {
                    operator,
                    left: Box::new(left),
                    right: Box::new(last),
                }
            }
        };
        self.node(span, waiting.span, kind)
    }
}

/// Whether an operator that waits takes its right operand before the next operator does.
fn binds_first(waiting: Operator, next: Option<Operator>) -> bool {
    let Some(next) = next else {
        return true;
    };
    match waiting.strength().cmp(&next.strength()) {
        Ordering::Greater => true,
        Ordering::Less => false,
        // All bind from left to right, but terms of `&&` and `||` are collected.
        Ordering::Equal => !matches!(waiting, Operator::Or | Operator::And),
    }
}
