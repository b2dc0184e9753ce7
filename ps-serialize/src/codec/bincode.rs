use std::marker::PhantomData;

use bincode::config::{Configuration, Fixint, LittleEndian, NoLimit, legacy};
use bincode::enc::write::Writer;
use bincode::error::{DecodeError, EncodeError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::bounded::Bounds;
use super::{Codec, nothing_left};
use crate::error::{Error, Result};
use crate::sink::Sink;

const LAYOUT: Configuration<LittleEndian, Fixint, NoLimit> = legacy();
/// Of a small record. Nothing knows the size before a value is encoded.
const EXPECTED_SIZE: usize = 128;

/// The default codec: any serde type, in the bincode 1 layout (little-endian, fixed width, `u64`
/// lengths, `u32` enum variants).
///
/// It refuses, on both sides, values that are nested more than 128 levels deep or in more than 1 MiB
/// of stack (768 KiB for what is written), and more elements in all sequences together than the
/// payload has bytes and 65,536 more.
///
/// The layout has no names and no marks, so some of serde's attributes cannot be read back from it, as
/// with bincode itself: `untagged`, `tag`, `flatten` and `skip_serializing_if`.
///
/// ```
/// use ps_serialize::{Bincode, Codec};
///
/// let mut bytes = Vec::new();
/// Bincode::encode(&(1_u8, "two".to_owned()), &mut bytes)?;
/// assert_eq!(bytes, b"\x01\x03\0\0\0\0\0\0\0two");
/// assert_eq!(<Bincode as Codec<(u8, String)>>::decode(&bytes)?.1, "two");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Bincode;

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Codec<T> for Bincode {
    #[inline]
    fn encode<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()> {
        let bounds = Bounds::of_writing();
        let mut written = Ok(());
        out.append(EXPECTED_SIZE, &mut |buffer| {
            let before = buffer.len();
            let encoded =
                bincode::serde::encode_into_writer(bounds.bound(value), Output(buffer), LAYOUT);
            written = check(encoded, &bounds, &buffer[before..], read_back::<T>);
        });
        written
    }

    #[inline]
    fn decode(payload: &[u8]) -> Result<T> {
        decode(payload, &Bounds::of_reading(payload.len()))
    }
}

#[inline]
fn decode<T: DeserializeOwned>(payload: &[u8], bounds: &Bounds) -> Result<T> {
    let seed = bounds.bound(PhantomData);
    let (value, read) =
        bincode::serde::seed_decode_from_slice(seed, payload, LAYOUT).map_err(unreadable)?;
    nothing_left(payload.len() - read)?;
    Ok(value)
}

fn read_back<T: DeserializeOwned>(payload: &[u8]) -> Result<()> {
    decode::<T>(payload, &Bounds::of_reading_back(payload.len())).map(drop)
}

/// Not generic: it is compiled once, and not for each annotated type.
fn check(
    encoded: Result<(), EncodeError>,
    bounds: &Bounds,
    payload: &[u8],
    read_back: fn(&[u8]) -> Result<()>,
) -> Result<()> {
    encoded.map_err(unwritable)?;
    bounds.check_written(payload.len()).map_err(Error::custom)?;
    if bounds.is_deep() { read_back(payload) } else { Ok(()) }
}

/// bincode's own texts are what `{:?}` makes of an error.
#[cold]
fn unwritable(error: EncodeError) -> Error {
    match error {
        EncodeError::Other(text) => Error::custom(text),
        EncodeError::OtherString(text) => Error::custom(text),
        error => Error::custom(error),
    }
}

#[cold]
fn unreadable(error: DecodeError) -> Error {
    match error {
        DecodeError::UnexpectedEnd { .. } => Error::custom("the payload ends inside of the value"),
        DecodeError::InvalidBooleanValue(found) => {
            Error::custom(format!("a `bool` is 0 or 1, not {found}"))
        }
        DecodeError::InvalidCharEncoding(_) => Error::custom("a `char` that is not in Unicode"),
        DecodeError::OutsideUsizeRange(length) => {
            Error::custom(format!("a length of {length} is more than this machine can address"))
        }
        DecodeError::Utf8 { inner } => Error::custom(inner),
        DecodeError::Other(text) => Error::custom(text),
        DecodeError::OtherString(text) => Error::custom(text),
        error => Error::custom(error),
    }
}

struct Output<'v>(&'v mut Vec<u8>);

impl Writer for Output<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}
