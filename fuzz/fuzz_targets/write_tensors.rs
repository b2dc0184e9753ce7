//! Named tensors are written and read back.
#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use ps_serialize_fuzz::{read_back, tensors};

fuzz_target!(|data: &[u8]| {
    if let Ok(tensors) = tensors::tensors(&mut Unstructured::new(data)) {
        assert_eq!(read_back(&tensors).1, tensors);
    }
});
