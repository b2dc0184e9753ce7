//! What the targets have in common: what holds for every frame and for every value.

pub mod arrays;
pub mod frames;
pub mod plain;
pub mod records;
#[cfg(feature = "polars")]
pub mod tables;
pub mod tensors;

use std::any::Any;
use std::fmt::Debug;

use bytes::Bytes;
use ps_serialize::{
    Deserializable, Error, ErrorKind, Frame, Options, Serializable, Serializer, deserialize,
    deserialize_any, deserialize_with, parts, serialize, serialize_any,
};

/// What values of a frame may take together, beyond which they are not written again.
const LARGEST: usize = 4 << 20;

/// The payload of a frame, whatever its identifier, as a frame of this serializer. So a change to an
/// identifier is no dead end, and seeds of one kind are tried as another.
#[must_use]
pub fn framed<S: Serializer>(frame: &[u8]) -> Option<Bytes> {
    let identifier = S::IDENTIFIER;
    let frame = Frame::new(&identifier, Frame::parse(frame).ok()?.payload());
    Some(if S::ALIGNMENT > 1 { frame.to_aligned_bytes() } else { frame.to_bytes() })
}

/// Shows no panics inside of polars, which readers contain.
pub fn silence_polars() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.location().is_some_and(|place| place.file().contains("polars")) {
            hook(panic);
        }
    }));
}

/// Whether plain data can't be written because of its keys: a frame may have keys that no Python program has.
#[must_use]
pub fn is_of_keys(error: &Error) -> bool {
    let text = format!("{error:#}");
    text.contains("a key of a `dict`") || text.contains("an element of a set")
}

/// Whether more records stand inside of one another than are written. A reader measures its stack instead.
#[must_use]
pub fn is_of_levels(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::LimitExceeded { what, .. } if what.starts_with("records inside"))
}

/// Whether an instance is made in a way that is read as data and not written.
#[must_use]
pub fn is_of_calls(error: &Error) -> bool {
    format!("{error:#}").contains("is made by a call of its own")
}

/// An error or a value, which can be written, unless it has keys that Python can't have, too many levels, or instances that are
/// not written, and is then read back.
pub fn read<T>(frame: &[u8]) -> Option<T>
where
    T: Serializable<Serializer: Serializer<Value = T>> + for<'f> Deserializable<'f> + Any,
{
    let frame = framed::<<T as Serializable>::Serializer>(frame)?;
    let value = Options::new().size_limit(LARGEST).deserialize::<T>(&frame).ok()?;
    assert!(
        deserialize_with::<<T as Serializable>::Serializer>(&frame).is_ok(),
        "a limit lets nothing in"
    );
    match serialize(&value) {
        Err(error) if is_of_keys(&error) || is_of_levels(&error) || is_of_calls(&error) => {}
        _ => drop(read_back(&value)),
    }
    Some(value)
}

/// The value is written as the same bytes by all verbs, and read back as itself: it is then written as
/// those bytes again. That does not take a NaN for another value than itself.
pub fn read_back<T>(value: &T) -> (Bytes, T)
where
    T: Serializable<Serializer: Serializer<Value = T>> + for<'f> Deserializable<'f> + Any,
{
    let frame = serialize(value).expect("what was read can be written");
    assert_eq!(parts(value).expect("it has just been written").to_bytes(), frame);
    assert_eq!(serialize_any(value).expect("it has just been written"), frame);
    let back: T = deserialize(&frame).expect("what was written can be read");
    assert_eq!(serialize(&back).expect("it has been written before"), frame);
    // But for bytes of a `DynArray` that are no `bool`.
    if let Ok(any) = deserialize_any(&frame) {
        serialize_any(&*any).expect("what was read can be written");
    }
    (frame, back)
}

/// Writes and reads a value as [`read_back`] does, and checks that what is read looks the same.
pub fn round_trip<T>(value: &T) -> Bytes
where
    T: Serializable<Serializer: Serializer<Value = T>> + for<'f> Deserializable<'f> + Any + Debug,
{
    let (frame, back) = read_back(value);
    assert_eq!(format!("{back:?}"), format!("{value:?}"));
    assert!(deserialize_any(&frame).is_ok());
    frame
}
