use ps_serialize::{Codec, Error, Result, Sink, serializer};

#[serializer(id = b"mo", codec = Byte)]
#[derive(Debug)]
pub struct Model(pub u8);

/// A format without anything else to build.
pub struct Byte;

impl Codec<Model> for Byte {
    fn encode<'a>(value: &'a Model, out: &mut dyn Sink<'a>) -> Result<()> {
        out.write(&[value.0]);
        Ok(())
    }

    fn decode(payload: &[u8]) -> Result<Model> {
        match payload {
            &[byte] => Ok(Model(byte)),
            _ => Err(Error::custom("not one byte")),
        }
    }
}
