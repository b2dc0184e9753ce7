use std::any::Any;
use std::io::Write;

use bytes::{Buf, Bytes};

use crate::error::{Error, Result};
use crate::frame::{ALIGNED, Line};
use crate::memory;
use crate::parts::Parts;
use crate::registry::registry;
use crate::serializer::{Serializable, Serializer};
use crate::sink::{Contiguous, Sink};

/// Writes a value as a frame in one piece. This takes one allocation and one copy of the payload if the serializer announces
/// its size, as the serializers of bytes, text, arrays and tables do.
///
/// The payload of an aligned serializer is aligned in memory too.
///
/// ```
/// assert_eq!(ps_serialize::serialize("héllo")?, "US\nhéllo".as_bytes());
/// assert_eq!(ps_serialize::serialize(&vec![1_u8, 2])?[..], *b"BS\n\x01\x02");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Serialize`](crate::ErrorKind::Serialize) if the value can't be written.
pub fn serialize<T: Serializable + ?Sized>(value: &T) -> Result<Bytes> {
    contiguous(Line::of::<T::Serializer>(), |out| payload(value, out))
}

/// Appends the frame of a value to a buffer. A buffer that you keep and use again needs no allocation.
///
/// ```
/// let mut buffer = Vec::new();
/// for word in ["one", "two"] {
///     buffer.clear();
///     ps_serialize::serialize_into(word, &mut buffer)?;
///     assert_eq!(buffer, format!("US\n{word}").as_bytes());
/// }
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Serialize`](crate::ErrorKind::Serialize) if the value can't be written; the buffer is then unchanged.
pub fn serialize_into<T: Serializable + ?Sized>(value: &T, buffer: &mut Vec<u8>) -> Result<()> {
    let before = buffer.len();
    let mut out = Contiguous::append(buffer, Line::of::<T::Serializer>());
    let written = payload(value, &mut out);
    out.finish();
    if written.is_err() {
        buffer.truncate(before);
    }
    written
}

/// Writes the frame of a value to a file, a socket or another writer. It copies no more than [`parts`] does. If the value can't be
/// written, the writer gets no byte.
///
/// ```
/// let mut file = std::io::Cursor::new(Vec::new());
/// ps_serialize::serialize_to("héllo", &mut file)?;
/// assert_eq!(file.into_inner(), "US\nhéllo".as_bytes());
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Serialize`](crate::ErrorKind::Serialize) if the value can't be written,
/// [`ErrorKind::Io`](crate::ErrorKind::Io) if the writer fails.
pub fn serialize_to<T: Serializable + ?Sized>(value: &T, writer: impl Write) -> Result<()> {
    Ok(parts(value)?.write_to(writer)?)
}

/// Writes a value as a frame in pieces. Bytes, text, arrays and tables are not copied, and neither is anything else that the
/// serializer borrows or shares. The payload of a codec is one copied piece.
///
/// ```
/// let parts = ps_serialize::parts("héllo")?;
/// assert_eq!(parts.len(), "US\nhéllo".len());
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Serialize`](crate::ErrorKind::Serialize) if the value can't be written.
pub fn parts<T: Serializable + ?Sized>(value: &T) -> Result<Parts<'_>> {
    let mut parts = Parts::new(Line::of::<T::Serializer>());
    payload(value, &mut parts)?;
    Ok(parts)
}

/// Writes a value as a frame by the serializer `S`. Use it for types of other crates, and for types with several
/// serializers. [`Serializer`] shows how to write a serializer.
///
/// ```
/// let frame = ps_serialize::serialize_with::<String>(&"hello".to_owned())?;
/// assert_eq!(frame[..], *b"US\nhello");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Serialize`](crate::ErrorKind::Serialize) if the value can't be written.
pub fn serialize_with<S: Serializer>(value: &S::Value) -> Result<Bytes> {
    contiguous(Line::of::<S>(), |out| S::serialize(value, out).map_err(failed::<S>))
}

/// Writes a value of any registered type as a frame. For a `Box<dyn Any>` it writes the value inside. A trait object is
/// written by the serializer of its own type, if its trait has the supertrait [`Any`]: for a `Box<dyn Trait>`, give `&*object`.
///
/// ```
/// use std::any::Any;
///
/// let values: [Box<dyn Any>; 2] = [Box::new(String::from("text")), Box::new(vec![1_u8])];
/// assert_eq!(ps_serialize::serialize_any(&*values[0])?[..], *b"US\ntext");
/// assert_eq!(ps_serialize::serialize_any(&*values[1])?[..], *b"BS\n\x01");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::UnregisteredType`](crate::ErrorKind::UnregisteredType) if no serializer is registered for the type,
/// [`ErrorKind::TypeCollision`](crate::ErrorKind::TypeCollision) if several are registered,
/// [`ErrorKind::Serialize`](crate::ErrorKind::Serialize) if the value can't be written.
pub fn serialize_any(value: &dyn Any) -> Result<Bytes> {
    if let Some(boxed) = value.downcast_ref::<Box<dyn Any + Send>>() {
        return serialize_any(&**boxed);
    }
    if let Some(boxed) = value.downcast_ref::<Box<dyn Any>>() {
        return serialize_any(&**boxed);
    }
    if let Some(boxed) = value.downcast_ref::<Box<dyn Any + Send + Sync>>() {
        return serialize_any(&**boxed);
    }
    let (entry, serialize) = registry().serializer_of(value)?;
    contiguous(entry.line(), |out| serialize(out))
}

/// A frame of no announced size gives back at least this many bytes that are left over. For fewer bytes, the time costs more
/// than the memory is worth.
const WORTH_GIVING_BACK: usize = 4 << 10;

#[inline]
fn contiguous(
    line: &'static Line,
    payload: impl FnOnce(&mut Contiguous<'_>) -> Result<()>,
) -> Result<Bytes> {
    let mut buffer = Vec::new();
    let mut out = Contiguous::aligned(&mut buffer, line);
    payload(&mut out)?;
    let start = out.finish();
    if line.is_aligned() {
        if !buffer[start..].as_ptr().addr().is_multiple_of(ALIGNED) {
            // More was written than announced, and the buffer has moved.
            return Ok(memory::aligned_copy(&buffer[start..]));
        }
        let mut frame = Bytes::from(buffer);
        frame.advance(start);
        return Ok(frame);
    }
    if buffer.capacity() - buffer.len() >= WORTH_GIVING_BACK {
        buffer.shrink_to_fit();
    }
    Ok(Bytes::from(buffer))
}

#[inline]
fn payload<'a, T: Serializable + ?Sized>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()> {
    value.serialize_payload(out).map_err(failed::<T::Serializer>)
}

#[cold]
fn failed<S: Serializer>(error: Error) -> Error {
    error.in_writing(S::IDENTIFIER, S::NAME)
}
