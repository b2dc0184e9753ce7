//! The columns of a table, which pandas keeps in blocks of one type.

use polars_core::prelude::Series;

use super::columns::columns;
use super::frame::in_column;
use super::numbers::integers;
use super::numpy::{self, Array};
use super::range::Range;
use super::source::{Source, short};
use crate::builtin::pickle::{Id, Node};
use crate::error::{Error, Result};

/// The columns of all blocks, in the order of their labels.
pub(super) fn all(
    source: &Source<'_>,
    blocks: &[Id],
    labels: &[String],
    rows: usize,
) -> Result<Vec<Series>> {
    source.charge_for::<Option<Series>>(labels.len())?;
    let mut all: Vec<Option<Series>> = labels.iter().map(|_| None).collect();
    for block in blocks {
        let block = source.call_of(*block, "_unpickle_block").ok_or_else(invalid)?;
        let [values, places, ..] = block.arguments else { return Err(invalid()) };
        let places = places_of(source, *places, labels.len())?;
        let first = places.first().map_or("", |place| &labels[*place]);
        let columns =
            columns_of(source, *values, places.len()).map_err(|error| in_column(first, error))?;
        for (place, column) in places.into_iter().zip(columns) {
            let label = &labels[place];
            if column.len() != rows {
                return Err(Error::custom(format!(
                    "column {:?} has {} rows in a table of {rows}",
                    short(label),
                    column.len()
                )));
            }
            if all[place].replace(column.with_name(label.as_str().into())).is_some() {
                return Err(Error::custom(format!(
                    "column {:?} has its values twice",
                    short(label)
                )));
            }
        }
    }
    let columns = all.into_iter().zip(labels).map(|(column, label)| {
        column.ok_or_else(|| Error::custom(format!("column {:?} has no values", short(label))))
    });
    columns.collect()
}

/// The columns of a block, which are as many as its places.
fn columns_of(source: &Source<'_>, values: Id, places: usize) -> Result<Vec<Series>> {
    // Before an array of a million rows without elements becomes as many columns.
    if numpy::is_array(source, values) {
        let found = Array::of(source, values)?.rows;
        if found != places {
            return Err(wrong_number(found, places));
        }
    }
    let columns = columns(source, values)?;
    if columns.len() == places { Ok(columns) } else { Err(wrong_number(columns.len(), places)) }
}

fn places_of(source: &Source<'_>, places: Id, columns: usize) -> Result<Vec<usize>> {
    let numbers = match source.pickled.node(places) {
        Node::Instance(_) => {
            let range = Range::of_slice(source, places, columns)?;
            source.charge_for::<i64>(range.length)?;
            range.iter().collect()
        }
        _ => integers(source, &Array::of(source, places)?.one_row()?)?,
    };
    let places = numbers.into_iter().map(|place| {
        let place = usize::try_from(place).ok().filter(|place| *place < columns);
        place.ok_or_else(|| Error::custom(format!("a block has values for a column that the table, with {columns} columns, does not have")))
    });
    places.collect()
}

#[cold]
fn wrong_number(found: usize, places: usize) -> Error {
    Error::custom(format!("a block of {found} columns for {places} labels"))
}

#[cold]
pub(super) fn invalid() -> Error {
    Error::custom(
        "not a table of pandas 1.5 or later: its blocks are not those that pandas pickles",
    )
}
