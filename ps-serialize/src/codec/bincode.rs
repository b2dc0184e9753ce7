use serde::Serialize;
use serde::de::{Deserialize, DeserializeOwned};

use super::{Decode, Encode, layout};
use crate::error::Result;
#[cfg(feature = "lock")]
use crate::lock::{self, BySerde, Looked};
use crate::payload::Payload;
use crate::sink::Sink;

/// The size of a small record. Nobody knows the size of a value before it is encoded.
const EXPECTED_SIZE: usize = 128;

/// The default codec: any serde type, in the bincode 1 layout (little-endian, fixed width, `u64` lengths, `u32` enum variants). The
/// implementation is this library's own. Text and bytes can be borrowed from the payload.
///
/// Writing and reading refuse values that are nested more than 128 levels deep or in more than 1 MiB of stack. A deep value that was
/// just written is read back, and refused if that takes more than 768 KiB of stack. Values are also refused if their sequences have
/// together more elements than the payload has bytes and 65,536 more.
///
/// The layout has neither names nor types, so values can't be read back if their type has one of these attributes of serde's:
///
/// - attributes that ask the format what comes next: `untagged`, `tag`, `flatten`;
/// - attributes for writing or for reading only: `skip_serializing_if`, `skip_serializing`, `skip_deserializing`, and a skipped variant
///   before others.
///
/// `#[serializer]` refuses these attributes on the type that it annotates. If a type inside of that type has them, writing refuses the
/// value. To find such types, the first value of each type and of each variant is read back, once. Other attributes may be used,
/// `#[serde(skip)]` on a field among them. The codec `MessagePack` (feature `messagepack`) takes all attributes.
///
/// ```
/// use ps_serialize::{Bincode, Encode};
///
/// let mut bytes = Vec::new();
/// Bincode::encode(&(1_u8, "two".to_owned()), &mut bytes)?;
/// assert_eq!(bytes, b"\x01\x03\0\0\0\0\0\0\0two");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Bincode;

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Encode<T> for Bincode {
    #[inline]
    fn encode<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()> {
        let mut written = Ok(());
        out.append(EXPECTED_SIZE.max(size_of::<T>()), &mut |buffer| {
            written = layout::encode::<T, T>(value, buffer);
        });
        written
    }

    #[cfg(feature = "lock")]
    fn look(_: &str, _: Option<BySerde<T>>) -> Looked {
        Looked::by_position::<T>(lock::Codec::Bincode, |value| {
            let mut payload = Vec::new();
            Self::encode(value, &mut payload).map(|()| payload)
        })
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: Deserialize<'a>> Decode<'a, T> for Bincode {
    #[inline]
    fn decode(payload: Payload<'a, '_>) -> Result<T> {
        layout::decode(payload)
    }
}
