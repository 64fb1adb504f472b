//! Whether a control judges anything in a kind.
//!
//! A page that is for several kinds may leave one of them to `known`: what is in it cannot be read. A policy for that kind
//! alone would let everything pass and look as if it judged.

use plimsoll_catalog::Control;
use plimsoll_cel::ast::{BinaryOperator, Expr, ExprKind, Literal, UnaryOperator};

use crate::refusal::Refusal;
use crate::rewrite::parse;

/// Whether `when` and `known` leave something to judge in an object of a kind, as far as the kind decides it.
pub(crate) fn judges(control: &Control, kind: &str) -> Result<bool, Refusal> {
    for text in [control.when_text(), control.known_text()] {
        if !text.is_empty() && truth(&parse(text)?, kind) == Some(false) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The value of an expression for all objects of a kind; `None` where the kind does not decide it.
fn truth(expr: &Expr, kind: &str) -> Option<bool> {
    match &expr.kind {
        ExprKind::Literal(Literal::Bool(value)) => Some(*value),
        ExprKind::Unary {
            operator: UnaryOperator::Not,
            operand,
        } => truth(operand, kind).map(|value| !value),
        ExprKind::And(terms) => all(terms, kind, false),
        ExprKind::Or(terms) => all(terms, kind, true),
        ExprKind::Conditional {
            condition,
            then,
            otherwise,
        } => match truth(condition, kind) {
            Some(true) => truth(then, kind),
            Some(false) => truth(otherwise, kind),
            None => truth(then, kind).filter(|value| truth(otherwise, kind) == Some(*value)),
        },
        ExprKind::Binary {
            operator,
            left,
            right,
        } if is_kind(left) => match (operator, &right.kind) {
            (BinaryOperator::Equal, ExprKind::Literal(Literal::String(other))) => {
                Some(other == kind)
            }
            (BinaryOperator::NotEqual, ExprKind::Literal(Literal::String(other))) => {
                Some(other != kind)
            }
            (BinaryOperator::In, ExprKind::List(elements)) => {
                let is_kind = |element: &plimsoll_cel::ast::ListElement| matches!(&element.value.kind, ExprKind::Literal(Literal::String(other)) if other == kind);
                Some(elements.iter().any(is_kind))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The value of terms that one term decides by being `decides`.
fn all(terms: &[Expr], kind: &str, decides: bool) -> Option<bool> {
    let mut known = Some(!decides);
    for term in terms {
        match truth(term, kind) {
            Some(value) if value == decides => return Some(decides),
            Some(_) => {}
            None => known = None,
        }
    }
    known
}

/// `object.kind`. That of an item is its own.
fn is_kind(expr: &Expr) -> bool {
    let ExprKind::Select {
        operand,
        field,
        optional: false,
    } = &expr.kind
    else {
        return false;
    };
    field == "kind" && matches!(&operand.kind, ExprKind::Ident { name, .. } if name == "object")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_decides_what_it_can() {
        for (text, secret) in [
            ("object.kind == 'Certificate'", Some(false)),
            ("object.kind == 'Certificate' && object.x", Some(false)),
            ("object.kind != 'Certificate' || object.x", Some(true)),
            ("object.kind in ['Secret', 'ConfigMap'] && object.x", None),
            ("object.kind == 'Secret' ? object.x : true", None),
            ("!(object.kind == 'Secret')", Some(false)),
            ("object.x", None),
        ] {
            assert_eq!(truth(&parse(text).unwrap(), "Secret"), secret, "{text}");
        }
    }
}
