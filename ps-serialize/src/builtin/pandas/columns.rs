//! The values of columns, which are NumPy's arrays or arrays of pandas.

use polars_arrow::array::{Array as Column, MutableBinaryViewArray, StructArray};
use polars_arrow::datatypes::{ArrowDataType, Field};
use polars_core::prelude::{CompatLevel, DataType, PlSmallStr, Series};

use super::backed;
use super::cells::Cell;
use super::numbers;
use super::numpy::{self, Array};
use super::objects::{self, FIELD};
use super::source::{Call, Source, short};
use super::{arrow, sparse};
use crate::builtin::pickle::{Id, not_an_array};
use crate::error::{Error, Result};
use crate::limits::MAX_COLUMN_DEPTH;

/// The columns of an array. It is one, unless the array has two dimensions.
pub(super) fn columns(source: &Source<'_>, id: Id) -> Result<Vec<Series>> {
    source.nested(|| columns_of(source, id))
}

fn columns_of(source: &Source<'_>, id: Id) -> Result<Vec<Series>> {
    if numpy::is_array(source, id) {
        return array(source, &Array::of(source, id)?);
    }
    let call = source.call(id).ok_or_else(|| unknown(source, id))?;
    let one = match call.name {
        "__pyx_unpickle_NDArrayBacked" => return backed::columns(source, call),
        "IntegerArray" | "FloatingArray" | "BooleanArray" => masked(source, call)?,
        "ArrowStringArray" | "ArrowStringArrayNumpySemantics" | "ArrowExtensionArray" => {
            let data = source.attribute(call, "_pa_array");
            arrow::column(source, data.or_else(|_| source.attribute(call, "_data"))?)?
        }
        "__pyx_unpickle_IntervalMixin" => interval(source, call)?,
        "SparseArray" => sparse::column(source, call)?,
        // This library writes this call and those below.
        "array" if call.module == "numpy" => texts(source, call)?,
        "where" => texts_or_none(source, call)?,
        "Index" => texts_of_arrow(source, call).ok_or_else(|| unknown(source, id))??,
        "Categorical.from_codes" => {
            let [codes, categories, ordered] = call.arguments else {
                return Err(unknown(source, id));
            };
            let categories = the_only(columns(source, *categories)?)?;
            let codes = numbers::integers(source, &Array::of(source, *codes)?.one_row()?)?;
            let is_ordered = source.bool(*ordered).unwrap_or(false);
            backed::categorical(source, &categories, &codes, is_ordered)?
        }
        "DatetimeIndex.tz_convert" => {
            let [times, zone] = call.arguments else { return Err(unknown(source, id)) };
            let local =
                source.call_of(*times, "DatetimeIndex.tz_localize").map(|call| call.arguments);
            let Some([index, _utc]) = local else { return Err(unknown(source, id)) };
            let index = source.call_of(*index, "DatetimeIndex").map(|call| call.arguments);
            let Some([times, ..]) = index else { return Err(unknown(source, id)) };
            let times = the_only(columns(source, *times)?)?;
            backed::with_zone(&times, &source.reader().zone(*zone)?)?
        }
        _ => return Err(unknown(source, id)),
    };
    Ok(vec![one])
}

/// The rows of a NumPy array.
pub(super) fn array(source: &Source<'_>, array: &Array<'_>) -> Result<Vec<Series>> {
    if numbers::is_number(array.dtype) {
        return numbers::columns(source, array)?.into_iter().map(series).collect();
    }
    source.charge_for::<[Series; 4]>(array.rows)?;
    let rows = 0..array.rows;
    rows.map(|row| objects(source, &Cell::row(source, array, row)?)).collect()
}

/// Python objects.
pub(super) fn objects(source: &Source<'_>, cells: &[Cell<'_>]) -> Result<Series> {
    series(objects::column(source, cells, MAX_COLUMN_DEPTH)?)
}

/// `numpy.array(objects, 'O')`, of a list or of a text that is split.
fn texts(source: &Source<'_>, call: Call<'_>) -> Result<Series> {
    let [list, _dtype] = call.arguments else { return Err(not_an_array()) };
    if let Some(ids) = source.elements(*list) {
        let texts = objects(source, &Cell::all(source, ids)?)?;
        return Ok(match texts.dtype() {
            DataType::Null => Series::full_null(PlSmallStr::EMPTY, texts.len(), &DataType::String),
            _ => texts,
        });
    }
    let parts = source.call_of(*list, "str.split").map(|call| call.arguments);
    let Some([all, separator]) = parts else { return Err(not_an_array()) };
    let (all, separator) = (source.pickled.text(*all), source.pickled.text(*separator));
    let separator = separator.filter(|separator| !separator.is_empty());
    let Some((all, separator)) = all.zip(separator) else { return Err(not_an_array()) };
    // A view takes 16 bytes.
    source.charge(all.len())?;
    let mut texts = MutableBinaryViewArray::<str>::new();
    for text in all.split(separator) {
        source.charge(16)?;
        texts.push_value(text);
    }
    series(texts.freeze().boxed())
}

/// `numpy.where(mask, None, numpy.array(…))`.
fn texts_or_none(source: &Source<'_>, call: Call<'_>) -> Result<Series> {
    let [mask, _none, array] = call.arguments else { return Err(not_an_array()) };
    let array = source.call_of(*array, "array").ok_or_else(not_an_array)?;
    with_mask(source, &*arrow_of(&texts(source, array)?)?, *mask)
}

/// `pandas.Index(LargeStringArray.to_pandas(LargeStringArray.from_buffers(…)))`, with the class of pyarrow.
fn texts_of_arrow(source: &Source<'_>, call: Call<'_>) -> Option<Result<Series>> {
    let [array] = call.arguments else { return None };
    let [array] = source.call_of(*array, "LargeStringArray.to_pandas")?.arguments else {
        return None;
    };
    let array = source.call_of(*array, "LargeStringArray.from_buffers")?;
    Some(arrow::texts(source, array.arguments))
}

/// The column without the values that are missing by a mask.
fn with_mask(source: &Source<'_>, column: &dyn Column, mask: Id) -> Result<Series> {
    let mask = Array::of(source, mask)?;
    if mask.length != column.len() {
        return Err(Error::custom(format!(
            "a mask of {} bools for {} values",
            mask.length,
            column.len()
        )));
    }
    let validity = numbers::validity(source, &mask)?;
    let validity = (validity.unset_bits() > 0).then_some(validity);
    series(column.with_validity(validity))
}

/// Numbers, and which of them are missing.
fn masked(source: &Source<'_>, call: Call<'_>) -> Result<Series> {
    let (data, mask) = match call.arguments {
        [data, mask] => (*data, *mask),
        _ => (source.attribute(call, "_data")?, source.attribute(call, "_mask")?),
    };
    let data = Array::of(source, data)?.one_row()?;
    if !matches!(data.dtype.letter, b'b' | b'i' | b'u' | b'f') {
        return Err(Error::custom("a mask for values that are no numbers"));
    }
    with_mask(source, &*the_only(numbers::columns(source, &data)?)?, mask)
}

/// Intervals, as structs of both ends.
fn interval(source: &Source<'_>, call: Call<'_>) -> Result<Series> {
    let state = call.state.and_then(|state| source.pickled.tuple(state).first().copied());
    let end = |name| {
        let end = state.map_or(Ok(None), |state| source.entry(state, name))?;
        end.ok_or_else(|| Error::custom("intervals without both ends"))
    };
    ends(source, end("_left")?, end("_right")?)
}

/// A struct of two columns, which may be arrays or indexes.
pub(super) fn ends(source: &Source<'_>, left: Id, right: Id) -> Result<Series> {
    let end = |id| match source.call(id) {
        Some(call) if super::index::is_index(call) => super::index::values(source, id),
        _ => the_only(columns(source, id)?),
    };
    source.charge(2 * FIELD)?;
    let (left, right) = (end(left)?, end(right)?);
    let is_missing = |end: &Series| match end.dtype() {
        DataType::Float64 | DataType::Float32 => {
            end.is_not_nan().map(|there| &there & &end.is_not_null())
        }
        _ => Ok(end.is_not_null()),
    };
    let there = is_missing(&left).map_err(Error::custom)?;
    let validity = (!there.all()).then(|| there.iter().map(|there| there == Some(true)).collect());
    let (length, left, right) = (left.len(), arrow_of(&left)?, arrow_of(&right)?);
    let field =
        |name: &str, column: &dyn Column| Field::new(name.into(), column.dtype().clone(), true);
    let fields = vec![field("left", &*left), field("right", &*right)];
    let column =
        StructArray::try_new(ArrowDataType::Struct(fields), length, vec![left, right], validity);
    series(column.map_err(Error::custom)?.boxed())
}

/// The array of a column.
pub(super) fn arrow_of(series: &Series) -> Result<Box<dyn Column>> {
    let series = series.rechunk();
    if series.n_chunks() != 1 {
        return Err(Error::custom("a column of no array"));
    }
    Ok(series.to_arrow(0, CompatLevel::newest()))
}

/// A column without a name.
pub(super) fn series(column: Box<dyn Column>) -> Result<Series> {
    let field = Field::new(PlSmallStr::EMPTY, column.dtype().clone(), true);
    Series::try_from((&field, vec![column])).map_err(Error::custom)
}

pub(super) fn the_only<T>(columns: Vec<T>) -> Result<T> {
    let [column] = <[T; 1]>::try_from(columns)
        .map_err(|_| Error::custom("an array of two dimensions where a column has one"))?;
    Ok(column)
}

#[cold]
pub(super) fn unknown(source: &Source<'_>, id: Id) -> Error {
    let found = match Cell::of(source, id) {
        Ok(Cell::Other(class)) => format!("`{}`", short(&class)),
        Ok(cell) => cell.kind().name(),
        Err(error) => return error,
    };
    Error::custom(format!(
        "values that are {found}, which polars has no type for: make them an array of NumPy, such as by `.to_numpy()`"
    ))
}
