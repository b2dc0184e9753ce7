//! Plain Python data is written and read back.
#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use ps_serialize::serialize;
use ps_serialize_fuzz::{is_of_keys, plain, read_back};

fuzz_target!(|data: &[u8]| {
    let Ok(value) = plain::value(&mut Unstructured::new(data), 6) else { return };
    match serialize(&value) {
        Err(error) if is_of_keys(&error) => {}
        _ => {
            let (_, back) = read_back(&value);
            assert!(plain::same(&back, &value), "{back:?} instead of {value:?}");
        }
    }
});
