//! The clauses of a constant format string against the types of a literal list: `'%s has %d'.format([name, count])`.

use plimsoll_document::Span;

use super::Checked;
use crate::ast::{Expr, ExprKind, Literal};
use crate::diagnostic::Diagnostic;
use crate::types::Type;

/// What is wrong with a call of `format`, if text and list are literals. `place` is where a message about the whole
/// call points.
pub(super) fn mistake(
    checked: &Checked,
    target: &Expr,
    args: &[Expr],
    place: Span,
) -> Option<Diagnostic> {
    let ExprKind::Literal(Literal::String(text)) = &target.kind else {
        return None;
    };
    let [list] = args else {
        return None;
    };
    let ExprKind::List(elements) = &list.kind else {
        return None;
    };
    let mut values = elements.iter();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('%') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            rest = after;
            continue;
        }
        let Some(value) = values.next() else {
            let message = format!(
                "the format has more clauses than the list has elements ({})",
                elements.len()
            );
            return Some(Diagnostic::new(message, list.span));
        };
        let clause = match clause(rest) {
            Ok((clause, after)) => {
                rest = after;
                clause
            }
            Err(message) => return Some(Diagnostic::new(message, target.span)),
        };
        if let Some(mistake) = value_mistake(checked, clause, &value.value) {
            return Some(mistake);
        }
    }
    if values.len() == 0 {
        return None;
    }
    let message = format!(
        "the format has fewer clauses ({}) than the list has elements ({})",
        elements.len() - values.len(),
        elements.len()
    );
    Some(Diagnostic::new(message, place))
}

/// The letter of the clause whose '%' stands before `text`, and the text after it.
fn clause(text: &str) -> Result<(char, &str), String> {
    let mut rest = text;
    if let Some(digits) = text.strip_prefix('.') {
        let end = digits
            .find(|digit: char| !digit.is_ascii_digit())
            .unwrap_or(digits.len());
        if digits[..end].parse::<u32>().is_err() {
            return Err("the precision after '%.' must be a number".to_owned());
        }
        rest = &digits[end..];
    }
    match rest.chars().next() {
        Some(letter @ ('s' | 'd' | 'f' | 'e' | 'b' | 'x' | 'X' | 'o')) => Ok((letter, &rest[1..])),
        Some(letter) => Err(format!(
            "there is no clause '%{letter}' (clauses are %s %d %f %e %b %x %X %o, and %% for a percent sign)"
        )),
        None => Err("the format ends within a clause".to_owned()),
    }
}

fn value_mistake(checked: &Checked, clause: char, value: &Expr) -> Option<Diagnostic> {
    if clause == 's' {
        return string_mistake(checked, value);
    }
    let of = &checked.types[value.id as usize];
    let (fits, wanted) = match clause {
        'd' => (matches!(of, Type::Int | Type::Uint), "int or uint"),
        // Texts can be numbers: "NaN", "Infinity".
        'f' | 'e' => (matches!(of, Type::Double | Type::String), "double"),
        'b' => (
            matches!(of, Type::Int | Type::Uint | Type::Bool),
            "int, uint or bool",
        ),
        'o' => (matches!(of, Type::Int | Type::Uint), "int or uint"),
        _ => (
            matches!(of, Type::Int | Type::Uint | Type::String | Type::Bytes),
            "int, uint, string or bytes",
        ),
    };
    if fits || *of == Type::Dyn {
        return None;
    }
    Some(Diagnostic::new(
        format!("'%{clause}' takes {wanted}, not {of}"),
        value.span,
    ))
}

/// `%s` takes all but optionals and the types of libraries, also within literals.
fn string_mistake(checked: &Checked, value: &Expr) -> Option<Diagnostic> {
    let of = &checked.types[value.id as usize];
    if matches!(of, Type::Optional(_) | Type::Named(..)) {
        return Some(Diagnostic::new(
            format!("'%s' does not take {of}"),
            value.span,
        ));
    }
    match &value.kind {
        ExprKind::List(elements) => elements
            .iter()
            .find_map(|element| string_mistake(checked, &element.value)),
        ExprKind::Map(entries) => entries.iter().find_map(|entry| {
            string_mistake(checked, &entry.key).or_else(|| string_mistake(checked, &entry.value))
        }),
        _ => None,
    }
}
