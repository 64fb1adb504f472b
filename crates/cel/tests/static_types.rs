//! Where a value depends on the static type of an expression.

use plimsoll_cel::arena::Arena;
use plimsoll_cel::environment::{Environment, NEWEST_MINOR};
use plimsoll_cel::program::Program;
use plimsoll_cel::value::Heap;

#[test]
fn the_sum_of_an_empty_list_is_a_zero_of_its_elements() {
    let environment = Environment::kubernetes(NEWEST_MINOR);
    for text in [
        "type([1].filter(x, false).sum()) == int",
        "type([1u].filter(x, false).sum()) == uint",
        "[1.5].filter(x, false).sum() / 2.0 == 0.0",
        "[duration('1s')].filter(x, false).sum() < duration('1s')",
        "[duration('1s')].sum() + [1.5, 2.5].map(x, duration('1s')).sum() == duration('3s')",
    ] {
        let program = Program::compile(text, &environment, None).unwrap();
        let arena = Arena::default();
        let result = program.evaluate_bool(Heap::new(&arena), &[], Program::COST_LIMIT);
        assert_eq!(result, Ok(true), "{text}");
    }
}
