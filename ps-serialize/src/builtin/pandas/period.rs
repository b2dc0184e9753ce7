//! Periods, as the day or the moment when each begins.

use polars_arrow::array::{Array as Column, PrimitiveArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{ArrowDataType, TimeUnit};

use super::numbers::NOT_A_TIME;
use super::source::{Source, short};
use crate::builtin::pickle::{Id, days};
use crate::error::{Error, Result};

/// The length of one period.
#[derive(Clone, Copy)]
pub(super) enum Frequency {
    /// The number of the month that the year ends with.
    Year(i64),
    Quarter(i64),
    Month,
    /// The day that the week ends with, counted from Sunday.
    Week(i64),
    BusinessDay,
    Day,
    /// A number of microseconds.
    Micros(i64),
    Nano,
}

impl Frequency {
    /// `PeriodDtype('period[M]')`, or with an offset of pandas instead of the text.
    pub(super) fn of(source: &Source<'_>, id: Id) -> Result<Self> {
        let invalid = || Error::custom("periods of an unknown frequency");
        let dtype = source.call_of(id, "PeriodDtype").ok_or_else(invalid)?;
        let frequency = dtype.arguments.first().ok_or_else(invalid)?;
        if let Some(name) = source.pickled.text(*frequency) {
            return Self::named(name);
        }
        let offset = source.call(*frequency).ok_or_else(invalid)?;
        let anchor = |default| match offset.arguments.get(2) {
            Some(anchor) => source.pickled.integer(*anchor).ok_or_else(invalid),
            None => Ok(default),
        };
        Ok(match offset.name {
            "YearEnd" => Self::Year(month(anchor(12)?)?),
            "QuarterEnd" => Self::Quarter(month(anchor(3)?)?),
            "MonthEnd" => Self::Month,
            "Week" => Self::Week((anchor(6)?.rem_euclid(7) + 1) % 7),
            "BusinessDay" => Self::BusinessDay,
            "Day" => Self::Day,
            "Hour" => Self::Micros(3_600_000_000),
            "Minute" => Self::Micros(60_000_000),
            "Second" => Self::Micros(1_000_000),
            "Milli" => Self::Micros(1000),
            "Micro" => Self::Micros(1),
            "Nano" => Self::Nano,
            name => return Err(unknown(name)),
        })
    }

    /// Reads `period[Q-DEC]`. A number before the letters says how many periods apart they are.
    fn named(name: &str) -> Result<Self> {
        let inner = name.strip_prefix("period[").and_then(|name| name.strip_suffix(']'));
        let inner = inner.ok_or_else(|| unknown(name))?;
        let code = inner.trim_start_matches(|digit: char| digit.is_ascii_digit());
        let (code, anchor) = code.split_once('-').unwrap_or((code, ""));
        let end = |default| match anchor {
            "" => Ok(default),
            anchor => place(anchor, MONTHS).map(|place| place + 1).ok_or_else(|| unknown(name)),
        };
        Ok(match code {
            "A" | "Y" | "YE" => Self::Year(end(12)?),
            "Q" | "QE" => Self::Quarter(end(12)?),
            "M" | "ME" => Self::Month,
            "W" => Self::Week(match anchor {
                "" => 0,
                anchor => place(anchor, DAYS).ok_or_else(|| unknown(name))?,
            }),
            "B" => Self::BusinessDay,
            "D" => Self::Day,
            "H" | "h" => Self::Micros(3_600_000_000),
            "T" | "min" => Self::Micros(60_000_000),
            "S" | "s" => Self::Micros(1_000_000),
            "L" | "ms" => Self::Micros(1000),
            "U" | "us" => Self::Micros(1),
            "N" | "ns" => Self::Nano,
            _ => return Err(unknown(name)),
        })
    }

    /// The day when a period begins, or the count of its unit.
    fn start(self, ordinal: i64) -> Option<i64> {
        let months = |months: i64| {
            (months.unsigned_abs() < 12 * 1_000_000)
                .then(|| days(1970 + months.div_euclid(12), months.rem_euclid(12) + 1, 1))
        };
        match self {
            Self::Year(end) => months(ordinal.checked_mul(12)?.checked_sub(12 - end)?),
            Self::Quarter(end) => {
                let shift = (12 - end).rem_euclid(12);
                months(ordinal.checked_mul(3)?.checked_sub(shift)?)
            }
            Self::Month => months(ordinal),
            Self::Week(end) => ordinal.checked_sub(1)?.checked_mul(7)?.checked_add(end - 3),
            Self::BusinessDay => {
                let day = ordinal.checked_add(3)?;
                day.div_euclid(5).checked_mul(7)?.checked_add(day.rem_euclid(5) - 3)
            }
            Self::Micros(micros) => ordinal.checked_mul(micros),
            Self::Day | Self::Nano => Some(ordinal),
        }
    }
}

const MONTHS: &str = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC";
const DAYS: &str = "SUN MON TUE WED THU FRI SAT";

/// The place of a name among others.
fn place(name: &str, names: &str) -> Option<i64> {
    let place = names.split(' ').position(|other| other == name)?;
    i64::try_from(place).ok()
}

fn month(number: i64) -> Result<i64> {
    if (1..=12).contains(&number) { Ok(number) } else { Err(unknown("of a month")) }
}

/// The beginnings of periods.
pub(super) fn column(
    source: &Source<'_>,
    ordinals: &[i64],
    frequency: Frequency,
) -> Result<Box<dyn Column>> {
    source.charge(size_of_val(ordinals))?;
    let has_missing = ordinals.contains(&NOT_A_TIME);
    let validity: Option<Bitmap> =
        has_missing.then(|| ordinals.iter().map(|ordinal| *ordinal != NOT_A_TIME).collect());
    let far = |ordinal: i64| Error::custom(format!("the period {ordinal}, which is too far away"));
    let starts = ordinals.iter().map(|ordinal| match *ordinal {
        NOT_A_TIME => Ok(0),
        ordinal => frequency.start(ordinal).ok_or_else(|| far(ordinal)),
    });
    let column = match frequency {
        Frequency::Micros(_) | Frequency::Nano => {
            let unit = match frequency {
                Frequency::Nano => TimeUnit::Nanosecond,
                _ => TimeUnit::Microsecond,
            };
            let starts = starts.collect::<Result<Vec<_>>>()?.into();
            let dtype = ArrowDataType::Timestamp(unit, None);
            PrimitiveArray::<i64>::try_new(dtype, starts, validity).map(PrimitiveArray::boxed)
        }
        _ => {
            let starts =
                starts.map(|start| start.and_then(|day| i32::try_from(day).map_err(|_| far(day))));
            let starts = starts.collect::<Result<Vec<_>>>()?.into();
            PrimitiveArray::<i32>::try_new(ArrowDataType::Date32, starts, validity)
                .map(PrimitiveArray::boxed)
        }
    };
    column.map_err(Error::custom)
}

#[cold]
fn unknown(name: &str) -> Error {
    Error::custom(format!("periods of the unknown frequency `{}`", short(name)))
}
