//! Arrays of any type, shape and strides are written and read back.
#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use ps_serialize_fuzz::{arrays, round_trip};

fuzz_target!(|data: &[u8]| {
    let mut data = Unstructured::new(data);
    if let Ok(array) = arrays::dynamic(&mut data) {
        round_trip(&array);
    }
    let _ = arrays::typed(&mut data);
});
