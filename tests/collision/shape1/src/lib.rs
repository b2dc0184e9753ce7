#![forbid(unsafe_code)]
#![deny(warnings)]

use ps_serialize::{Codec, Error, Result, Sink, serializer};

#[serializer(id = b"sh", codec = Byte)]
#[derive(Debug)]
pub struct Shape(pub u8);

/// A format without anything else to build.
pub struct Byte;

impl Codec<Shape> for Byte {
    fn encode<'a>(value: &'a Shape, out: &mut dyn Sink<'a>) -> Result<()> {
        out.write(&[value.0]);
        Ok(())
    }

    fn decode(payload: &[u8]) -> Result<Shape> {
        match payload {
            &[byte] => Ok(Shape(byte)),
            _ => Err(Error::custom("not one byte")),
        }
    }
}
