//! Values of Python's standard library and of pandas, as a column of a table has them.

use super::class;
use super::node::{Id, Node};
use super::object::Object;
use super::standard::{self, Standard};
use super::to_value::Reader;
use super::value::Value;
use super::{moment, node::Pickled};
use crate::error::{Error, Result};
use crate::limits::MAX_DEPTH;

/// A value of a type that has no node of its own.
pub(crate) enum Cell {
    Missing,
    /// Days since the beginning of 1970.
    Date(i32),
    /// Units since the beginning of 1970, nanoseconds of a unit, and a zone.
    Moment(i64, i64, Option<String>),
    /// Nanoseconds since midnight.
    Time(i64),
    /// Units, and nanoseconds of a unit.
    Duration(i64, i64),
    Decimal(String),
    /// A value of another class, by the name of that class.
    Other(String),
}

/// Whether the name is that of a value, and not of a part of a table.
pub(crate) fn is_value(module: &str, name: &str) -> bool {
    class::is_missing(module, name) || Standard::of(module, name).is_some()
}

impl Pickled<'_> {
    /// Whether it is the name that pandas gives to a missing value.
    pub(crate) fn is_missing(&self, id: Id) -> bool {
        match self.node(id) {
            Node::Global(global) => class::is_missing(&global.module, &global.name),
            _ => false,
        }
    }
}

impl Reader<'_, '_> {
    /// The value of an instance.
    pub(crate) fn cell(&self, id: Id) -> Result<Cell> {
        let Value::Object(object) = self.value(id, MAX_DEPTH)? else {
            return Err(Error::custom("a value that is no instance"));
        };
        let Some(standard) = object.standard() else { return Ok(other(&object)) };
        let parts = object.parts();
        Ok(match (standard, &parts.arguments[..]) {
            (Standard::NotATime, _) => Cell::Missing,
            (Standard::Date, [Value::Bytes(day)]) => Cell::Date(days(day)?),
            (Standard::Time, [Value::Bytes(clock)]) => Cell::Time(clock_micros(clock)? * 1000),
            (Standard::DateTime, [Value::Bytes(bytes), zone @ ..]) => {
                let (day, clock) = bytes.split_at_checked(4).ok_or_else(invalid)?;
                let micros = i64::from(days(day)?) * MICROS_OF_DAY + clock_micros(clock)?;
                match zone {
                    [] => Cell::Moment(micros, 1000, None),
                    [zone, ..] => {
                        let offset = offset(zone).ok_or_else(|| {
                            Error::custom("a `datetime` of a zone whose offset Python alone knows: make the column a `datetime64` (`pandas.to_datetime(…, utc=True)`)")
                        })?;
                        Cell::Moment(micros - offset * 1_000_000, 1000, Some("UTC".to_owned()))
                    }
                }
            }
            (Standard::Timestamp, [Value::Int(count), _, zone, rest @ ..]) => {
                let unit = match rest {
                    [Value::Int(unit)] => moment::nanoseconds(*unit),
                    _ => Some(1),
                };
                let zone = match zone {
                    Value::None => None,
                    zone => Some(zone_name(zone)?),
                };
                Cell::Moment(*count, unit.ok_or_else(invalid)?, zone)
            }
            (Standard::TimeDelta, _) => {
                let (seconds, micros) = standard::duration(parts).ok_or_else(invalid)?;
                let count = seconds.checked_mul(1_000_000).and_then(|all| all.checked_add(micros));
                Cell::Duration(count.ok_or_else(invalid)?, 1000)
            }
            (Standard::PandasTimeDelta, [Value::Int(count), Value::Int(unit)]) => {
                Cell::Duration(*count, moment::nanoseconds(*unit).ok_or_else(invalid)?)
            }
            (Standard::Decimal, [Value::Str(digits)]) => {
                match digits.trim_start_matches(['+', '-']) {
                    digits if digits.starts_with("NaN") || digits.starts_with("sNaN") => {
                        Cell::Missing
                    }
                    _ => Cell::Decimal(digits.clone()),
                }
            }
            _ => other(&object),
        })
    }

    /// The three parts of a `slice`, if it is one of integers.
    pub(crate) fn slice(&self, id: Id) -> Result<Option<[Option<i64>; 3]>> {
        let value = self.value(id, MAX_DEPTH)?;
        let object = value.as_object().filter(|object| object.standard() == Some(Standard::Slice));
        let Some([start, end, step]) = object.map(Object::arguments) else { return Ok(None) };
        let part = |part: &Value| match part {
            Value::None => Some(None),
            Value::Int(number) => Some(Some(*number)),
            _ => None,
        };
        let parts = (part(start), part(end), part(step));
        let (Some(start), Some(end), Some(step)) = parts else { return Ok(None) };
        Ok(Some([start, end, step]))
    }

    /// The name of a time zone. Zones that are an offset alone are `UTC`.
    pub(crate) fn zone(&self, id: Id) -> Result<String> {
        match self.pickled.text(id) {
            Some(name) => Ok(name.to_owned()),
            None => zone_name(&self.value(id, MAX_DEPTH)?),
        }
    }
}

fn other(object: &Object) -> Cell {
    let (module, name) = object.class();
    Cell::Other(if module == "builtins" { name.to_owned() } else { format!("{module}.{name}") })
}

const MICROS_OF_DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Days since the beginning of 1970, from the bytes of a `date`, which have been checked.
fn days(bytes: &[u8]) -> Result<i32> {
    let [century, year, month, day] = *bytes else { return Err(invalid()) };
    // In a `datetime`, the highest bit of the month says that the time is the second of two equal times of the clock.
    let year = i64::from(u16::from_be_bytes([century, year]));
    let days = moment::days(year, i64::from(month & 0x7f), i64::from(day));
    i32::try_from(days).map_err(Error::custom)
}

fn clock_micros(bytes: &[u8]) -> Result<i64> {
    let [hour, minute, second, high, middle, low] = *bytes else { return Err(invalid()) };
    let hour = hour & 0x7f;
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
    Ok(seconds * 1_000_000 + i64::from(u32::from_be_bytes([0, high, middle, low])))
}

/// How many seconds a zone is before UTC, if it is always the same.
fn offset(zone: &Value) -> Option<i64> {
    let object = zone.as_object()?;
    let text = object.standard()?.text(object.parts())?;
    match object.standard()? {
        Standard::TimeZone | Standard::PytzOffset => Some(moment::Offset::parse(&text)?.seconds()),
        _ if matches!(&*text, "UTC" | "Etc/UTC") => Some(0),
        _ => None,
    }
}

fn zone_name(zone: &Value) -> Result<String> {
    let name = zone.as_object().and_then(|object| {
        let standard = object.standard()?;
        let name = standard.text(object.parts())?;
        match standard {
            Standard::TimeZone | Standard::PytzOffset => Some("UTC".to_owned()),
            Standard::ZoneInfo | Standard::PytzUtc | Standard::PytzZone => Some(name),
            _ => None,
        }
    });
    name.ok_or_else(|| {
        Error::custom("times of a zone that is not of `datetime`, `zoneinfo` or `pytz`: convert them in Python (`.dt.tz_convert('UTC')`)")
    })
}

#[cold]
fn invalid() -> Error {
    Error::custom("a time or a number with other parts than Python's pickles of it have")
}
