//! The bincode 1 layout: little-endian, fixed width, `u64` lengths, `u32` variants, a byte before what an
//! `Option` holds, text and `char` in UTF-8. It has neither names nor marks.
//!
//! Both sides have the same bounds, so what can be written can be read.

mod read;
mod shapes;
mod trace;
mod write;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use self::read::Reader;
#[cfg(feature = "lock")]
pub(crate) use self::shapes::variants_of;
use self::write::Writer;
use crate::error::{Result, changed};
use crate::payload::Payload;

/// Appends a value that must be readable as an `R`. In most cases `R` is the value's own type, or the owned
/// form of a type that borrows. After an error, the buffer holds a part of the value.
#[inline]
pub(super) fn encode<R, T>(value: &T, buffer: &mut Vec<u8>) -> Result<()>
where
    R: Serialize + DeserializeOwned,
    T: Serialize + ?Sized,
{
    let reader = shapes::read_back::<R>;
    let mut writer = Writer::new(buffer, shapes::root_of(reader));
    writer.root().put(value)?;
    if writer.is_done() { Ok(()) } else { shapes::check(&writer, &value, reader) }
}

/// Reads the whole payload. The value may borrow from it.
///
/// # Errors
///
/// If the payload is not that of such a value, or exceeds a bound.
#[inline]
pub(super) fn decode<'a, T: Deserialize<'a>>(payload: Payload<'a, '_>) -> Result<T> {
    let mut reader = Reader::new(payload.bytes()?);
    let value = match reader.root().get() {
        Ok(value) => value,
        // A type that asks the format does so whether it has changed or not.
        Err(error) if reader.is_asked => return Err(error),
        Err(error) => return Err(changed(error)),
    };
    reader.finish().map_err(changed)?;
    let elements = reader.empty_elements();
    if elements > 0 {
        payload.budget().charge_empty_elements(elements)?;
    }
    Ok(value)
}
