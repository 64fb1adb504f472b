//! Durations and points in time: arithmetic, and how they are written.

use crate::value::{Duration, Timestamp};

const NANOS: i128 = 1_000_000_000;

impl Duration {
    /// A duration of so many nanoseconds; `None` where it is longer than a duration can be: 2^63 nanoseconds, about
    /// 292 years.
    pub fn from_nanos(nanos: i128) -> Option<Duration> {
        let nanos = i128::from(i64::try_from(nanos).ok()?);
        Some(Duration {
            seconds: (nanos / NANOS) as i64,
            nanos: (nanos % NANOS) as i32,
        })
    }

    /// The nanoseconds.
    pub fn as_nanos(self) -> i128 {
        i128::from(self.seconds) * NANOS + i128::from(self.nanos)
    }

    /// The sum, if a duration can be so long.
    pub fn checked_add(self, other: Duration) -> Option<Duration> {
        Duration::from_nanos(self.as_nanos() + other.as_nanos())
    }

    /// The duration the other way.
    pub fn checked_negate(self) -> Option<Duration> {
        Duration::from_nanos(-self.as_nanos())
    }

    /// Reads what Go reads as a duration: `1h30m`, `-1.5s`, `100ms`, `0`.
    pub fn parse(text: &str) -> Option<Duration> {
        let (negative, mut rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        if rest == "0" {
            return Some(Duration {
                seconds: 0,
                nanos: 0,
            });
        }
        if rest.is_empty() {
            return None;
        }
        let mut total = 0_i128;
        while !rest.is_empty() {
            let number_end = rest
                .find(|character: char| !character.is_ascii_digit() && character != '.')
                .unwrap_or(rest.len());
            let (number, after) = rest.split_at(number_end);
            let unit_end = after
                .find(|character: char| character.is_ascii_digit() || character == '.')
                .unwrap_or(after.len());
            let (unit, after) = after.split_at(unit_end);
            let unit: i128 = match unit {
                "ns" => 1,
                "us" | "µs" | "μs" => 1_000,
                "ms" => 1_000_000,
                "s" => NANOS,
                "m" => 60 * NANOS,
                "h" => 3_600 * NANOS,
                _ => return None,
            };
            let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
            if whole.is_empty() && fraction.is_empty()
                || fraction.contains('.')
                || number.len() > 40
            {
                return None;
            }
            if !whole.is_empty() {
                total = total.checked_add(whole.parse::<i128>().ok()?.checked_mul(unit)?)?;
            }
            let mut scale = unit;
            for digit in fraction.bytes() {
                // Digits below a nanosecond are dropped.
                scale /= 10;
                total += i128::from(digit - b'0') * scale;
            }
            rest = after;
        }
        Duration::from_nanos(if negative { -total } else { total })
    }

    /// As CEL writes it: seconds with their fraction, `5400s`, `1.5s`.
    pub fn to_seconds_text(self) -> String {
        let sign = if self.seconds < 0 || self.nanos < 0 {
            "-"
        } else {
            ""
        };
        let seconds = self.seconds.unsigned_abs();
        let nanos = self.nanos.unsigned_abs();
        if nanos == 0 {
            return format!("{sign}{seconds}s");
        }
        let fraction = format!("{nanos:09}");
        format!("{sign}{seconds}.{}s", fraction.trim_end_matches('0'))
    }
}

impl Timestamp {
    /// 0001-01-01T00:00:00Z
    const FIRST: i64 = -62_135_596_800;
    /// 9999-12-31T23:59:59Z
    const LAST: i64 = 253_402_300_799;

    /// A point in time; `None` where its year is not 1 to 9999.
    pub fn from_seconds(seconds: i64, nanos: u32) -> Option<Timestamp> {
        (Timestamp::FIRST..=Timestamp::LAST)
            .contains(&seconds)
            .then_some(Timestamp { seconds, nanos })
    }

    fn as_nanos(self) -> i128 {
        i128::from(self.seconds) * NANOS + i128::from(self.nanos)
    }

    /// The point in time so much later, if its year is 1 to 9999.
    pub fn checked_add(self, by: Duration) -> Option<Timestamp> {
        let nanos = self.as_nanos() + by.as_nanos();
        Timestamp::from_seconds(
            nanos.div_euclid(NANOS) as i64,
            nanos.rem_euclid(NANOS) as u32,
        )
    }

    /// How much later this is, if a duration can be so long.
    pub fn since(self, earlier: Timestamp) -> Option<Duration> {
        Duration::from_nanos(self.as_nanos() - earlier.as_nanos())
    }

    /// Reads RFC 3339: `2026-11-24T08:00:00Z`, with fraction and offset.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let bytes = text.as_bytes();
        if bytes.len() < 20 || !text.is_ascii() {
            return None;
        }
        let digits = |range: std::ops::Range<usize>| -> Option<i64> {
            let digits = text.get(range)?;
            digits
                .bytes()
                .all(|digit| digit.is_ascii_digit())
                .then(|| digits.parse().ok())?
        };
        let separators = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
        let well_formed = separators.iter().all(|(at, byte)| bytes[*at] == *byte)
            && matches!(bytes[10], b'T' | b't');
        if !well_formed {
            return None;
        }
        let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
        let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
        if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let mut rest = &text[19..];
        let mut nanos = 0_u32;
        if let Some(fraction) = rest.strip_prefix('.') {
            let end = fraction.find(|digit: char| !digit.is_ascii_digit())?;
            if end == 0 {
                return None;
            }
            for at in 0..9 {
                let digit = fraction.as_bytes()[..end]
                    .get(at)
                    .map_or(0, |digit| digit - b'0');
                nanos = nanos * 10 + u32::from(digit);
            }
            rest = &fraction[end..];
        }
        let offset = match rest.as_bytes() {
            [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
                let at = text.len() - 5;
                let (hours, minutes) = (digits(at..at + 2)?, digits(at + 3..at + 5)?);
                if hours > 23 || minutes > 59 {
                    return None;
                }
                let offset = hours * 3_600 + minutes * 60;
                if *sign == b'-' { -offset } else { offset }
            }
            _ => return None,
        };
        let seconds =
            days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
                - offset;
        Timestamp::from_seconds(seconds, nanos)
    }

    /// As CEL writes it: RFC 3339 in UTC, the fraction without trailing zeros.
    pub fn to_text(self) -> String {
        let days = self.seconds.div_euclid(86_400);
        let time = self.seconds.rem_euclid(86_400);
        let (year, month, day) = civil_from_days(days);
        let mut text = format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
            time / 3_600,
            time / 60 % 60,
            time % 60
        );
        if self.nanos > 0 {
            let fraction = format!(".{:09}", self.nanos);
            text.push_str(fraction.trim_end_matches('0'));
        }
        text.push('Z');
        text
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar.
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of so many days since 1970-01-01.
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_they_are_written() {
        for text in [
            "1970-01-01T00:00:00Z",
            "2009-02-13T23:31:30Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999Z",
            "2024-02-29T12:00:00.5Z",
        ] {
            assert_eq!(Timestamp::parse(text).unwrap().to_text(), text);
        }
        assert_eq!(
            Timestamp::parse("2009-02-14T01:31:30+02:00")
                .unwrap()
                .to_text(),
            "2009-02-13T23:31:30Z"
        );
        for broken in [
            "2023-02-29T00:00:00Z",
            "2023-01-01 00:00:00Z",
            "2023-01-01T24:00:00Z",
            "2023-01-01T00:00:00",
            "10000-01-01T00:00:00Z",
        ] {
            assert!(Timestamp::parse(broken).is_none(), "{broken}");
        }
    }

    #[test]
    fn durations_read_as_go_reads_them() {
        let seconds = |text| Duration::parse(text).map(Duration::to_seconds_text);
        assert_eq!(seconds("1h30m").as_deref(), Some("5400s"));
        assert_eq!(seconds("-1.5s").as_deref(), Some("-1.5s"));
        assert_eq!(seconds("100ms").as_deref(), Some("0.1s"));
        assert_eq!(seconds("1.0000000009s").as_deref(), Some("1s"));
        assert_eq!(seconds("0").as_deref(), Some("0s"));
        for broken in ["", "1", "s", "1x", "1h 2m", ".s", "2562048h"] {
            assert!(Duration::parse(broken).is_none(), "{broken}");
        }
    }
}
