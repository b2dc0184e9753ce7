//! NumPy's numbers, bools and times as columns.

use bytemuck::AnyBitPattern;
use polars_arrow::array::{Array as Column, BooleanArray, PrimitiveArray, StructArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{ArrowDataType, Field, TimeUnit};
use polars_arrow::types::NativeType;
use polars_buffer::Buffer;
use polars_utils::float16::pf16;

use super::numpy::{Array, Data, Dtype, Unit, unknown};
use super::source::Source;
use crate::builtin::pickle::not_an_array;
use crate::error::{Error, Result};
use crate::memory;

/// The count that means `NaT`.
pub(super) const NOT_A_TIME: i64 = i64::MIN;

/// The number of elements of every row that are copied before the next ones, if the rows do not stand together.
const TILE: usize = 512;

/// Each row of an array of numbers as a column.
pub(super) fn columns(source: &Source<'_>, array: &Array<'_>) -> Result<Vec<Box<dyn Column>>> {
    let Dtype { letter, size, .. } = array.dtype;
    source.charge_for::<[Box<dyn Column>; 8]>(array.rows)?;
    Ok(match (letter, size) {
        (b'b', _) => {
            let rows = rows::<u8>(source, array)?;
            rows.into_iter().map(|row| Box::new(bools(&row)) as Box<dyn Column>).collect()
        }
        (b'i', 1) => primitives::<i8>(source, array)?,
        (b'i', 2) => primitives::<i16>(source, array)?,
        (b'i', 4) => primitives::<i32>(source, array)?,
        (b'i', _) => primitives::<i64>(source, array)?,
        (b'u', 1) => primitives::<u8>(source, array)?,
        (b'u', 2) => primitives::<u16>(source, array)?,
        (b'u', 4) => primitives::<u32>(source, array)?,
        (b'u', _) => primitives::<u64>(source, array)?,
        (b'f', 2) => primitives::<pf16>(source, array)?,
        (b'f', 4) => primitives::<f32>(source, array)?,
        (b'f', _) => primitives::<f64>(source, array)?,
        (b'c', 8) => complexes::<f32>(source, array)?,
        (b'c', _) => complexes::<f64>(source, array)?,
        (b'M', _) => times(source, array, |unit| ArrowDataType::Timestamp(unit, None))?,
        (b'm', _) => times(source, array, ArrowDataType::Duration)?,
        _ => return Err(unknown("Python objects as numbers")),
    })
}

/// Whether the type is one of numbers, bools or times.
pub(super) fn is_number(dtype: Dtype) -> bool {
    dtype.letter != b'O'
}

/// The bits of bools.
pub(super) fn bools(bytes: &[u8]) -> BooleanArray {
    BooleanArray::from_trusted_len_values_iter(bytes.iter().map(|byte| *byte != 0))
}

/// The rows that are there, from a mask of the rows that are missing.
pub(super) fn validity(source: &Source<'_>, mask: &Array<'_>) -> Result<Bitmap> {
    if mask.dtype.letter != b'b' || mask.rows != 1 {
        return Err(Error::custom("a mask that is no array of bools"));
    }
    let Data::Bytes(bytes) = mask.data else { return Err(not_an_array()) };
    source.charge(bytes.len() / 8)?;
    Ok(bytes.iter().map(|byte| *byte == 0).collect())
}

/// The elements of the only row as integers, for codes and places.
pub(super) fn integers(source: &Source<'_>, array: &Array<'_>) -> Result<Vec<i64>> {
    source.charge_for::<i64>(array.length)?;
    macro_rules! widened {
        ($type:ty) => {
            rows::<$type>(source, array)?
                .first()
                .map(|row| row.iter().map(|number| i64::from(*number)).collect())
                .unwrap_or_default()
        };
    }
    if array.rows != 1 {
        return Err(not_an_array());
    }
    Ok(match (array.dtype.letter, array.dtype.size) {
        (b'i', 1) => widened!(i8),
        (b'i', 2) => widened!(i16),
        (b'i', 4) => widened!(i32),
        (b'i', _) => widened!(i64),
        (b'u', 1) => widened!(u8),
        (b'u', 2) => widened!(u16),
        (b'u', 4) => widened!(u32),
        _ => return Err(Error::custom("codes or places that are no integers")),
    })
}

fn primitives<T: NativeType + AnyBitPattern>(
    source: &Source<'_>,
    array: &Array<'_>,
) -> Result<Vec<Box<dyn Column>>> {
    let columns = rows::<T>(source, array)?.into_iter().map(|row| {
        let column = PrimitiveArray::try_new(T::PRIMITIVE.into(), row, None);
        column.map(|column| Box::new(column) as Box<dyn Column>).map_err(Error::custom)
    });
    columns.collect()
}

fn complexes<T: NativeType + AnyBitPattern>(
    source: &Source<'_>,
    array: &Array<'_>,
) -> Result<Vec<Box<dyn Column>>> {
    let dtype: ArrowDataType = T::PRIMITIVE.into();
    let fields = ["real", "imag"].map(|name| Field::new(name.into(), dtype.clone(), true));
    let columns = rows::<[T; 2]>(source, array)?.into_iter().map(|row| {
        source.charge(size_of_val(&row[..]))?;
        let part = |part: usize| {
            PrimitiveArray::<T>::from_vec(row.iter().map(|number| number[part]).collect()).boxed()
        };
        let dtype = ArrowDataType::Struct(fields.to_vec());
        let column = StructArray::try_new(dtype, row.len(), vec![part(0), part(1)], None);
        column.map(|column| Box::new(column) as Box<dyn Column>).map_err(Error::custom)
    });
    columns.collect()
}

fn times(
    source: &Source<'_>,
    array: &Array<'_>,
    dtype: impl Fn(TimeUnit) -> ArrowDataType,
) -> Result<Vec<Box<dyn Column>>> {
    let columns = rows::<i64>(source, array)?.into_iter();
    columns.map(|counts| time(source, counts, array.dtype.unit, &dtype)).collect()
}

/// The column of times of this unit.
pub(super) fn time(
    source: &Source<'_>,
    counts: Buffer<i64>,
    unit: Unit,
    dtype: impl Fn(TimeUnit) -> ArrowDataType,
) -> Result<Box<dyn Column>> {
    let (unit, factor) = match unit {
        Unit::Nano => (TimeUnit::Nanosecond, 1),
        Unit::Micro => (TimeUnit::Microsecond, 1),
        Unit::Milli => (TimeUnit::Millisecond, 1),
        Unit::Millis(factor) => (TimeUnit::Millisecond, factor),
        Unit::Unknown => return Err(unknown("times of a unit without a length")),
    };
    let has_missing = counts.contains(&NOT_A_TIME);
    let validity = has_missing.then(|| counts.iter().map(|count| *count != NOT_A_TIME).collect());
    let counts = if factor == 1 {
        counts
    } else {
        source.charge(size_of_val(&counts[..]))?;
        let counts = counts.iter().map(|count| match *count {
            NOT_A_TIME => Ok(0),
            count => count.checked_mul(factor).ok_or_else(|| {
                Error::custom(format!("the time {count}, which is too large for milliseconds"))
            }),
        });
        counts.collect::<Result<Vec<_>>>()?.into()
    };
    let column = PrimitiveArray::try_new(dtype(unit), counts, validity);
    column.map(|column| Box::new(column) as Box<dyn Column>).map_err(Error::custom)
}

/// The elements of each row. They are shared with the frame where they stand together and are aligned.
fn rows<T: AnyBitPattern + Send + Sync>(
    source: &Source<'_>,
    array: &Array<'_>,
) -> Result<Vec<Buffer<T>>> {
    let (Data::Bytes(bytes), size) = (array.data, size_of::<T>()) else {
        return Err(not_an_array());
    };
    if array.dtype.size != size {
        return Err(not_an_array());
    }
    if array.is_contiguous() && !array.dtype.swapped {
        let row = |row: usize| &bytes[row * array.length * size..(row + 1) * array.length * size];
        return (0..array.rows).map(|index| source.buffer(row(index))).collect();
    }
    source.charge(bytes.len())?;
    let mut rows: Vec<Vec<T>> =
        (0..array.rows).map(|_| memory::with_capacity(array.length)).collect();
    let number_size = if array.dtype.letter == b'c' { size / 2 } else { size };
    for start in (0..array.length).step_by(TILE) {
        let end = array.length.min(start + TILE);
        for (index, row) in rows.iter_mut().enumerate() {
            row.extend((start..end).map(|column| {
                let place = array.place(index, column) * size;
                let element = &bytes[place..place + size];
                if array.dtype.swapped {
                    let mut native = [0; 16];
                    native[..size].copy_from_slice(element);
                    native[..size].chunks_exact_mut(number_size).for_each(<[u8]>::reverse);
                    bytemuck::pod_read_unaligned::<T>(&native[..size])
                } else {
                    bytemuck::pod_read_unaligned::<T>(element)
                }
            }));
        }
    }
    Ok(rows.into_iter().map(Buffer::from).collect())
}
