//! Plain Python data is written and read back.
#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use ps_serialize_fuzz::{plain, round_trip};

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = plain::value(&mut Unstructured::new(data), 6) {
        round_trip(&value);
    }
});
