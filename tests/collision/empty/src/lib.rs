//! A format for values without content: nothing else has to be built for it.

use ps_serialize::{Decode, Encode, Error, Payload, Result, Sink};

/// Writes nothing.
pub struct Empty;

impl<T> Encode<T> for Empty {
    fn encode<'a>(_: &'a T, _: &mut dyn Sink<'a>) -> Result<()> {
        Ok(())
    }
}

impl<'a, T: Default> Decode<'a, T> for Empty {
    fn decode(payload: Payload<'a, '_>) -> Result<T> {
        if payload.is_empty() { Ok(T::default()) } else { Err(Error::custom("not empty")) }
    }
}
