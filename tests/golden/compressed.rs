//! `LZ` and `ZS`: what the compressors make of a frame is theirs, and may change with them; what is inside
//! is promised.

use bytes::Bytes;
use ps_serialize::{Compression, Frame, Serializable, decompress, deserialize, serialize};

use super::{Golden, Promise};

/// A frame whose bytes are shuffled by `width`.
fn golden<T: Serializable>(name: &str, compression: Compression, value: &T, width: u8) -> Golden {
    let today = compression.serialize(value).unwrap();
    let inside = serialize(value).unwrap();
    let check = move |frame: &Bytes| {
        assert_eq!(Frame::parse(frame).unwrap().payload()[0], width);
        assert!(decompress(frame).unwrap() == inside);
    };
    Golden { bytes: Promise::Readable, ..Golden::of(name, today, check) }
}

pub(crate) fn all() -> Vec<Golden> {
    let text = "again and ".repeat(100);
    // Far enough apart that no compressor sees it but by their bytes.
    let numbers: Vec<u8> = (0..2000_u64).flat_map(|i| (i * i * 13).to_le_bytes()).collect();
    let small: Vec<u8> = (0..2000_u16).flat_map(|i| (i * 13).to_le_bytes()).collect();
    let mut all = Vec::new();
    for (name, compression) in [("lz4", Compression::Lz4), ("zstd", Compression::Zstd(3))] {
        all.extend([
            golden(name, compression, &text, 0),
            golden(&format!("{name}-shuffled-by-8"), compression, &numbers, 8),
            golden(&format!("{name}-shuffled-by-2"), compression, &small, 2),
        ]);
    }
    all.push(Golden {
        bytes: Promise::Readable,
        ..Golden::of("zstd-fast", Compression::Zstd(-5).serialize(&text).unwrap(), move |frame| {
            assert_eq!(deserialize::<String>(frame).unwrap(), text);
        })
    });
    all
}
