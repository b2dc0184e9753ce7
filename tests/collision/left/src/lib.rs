#![forbid(unsafe_code)]
#![deny(warnings)]

use ps_serialize::{Codec, Error, Result, Sink, serializer};

#[serializer(id = b"05", codec = Byte)]
#[derive(Debug)]
pub struct Left(pub u8);

/// A format without anything else to build.
pub struct Byte;

impl Codec<Left> for Byte {
    fn encode<'a>(value: &'a Left, out: &mut dyn Sink<'a>) -> Result<()> {
        out.write(&[value.0]);
        Ok(())
    }

    fn decode(payload: &[u8]) -> Result<Left> {
        match payload {
            &[byte] => Ok(Left(byte)),
            _ => Err(Error::custom("not one byte")),
        }
    }
}
