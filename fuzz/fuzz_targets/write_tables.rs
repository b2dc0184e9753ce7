//! Tables are written and read back.
#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use polars_core::prelude::DataFrame;
use ps_serialize::{deserialize, parts, serialize};
use ps_serialize_fuzz::tables;

fuzz_target!(|data: &[u8]| {
    let Ok(table) = tables::table(&mut Unstructured::new(data)) else { return };
    let frame = serialize(&table).expect("every table can be written");
    assert_eq!(parts(&table).expect("every table can be written").to_bytes(), frame);
    let same = |back: &DataFrame| assert!(back.equals_missing(&table), "{back:?} and {table:?}");
    same(&deserialize(&frame).expect("what was written can be read"));
    same(&deserialize(&frame).expect("what was written can be read"));
});
