//! A library for other languages, with annotated types in its dependencies and of its own.

use std::slice;

use ps_serialize::{
    Error, Frame, Payload, Result, Serializer, Sink, deserialize_any, registry, serialize,
    serializer,
};

use left as _;
#[cfg(feature = "both")]
use right as _;

/// Of its own.
pub struct Own;

#[serializer(id = b"ow")]
impl Serializer for Own {
    type Value = u8;

    fn serialize<'a>(value: &'a u8, out: &mut dyn Sink<'a>) -> Result<()> {
        out.put(&[*value]);
        Ok(())
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<u8> {
        payload.first().copied().ok_or_else(|| Error::custom("nothing there"))
    }
}

/// The function that the other language calls.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_entries() -> usize {
    registry().iter().len()
}

fn answer(frame: &[u8]) -> Result<String> {
    deserialize_any(frame)?;
    let entry = registry().find(Frame::parse(frame)?.identifier())?;
    Ok(format!("{} {}", entry.identifier(), entry.name()))
}

/// Puts a frame with a text about `frame` into `room`, cut off at its end; its length.
///
/// # Safety
///
/// Both are as long as it says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_answer(
    frame: *const u8,
    frame_len: usize,
    room: *mut u8,
    room_len: usize,
) -> usize {
    // SAFETY: the caller's promise.
    let (frame, room) = unsafe {
        (slice::from_raw_parts(frame, frame_len), slice::from_raw_parts_mut(room, room_len))
    };
    let text = answer(frame).unwrap_or_else(|error| format!("error: {error}"));
    let answer = serialize(&text).expect("text can be written");
    let len = answer.len().min(room_len);
    room[..len].copy_from_slice(&answer[..len]);
    len
}
