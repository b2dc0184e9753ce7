//! Days, times, offsets and zones, from the bytes of Python's pickles to ISO 8601 and back.

use std::fmt::{self, Display, Formatter};

/// A day of the proleptic Gregorian calendar.
#[derive(Clone, Copy)]
pub(super) struct Day {
    year: u16,
    month: u8,
    number: u8,
}

impl Day {
    pub(super) fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let is_leap =
            year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => 31,
        };
        let is_day =
            (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days).contains(&day);
        is_day.then_some(Self { year, month, number: day })
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let [century, year, month, day] = *bytes else { return None };
        Self::new(u16::from_be_bytes([century, year]), month, day)
    }

    pub(super) fn to_bytes(self) -> [u8; 4] {
        let [century, year] = self.year.to_be_bytes();
        [century, year, self.month, self.number]
    }

    /// Reads `2026-11-27`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // A year of six digits, as the crate `time` writes it.
        let text = text.strip_prefix("+00").unwrap_or(text);
        let [year, month, day] = fields(text, '-', [4, 2, 2])?;
        Self::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
    }

    /// The day that is this many days after the first of January 1970.
    fn from_days(days: i64) -> Option<Self> {
        const CYCLE: i64 = 146_097;
        // Years are counted from March on, so that the day that is added in leap years is the last.
        let days = days + 719_468;
        let (cycle, day) = (days.div_euclid(CYCLE), days.rem_euclid(CYCLE));
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let year = cycle * 400 + year + next;
        Self::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
    }
}

impl Display for Day {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.number)
    }
}

/// A time of the clock, to the microsecond.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    hour: u8,
    minute: u8,
    second: u8,
    micros: u32,
}

impl Clock {
    fn new(hour: u8, minute: u8, second: u8, micros: u32) -> Option<Self> {
        let is_time = hour < 24 && minute < 60 && second < 60 && micros < 1_000_000;
        is_time.then_some(Self { hour, minute, second, micros })
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let [hour, minute, second, high, middle, low] = *bytes else { return None };
        Self::new(hour, minute, second, u32::from_be_bytes([0, high, middle, low]))
    }

    pub(super) fn to_bytes(self) -> [u8; 6] {
        let [_, high, middle, low] = self.micros.to_be_bytes();
        [self.hour, self.minute, self.second, high, middle, low]
    }

    /// Reads `12:30`, `12:30:05` and `12:30:05.25`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
        let [hour, minute, second] = match whole.len() {
            5 if fraction == "0" => {
                let [hour, minute] = fields(whole, ':', [2, 2])?;
                [hour, minute, 0]
            }
            _ => fields(whole, ':', [2, 2, 2])?,
        };
        let digits = fraction.trim_end_matches('0');
        if fraction.is_empty()
            || digits.len() > 6
            || !fraction.bytes().all(|digit| digit.is_ascii_digit())
        {
            return None;
        }
        let micros = format!("{digits:0<6}").parse().ok()?;
        Self::new(hour.try_into().ok()?, minute.try_into().ok()?, second.try_into().ok()?, micros)
    }
}

impl Display for Clock {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)?;
        if self.micros > 0 { write!(f, ".{:06}", self.micros) } else { Ok(()) }
    }
}

/// The time by which a clock is before the clock of UTC.
#[derive(Clone, Copy)]
pub(super) struct Offset {
    seconds: i64,
    micros: i64,
}

impl Offset {
    /// Whole seconds, and the microseconds after them. It is less than a day.
    pub(super) fn new(seconds: i64, micros: i64) -> Option<Self> {
        const DAY: i64 = 24 * 60 * 60;
        let is_offset = (-DAY < seconds || seconds == -DAY && micros > 0) && seconds < DAY;
        is_offset.then_some(Self { seconds, micros })
    }

    /// Reads `Z`, `+01:00`, `-0530` and `+01:00:30`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if matches!(text, "Z" | "z") {
            return Self::new(0, 0);
        }
        let (sign, digits) = match text.split_at_checked(1)? {
            ("+", digits) => (1, digits),
            ("-", digits) => (-1, digits),
            _ => return None,
        };
        let [hours, minutes, seconds] = match digits.len() {
            2 => {
                let [hours] = fields(digits, ':', [2])?;
                [hours, 0, 0]
            }
            4 => {
                let digits = format!("{}:{}", digits.get(..2)?, digits.get(2..)?);
                let [hours, minutes] = fields(&digits, ':', [2, 2])?;
                [hours, minutes, 0]
            }
            5 => {
                let [hours, minutes] = fields(digits, ':', [2, 2])?;
                [hours, minutes, 0]
            }
            _ => fields(digits, ':', [2, 2, 2])?,
        };
        if minutes > 59 || seconds > 59 {
            return None;
        }
        Self::new(sign * i64::from((hours * 60 + minutes) * 60 + seconds), 0)
    }

    pub(super) fn seconds(self) -> i64 {
        self.seconds
    }
}

impl Display for Offset {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let micros = self.seconds * 1_000_000 + self.micros;
        let (sign, micros) = (if micros < 0 { '-' } else { '+' }, micros.abs());
        let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
        write!(f, "{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60)?;
        if seconds % 60 > 0 || micros > 0 {
            write!(f, ":{:02}", seconds % 60)?;
        }
        if micros > 0 { write!(f, ".{micros:06}") } else { Ok(()) }
    }
}

/// Numbers of fixed lengths with a separator between them.
fn fields<const N: usize>(text: &str, separator: char, lengths: [usize; N]) -> Option<[u32; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(separator);
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part = parts.next()?;
        if part.len() != length || !part.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Whether a text can be the name of a time zone, as in `Europe/Berlin`.
pub(super) fn is_zone(name: &str) -> bool {
    let is_part = |part: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte);
        !part.is_empty() && part.bytes().all(is_letter)
    };
    name.len() <= 255 && name.split('/').all(is_part)
}

/// The number of days from the first of January 1970 to a day of the proleptic Gregorian calendar.
#[cfg(feature = "pandas")]
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years are counted from March on, so that the day that is added in leap years is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
    cycle * 146_097 + 365 * year + year / 4 - year / 100 + (153 * month + 2) / 5 + day - 719_469
}

/// The nanoseconds of NumPy's unit of this number.
pub(super) fn nanoseconds(unit: i64) -> Option<i64> {
    match unit {
        7 => Some(1_000_000_000),
        8 => Some(1_000_000),
        9 => Some(1000),
        10 => Some(1),
        _ => None,
    }
}

/// The text of so many units after the start of 1970.
pub(super) fn timestamp(count: i64, unit: i64, zone: &str) -> Option<String> {
    const DAY: i128 = 24 * 60 * 60 * 1_000_000_000;
    let nanos = i128::from(count) * i128::from(nanoseconds(unit)?);
    let day = Day::from_days(i64::try_from(nanos.div_euclid(DAY)).ok()?)?;
    let nanos = nanos.rem_euclid(DAY);
    let (seconds, nanos) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = match nanos {
        0 => String::new(),
        _ if nanos % 1000 == 0 => format!(".{:06}", nanos / 1000),
        _ => format!(".{nanos:09}"),
    };
    Some(format!("{day}T{clock}{fraction}{zone}"))
}
