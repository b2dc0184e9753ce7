use std::hint::black_box;
use std::io::Cursor;
use std::rc::Rc;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use bytes::Bytes;
use polars_core::prelude::{Column, DataFrame};
use polars_io::ipc::{IpcReader, IpcWriter};
use polars_io::{SerReader, SerWriter};
use ps_serialize::serialize;
use ps_serialize_benches::{bytes, numbers};

use super::{Cell, Cells, GIB, Kind, MIB, MOST_FOR_CODECS, Prepared};
use crate::measure::Contender;
use crate::measure::Direction::{Read, Write};
use crate::measure::Family::Rust;
use crate::values;

pub(super) const NUMBERS: Kind = Kind {
    name: "tables",
    about: "Tables of eight columns of f64, 1 KiB being 16 rows; Polars' in Python.",
    cells: Cells::Sizes { most: GIB },
    prepare: prepare_numbers,
};

pub(super) const TEXTS: Kind = Kind {
    name: "text-tables",
    about: "Tables of one column of f64 and three of text of up to 60 bytes; Polars' in Python.",
    cells: Cells::Sizes { most: 100 * MIB },
    prepare: prepare_texts,
};

const COLUMNS: usize = 8;
const TEXT_COLUMNS: usize = 3;
/// What a row takes at the mean where three columns are text.
const TEXT_ROW: usize = 112;

fn prepare_numbers(cell: &Cell) -> Prepared {
    let rows = cell.bytes / 8 / COLUMNS;
    let columns: Vec<Vec<f64>> = (0..COLUMNS).map(|_| numbers(rows)).collect();
    let value = values::Table { names: names(COLUMNS), numbers: columns, texts: Vec::new() };
    prepare(cell, &Rc::new(value), 8 * rows * COLUMNS)
}

fn prepare_texts(cell: &Cell) -> Prepared {
    let rows = cell.bytes / TEXT_ROW;
    let long = "a word, wörter, and more words to make it as long as it can be";
    let random = bytes(rows);
    let text = |seed: usize| {
        let text = |byte: &u8| long.get(..usize::from(*byte) % 60 + seed % 2).unwrap_or("ö");
        random.iter().map(|byte| text(byte).to_owned()).collect::<Vec<_>>()
    };
    let texts: Vec<_> = (0..TEXT_COLUMNS).map(text).collect();
    let characters: usize = texts.iter().flatten().map(String::len).sum();
    let value =
        values::Table { names: names(1 + TEXT_COLUMNS), numbers: vec![numbers(rows)], texts };
    prepare(cell, &Rc::new(value), 8 * rows + characters)
}

pub(super) fn names(columns: usize) -> Vec<String> {
    (0..columns).map(|i| format!("column {i}")).collect()
}

fn prepare(cell: &Cell, generic: &Rc<values::Table>, bytes: usize) -> Prepared {
    let value = Rc::new(table(generic));
    let frame = serialize(&*value).unwrap();
    let mut contenders = Vec::new();
    let floor = generic.numbers.concat();
    if generic.texts.is_empty() {
        super::floor(&Rc::new(floor), &mut contenders);
    } else {
        super::floor(&Rc::new(vec![1_u8; frame.len()]), &mut contenders);
    }
    super::ours(&value, &mut contenders);
    super::shared::<DataFrame>(&frame, &mut contenders);
    super::compressed(&value, &mut contenders);
    others(&value, &frame, &mut contenders);
    if cell.bytes <= MOST_FOR_CODECS {
        super::generic(generic, &mut contenders);
    }
    Prepared { contenders, bytes, frame: Some(frame), written: None }
}

pub(super) fn table(values: &values::Table) -> DataFrame {
    let mut names = values.names.iter();
    let mut name = || names.next().expect("there are names for all").as_str().into();
    let mut columns: Vec<_> = values.numbers.iter().map(|n| Column::new(name(), n)).collect();
    columns.extend(values.texts.iter().map(|texts| Column::new(name(), texts)));
    DataFrame::new(columns[0].len(), columns).unwrap()
}

fn others(value: &Rc<DataFrame>, frame: &Bytes, contenders: &mut Vec<Contender>) {
    let mut ipc = Vec::new();
    IpcWriter::new(&mut ipc).finish(&mut (**value).clone()).unwrap();
    let size = ipc.len();
    let v = Rc::clone(value);
    let write = move || {
        let mut ipc = Vec::new();
        IpcWriter::new(&mut ipc).finish(&mut black_box(&*v).clone()).unwrap();
        ipc
    };
    contenders.push(Contender::new((Rust, Write), "polars IpcWriter", write).of(size));
    let (v, mut kept) = (Rc::clone(value), Vec::new());
    let write = move || {
        kept.clear();
        IpcWriter::new(&mut kept).finish(&mut black_box(&*v).clone()).unwrap();
    };
    contenders.push(Contender::new((Rust, Write), "polars IpcWriter, kept buffer", write).of(size));
    let read = move || IpcReader::new(Cursor::new(black_box(&ipc))).finish().unwrap();
    contenders.push(Contender::new((Rust, Read), "polars IpcReader", read).of(size));

    let file = frame.slice(64..);
    let size = file.len();
    let batch = arrow_batch(&file);
    let write = move || {
        let mut writer =
            arrow_ipc::writer::FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(black_box(&batch)).unwrap();
        writer.into_inner().unwrap()
    };
    contenders.push(Contender::new((Rust, Write), "arrow-ipc", write).of(size));
    let read = move || arrow_batch(black_box(&file)).num_rows();
    contenders.push(Contender::new((Rust, Read), "arrow-ipc, validated view", read).of(size));
}

/// Reads a file as arrow-rs does from shared memory: nothing is copied, and everything is validated.
fn arrow_batch(file: &Bytes) -> RecordBatch {
    let buffer = Buffer::from(file.clone());
    let length = u32::from_le_bytes(file[file.len() - 10..file.len() - 6].try_into().unwrap());
    let footer_start = file.len() - 10 - length as usize;
    let footer = arrow_ipc::root_as_footer(&file[footer_start..file.len() - 10]).unwrap();
    let schema = Arc::new(arrow_ipc::convert::try_fb_to_schema(footer.schema().unwrap()).unwrap());
    let decoder = arrow_ipc::reader::FileDecoder::new(schema, footer.version());
    let block = footer.recordBatches().unwrap().get(0);
    let start = usize::try_from(block.offset()).unwrap();
    let lengths = [block.metaDataLength().into(), block.bodyLength()];
    let length = usize::try_from(lengths.iter().sum::<i64>()).unwrap();
    let data = buffer.slice_with_length(start, length);
    decoder.read_record_batch(block, &data).unwrap().unwrap()
}
