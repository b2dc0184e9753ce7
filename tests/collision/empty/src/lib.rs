//! A format for values without content: nothing else has to be built for it.

use ps_serialize::{Codec, Error, Result, Sink};

/// Writes nothing.
pub struct Empty;

impl<T: Default> Codec<T> for Empty {
    fn encode<'a>(_: &'a T, _: &mut dyn Sink<'a>) -> Result<()> {
        Ok(())
    }

    fn decode(payload: &[u8]) -> Result<T> {
        if payload.is_empty() { Ok(T::default()) } else { Err(Error::custom("not empty")) }
    }
}
