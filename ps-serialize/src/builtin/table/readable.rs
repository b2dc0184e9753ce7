//! Checks before a table is written, so that no table is written that the reader would refuse.

use polars_arrow::array::{Array, DictionaryArray, FixedSizeListArray, ListArray, StructArray};
use polars_arrow::datatypes::{ArrowSchema, Field, PhysicalType};
use polars_arrow::match_integer_type;
use polars_core::prelude::{DataFrame, DataType};

use super::columns::{Allowance, text_length};
use super::decoded::between;
use super::schema::too_deep;
use crate::error::{Error, Result};
use crate::limits::{Budget, FREE_EXPANSION, MAX_COLUMN_DEPTH, MAX_EXPANSION, exceeded};
use crate::options::DEFAULT;

/// Checks the number of rows, which polars counts in 32 bits.
pub(in crate::builtin) fn check_rows(rows: usize) -> Result<()> {
    if u32::try_from(rows).is_ok_and(|rows| rows < u32::MAX) {
        return Ok(());
    }
    Err(exceeded("rows of a table, which polars counts in 32 bits", u32::MAX as usize - 1, rows))
}

/// Checks rows and types. Returns whether a column has arrays of width 0, which have no bytes: polars in
/// Python can't read a batch with such a column, not even a batch without rows.
pub(super) fn check(table: &DataFrame) -> Result<bool> {
    check_rows(table.height())?;
    let mut has_empty_arrays = false;
    for column in table.columns() {
        let is_empty = check_type(column.dtype(), MAX_COLUMN_DEPTH)?;
        if is_empty && table.height() > 0 {
            return Err(Error::custom(format!(
                "column {:?} has arrays of width 0, which polars in Python can't read; make lists of them, or leave the column out",
                column.name()
            )));
        }
        has_empty_arrays |= is_empty;
    }
    Ok(has_empty_arrays)
}

fn check_type(dtype: &DataType, depth: usize) -> Result<bool> {
    // An extension type and its storage are one level, as in the file.
    if let DataType::Extension(_, storage) = dtype {
        return check_type(storage, depth);
    }
    let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
    match dtype {
        DataType::List(element) => check_type(element, depth),
        DataType::Array(element, width) => Ok(check_type(element, depth)? || *width == 0),
        DataType::Struct(fields) => fields
            .iter()
            .try_fold(false, |is_empty, field| Ok(check_type(field.dtype(), depth)? || is_empty)),
        _ => Ok(false),
    }
}

/// The parts of the reader's budget that a file takes.
#[derive(Default)]
pub(super) struct Taken {
    /// The bytes of the names of fields in each batch.
    names: usize,
    memory: usize,
    hashed: usize,
}

impl Taken {
    pub(super) fn new(schema: &ArrowSchema) -> Self {
        let names = schema.iter_values().map(|field| names_below(field, 0));
        Self { names: names.fold(0, usize::saturating_add), ..Self::default() }
    }

    /// Whether there are so many batches that one is better, because each repeats the names of fields.
    pub(super) fn is_too_many(&self, batches: usize) -> bool {
        batches > 1 && self.names.saturating_mul(batches) > FREE_EXPANSION / 2
    }

    pub(super) fn add_batch(&mut self, columns: &[Box<dyn Array>]) {
        self.memory = self.memory.saturating_add(self.names);
        for column in columns {
            self.add(&**column, 0, column.len());
        }
    }

    /// Checks that a reader without a limit of its own can read a file of this size.
    pub(super) fn check(self, file: usize) -> Result<()> {
        let budget = Budget::new(&DEFAULT, file);
        let allowance = Allowance::new(&budget, file);
        allowance.charge(self.memory)?;
        allowance.hash([self.hashed].into_iter())
    }

    /// Adds some rows of an array.
    fn add(&mut self, array: &dyn Array, start: usize, rows: usize) {
        self.memory = self.memory.saturating_add(rows / 8);
        let any = array.as_any();
        match array.dtype().to_physical_type() {
            PhysicalType::LargeList => {
                if let Some(lists) = any.downcast_ref::<ListArray<i64>>() {
                    let (start, rows) = between(lists.offsets(), start, rows);
                    self.add(&**lists.values(), start, rows);
                }
            }
            PhysicalType::FixedSizeList => {
                if let Some(lists) = any.downcast_ref::<FixedSizeListArray>() {
                    let width = lists.size();
                    self.add(&**lists.values(), start * width, rows * width);
                }
            }
            PhysicalType::Struct => {
                if let Some(fields) = any.downcast_ref::<StructArray>() {
                    fields.values().iter().for_each(|field| self.add(&**field, start, rows));
                }
            }
            PhysicalType::Dictionary(key) => match_integer_type!(key, |$T| {
                if let Some(array) = any.downcast_ref::<DictionaryArray<$T>>() {
                    let values = &**array.values();
                    let text = text_length(values);
                    let longest = (0..values.len()).map(&text).max().unwrap_or_default();
                    // Each row has a key in the file, which allows for a text of this length.
                    let texts = if longest <= MAX_EXPANSION {
                        longest.saturating_mul(rows)
                    } else {
                        let keys = array.keys().values()[start..start + rows].iter();
                        let keys = keys.map(|key| usize::try_from(*key).unwrap_or(usize::MAX));
                        keys.map(text).fold(0, usize::saturating_add)
                    };
                    self.hashed = self.hashed.saturating_add(texts);
                }
            }),
            _ => {}
        }
    }
}

/// The bytes of the names at and below a field. Each array repeats the names of all fields below it.
fn names_below(field: &Field, arrays_above: usize) -> usize {
    use polars_arrow::datatypes::ArrowDataType as Type;

    let name = field.name.len().saturating_mul(arrays_above);
    let names = |child: &Field| names_below(child, arrays_above + 1);
    let below = match field.dtype.to_storage() {
        Type::LargeList(child) | Type::List(child) | Type::FixedSizeList(child, _) => names(child),
        Type::Struct(children) => children.iter().map(names).fold(0, usize::saturating_add),
        _ => 0,
    };
    name.saturating_add(below)
}
