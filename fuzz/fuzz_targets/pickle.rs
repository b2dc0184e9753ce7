//! Plain Python data: as values, and as types of serde's.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ps_serialize::deserialize_with;
use ps_serialize::pickle::{Pickle, Value};
use ps_serialize_fuzz::records::{Everything, List, Tree};
use ps_serialize_fuzz::{framed, read};

fuzz_target!(|frame: &[u8]| {
    read::<Value>(frame);
    let Some(frame) = framed::<Value>(frame) else { return };
    let _ = deserialize_with::<Pickle<serde_json::Value>>(&frame);
    let _ = deserialize_with::<Pickle<Everything>>(&frame);
    let _ = deserialize_with::<Pickle<Tree>>(&frame);
    let _ = deserialize_with::<Pickle<List>>(&frame);
    let _ = deserialize_with::<Pickle<Vec<Vec<f64>>>>(&frame);
});
