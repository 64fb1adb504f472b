//! CEL: no panic and bounded work in parser, checker and evaluator; what is checked evaluates to its type.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_cel::arena::Arena;
use plimsoll_cel::environment::Environment;
use plimsoll_cel::program::Program;
use plimsoll_cel::types::Type;
use plimsoll_cel::value::{Heap, Value};

fuzz_target!(|text: &str| {
    let environment = Environment::conformance().with_variable("x", Type::Dyn);
    match Program::compile(text, &environment, None) {
        Err(errors) => {
            for error in errors {
                let _ = error.render(text);
            }
        }
        Ok(program) => {
            let arena = Arena::default();
            let evaluation = program.evaluate(Heap::new(&arena), &[Value::Int(1)], 100_000);
            if let (Type::Bool, Ok(value)) = (program.result_type(), evaluation.result) {
                assert!(matches!(value, Value::Bool(_)), "{text}: {value:?}");
            }
        }
    }
    if let Ok(program) = Program::compile_unchecked(text, &environment) {
        let arena = Arena::default();
        let _ = program.evaluate(Heap::new(&arena), &[Value::Int(1)], 100_000);
    }
});
