use crate::error::{Error, Result};
use crate::identifier::Identifier;
use crate::memory;
use crate::payload::Payload;
use crate::serializer::{Deserializable, Serializable, Serializer, owned};
use crate::sink::Sink;

/// `US`: the payload is UTF-8.
#[diagnostic::do_not_recommend]
impl Serializer for String {
    type Value = Self;

    const IDENTIFIER: Identifier = Identifier::new(b"US");
    const NAME: &'static str = "text";

    fn serialize<'a>(value: &'a Self, out: &mut dyn Sink<'a>) -> Result<()> {
        value.as_str().serialize_payload(out)
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<Self> {
        let text = utf8(&payload)?;
        if text.len() < memory::LARGE {
            return Ok(text.to_owned());
        }
        let mut string = Self::from_utf8(memory::with_capacity(text.len())).expect("it is empty");
        string.push_str(text);
        Ok(string)
    }
}

impl Serializable for String {
    type Serializer = Self;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        self.as_str().serialize_payload(out)
    }
}

impl Serializable for str {
    type Serializer = String;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        out.borrow(self.as_bytes());
        Ok(())
    }
}

owned! {
    [] String;
}

impl<'a> Deserializable<'a> for &'a str {
    type Serializer = String;

    #[inline]
    fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
        utf8(payload.bytes()?)
    }
}

/// Up to this many bytes, the standard library's check takes three times as many instructions for each byte as
/// its cutting into chunks does.
const FEW: usize = 16;

/// Checks text faster than the standard library does if not all is ASCII. Only the standard library tells what is wrong.
#[inline]
fn utf8(payload: &[u8]) -> Result<&str> {
    if payload.len() <= FEW
        && let Some(chunk) = payload.utf8_chunks().next()
        && chunk.valid().len() == payload.len()
    {
        return Ok(chunk.valid());
    }
    utf8_of_any_length(payload)
}

#[inline(never)]
fn utf8_of_any_length(payload: &[u8]) -> Result<&str> {
    simdutf8::basic::from_utf8(payload)
        .or_else(|_| std::str::from_utf8(payload))
        .map_err(Error::custom)
}
