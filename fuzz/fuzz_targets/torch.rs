//! Checkpoints: owned and shared.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ps_serialize::deserialize;
use ps_serialize::torch::Checkpoint;
use ps_serialize_fuzz::framed;

fuzz_target!(|frame: &[u8]| {
    let Some(frame) = framed::<Checkpoint>(frame) else { return };
    let owned = deserialize::<Checkpoint>(&frame).ok();
    let shared = deserialize::<Checkpoint>(&frame).ok();
    assert_eq!(format!("{owned:?}"), format!("{shared:?}"));
});
