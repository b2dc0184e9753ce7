//! Arrays of any type, shape and strides are written and read back.
#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use ps_serialize_fuzz::{arrays, read_back};

fuzz_target!(|data: &[u8]| {
    let mut data = Unstructured::new(data);
    if let Ok(array) = arrays::dynamic(&mut data) {
        assert_eq!(read_back(&array).1, array);
    }
    let _ = arrays::typed(&mut data);
});
