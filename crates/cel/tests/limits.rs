//! What an evaluation may take: cost, memory and time. A limit that is hit is the only thing an expression comes to.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::time::Duration;

use plimsoll_cel::arena::{Arena, Limits};
use plimsoll_cel::environment::{Environment, NEWEST_MINOR};
use plimsoll_cel::error::ErrorKind;
use plimsoll_cel::memory::Memory;
use plimsoll_cel::program::Program;
use plimsoll_cel::types::Type;
use plimsoll_cel::value::{Heap, Value};

const KIB: usize = 1 << 10;

/// What an expression comes to with so much memory and any time.
fn with_memory(text: &str, memory: usize) -> Result<bool, String> {
    let limits = Limits {
        memory,
        ..Limits::NONE
    };
    run(text, limits, u64::MAX)
}

fn compile(text: &str) -> Program {
    let environment = Environment::conformance();
    Program::compile(text, &environment, None).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

fn run(text: &str, limits: Limits, cost: u64) -> Result<bool, String> {
    let program = compile(text);
    let arena = Arena::new(limits);
    let result = program.evaluate_bool(Heap::new(&arena), &[], cost);
    result.map_err(ToString::to_string)
}

#[test]
fn memory_is_limited_whatever_takes_it() {
    // Each comes to true, and makes more than 64 KiB on the way.
    let long =
        "'x'.replace('', 'yyyyyyyyyyyyyyyy').replace('y', 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz')";
    let sixteen = "cel.bind(a, 'xxxxxxxxxxxxxxxx', cel.bind(b, a+a+a+a+a+a+a+a, cel.bind(c, b+b+b+b+b+b+b+b, cel.bind(d, c+c+c+c+c+c+c+c, ";
    for text in [
        // Doubled without a loop.
        format!("{sixteen} (d+d+d+d+d+d+d+d).size() == 65536))))"),
        format!("{sixteen} (b'' + bytes(d+d+d+d+d+d+d+d)).size() == 65536))))"),
        // One function that makes one large text.
        format!("{long}.replace('z', {long}).size() > 65536"),
        "lists.range(200).map(i, 'x'.replace('', 'yyyyyyyyyyyyyyyy')).join('--------').size() > 5000 && \
         lists.range(2000).map(i, 'abcdefghijklmnopqrstuvwxyz').join(' ').size() > 50000"
            .to_owned(),
        "'%s%s'.format([lists.range(9000), lists.range(9000)]).size() > 65536".to_owned(),
        // Lists that grow: in one loop, in two, and one that is thrown away.
        "lists.range(9000).map(i, i).size() == 9000".to_owned(),
        "lists.range(100).map(i, lists.range(100).map(j, i * j)).size() == 100".to_owned(),
        "lists.range(9000).filter(i, i >= 0).size() == 9000".to_owned(),
        "lists.range(9000).exists(i, [i, i, i, i].size() == i) || true".to_owned(),
        "lists.range(9000).transformMap(i, v, v).size() == 9000".to_owned(),
        "lists.range(3000).map(i, 3000 - i).sort().distinct().size() == 3000".to_owned(),
        // Errors take memory, too, and `||` would absorb them.
        "lists.range(90000).exists(i, i / 0 == 1) || true".to_owned(),
        // A part that `&&` would decide without the rest.
        "!(lists.range(9000).map(i, i).size() == 0 && false)".to_owned(),
    ] {
        assert_eq!(with_memory(&text, 64 << 20), Ok(true), "{text}");
        let refused = with_memory(&text, 64 * KIB).expect_err(&text);
        assert_eq!(refused, "needs more than 65536 bytes of memory", "{text}");
    }
}

/// What was made before counts no more, and what an arena held before changes nothing.
#[test]
fn memory_is_that_of_one_evaluation() {
    let program = compile("lists.range(1000).map(i, i).size() == 1000");
    let mut arena = Arena::new(Limits {
        memory: 100 * KIB,
        ..Limits::NONE
    });
    let large = compile("lists.range(100000).size() == 0");
    for _ in 0..100 {
        arena.reset();
        assert_eq!(
            program.evaluate_bool(Heap::new(&arena), &[], u64::MAX),
            Ok(true)
        );
        arena.reset();
        assert!(
            large
                .evaluate_bool(Heap::new(&arena), &[], u64::MAX)
                .is_err()
        );
    }
}

/// Whether an answer was remembered must not decide whether there is one: threads remember different ones.
#[test]
fn what_is_remembered_takes_the_same_memory() {
    let environment = Environment::kubernetes(NEWEST_MINOR)
        .with_variable("object", Type::Int)
        .with_variable("cluster", Type::Dyn)
        .with_stable(&["cluster"], &[]);
    // The first part reads nothing of the object.
    let text = "lists.range(1000).map(i, i).size() == 1000 && lists.range(object).map(i, i).size() == object";
    let program = Program::compile(text, &environment, None).expect("an expression");
    let mut memory = Memory::default();
    let mut arena = Arena::new(Limits {
        memory: 100 * KIB,
        ..Limits::NONE
    });
    let mut comes_to = |count| {
        arena.reset();
        let variables = [Value::Int(count)];
        let heap = Heap::new(&arena);
        program
            .evaluate_bool_with(heap, &variables, u64::MAX, &mut memory)
            .map_err(ErrorKind::is_limit)
    };
    assert_eq!(comes_to(1500), Err(true));
    assert_eq!(comes_to(10), Ok(true));
    assert_eq!(comes_to(1500), Err(true));
}

#[test]
fn time_is_limited_in_loops_and_in_long_steps() {
    let none = Limits {
        time: Some(Duration::ZERO),
        ..Limits::NONE
    };
    for text in [
        "lists.range(1000000).all(i, i >= 0)",
        "lists.range(100000).map(i, i).size() == 100000",
        // Absorbed, it would be true.
        "lists.range(1000000).all(i, i >= 0) || true",
        "lists.range(1000).all(i, lists.range(1000).all(j, j >= 0))",
        // One call each, with next to no cost before it is done.
        "lists.range(1000).distinct().size() == 1000",
        "sets.contains(lists.range(1000), lists.range(1000))",
        "sets.intersects(lists.range(1000), lists.range(1000).map(i, i - 999))",
        "sets.equivalent(lists.range(1000), lists.range(1000))",
        "['a', 'b', 'c'].all(x, 'abc'.matches(x + '(.{100}){100}'))  || true",
    ] {
        assert_eq!(
            run(text, none, u64::MAX),
            Err("took more than 0 s".to_owned()),
            "{text}"
        );
        assert_eq!(run(text, Limits::NONE, u64::MAX), Ok(true), "{text}");
    }
    // What is done before the clock is looked at is done in time.
    assert_eq!(run("[1, 2, 3].all(i, i > 0)", none, u64::MAX), Ok(true));
}

/// Time is that of all evaluations since it was started: many short ones are as long as one.
#[test]
fn time_goes_on_over_evaluations() {
    let program = compile("1 + 1 == 2 && 2 + 2 == 4");
    let mut arena = Arena::new(Limits {
        time: Some(Duration::ZERO),
        ..Limits::NONE
    });
    let mut count = 0;
    while !arena.is_overdue() {
        arena.reset();
        assert_eq!(
            program.evaluate_bool(Heap::new(&arena), &[], u64::MAX),
            Ok(true)
        );
        count += 1;
        assert!(count < 1_000_000, "time never ends");
    }
    assert!(count > 1_000, "{count}");
    arena.start();
    assert!(!arena.is_overdue());
}

#[test]
fn cost_is_what_ends_a_loop_where_time_and_memory_are_left() {
    let refused = run(
        "lists.range(1000000).all(i, i >= 0)",
        Limits::default(),
        100_000,
    );
    assert_eq!(
        refused,
        Err("operation cancelled: actual cost limit exceeded (100000)".to_owned())
    );
}
