//! Named tensors: owned, borrowed and shared.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ps_serialize::deserialize;
use ps_serialize::tensors::Tensors;
use ps_serialize_fuzz::{framed, read};

fuzz_target!(|frame: &[u8]| {
    let tensors = read::<Tensors>(frame);
    let Some(frame) = framed::<Tensors>(frame) else { return };
    assert_eq!(deserialize::<Tensors>(&frame).ok(), tensors);
    assert_eq!(deserialize::<Tensors>(&frame).ok(), tensors);
    for (_, tensor) in tensors.iter().flat_map(Tensors::iter) {
        let _ = tensor.as_array();
    }
});
