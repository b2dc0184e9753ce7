//! An Arrow IPC file, or a stream, as a table.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use polars_arrow::array::{Array, new_empty_array};
use polars_arrow::datatypes::{ArrowDataType, Field};
use polars_arrow::io::ipc::format::ipc::planus::ReadAsRoot;
use polars_arrow::io::ipc::format::ipc::{Block, FooterRef, MessageHeaderRef, MessageRef};
use polars_arrow::io::ipc::read::{Dictionaries, FileMetadata, deserialize_footer};
use polars_arrow::io::ipc::{ARROW_MAGIC_V2, IpcField};
use polars_core::prelude::{DataFrame, IntoColumn, Series};

use super::columns::{Allowance, Batch, size};
use super::readable::check_rows;
use super::{schema, stream};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Budget;

/// A table whose columns share the file's memory.
pub(super) fn read(file: &Bytes, budget: &Budget<'_>) -> Result<DataFrame> {
    without_panics(|| read_file(file, budget))
}

/// Makes an error of a panic. What is known to make polars panic is refused before; this is for the rest.
pub(in crate::builtin) fn without_panics<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref().copied()).unwrap_or("no message");
        Err(Error::custom(format!("polars failed on this table: {text}")))
    })
}

fn read_file(file: &Bytes, budget: &Budget<'_>) -> Result<DataFrame> {
    let footer = if stream::is_one(file) {
        Cow::Owned(stream::footer(file)?)
    } else {
        Cow::Borrowed(footer(file)?)
    };
    let footer = &*footer;
    let root = FooterRef::read_as_root(footer).map_err(Error::custom)?;
    let names = schema::check(&root, footer.len())?;
    let metadata = deserialize_footer(footer, file.len() as u64).map_err(Error::custom)?;
    let fields = &metadata.ipc_schema.fields;
    if metadata.schema.len() != fields.len() {
        return Err(Error::custom("the schema has fewer columns than fields"));
    }
    check_blocks(&metadata)?;
    let allowance = Allowance::new(budget, file.len());
    let dictionaries = dictionaries(file, &metadata, &allowance)?;

    let mut columns: Vec<Option<Series>> = fields.iter().map(|_| None).collect();
    let mut rows = 0_usize;
    for block in &metadata.blocks {
        let (message, body) = message(file, block)?;
        // Short names take less than the description of the batch does.
        allowance.charge(names.saturating_sub(size(block.meta_data_length.into())?))?;
        let Some(MessageHeaderRef::RecordBatch(batch)) = message.header().map_err(Error::custom)?
        else {
            return Err(Error::custom("a block of the footer that is no batch of rows"));
        };
        let length = size(batch.length().map_err(Error::custom)?)?;
        rows = rows.saturating_add(length);
        check_rows(rows)?;
        let mut batch = Batch::new(batch, body, &dictionaries, &allowance)?;
        for ((column, field), ipc_field) in
            columns.iter_mut().zip(metadata.schema.iter_values()).zip(fields)
        {
            let chunk = batch.column(&field.dtype, ipc_field);
            let chunk = chunk.map_err(|error| in_column(&field.name, error))?;
            if chunk.len() != length {
                return Err(Error::custom(format!(
                    "column {:?} has {} rows in a batch of {length}",
                    field.name,
                    chunk.len()
                )));
            }
            let chunk = series(field, chunk).map_err(|error| in_column(&field.name, error))?;
            // polars takes several chunks at once only where none of them is of empty lists.
            match column {
                None => *column = Some(chunk),
                Some(column) => drop(column.append_owned(chunk).map_err(Error::custom)?),
            }
        }
    }

    let columns = columns.into_iter().zip(metadata.schema.iter_values());
    let columns = columns.map(|(column, field)| match column {
        Some(column) => Ok(column.into_column()),
        None => Ok(series(field, new_empty_array(field.dtype.clone()))?.into_column()),
    });
    DataFrame::new(rows, columns.collect::<Result<_>>()?).map_err(Error::custom)
}

/// Adds the column's name to a message that does not name it.
#[cold]
fn in_column(name: &str, error: Error) -> Error {
    match error.into_kind() {
        ErrorKind::Custom(source) => Error::custom(format!("column {name:?}: {source}")),
        kind => kind.into(),
    }
}

fn series(field: &Field, chunk: Box<dyn Array>) -> Result<Series> {
    Series::try_from((field, vec![chunk])).map_err(Error::custom)
}

/// The bytes between the last batch and the length at the end.
fn footer(file: &[u8]) -> Result<&[u8]> {
    let Some(rest) = file.strip_prefix(&ARROW_MAGIC_V2) else {
        let begins = file[..file.len().min(8)].escape_ascii();
        return Err(Error::custom(match file {
            [b'F', b'E', b'A', b'1', ..] => {
                "the first version of Feather; in Python, write it with `write_ipc`".to_owned()
            }
            _ => format!("no Arrow file: it begins with `{begins}`, not with `ARROW1`"),
        }));
    };
    let Some((rest, length)) =
        rest.strip_suffix(&ARROW_MAGIC_V2).and_then(<[u8]>::split_last_chunk)
    else {
        return Err(Error::custom("the Arrow file ends without `ARROW1`: it is not complete"));
    };
    let length = size(i32::from_le_bytes(*length).into())?;
    let start = rest.len().checked_sub(length);
    start
        .map(|start| &rest[start..])
        .ok_or_else(|| Error::custom(format!("a footer of {length} bytes is longer than the file")))
}

/// Checks that no byte of the file is read twice, so that the table is in proportion to the file.
fn check_blocks(metadata: &FileMetadata) -> Result<()> {
    if metadata.blocks.len() <= 1 && metadata.dictionaries.is_none() {
        return Ok(());
    }
    let blocks = metadata.dictionaries.iter().flatten().chain(&metadata.blocks);
    let mut places = blocks
        .map(|block| {
            let start = size(block.offset)?;
            let length = size(block.meta_data_length.into())?.checked_add(size(block.body_length)?);
            let end = length.and_then(|length| start.checked_add(length));
            Ok((start, end.unwrap_or(usize::MAX)))
        })
        .collect::<Result<Vec<_>>>()?;
    places.sort_unstable();
    match places.windows(2).find(|pair| pair[0].1 > pair[1].0 || pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => {
            Err(Error::custom(format!("the blocks at {} and {} overlap", pair[0].0, pair[1].0)))
        }
    }
}

/// The message of a block, and the bytes after it that belong to it.
fn message<'f>(file: &'f Bytes, block: &Block) -> Result<(MessageRef<'f>, Bytes)> {
    let outside = || {
        Error::custom(format!(
            "a block at {} with {} and {} bytes is not inside of the file",
            block.offset, block.meta_data_length, block.body_length
        ))
    };
    let start = size(block.offset)?;
    let body = start.checked_add(size(block.meta_data_length.into())?).ok_or_else(outside)?;
    let end = body.checked_add(size(block.body_length)?).ok_or_else(outside)?;
    if end > file.len() {
        return Err(outside());
    }
    let mut metadata = &file[start..body];
    metadata = metadata.strip_prefix(&[0xff; 4]).unwrap_or(metadata);
    let (length, metadata) = metadata.split_first_chunk().ok_or_else(outside)?;
    let length = size(i32::from_le_bytes(*length).into())?;
    let metadata = metadata.get(..length).ok_or_else(outside)?;
    let message = MessageRef::read_as_root(metadata).map_err(Error::custom)?;
    Ok((message, file.slice(body..end)))
}

fn dictionaries(
    file: &Bytes,
    metadata: &FileMetadata,
    allowance: &Allowance<'_>,
) -> Result<Dictionaries> {
    let mut dictionaries = Dictionaries::default();
    for block in metadata.dictionaries.iter().flatten() {
        let (message, body) = message(file, block)?;
        let Some(MessageHeaderRef::DictionaryBatch(batch)) =
            message.header().map_err(Error::custom)?
        else {
            return Err(Error::custom("a block of the footer that is no dictionary"));
        };
        let id = batch.id().map_err(Error::custom)?;
        if batch.is_delta().map_err(Error::custom)? || dictionaries.contains_key(&id) {
            return Err(Error::custom(format!(
                "the dictionary {id} is in several parts, which can't be read; write the table with one dictionary for each column, in pyarrow with `Table.unify_dictionaries()`"
            )));
        }
        let fields = metadata.schema.iter_values();
        let (name, dtype, field) = fields
            .zip(&metadata.ipc_schema.fields)
            .find_map(|(column, field)| {
                let (values, field) = values_of(id, &column.dtype, field)?;
                Some((&column.name, values, field))
            })
            .ok_or_else(|| Error::custom(format!("a dictionary {id} that no column refers to")))?;
        let data = batch.data().map_err(Error::custom)?;
        let data = data.ok_or_else(|| Error::custom(format!("the dictionary {id} is empty")))?;
        let values = Batch::new(data, body, &dictionaries, allowance)?.column(dtype, field);
        dictionaries.insert(id, values.map_err(|error| in_column(name, error))?);
    }
    Ok(dictionaries)
}

/// The type of the values of the dictionary with this id.
fn values_of<'s>(
    id: i64,
    dtype: &'s ArrowDataType,
    field: &'s IpcField,
) -> Option<(&'s ArrowDataType, &'s IpcField)> {
    match dtype.to_storage() {
        ArrowDataType::Dictionary(_, values, _) if field.dictionary_id == Some(id) => {
            Some((values, field))
        }
        ArrowDataType::Dictionary(_, values, _) => values_of(id, values, field),
        ArrowDataType::List(child)
        | ArrowDataType::LargeList(child)
        | ArrowDataType::FixedSizeList(child, _)
        | ArrowDataType::Map(child, _) => values_of(id, &child.dtype, field.fields.first()?),
        ArrowDataType::Struct(children) => children
            .iter()
            .zip(&field.fields)
            .find_map(|(child, field)| values_of(id, &child.dtype, field)),
        _ => None,
    }
}
