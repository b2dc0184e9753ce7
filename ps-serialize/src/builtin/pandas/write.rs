//! A table as a pickle that names only what pandas and NumPy have for everyone.

use bytemuck::NoUninit;
use bytes::Bytes;
use polars_arrow::array::{Array as _, PrimitiveArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::types::NativeType;
use polars_buffer::Buffer;
use polars_core::prelude::{DataType, Series, TimeUnit};

use super::frame::in_column;
use super::numbers::NOT_A_TIME;
use super::output::{NONE, Output};
use super::table::Table;
use super::{index::unnamed, objects_out, text_out};
use crate::builtin::table::readable::check_rows;
use crate::error::{Error, Result};
use crate::sink::Sink;

/// `pandas.DataFrame({label: values}, index, None, None, False)`.
pub(super) fn table(table: &Table, out: &mut dyn Sink<'_>) -> Result<()> {
    let frame = table.frame();
    check_rows(frame.height())?;
    let mut output = Output::begin(table.has_pyarrow());
    output.call("pandas", "DataFrame");
    output.begin_dict();
    let is_index = |name: &str| table.index().iter().any(|level| level == name);
    for column in frame.columns().iter().filter(|column| !is_index(column.name())) {
        output.text(column.name());
        values(&mut output, column.as_materialized_series())
            .map_err(|error| in_column(column.name(), error))?;
    }
    output.end_dict();
    index(&mut output, table)?;
    output.put(&[NONE, NONE]);
    output.bool(false);
    output.end_call();
    output.end(out);
    Ok(())
}

fn index(output: &mut Output, table: &Table) -> Result<()> {
    let name = |output: &mut Output, place: usize, name: &str| {
        if name == unnamed(place) { output.put(&[NONE]) } else { output.text(name) }
    };
    let level = |output: &mut Output, name: &str| {
        let column = table.frame().column(name).map_err(Error::custom)?;
        let series = column.as_materialized_series();
        if series.dtype().is_nested() {
            let found = series.dtype();
            return Err(in_column(
                name,
                Error::custom(format!("values of the type {found} as labels")),
            ));
        }
        values(output, series).map_err(|error| in_column(name, error))
    };
    match table.index() {
        // pandas 1 has labels of objects where there are neither columns nor labels.
        [] if table.frame().width() == 0 => {
            output.call("pandas", "RangeIndex");
            output.length(table.frame().height());
            output.end_call();
        }
        [] => output.put(&[NONE]),
        [only] => {
            output.call("pandas", "Index");
            level(output, only)?;
            output.put(&[NONE]);
            output.bool(false);
            name(output, 0, only);
            output.end_call();
        }
        levels => {
            output.call("pandas", "MultiIndex.from_arrays");
            output.begin_list();
            levels.iter().try_for_each(|name| level(output, name))?;
            output.end_list();
            output.put(&[NONE]);
            output.begin_list();
            for (place, level) in levels.iter().enumerate() {
                name(output, place, level);
            }
            output.end_list();
            output.end_call();
        }
    }
    Ok(())
}

/// The values of a column, as an array of pandas or NumPy, or a list.
fn values(output: &mut Output, series: &Series) -> Result<()> {
    match series.dtype() {
        DataType::Boolean => bools(output, series)?,
        DataType::Int8 => numbers::<i8>(output, series, "|i1", "IntegerArray"),
        DataType::Int16 => numbers::<i16>(output, series, "<i2", "IntegerArray"),
        DataType::Int32 => numbers::<i32>(output, series, "<i4", "IntegerArray"),
        DataType::Int64 => numbers::<i64>(output, series, "<i8", "IntegerArray"),
        DataType::UInt8 => numbers::<u8>(output, series, "|u1", "IntegerArray"),
        DataType::UInt16 => numbers::<u16>(output, series, "<u2", "IntegerArray"),
        DataType::UInt32 => numbers::<u32>(output, series, "<u4", "IntegerArray"),
        DataType::UInt64 => numbers::<u64>(output, series, "<u8", "IntegerArray"),
        DataType::Float16 if series.null_count() > 0 => {
            return Err(Error::custom(
                "floats of 16 bits with nulls, which pandas has no type for: cast them to `Float32`",
            ));
        }
        DataType::Float16 => {
            numbers::<polars_utils::float16::pf16>(output, series, "<f2", "FloatingArray");
        }
        DataType::Float32 => numbers::<f32>(output, series, "<f4", "FloatingArray"),
        DataType::Float64 => numbers::<f64>(output, series, "<f8", "FloatingArray"),
        DataType::Datetime(unit, None) => times(output, series, 'M', *unit)?,
        DataType::Datetime(unit, Some(zone)) => {
            output.call("pandas", "DatetimeIndex.tz_convert");
            output.call("pandas", "DatetimeIndex.tz_localize");
            output.call("pandas", "DatetimeIndex");
            times(output, series, 'M', *unit)?;
            output.end_call();
            output.text("UTC");
            output.end_call();
            output.text(zone.as_str());
            output.end_call();
        }
        DataType::Duration(unit) => times(output, series, 'm', *unit)?,
        DataType::String if output.has_pyarrow => text_out::arrow(output, series)?,
        DataType::String => text_out::objects(output, series)?,
        DataType::Categorical(..) | DataType::Enum(..) => categories(output, series)?,
        _ => objects_out::list(output, series)?,
    }
    Ok(())
}

/// The arrays of numbers that a column has.
fn chunks<T: NativeType>(series: &Series) -> impl Iterator<Item = &PrimitiveArray<T>> {
    series.chunks().iter().filter_map(|chunk| chunk.as_any().downcast_ref())
}

fn numbers<T: NativeType + NoUninit>(
    output: &mut Output,
    series: &Series,
    dtype: &str,
    array: &str,
) {
    let parts = chunks::<T>(series).map(|chunk| shared(chunk.values().clone())).collect();
    with_mask(output, series, array, |output| output.array(series.len(), dtype, parts));
}

fn bools(output: &mut Output, series: &Series) -> Result<()> {
    let bools = series.bool().map_err(Error::custom)?;
    let bytes: Vec<u8> = bools.iter().map(|bool| u8::from(bool == Some(true))).collect();
    with_mask(output, series, "BooleanArray", |output| {
        output.array(series.len(), "|b1", vec![Bytes::from(bytes)]);
    });
    Ok(())
}

/// Values, with a mask where some of them are missing.
fn with_mask(output: &mut Output, series: &Series, array: &str, values: impl FnOnce(&mut Output)) {
    if series.null_count() == 0 {
        return values(output);
    }
    output.call("pandas.arrays", array);
    values(output);
    mask(output, series);
    output.end_call();
}

/// An array of bools: which values are missing.
pub(super) fn mask(output: &mut Output, series: &Series) {
    let mask: Vec<u8> = series.is_null().iter().map(|null| u8::from(null == Some(true))).collect();
    output.array(series.len(), "|b1", vec![Bytes::from(mask)]);
}

fn times(output: &mut Output, series: &Series, letter: char, unit: TimeUnit) -> Result<()> {
    let physical = series.to_physical_repr();
    let parts = chunks::<i64>(&physical).map(|chunk| {
        let is_taken =
            |(place, count): (usize, &i64)| *count == NOT_A_TIME && chunk.is_valid(place);
        if chunk.values().contains(&NOT_A_TIME) && chunk.values().iter().enumerate().any(is_taken) {
            return Err(Error::custom("the smallest time of all, which means `NaT` in pandas"));
        }
        Ok(match chunk.validity().filter(|there| there.unset_bits() > 0) {
            None => shared(chunk.values().clone()),
            Some(there) => shared(Buffer::from(filled(chunk.values(), there))),
        })
    });
    let unit = match unit {
        TimeUnit::Nanoseconds => "ns",
        TimeUnit::Microseconds => "us",
        TimeUnit::Milliseconds => "ms",
    };
    let parts = parts.collect::<Result<Vec<_>>>()?;
    output.array(series.len(), &format!("<{letter}8[{unit}]"), parts);
    Ok(())
}

fn filled(counts: &[i64], there: &Bitmap) -> Vec<i64> {
    let counts = counts.iter().zip(there);
    counts.map(|(count, there)| if there { *count } else { NOT_A_TIME }).collect()
}

/// `pandas.Categorical.from_codes(codes, categories, ordered)`.
fn categories(output: &mut Output, series: &Series) -> Result<()> {
    let (categories, codes, is_ordered) = if let DataType::Enum(categories, _) = series.dtype() {
        // All categories of an `Enum` are written, in its order.
        let categories: Vec<&str> = categories.categories().values_iter().collect();
        let codes = series.to_physical_repr().cast(&DataType::Int64).map_err(Error::custom)?;
        let codes = codes.i64().map_err(Error::custom)?;
        let codes: Vec<i32> = codes
            .iter()
            .map(|code| i32::try_from(code.unwrap_or(-1)).map_err(Error::custom))
            .collect::<Result<_>>()?;
        let categories = Series::from_iter(categories);
        (categories, codes, true)
    } else {
        // A `Categorical` shares its categories with other columns, so only those that it uses are written.
        let texts = series.cast(&DataType::String).map_err(Error::custom)?;
        let texts = texts.str().map_err(Error::custom)?;
        let mut places = std::collections::HashMap::new();
        let mut categories = Vec::new();
        let codes = texts.iter().map(|text| match text {
            None => Ok(-1),
            Some(text) => {
                let next = categories.len();
                let place = *places.entry(text).or_insert_with(|| {
                    categories.push(text);
                    next
                });
                i32::try_from(place).map_err(Error::custom)
            }
        });
        let codes = codes.collect::<Result<Vec<_>>>()?;
        (Series::from_iter(categories), codes, false)
    };
    output.call("pandas", "Categorical.from_codes");
    output.array(codes.len(), "<i4", vec![shared(Buffer::from(codes))]);
    text_out::objects(output, &categories)?;
    output.bool(is_ordered);
    output.end_call();
    Ok(())
}

/// The bytes of numbers, which stay where they are.
fn shared<T: NativeType + NoUninit>(values: Buffer<T>) -> Bytes {
    struct Owner<T>(Buffer<T>);

    impl<T: NoUninit> AsRef<[u8]> for Owner<T> {
        fn as_ref(&self) -> &[u8] {
            bytemuck::cast_slice(&self.0)
        }
    }

    Bytes::from_owner(Owner(values))
}
