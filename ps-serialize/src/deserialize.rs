use std::any::Any;

use bytes::Bytes;

use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Frame, Line};
use crate::identifier::Identifier;
use crate::registry::registry;
use crate::serializer::{Serializable, Serializer};
use crate::shared::Shared;
use crate::view::View;

/// The value in a frame that should hold a `T`.
///
/// ```
/// let text: String = ps_serialize::deserialize(b"US\nhello")?;
/// assert_eq!(text, "hello");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::WrongIdentifier`] if the frame holds something else, [`ErrorKind::Deserialize`]
/// if the payload can't be read, and those of [`Frame::parse`].
pub fn deserialize<T>(frame: &[u8]) -> Result<T>
where
    T: Serializable<Serializer: Serializer<Value = T>>,
{
    deserialize_with::<T::Serializer>(frame)
}

/// The value in a frame, whatever it is: its identifier says which serializer reads it.
///
/// ```
/// for frame in [&b"US\nhello"[..], b"BS\nhello"] {
///     let value = ps_serialize::deserialize_any(frame)?;
///     if let Some(text) = value.downcast_ref::<String>() {
///         assert_eq!(text, "hello");
///     } else {
///         assert_eq!(*value.downcast::<Vec<u8>>().unwrap(), b"hello");
///     }
/// }
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::UnknownIdentifier`] if no serializer is registered for the identifier,
/// [`ErrorKind::IdentifierCollision`] if more than one is, [`ErrorKind::Deserialize`] if the
/// payload can't be read, and those of [`Frame::parse`].
pub fn deserialize_any(frame: &[u8]) -> Result<Box<dyn Any + Send>> {
    let frame = Frame::parse(frame)?;
    registry().find(frame.identifier_bytes())?.deserialize(frame.payload())
}

/// The value in a frame that the serializer `S` wrote. [`Serializer`] shows how to write one.
///
/// ```
/// let text = ps_serialize::deserialize_with::<String>(b"US\nhello")?;
/// assert_eq!(text, "hello");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// As [`deserialize`].
pub fn deserialize_with<S: Serializer>(frame: &[u8]) -> Result<S::Value> {
    S::deserialize(payload::<S>(frame)?).map_err(failed::<S>)
}

/// A value that borrows from the frame: nothing is copied. It takes the same time for every size,
/// but where the bytes must be looked at: text for UTF-8, arrays of `bool` for 0 and 1.
///
/// ```
/// let frame = ps_serialize::serialize("hello")?;
/// let text: &str = ps_serialize::view(&frame)?;
/// assert_eq!(text, "hello");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// As [`deserialize`].
pub fn view<'a, V: View<'a>>(frame: &'a [u8]) -> Result<V> {
    V::view(payload::<V::Serializer>(frame)?).map_err(failed::<V::Serializer>)
}

/// A value that shares the frame's memory, which lives as long as the value does. Nothing is copied
/// where the memory is aligned, as that of [`read_frame`](crate::read_frame) is.
///
/// ```
/// use bytes::Bytes;
///
/// let frame = ps_serialize::serialize(&[7; 100])?;
/// let bytes: Bytes = ps_serialize::deserialize_shared(&frame)?;
/// assert!(std::ptr::eq(&bytes[..], &frame[3..]));
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// As [`deserialize`].
pub fn deserialize_shared<T: Shared>(frame: &Bytes) -> Result<T> {
    let payload = payload::<T::Serializer>(frame)?;
    T::share(frame.slice_ref(payload)).map_err(failed::<T::Serializer>)
}

/// The payload of a frame that has the serializer's identifier.
#[inline]
fn payload<S: Serializer>(frame: &[u8]) -> Result<&[u8]> {
    // Nearly every frame begins with the very line that this library writes.
    match frame.strip_prefix(Line::of::<S>().as_bytes()) {
        Some(payload) => Ok(payload),
        None => payload_of_other_line::<S>(frame),
    }
}

#[cold]
fn payload_of_other_line<S: Serializer>(frame: &[u8]) -> Result<&[u8]> {
    let frame = Frame::parse(frame)?;
    let (expected, found) = (S::IDENTIFIER, frame.identifier_bytes());
    if expected == *found {
        return Ok(frame.payload());
    }
    let found = Identifier::try_from(found)?;
    Err(ErrorKind::WrongIdentifier { expected, expected_name: S::NAME, found }.into())
}

#[cold]
fn failed<S: Serializer>(error: Error) -> Error {
    ErrorKind::Deserialize {
        identifier: S::IDENTIFIER,
        serializer: S::NAME,
        source: error.into_source(),
    }
    .into()
}
