//! A library for other languages, with annotated types in its dependencies and of its own.

use ps_serialize::{Error, Result, Serializer, Sink, serializer};

use left as _;
#[cfg(feature = "both")]
use right as _;

/// Of its own.
pub struct Own;

#[serializer(id = b"ow")]
impl Serializer for Own {
    type Value = u8;

    fn serialize<'a>(value: &'a u8, out: &mut dyn Sink<'a>) -> Result<()> {
        out.write(&[*value]);
        Ok(())
    }

    fn deserialize(payload: &[u8]) -> Result<u8> {
        payload.first().copied().ok_or_else(|| Error::custom("nothing there"))
    }
}

/// What the other language calls.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_entries() -> usize {
    ps_serialize::registry().iter().len()
}
