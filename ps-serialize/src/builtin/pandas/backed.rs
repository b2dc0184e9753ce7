//! The arrays of pandas that have an array of NumPy inside: times, periods, categories and text.

use polars_core::prelude::{
    Categorical8Type, Categorical16Type, Categorical32Type, CategoricalChunked,
    CategoricalPhysical, Categories, DataType, FrozenCategories, IdxCa, IntoSeries, PlSmallStr,
    Series, TimeUnit, TimeZone,
};
use polars_core::with_match_categorical_physical_type;

use super::cells::Cell;
use super::columns::{self, the_only};
use super::numpy::{Array, is_array};
use super::source::{Call, Source, short};
use super::{index, numbers, period};
use crate::builtin::pickle::not_an_array;
use crate::error::{Error, Result};

/// `__pyx_unpickle_NDArrayBacked(class, checksum, None)` with the state `(type, array, attributes)`.
pub(super) fn columns(source: &Source<'_>, call: Call<'_>) -> Result<Vec<Series>> {
    let [class, _checksum, rest @ ..] = call.arguments else { return Err(not_an_array()) };
    let class = source.class(*class).unwrap_or_default();
    let state = call.state.or_else(|| rest.first().copied());
    let state = state.map(|state| source.pickled.tuple(state)).unwrap_or_default();
    let [first, second, ..] = *state else { return Err(not_an_array()) };
    // Older versions have the array first.
    let (dtype, values) = if is_array(source, second) { (first, second) } else { (second, first) };
    let values = Array::of(source, values)?;
    match class {
        "DatetimeArray" => {
            let columns = columns::array(source, &values)?;
            if columns.iter().any(|column| !matches!(column.dtype(), DataType::Datetime(..))) {
                return Err(not_an_array());
            }
            let dtype = source.call_of(dtype, "DatetimeTZDtype");
            let Some(dtype) = dtype else { return Ok(columns) };
            let zone = source.reader().zone(source.attribute(dtype, "tz")?)?;
            columns.iter().map(|column| with_zone(column, &zone)).collect()
        }
        "TimedeltaArray" => columns::array(source, &values),
        "StringArray" | "StringArrayNumpySemantics" | "PandasArray" | "NumpyExtensionArray" => {
            columns::array(source, &values)
        }
        "PeriodArray" => {
            let frequency = period::Frequency::of(source, dtype)?;
            let rows = values.rows;
            if rows != 1 {
                return Err(not_an_array());
            }
            let ordinals = numbers::integers(source, &values)?;
            Ok(vec![columns::series(period::column(source, &ordinals, frequency)?)?])
        }
        "Categorical" => {
            let dtype = source.call_of(dtype, "CategoricalDtype").ok_or_else(not_an_array)?;
            let ordered = source.attribute(dtype, "ordered")?;
            let categories = index::values(source, source.attribute(dtype, "categories")?)?;
            let codes = numbers::integers(source, &values.one_row()?)?;
            let is_ordered = source.bool(ordered).unwrap_or(false);
            Ok(vec![categorical(source, &categories, &codes, is_ordered)?])
        }
        class => Err(Error::custom(format!("an array of the unknown class `{}`", short(class)))),
    }
}

/// Times of UTC, in a zone.
pub(super) fn with_zone(times: &Series, zone: &str) -> Result<Series> {
    let DataType::Datetime(unit, _) = times.dtype() else { return Err(not_an_array()) };
    let unit: TimeUnit = *unit;
    let unknown = || Error::custom(format!("times of the unknown zone `{}`", short(zone)));
    let zone = TimeZone::opt_try_new(Some(zone)).map_err(|_| unknown())?;
    let counts = times.to_physical_repr().into_owned();
    counts.cast(&DataType::Datetime(unit, zone)).map_err(Error::custom)
}

/// The categories that codes stand for. A code of -1 is a missing value.
pub(super) fn categorical(
    source: &Source<'_>,
    categories: &Series,
    codes: &[i64],
    is_ordered: bool,
) -> Result<Series> {
    let categories = match categories.dtype() {
        DataType::String => text_categories(categories, is_ordered)?,
        // Without categories, there is no type for the values that are all missing.
        DataType::Null => {
            text_categories(&Series::new_empty(PlSmallStr::EMPTY, &DataType::String), is_ordered)?
        }
        _ => categories.clone(),
    };
    taken(source, &categories, codes)
}

/// The values at these places. A place of -1 is a missing value.
pub(super) fn taken(source: &Source<'_>, values: &Series, places: &[i64]) -> Result<Series> {
    if matches!(values.dtype(), DataType::List(_) | DataType::Array(..)) {
        return Err(Error::custom("categories or labels that are lists"));
    }
    // A view of text takes the most, and a struct is of two values.
    source.charge_for::<[u64; 6]>(places.len())?;
    let places = places.iter().map(|place| match place {
        -1 => Ok(None),
        place => match u32::try_from(*place) {
            Ok(index) if (index as usize) < values.len() => Ok(Some(index)),
            _ => Err(Error::custom(format!(
                "the code {place}, where there are {} values",
                values.len()
            ))),
        },
    });
    let places = places.collect::<Result<Vec<_>>>()?;
    let places: IdxCa = places.into_iter().collect();
    values.take(&places).map_err(Error::custom)
}

fn text_categories(categories: &Series, is_ordered: bool) -> Result<Series> {
    let texts = categories.str().map_err(Error::custom)?;
    let dtype = if is_ordered {
        let texts = texts.iter().flatten();
        DataType::from_frozen_categories(FrozenCategories::new(texts).map_err(Error::custom)?)
    } else {
        DataType::from_categories(Categories::global())
    };
    let physical = dtype.cat_physical().map_err(Error::custom)?;
    with_match_categorical_physical_type!(physical, |$C| {
        let column =
            CategoricalChunked::<$C>::from_str_iter(PlSmallStr::EMPTY, dtype, texts.iter());
        Ok(column.map_err(Error::custom)?.into_series())
    })
}

/// The only column of an array, for what has one dimension.
pub(super) fn column(source: &Source<'_>, id: crate::builtin::pickle::Id) -> Result<Series> {
    the_only(columns::columns(source, id)?)
}

/// Objects of a list.
pub(super) fn list(source: &Source<'_>, ids: &[crate::builtin::pickle::Id]) -> Result<Series> {
    columns::objects(source, &Cell::all(source, ids)?)
}
