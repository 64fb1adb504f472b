//! What is said of wrong expressions, and which characters are pointed at.

use plimsoll_cel::check::{check, expect_type};
use plimsoll_cel::environment::{Environment, NEWEST_MINOR};
use plimsoll_cel::syntax::parse;
use plimsoll_cel::types::Type;

/// The first mistake of an expression: `message | marked text`.
fn mistake(environment: &Environment, text: &str) -> String {
    let result = parse(text, environment.parse_options()).and_then(|ast| check(&ast, environment));
    match result {
        Ok(checked) => format!("none, it is {}", checked.result),
        Err(errors) => {
            let span = errors[0].span;
            let marked = &text[span.start as usize..span.end as usize];
            format!("{} | {marked}", errors[0].message)
        }
    }
}

fn expect_all(environment: &Environment, cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let found = mistake(environment, text);
        if found != *expected {
            wrong.push(format!(
                "{text}\n    wanted: {expected}\n    found:  {found}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn policy() -> Environment {
    Environment::kubernetes(NEWEST_MINOR)
        .with_variable("count", Type::Int)
        .with_variable("name", Type::String)
        .with_variable("numbers", Type::list(Type::Int))
        .with_variable("maybe", Type::optional(Type::Int))
        .with_variable("variables.images", Type::list(Type::String))
}

#[test]
fn of_names_that_stand_for_nothing() {
    expect_all(
        &policy(),
        &[
            (
                "obejct.spec",
                "undeclared reference to 'obejct'; did you mean 'object'? | obejct",
            ),
            ("foo", "undeclared reference to 'foo' | foo"),
            (
                "variables.image",
                "undeclared reference to 'variables.image'; did you mean 'variables.images'? | image",
            ),
            (
                "request.userInfo.usrname",
                "kubernetes.UserInfo has no field 'usrname'; did you mean 'username'? | usrname",
            ),
            (
                "request.object",
                "kubernetes.AdmissionRequest has no field 'object' | object",
            ),
            (
                "name.startWith('a')",
                "there is no function 'startWith' here; did you mean 'startsWith'? | startWith",
            ),
            (
                "sets.contain([1], [1])",
                "there is no function 'sets.contain' here; did you mean 'sets.contains'? | contain",
            ),
            (
                "math.abs(1)",
                "there is no function 'math.abs' here; it is an extension that Kubernetes has not | abs",
            ),
            (
                "parseServiceAccount('a')",
                "there is no function 'parseServiceAccount' here; it is a function of Kyverno | parseServiceAccount",
            ),
            ("Foo{a: 1}", "there is no type 'Foo' here | Foo"),
        ],
    );
    let old = Environment::kubernetes(28);
    expect_all(
        &old,
        &[
            (
                "ip('::1')",
                "there is no function 'ip' here; Kubernetes has it since 1.30 | ip",
            ),
            (
                "object.`a-b`",
                "fields in back quotes are not part of this environment (Kubernetes has them since 1.37); write [\"a-b\"] | `a-b`",
            ),
            (
                "object.a.all(i, v, v > i)",
                "this form of all is not known here; it is written list.all(x, condition) | all",
            ),
        ],
    );
    expect_all(
        &Environment::kubernetes(27),
        &[(
            "object.?a",
            "optional values ('?') are not part of this environment; Kubernetes has them since 1.28 | ?",
        )],
    );
}

#[test]
fn of_types_that_do_not_fit() {
    expect_all(
        &policy(),
        &[
            (
                "name + 1",
                "the operator '+' does not take string and int | +",
            ),
            (
                "count == 'a'",
                "the operator '==' does not take int and string | ==",
            ),
            (
                "'a' in name",
                "the operator 'in' does not take string and string | in",
            ),
            ("!count", "the operator '!' does not take int | !"),
            ("-name", "the operator '-' does not take string | -"),
            ("count && true", "expected bool, found int | count"),
            (
                "count ? 1 : 2",
                "the condition before '?' must be bool, not int | ?",
            ),
            (
                "true ? 1 : 'a'",
                "both sides of ':' must be of one type, not int and string | ?",
            ),
            (
                "numbers['a']",
                "list(int) cannot be indexed with string | ['a']",
            ),
            ("count.foo", "int has no fields | foo"),
            (
                "name.size(1)",
                "string has no function size(int), only size() | size",
            ),
            ("count.trim()", "int has no function trim() | trim"),
            (
                "duration(true)",
                "there is no duration(bool), only duration(google.protobuf.Duration) and duration(string) | duration",
            ),
            (
                "startsWith(name, 'a')",
                "startsWith is called on a value; write x.startsWith(...) | startsWith",
            ),
            (
                "name.isURL()",
                "isURL is not called on a value; write isURL(...) | isURL",
            ),
            ("numbers.all(n, n)", "expected bool, found int | n"),
            (
                "count.all(n, true)",
                "a macro over elements needs a list or a map, not int | count",
            ),
            (
                "numbers.sortBy(n, [n])",
                "sortBy() cannot order by list(int) | sortBy",
            ),
            (
                "count.optMap(n, n)",
                "optMap() needs an optional, not int | optMap",
            ),
            (
                "maybe.optFlatMap(n, n)",
                "the body of optFlatMap() must give an optional, not int | n",
            ),
            (
                "numbers.transformMapEntry(i, n, n)",
                "transformMapEntry() needs a map such as {key: value}, not int | n",
            ),
            ("[?count]", "'?' needs an optional, not int | count"),
            (
                "[1, 'a']",
                "expected int, found string: all elements of a literal must be of one type, or each within dyn() | 'a'",
            ),
        ],
    );
    let mutation = policy().with_mutation_types();
    expect_all(
        &mutation,
        &[
            (
                "JSONPatch{op: 1}",
                "field 'op' of JSONPatch is string, not int | 1",
            ),
            (
                "JSONPatch{opp: 'add'}",
                "JSONPatch has no field 'opp' | opp",
            ),
        ],
    );
}

#[test]
fn of_literals_that_can_only_fail() {
    expect_all(
        &policy(),
        &[
            (
                "duration('5 minutes')",
                "\"5 minutes\" is no duration | '5 minutes'",
            ),
            ("name.matches('[a')", "'[a' is no regular expression | '[a'"),
            (
                "'%d'.format([name])",
                "'%d' takes int or uint, not string | name",
            ),
            (
                "'%s'.format([1, 2])",
                "the format has fewer clauses (1) than the list has elements (2) | format",
            ),
            (
                "'%s %s'.format([1])",
                "the format has more clauses than the list has elements (1) | [1]",
            ),
            (
                "9223372036854775808",
                "the number is out of the range of int (-9223372036854775808 to 9223372036854775807) | 9223372036854775808",
            ),
        ],
    );
}

#[test]
fn of_text_that_is_no_expression() {
    expect_all(
        &policy(),
        &[
            (
                "count >",
                "expected an expression, found the end of the expression | ",
            ),
            (
                "count = 1",
                "unexpected character '='; equality is written '==' | =",
            ),
            (
                "count == 1 and true",
                "expected an operator or the end of the expression, found 'and'; and is written '&&' | and",
            ),
            ("f(1,)", "expected an expression, found ')' | )"),
            ("(1", "expected ')', found the end of the expression | "),
            (
                "object..a",
                "expected the name of a field or function, found '.' | .",
            ),
            (
                "object.in",
                "'in' is a reserved word and cannot be a field; write [\"in\"] | in",
            ),
            ("for", "'for' is a reserved word and cannot be a name | for"),
            (
                r"'a\d'",
                r"unknown escape '\d'; a backslash itself is written '\\', or use a raw string: r'...' | \d",
            ),
            ("'abc", "the quote is not closed before the end | '"),
            (
                "has(object)",
                "has() takes the selection of a field, such as has(a.b) | object",
            ),
            (
                "has(object.?a)",
                "has() takes a plain selection; of an optional one, ask .hasValue() | object.?a",
            ),
            (
                "numbers.all(1, true)",
                "the variable of all() must be a simple name | 1",
            ),
            (
                "numbers.all(n, n, true)",
                "both variables of all() are named 'n' | n",
            ),
        ],
    );
}

#[test]
fn of_a_result_of_another_type() {
    let environment = policy();
    let result = |text: &str| {
        let ast =
            parse(text, environment.parse_options()).map_err(|errors| errors[0].message.clone())?;
        let checked = check(&ast, &environment).map_err(|errors| errors[0].message.clone())?;
        expect_type(&checked, &Type::Bool).map_err(|error| error.message)
    };
    assert_eq!(result("has(object.a) && object.a"), Ok(()));
    assert_eq!(
        result("has(object.a) ? object.a : false"),
        Err("must give bool, but gives dyn; write a comparison, or convert it".to_owned())
    );
    assert_eq!(
        result("count"),
        Err("must give bool, but gives int".to_owned())
    );
}
