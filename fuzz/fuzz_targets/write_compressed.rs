//! Frames that are compressed and opened again are the same.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use ps_serialize::{Compression, decompress, deserialize, serialize};

fuzz_target!(|input: (u16, u8, Vec<u8>)| {
    let (times, level, piece) = input;
    // Past the block of a shuffle, from time to time.
    let content = piece.repeat(usize::from(times).min((600 << 10) / piece.len().max(1)));
    let frame = serialize(&content).expect("every frame can be written");
    for compression in [Compression::Lz4, Compression::Zstd(i32::from(level % 6) - 1)] {
        let compressed = compression.serialize(&content).expect("every frame can be compressed");
        assert!(compressed.len() <= frame.len());
        assert_eq!(
            compression.compress(&frame).expect("it can be compressed").len(),
            compressed.len()
        );
        assert_eq!(decompress(&compressed).expect("it is as it was written"), frame);
        assert_eq!(deserialize::<Bytes>(&compressed).expect("it is as it was written"), content);
    }
});
