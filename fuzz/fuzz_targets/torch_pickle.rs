//! The pickle of a checkpoint whose archive is in order.
#![no_main]

use std::io::{Cursor, Write};

use libfuzzer_sys::fuzz_target;
use ps_serialize::torch::Checkpoint;
use ps_serialize::{Frame, Identifier, deserialize};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fuzz_target!(|pickle: &[u8]| {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let storages = [("c/data/0", &[1; 48][..]), ("c/data/1", &[2; 8]), ("c/data/2", &[])];
    for (name, content) in [("c/data.pkl", pickle)].into_iter().chain(storages) {
        zip.start_file(name, stored).expect("a name of its own");
        zip.write_all(content).expect("memory has no errors");
    }
    let archive = zip.finish().expect("memory has no errors").into_inner();
    let frame = Frame::new(&Identifier::new(b"PT"), &archive).to_bytes();
    let _ = deserialize::<Checkpoint>(&frame);
});
