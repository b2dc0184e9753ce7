//! Columns that are lists of Python objects in pandas.

use polars_core::prelude::{AnyValue, DataType, Series, TimeUnit};

use super::output::{NONE, Output};
use crate::error::{Error, Result};

pub(super) fn list(output: &mut Output, series: &Series) -> Result<()> {
    check(series.dtype())?;
    output.begin_list();
    for value in series.iter() {
        object(output, &value)?;
    }
    output.end_list();
    Ok(())
}

/// Refuses a type whose values have no Python objects that are read back as the same values.
fn check(dtype: &DataType) -> Result<()> {
    match dtype {
        DataType::List(element) | DataType::Array(element, _) => check(element),
        DataType::Struct(fields) => fields.iter().try_for_each(|field| check(field.dtype())),
        DataType::Int128 | DataType::UInt128 | DataType::Extension(..) => {
            Err(Error::custom(format!(
                "values of the type {dtype}, which pandas has no type for: cast them to another one"
            )))
        }
        _ => Ok(()),
    }
}

fn object(output: &mut Output, value: &AnyValue<'_>) -> Result<()> {
    match value {
        AnyValue::Null => output.put(&[NONE]),
        AnyValue::Boolean(bool) => output.bool(*bool),
        AnyValue::String(text) => output.text(text),
        AnyValue::Binary(bytes) => output.bytes(bytes),
        AnyValue::Float16(float) => output.float(f32::from(*float).into()),
        AnyValue::Float32(float) => output.float((*float).into()),
        AnyValue::Float64(float) => output.float(*float),
        AnyValue::Date(_) => {
            output.call("datetime", "date");
            output.bytes(&day(value)?);
            output.end_call();
        }
        AnyValue::Time(nanos) => {
            output.call("datetime", "time");
            output.bytes(&clock(*nanos)?);
            output.end_call();
        }
        AnyValue::Datetime(count, unit, zone) => {
            if zone.is_some() {
                return Err(Error::custom("times of a zone inside of lists or structs"));
            }
            let nanos = i128::from(*count) * nanoseconds(*unit);
            let days = i32::try_from(nanos.div_euclid(DAY)).map_err(Error::custom)?;
            let rest = i64::try_from(nanos.rem_euclid(DAY)).map_err(Error::custom)?;
            output.call("datetime", "datetime");
            output.bytes(&[&day(&AnyValue::Date(days))?[..], &clock(rest)?].concat());
            output.end_call();
        }
        AnyValue::Duration(count, unit) => {
            let micros = micros(i128::from(*count) * nanoseconds(*unit))?;
            let (days, micros) = (micros.div_euclid(DAY / 1000), micros.rem_euclid(DAY / 1000));
            output.call("datetime", "timedelta");
            for part in [days, micros / 1_000_000, micros % 1_000_000] {
                output.integer(i64::try_from(part).map_err(Error::custom)?);
            }
            output.end_call();
        }
        AnyValue::Decimal(number, _, scale) => {
            let digits = format!("{:0>1$}", number.unsigned_abs(), scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            let (sign, point) =
                (if *number < 0 { "-" } else { "" }, if *scale > 0 { "." } else { "" });
            output.call("decimal", "Decimal");
            output.text(&format!("{sign}{whole}{point}{fraction}"));
            output.end_call();
        }
        AnyValue::List(elements) | AnyValue::Array(elements, _) => {
            output.begin_list();
            elements.iter().try_for_each(|element| object(output, &element))?;
            output.end_list();
        }
        AnyValue::Struct(_, _, fields) => {
            let mut values = Vec::new();
            value._materialize_struct_av(&mut values);
            output.begin_dict();
            for (field, value) in fields.iter().zip(values) {
                output.text(field.name());
                object(output, &value)?;
            }
            output.end_dict();
        }
        AnyValue::Categorical(..) | AnyValue::Enum(..) => output.text(&value.str_value()),
        value => match value.extract::<i128>() {
            Some(number) => output.wide_integer(number),
            None => {
                return Err(Error::custom(format!(
                    "the value {value}, which pandas has no type for"
                )));
            }
        },
    }
    Ok(())
}

const DAY: i128 = 24 * 3600 * 1_000_000_000;

fn nanoseconds(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Nanoseconds => 1,
        TimeUnit::Microseconds => 1000,
        TimeUnit::Milliseconds => 1_000_000,
    }
}

/// Python's times have no nanoseconds.
fn micros(nanos: i128) -> Result<i128> {
    if nanos % 1000 == 0 {
        Ok(nanos / 1000)
    } else {
        Err(Error::custom("times with nanoseconds, which Python's own have not: round them"))
    }
}

/// The bytes of a `date`.
fn day(date: &AnyValue<'_>) -> Result<[u8; 4]> {
    let text = date.to_string();
    let parts: Option<Vec<u16>> = text.split('-').map(|part| part.parse().ok()).collect();
    match parts.as_deref() {
        Some([year @ 1..=9999, month, day]) => {
            let [century, year] = year.to_be_bytes();
            let part = |number: u16| u8::try_from(number).map_err(Error::custom);
            Ok([century, year, part(*month)?, part(*day)?])
        }
        _ => Err(Error::custom(format!("the day {text}, where Python has the years 1 to 9999"))),
    }
}

/// The bytes of a `time`, from nanoseconds since midnight.
fn clock(nanos: i64) -> Result<[u8; 6]> {
    let micros = i64::try_from(micros(nanos.into())?).map_err(Error::custom)?;
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    let part = |number: i64| u8::try_from(number).map_err(Error::custom);
    let [_, _, _, _, _, high, middle, low] = micros.to_be_bytes();
    Ok([part(seconds / 3600)?, part(seconds / 60 % 60)?, part(seconds % 60)?, high, middle, low])
}
