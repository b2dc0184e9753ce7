//! Compressed frames: how much smaller, how fast each way, beside the bare compressors; and what it costs
//! to ask in vain.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use ndarray::Array1;
use polars_core::prelude::{Column, DataFrame};
use ps_serialize::{Compression, Frame, Serializable, decompress, serialize};
use ps_serialize_benches::bars::Measure::Ratio;
use ps_serialize_benches::bars::{Bar, Contender, measure, quick, report};
use ps_serialize_benches::{bytes, numbers};

const BARS: [Bar; 2] = [
    Bar {
        name: "random bytes, LZ4 asked for in vain, over `serialize`",
        limit: 1.02,
        measure: Ratio { of: "random bytes, lz4 write", to: "random bytes, serialize" },
    },
    Bar {
        name: "random bytes, Zstandard 3 asked for in vain, over `serialize`",
        limit: 1.02,
        measure: Ratio { of: "random bytes, zstd 3 write", to: "random bytes, serialize" },
    },
];

/// A line of the table of sizes.
fn print_ratio(value: &str, compressor: &str, shuffle: u8, size: usize, of: usize) {
    let parts_of_10_000 = size as u64 * 10_000 / of as u64;
    println!(
        "| {value} | {compressor} | {shuffle} | {}.{:04} |",
        parts_of_10_000 / 10_000,
        parts_of_10_000 % 10_000
    );
}

macro_rules! contenders {
    ($name:literal, $value:expr, $contenders:ident) => {
        let value = Box::leak(Box::new($value));
        let plain: &'static Bytes = Box::leak(Box::new(serialize(value).unwrap()));
        $contenders.push(Contender::new(concat!($name, ", serialize"), || {
            serialize(black_box(value)).unwrap()
        }));
        contenders!($name, "lz4", Compression::Lz4, value, plain, $contenders);
        contenders!($name, "zstd 1", Compression::Zstd(1), value, plain, $contenders);
        contenders!($name, "zstd 3", Compression::Zstd(3), value, plain, $contenders);

        let bare: &'static [u8] = lz4_flex::block::compress(plain).leak();
        print_ratio($name, "lz4_flex, bare", 0, bare.len(), plain.len());
        $contenders.push(Contender::new(concat!($name, ", lz4_flex write"), || {
            lz4_flex::block::compress(black_box(plain))
        }));
        $contenders.push(Contender::new(concat!($name, ", lz4_flex read"), || {
            lz4_flex::block::decompress(black_box(bare), plain.len()).unwrap()
        }));
        let bare: &'static [u8] = zstd::bulk::compress(plain, 3).unwrap().leak();
        print_ratio($name, "zstd 3, bare", 0, bare.len(), plain.len());
        $contenders.push(Contender::new(concat!($name, ", bare zstd 3 write"), || {
            zstd::bulk::compress(black_box(plain), 3).unwrap()
        }));
        $contenders.push(Contender::new(concat!($name, ", bare zstd 3 read"), || {
            zstd::bulk::decompress(black_box(bare), plain.len()).unwrap()
        }));
    };
    ($name:literal, $label:literal, $compression:expr, $value:ident, $plain:ident, $contenders:ident) => {
        let compressed = compress($compression, $value);
        let shuffle = if compressed.len() < $plain.len() {
            Frame::parse(&compressed).unwrap().payload()[0]
        } else {
            0
        };
        print_ratio($name, $label, shuffle, compressed.len(), $plain.len());
        $contenders.push(Contender::new(concat!($name, ", ", $label, " write"), || {
            compress($compression, black_box($value))
        }));
        $contenders.push(Contender::new(concat!($name, ", ", $label, " read"), move || {
            decompress(black_box(&compressed)).unwrap()
        }));
    };
}

fn compress<T: Serializable>(compression: Compression, value: &T) -> Bytes {
    compression.serialize(value).unwrap()
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

/// Sentences of this file in random order.
fn text(len: usize) -> String {
    let lines: Vec<&str> = include_str!("compression.rs").lines().collect();
    let mut text = String::with_capacity(len + 200);
    for pair in bytes(len).chunks_exact(2) {
        if text.len() >= len {
            break;
        }
        text += lines[usize::from(u16::from_le_bytes([pair[0], pair[1]])) % lines.len()];
        text.push('\n');
    }
    text
}

fn main() -> ExitCode {
    let len = if quick() { 1 << 20 } else { 100 << 20 };
    let (rounds, moment) =
        if quick() { (3, Duration::from_micros(200)) } else { (11, Duration::from_micros(500)) };
    let smooth = (0..)
        .take(len / 8)
        .map(|i: u32| (f64::from(i) / 1e4).sin() * 100.0)
        .collect::<Array1<f64>>();
    let ramp = (0_i64..).take(len / 8).collect::<Array1<i64>>();
    let integers = bytes(len / 8).iter().map(|byte| f64::from(*byte)).collect::<Array1<f64>>();

    println!("| value | compressor | shuffle | size over the plain frame's |");
    println!("|---|---|---:|---:|");
    let mut contenders = Vec::new();
    contenders!("random bytes", bytes(len), contenders);
    contenders!("random f64", Array1::from(numbers(len / 8)), contenders);
    contenders!("smooth f64", smooth, contenders);
    contenders!("f64 of integers", integers, contenders);
    contenders!("ramp of i64", ramp, contenders);
    contenders!("text", text(len), contenders);
    contenders!("mixed table", mixed(len / 40), contenders);
    println!();
    report(BARS, &measure(contenders, rounds, moment))
}
