//! The deepest expressions that the parser accepts, and deeper ones: none may overflow the stack of a small thread, in
//! any step from the text to the value.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use plimsoll_cel::arena::Arena;
use plimsoll_cel::environment::Environment;
use plimsoll_cel::program::Program;
use plimsoll_cel::syntax::{MAX_CODE_POINTS, MAX_DEPTH};
use plimsoll_cel::types::Type;
use plimsoll_cel::value::{Heap, Value};

/// The stack of a worker thread. Code that is not optimised needs four times as much.
const STACK: usize = if cfg!(debug_assertions) {
    8 << 20
} else {
    2 << 20
};

/// Compiles and evaluates on a thread with that stack; whether it compiled.
fn compiles(text: String) -> bool {
    let run = move || {
        let environment = Environment::conformance()
            .with_variable("a", Type::Dyn)
            .with_variable("b", Type::Bool);
        match Program::compile(&text, &environment, None) {
            Ok(program) => {
                let arena = Arena::default();
                let variables = [Value::Int(1), Value::Bool(true)];
                let evaluation = program.evaluate(Heap::new(&arena), &variables, 1_000_000);
                // Many of these fail, as they should; what counts is that they end.
                drop(format!("{:?}", evaluation.result));
                true
            }
            Err(errors) => {
                assert!(!errors[0].render(&text).is_empty());
                false
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run);
    thread
        .expect("a thread")
        .join()
        .expect("no overflow and no panic")
}

/// The text `start`, then `count` times `open`, `inner`, `count` times `close`.
fn nested(open: &str, inner: &str, close: &str, count: usize) -> String {
    open.repeat(count) + inner + &close.repeat(count)
}

#[test]
fn the_deepest_expressions_run_on_a_small_stack() {
    let deepest = usize::from(MAX_DEPTH) - 1;
    for (open, inner, close, count) in [
        ("(", "1", ")", deepest),
        ("[", "1", "]", deepest),
        ("{1: ", "1", "}", deepest),
        ("{", "1", ": 1}", deepest),
        ("dyn(", "1", ")", deepest),
        ("!(", "b", ")", deepest),
        ("-(", "a", ")", deepest),
        ("!b || b && !(", "b", ")", deepest),
        ("[b ? dyn(1 + dyn(", "1", ")) : 2]", deepest / 3),
        ("optional.of(", "1", ")", deepest),
        ("[1].map(x, ", "x", ")", deepest),
        ("[1].exists(x, ", "b", ")", deepest),
        ("[[1]].map(x, [", "x", "]).flatten()", deepest / 2),
        ("[1].sortBy(x, size(", "a", "))", deepest / 2),
        ("{'a': 1}.transformMap(k, v, ", "v", ")", deepest),
        ("optional.of(1).optMap(x, ", "x", ")", deepest),
        ("cel.bind(x, 1, ", "x", ")", deepest),
        ("cel.bind(x, ", "1", ", x)", deepest),
        ("a[", "1", "]", deepest),
        ("a[?", "1", "]", deepest),
        ("math.greatest(1, 2, ", "1", ")", deepest),
        ("b ? 1 : (", "1", ")", deepest / 2),
        ("a[dyn(!b || !(b && dyn(", "b", ")))]", deepest / 4),
    ] {
        assert!(compiles(nested(open, inner, close, count)), "{open}");
        assert!(
            !compiles(nested(open, inner, close, MAX_CODE_POINTS / 50)),
            "{open}"
        );
    }
}

#[test]
fn long_chains_are_refused_or_run() {
    let count = MAX_CODE_POINTS / 12;
    for (start, part, is_accepted) in [
        ("a", ".b", false),
        ("a", "[0]", false),
        ("a", ".?b", false),
        ("a", ".b()", false),
        ("a", " + a", false),
        ("a", " * a", false),
        ("a", " == a", false),
        ("b", " && b", true),
        ("b", " || b", true),
        ("b", " && b || b", true),
    ] {
        assert_eq!(
            compiles(start.to_owned() + &part.repeat(count)),
            is_accepted,
            "{part}"
        );
        let at_limit = start.to_owned() + &part.repeat(usize::from(MAX_DEPTH));
        // `.b()` is no function that exists.
        if part != ".b()" {
            assert!(compiles(at_limit), "{part}");
        }
    }
    assert!(compiles("!".repeat(50_000) + "b"));
    assert!(compiles("-".repeat(50_000) + "a"));
    assert!(!compiles(nested("(", "1", ")", 40_000)));
    assert!(!compiles(nested("[", "1", "]", 40_000)));
    assert!(!compiles("b ? 1 : ".repeat(10_000) + "1"));
    assert!(!compiles("(".repeat(90_000)));
    assert!(!compiles("a".repeat(MAX_CODE_POINTS + 1)));
}

#[test]
fn a_chain_within_parentheses_within_a_chain_counts_in_sum() {
    // Each level adds little nesting, but much depth to the tree.
    let level = |inner: &str| format!("({inner}{})", " + 1".repeat(100));
    let two = level(&level("1"));
    assert!(compiles(two.clone()));
    assert!(!compiles(level(&two)));
}

#[test]
fn types_that_double_are_refused() {
    let doubling = |count: usize| {
        let mut text = "1".to_owned();
        for at in (0..count).rev() {
            let before = if at == 0 {
                "1".to_owned()
            } else {
                format!("x{}", at - 1)
            };
            text = format!("cel.bind(x{at}, {{{before}: {before}}}, {text})");
        }
        text
    };
    assert!(compiles(doubling(5)));
    assert!(!compiles(doubling(60)));
}
