//! The labels of rows, which become columns.

use polars_arrow::array::PrimitiveArray;
use polars_core::prelude::Series;

use super::backed::{self, taken};
use super::columns::{self, the_only};
use super::numbers::integers;
use super::numpy::Array;
use super::range::Range;
use super::source::{Call, Source};
use super::{backed::list, label};
use crate::builtin::pickle::{Id, Node};
use crate::error::{Error, Result};

/// The labels of rows, or how many rows there are.
pub(super) enum Index {
    /// Rows that are counted from 0 on.
    Counted(usize),
    Levels(Vec<(String, Series)>),
}

/// The name of the column of a level without a name.
pub(super) fn unnamed(level: usize) -> String {
    format!("__index_level_{level}__")
}

/// Whether it is the call that makes an index.
pub(super) fn is_index(call: Call<'_>) -> bool {
    call.name.starts_with("_new_") && call.name.ends_with("Index")
        || matches!(call.name, "Index" | "MultiIndex.from_arrays" | "RangeIndex")
}

pub(super) fn index(source: &Source<'_>, id: Id) -> Result<Index> {
    let call = source.call(id).ok_or_else(invalid)?;
    if let Some(range) = range(source, call)? {
        let is_plain = range.start == 0 && (range.step == 1 || range.length <= 1);
        return match name(source, call)? {
            None if is_plain => Ok(Index::Counted(range.length)),
            name => Ok(Index::Levels(vec![(
                name.unwrap_or_else(|| unnamed(0)),
                of_range(source, range)?,
            )])),
        };
    }
    if let Some((levels, names)) = levels(source, call)? {
        let levels = levels.into_iter().zip(names).enumerate();
        let levels = levels
            .map(|(place, (level, name))| Ok((name.unwrap_or_else(|| unnamed(place)), level)));
        return levels.collect::<Result<_>>().map(Index::Levels);
    }
    let name = name(source, call)?.unwrap_or_else(|| unnamed(0));
    let values = values(source, id).map_err(|error| super::frame::in_column(&name, error))?;
    Ok(Index::Levels(vec![(name, values)]))
}

/// The labels of an index of one level.
pub(super) fn values(source: &Source<'_>, id: Id) -> Result<Series> {
    source.nested(|| values_in(source, id))
}

fn values_in(source: &Source<'_>, id: Id) -> Result<Series> {
    let call = source.call(id).ok_or_else(invalid)?;
    if let Some(range) = range(source, call)? {
        return of_range(source, range);
    }
    match (call.name, call.arguments) {
        ("Index", [data, ..]) => values_of(source, *data),
        (
            "_new_Index" | "_new_DatetimeIndex" | "_new_TimedeltaIndex" | "_new_PeriodIndex",
            [_, state],
        ) => {
            let data = source.entry(*state, "data")?.ok_or_else(invalid)?;
            values_of(source, data)
        }
        ("_new_IntervalIndex", [_, state]) => {
            let end = |name| source.entry(*state, name)?.ok_or_else(invalid);
            columns::ends(source, end("left")?, end("right")?)
        }
        _ => Err(invalid()),
    }
}

/// An array, or a list of objects.
fn values_of(source: &Source<'_>, id: Id) -> Result<Series> {
    match source.pickled.node(id) {
        Node::List(ids) | Node::Tuple(ids) => list(source, ids),
        _ => backed::column(source, id),
    }
}

/// The columns of an index of several levels, and their names.
type Levels = (Vec<Series>, Vec<Option<String>>);

/// The columns and the names of an index of several levels.
pub(super) fn levels(source: &Source<'_>, call: Call<'_>) -> Result<Option<Levels>> {
    let (columns, names) = match (call.name, call.arguments) {
        ("_new_Index", [class, state]) if source.class(*class) == Some("MultiIndex") => {
            let part = |name| {
                let part = source.entry(*state, name)?.and_then(|part| source.elements(part));
                part.ok_or_else(invalid)
            };
            let (levels, codes, names) = (part("levels")?, part("codes")?, part("names")?);
            if levels.len() != codes.len() || levels.is_empty() {
                return Err(invalid());
            }
            let columns = levels.iter().zip(codes).map(|(level, codes)| {
                let codes = integers(source, &Array::of(source, *codes)?.one_row()?)?;
                taken(source, &values(source, *level)?, &codes)
            });
            (columns.collect::<Result<Vec<_>>>()?, names)
        }
        ("MultiIndex.from_arrays", [arrays, _, names]) => {
            let arrays = source.elements(*arrays).ok_or_else(invalid)?;
            let columns = arrays.iter().map(|array| the_only(columns::columns(source, *array)?));
            (columns.collect::<Result<Vec<_>>>()?, source.elements(*names).ok_or_else(invalid)?)
        }
        _ => return Ok(None),
    };
    let lengths_differ = columns.iter().any(|column| column.len() != columns[0].len());
    if columns.len() != names.len() || lengths_differ {
        return Err(invalid());
    }
    let names = names.iter().map(|name| of_level(source, *name));
    Ok(Some((columns, names.collect::<Result<_>>()?)))
}

pub(super) fn range(source: &Source<'_>, call: Call<'_>) -> Result<Option<Range>> {
    let number = |id: Id| source.pickled.integer(id).ok_or_else(invalid);
    match (call.name, call.arguments) {
        ("_new_Index", [class, state]) if source.class(*class) == Some("RangeIndex") => {
            let part = |name| number(source.entry(*state, name)?.ok_or_else(invalid)?);
            Range::new(part("start")?, part("stop")?, part("step")?).map(Some)
        }
        ("RangeIndex", [length]) => Range::new(0, number(*length)?, 1).map(Some),
        _ => Ok(None),
    }
}

fn of_range(source: &Source<'_>, range: Range) -> Result<Series> {
    source.charge_for::<i64>(range.length)?;
    let numbers: Vec<i64> = range.iter().collect();
    if numbers.len() != range.length {
        return Err(invalid());
    }
    columns::series(PrimitiveArray::from_vec(numbers).boxed())
}

fn name(source: &Source<'_>, call: Call<'_>) -> Result<Option<String>> {
    let name = match (call.name, call.arguments) {
        ("Index", [_, _, _, name, ..]) => Some(*name),
        ("Index" | "RangeIndex", _) => None,
        (_, [_, state]) => source.entry(*state, "name")?,
        _ => None,
    };
    name.map_or(Ok(None), |name| of_level(source, name))
}

fn of_level(source: &Source<'_>, name: Id) -> Result<Option<String>> {
    if source.is_none(name) { Ok(None) } else { label::of_object(source, name).map(Some) }
}

#[cold]
pub(super) fn invalid() -> Error {
    Error::custom("labels that are no index of pandas, or of a class that is not known")
}
