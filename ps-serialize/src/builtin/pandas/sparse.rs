//! Columns of which pandas keeps only the values that differ from one fill value.

use polars_core::prelude::{AnyValue, DataType, PlSmallStr, Series, TimeUnit};

use super::backed::taken;
use super::cells::Cell;
use super::numbers::integers;
use super::numpy::Array;
use super::source::{Call, Source};
use crate::error::{Error, Result};

pub(super) fn column(source: &Source<'_>, call: Call<'_>) -> Result<Series> {
    let values = super::backed::column(source, source.attribute(call, "_sparse_values")?)?;
    let dtype = source.call_of(source.attribute(call, "_dtype")?, "SparseDtype");
    let dtype = dtype.ok_or_else(invalid)?;
    let fill = Cell::of(source, source.attribute(dtype, "_fill_value")?)?;
    let index = source.attribute(call, "_sparse_index")?;
    let index = source.call(index).ok_or_else(invalid)?;
    let [length, places @ ..] = index.arguments else { return Err(invalid()) };
    let length = source.length(*length)?;
    source.charge_for::<i64>(length)?;
    let numbers = |id| integers(source, &Array::of(source, id)?.one_row()?);

    // The fill value stands behind the others.
    let behind = i64::try_from(values.len()).map_err(Error::custom)?;
    let mut all = vec![behind; length];
    let mut next = 0;
    let mut put = |place: i64| {
        let place = usize::try_from(place).ok().filter(|_| next < behind);
        let place = place.and_then(|place| all.get_mut(place));
        *place.ok_or_else(invalid)? = next;
        next += 1;
        Ok::<_, Error>(())
    };
    match (index.name, places) {
        ("IntIndex", [places]) => numbers(*places)?.into_iter().try_for_each(&mut put)?,
        ("BlockIndex", [starts, lengths]) => {
            let (starts, lengths) = (numbers(*starts)?, numbers(*lengths)?);
            if starts.len() != lengths.len() {
                return Err(invalid());
            }
            for (start, length) in starts.into_iter().zip(lengths) {
                let end = start.checked_add(length).ok_or_else(invalid)?;
                (start..end).try_for_each(&mut put)?;
            }
        }
        _ => return Err(invalid()),
    }
    if next != behind {
        return Err(invalid());
    }
    let mut values = values;
    values.append(&filling(&fill, values.dtype())?).map_err(Error::custom)?;
    taken(source, &values, &all)
}

/// The value that is not stored.
fn filling(fill: &Cell<'_>, dtype: &DataType) -> Result<Series> {
    let is_float = matches!(dtype, DataType::Float16 | DataType::Float32 | DataType::Float64);
    let value = match fill {
        Cell::Missing => AnyValue::Null,
        Cell::Float(float) if float.is_nan() && !is_float => AnyValue::Null,
        Cell::Float(float) => AnyValue::Float64(*float),
        Cell::Int(number) => AnyValue::Int128(*number),
        Cell::Bool(bool) => AnyValue::Boolean(*bool),
        Cell::Text(text) => AnyValue::String(text),
        Cell::Moment(count, unit, None) => {
            let (count, unit) = time(*count, *unit)?;
            AnyValue::Datetime(count, unit, None)
        }
        Cell::Duration(count, unit) => {
            let (count, unit) = time(*count, *unit)?;
            AnyValue::Duration(count, unit)
        }
        fill => {
            return Err(Error::custom(format!(
                "sparse values whose most frequent one is of {}",
                fill.kind().name()
            )));
        }
    };
    // It may be of another type: an integer among floats, or seconds among nanoseconds.
    let fill = Series::from_any_values(PlSmallStr::EMPTY, &[value], true).map_err(Error::custom)?;
    fill.strict_cast(dtype).map_err(Error::custom)
}

/// A time in a unit that polars has.
fn time(count: i64, nanoseconds: i64) -> Result<(i64, TimeUnit)> {
    match nanoseconds {
        1 => Ok((count, TimeUnit::Nanoseconds)),
        1000 => Ok((count, TimeUnit::Microseconds)),
        longer => {
            let count = count.checked_mul(longer / 1_000_000).ok_or_else(invalid)?;
            Ok((count, TimeUnit::Milliseconds))
        }
    }
}

#[cold]
fn invalid() -> Error {
    Error::custom("a sparse array whose places are not those of its values")
}
