#![forbid(unsafe_code)]
#![deny(warnings)]

use ps_serialize::{Codec, Error, Result, Sink, serializer};

/// Linked twice into the tests below: compiled for test, and as `dependent` sees it.
#[serializer(id = b"cy", codec = Byte)]
#[derive(Debug)]
pub struct Cycle(pub u8);

/// A format without anything else to build.
pub struct Byte;

impl Codec<Cycle> for Byte {
    fn encode<'a>(value: &'a Cycle, out: &mut dyn Sink<'a>) -> Result<()> {
        out.write(&[value.0]);
        Ok(())
    }

    fn decode(payload: &[u8]) -> Result<Cycle> {
        match payload {
            &[byte] => Ok(Cycle(byte)),
            _ => Err(Error::custom("not one byte")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cycle;
    use ps_serialize::{deserialize_any, registry};

    #[test]
    fn the_test_build_stands_for_both() {
        registry().check().unwrap();
        assert_eq!(registry().iter().filter(|entry| entry.identifier() == *b"cy").count(), 1);
        let frame = dependent::frame();
        let any = deserialize_any(&frame).unwrap();
        assert_eq!(any.downcast_ref::<Cycle>().unwrap().0, 7);
        assert!(!any.is::<dependent::Cycle>(), "that one is the other build's");
    }
}
