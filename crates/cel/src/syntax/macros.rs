//! Macro calls: recognised by name, form and count of arguments. Any other call of the name is an ordinary call.

use plimsoll_document::Span;

use super::parser::Parser;
use crate::ast::{Comprehension, ComprehensionKind, Expr, ExprKind, Literal};
use crate::diagnostic::Diagnostic;

type Result = std::result::Result<Expr, Diagnostic>;

/// `function(args)`.
pub(super) fn call(
    parser: &mut Parser<'_>,
    function: String,
    absolute: bool,
    args: Vec<Expr>,
    span: Span,
) -> Result {
    if function == "has" && args.len() == 1 && !absolute {
        return has(parser, args, span);
    }
    let kind = ExprKind::Call {
        function,
        absolute,
        args,
    };
    Ok(parser.node(span, kind))
}

/// `target.function(args)`.
pub(super) fn member_call(
    parser: &mut Parser<'_>,
    target: Expr,
    function: String,
    name_span: Span,
    args: Vec<Expr>,
    span: Span,
) -> Result {
    let options = parser.options;
    if is_name(&target, "cel") {
        match (function.as_str(), args.len()) {
            ("bind", 3) if options.bind => return bind(parser, args, span),
            ("block", 2) if options.block => return block(parser, args, span),
            ("index", 1) if options.block => return block_index(parser, &args[0], span),
            ("iterVar" | "accuVar", 2) if options.block => {
                return iteration_variable(parser, &args, span);
            }
            _ => {}
        }
    }
    if options.optionals && args.len() == 2 && matches!(function.as_str(), "optMap" | "optFlatMap")
    {
        let flat = function == "optFlatMap";
        return optional_map(parser, target, args, flat, span);
    }
    let two = options.two_variables;
    let shape = match (function.as_str(), args.len()) {
        ("all", 2) => (ComprehensionKind::All, 1, false),
        ("exists", 2) => (ComprehensionKind::Exists, 1, false),
        ("exists_one" | "existsOne", 2) => (ComprehensionKind::ExistsOne, 1, false),
        ("map", 2) => (ComprehensionKind::Map, 1, false),
        ("map", 3) => (ComprehensionKind::Map, 1, true),
        ("filter", 2) => (ComprehensionKind::Filter, 1, false),
        ("sortBy", 2) if options.sort_by => (ComprehensionKind::SortBy, 1, false),
        ("all", 3) if two => (ComprehensionKind::All, 2, false),
        ("exists", 3) if two => (ComprehensionKind::Exists, 2, false),
        ("existsOne" | "exists_one", 3) if two => (ComprehensionKind::ExistsOne, 2, false),
        ("transformList", 3) if two => (ComprehensionKind::TransformList, 2, false),
        ("transformList", 4) if two => (ComprehensionKind::TransformList, 2, true),
        ("transformMap", 3) if two => (ComprehensionKind::TransformMap, 2, false),
        ("transformMap", 4) if two => (ComprehensionKind::TransformMap, 2, true),
        ("transformMapEntry", 3) if two => (ComprehensionKind::TransformMapEntry, 2, false),
        ("transformMapEntry", 4) if two => (ComprehensionKind::TransformMapEntry, 2, true),
        _ => {
            let mut node = parser.node(
                span,
                ExprKind::MemberCall {
                    target: Box::new(target),
                    function,
                    args,
                },
            );
            node.span.end = node.span.end.max(name_span.end);
            return Ok(node);
        }
    };
    comprehension(parser, target, args, shape, span)
}

/// A macro over elements: kind, count of variables, and whether a filter stands before the body.
fn comprehension(
    parser: &mut Parser<'_>,
    range: Expr,
    args: Vec<Expr>,
    (kind, variables, has_filter): (ComprehensionKind, usize, bool),
    span: Span,
) -> Result {
    let mut args = args.into_iter();
    let mut next = || args.next();
    let missing = || Diagnostic::new("a macro needs more arguments", span);
    let first = next().ok_or_else(missing)?;
    let variable = variable_name(&first)?;
    let second_variable = if variables == 2 {
        let second = next().ok_or_else(missing)?;
        let name = variable_name(&second)?;
        if name == variable {
            let message = format!("the two variables have the same name '{name}'");
            return Err(Diagnostic::new(message, second.span));
        }
        Some(name)
    } else {
        None
    };
    let filter = if has_filter {
        Some(next().ok_or_else(missing)?)
    } else {
        None
    };
    let body = next().ok_or_else(missing)?;
    Ok(parser.node(
        span,
        ExprKind::Comprehension(Box::new(Comprehension {
            kind,
            range,
            variable,
            second_variable,
            filter,
            body,
        })),
    ))
}

fn has(parser: &mut Parser<'_>, args: Vec<Expr>, span: Span) -> Result {
    let Some(arg) = args.into_iter().next() else {
        return Err(Diagnostic::new("has() needs an argument", span));
    };
    let arg_span = arg.span;
    match arg.kind {
        ExprKind::Select {
            operand,
            field,
            optional,
        } => Ok(parser.node(
            span,
            ExprKind::Has {
                operand,
                field,
                optional,
            },
        )),
        _ => Err(Diagnostic::new(
            "has() takes the selection of a field, such as has(a.b)",
            arg_span,
        )),
    }
}

fn bind(parser: &mut Parser<'_>, args: Vec<Expr>, span: Span) -> Result {
    let Ok([variable, value, body]) = <[Expr; 3]>::try_from(args) else {
        return Err(Diagnostic::new(
            "cel.bind() takes a name, a value and an expression",
            span,
        ));
    };
    let variable = variable_name(&variable)?;
    Ok(parser.node(
        span,
        ExprKind::Bind {
            variable,
            value: Box::new(value),
            body: Box::new(body),
        },
    ))
}

fn optional_map(
    parser: &mut Parser<'_>,
    target: Expr,
    args: Vec<Expr>,
    flat: bool,
    span: Span,
) -> Result {
    let Ok([variable, body]) = <[Expr; 2]>::try_from(args) else {
        return Err(Diagnostic::new(
            "optMap() takes a name and an expression",
            span,
        ));
    };
    let variable = variable_name(&variable)?;
    Ok(parser.node(
        span,
        ExprKind::OptionalMap {
            target: Box::new(target),
            variable,
            body: Box::new(body),
            flat,
        },
    ))
}

fn block(parser: &mut Parser<'_>, args: Vec<Expr>, span: Span) -> Result {
    let Ok([slots, body]) = <[Expr; 2]>::try_from(args) else {
        return Err(Diagnostic::new(
            "cel.block() takes a list and an expression",
            span,
        ));
    };
    let ExprKind::List(elements) = slots.kind else {
        return Err(Diagnostic::new(
            "the first argument of cel.block() is a list",
            slots.span,
        ));
    };
    let slots = elements.into_iter().map(|element| element.value).collect();
    let body = Box::new(body);
    Ok(parser.node(span, ExprKind::Block { slots, body }))
}

fn block_index(parser: &mut Parser<'_>, index: &Expr, span: Span) -> Result {
    match index.kind {
        ExprKind::Literal(Literal::Int(value)) => {
            let index = u32::try_from(value)
                .map_err(|_| Diagnostic::new("there is no such part", index.span))?;
            Ok(parser.node(span, ExprKind::BlockIndex(index)))
        }
        _ => Err(Diagnostic::new("cel.index() takes a number", index.span)),
    }
}

/// `cel.iterVar(1, 0)` stands for a variable that the optimizer made up.
fn iteration_variable(parser: &mut Parser<'_>, args: &[Expr], span: Span) -> Result {
    let mut name = String::from("@it");
    for arg in args {
        let ExprKind::Literal(Literal::Int(value)) = arg.kind else {
            return Err(Diagnostic::new("cel.iterVar() takes numbers", arg.span));
        };
        name.push_str(&format!(":{value}"));
    }
    let absolute = false;
    Ok(parser.node(span, ExprKind::Ident { name, absolute }))
}

fn variable_name(expr: &Expr) -> std::result::Result<String, Diagnostic> {
    match &expr.kind {
        ExprKind::Ident {
            name,
            absolute: false,
        } => Ok(name.clone()),
        _ => Err(Diagnostic::new(
            "a macro's variable is a simple name",
            expr.span,
        )),
    }
}

fn is_name(expr: &Expr, wanted: &str) -> bool {
    matches!(&expr.kind, ExprKind::Ident { name, absolute: false } if name == wanted)
}
