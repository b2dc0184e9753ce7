//! The `DataFrame` of a pickle.

use std::collections::HashSet;

use polars_core::prelude::{Column, DataFrame, IntoColumn, Series};

use super::columns::{columns, the_only};
use super::index::{self, Index};
use super::source::{Source, short};
use super::table::Table;
use super::{backed, block, label};
use crate::builtin::pickle::{Id, Node};
use crate::builtin::table::readable::check_rows;
use crate::error::{Error, ErrorKind, Result};

pub(super) fn table(source: &Source<'_>, root: Id) -> Result<Table> {
    let frame = source.call(root).filter(|call| call.name == "DataFrame");
    let frame = frame.ok_or_else(|| no_table(source, root))?;
    if frame.state.is_none() && !frame.arguments.is_empty() {
        return made(source, frame.arguments);
    }
    let manager = source.attribute(frame, "_mgr").or_else(|_| source.attribute(frame, "_data"))?;
    let manager = source.call_of(manager, "BlockManager").ok_or_else(block::invalid)?;
    let [blocks, axes] = manager.arguments else { return Err(block::invalid()) };
    let blocks = source.elements(*blocks).ok_or_else(block::invalid)?;
    let Some([labels, rows]) = source.elements(*axes) else { return Err(block::invalid()) };
    let labels = label::labels(source, *labels)?;
    let index = index::index(source, *rows)?;
    let height = height(&index)?;
    check_labels(&labels, &index)?;
    let columns = block::all(source, blocks, &labels, height)?;
    with_index(index, columns, height)
}

/// Reads the form that this library writes: `DataFrame({label: values}, index, None, None, False)`.
fn made(source: &Source<'_>, arguments: &[Id]) -> Result<Table> {
    let entries = source.entries(arguments[0]).ok_or_else(block::invalid)?;
    let mut columns_by_label = Vec::new();
    let mut labels = Vec::new();
    for [name, values] in entries.as_chunks().0 {
        let label = label::of_object(source, *name)?;
        let column = match source.pickled.node(*values) {
            Node::List(ids) => backed::list(source, ids),
            _ => columns(source, *values).and_then(the_only),
        };
        let column = column.map_err(|error| in_column(&label, error))?;
        columns_by_label.push(column.with_name(label.as_str().into()));
        labels.push(label);
    }
    let index = match arguments.get(1) {
        Some(index) if !source.is_none(*index) => index::index(source, *index)?,
        _ => Index::Counted(columns_by_label.first().map_or(0, |column| column.len())),
    };
    let height = height(&index)?;
    check_labels(&labels, &index)?;
    if let Some(column) = columns_by_label.iter().find(|column| column.len() != height) {
        return Err(Error::custom(format!(
            "column {:?} has {} rows in a table of {height}",
            short(column.name()),
            column.len()
        )));
    }
    with_index(index, columns_by_label, height)
}

fn height(index: &Index) -> Result<usize> {
    let height = match index {
        Index::Counted(rows) => *rows,
        Index::Levels(levels) => levels.first().map_or(0, |(_, level)| level.len()),
    };
    check_rows(height)?;
    Ok(height)
}

/// Checks that all columns, with those of the index, have names of their own.
fn check_labels(labels: &[String], index: &Index) -> Result<()> {
    let mut seen = HashSet::new();
    let names = match index {
        Index::Counted(_) => &[][..],
        Index::Levels(levels) => levels,
    };
    for label in names.iter().map(|(name, _)| name).chain(labels) {
        if !seen.insert(label) {
            return Err(Error::custom(format!(
                "two columns, or a column and the index, have the label {:?}: rename one of them in Python",
                short(label)
            )));
        }
    }
    Ok(())
}

fn with_index(index: Index, columns: Vec<Series>, height: usize) -> Result<Table> {
    let levels = match index {
        Index::Counted(_) => Vec::new(),
        Index::Levels(levels) => levels,
    };
    let names = levels.iter().map(|(name, _)| name.clone()).collect();
    let levels = levels.into_iter().map(|(name, level)| level.with_name(name.into()));
    let columns: Vec<Column> = levels.chain(columns).map(IntoColumn::into_column).collect();
    let frame = DataFrame::new(height, columns).map_err(Error::custom)?;
    Ok(Table::of(frame, names))
}

/// Adds the label of a column to a message that does not name it.
#[cold]
pub(super) fn in_column(label: &str, error: Error) -> Error {
    match error.into_kind() {
        ErrorKind::Custom(source) => Error::custom(format!("column {:?}: {source}", short(label))),
        kind => kind.into(),
    }
}

#[cold]
fn no_table(source: &Source<'_>, root: Id) -> Error {
    let found = match source.pickled.node(root) {
        Node::Instance(_) | Node::Call { .. } | Node::Global(_) => {
            super::columns::unknown(source, root).to_string()
        }
        _ => "plain data".to_owned(),
    };
    Error::custom(format!("no `DataFrame` of pandas, but {found}"))
}
