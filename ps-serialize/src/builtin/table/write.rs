//! A table as an Arrow IPC file, in pieces: each column's buffers are handed on as they are.
//! <https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format>

use std::io;
use std::ops::Range;

use bytes::Bytes;
use polars_arrow::array::Array;
use polars_arrow::datatypes::ArrowSchema;
use polars_arrow::io::ipc::format::ipc::planus::{Builder, Offset, UnionOffset};
use polars_arrow::io::ipc::format::ipc::{
    DictionaryBatch, Footer, Message, MessageHeader, MetadataVersion, RecordBatch,
};
use polars_arrow::io::ipc::read::Dictionaries;
use polars_arrow::io::ipc::write::schema::serialize_schema;
use polars_arrow::io::ipc::write::{
    Block, DictionaryTracker, default_ipc_fields, dictionaries_to_encode,
};
use polars_arrow::io::ipc::write2::array::{IpcBatchSerializationContext, write_array};
use polars_arrow::io::ipc::{ARROW_MAGIC_V2, ARROW_MAGIC_V2_PADDED, IpcField};
use polars_arrow::io::write_owned::WriteBytesOwned;
use polars_buffer::Buffer;
use polars_core::prelude::{Column, CompatLevel, DataFrame};

use super::dictionary_values;
use super::readable::{self, Taken};
use crate::error::{Error, Result};
use crate::frame::ALIGNED;
use crate::sink::Sink;

/// A buffer of fewer bytes is cheaper to copy than to keep.
const SMALL: usize = 512;

/// The mean size of the description of a column in a message, in bytes. A larger one only takes another allocation.
const DESCRIPTION: usize = 256;

/// The bytes before each message.
const CONTINUATION: [u8; 4] = [0xff; 4];

/// Hands the file to a sink.
pub(super) fn write(table: &DataFrame, out: &mut dyn Sink<'_>) -> Result<()> {
    let file = file(table)?;
    out.reserve(file.len);
    for piece in file.all {
        match piece {
            Piece::Copied(range) => out.put(&file.copied[range]),
            Piece::Shared(bytes) => out.share(bytes),
        }
    }
    Ok(())
}

fn file(table: &DataFrame) -> Result<Pieces> {
    let has_empty_arrays = readable::check(table)?;
    let level = CompatLevel::newest();
    let columns = table.columns();
    let mut arrow = ArrowSchema::with_capacity(columns.len());
    for column in columns {
        let name = column.name().clone();
        arrow.insert(name.clone(), column.dtype().to_arrow_field(name, level));
    }
    let fields = default_ipc_fields(arrow.iter_values());

    let mut taken = Taken::new(&arrow);

    let schema = serialize_schema(&arrow, &fields, None);
    let description = DESCRIPTION * (1 + columns.len());
    let mut builder = Builder::with_capacity(description);
    let mut file = Pieces::with_capacity(4 * description);
    file.push_copy(&ARROW_MAGIC_V2_PADDED);
    let header = MessageHeader::create_schema(&mut builder, &schema);
    file.push_message(&mut builder, header, Pieces::default())?;

    // The columns of a batch have equal lengths, and a file has one dictionary for each column.
    let has_dictionaries = fields.iter().any(IpcField::contains_dictionary);
    let one_batch = has_dictionaries || taken.is_too_many(most_chunks(table));
    let mut rechunked;
    let table = if one_batch || table.should_rechunk() {
        rechunked = table.clone();
        if one_batch {
            rechunked.rechunk_mut()
        } else {
            rechunked.align_chunks()
        };
        &rechunked
    } else {
        table
    };

    let (mut dictionaries, mut batches) = (Vec::new(), Vec::new());
    let chunks = if has_empty_arrays { 0 } else { table.first_col_n_chunks() };
    for chunk in 0..chunks.max(usize::from(table.width() == 0)) {
        let columns = table.columns().iter().map(Column::as_materialized_series);
        let arrays: Vec<_> = columns.map(|series| series.to_arrow(chunk, level)).collect();
        if has_dictionaries {
            file.push_dictionaries(&mut builder, &arrays, &fields, &mut dictionaries)?;
        }
        taken.add_batch(&arrays);
        let rows = arrays.first().map_or(table.height(), |array| array.len());
        let arrays: Vec<_> = arrays.iter().map(|array| &**array).collect();
        batches.push(file.push_batch(&mut builder, &arrays, rows, |builder, batch| {
            MessageHeader::create_record_batch(builder, batch)
        })?);
    }
    builder.clear();
    let footer =
        Footer::create(&mut builder, MetadataVersion::V5, &schema, &dictionaries, &batches, ());
    file.push_footer(builder.finish(footer, None))?;
    taken.check(file.len)?;
    Ok(file)
}

/// The most chunks that a table can have once its chunks begin and end at the same rows in all columns.
fn most_chunks(table: &DataFrame) -> usize {
    1 + table.columns().iter().map(|column| column.n_chunks().saturating_sub(1)).sum::<usize>()
}

/// Bytes in order, those of the table's own buffers not copied.
#[derive(Default)]
struct Pieces {
    all: Vec<Piece>,
    copied: Vec<u8>,
    len: usize,
}

enum Piece {
    Copied(Range<usize>),
    Shared(Bytes),
}

impl Pieces {
    /// No pieces, with room for so many copied bytes.
    fn with_capacity(copied: usize) -> Self {
        Self { copied: Vec::with_capacity(copied), ..Self::default() }
    }

    fn push_copy(&mut self, bytes: &[u8]) {
        self.len += bytes.len();
        self.copied.extend_from_slice(bytes);
        let end = self.copied.len();
        match self.all.last_mut() {
            Some(Piece::Copied(range)) => range.end = end,
            _ => self.all.push(Piece::Copied(end - bytes.len()..end)),
        }
    }

    fn push_owned(&mut self, bytes: &Buffer<u8>) {
        if bytes.len() < SMALL {
            return self.push_copy(bytes);
        }
        self.len += bytes.len();
        self.all.push(Piece::Shared(Bytes::from_owner(Owner(bytes.clone()))));
    }

    fn append(&mut self, other: Self) {
        for piece in other.all {
            match piece {
                Piece::Copied(range) => self.push_copy(&other.copied[range]),
                Piece::Shared(bytes) => {
                    self.len += bytes.len();
                    self.all.push(Piece::Shared(bytes));
                }
            }
        }
    }

    /// A message: its length, its description, and a body that begins at a multiple of 64.
    fn push_message(
        &mut self,
        builder: &mut Builder,
        header: UnionOffset<MessageHeader>,
        body: Pieces,
    ) -> Result<Block> {
        let body_length = signed(body.len);
        let message = Message::create(builder, MetadataVersion::V5, header, body_length, ());
        let description = builder.finish(message, None);
        let start = self.len;
        let length = (start + 8 + description.len()).next_multiple_of(ALIGNED) - start;
        let padding = length - 8 - description.len();
        self.push_copy(&CONTINUATION);
        self.push_copy(&description_length(length - 8)?.to_le_bytes());
        self.push_copy(description);
        self.push_copy(&[0; ALIGNED][..padding]);
        self.append(body);
        Ok(Block {
            offset: signed(start),
            meta_data_length: description_length(length)?,
            body_length,
        })
    }

    /// The end of the file.
    fn push_footer(&mut self, footer: &[u8]) -> Result<()> {
        self.push_copy(&CONTINUATION);
        self.push_copy(&[0; 4]);
        self.push_copy(footer);
        self.push_copy(&description_length(footer.len())?.to_le_bytes());
        self.push_copy(&ARROW_MAGIC_V2);
        Ok(())
    }

    /// Writes the dictionaries of the only batch.
    fn push_dictionaries(
        &mut self,
        builder: &mut Builder,
        arrays: &[Box<dyn Array>],
        fields: &[IpcField],
        blocks: &mut Vec<Block>,
    ) -> Result<()> {
        let mut seen =
            DictionaryTracker { dictionaries: Dictionaries::default(), cannot_replace: true };
        let mut found = Vec::new();
        for (array, field) in arrays.iter().zip(fields) {
            dictionaries_to_encode(field, &**array, &mut seen, &mut found)
                .map_err(Error::custom)?;
        }
        for (id, array) in found {
            let values = dictionary_values(&*array)?;
            blocks.push(self.push_batch(builder, &[values], values.len(), |builder, batch| {
                let batch = DictionaryBatch::create(builder, id, batch, false);
                MessageHeader::create_dictionary_batch(builder, batch)
            })?);
        }
        Ok(())
    }

    fn push_batch(
        &mut self,
        builder: &mut Builder,
        arrays: &[&dyn Array],
        rows: usize,
        header: impl FnOnce(&mut Builder, Offset<RecordBatch>) -> UnionOffset<MessageHeader>,
    ) -> Result<Block> {
        let mut body = Pieces::with_capacity(SMALL * arrays.len());
        // polars could write the message too, but it would make room for it bit by bit.
        let mut unused = Pieces::default();
        let mut context = IpcBatchSerializationContext::new(&mut unused, &mut body, None);
        for array in arrays {
            write_array(&mut context, *array).map_err(Error::custom)?;
        }
        let IpcBatchSerializationContext { field_nodes, buffers, variadic_buffer_counts, .. } =
            context;
        let counts = (!variadic_buffer_counts.is_empty()).then_some(variadic_buffer_counts);
        builder.clear();
        let batch = RecordBatch::create(builder, signed(rows), field_nodes, buffers, (), counts);
        let header = header(builder, batch);
        self.push_message(builder, header, body)
    }
}

/// The length of a description, which has 32 bits.
fn description_length(bytes: usize) -> Result<i32> {
    i32::try_from(bytes)
        .map_err(|_| Error::custom("the description of the columns has more than 2 GiB"))
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).expect("memory is smaller")
}

impl WriteBytesOwned for Pieces {
    fn write_all_owned(&mut self, bytes: &Buffer<u8>) -> io::Result<()> {
        self.push_owned(bytes);
        Ok(())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.push_copy(bytes);
        Ok(())
    }

    fn len(&self) -> usize {
        self.len
    }
}

struct Owner(Buffer<u8>);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
