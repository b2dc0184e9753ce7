use std::cell::RefCell;
use std::marker::PhantomData;

use bincode::config::{Configuration, Fixint, LittleEndian, NoLimit, legacy};
use bincode::enc::write::Writer;
use bincode::error::{DecodeError, EncodeError};
use serde::Serialize;
use serde::de::{Deserialize, DeserializeOwned, DeserializeSeed};

use super::bounded::Bounds;
use super::shapes::{self, Check, Shape, Unread};
use super::trace::Event;
use super::{Decode, Encode, nothing_left};
use crate::error::{Error, Result};
use crate::payload::Payload;
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
/// The layout has neither names nor marks, so some of serde's attributes can't be read back from it:
/// what asks the format what comes next (`untagged`, `tag`, `flatten`), and what holds for one side
/// only (`skip_serializing_if`, `skip_serializing`, `skip_deserializing`, a skipped variant before
/// others). `#[serializer]` refuses them on the type that it annotates. Deeper inside, such a value is
/// refused when it is written: the first value of each type, and of each variant, is read back, which
/// costs that once what reading costs. `#[serde(skip)]` on a field is fine, and so is all that holds
/// for both sides.
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
        let bounds = Bounds::of_writing_without_names::<T>();
        let mut written = Ok(());
        out.append(EXPECTED_SIZE, &mut |buffer| {
            let before = buffer.len();
            let encoded = encode(value, buffer, &bounds);
            written = check(encoded, &bounds, &buffer[before..], &|payload, unchecked| {
                if unchecked.is_empty() {
                    decode::<T>(payload, &Bounds::of_reading_back(payload.len())).map(drop)
                } else {
                    shapes::check(value, payload, unchecked)
                }
            });
        });
        written
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: Deserialize<'a>> Decode<'a, T> for Bincode {
    #[inline]
    fn decode(payload: Payload<'a, '_>) -> Result<T> {
        let payload = payload.bytes()?;
        decode(payload, &Bounds::of_reading(payload.len()))
    }
}

#[inline]
fn encode<T: Serialize>(
    value: &T,
    buffer: &mut Vec<u8>,
    bounds: &Bounds<'_>,
) -> Result<(), EncodeError> {
    bincode::serde::encode_into_writer(bounds.watch(value), Output(buffer), LAYOUT)
}

#[inline]
fn decode<'a, T: Deserialize<'a>>(payload: &'a [u8], bounds: &Bounds<'_>) -> Result<T> {
    match decode_seed(bounds.bound(PhantomData), payload) {
        Err(DecodeError::Serde(_)) => Err(asking::<T>(payload)),
        read => finish(read, payload),
    }
}

#[inline]
fn decode_seed<'de, S: DeserializeSeed<'de>>(
    seed: S,
    payload: &'de [u8],
) -> Result<(S::Value, usize), DecodeError> {
    bincode::serde::seed_decode_from_slice(seed, payload, LAYOUT)
}

#[inline]
fn finish<T>(read: Result<(T, usize), DecodeError>, payload: &[u8]) -> Result<T> {
    let (value, read) = read.map_err(unreadable)?;
    nothing_left(payload.len() - read)?;
    Ok(value)
}

/// Who asks for what the layout does not say is known when the reader is watched.
#[cold]
fn asking<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Error {
    let events = RefCell::default();
    let bounds = Bounds::of_checking(payload.len(), &events);
    let _ = decode_seed(bounds.watch(PhantomData::<T>), payload);
    Error::custom(format!(
        "`{}` asks the format what comes next (`untagged`, `tag`, `flatten`, `serde_json::Value`, `Decimal`), and the layout does not say: give it a type of its own for the wire, or {OTHERWISE}",
        bounds.asking()
    ))
}

impl<T: Serialize + DeserializeOwned> Check for T {
    fn check(payload: &[u8]) -> Result<(T, Vec<Event>), Unread> {
        let events = RefCell::default();
        let bounds = Bounds::of_checking(payload.len(), &events);
        match decode_seed(bounds.watch(PhantomData), payload) {
            Err(DecodeError::Serde(_)) => Err(Unread::Asking(asking::<T>(payload))),
            read => match finish(read, payload) {
                Ok(value) => Ok((value, events.take())),
                Err(error) => Err(Unread::Other(error)),
            },
        }
    }

    fn write(&self) -> Result<Vec<u8>> {
        let (mut buffer, bounds) = (Vec::new(), Bounds::of_writing());
        encode(self, &mut buffer, &bounds).map_err(|error| unwritable(error, &bounds))?;
        Ok(buffer)
    }
}

/// Reads a payload that was just written, where it is deep or has these shapes.
type ReadBack<'a> = dyn Fn(&[u8], &[Shape]) -> Result<()> + 'a;

/// Not generic: it is compiled once, and not for each annotated type.
fn check(
    encoded: Result<(), EncodeError>,
    bounds: &Bounds<'_>,
    payload: &[u8],
    read_back: &ReadBack<'_>,
) -> Result<()> {
    encoded.map_err(|error| unwritable(error, bounds))?;
    bounds.check_written(payload.len()).map_err(Error::custom)?;
    let unchecked = bounds.take_unchecked();
    if bounds.is_deep() || !unchecked.is_empty() { read_back(payload, &unchecked) } else { Ok(()) }
}

/// bincode's own texts are what `{:?}` makes of an error.
#[cold]
pub(super) fn unwritable(error: EncodeError, bounds: &Bounds<'_>) -> Error {
    match error {
        EncodeError::Other(text) => Error::custom(text),
        EncodeError::OtherString(text) => Error::custom(text),
        // Of a sequence or a map, and there is no other.
        EncodeError::Serde(_) => Error::custom(format!(
            "`{}` does not tell how many elements it has before it writes them, as with `flatten` or an iterator without an exact size, and the layout begins with their number: collect them into a `Vec` or a map first, or {}",
            bounds.asking(),
            OTHERWISE
        )),
        error => Error::custom(error),
    }
}

const OTHERWISE: &str = "use a codec with names or `Pickle<T>`";

#[cold]
fn unreadable(error: DecodeError) -> Error {
    match error {
        DecodeError::UnexpectedEnd { .. } => Error::custom("the payload ends inside of the value"),
        DecodeError::InvalidBooleanValue(found) => {
            Error::custom(format!("a `bool` is 0 or 1, not {found}"))
        }
        DecodeError::UnexpectedVariant { found, .. } => {
            Error::custom(format!("an `Option` begins with 0 or 1, not {found}"))
        }
        DecodeError::InvalidCharEncoding(found) => Error::custom(format!(
            "a `char` is a Unicode scalar value in UTF-8, not `{}`",
            found.escape_ascii()
        )),
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
