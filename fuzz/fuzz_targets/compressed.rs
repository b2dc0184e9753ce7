//! Compressed frames, under limits and without.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ps_serialize::{Frame, Identifier, Options, decompress, deserialize_any};

fuzz_target!(|frame: &[u8]| {
    let Ok(parsed) = Frame::parse(frame) else { return };
    for identifier in [b"LZ", b"ZS"].map(|bytes| Identifier::new(bytes)) {
        let frame = Frame::new(&identifier, parsed.payload()).to_bytes();
        let opened = decompress(&frame);
        for limit in [100, 10_000, 1 << 20] {
            if let Ok(inner) = Options::new().size_limit(limit).decompress(&frame) {
                assert!(inner.len() <= limit, "{} bytes where {limit} are allowed", inner.len());
                assert_eq!(&inner, opened.as_ref().expect("a limit lets nothing in"));
            }
        }
        let any = deserialize_any(&frame);
        assert!(any.is_err() || opened.is_ok());
    }
});
