//! Base64.

use super::operator_cost::{size, traversal};
use super::{Function, arithmetic};
use crate::error::EvalError;
use crate::value::{Heap, Value};

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("base64.encode", false, encode, once_cost),
    Function::new("base64.decode", false, decode, once_cost),
];

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn once_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    arguments.first().map_or(1, |value| traversal(size(value)))
}

fn encode<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let [Value::Bytes(bytes)] = arguments else {
        return Err(heap.no_such_overload("base64.encode"));
    };
    arithmetic::check_size(heap, bytes.len() * 2)?;
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .chain([0_u8; 2].iter())
            .take(3)
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for at in 0..4 {
            let letter = ALPHABET[(bits >> (18 - at * 6) & 63) as usize];
            text.push(if at <= chunk.len() {
                letter as char
            } else {
                '='
            });
        }
    }
    Ok(heap.string(&text))
}

fn decode<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let [Value::String(text)] = arguments else {
        return Err(heap.no_such_overload("base64.decode"));
    };
    let refused = || heap.conversion_error("not base64");
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if padding > 2 || padding > 0 && text.len() % 4 != 0 || digits.len() % 4 == 1 {
        return Err(refused());
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = ALPHABET
            .iter()
            .position(|letter| *letter == digit)
            .ok_or_else(refused)?;
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Ok(heap.bytes(&bytes))
}
