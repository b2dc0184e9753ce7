//! Columns of Python objects.

use std::borrow::Cow;
use std::collections::HashMap;

use polars_arrow::array::{
    Array as Column, BooleanArray, ListArray, MutableBinaryViewArray, NullArray, PrimitiveArray,
    StructArray,
};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{ArrowDataType, Field, TimeUnit};
use polars_arrow::offset::OffsetsBuffer;

use super::cells::{Cell, Kind};
use super::source::Source;
use crate::error::{Error, Result};
use crate::limits::{MAX_COLUMN_DEPTH, exceeded};

/// The memory of the array, the type and the name of a field, however few rows there are, in bytes.
pub(super) const FIELD: usize = 4096;

/// Objects of one kind as a column.
pub(super) fn column(
    source: &Source<'_>,
    cells: &[Cell<'_>],
    depth: usize,
) -> Result<Box<dyn Column>> {
    let depth = depth.checked_sub(1).ok_or_else(|| {
        exceeded("nesting of a column's type", MAX_COLUMN_DEPTH, MAX_COLUMN_DEPTH + 1)
    })?;
    let kind = kind(cells)?;
    source.charge(cells.len().saturating_mul(kind.size()))?;
    let validity = || validity(cells, &kind);
    Ok(match &kind {
        Kind::Missing => Box::new(NullArray::new(ArrowDataType::Null, cells.len())),
        Kind::Bool => {
            let bools =
                cells.iter().map(|cell| matches!(cell, Cell::Bool(true))).collect::<Bitmap>();
            boxed(BooleanArray::try_new(ArrowDataType::Boolean, bools, validity()))?
        }
        Kind::Int => integers(cells, validity())?,
        Kind::Float => {
            let floats = cells.iter().map(|cell| match cell {
                Cell::Float(float) => *float,
                _ => 0.0,
            });
            let floats = floats.collect::<Vec<_>>().into();
            boxed(PrimitiveArray::try_new(ArrowDataType::Float64, floats, validity()))?
        }
        Kind::Text => {
            let mut texts = MutableBinaryViewArray::<str>::with_capacity(cells.len());
            for cell in cells {
                match cell {
                    Cell::Text(text) => {
                        source.charge(text.len())?;
                        texts.push_value(text);
                    }
                    _ => texts.push_null(),
                }
            }
            texts.freeze().boxed()
        }
        Kind::Bytes => {
            let mut all = MutableBinaryViewArray::<[u8]>::with_capacity(cells.len());
            for cell in cells {
                match cell {
                    Cell::Bytes(bytes) => {
                        source.charge(bytes.len())?;
                        all.push_value(bytes);
                    }
                    _ => all.push_null(),
                }
            }
            all.freeze().boxed()
        }
        Kind::Date => {
            let days = cells.iter().map(|cell| match cell {
                Cell::Date(days) => *days,
                _ => 0,
            });
            let days = days.collect::<Vec<_>>().into();
            boxed(PrimitiveArray::try_new(ArrowDataType::Date32, days, validity()))?
        }
        Kind::Time => {
            let times = cells.iter().map(|cell| match cell {
                Cell::Time(nanos) => *nanos,
                _ => 0,
            });
            let times = times.collect::<Vec<_>>().into();
            let dtype = ArrowDataType::Time64(TimeUnit::Nanosecond);
            boxed(PrimitiveArray::try_new(dtype, times, validity()))?
        }
        Kind::Moment(zone) => {
            let zone = zone.as_deref().map(Into::into);
            counts(cells, validity(), |unit| ArrowDataType::Timestamp(unit, zone.clone()))?
        }
        Kind::Duration => counts(cells, validity(), ArrowDataType::Duration)?,
        Kind::Decimal => decimals(cells, validity())?,
        Kind::List => {
            let (mut ends, mut elements) = (Vec::with_capacity(cells.len() + 1), Vec::new());
            ends.push(0);
            for cell in cells {
                cell.elements(source, &mut elements)?;
                ends.push(i64::try_from(elements.len()).map_err(Error::custom)?);
            }
            let elements = column(source, &elements, depth)?;
            let dtype = ListArray::<i64>::default_datatype(elements.dtype().clone());
            let ends = OffsetsBuffer::try_from(ends).map_err(Error::custom)?;
            boxed(ListArray::try_new(dtype, ends, elements, validity()))?
        }
        Kind::Dict => dictionaries(source, cells, validity(), depth)?,
        Kind::Other(class) => {
            return Err(Error::custom(format!(
                "objects of the class `{class}`, which polars has no type for: make them text or numbers in Python"
            )));
        }
    })
}

/// The kind that all cells are of, but for those that are missing.
fn kind(cells: &[Cell<'_>]) -> Result<Kind> {
    let mut kind = Kind::Missing;
    let mut not_a_number = false;
    for cell in cells {
        let found = match cell {
            Cell::Float(float) if float.is_nan() => {
                not_a_number = true;
                continue;
            }
            cell => cell.kind(),
        };
        match (&kind, &found) {
            (_, Kind::Missing) => {}
            (Kind::Missing, _) => kind = found,
            (kind, found) if kind == found => {}
            (kind, found) => {
                return Err(Error::custom(format!(
                    "objects of several kinds, {} and {}, which polars has no type for: make them of one kind in Python",
                    kind.name(),
                    found.name()
                )));
            }
        }
    }
    // Among objects of another kind, and alone, `NaN` is a missing value.
    Ok(match kind {
        Kind::Missing if not_a_number => Kind::Float,
        kind => kind,
    })
}

fn validity(cells: &[Cell<'_>], kind: &Kind) -> Option<Bitmap> {
    let is_there = |cell: &Cell<'_>| match cell {
        Cell::Missing => false,
        Cell::Float(float) => !float.is_nan() || *kind == Kind::Float,
        _ => true,
    };
    let is_whole = cells.iter().all(is_there);
    (!is_whole).then(|| cells.iter().map(is_there).collect())
}

/// Integers of 64 bits: those that are too large are without a sign.
fn integers(cells: &[Cell<'_>], validity: Option<Bitmap>) -> Result<Box<dyn Column>> {
    let numbers = cells.iter().map(|cell| match cell {
        Cell::Int(number) => *number,
        _ => 0,
    });
    let signed: Option<Vec<i64>> = numbers.clone().map(|number| number.try_into().ok()).collect();
    if let Some(signed) = signed {
        return boxed(PrimitiveArray::try_new(ArrowDataType::Int64, signed.into(), validity));
    }
    let unsigned: Option<Vec<u64>> = numbers.map(|number| number.try_into().ok()).collect();
    let unsigned = unsigned.ok_or_else(|| {
        Error::custom("Python integers that are not all in 64 bits: make them text in Python")
    })?;
    boxed(PrimitiveArray::try_new(ArrowDataType::UInt64, unsigned.into(), validity))
}

/// Times, in the longest unit that is a part of all of theirs.
fn counts(
    cells: &[Cell<'_>],
    validity: Option<Bitmap>,
    dtype: impl Fn(TimeUnit) -> ArrowDataType,
) -> Result<Box<dyn Column>> {
    let parts = cells.iter().map(|cell| match cell {
        Cell::Moment(count, unit, _) | Cell::Duration(count, unit) => (*count, *unit),
        _ => (0, i64::MAX),
    });
    let (unit, nanos) = match parts.clone().map(|(_, unit)| unit).min() {
        Some(1) => (TimeUnit::Nanosecond, 1),
        Some(1000) => (TimeUnit::Microsecond, 1000),
        _ => (TimeUnit::Millisecond, 1_000_000),
    };
    let counts = parts.map(|(count, unit)| match (count, unit) {
        (0, _) => Ok(0),
        (count, unit) => count.checked_mul(unit / nanos).ok_or_else(|| {
            Error::custom(format!(
                "the time {count}, which is too large for the unit of the others"
            ))
        }),
    });
    let counts = counts.collect::<Result<Vec<_>>>()?.into();
    boxed(PrimitiveArray::try_new(dtype(unit), counts, validity))
}

/// Decimals of one scale, the largest that they have.
fn decimals(cells: &[Cell<'_>], validity: Option<Bitmap>) -> Result<Box<dyn Column>> {
    const PRECISION: usize = 38;
    const MOST: i128 = 10_i128.pow(38);
    let parts = cells.iter().map(|cell| match cell {
        Cell::Decimal(text) => parts(text),
        _ => Some((0, 0)),
    });
    let wide = || Error::custom("decimals of more than 38 digits, or without end");
    let parts = parts.collect::<Option<Vec<_>>>().ok_or_else(wide)?;
    let scale = parts.iter().map(|(_, scale)| *scale).max().unwrap_or(0).max(0);
    let numbers = parts.into_iter().map(|(digits, own)| {
        let more = u32::try_from(scale - own).ok().filter(|more| *more <= 38);
        let factor = if digits == 0 { 0 } else { 10_i128.checked_pow(more?)? };
        digits.checked_mul(factor).filter(|number| number.abs() < MOST)
    });
    let numbers = numbers.collect::<Option<Vec<_>>>().ok_or_else(wide)?;
    let scale = usize::try_from(scale).ok().filter(|scale| *scale <= PRECISION).ok_or_else(wide)?;
    let dtype = ArrowDataType::Decimal(PRECISION, scale);
    boxed(PrimitiveArray::try_new(dtype, numbers.into(), validity))
}

/// The digits of a decimal as a number, and how many of them are after the point.
fn parts(text: &str) -> Option<(i128, i64)> {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + fraction.len() > 60 {
        return None;
    }
    let scale = i64::try_from(fraction.len()).ok()?.checked_sub(exponent.parse().ok()?)?;
    // More than any that polars has: larger ones would only be multiplied in vain.
    let digits = [whole, fraction].concat().parse().ok()?;
    (scale.abs() <= 76).then_some((digits, scale))
}

/// Dictionaries as structs, with a field for each key that one of them has.
fn dictionaries(
    source: &Source<'_>,
    cells: &[Cell<'_>],
    validity: Option<Bitmap>,
    depth: usize,
) -> Result<Box<dyn Column>> {
    let mut fields: Vec<(Cow<'_, str>, Vec<Cell<'_>>)> = Vec::new();
    let mut places = HashMap::new();
    for (row, cell) in cells.iter().enumerate() {
        let Cell::Dict(entries) = cell else { continue };
        for [key, value] in entries.as_chunks().0 {
            let Cell::Text(key) = Cell::of(source, *key)? else {
                return Err(Error::custom("dictionaries with keys that are not text"));
            };
            let place = if let Some(place) = places.get(&key) {
                *place
            } else {
                source.charge(FIELD)?;
                source.charge_for::<Cell<'_>>(cells.len())?;
                let values = cells.iter().map(|_| Cell::Missing).collect();
                fields.push((key.clone(), values));
                places.insert(key, fields.len() - 1);
                fields.len() - 1
            };
            fields[place].1[row] = Cell::of(source, *value)?;
        }
    }
    let (mut columns, mut types) = (Vec::new(), Vec::new());
    for (name, values) in fields {
        let values = column(source, &values, depth)?;
        types.push(Field::new((&*name).into(), values.dtype().clone(), true));
        columns.push(values);
    }
    let dtype = ArrowDataType::Struct(types);
    boxed(StructArray::try_new(dtype, cells.len(), columns, validity))
}

fn boxed<A: Column>(
    array: std::result::Result<A, polars_core::error::PolarsError>,
) -> Result<Box<dyn Column>> {
    array.map(|array| Box::new(array) as Box<dyn Column>).map_err(Error::custom)
}
