//! Lists, and sets as lists.

use std::cmp::Ordering;

use super::equality::equal;
use super::operator_cost::size;
use super::order::compare;
use super::{Function, unit_cost};
use crate::error::EvalError;
use crate::value::{Heap, ListView, Value};

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

/// Lists made from a number, or flattened, may have this many elements.
const MAX_ELEMENTS: usize = 1_000_000;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("slice", true, slice, output_cost),
    Function::new("flatten", true, flatten, flatten_cost),
    Function::new("distinct", true, distinct, compare_cost),
    Function::new("sort", true, sort, compare_cost),
    Function::new("lists.range", false, range, output_cost),
    Function::new("first", true, first, unit_cost),
    Function::new("last", true, last, unit_cost),
    Function::new("sets.contains", false, sets_contains, set_cost),
    Function::new("sets.intersects", false, sets_intersects, set_cost),
    Function::new("sets.equivalent", false, sets_equivalent, equivalent_cost),
];

/// A call that makes a list: 11 and its elements.
pub(super) fn output_cost(_arguments: &[Value<'_>], result: &Value<'_>) -> u64 {
    result.as_list().map_or(11, |list| list.len() as u64 + 11)
}

/// The elements, once for each level.
fn flatten_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    let depth = match arguments.get(1) {
        Some(Value::Int(depth)) => u64::try_from(*depth).unwrap_or(1),
        _ => 1,
    };
    let elements = arguments.first().map_or(0, size);
    elements.saturating_mul(depth).saturating_add(11)
}

/// Every element compared with every other.
fn compare_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    let list = arguments.first().and_then(|list| list.as_list());
    list.map_or(11, |list| compare_all_cost(list.iter()))
}

/// Likewise, of any elements: 2 a pair, and a tenth more for text.
pub(crate) fn compare_all_cost<'a>(elements: impl ExactSizeIterator<Item = Value<'a>>) -> u64 {
    let count = elements.len() as u64;
    let mut elements = elements;
    let is_text = matches!(elements.next(), Some(Value::String(_) | Value::Bytes(_)));
    let factor = if is_text { 2.1 } else { 2.0 };
    (count.saturating_mul(count) as f64 * factor) as u64 + 11
}

fn set_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    match arguments {
        [left, right] => size(left).saturating_mul(size(right)).saturating_add(1),
        _ => 1,
    }
}

fn equivalent_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    match arguments {
        [left, right] => size(left)
            .saturating_mul(size(right))
            .saturating_mul(2)
            .saturating_add(1),
        _ => 1,
    }
}

fn slice<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let [list, Value::Int(start), Value::Int(end)] = arguments else {
        return Err(heap.no_such_overload("slice"));
    };
    let list = list
        .as_list()
        .ok_or_else(|| heap.no_such_overload("slice"))?;
    let length = list.len() as i64;
    if *start < 0 || *end < 0 || start > end || *end > length {
        let message = format!("cannot slice({start}, {end}), the list has {length} elements");
        return Err(heap.argument_error(&message));
    }
    let elements: Vec<Value<'a>> = list
        .iter()
        .skip(*start as usize)
        .take((end - start) as usize)
        .collect();
    Ok(heap.list(&elements))
}

fn flatten<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let (list, depth) = match arguments {
        [list] => (list, 1),
        [_, Value::Int(depth)] if *depth < 0 => {
            return Err(heap.argument_error("level must be non-negative"));
        }
        [list, Value::Int(depth)] => (list, *depth),
        _ => return Err(heap.no_such_overload("flatten")),
    };
    let list = list
        .as_list()
        .ok_or_else(|| heap.no_such_overload("flatten"))?;
    let mut flat: Vec<Value<'a>> = list.iter().collect();
    for _ in 0..depth {
        if !flat.iter().any(|element| element.as_list().is_some()) {
            break;
        }
        let mut next = Vec::with_capacity(flat.len());
        for element in flat {
            match element.as_list() {
                Some(inner) => next.extend(inner.iter()),
                None => next.push(element),
            }
            if next.len() > MAX_ELEMENTS {
                return Err(heap.argument_error("the flat list has more than a million elements"));
            }
        }
        flat = next;
    }
    Ok(heap.list(&flat))
}

fn distinct<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let list = only_list(heap, arguments, "distinct")?;
    let mut seen: Vec<Value<'a>> = Vec::new();
    for (at, element) in list.iter().enumerate() {
        check_time(heap, at)?;
        if !seen.iter().any(|other| equal(*other, element)) {
            seen.push(element);
        }
    }
    Ok(heap.list(&seen))
}

fn sort<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let list = only_list(heap, arguments, "sort")?;
    let elements: Vec<Value<'a>> = list.iter().collect();
    sort_by_keys(heap, &elements, &elements)
}

/// The elements in the order of their keys; equal keys keep their order.
pub(crate) fn sort_by_keys<'a>(
    heap: Heap<'a>,
    elements: &[Value<'a>],
    keys: &[Value<'a>],
) -> Result<'a> {
    let sortable = keys.windows(2).all(|pair| {
        pair[0].type_name() == pair[1].type_name() && compare(pair[0], pair[1]).is_some()
    });
    if !sortable
        || keys
            .first()
            .is_some_and(|key| compare(*key, *key).is_none())
    {
        return Err(
            heap.argument_error("list elements must have the same type, and one that has an order")
        );
    }
    let mut order: Vec<usize> = (0..elements.len()).collect();
    order.sort_by(|left, right| {
        compare(keys[*left], keys[*right])
            .flatten()
            .unwrap_or(Ordering::Equal)
    });
    let sorted: Vec<Value<'a>> = order.into_iter().map(|at| elements[at]).collect();
    Ok(heap.list(&sorted))
}

pub(super) fn reverse<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let list = only_list(heap, arguments, "reverse")?;
    let elements: Vec<Value<'a>> = list.iter().rev().collect();
    Ok(heap.list(&elements))
}

fn range<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let [Value::Int(count)] = arguments else {
        return Err(heap.no_such_overload("lists.range"));
    };
    if *count > MAX_ELEMENTS as i64 {
        return Err(heap.argument_error("lists.range() makes a million elements at most"));
    }
    let elements: Vec<Value<'a>> = (0..*count).map(Value::Int).collect();
    Ok(heap.list(&elements))
}

fn first<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let list = only_list(heap, arguments, "first")?;
    Ok(list
        .get(0)
        .map_or(Value::Optional(None), |found| heap.some(found)))
}

fn last<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let list = only_list(heap, arguments, "last")?;
    let found = list.len().checked_sub(1).and_then(|at| list.get(at));
    Ok(found.map_or(Value::Optional(None), |found| heap.some(found)))
}

fn only_list<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
    function: &'static str,
) -> std::result::Result<ListView<'a>, EvalError<'a>> {
    match arguments {
        [list] => list.as_list(),
        _ => None,
    }
    .ok_or_else(|| heap.no_such_overload(function))
}

fn two_lists<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
) -> std::result::Result<(ListView<'a>, ListView<'a>), EvalError<'a>> {
    match arguments {
        [left, right] => left.as_list().zip(right.as_list()),
        _ => None,
    }
    .ok_or_else(|| heap.no_such_overload("sets"))
}

fn includes(list: ListView<'_>, element: Value<'_>) -> bool {
    list.iter().any(|other| equal(other, element))
}

/// How many elements are compared with all others before the clock is looked at.
const COMPARED: usize = 64;

/// That time is not over, before the element at this place is compared with all others: the call costs when it is done.
fn check_time(heap: Heap<'_>, at: usize) -> std::result::Result<(), EvalError<'_>> {
    if at % COMPARED == COMPARED - 1 {
        heap.check_time()?;
    }
    Ok(())
}

/// The first element of a list that another list includes, or does not include.
fn find_in<'a>(
    heap: Heap<'a>,
    elements: ListView<'a>,
    list: ListView<'a>,
    included: bool,
) -> std::result::Result<Option<Value<'a>>, EvalError<'a>> {
    for (at, element) in elements.iter().enumerate() {
        check_time(heap, at)?;
        if includes(list, element) == included {
            return Ok(Some(element));
        }
    }
    Ok(None)
}

fn sets_contains<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let (list, part) = two_lists(heap, arguments)?;
    Ok(Value::Bool(find_in(heap, part, list, false)?.is_none()))
}

fn sets_intersects<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let (left, right) = two_lists(heap, arguments)?;
    Ok(Value::Bool(find_in(heap, right, left, true)?.is_some()))
}

fn sets_equivalent<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let (left, right) = two_lists(heap, arguments)?;
    let is_same = find_in(heap, left, right, false)?.is_none()
        && find_in(heap, right, left, false)?.is_none();
    Ok(Value::Bool(is_same))
}
