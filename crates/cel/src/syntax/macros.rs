//! Macro calls: recognised by name, form and count of arguments. Any other call of the name is an ordinary call.

use std::fmt::Write;

use plimsoll_document::Span;

use super::parser::{Parser, Result};
use crate::ast::{Comprehension, ComprehensionKind, Expr, ExprKind, ListElement, Literal};
use crate::diagnostic::Diagnostic;

/// `function(args)`.
pub(super) struct Call {
    pub(super) function: String,
    pub(super) function_span: Span,
    pub(super) absolute: bool,
    pub(super) args: Vec<Expr>,
    pub(super) span: Span,
}

/// `target.function(args)`.
pub(super) struct MemberCall {
    pub(super) target: Expr,
    pub(super) function: String,
    pub(super) function_span: Span,
    pub(super) args: Vec<Expr>,
    pub(super) span: Span,
}

/// The node of a call without a target.
pub(super) fn call(parser: &mut Parser<'_>, mut call: Call) -> Result<Expr> {
    if call.function == "has"
        && !call.absolute
        && let [_] = call.args[..]
        && let Some(arg) = call.args.pop()
    {
        return has(parser, arg, call.span);
    }
    let kind = ExprKind::Call {
        function: call.function,
        absolute: call.absolute,
        args: call.args,
    };
    parser.node(call.span, call.function_span, kind)
}

/// The node of a call with a target.
pub(super) fn member_call(parser: &mut Parser<'_>, call: MemberCall) -> Result<Expr> {
    let options = parser.options;
    let count = call.args.len();
    match call.function.as_str() {
        "bind" if options.bind && count == 3 && is_name(&call.target, "cel") => bind(parser, call),
        "optMap" if options.optionals && count == 2 => optional_map(parser, call),
        "optFlatMap" if options.optional_flat_map && count == 2 => optional_map(parser, call),
        "greatest" | "least" if options.math && is_name(&call.target, "math") => {
            extreme(parser, call)
        }
        "block" | "index" | "iterVar" | "accuVar"
            if options.block && is_name(&call.target, "cel") =>
        {
            optimizer_call(parser, call)
        }
        function => match shape(function, count, options.two_variables, options.sort_by) {
            Some(shape) => comprehension(parser, shape, call),
            None => ordinary(parser, call),
        },
    }
}

fn ordinary(parser: &mut Parser<'_>, call: MemberCall) -> Result<Expr> {
    let kind = ExprKind::MemberCall {
        target: Box::new(call.target),
        function: call.function,
        args: call.args,
    };
    parser.node(call.span, call.function_span, kind)
}

/// What a macro over elements looks like.
#[derive(Clone, Copy)]
struct Shape {
    kind: ComprehensionKind,
    two_variables: bool,
    filter: bool,
}

fn shape(function: &str, count: usize, two_variables: bool, sort_by: bool) -> Option<Shape> {
    let (kind, two, filter) = match (function, count) {
        ("all", 2) => (ComprehensionKind::All, false, false),
        ("exists", 2) => (ComprehensionKind::Exists, false, false),
        ("exists_one", 2) => (ComprehensionKind::ExistsOne, false, false),
        ("map", 2) => (ComprehensionKind::Map, false, false),
        ("map", 3) => (ComprehensionKind::Map, false, true),
        ("filter", 2) => (ComprehensionKind::Filter, false, false),
        ("sortBy", 2) if sort_by => (ComprehensionKind::SortBy, false, false),
        _ if !two_variables => return None,
        ("all", 3) => (ComprehensionKind::All, true, false),
        ("exists", 3) => (ComprehensionKind::Exists, true, false),
        ("exists_one" | "existsOne", 3) => (ComprehensionKind::ExistsOne, true, false),
        ("transformList", 3) => (ComprehensionKind::TransformList, true, false),
        ("transformList", 4) => (ComprehensionKind::TransformList, true, true),
        ("transformMap", 3) => (ComprehensionKind::TransformMap, true, false),
        ("transformMap", 4) => (ComprehensionKind::TransformMap, true, true),
        ("transformMapEntry", 3) => (ComprehensionKind::TransformMapEntry, true, false),
        ("transformMapEntry", 4) => (ComprehensionKind::TransformMapEntry, true, true),
        _ => return None,
    };
    Some(Shape {
        kind,
        two_variables: two,
        filter,
    })
}

fn comprehension(parser: &mut Parser<'_>, shape: Shape, call: MemberCall) -> Result<Expr> {
    let MemberCall {
        target: range,
        function,
        function_span,
        args,
        span,
    } = call;
    if shape.kind == ComprehensionKind::SortBy && matches!(range.kind, ExprKind::Literal(_)) {
        return Err(Diagnostic::new("sortBy() needs a list", range.span));
    }
    // The shape was found by the count of arguments: each step below has one to take.
    let mut args = args.into_iter();
    let mut next = || {
        args.next()
            .ok_or_else(|| Diagnostic::new(format!("{function}() needs more arguments"), span))
    };
    let variable = variable_name(&next()?, &function)?;
    let second_variable = if shape.two_variables {
        let second = next()?;
        let name = variable_name(&second, &function)?;
        if name == variable {
            let message = format!("both variables of {function}() are named '{name}'");
            return Err(Diagnostic::new(message, second.span));
        }
        Some(name)
    } else {
        None
    };
    let filter = if shape.filter { Some(next()?) } else { None };
    let body = next()?;
    let comprehension = Comprehension {
        kind: shape.kind,
        range,
        variable,
        second_variable,
        filter,
        body,
    };
    let kind = ExprKind::Comprehension(Box::new(comprehension));
    parser.node(span, function_span, kind)
}

fn has(parser: &mut Parser<'_>, arg: Expr, span: Span) -> Result<Expr> {
    match arg.kind {
        ExprKind::Select {
            operand,
            field,
            optional: false,
        } => {
            let focus = parser.focus(arg.id);
            parser.node(span, focus, ExprKind::Has { operand, field })
        }
        // As the expansion of the macro has it, `has(has(a.b))` is `has(a.b)`.
        ExprKind::Has { .. } => Ok(arg),
        ExprKind::Select { optional: true, .. } => Err(Diagnostic::new(
            "has() takes a plain selection; of an optional one, ask .hasValue()",
            arg.span,
        )),
        _ => Err(Diagnostic::new(
            "has() takes the selection of a field, such as has(a.b)",
            arg.span,
        )),
    }
}

fn bind(parser: &mut Parser<'_>, call: MemberCall) -> Result<Expr> {
    let [variable, value, body] = arguments(call.args, "cel.bind()", call.span)?;
    let variable = variable_name(&variable, "cel.bind")?;
    let kind = ExprKind::Bind {
        variable,
        value: Box::new(value),
        body: Box::new(body),
    };
    parser.node(call.span, call.function_span, kind)
}

fn optional_map(parser: &mut Parser<'_>, call: MemberCall) -> Result<Expr> {
    let [variable, body] = arguments(call.args, "optMap()", call.span)?;
    let variable = variable_name(&variable, &call.function)?;
    let kind = ExprKind::OptionalMap {
        target: Box::new(call.target),
        variable,
        body: Box::new(body),
        flat: call.function == "optFlatMap",
    };
    parser.node(call.span, call.function_span, kind)
}

/// `math.greatest` and `math.least`: three numbers or more become a list, so that the function has few forms.
fn extreme(parser: &mut Parser<'_>, mut call: MemberCall) -> Result<Expr> {
    let name = format!("math.{}()", call.function);
    let first = call.args.first().map(|arg| (&arg.kind, arg.span));
    match (first, call.args.len()) {
        (None, _) => {
            return Err(Diagnostic::new(
                format!("{name} needs at least one argument"),
                call.function_span,
            ));
        }
        (Some((ExprKind::List(elements), span)), 1) => {
            if elements.is_empty() {
                return Err(Diagnostic::new(format!("{name} of an empty list"), span));
            }
            for element in elements {
                expect_number(&element.value, &name)?;
            }
        }
        _ => {
            for arg in &call.args {
                expect_number(arg, &name)?;
            }
        }
    }
    if call.args.len() > 2 {
        let span = Span {
            start: call
                .args
                .first()
                .map_or(call.span.start, |arg| arg.span.start),
            end: call.args.last().map_or(call.span.end, |arg| arg.span.end),
        };
        let elements = call
            .args
            .into_iter()
            .map(|value| ListElement {
                value,
                optional: false,
            })
            .collect();
        call.args = vec![parser.node(span, span, ExprKind::List(elements))?];
    }
    ordinary(parser, call)
}

/// That an argument is not plainly something else than a number.
fn expect_number(arg: &Expr, name: &str) -> Result<()> {
    match arg.kind {
        ExprKind::Literal(Literal::Int(_) | Literal::Uint(_) | Literal::Double(_)) => Ok(()),
        ExprKind::Literal(_) | ExprKind::List(_) | ExprKind::Map(_) | ExprKind::Struct { .. } => {
            Err(Diagnostic::new(format!("{name} takes numbers"), arg.span))
        }
        _ => Ok(()),
    }
}

/// `cel.block` and what stands for its parts and variables. Other counts of arguments are ordinary calls.
fn optimizer_call(parser: &mut Parser<'_>, mut call: MemberCall) -> Result<Expr> {
    match (call.function.as_str(), call.args.len()) {
        ("block", 2) => block(parser, call),
        ("index", 1) => {
            let index = small_number(&call.args[0])?;
            parser.node(call.span, call.function_span, ExprKind::BlockIndex(index))
        }
        ("iterVar" | "accuVar", 2) => {
            // No expression can spell this name, so it cannot be taken for another variable.
            let mut name = format!("@{}", call.function);
            for arg in call.args.drain(..) {
                // Writing to a string cannot fail.
                let _ = write!(name, ":{}", small_number(&arg)?);
            }
            let absolute = false;
            parser.node(call.span, call.span, ExprKind::Ident { name, absolute })
        }
        _ => ordinary(parser, call),
    }
}

fn block(parser: &mut Parser<'_>, call: MemberCall) -> Result<Expr> {
    let [slots, body] = arguments(call.args, "cel.block()", call.span)?;
    let ExprKind::List(elements) = slots.kind else {
        let message = "the first argument of cel.block() is a list literal";
        return Err(Diagnostic::new(message, slots.span));
    };
    let slots = elements.into_iter().map(|element| element.value).collect();
    let body = Box::new(body);
    parser.node(
        call.span,
        call.function_span,
        ExprKind::Block { slots, body },
    )
}

fn small_number(expr: &Expr) -> Result<u32> {
    match expr.kind {
        ExprKind::Literal(Literal::Int(value)) => u32::try_from(value).ok(),
        _ => None,
    }
    .ok_or_else(|| Diagnostic::new("expected a literal number from 0 on", expr.span))
}

/// The arguments of a macro that was found by their count.
fn arguments<const COUNT: usize>(args: Vec<Expr>, name: &str, span: Span) -> Result<[Expr; COUNT]> {
    <[Expr; COUNT]>::try_from(args)
        .map_err(|_| Diagnostic::new(format!("{name} takes {COUNT} arguments"), span))
}

fn variable_name(expr: &Expr, function: &str) -> Result<String> {
    match &expr.kind {
        // The reference parser keeps this name for itself.
        ExprKind::Ident { name, .. } if name == "__result__" => Err(Diagnostic::new(
            format!("the variable of {function}() cannot be named '{name}'"),
            expr.span,
        )),
        ExprKind::Ident {
            name,
            absolute: false,
        } => Ok(name.clone()),
        _ => Err(Diagnostic::new(
            format!("the variable of {function}() must be a simple name"),
            expr.span,
        )),
    }
}

fn is_name(expr: &Expr, wanted: &str) -> bool {
    matches!(&expr.kind, ExprKind::Ident { name, absolute: false } if name == wanted)
}
