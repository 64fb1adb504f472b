//! `<`, `<=`, `>`, `>=`.

use std::cmp::Ordering;

use crate::ast::BinaryOperator;
use crate::error::EvalError;
use crate::value::{Heap, Value};

/// Whether an ordering operator holds.
///
/// # Errors
/// Types that have no order, or none between them.
pub(crate) fn holds<'a>(
    heap: Heap<'a>,
    operator: BinaryOperator,
    left: Value<'a>,
    right: Value<'a>,
) -> Result<bool, EvalError<'a>> {
    let (name, test): (&str, fn(Ordering) -> bool) = match operator {
        BinaryOperator::Less => ("_<_", Ordering::is_lt),
        BinaryOperator::LessOrEqual => ("_<=_", Ordering::is_le),
        BinaryOperator::Greater => ("_>_", Ordering::is_gt),
        _ => ("_>=_", Ordering::is_ge),
    };
    match compare(left, right) {
        Some(ordering) => Ok(ordering.is_some_and(test)),
        None => Err(heap.no_such_overload(name)),
    }
}

/// How two values are ordered: `None` where their types have no order, `Some(None)` where one is NaN.
pub(crate) fn compare(left: Value<'_>, right: Value<'_>) -> Option<Option<Ordering>> {
    if let Some(ordering) = compare_numbers(left, right) {
        return Some(ordering);
    }
    Some(Some(match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(&right),
        // The bytes of UTF-8 are ordered as its code points.
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Bytes(left), Value::Bytes(right)) => left.cmp(right),
        (Value::Duration(left), Value::Duration(right)) => left.cmp(&right),
        (Value::Timestamp(left), Value::Timestamp(right)) => left.cmp(&right),
        _ => return None,
    }))
}

/// How two numbers of any types are ordered: `None` where one is no number, `Some(None)` where one is NaN.
pub(crate) fn compare_numbers(left: Value<'_>, right: Value<'_>) -> Option<Option<Ordering>> {
    Some(match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(&right)),
        (Value::Uint(left), Value::Uint(right)) => Some(left.cmp(&right)),
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(&right),
        (Value::Int(left), Value::Uint(right)) => Some(i128::from(left).cmp(&i128::from(right))),
        (Value::Uint(left), Value::Int(right)) => Some(i128::from(left).cmp(&i128::from(right))),
        (Value::Int(left), Value::Double(right)) => whole_to_double(i128::from(left), right),
        (Value::Uint(left), Value::Double(right)) => whole_to_double(i128::from(left), right),
        (Value::Double(left), Value::Int(right)) => {
            whole_to_double(i128::from(right), left).map(Ordering::reverse)
        }
        (Value::Double(left), Value::Uint(right)) => {
            whole_to_double(i128::from(right), left).map(Ordering::reverse)
        }
        _ => return None,
    })
}

/// A whole number is compared as the double next to it, as the API server does.
fn whole_to_double(whole: i128, double: f64) -> Option<Ordering> {
    (whole as f64).partial_cmp(&double)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_different_types_are_compared_by_value() {
        let order = |left, right| compare_numbers(left, right).unwrap();
        assert_eq!(
            order(
                Value::Int(i64::MAX),
                Value::Double(9_223_372_036_854_775_808.0)
            ),
            Some(Ordering::Equal)
        );
        assert_eq!(
            order(Value::Int(i64::MAX), Value::Uint(1 << 63)),
            Some(Ordering::Less)
        );
        assert_eq!(
            order(Value::Int(-1), Value::Double(-0.5)),
            Some(Ordering::Less)
        );
        assert_eq!(order(Value::Int(-1), Value::Uint(0)), Some(Ordering::Less));
        assert_eq!(order(Value::Int(1), Value::Double(f64::NAN)), None);
    }
}
