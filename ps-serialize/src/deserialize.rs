use std::any::Any;

use bytes::Bytes;

use crate::compression;
use crate::error::{Error, ErrorKind, Result};
use crate::expansion;
use crate::frame::{Frame, Line};
use crate::identifier::Identifier;
use crate::options::Options;
use crate::registry::registry;
use crate::serializer::{Serializable, Serializer};
use crate::shared::Shared;
use crate::view::View;

/// The value in a frame that should hold a `T`. A compressed frame is opened first.
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
/// if the payload can't be read, [`ErrorKind::LimitExceeded`] if what is compressed becomes more than
/// 256 times as large and 64 MiB, and those of [`Frame::parse`].
pub fn deserialize<T>(frame: &[u8]) -> Result<T>
where
    T: Serializable<Serializer: Serializer<Value = T>>,
{
    deserialize_with::<T::Serializer>(frame)
}

/// The value in a frame, whatever it is: its identifier says which serializer reads it. A compressed
/// frame is opened first.
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
/// payload can't be read, [`ErrorKind::LimitExceeded`] as of [`deserialize`], and those of
/// [`Frame::parse`].
pub fn deserialize_any(frame: &[u8]) -> Result<Box<dyn Any + Send>> {
    any(frame, &Options::new())
}

pub(crate) fn any(frame: &[u8], options: &Options) -> Result<Box<dyn Any + Send>> {
    let frame = Frame::parse(frame)?;
    if compression::is_compressed(frame.identifier_bytes())
        && let Some((inner, limit)) = compression::open(frame, options)?
    {
        let inner = Frame::parse(&inner)?;
        let entry = registry().find(inner.identifier_bytes())?;
        return expansion::limited(Some(limit), || entry.deserialize(inner.payload()));
    }
    let entry = registry().find(frame.identifier_bytes())?;
    options.limited(|| entry.deserialize(frame.payload()))
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
    with::<S>(frame, &Options::new())
}

#[inline]
pub(crate) fn with<S: Serializer>(frame: &[u8], options: &Options) -> Result<S::Value> {
    match payload::<S>(frame, options)? {
        Payload::Here(payload) => options.limited(|| S::deserialize(payload)),
        Payload::Opened(payload, limit) => {
            expansion::limited(Some(limit), || S::deserialize(&payload))
        }
    }
    .map_err(failed::<S>)
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
    match plain::<V::Serializer>(frame) {
        Some(payload) => V::view(payload),
        None => V::view(payload_to_view::<V::Serializer>(frame)?),
    }
    .map_err(failed::<V::Serializer>)
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
    shared(frame, &Options::new())
}

pub(crate) fn shared<T: Shared>(frame: &Bytes, options: &Options) -> Result<T> {
    match payload::<T::Serializer>(frame, options)? {
        Payload::Here(payload) => options.limited(|| T::share(frame.slice_ref(payload))),
        Payload::Opened(payload, limit) => expansion::limited(Some(limit), || T::share(payload)),
    }
    .map_err(failed::<T::Serializer>)
}

enum Payload<'f> {
    Here(&'f [u8]),
    /// Of the frame inside of a compressed one, and what else that one may become.
    Opened(Bytes, usize),
}

/// The payload of a frame that has the serializer's identifier.
#[inline]
fn payload<'f, S: Serializer>(frame: &'f [u8], options: &Options) -> Result<Payload<'f>> {
    match plain::<S>(frame) {
        Some(payload) => Ok(Payload::Here(payload)),
        None => payload_of_other_line::<S>(frame, options),
    }
}

/// Nearly every frame begins with the very line that this library writes.
#[inline]
fn plain<S: Serializer>(frame: &[u8]) -> Option<&[u8]> {
    frame.strip_prefix(Line::of::<S>().as_bytes())
}

#[cold]
fn payload_of_other_line<'f, S: Serializer>(
    frame: &'f [u8],
    options: &Options,
) -> Result<Payload<'f>> {
    let frame = Frame::parse(frame)?;
    match compression::open(frame, options)? {
        Some((inner, limit)) => {
            let payload = of_serializer::<S>(Frame::parse(&inner)?)?;
            Ok(Payload::Opened(inner.slice_ref(payload), limit))
        }
        None => of_serializer::<S>(frame).map(Payload::Here),
    }
}

#[cold]
fn payload_to_view<S: Serializer>(frame: &[u8]) -> Result<&[u8]> {
    let frame = Frame::parse(frame)?;
    if compression::is_compressed(frame.identifier_bytes()) {
        let message =
            "a compressed frame has nothing to borrow from: `decompress` it, and view that";
        return Err(compression::failed(frame.identifier(), Error::custom(message)));
    }
    of_serializer::<S>(frame)
}

fn of_serializer<S: Serializer>(frame: Frame<'_>) -> Result<&[u8]> {
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
