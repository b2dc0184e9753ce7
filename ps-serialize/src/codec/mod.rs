//! How a record becomes bytes: what a type uses that has no format of its own.

#[cfg(feature = "bincode")]
mod bincode;
#[cfg(feature = "bincode")]
mod bounded;
#[cfg(feature = "wincode")]
mod wincode;

#[cfg(feature = "bincode")]
pub use self::bincode::Bincode;
#[cfg(feature = "wincode")]
pub use self::wincode::Wincode;

use crate::error::{Error, Result};
use crate::sink::Sink;

/// A format for values of type `T`, which an annotated type names with `codec = …`.
///
/// ```
/// use ps_serialize::{Codec, Error, Result, Sink, serialize, serializer};
/// use std::fmt::Display;
/// use std::str::FromStr;
///
/// /// Any type with a text form, as that text.
/// struct Text;
///
/// impl<T: Display + FromStr> Codec<T> for Text {
///     fn encode<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()> {
///         out.write(value.to_string().as_bytes());
///         Ok(())
///     }
///
///     fn decode(payload: &[u8]) -> Result<T> {
///         let text = std::str::from_utf8(payload).map_err(Error::custom)?;
///         text.parse().map_err(|_| Error::custom("not the text of a value"))
///     }
/// }
///
/// #[serializer(id = b"C1", codec = Text)]
/// struct Celsius(f64);
/// # impl Display for Celsius {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
/// # }
/// # impl FromStr for Celsius {
/// #     type Err = std::num::ParseFloatError;
/// #     fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
/// # }
///
/// assert_eq!(serialize(&Celsius(36.6))?[..], *b"C1\n36.6");
/// # Ok::<_, Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't write and read `{T}`",
    label = "not a codec for this type",
    note = "the default codec takes types with serde's traits: add `#[derive(serde::Serialize, serde::Deserialize)]`, with owned fields only",
    note = "`Wincode` takes types that derive `wincode::SchemaWrite` and `wincode::SchemaRead`",
    note = "without the feature `bincode` of ps-serialize there is no default codec: name one with `codec = …`"
)]
pub trait Codec<T> {
    /// Hands the encoded value to `out`.
    ///
    /// # Errors
    ///
    /// If the value can't be encoded.
    fn encode<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()>;

    /// Decodes the whole payload, which may come from anyone.
    ///
    /// # Errors
    ///
    /// If the payload is not what [`encode`](Self::encode) writes.
    fn decode(payload: &[u8]) -> Result<T>;
}

/// Collects small writes into one, because each call of a sink goes through a vtable.
#[cfg(any(feature = "bincode", feature = "wincode"))]
struct Block<'s, 'a> {
    out: &'s mut dyn Sink<'a>,
    bytes: [u8; BLOCK],
    len: usize,
    /// How many bytes have gone to the sink.
    sent: usize,
}

#[cfg(any(feature = "bincode", feature = "wincode"))]
const BLOCK: usize = 256;

#[cfg(any(feature = "bincode", feature = "wincode"))]
impl<'s, 'a> Block<'s, 'a> {
    fn new(out: &'s mut dyn Sink<'a>) -> Self {
        Self { out, bytes: [0; BLOCK], len: 0, sent: 0 }
    }

    #[inline]
    fn write(&mut self, more: &[u8]) {
        if let Some(free) = self.bytes[self.len..].get_mut(..more.len()) {
            free.copy_from_slice(more);
            self.len += more.len();
        } else {
            self.write_through(more);
        }
    }

    #[cold]
    fn write_through(&mut self, more: &[u8]) {
        self.flush();
        if more.len() < BLOCK {
            self.bytes[..more.len()].copy_from_slice(more);
            self.len = more.len();
        } else {
            self.out.write(more);
            self.sent += more.len();
        }
    }

    fn flush(&mut self) {
        self.out.write(&self.bytes[..self.len]);
        self.sent += self.len;
        self.len = 0;
    }

    /// Hands over the rest, and says how many bytes that makes. A small record is one piece of
    /// announced size.
    fn finish(mut self) -> usize {
        if self.sent == 0 {
            self.out.reserve(self.len);
        }
        self.flush();
        self.sent
    }
}

#[cfg(any(feature = "bincode", feature = "wincode"))]
fn nothing_left(bytes: usize) -> Result<()> {
    if bytes == 0 {
        return Ok(());
    }
    Err(Error::custom(format!(
        "{bytes} bytes are left over after the value: expected the end of the payload"
    )))
}
