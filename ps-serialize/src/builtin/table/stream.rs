//! An Arrow IPC stream, which Python's polars writes where it pickles a table: the messages of a file without its footer.

use polars_arrow::io::ipc::format::ipc::planus::{Builder, ReadAsRoot};
use polars_arrow::io::ipc::format::ipc::{
    Block, Footer, MessageHeaderRef, MessageRef, MetadataVersion, Schema,
};

use super::columns::size;
use super::schema;
use crate::error::{Error, Result};

/// The bytes before the length of each message.
const CONTINUES: [u8; 4] = [0xff; 4];

pub(super) fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(&CONTINUES)
}

/// The footer that a file of the same messages has.
pub(super) fn footer(stream: &[u8]) -> Result<Vec<u8>> {
    let (mut schema, mut dictionaries, mut batches) = (None, Vec::new(), Vec::new());
    let mut start = 0;
    loop {
        let rest = stream.get(start..).ok_or_else(cut_off)?;
        if rest.is_empty() {
            break;
        }
        let rest = rest.strip_prefix(&CONTINUES).ok_or_else(cut_off)?;
        let (length, rest) = rest.split_first_chunk().ok_or_else(cut_off)?;
        let length = size(i32::from_le_bytes(*length).into())?;
        if length == 0 {
            if rest.is_empty() {
                break;
            }
            return Err(Error::custom(format!(
                "an Arrow stream with {} bytes after its end",
                rest.len()
            )));
        }
        let metadata = rest.get(..length).ok_or_else(cut_off)?;
        let message = MessageRef::read_as_root(metadata).map_err(Error::custom)?;
        let body_length = message.body_length().map_err(Error::custom)?;
        let head = length + CONTINUES.len() + size_of::<i32>();
        let block = Block {
            offset: i64::try_from(start).map_err(Error::custom)?,
            meta_data_length: i32::try_from(head).map_err(Error::custom)?,
            body_length,
        };
        start = start.checked_add(head).ok_or_else(cut_off)?;
        start = start.checked_add(size(body_length)?).ok_or_else(cut_off)?;
        match message.header().map_err(Error::custom)? {
            Some(MessageHeaderRef::Schema(found)) if schema.is_none() => {
                schema::check_alone(&found, length)?;
                schema = Some(Box::new(Schema::try_from(found).map_err(Error::custom)?));
            }
            Some(MessageHeaderRef::DictionaryBatch(_)) => dictionaries.push(block),
            Some(MessageHeaderRef::RecordBatch(_)) => batches.push(block),
            _ => return Err(Error::custom("an Arrow stream with a message that no table has")),
        }
    }
    let footer = Footer {
        version: MetadataVersion::V5,
        schema,
        dictionaries: Some(dictionaries),
        record_batches: Some(batches),
        custom_metadata: None,
    };
    Ok(Builder::new().finish(footer, None).to_vec())
}

#[cold]
fn cut_off() -> Error {
    Error::custom("an Arrow stream that ends inside of a message: it is not complete")
}
