#![forbid(unsafe_code)]
#![deny(warnings)]

use ps_serialize::{Codec, Error, Result, Sink, serializer};

#[cfg_attr(feature = "other-id", serializer(id = b"06", codec = Byte))]
#[cfg_attr(not(feature = "other-id"), serializer(id = b"05", codec = Byte))]
#[derive(Debug)]
pub struct Right(pub u8);

/// A format without anything else to build.
pub struct Byte;

impl Codec<Right> for Byte {
    fn encode<'a>(value: &'a Right, out: &mut dyn Sink<'a>) -> Result<()> {
        out.write(&[value.0]);
        Ok(())
    }

    fn decode(payload: &[u8]) -> Result<Right> {
        match payload {
            &[byte] => Ok(Right(byte)),
            _ => Err(Error::custom("not one byte")),
        }
    }
}
