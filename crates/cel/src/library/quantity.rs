//! Quantities of resources: `250m`, `1Gi`, `2e3`.

use std::cmp::Ordering;

use super::operator_cost::{size, traversal};
use super::{Function, Object, unit_cost};
use crate::error::{ErrorKind, EvalError};
use crate::value::{Heap, Value};

/// An exact number with a suffix (Kubernetes API: resource.Quantity): `mantissa` times ten to the power of `exponent`.
#[derive(Debug, Clone, Copy)]
pub struct Quantity {
    mantissa: i128,
    exponent: i32,
}

impl Quantity {
    /// A whole number.
    pub fn from_int(value: i64) -> Quantity {
        Quantity {
            mantissa: i128::from(value),
            exponent: 0,
        }
    }

    /// Reads a quantity. Digits below a nano unit are rounded up, as the API does.
    pub fn parse(text: &str) -> Option<Quantity> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let number_end = rest
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(number_end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        if whole.len() + fraction.len() > 30 {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        let mut mantissa: i128 = digits.parse().ok()?;
        let mut exponent = -(fraction.len() as i32);
        match suffix_of(suffix)? {
            Suffix::Binary(power) => mantissa = mantissa.checked_mul(1_i128 << power)?,
            Suffix::Decimal(power) => exponent += power,
        }
        if negative {
            mantissa = -mantissa;
        }
        let quantity = Quantity { mantissa, exponent }.normalized();
        Some(quantity.rounded_to_nano())
    }

    fn normalized(mut self) -> Quantity {
        if self.mantissa == 0 {
            return Quantity::from_int(0);
        }
        while self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.exponent += 1;
        }
        self
    }

    fn rounded_to_nano(mut self) -> Quantity {
        while self.exponent < -9 {
            let rest = self.mantissa % 10;
            self.mantissa /= 10;
            if rest > 0 {
                self.mantissa += 1;
            } else if rest < 0 {
                self.mantissa -= 1;
            }
            self.exponent += 1;
        }
        self.normalized()
    }

    /// Both with the smaller of their exponents; `None` where that overflows.
    fn aligned(self, other: Quantity) -> Option<(i128, i128, i32)> {
        let exponent = self.exponent.min(other.exponent);
        let scaled = |quantity: Quantity| {
            let power = u32::try_from(quantity.exponent - exponent).ok()?;
            quantity.mantissa.checked_mul(10_i128.checked_pow(power)?)
        };
        Some((scaled(self)?, scaled(other)?, exponent))
    }

    /// The sum, where it can be held.
    pub fn checked_add(self, other: Quantity) -> Option<Quantity> {
        let (left, right, exponent) = self.aligned(other)?;
        let mantissa = left.checked_add(right)?;
        Some(Quantity { mantissa, exponent }.normalized())
    }

    /// The difference, where it can be held.
    pub fn checked_sub(self, other: Quantity) -> Option<Quantity> {
        let negated = Quantity {
            mantissa: other.mantissa.checked_neg()?,
            exponent: other.exponent,
        };
        self.checked_add(negated)
    }

    /// The number, where it is whole and fits an int.
    pub fn as_int(self) -> Option<i64> {
        let power = u32::try_from(self.exponent).ok()?;
        let value = self.mantissa.checked_mul(10_i128.checked_pow(power)?)?;
        i64::try_from(value).ok()
    }

    /// The number, nearly.
    pub fn as_double(self) -> f64 {
        format!("{}e{}", self.mantissa, self.exponent)
            .parse()
            .unwrap_or(f64::NAN)
    }

    /// -1, 0 or 1.
    pub fn sign(self) -> i64 {
        self.mantissa.signum() as i64
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Quantity) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Quantity) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Quantity) -> Ordering {
        if let Some((left, right, _)) = self.aligned(*other) {
            return left.cmp(&right);
        }
        // Too far apart to be aligned: the sign or the order of magnitude decides.
        let magnitude = |quantity: &Quantity| {
            let digits = quantity
                .mantissa
                .unsigned_abs()
                .checked_ilog10()
                .unwrap_or(0) as i32;
            digits + quantity.exponent
        };
        let by_sign = self.sign().cmp(&other.sign());
        by_sign.then_with(|| {
            let order = magnitude(self).cmp(&magnitude(other));
            if self.sign() < 0 {
                order.reverse()
            } else {
                order
            }
        })
    }
}

enum Suffix {
    /// Two to this power.
    Binary(u32),
    /// Ten to this power.
    Decimal(i32),
}

fn suffix_of(text: &str) -> Option<Suffix> {
    Some(match text {
        "" => Suffix::Decimal(0),
        "n" => Suffix::Decimal(-9),
        "u" => Suffix::Decimal(-6),
        "m" => Suffix::Decimal(-3),
        "k" => Suffix::Decimal(3),
        "M" => Suffix::Decimal(6),
        "G" => Suffix::Decimal(9),
        "T" => Suffix::Decimal(12),
        "P" => Suffix::Decimal(15),
        "E" => Suffix::Decimal(18),
        "Ki" => Suffix::Binary(10),
        "Mi" => Suffix::Binary(20),
        "Gi" => Suffix::Binary(30),
        "Ti" => Suffix::Binary(40),
        "Pi" => Suffix::Binary(50),
        "Ei" => Suffix::Binary(60),
        _ => {
            let digits = text.strip_prefix(['e', 'E'])?;
            let unsigned = digits.strip_prefix(['-', '+']).unwrap_or(digits);
            if unsigned.is_empty()
                || unsigned.len() > 3
                || !unsigned.bytes().all(|b| b.is_ascii_digit())
            {
                return None;
            }
            Suffix::Decimal(digits.parse().ok()?)
        }
    })
}

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("quantity", false, quantity, text_cost),
    Function::new("isQuantity", false, is_quantity, text_cost),
    Function::new("sign", false, sign, unit_cost),
    Function::new("isInteger", true, is_integer, unit_cost),
    Function::new("asInteger", true, as_integer, unit_cost),
    Function::new("asApproximateFloat", true, as_approximate_float, unit_cost),
    Function::new("add", true, add, unit_cost),
    Function::new("sub", true, sub, unit_cost),
    Function::new("isGreaterThan", true, is_greater_than, unit_cost),
    Function::new("isLessThan", true, is_less_than, unit_cost),
    Function::new("compareTo", true, compare_to, unit_cost),
];

fn text_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    arguments.first().map_or(1, |text| traversal(size(text)))
}

fn quantity<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text)] => Quantity::parse(text)
            .map(|quantity| heap.object(Object::Quantity(quantity)))
            .ok_or_else(|| heap.argument_error(&format!("{text:?} is no quantity"))),
        _ => Err(heap.no_such_overload("quantity")),
    }
}

fn is_quantity<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text)] => Ok(Value::Bool(Quantity::parse(text).is_some())),
        _ => Err(heap.no_such_overload("isQuantity")),
    }
}

fn target<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
    function: &'static str,
) -> std::result::Result<Quantity, EvalError<'a>> {
    match arguments.first() {
        Some(Value::Object(Object::Quantity(quantity))) => Ok(*quantity),
        _ => Err(heap.no_such_overload(function)),
    }
}

fn sign<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::Int(target(heap, arguments, "sign")?.sign()))
}

fn is_integer<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::Bool(
        target(heap, arguments, "isInteger")?.as_int().is_some(),
    ))
}

fn as_integer<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    target(heap, arguments, "asInteger")?
        .as_int()
        .map(Value::Int)
        .ok_or_else(|| heap.conversion_error("cannot convert value to integer"))
}

fn as_approximate_float<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::Double(
        target(heap, arguments, "asApproximateFloat")?.as_double(),
    ))
}

fn operand<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
    function: &'static str,
) -> std::result::Result<Quantity, EvalError<'a>> {
    match arguments.get(1) {
        Some(Value::Object(Object::Quantity(quantity))) => Ok(*quantity),
        Some(Value::Int(value)) => Ok(Quantity::from_int(*value)),
        _ => Err(heap.no_such_overload(function)),
    }
}

fn add<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let sum = target(heap, arguments, "add")?.checked_add(operand(heap, arguments, "add")?);
    sum.map(|sum| heap.object(Object::Quantity(sum)))
        .ok_or_else(|| heap.error(ErrorKind::Overflow("quantity")))
}

fn sub<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let difference = target(heap, arguments, "sub")?.checked_sub(operand(heap, arguments, "sub")?);
    difference
        .map(|difference| heap.object(Object::Quantity(difference)))
        .ok_or_else(|| heap.error(ErrorKind::Overflow("quantity")))
}

/// How two quantities or two versions are ordered.
fn order<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
    function: &'static str,
) -> std::result::Result<Ordering, EvalError<'a>> {
    match arguments {
        [
            Value::Object(Object::Quantity(left)),
            Value::Object(Object::Quantity(right)),
        ] => Ok(left.cmp(right)),
        [
            Value::Object(Object::Semver(left)),
            Value::Object(Object::Semver(right)),
        ] => Ok(left.precedence(right)),
        _ => Err(heap.no_such_overload(function)),
    }
}

fn is_greater_than<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::Bool(
        order(heap, arguments, "isGreaterThan")?.is_gt(),
    ))
}

fn is_less_than<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::Bool(order(heap, arguments, "isLessThan")?.is_lt()))
}

fn compare_to<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    Ok(Value::Int(order(heap, arguments, "compareTo")? as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_compared_by_value() {
        let quantity = |text| Quantity::parse(text).unwrap();
        assert_eq!(quantity("1Gi"), quantity("1024Mi"));
        assert_eq!(quantity("1000m"), quantity("1"));
        assert_eq!(quantity("1e3"), quantity("1k"));
        assert_eq!(quantity("0.1"), quantity("100m"));
        assert!(quantity("1G") < quantity("1Gi"));
        assert!(quantity("-1") < quantity("0"));
        assert!(quantity("1E") < quantity("1e30"));
        assert_eq!(quantity("0.0000000001"), quantity("1n"));
        assert_eq!(quantity("1.5Gi").as_int(), Some(1_610_612_736));
        for refused in ["", "1gi", "1 Gi", "Gi", "1.2.3", "1e", "0x1", "1K", "--1"] {
            assert!(Quantity::parse(refused).is_none(), "{refused}");
        }
    }
}
