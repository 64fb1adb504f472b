//! Parts of points in time and durations: `getFullYear` and its kin.

use jiff::tz::{Offset, TimeZone};

use super::{Function, unit_cost};
use crate::error::EvalError;
use crate::value::{Heap, Timestamp, Value};

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("getFullYear", true, year, unit_cost),
    Function::new("getMonth", true, month, unit_cost),
    Function::new("getDate", true, date, unit_cost),
    Function::new("getDayOfMonth", true, day_of_month, unit_cost),
    Function::new("getDayOfYear", true, day_of_year, unit_cost),
    Function::new("getDayOfWeek", true, day_of_week, unit_cost),
    Function::new("getHours", true, hours, unit_cost),
    Function::new("getMinutes", true, minutes, unit_cost),
    Function::new("getSeconds", true, seconds, unit_cost),
    Function::new("getMilliseconds", true, milliseconds, unit_cost),
];

fn year<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    part(heap, arguments, "getFullYear", |time| {
        i64::from(time.year())
    })
}

fn month<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    part(heap, arguments, "getMonth", |time| {
        i64::from(time.month()) - 1
    })
}

fn date<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    part(heap, arguments, "getDate", |time| i64::from(time.day()))
}

fn day_of_month<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    part(heap, arguments, "getDayOfMonth", |time| {
        i64::from(time.day()) - 1
    })
}

fn day_of_year<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    part(heap, arguments, "getDayOfYear", |time| {
        i64::from(time.day_of_year()) - 1
    })
}

fn day_of_week<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    part(heap, arguments, "getDayOfWeek", |time| {
        i64::from(time.weekday().to_sunday_zero_offset())
    })
}

fn hours<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    if let [Value::Duration(duration)] = arguments {
        return Ok(Value::Int(duration.seconds / 3_600));
    }
    part(heap, arguments, "getHours", |time| i64::from(time.hour()))
}

fn minutes<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    if let [Value::Duration(duration)] = arguments {
        return Ok(Value::Int(duration.seconds / 60));
    }
    part(heap, arguments, "getMinutes", |time| {
        i64::from(time.minute())
    })
}

fn seconds<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    if let [Value::Duration(duration)] = arguments {
        return Ok(Value::Int(duration.seconds));
    }
    part(heap, arguments, "getSeconds", |time| {
        i64::from(time.second())
    })
}

fn milliseconds<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    if let [Value::Duration(duration)] = arguments {
        return Ok(Value::Int(i64::from(duration.nanos / 1_000_000)));
    }
    part(heap, arguments, "getMilliseconds", |time| {
        i64::from(time.millisecond())
    })
}

/// A part of a point in time in UTC, or in the zone of the second argument.
fn part<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
    function: &'static str,
    read: fn(&jiff::Zoned) -> i64,
) -> Result<'a> {
    let (at, zone) = match arguments {
        [Value::Timestamp(at)] => (*at, TimeZone::UTC),
        [Value::Timestamp(at), Value::String(name)] => {
            let zone = zone(name)
                .ok_or_else(|| heap.argument_error(&format!("unknown time zone {name:?}")))?;
            (*at, zone)
        }
        _ => return Err(heap.no_such_overload(function)),
    };
    let zoned = zoned(at, zone).ok_or_else(|| heap.argument_error("the time is out of range"))?;
    Ok(Value::Int(read(&zoned)))
}

fn zoned(at: Timestamp, zone: TimeZone) -> Option<jiff::Zoned> {
    let instant = jiff::Timestamp::new(at.seconds, i32::try_from(at.nanos).ok()?).ok()?;
    Some(instant.to_zoned(zone))
}

/// A zone by its IANA name, or by its offset: `+02:00`, `-3:30`, `02:00`.
fn zone(name: &str) -> Option<TimeZone> {
    if name.is_empty() || name == "UTC" {
        return Some(TimeZone::UTC);
    }
    if let Some((hours, minutes)) = name.split_once(':') {
        let negative = hours.starts_with('-');
        let hours: i32 = hours.trim_start_matches(['+', '-']).parse().ok()?;
        let minutes: i32 = minutes.parse().ok()?;
        if hours > 23 || !(0..60).contains(&minutes) {
            return None;
        }
        let seconds = hours * 3_600 + minutes * 60;
        let offset = Offset::from_seconds(if negative { -seconds } else { seconds }).ok()?;
        return Some(TimeZone::fixed(offset));
    }
    TimeZone::get(name).ok()
}
