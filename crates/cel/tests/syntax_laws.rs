//! Laws of the syntax: what holds of every expression, and of every text.

use plimsoll_cel::check::check;
use plimsoll_cel::environment::Environment;
use plimsoll_cel::syntax::parse;
use plimsoll_cel::types::Type;
use proptest::prelude::*;

fn environment() -> Environment {
    Environment::conformance()
        .with_variable("d", Type::Dyn)
        .with_variable("n", Type::Int)
        .with_variable("s", Type::String)
        .with_variable("l", Type::list(Type::Int))
}

/// The type of an expression, or that it is wrong.
fn type_of(text: &str) -> Result<Type, ()> {
    let environment = environment();
    parse(text, environment.parse_options())
        .and_then(|ast| check(&ast, &environment))
        .map(|checked| checked.result)
        .map_err(|_| ())
}

/// An expression as tokens.
fn tokens() -> impl Strategy<Value = Vec<String>> {
    let leaf = prop::sample::select(vec![
        "d", "n", "s", "l", "1", "2u", "1.5", "'a'", "b'a'", "true", "null", "[", "{",
    ])
    .prop_map(|token| match token {
        "[" => words("[ ]"),
        "{" => words("{ 'a' : 1 }"),
        token => words(token),
    });
    leaf.prop_recursive(4, 32, 3, |inner| {
        let operator =
            prop::sample::select(vec!["+", "-", "*", "==", "!=", "<", ">=", "in", "&&", "||"]);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(left, operator, right)| {
                joined(&[&words("("), &left, &words(operator), &right, &words(")")])
            }),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(
                |(condition, then, otherwise)| {
                    joined(&[
                        &words("("),
                        &condition,
                        &words("?"),
                        &then,
                        &words(":"),
                        &otherwise,
                        &words(")"),
                    ])
                }
            ),
            inner
                .clone()
                .prop_map(|of| joined(&[&words("! ("), &of, &words(")")])),
            inner
                .clone()
                .prop_map(|of| joined(&[&words("- ("), &of, &words(")")])),
            inner
                .clone()
                .prop_map(|of| joined(&[&words("("), &of, &words(") . name")])),
            inner
                .clone()
                .prop_map(|of| joined(&[&words("size ("), &of, &words(")")])),
            (inner.clone(), inner.clone()).prop_map(|(of, index)| joined(&[
                &of,
                &words("["),
                &index,
                &words("]")
            ])),
            (inner.clone(), inner.clone()).prop_map(|(of, body)| joined(&[
                &of,
                &words(". map ( x ,"),
                &body,
                &words(")")
            ])),
            prop::collection::vec(inner, 1..3).prop_map(|elements| {
                let mut list = words("[");
                for element in elements {
                    list.extend(element);
                    list.push(",".to_owned());
                }
                list.push("]".to_owned());
                list
            }),
        ]
    })
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

fn joined(parts: &[&[String]]) -> Vec<String> {
    parts.concat()
}

proptest! {
    #[test]
    fn a_mistake_points_into_the_text(text in r#"[\[\](){}.,?:+\-*/%=!<>&|'"`\\a-c0-9xub \n\téλ😀]{0,40}"#) {
        let environment = environment();
        let result = parse(&text, environment.parse_options()).and_then(|ast| check(&ast, &environment));
        for error in result.err().into_iter().flatten() {
            let (start, end) = (error.span.start as usize, error.span.end as usize);
            prop_assert!(text.get(start..end).is_some(), "{error:?}");
            prop_assert!(error.render(&text).lines().count() >= 2);
        }
    }

    #[test]
    fn blanks_and_comments_between_tokens_change_nothing(tokens in tokens()) {
        let plain = type_of(&tokens.join(" "));
        prop_assert_eq!(&type_of(&tokens.join("\n\t// a ) comment ' \r\n")), &plain);
        // Without blanks at all, but where two words would become one.
        let mut tight = String::new();
        for token in &tokens {
            let is_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
            if is_word(tight.chars().last()) && (is_word(token.chars().next()) || token.starts_with('\'')) {
                tight.push(' ');
            }
            tight.push_str(token);
        }
        prop_assert_eq!(&type_of(&tight), &plain, "{}", tight);
    }

    #[test]
    fn parentheses_around_an_expression_change_nothing(tokens in tokens()) {
        let text = tokens.join(" ");
        prop_assert_eq!(type_of(&format!("(({text}))")), type_of(&text));
    }

    #[test]
    fn a_bound_value_has_its_own_type(tokens in tokens()) {
        let text = tokens.join(" ");
        prop_assert_eq!(type_of(&format!("cel.bind(v, {text}, v)")), type_of(&text));
    }
}
