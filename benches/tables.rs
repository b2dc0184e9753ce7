//! The bars of tables: eight columns of f64, beside a memory copy, polars' own reader and writer, and
//! arrow-rs; and tables with strings.

use std::cell::RefCell;
use std::hint::black_box;
use std::io::Cursor;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use arrow_buffer::Buffer;
use bytes::Bytes;
use polars_core::prelude::*;
use polars_io::ipc::{IpcReader, IpcWriter};
use polars_io::{SerReader, SerWriter};
use ps_serialize::{deserialize, deserialize_shared, parts, serialize};
use ps_serialize_benches::bars::Measure::{Ratio, Time};
use ps_serialize_benches::bars::{Bar, Contender, measure, quick, report};
use ps_serialize_benches::{bytes, numbers};

const COLUMNS: usize = 8;
const LARGE: usize = (100 << 20) / 8 / COLUMNS;

const BARS: [Bar; 9] = [
    Bar {
        name: "100 MiB `serialize` over memcpy into touched memory",
        limit: 1.5,
        measure: Ratio { of: "100 MiB serialize", to: "100 MiB memcpy" },
    },
    Bar {
        name: "100 MiB owned `deserialize` over the same",
        limit: 1.5,
        measure: Ratio { of: "100 MiB deserialize", to: "100 MiB memcpy" },
    },
    Bar { name: "100 MiB `parts`", limit: 15e3, measure: Time("100 MiB parts") },
    Bar { name: "100 MiB shared read", limit: 10e3, measure: Time("100 MiB deserialize_shared") },
    Bar {
        name: "`parts`: 100 MiB over 16 rows",
        limit: 1.5,
        measure: Ratio { of: "100 MiB parts", to: "16 rows parts" },
    },
    Bar {
        name: "shared read: 100 MiB over 16 rows",
        limit: 1.5,
        measure: Ratio { of: "100 MiB deserialize_shared", to: "16 rows deserialize_shared" },
    },
    Bar {
        name: "100 MiB with strings, shared read over arrow-ipc's, both validated",
        limit: 1.0,
        measure: Ratio { of: "strings deserialize_shared", to: "strings arrow-ipc" },
    },
    Bar {
        name: "16 rows, `serialize` over `IpcWriter`",
        limit: 1.0,
        measure: Ratio { of: "16 rows serialize", to: "16 rows IpcWriter" },
    },
    Bar {
        name: "16 rows, `deserialize` over `IpcReader`",
        limit: 1.0,
        measure: Ratio { of: "16 rows deserialize", to: "16 rows IpcReader" },
    },
];

fn table(rows: usize) -> DataFrame {
    let column = |i: usize| Column::new(format!("column {i}").into(), numbers(rows));
    DataFrame::new(rows, (0..COLUMNS).map(column).collect()).unwrap()
}

/// One column of numbers and three of text, of up to 60 bytes.
fn table_with_strings(rows: usize) -> DataFrame {
    let text = |seed: usize| {
        let random = bytes(rows);
        random
            .iter()
            .map(|&byte| {
                "a word, wörter, and more words to make it as long as it can be"
                    .get(..usize::from(byte) % 60 + seed % 2)
                    .unwrap_or("ö")
            })
            .collect::<Vec<_>>()
    };
    let mut columns = vec![Column::new("number".into(), numbers(rows))];
    columns.extend((0..3).map(|i| Column::new(format!("text {i}").into(), text(i))));
    DataFrame::new(rows, columns).unwrap()
}

macro_rules! contenders {
    ($size:literal, $table:expr) => {{
        let table: &'static DataFrame = Box::leak(Box::new($table));
        let frame: &'static Bytes = Box::leak(Box::new(serialize(table).unwrap()));
        let mut ipc = Vec::new();
        IpcWriter::new(&mut ipc).finish(&mut table.clone()).unwrap();
        let ipc: &'static [u8] = ipc.leak();
        let kept = RefCell::new(Vec::with_capacity(ipc.len() + 4096));
        let aligned: Bytes = frame.slice(64..);
        vec![
            Contender::new(concat!($size, " serialize"), move || {
                serialize(black_box(table)).unwrap()
            }),
            Contender::new(concat!($size, " parts"), move || parts(black_box(table)).unwrap()),
            Contender::new(concat!($size, " deserialize"), move || {
                deserialize::<DataFrame>(black_box(frame)).unwrap()
            }),
            Contender::new(concat!($size, " deserialize_shared"), move || {
                deserialize_shared::<DataFrame>(black_box(frame)).unwrap()
            }),
            Contender::new(concat!($size, " IpcWriter"), move || {
                let mut ipc = Vec::new();
                IpcWriter::new(&mut ipc).finish(&mut black_box(table).clone()).unwrap();
                ipc
            }),
            Contender::new(concat!($size, " IpcWriter, kept buffer"), move || {
                let mut kept = kept.borrow_mut();
                kept.clear();
                IpcWriter::new(&mut *kept).finish(&mut black_box(table).clone()).unwrap();
            }),
            Contender::new(concat!($size, " IpcReader"), move || {
                IpcReader::new(Cursor::new(black_box(ipc))).finish().unwrap()
            }),
            Contender::new(concat!($size, " arrow-ipc"), move || arrow(black_box(&aligned))),
        ]
    }};
}

/// As arrow-rs reads a file from shared memory: nothing copied, everything validated.
fn arrow(file: &Bytes) -> usize {
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
    decoder.read_record_batch(block, &data).unwrap().unwrap().num_rows()
}

fn memory_copy() -> Vec<Contender> {
    let columns: Vec<Vec<f64>> = (0..COLUMNS).map(|_| numbers(LARGE)).collect();
    let touched = RefCell::new(vec![1.0; COLUMNS * LARGE]);
    vec![Contender::new("100 MiB memcpy", move || {
        for (to, from) in touched.borrow_mut().chunks_mut(LARGE).zip(black_box(&columns)) {
            to.copy_from_slice(from);
        }
    })]
}

fn main() -> ExitCode {
    let (rounds, moment) =
        if quick() { (5, Duration::from_micros(200)) } else { (301, Duration::from_micros(500)) };
    let mut samples = measure(contenders!("16 rows", table(16)), rounds, moment);
    let rounds = if quick() { 3 } else { 31 };
    let mut large = memory_copy();
    large.extend(contenders!("100 MiB", table(LARGE)));
    samples.extend(measure(large, rounds, moment));
    samples.extend(measure(contenders!("strings", table_with_strings(1_000_000)), rounds, moment));
    report(BARS, &samples)
}
