//! MessagePack with names: structs are maps, and variants have their names.
//!
//! Both sides have the same bounds, so what can be written can be read.

mod check;
mod fingerprint;
mod read;
mod write;

use serde::Serialize;
use serde::de::{Deserialize, DeserializeOwned};

use self::read::Reader;
use self::write::Writer;
use super::{Decode, Encode};
use crate::error::Result;
#[cfg(feature = "lock")]
use crate::lock::{BySerde, Looked};
use crate::payload::Payload;
use crate::sink::Sink;

/// The size of a small record. Nobody knows the size of a value before it is encoded.
const EXPECTED_SIZE: usize = 128;

/// A codec with names, in MessagePack. It takes types with all of serde's attributes, apart from single values (below). Fields may come
/// and go, and other languages read the payload. Text, and bytes that serde sees as bytes (`serde_bytes`), can be borrowed from it.
///
/// `rmp_serde` writes the same bytes, if it is set to write names and human-readable forms. A struct is a map with the names of its
/// fields. A variant is its name, or a map from its name to the values in it. Types with a text form, such as `IpAddr` and `Uuid`, are
/// texts. A reader ignores fields that it does not know, unless the type has `deny_unknown_fields`. A missing field gets its
/// `#[serde(default)]`.
///
/// ```standalone_crate
/// use ps_serialize::{MessagePack, deserialize, serialize, serializer};
///
/// #[serializer(id = b"MP", codec = MessagePack)]
/// #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
/// struct Job {
///     id: u8,
///     #[serde(default, skip_serializing_if = "Vec::is_empty")]
///     tags: Vec<String>,
/// }
///
/// let job = Job { id: 7, tags: vec![] };
/// let frame = serialize(&job)?;
/// assert_eq!(frame[..], *b"MP\n\x81\xa2id\x07");
/// assert_eq!(deserialize::<Job>(&frame)?, job);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # What is refused when it is written
///
/// - A `Some` whose value is written as nil, such as `Some(None)` and `Some(())`: it would be read as `None`.
/// - A value that its type reads as another value, or can't read. Examples are a value of an `untagged` enum that an earlier variant
///   reads too, two fields of one name by `flatten`, and a field that `skip_serializing_if` leaves out and that has no `default`.
/// - Values that are nested more than 128 levels deep, or in more than 1 MiB of stack. A deep value that was just written is read back,
///   and refused if that takes more than 768 KiB of stack. Reading has the same bounds.
/// - Sequences, maps and texts of more than 4,294,967,295 elements or bytes.
///
/// To find values that would be read as others, the first value of each type and each variant is read back, and the first in which a
/// field is left out. Every value is read back if the type asks the format what comes next (`untagged`, `tag` without `content`,
/// `flatten`, `serde_json::Value`), or ignores a field that was written. Writing then takes about as long as reading.
///
/// The library can't tell apart values that serde writes in the same way: variants of an `untagged` enum that hold the same type, a `None`
/// with `flatten` and a `Some` whose fields are all left out, and fields with `skip` or `skip_serializing`, which are not written at all.
///
/// While serde reads from a buffer of its own (`untagged`, `tag`, `flatten`), nobody can check the stack, so levels count twice. Do not
/// read such values from strangers if each level takes more than 1 KiB in memory, or if a type holds itself as
/// `struct Chain(Option<Box<Chain>>)` does, which serde would read for ever.
///
/// Integers of 128 bits are 16 bytes, in big-endian order.
#[derive(Clone, Copy, Debug)]
pub struct MessagePack;

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Encode<T> for MessagePack {
    #[inline]
    fn encode<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()> {
        let mut written = Ok(());
        out.append(EXPECTED_SIZE.max(size_of::<T>()), &mut |buffer| {
            written = encode::<T, T>(value, buffer);
        });
        written
    }

    #[cfg(feature = "lock")]
    fn look(_: &str, _: Option<BySerde<T>>) -> Looked {
        Looked::messagepack::<T>(|value| {
            let mut payload = Vec::new();
            encode::<T, T>(value, &mut payload)?;
            Ok(payload)
        })
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: Deserialize<'a>> Decode<'a, T> for MessagePack {
    const BY_NAME: bool = true;

    #[inline]
    fn decode(payload: Payload<'a, '_>) -> Result<T> {
        let mut reader = Reader::new(payload.bytes()?);
        let value = reader.root().get()?;
        reader.finish()?;
        Ok(value)
    }
}

/// Appends a value that must be readable as an `R`: the value's own type, or the owned form of a type that
/// borrows. After an error, the buffer holds a part of the value.
#[inline]
fn encode<R, T>(value: &T, buffer: &mut Vec<u8>) -> Result<()>
where
    R: Serialize + DeserializeOwned,
    T: Serialize + ?Sized,
{
    let mut writer = Writer::new(buffer, check::root_of::<R>());
    writer.root().put(value)?;
    if writer.is_done() { Ok(()) } else { check::check::<R, T>(&writer, value) }
}
