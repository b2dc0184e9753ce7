use std::hint::black_box;
use std::rc::Rc;

use bytes::Bytes;
use ndarray::Array1;
use polars_core::prelude::{Column, DataFrame};
use ps_serialize::{Compression, Deserializable, Serializable, decompress, serialize};
use ps_serialize_benches::{bytes, numbers};

use super::text::text;
use super::{Cell, Cells, Kind, Prepared};
use crate::measure::Contender;
use crate::measure::Direction::{Read, Write};
use crate::measure::Family::{Floor, Ours, Rust};

pub(super) const KIND: Kind = Kind {
    name: "compression",
    about: "Values of 100 MiB (1 MiB in the quick mode), compressed each way. `lz4_flex` and bare Zstandard work on one thread and \
        without a shuffle; `serialize`, which does not compress, is the floor.",
    cells: Cells::Values(&[
        "random bytes",
        "random f64",
        "smooth f64",
        "f64 of integers",
        "ramp of i64",
        "text",
        "mixed table",
    ]),
    prepare,
};

fn prepare(cell: &Cell) -> Prepared {
    let (len, elements) = (cell.bytes, cell.bytes / 8);
    match cell.label.as_str() {
        "random bytes" => contenders(bytes(len)),
        "random f64" => contenders(Array1::from(numbers(elements))),
        "smooth f64" => {
            let smooth = |i: u32| (f64::from(i) / 1e4).sin() * 100.0;
            contenders((0..).take(elements).map(smooth).collect::<Array1<f64>>())
        }
        "f64 of integers" => {
            contenders(bytes(elements).iter().map(|byte| f64::from(*byte)).collect::<Array1<f64>>())
        }
        "ramp of i64" => contenders((0_i64..).take(elements).collect::<Array1<i64>>()),
        "text" => contenders(text(len)),
        _ => contenders(mixed(len / 40)),
    }
}

fn contenders<T>(value: T) -> Prepared
where
    T: Serializable + for<'f> Deserializable<'f> + 'static,
{
    let value = Rc::new(value);
    let plain = serialize(&*value).unwrap();
    let mut contenders = Vec::new();
    let v = Rc::clone(&value);
    let write = move || serialize(black_box(&*v)).unwrap();
    contenders.push(Contender::new((Floor, Write), "serialize", write).of(plain.len()));
    for (name, compression) in [
        ("LZ4", Compression::Lz4),
        ("Zstandard 1", Compression::Zstd(1)),
        ("Zstandard 3", Compression::Zstd(3)),
    ] {
        let compressed = compression.serialize(&*value).unwrap();
        let size = compressed.len();
        let v = Rc::clone(&value);
        let write = move || compression.serialize(black_box(&*v)).unwrap();
        contenders.push(Contender::new((Ours, Write), name, write).of(size));
        if size < plain.len() {
            let read = move || decompress(black_box(&compressed)).unwrap();
            contenders.push(Contender::new((Ours, Read), name, read).of(size));
        }
    }
    bare(
        &plain,
        "lz4_flex",
        lz4_flex::block::compress,
        |small, size| lz4_flex::block::decompress(small, size).unwrap(),
        &mut contenders,
    );
    bare(
        &plain,
        "bare Zstandard 3",
        |plain| zstd::bulk::compress(plain, 3).unwrap(),
        |small, size| zstd::bulk::decompress(small, size).unwrap(),
        &mut contenders,
    );
    Prepared { contenders, bytes: plain.len(), frame: Some(plain), written: None }
}

fn bare(
    plain: &Bytes,
    name: &str,
    compress: fn(&[u8]) -> Vec<u8>,
    decompress: fn(&[u8], usize) -> Vec<u8>,
    contenders: &mut Vec<Contender>,
) {
    let (small, p, size) = (compress(plain), plain.clone(), plain.len());
    let written = small.len();
    let write = move || compress(black_box(&p));
    contenders.push(Contender::new((Rust, Write), name, write).of(written));
    let read = move || decompress(black_box(&small), size);
    contenders.push(Contender::new((Rust, Read), name, read).of(written));
}

/// Numbers, words that repeat, and numbers that go up.
fn mixed(rows: usize) -> DataFrame {
    let words = ["Bern", "Quito", "Kathmandu", "La Paz", "Thimphu"];
    let names: Vec<&str> = bytes(rows).iter().map(|byte| words[usize::from(*byte) % 5]).collect();
    let ramp: Vec<i64> = (0..).take(rows).collect();
    let columns = vec![
        Column::new("number".into(), numbers(rows)),
        Column::new("name".into(), names),
        Column::new("row".into(), ramp),
    ];
    DataFrame::new(rows, columns).unwrap()
}
